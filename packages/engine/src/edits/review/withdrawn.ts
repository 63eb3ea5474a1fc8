/** Hunks that leave the disk or were refused, as whoever keeps the conversation and whoever listens are told of them. Pure. */
import type { EventBody, Hunk, HunkId, HunkLine } from "@twolane/protocol";
import type { WithdrawalNote } from "../../journal/records.ts";

/** A hunk whose text must not be said any more, or that is off the disk. */
export interface Withdrawn {
  readonly hunk: HunkId;
  readonly path: string;
  readonly line: number;
  readonly linesRemoved: number;
  readonly linesAdded: number;
  readonly state: "rejected" | "held" | "undone";
  readonly reason: string;
  /** Its text. */
  readonly lines: readonly HunkLine[];
}

export function withdrawn(hunk: Hunk, { state, reason, on }: WithdrawalNote, lines: readonly HunkLine[]): Withdrawn {
  const { id, path, movedTo, line, linesRemoved, linesAdded } = hunk;
  const why = on === undefined ? (reason ?? "") : `it stands on ${on}`;
  return { hunk: id, path: movedTo ?? path, line, linesRemoved, linesAdded, state, reason: why, lines };
}

export function withdrawalEvent(hunk: Hunk, { state, reason, on = "" }: WithdrawalNote): EventBody {
  const { id, path } = hunk;
  switch (state) {
    case "undone":
      return { type: "hunk.undone", hunk: id, path };
    case "rejected":
      return { type: "hunk.rejected", hunk: id, path, ...(reason !== undefined && { reason }) };
    case "held": {
      const reasonOf = `it stands on ${on}, which is off the disk`;
      const wayOut = `Accept it when ${on} is back, or ask for the change anew.`;
      return { type: "hunk.held", hunk, verdict: { decision: "hold", rule: "depends", reason: reasonOf, wayOut } };
    }
  }
}

export function staysThere({ hunk, path, reason }: { hunk: HunkId; path: string; reason: string }): EventBody {
  return { type: "notice.given", code: "KEPT", message: `${hunk} stays in ${path}: ${reason}.` };
}

export function editKept(hunk: HunkId, file: string): EventBody {
  return { type: "notice.given", code: "EDIT_KEPT", message: `What you wrote for ${hunk} is kept in ${file}.` };
}

/** How many are named; the list shows all of them. */
const named = 3;

export function leftSentence(hunks: readonly HunkId[]): string {
  const rest = hunks.length - named;
  const names = rest > 1 ? `${hunks.slice(0, named).join(", ")} and ${rest} more` : hunks.join(", ");
  const [are, were] = hunks.length === 1 ? ["is", "it was"] : ["are", "they were"];
  return `${names} ${are} not on disk any more: ${were} taken back outside of twolane.`;
}
