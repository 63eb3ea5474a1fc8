/**
 * What to do when somebody saved a file in the very moment in which we replaced it: their text is put back by a merge with
 * ours, and where both changed the same lines theirs stays and ours goes.
 *
 * The window that remains: a program that gives the name a new file between our look and our rename (two system calls in
 * a row), and one that keeps the old file open and writes into it after the last look (`graceMs` after the rename).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot, Files } from "../host/files.ts";
import { sameBytes } from "../std/bytes.ts";
import { wholeChange } from "./landing-files.ts";
import { type PlannedWrite, type WriteDeps, type WriteOutcome, writeAll, writtenMeanwhile } from "./landing-write.ts";
import { merge3 } from "./merge.ts";

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
  let theirs = await settled(() => written.replaced.read() ?? first);
  let base = written.plan.before?.bytes ?? new Uint8Array();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const disk = await readSettled(deps.files, written.plan.absolute);
    if (!disk) return { now: undefined, result: "yielded" };
    const merged = merge3(base, theirs, disk.bytes);
    const after = merged.ok ? merged.bytes : theirs;
    if (sameBytes(after, disk.bytes)) return { now: disk, result: "merged" };
    const [outcome] = await writeAll(deps, [restoring(written.plan, { disk, after, yielded: !merged.ok, hunks })], { type: "undo.prepared" });
    if (!outcome?.ok) continue;
    const again = writtenMeanwhile(outcome);
    outcome.replaced.close();
    if (again === undefined) return { now: outcome.now, result: merged.ok ? "merged" : "yielded" };
    // A second save in the second window.
    theirs = again;
    base = disk.bytes;
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

/** The file once nobody writes into it any more: an editor empties a file before it fills it. */
export async function readSettled(files: Files, absolute: string): Promise<FileSnapshot | undefined> {
  let last = await files.read(absolute);
  for (let attempt = 0; attempt < attempts; attempt++) {
    await sleep(1);
    const next = await files.read(absolute);
    const quiet = next.ok && last.ok && sameBytes(next.value.bytes, last.value.bytes);
    last = next;
    if (quiet && (next.value.bytes.length > 0 || attempt > graceMs)) break;
  }
  return last.ok ? last.value : undefined;
}

async function settled(read: () => Uint8Array): Promise<Uint8Array> {
  let last = read();
  for (let attempt = 0; attempt < attempts; attempt++) {
    await sleep(1);
    const next = read();
    const quiet = sameBytes(next, last) && (next.length > 0 || attempt > graceMs);
    last = next;
    if (quiet) break;
  }
  return last;
}
