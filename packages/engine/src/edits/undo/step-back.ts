/** One recorded step of a file taken back: what the content was on either side of it, and what it is without. No writing. */
import path from "node:path";
import type { PreparedRecord } from "../../journal/records.ts";
import { sameContent } from "../landing/landing-files.ts";
import type { WriteDeps } from "../landing/landing-write.ts";
import { merge3 } from "../placing/merge.ts";
import type { Preimages } from "./preimages.ts";

export interface RecordedStep {
  readonly record: PreparedRecord;
  /** Which step of the record. */
  readonly index: number;
}

export const isFirst = ({ index }: RecordedStep): boolean => index === 0;
export const isLast = ({ index, record }: RecordedStep): boolean => index === record.steps.length - 1;

export interface Sides {
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

export function sidesOf(step: RecordedStep, images: Preimages): Sides | undefined {
  const contents = images.steps(step.record);
  if (!contents) return undefined;
  return {
    before: isFirst(step) && step.record.preHash === "" ? undefined : contents[step.index],
    after: isLast(step) && step.record.postHash === "" ? undefined : contents[step.index + 1],
  };
}

/** The content without the step, or why it cannot be had. */
export function stepBack(
  { before, after }: Sides,
  current: Uint8Array | undefined,
): { readonly content: Uint8Array | undefined; readonly typed: boolean } | string {
  if (sameContent(current, after)) return { content: before, typed: false };
  if (sameContent(current, before)) return { content: before, typed: false };
  if (current === undefined) return "the file was removed since";
  if (after === undefined) return "the file was created anew since";
  if (before === undefined) return "the file was changed since it was created";
  const merged = merge3(after, current, before);
  return merged.ok ? { content: merged.bytes, typed: true } : "the same lines were changed since";
}

/** Folders that were made for a file go with it, unless something else is in them now. */
export function removeFolders({ root, files }: Pick<WriteDeps, "root" | "files">, undone: readonly RecordedStep[]): void {
  for (const { record } of undone) {
    for (const folder of (record.madeFolders ?? []).toReversed()) files.removeFolder(path.join(root, ...folder.split("/")));
  }
}
