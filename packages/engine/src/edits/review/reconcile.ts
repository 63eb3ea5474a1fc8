/**
 * After a crash: what the records say of the disk against what was told of the hunks. The records are synced before the disk changes,
 * the events are not, so some may be missing. Pure.
 */
import type { EventBody, Hunk, HunkId, Review } from "@twolane/protocol";
import { type WithdrawalNote, isPrepared } from "../../journal/records.ts";
import type { Ground } from "./ground.ts";
import { recordedLines } from "./hunk-lines.ts";

export interface Untold {
  /** They are off the disk. */
  readonly gone: readonly WithdrawalNote[];
  /** They are on it. */
  readonly landed: readonly Extract<EventBody, { type: "hunk.landed" }>[];
}

export function untold(review: Review, ground: Ground): Untold {
  const { ledger, records } = ground;
  const reverted = new Set(records.flatMap((record) => (record.type === "write.reverted" ? [record.write] : [])));
  const notes = new Map<HunkId, WithdrawalNote>();
  const landedAs = new Map<HunkId, string>();
  for (const record of records) {
    if (!isPrepared(record) || reverted.has(record.write)) continue;
    for (const note of record.withdraws ?? []) notes.set(note.hunk, note);
    for (const { hunk, turn } of record.steps) if (hunk !== undefined && turn !== undefined) landedAs.set(hunk, turn);
  }
  const gone: WithdrawalNote[] = [];
  const landed: Untold["landed"][number][] = [];
  for (const [hunk, turn] of landedAs) {
    const known = review.get(hunk);
    const isTold = known?.state === "landed" || known?.state === "accepted";
    const stands = ledger.stands(hunk);
    if (isTold && !stands) gone.push(notes.get(hunk) ?? { hunk, state: "undone" });
    // What was never told and is gone again concerns nobody.
    if (!isTold && stands && known?.state !== "superseded") {
      const placed = known?.hunk ?? hunkOf(ground, hunk, turn);
      landed.push({ type: "hunk.landed", hunk: placed, rung: "exact", merged: false, dryRun: false });
    }
  }
  return { gone, landed };
}

/** As much as its records say. */
function hunkOf(ground: Ground, id: HunkId, turn: string): Hunk {
  const steps = ground.ledger.lastSteps(id);
  const gone = steps.find(({ existence }) => existence === "gone");
  const made = steps.find(({ existence }) => existence === "made");
  const lines = recordedLines(ground, id) ?? [];
  const count = (wanted: "add" | "remove"): number => lines.filter(({ op }) => op === wanted).length;
  const path = (gone ?? made ?? steps[0])?.record.path ?? "";
  return {
    ...{ id, turn, path, line: 0, linesAdded: count("add"), linesRemoved: count("remove") },
    operation: gone && made ? "move" : gone ? "delete" : made ? "create" : "update",
    ...(gone && made && { movedTo: made.record.path }),
  };
}
