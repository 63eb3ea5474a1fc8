/** What the session did to each file, with the contents in between: the records of landing, made whole from the store. No IO of its own. */
import type { HunkId } from "@twolane/protocol";
import type { PreparedRecord } from "../../journal/records.ts";
import type { Preimages } from "../undo/preimages.ts";

/** One hunk's share in the history of one file, oldest first. */
export interface FileStep {
  readonly hunk: HunkId;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** In `before`; `inserted` is the length of the new bytes. */
  readonly changes: readonly { readonly start: number; readonly end: number; readonly inserted: number }[];
  /** Bytes of `before` that the hunk was matched by. */
  readonly matched?: readonly [start: number, end: number];
  /** The file came into being with it, so that all that follows stands on it. */
  readonly creates: boolean;
  /** The file goes with it. */
  readonly deletes: boolean;
}

export interface FileHistory {
  /** Real path in the workspace. */
  readonly path: string;
  readonly steps: readonly FileStep[];
}

interface HunkStep {
  readonly hunk: HunkId;
  readonly record: PreparedRecord;
  /** Which step of the record. */
  readonly index: number;
}

/** Of steps that still stand, by file; one whose content is damaged ends the history of its file. */
export function fileHistories(standing: readonly HunkStep[], images: Preimages): readonly FileHistory[] {
  const files = new Map<string, FileStep[]>();
  for (const { record, index, hunk } of standing) {
    const contents = images.steps(record);
    const step = record.steps[index];
    const [before, after] = [contents?.[index], contents?.[index + 1]];
    if (step === undefined || before === undefined || after === undefined) continue;
    const changes = step.changes.map(({ start, end, inserted }) => ({ start, end, inserted: inserted[1] }));
    const creates = index === 0 && record.preHash === "";
    const deletes = index === record.steps.length - 1 && record.postHash === "";
    const steps = files.get(record.path) ?? [];
    steps.push({ hunk, before, after, changes, creates, deletes, ...(step.matched && { matched: step.matched }) });
    files.set(record.path, steps);
  }
  return [...files].map(([path, steps]) => ({ path, steps }));
}
