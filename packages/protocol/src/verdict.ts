/** What the policy says of a hunk, a command or a prompt. A refusal names the rule and the way out. */
export type Verdict =
  | { readonly decision: "allow" }
  | {
      readonly decision: "hold" | "block";
      /** Name of the rule that decided, e.g. `scope`. */
      readonly rule: string;
      readonly reason: string;
      readonly wayOut: string;
      /** What exactly it is about, so that a yes can be remembered: a path, a package, a command. */
      readonly subject?: string;
      /** 1-based line of the file that it is about, where that is known more closely than by its hunk. */
      readonly line?: number;
      /** Where the rule stands, e.g. `.twolane/policy.yaml:12`. */
      readonly source?: string;
    };

const severity = { allow: 0, hold: 1, block: 2 } as const;

/** The strictest of all verdicts; the first one wins among equals. No verdict at all allows. */
export function strictest(verdicts: readonly Verdict[]): Verdict {
  let worst: Verdict = { decision: "allow" };
  for (const verdict of verdicts) if (severity[verdict.decision] > severity[worst.decision]) worst = verdict;
  return worst;
}
