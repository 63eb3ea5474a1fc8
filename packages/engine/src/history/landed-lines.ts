/** Which lines each hunk of a session brought and took, rebuilt from its records. Pure but for the bytes that it is handed. */
import type { HunkId } from "@twolane/protocol";
import { preimages } from "../edits/undo/preimages.ts";
import type { Journal } from "../journal/journal.ts";
import { type LandingRecord, isPrepared } from "../journal/records.ts";
import { diffLines } from "../std/line-diff.ts";
import { plainLines } from "./plain-lines.ts";

export interface LandedLines {
  /** Relative to the workspace, where its file was when it landed. */
  readonly path: string;
  /** Without line endings, one character a byte. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A hunk that landed twice counts as it landed last. What cannot be rebuilt is left out. */
export function landedLines(
  records: readonly LandingRecord[],
  bytes: Pick<Journal, "readBlob">,
): ReadonlyMap<HunkId, readonly LandedLines[]> {
  const done = new Set(records.flatMap((record) => (record.type === "write.done" ? [record.write] : [])));
  const contents = preimages(records, bytes);
  const found = new Map<HunkId, { readonly write: string; readonly files: LandedLines[] }>();
  for (const record of records) {
    if (!isPrepared(record) || record.type !== "landing.prepared" || !done.has(record.write)) continue;
    const stages = contents.steps(record);
    if (stages === undefined) continue;
    for (const [at, { hunk }] of record.steps.entries()) {
      const [before, after] = [stages[at], stages[at + 1]];
      if (hunk === undefined || before === undefined || after === undefined) continue;
      const lines = { path: record.path, ...changedLines(plainLines(before), plainLines(after)) };
      const known = found.get(hunk);
      // A move is two writes of one group.
      if (known !== undefined && known.write === (record.group ?? record.write)) known.files.push(lines);
      else found.set(hunk, { write: record.group ?? record.write, files: [lines] });
    }
  }
  return new Map([...found].map(([hunk, { files }]) => [hunk, files]));
}

export interface ChangedLines {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

function changedLines(before: readonly string[], after: readonly string[]): ChangedLines {
  const runs = diffLines(before, after);
  return {
    added: runs.flatMap(({ newStart, newEnd }) => after.slice(newStart, newEnd)),
    removed: runs.flatMap(({ start, end }) => before.slice(start, end)),
  };
}
