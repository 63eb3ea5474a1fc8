/**
 * What a workflow is: a pure function from what happened to what is to be done next. `assembly/workflow-desk.ts` carries it out on a
 * session. No IO, no model and no clock is known here.
 */
import type {
  Constraint,
  Ending,
  Evidence,
  Failure,
  HunkId,
  ReviewComment,
  WorkflowChoice,
  WorkflowDetail,
} from "@twolane/protocol";
import type { ReviewDiff } from "./review-diff.ts";

/** What began it. */
export interface WorkflowStart {
  /** What the person wants; may be empty. */
  readonly text: string;
  /** What it works on: failing output, a diff. */
  readonly input?: string;
  /** Of the person's words; they hold in every turn. */
  readonly constraints: readonly Constraint[];
}

/** What the turn that a workflow asked for came to. */
export interface TurnResult {
  readonly ending: Ending;
  readonly failure?: Failure;
  /** All that the model said in it. */
  readonly text: string;
  /** Landed in it and still on disk. */
  readonly landed: readonly HunkId[];
  /** Held in it: they wait for a person. */
  readonly held: readonly HunkId[];
  /** Files of what has landed, each once. */
  readonly written: readonly WrittenFile[];
  /** Files of what is held, each once, and the reason of the first. */
  readonly heldFiles: readonly { readonly path: string; readonly reason: string }[];
}

export interface WrittenFile {
  readonly path: string;
  /** Lines that were added, without their endings. */
  readonly added: readonly string[];
}

export type WorkflowInput =
  | { readonly type: "turn.ended"; readonly turn: TurnResult }
  /** Of the files that the session changed. Undefined: no test reaches them, or none could run (`why`). */
  | { readonly type: "tests.ended"; readonly evidence?: Evidence; readonly why?: string }
  /** Undefined status: it was not run (`why`), or a signal ended it. */
  | { readonly type: "check.ended"; readonly status?: number; readonly output: string; readonly why?: string }
  /** Lines that say how exported declarations differ from the beginning of the workflow; none: they are the same. */
  | { readonly type: "api.compared"; readonly changes: readonly string[] }
  | { readonly type: "undone" }
  /** Files of the workspace, relative to it; what is ignored is not among them. */
  | { readonly type: "listed"; readonly paths: readonly string[] }
  /** What the model says in the turn that was asked for, as it arrives. At the end of each of its texts stands a line ending. */
  | { readonly type: "text.arrived"; readonly text: string }
  /** With what may be shown to the model; `failure`: there is none. */
  | { readonly type: "diff.read"; readonly diff: ReviewDiff; readonly failure?: Failure }
  /** The person's answer to the last question. */
  | { readonly type: "answered"; readonly answer: string; readonly text: string };

export type WorkflowEffect =
  /** A turn. `text` is what the model is told, `shown` what the person sees of it. */
  | { readonly type: "ask"; readonly text: string; readonly shown: string; readonly constraints: readonly Constraint[] }
  | {
      readonly type: "question";
      readonly question: string;
      readonly detail: WorkflowDetail;
      readonly choices: readonly WorkflowChoice[];
      /** What is answered where nobody can be asked. */
      readonly otherwise: string;
    }
  | { readonly type: "move"; readonly stage: string; readonly text: string; readonly step?: number; readonly of?: number }
  /** The impacted tests of what the session changed. */
  | { readonly type: "test" }
  /** A shell line in the sandbox, with the workspace read-only; decided by the policy as a model's would be. */
  | { readonly type: "check"; readonly line: string }
  | { readonly type: "compare-api" }
  /** The workspace's files. */
  | { readonly type: "list" }
  /** Takes these back. */
  | { readonly type: "undo"; readonly hunks: readonly HunkId[] }
  | { readonly type: "comment"; readonly comment: Omit<ReviewComment, "id"> }
  /** A diff, as text or from git. */
  | { readonly type: "read-diff"; readonly from: DiffWish }
  | { readonly type: "end"; readonly ending: "done" | "stopped" | "failed"; readonly report: readonly string[] };

export interface WorkflowStep<State> {
  readonly state: State;
  readonly effects: readonly WorkflowEffect[];
}

export type DiffWish =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "staged" }
  /** Disk against the last commit. */
  | { readonly kind: "work-tree" }
  /** What was committed since the branch left REF. */
  | { readonly kind: "since"; readonly ref: string };

/**
 * One workflow. Each step ends with exactly one effect that something comes back from, or with `end`; a step for text that arrives has
 * nothing but comments.
 */
export interface Workflow<State> {
  begin(start: WorkflowStart): WorkflowStep<State>;
  take(state: State, input: WorkflowInput): WorkflowStep<State>;
  /** What is taken back where the person ends it now, as well as what its turn has landed; absent: all of it stays. */
  unproven?(state: State): readonly HunkId[];
}
