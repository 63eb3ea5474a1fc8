/** The lines of a hunk as they stand in its file now, with what a person has made of them. Pure. */
import type { HunkId, HunkLine } from "@twolane/protocol";
import type { ByteRange } from "../edits.ts";
import { type FileText, fileText, fromByteString, lineAt, startOf } from "../placing/file-text.ts";
import { lineChanges, rangeBehind } from "../placing/line-changes.ts";
import type { Ground } from "./ground.ts";
import { sideOf } from "./hunk-lines.ts";

export interface ShownHunk {
  readonly hunk: HunkId;
  /** Real path in the workspace. */
  readonly path: string;
  /** As it was shown last. */
  readonly shown: readonly HunkLine[];
}

export interface CurrentLines {
  /** Whole lines, in the file now. */
  readonly region: ByteRange;
  readonly texts: readonly string[];
}

/** What became of its kept and added lines; undefined where they cannot be told from others. */
export function currentLines({ ledger, images }: Ground, one: ShownHunk, now: Uint8Array): CurrentLines | undefined {
  const file = ledger.file(one.path);
  const left = images.content(file.hash);
  const own = file.pieces.filter(({ step }) => step.hunk === one.hunk);
  const [first, last] = [own[0], own.at(-1)];
  const wanted = sideOf(one.shown, "add");
  if (left === undefined || first === undefined || last === undefined || wanted.length === 0) return undefined;
  const before = fileText(left);
  const place = placeOf(before, wanted, { start: first.start, end: last.end });
  if (place === undefined) return undefined;
  const then = { start: startOf(before, place), end: startOf(before, place + wanted.length) };
  const region = rangeBehind(then, lineChanges(left, now), "without");
  return { region, texts: fileText(now.subarray(region.start, region.end)).lines.map(fromByteString) };
}

/** Number of the first of the wanted lines, where they stand once around the hunk's own bytes. */
function placeOf(file: FileText, wanted: readonly string[], own: ByteRange): number | undefined {
  const lines = file.lines.map(fromByteString);
  const from = Math.max(0, lineAt(file, own.start) - wanted.length);
  const places: number[] = [];
  for (let at = from; at + wanted.length <= lines.length && startOf(file, at) <= own.end; at++)
    if (
      startOf(file, at + wanted.length) >= own.end &&
      startOf(file, at) <= own.start &&
      wanted.every((text, index) => lines[at + index] === text)
    )
      places.push(at);
  return places.length === 1 ? places[0] : undefined;
}
