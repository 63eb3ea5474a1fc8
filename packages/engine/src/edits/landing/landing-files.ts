/**
 * The files of a turn as the hunks that were accepted so far leave them, whether or not that is on disk yet. Finds the
 * place of a draft there, and finds it again when the disk turns out to hold something else. No IO: contents come in.
 */
import { type Failure, type HunkId, type TurnId, type Verdict, failure } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import { differingRange, sameBytes } from "../../std/bytes.ts";
import type { ByteChange, Placement } from "../edits.ts";
import { type FileText, applyChanges, fileText, isBinary, lineAt } from "../placing/file-text.ts";
import type { PlannedStep } from "./landing-write.ts";
import { lineChanges, rangeBehind } from "../placing/line-changes.ts";
import { merge3 } from "../placing/merge.ts";
import { type PlaceableDraft, place } from "../placing/place.ts";

/** One file; `text` is undefined where there is none. */
export interface LandingFile {
  readonly target: Target;
  /** As it was read first. */
  readonly found: FileText | undefined;
  /** The disk as it was when it was last read or written by us. */
  disk: FileSnapshot | undefined;
  /** What the pending hunks make of it. */
  text: FileText | undefined;
  pending: PendingHunk[];
  /** End of the previous hunk of the same call, and how its changes moved lines. */
  cursor: number;
  shifts: LineShift[];
  /** Of a file that was moved here: its mode and owner. */
  like?: Pick<FileSnapshot, "mode" | "owner">;
}

/** A hunk with a place, not yet on disk. */
export interface PendingHunk {
  readonly hunk: HunkId;
  readonly turn: TurnId;
  /** The file just before and just behind this hunk; `undefined`: none. */
  readonly before: FileText | undefined;
  readonly after: FileText | undefined;
  /** Bytes of `before` that its author saw there. */
  readonly matched?: readonly [start: number, end: number];
  readonly changes: readonly ByteChange[];
}

export interface LineShift {
  /** 1-based, in the file as the author saw it. */
  readonly line: number;
  readonly by: number;
}

export function landingFile(target: Target, disk: FileSnapshot | undefined): LandingFile {
  const found = disk && fileText(disk.bytes);
  return { target, found, disk, text: found, pending: [], cursor: 0, shifts: [] };
}

/** A new call begins: its author has not seen what hunk came last. */
export function forgetCall(file: LandingFile): void {
  file.cursor = 0;
  file.shifts = [];
}

/** The file was changed between two hunks: later ones of the same call are still placed behind the last, and by the lines that they say. */
export function takeUp(file: LandingFile, now: FileSnapshot | undefined): void {
  file.disk = now;
  if (!sameContent(file.text?.bytes, now?.bytes)) putText(file, now && fileText(now.bytes));
}

/** Another content, in which the call goes on where it was. */
export function putText(file: LandingFile, now: FileText | undefined): void {
  const old = file.text;
  file.text = now;
  if (!old || !now) return forgetCall(file);
  for (const { start, end, bytes } of lineChanges(old.bytes, now.bytes).toReversed()) {
    if (end <= file.cursor) file.cursor += bytes.length - (end - start);
    else if (start < file.cursor) file.cursor = start;
    const by = fileText(bytes).lines.length - (lineAt(old, end) - lineAt(old, start));
    if (by !== 0) addShift(file, { line: unshiftLine(file.shifts, lineAt(old, start) + 1), by });
  }
}

/** What takes an earlier one back leaves none. */
function addShift(file: LandingFile, shift: LineShift): void {
  const opposite = file.shifts.findLastIndex(({ line, by }) => line === shift.line && by === -shift.by);
  if (opposite < 0) file.shifts.push(shift);
  else file.shifts.splice(opposite, 1);
}

/** From a line as the author saw it to a line of the file now. */
function shiftLine(shifts: readonly LineShift[], line: number): number {
  return shifts.reduce((sum, shift) => (shift.line < line ? sum + shift.by : sum), line);
}

/** The way back; for a line that one of our own hunks added, the nearest line before it. */
function unshiftLine(shifts: readonly LineShift[], line: number): number {
  let original = line;
  for (const shift of shifts.toSorted((a, b) => a.line - b.line)) {
    if (shift.line < original) original = Math.max(shift.line, original - shift.by);
  }
  return original;
}

/** Finds the place of a draft in the file as it now stands. */
export function findPlace(draft: PlaceableDraft, file: LandingFile): Placement {
  const { text, target } = file;
  if (!text) return notPlaced(failure("FILE_MISSING", `${target.relative} does not exist.`));
  if (isBinary(text.bytes)) return notPlaced(failure("FILE_BINARY", `${target.relative} is a binary file.`));
  return place(draft, text, { cursor: file.cursor, lineShift: (line) => shiftLine(file.shifts, line) });
}

export function notPlaced(reason: Failure): Extract<Placement, { ok: false }> {
  return { ok: false, failure: reason, candidates: [], excerpt: "" };
}

interface Whose {
  readonly hunk: HunkId;
  readonly turn: TurnId;
}

/** The hunk counts from now on: later ones are placed behind it. */
export function addPlaced(file: LandingFile, whose: Whose, placement: Extract<Placement, { ok: true }>): void {
  if (!file.text) throw new Error("a hunk was placed in a file that does not exist");
  const by = placement.linesAdded - placement.linesRemoved;
  file.shifts.push({ line: unshiftLine(file.shifts, placement.line), by });
  file.cursor = placement.cursor;
  const { changes, matched } = placement;
  push(file, whose, { after: applyChanges(file.text, changes), changes, matched: [matched.start, matched.end] });
}

/** The file is created, replaced as a whole, or (`undefined`) removed. */
export function addContent(file: LandingFile, whose: Whose, bytes: Uint8Array | undefined): void {
  forgetCall(file);
  const changes = [wholeChange(file.text?.bytes ?? nothing, bytes ?? nothing)];
  push(file, whose, { after: bytes && fileText(bytes), changes });
}

const nothing = new Uint8Array();

function push(file: LandingFile, whose: Whose, made: Pick<PendingHunk, "after" | "changes" | "matched">): void {
  file.pending.push({ hunk: whose.hunk, turn: whose.turn, before: file.text, ...made });
  file.text = made.after;
}

export type Replayed =
  | { readonly state: "landed"; readonly pending: PendingHunk; readonly merged: boolean; readonly step: PlannedStep }
  | { readonly state: "held"; readonly pending: PendingHunk; readonly verdict: Extract<Verdict, { reason: string }> }
  | { readonly state: "failed"; readonly pending: PendingHunk; readonly failure: Failure };

export interface Replay {
  readonly results: readonly Replayed[];
  /** The content that the disk is to have; `undefined`: no file. */
  readonly after: Uint8Array | undefined;
}

/** The pending hunks on what the disk really holds. Equal to what was expected: simply their changes; else a merge of each. */
export function replay(file: LandingFile, actual: FileSnapshot | undefined): Replay {
  if (sameContent(file.disk?.bytes, actual?.bytes)) {
    const results = file.pending.map((pending) => ({
      state: "landed" as const,
      pending,
      merged: false,
      step: stepOf(pending, pending.changes, pending.matched),
    }));
    return { results, after: file.text?.bytes };
  }
  let yours = actual?.bytes;
  const results = file.pending.map((pending): Replayed => {
    const result = mergeOne(pending, yours, file.target.relative);
    if ("state" in result) return result;
    const step = stepOf(pending, lineChanges(yours ?? nothing, result.bytes ?? nothing), matchedIn(pending, yours ?? nothing));
    yours = result.bytes;
    return { state: "landed", pending, merged: true, step };
  });
  return { results, after: yours };
}

export function sameContent(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameBytes(a, b);
}

function stepOf({ hunk, turn }: PendingHunk, changes: readonly ByteChange[], matched: PendingHunk["matched"]): PlannedStep {
  return { hunk, turn, ...(matched && { matched }), changes };
}

/** Where the matched lines are in the file as somebody else left it. */
export function matchedIn({ before, matched }: PendingHunk, yours: Uint8Array): PendingHunk["matched"] {
  if (!matched) return undefined;
  const theirs = lineChanges(before?.bytes ?? nothing, yours);
  const { start, end } = rangeBehind({ start: matched[0], end: matched[1] }, theirs, "without");
  return [start, end];
}

export function wholeChange(from: Uint8Array, to: Uint8Array): ByteChange {
  const { start, end, newEnd } = differingRange(from, to);
  return { start, end, bytes: to.subarray(start, newEnd) };
}

/** Somebody changed the file: their text stands, and the hunk joins it or yields. */
export function mergeOne(
  pending: PendingHunk,
  yours: Uint8Array | undefined,
  path: string,
): Replayed | { readonly bytes: Uint8Array | undefined } {
  const base = pending.before?.bytes;
  const theirs = pending.after?.bytes;
  const held = (): Replayed => ({ state: "held", pending, verdict: concurrentEdit(path) });
  if (theirs === undefined) return yours === undefined || sameContent(base, yours) ? { bytes: undefined } : held();
  if (yours === undefined) {
    if (base === undefined) return { bytes: theirs };
    return { state: "failed", pending, failure: failure("FILE_MISSING", `${path} was removed meanwhile.`) };
  }
  if (base === undefined) {
    if (sameBytes(theirs, yours)) return { bytes: yours };
    return { state: "failed", pending, failure: failure("FILE_EXISTS", `${path} was created by somebody else meanwhile.`) };
  }
  const result = merge3(base, yours, theirs);
  return result.ok ? { bytes: result.bytes } : held();
}

export function concurrentEdit(path: string): Extract<Verdict, { reason: string }> {
  return {
    decision: "hold",
    rule: "concurrent-edit",
    reason: `${path} was changed on the same lines meanwhile`,
    wayOut: "The file keeps your text; the hunk's text is kept in the session. Ask for the change again.",
  };
}
