/** What hunks broke, as long as it is so: the newest list of each. A fold. */
import type { CodeProblem, EventOf, HunkId, TwolaneEvent } from "@twolane/protocol";

export type BrokenBy = Pick<EventOf<"diagnostics.found">, "problems" | "more">;
export type Broken = ReadonlyMap<HunkId, BrokenBy>;

export const nothingBroken: Broken = new Map();

/** The same map where nothing changes. */
export function reduceBroken(broken: Broken, event: TwolaneEvent): Broken {
  switch (event.type) {
    case "diagnostics.found":
      return new Map(broken).set(event.hunk, { problems: event.problems, more: event.more });
    case "diagnostics.cleared":
    case "hunk.rejected":
    case "hunk.undone": {
      if (!broken.has(event.hunk)) return broken;
      const left = new Map(broken);
      left.delete(event.hunk);
      return left;
    }
    default:
      return broken;
  }
}

/** Of a newer list those that were not in the one before. */
export function freshProblems(before: BrokenBy | undefined, { problems }: BrokenBy): readonly CodeProblem[] {
  const known = new Set(before?.problems.map(({ path, code, message }) => `${path} ${code} ${message}`));
  // A line may have moved since.
  return problems.filter(({ path, code, message }) => !known.has(`${path} ${code} ${message}`));
}
