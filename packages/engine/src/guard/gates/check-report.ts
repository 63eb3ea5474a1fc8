/** What a gate says of a change: plain data, the same for people, programs and forges. */
import type { Finding } from "@twolane/policy";

export interface CheckReport {
  readonly source: CheckedSource;
  /** The files that decided, as they are shown, e.g. `.twolane/policy.yaml (main)`. */
  readonly policy: readonly string[];
  /** What whoever reads the result should know, one line each. */
  readonly notes: readonly string[];
  readonly files: number;
  readonly linesAdded: number;
  readonly linesRemoved: number;
  /** What stands against the change. */
  readonly findings: readonly Finding[];
  /** What would have been held, and who said yes. */
  readonly approved: readonly ApprovedFinding[];
  readonly verdict: CheckVerdict;
}

export type CheckVerdict = "clean" | "held" | "blocked";

export type CheckedSource =
  | { readonly kind: "staged" | "work-tree" }
  /** `base`: as it was named; `from`: where both parted; `diff`: what an approval is bound to. */
  | {
      readonly kind: "commits";
      readonly base: string;
      readonly from: string;
      readonly head: string;
      readonly diff: string;
    };

export interface ApprovedFinding extends Finding {
  readonly by: readonly string[];
}

export function verdictOfFindings(findings: readonly Finding[]): CheckVerdict {
  if (findings.some(({ verdict }) => verdict.decision === "block")) return "blocked";
  return findings.length > 0 ? "held" : "clean";
}
