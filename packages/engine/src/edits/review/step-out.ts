/** One hunk's share leaves a file: exactly where nobody has typed into it, else by a three-way merge, else not. Writes nothing. */
import type { Journal } from "../../journal/journal.ts";
import { sameBytes } from "../../std/bytes.ts";
import type { ByteChange } from "../edits.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { lineChanges } from "../placing/line-changes.ts";
import type { Preimages } from "../undo/preimages.ts";
import { sidesOf, stepBack } from "../undo/step-back.ts";
import { type FileLedger, type OwnedStep, forgetStep, throughStrange, withoutStep } from "./ledger.ts";

export interface FileState {
  /** Undefined: there is no file. */
  readonly content: Uint8Array | undefined;
  readonly ledger: FileLedger;
}

export interface Taken extends FileState {
  readonly changes: readonly ByteChange[];
}

type Blobs = Pick<Journal, "readBlob">;
type Store = { readonly images: Preimages } & Blobs;

const empty = new Uint8Array();

/** The file without one step, or why it has to stay. */
export function takeStep({ content, ledger, step }: FileState & { readonly step: OwnedStep }, store: Store): Taken | string {
  // Somebody removed the file: nothing of the hunk is there.
  if (content === undefined && step.existence !== "gone") return { content, ledger: forgetStep(ledger, step), changes: [] };
  const exact = content === undefined || step.existence !== "gone" ? exactly({ content, ledger, step }, store) : undefined;
  if (exact) return exact;
  if (content !== undefined && isPutBack({ content, ledger, step }, store))
    return { content, ledger: forgetStep(ledger, step), changes: [] };
  const sides = sidesOf(step, store.images);
  if (sides === undefined) return "its earlier content is damaged in the session's store";
  const back = stepBack(sides, content);
  if (typeof back === "string") return back;
  const changes = lineChanges(content ?? empty, back.content ?? empty);
  const strange = changes.map(({ start, end, bytes }) => ({ start, end, length: bytes.length }));
  return { content: back.content, ledger: throughStrange(forgetStep(ledger, step), strange), changes };
}

/** The hunk only took something out, and the person has put it in again. */
function isPutBack(
  { content, ledger, step }: FileState & { readonly content: Uint8Array; readonly step: OwnedStep },
  { readBlob }: Blobs,
): boolean {
  if (step.existence !== "kept") return false;
  return step.changes.every(({ removed, inserted }, number) => {
    const place = ledger.pieces.find((piece) => piece.step === step && piece.change === number)?.start;
    if (place === undefined || inserted[1] > 0) return false;
    const text = readBlob(removed);
    const [before, after] = [
      content.subarray(Math.max(0, place - text.length), place),
      content.subarray(place, place + text.length),
    ];
    return sameBytes(before, text) || sameBytes(after, text);
  });
}

/** Undefined where others have typed into it or stand on it, or its bytes are not there. */
export function exactly(
  { content, ledger, step }: FileState & { readonly step: OwnedStep },
  { readBlob }: Blobs,
): Taken | undefined {
  const left = withoutStep(ledger, step);
  if (left === undefined) return undefined;
  const bytes = content ?? empty;
  if (!left.changes.every(({ start, end, inserted }) => sameBytes(bytes.subarray(start, end), readBlob(inserted))))
    return undefined;
  const changes = left.changes.map(({ start, end, removed }) => ({ start, end, bytes: readBlob(removed) }));
  if (changes.some(({ bytes: restored }, at) => restored.length !== left.changes[at]?.removed[1])) return undefined;
  const after = applyToBytes(bytes, changes);
  if (step.existence !== "made") return { content: after, ledger: left.file, changes };
  // More than the hunk brought is in the file: the merge says so.
  return after.length > 0 ? undefined : { content: undefined, ledger: left.file, changes };
}
