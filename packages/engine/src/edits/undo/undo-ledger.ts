/** What of a session's landings still stands: a fold over its records. No IO. */
import type { HunkId, TurnId } from "@twolane/protocol";
import { type LandingRecord, type PreparedRecord, isPrepared } from "../../journal/records.ts";

/** One hunk's share in one write that has not been taken back. */
export interface StandingStep {
  readonly record: PreparedRecord;
  /** Which step of the record. */
  readonly index: number;
  readonly hunk: HunkId;
  readonly turn: TurnId;
}

/** Oldest first. A write without its end counts as done unless it is known that it was not. */
export function standingSteps(records: readonly LandingRecord[]): readonly StandingStep[] {
  const reverted = new Set(records.flatMap((record) => (record.type === "write.reverted" ? [record.write] : [])));
  const standing: StandingStep[] = [];
  for (const record of records) {
    if (!isPrepared(record) || reverted.has(record.write)) continue;
    for (const hunk of record.undoes ?? []) {
      for (let at = standing.length - 1; at >= 0; at--) {
        if (standing[at]?.hunk === hunk && standing[at]?.record.path === record.path) standing.splice(at, 1);
      }
    }
    for (const [index, { hunk, turn }] of record.steps.entries()) {
      if (hunk !== undefined && turn !== undefined) standing.push({ record, index, hunk, turn });
    }
  }
  return standing;
}
