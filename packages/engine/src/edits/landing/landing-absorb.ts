/**
 * What to do when somebody saved a file in the very moment in which we replaced it: their text is put back by a merge with
 * ours, and where both changed the same lines theirs stays and ours goes.
 *
 * The window that remains: a program that gives the name a new file between our look and our rename (two system calls in
 * a row), and one that keeps the old file open and writes into it after the last look (`graceMs` after the rename).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot, Files } from "../../host/files.ts";
import { sameBytes } from "../../std/bytes.ts";
import { wholeChange } from "./landing-files.ts";
import { type PlannedWrite, type WriteDeps, type WriteOutcome, writeAll, writtenMeanwhile } from "./landing-write.ts";
import { merge3 } from "../placing/merge.ts";

/** How long after a rename the replaced file is still watched. A save of an editor takes well under a millisecond. */
export const graceMs = 5;

const attempts = 20;

export interface Absorbed {
  /** The file as it is now. */
  readonly now: FileSnapshot | undefined;
  /** Nothing was saved in between: `untouched`. Both stand: `merged`. Ours went: `yielded`. */
  readonly result: "untouched" | "merged" | "yielded";
}

type Written = Extract<WriteOutcome, { ok: true }>;

/** Looks at the replaced file and brings back what was saved into it. Does not close it. */
export async function absorb(deps: WriteDeps, written: Written, hunks: readonly HunkId[]): Promise<Absorbed> {
  const first = writtenMeanwhile(written);
  if (first === undefined) return { now: written.now, result: "untouched" };
  let theirs = (await settled(async () => ({ bytes: written.replaced.read() ?? first })))?.bytes ?? first;
  let ours = written.plan.after ?? new Uint8Array();
  let base = written.plan.before?.bytes ?? new Uint8Array();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const disk = await readSettled(deps.files, written.plan.absolute);
    if (!disk) return { now: undefined, result: "yielded" };
    const merged = merge3(base, theirs, disk.bytes);
    // A newer save is in the file already: where both overlap, the newer one stands.
    const newer = !sameBytes(disk.bytes, ours);
    const after = merged.ok ? merged.bytes : newer ? disk.bytes : theirs;
    if (sameBytes(after, disk.bytes)) return { now: disk, result: "merged" };
    const [outcome] = await writeAll(deps, [restoring(written.plan, { disk, after, yielded: !merged.ok, hunks })], {
      type: "undo.prepared",
    });
    if (!outcome?.ok) continue;
    const again = writtenMeanwhile(outcome);
    outcome.replaced.close();
    if (again === undefined) return { now: outcome.now, result: merged.ok ? "merged" : "yielded" };
    // A second save in the second window.
    theirs = again;
    base = disk.bytes;
    ours = after;
  }
  return { now: written.now, result: "untouched" };
}

interface Restoring {
  readonly disk: FileSnapshot;
  readonly after: Uint8Array;
  readonly yielded: boolean;
  readonly hunks: readonly HunkId[];
}

function restoring(plan: PlannedWrite, { disk, after, yielded, hunks }: Restoring): PlannedWrite {
  const steps = [{ changes: [wholeChange(disk.bytes, after)] }];
  return { absolute: plan.absolute, path: plan.path, before: disk, after, steps, ...(yielded && { undoes: hunks }) };
}

/** The file once nobody is in the middle of a save; `undefined` when it is gone. */
export async function readSettled(files: Files, absolute: string): Promise<FileSnapshot | undefined> {
  return settled(async () => {
    const read = await files.read(absolute);
    return read.ok ? read.value : undefined;
  });
}

/**
 * Reads until two readings agree, or a few times if somebody saves all the time. An editor empties a file before it fills
 * it: an empty file is only believed when nothing else was seen for much longer.
 */
async function settled<T extends { readonly bytes: Uint8Array }>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  let last = await read();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await sleep(1);
    const next = await read();
    const filled = next !== undefined && next.bytes.length > 0;
    if (filled && (attempt > 2 || (last && sameBytes(next.bytes, last.bytes)))) return next;
    last = next;
  }
  return last;
}
