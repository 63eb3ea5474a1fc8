/** What the session did to each file, with the contents in between: the records of landing, made whole from the store. No IO of its own. */
import { isPrepared } from "../../journal/records.ts";
import type { Preimages } from "../undo/preimages.ts";
import type { StandingStep } from "../undo/undo-ledger.ts";
import type { FileStep } from "./provenance.ts";

export interface FileHistory {
  /** Real path in the workspace. */
  readonly path: string;
  readonly steps: readonly FileStep[];
}

/** Of steps that still stand, by file; one whose content is damaged ends the history of its file. */
export function fileHistories(standing: readonly StandingStep[], images: Preimages): readonly FileHistory[] {
  const files = new Map<string, FileStep[]>();
  for (const { record, index, hunk } of standing) {
    if (!isPrepared(record)) continue;
    const contents = images.steps(record);
    const step = record.steps[index];
    const [before, after] = [contents?.[index], contents?.[index + 1]];
    if (step === undefined || before === undefined || after === undefined) continue;
    const changes = step.changes.map(({ start, end, inserted }) => ({ start, end, inserted: inserted[1] }));
    const creates = index === 0 && record.preHash === "";
    const steps = files.get(record.path) ?? [];
    steps.push({ hunk, before, after, changes, creates, ...(step.matched && { matched: step.matched }) });
    files.set(record.path, steps);
  }
  return [...files].map(([path, steps]) => ({ path, steps }));
}
