/**
 * The workflows of the fast lane as every surface sees them: what a request demands, and what a workflow shows and asks. How each goes
 * on is the engine's business (`engine/src/workflows`).
 */

/** `test`: one failing test first, then what makes it pass. */
export const workflowNames = ["refactor", "debug", "scaffold", "test", "review"] as const;
export type WorkflowName = (typeof workflowNames)[number];

/**
 * What a request demands of its changes. Understood from its words or added by a workflow, shown before it is sent, and held to as rules of
 * the policy while its turn runs. Paths are globs relative to the workspace; a folder means all below it.
 */
export type Constraint =
  | { readonly kind: "only"; readonly paths: readonly string[] }
  | { readonly kind: "not"; readonly paths: readonly string[] }
  | { readonly kind: "no-dependencies" }
  /** Lines added and removed together, in the turn. */
  | { readonly kind: "lines"; readonly most: number }
  | { readonly kind: "one-file" }
  /** One hunk. */
  | { readonly kind: "one-change" }
  /** Exported declarations stay as they are. */
  | { readonly kind: "public-api" }
  | { readonly kind: "tests-unchanged" }
  | { readonly kind: "new-files" }
  /** No change of anything but tests before a test has failed for the right reason. */
  | { readonly kind: "test-first" }
  /** The turn only talks. */
  | { readonly kind: "no-edits" };

export type ConstraintKind = Constraint["kind"];

/** One change of a plan. */
export interface PlannedStep {
  readonly title: string;
  /** Empty: it names none. */
  readonly files: readonly string[];
  /** As it was written; empty: nothing was said. */
  readonly risk: string;
}

/** A file of a structure that does not exist yet. */
export interface PlannedFile {
  readonly path: string;
  readonly purpose: string;
}

/** What may be wrong, and what would show it. */
export interface Cause {
  readonly text: string;
  /** A shell line; empty: it names none. */
  readonly check: string;
  /** What the check said, once it ran: `fits` where the cause is still possible. */
  readonly outcome?: "fits" | "refuted" | "unclear";
}

/** A remark on a diff. */
export interface ReviewComment {
  /** Unique in a session: `c1`, `c2`, … */
  readonly id: string;
  readonly path: string;
  /** 1-based, in the new file; 0: the file as a whole. */
  readonly line: number;
  readonly severity: "must" | "should" | "note";
  readonly text: string;
}

/** What a question is about. */
export type WorkflowDetail =
  | { readonly kind: "plan"; readonly steps: readonly PlannedStep[] }
  | { readonly kind: "causes"; readonly causes: readonly Cause[] }
  | { readonly kind: "tree"; readonly files: readonly PlannedFile[] }
  | { readonly kind: "text"; readonly lines: readonly string[] };

/** One thing that may be answered. */
export interface WorkflowChoice {
  /** A word: `yes`, `no`, `edit`, `1`. */
  readonly answer: string;
  readonly label: string;
  /** Words go with it. */
  readonly takesText?: boolean;
}

/** What mends what a comment is about, and nothing else: a prompt with the constraints that hold for it. */
export function fixRequest({ path, line, text }: ReviewComment): {
  readonly text: string;
  readonly constraints: readonly Constraint[];
} {
  const place = line > 0 ? `${path}, line ${line}` : path;
  // A name that reads as a glob still means this file.
  const only = path.replace(/[[\]{}()*!\\]/g, "?");
  return {
    text: `A reviewer says of ${place}: ${text}\nMend that with the smallest change that settles it, and nothing else.`,
    constraints: [{ kind: "only", paths: [only] }],
  };
}
