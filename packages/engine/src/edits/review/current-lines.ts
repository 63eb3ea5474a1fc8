/** The lines of a hunk as they stand in its file now, with what a person has made of them. Pure. */
import type { HunkId, HunkLine } from "@twolane/protocol";
import type { ByteChange, ByteRange } from "../edits.ts";
import { type FileText, fileText, fromByteString, lineAt, readableLine, startOf } from "../placing/file-text.ts";
import { lineChanges, rangeBehind } from "../placing/line-changes.ts";
import type { Ground } from "./ground.ts";
import { sideOf } from "./hunk-lines.ts";

/** A file as the session left it, and as it is now. */
export interface LeftAndNow {
  /** Real path in the workspace. */
  readonly path: string;
  readonly left: FileText;
  readonly now: Uint8Array;
  /** From what was left to now. */
  readonly changes: readonly ByteChange[];
}

/** Undefined where what was left cannot be rebuilt. */
export function leftAndNow({ ledger, images }: Ground, path: string, now: Uint8Array): LeftAndNow | undefined {
  const left = images.content(ledger.file(path).hash);
  return left && { path, left: fileText(left), now, changes: lineChanges(left, now) };
}

export interface ShownHunk {
  readonly hunk: HunkId;
  /** As it was shown last. */
  readonly shown: readonly HunkLine[];
}

export interface CurrentLines {
  /** Whole lines, in the file now. */
  readonly region: ByteRange;
  readonly texts: readonly string[];
}

/** What became of its kept and added lines; undefined where they cannot be told from others. */
export function currentLines({ ledger }: Ground, one: ShownHunk, file: LeftAndNow): CurrentLines | undefined {
  const { left, now, changes } = file;
  const own = ledger.file(file.path).pieces.filter(({ step }) => step.hunk === one.hunk);
  const [first, last] = [own[0], own.at(-1)];
  const wanted = sideOf(one.shown, "add");
  if (first === undefined || last === undefined || wanted.length === 0) return undefined;
  const place = placeOf(left, wanted, { start: first.start, end: last.end });
  if (place === undefined) return undefined;
  const lines = { start: startOf(left, place), end: startOf(left, place + wanted.length) };
  const region = rangeBehind(lines, changes, "without");
  return { region, texts: fileText(now.subarray(region.start, region.end)).lines.map(fromByteString) };
}

/** Number of the first of the wanted lines, where they stand once around the hunk's own bytes. */
function placeOf(file: FileText, wanted: readonly string[], own: ByteRange): number | undefined {
  const from = Math.max(0, lineAt(file, own.start) - wanted.length);
  const places: number[] = [];
  for (let at = from; at + wanted.length <= file.lines.length && startOf(file, at) <= own.end; at++)
    if (
      startOf(file, at + wanted.length) >= own.end &&
      startOf(file, at) <= own.start &&
      wanted.every((text, index) => readableLine(file, at + index) === text)
    )
      places.push(at);
  return places.length === 1 ? places[0] : undefined;
}
