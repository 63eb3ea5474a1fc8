/**
 * Whose bytes are where in one file: what each standing hunk brought, followed through everything that happened to the file since, ours
 * and others'. So it is known which hunks stand on which, and how one leaves without its neighbours noticing. Pure, no contents.
 */
import type { HunkId } from "@twolane/protocol";
import type { BlobRef, PreparedRecord, RecordedChange } from "../../journal/records.ts";
import type { ByteRange } from "../edits.ts";

/** One hunk's share in one write. */
export interface OwnedStep {
  readonly hunk: HunkId;
  readonly record: PreparedRecord;
  readonly index: number;
  readonly changes: readonly RecordedChange[];
  /** The file came into being with it, or went away. */
  readonly existence: "kept" | "made" | "gone";
  /** Steps of the same landing before it: the hunk has several files, or was edited where it stood. */
  readonly earlier: readonly OwnedStep[];
  /** For each change: whose the bytes were that it took out, counted from its start. */
  readonly under: readonly (readonly Piece[])[];
  /** Hunks that it stands on besides: lines that it matched hold their bytes, or its file is there or gone by them. */
  readonly beside: readonly HunkId[];
}

/** Bytes that one change of a step brought; an empty one marks the place where it only took something out. */
export interface Piece extends ByteRange {
  readonly step: OwnedStep;
  readonly change: number;
}

/** A file as it was at `hash`. */
export interface FileLedger {
  /** SHA-256 of the content; empty where there is no file. */
  readonly hash: string;
  /** In the order of the file; disjoint. */
  readonly pieces: readonly Piece[];
  /** Those that stand, oldest first. */
  readonly steps: readonly OwnedStep[];
  /** Steps into whose lines somebody else has typed: their pieces are not the whole truth any more. */
  readonly touched: ReadonlySet<OwnedStep>;
  /** What stood at each content that somebody else gave the file, or that held nothing of ours, by its hash: it may come again. */
  readonly foreign: ReadonlyMap<string, readonly OwnedStep[]>;
}

export function emptyLedger(hash: string): FileLedger {
  return { hash, pieces: [], steps: [], touched: new Set(), foreign: new Map() };
}

interface StepPlace {
  readonly hunk: HunkId;
  readonly record: PreparedRecord;
  readonly index: number;
}

/** The file with one step more. */
export function withStep(file: FileLedger, place: StepPlace, earlier: readonly OwnedStep[]): FileLedger {
  const { hunk, record, index } = place;
  const changes = record.steps[index]?.changes ?? [];
  const existence = existenceOf(place);
  // Where a file comes or goes, nothing of what was known of its lines is left, the places of what was taken out included.
  const isWhole = existence !== "kept";
  const under = changes.map((change) => moved(isWhole ? file.pieces : cut(file.pieces, change).within, -change.start));
  const beside = besideOf(file, place, under);
  const step: OwnedStep = {
    hunk,
    record,
    index,
    changes,
    existence,
    earlier: earlier.length === 0 ? none : earlier,
    under,
    beside,
  };
  let pieces = isWhole ? [] : file.pieces;
  for (const [number, change] of [...changes.entries()].toReversed()) {
    const { before, after } = cut(pieces, change);
    const own: Piece = { start: change.start, end: change.start + change.inserted[1], step, change: number };
    pieces = [...before, own, ...moved(after, growth(change))];
  }
  return { ...file, pieces, steps: [...file.steps, step] };
}

function existenceOf({ record, index }: StepPlace): OwnedStep["existence"] {
  if (index === 0 && record.preHash === "") return "made";
  return index === record.steps.length - 1 && record.postHash === "" ? "gone" : "kept";
}

function besideOf(file: FileLedger, place: StepPlace, under: OwnedStep["under"]): readonly HunkId[] {
  const { matched, changes = [] } = place.record.steps[place.index] ?? {};
  const ranges: ByteRange[] = matched ? [{ start: matched[0], end: matched[1] }, ...changes] : [...changes];
  const isWhole = existenceOf(place) !== "kept";
  const [from, to] = [Math.min(...ranges.map(({ start }) => start)), Math.max(...ranges.map(({ end }) => end))];
  const found = new Set<HunkId>();
  for (const piece of file.pieces) {
    if (!isWhole && (piece.end < from || piece.start > to)) continue;
    if (isWhole || ranges.some((range) => meets(piece, range))) found.add(piece.step.hunk);
  }
  const maker = file.steps.findLast(({ existence }) => existence !== "kept");
  if (maker) found.add(maker.hunk);
  for (const { step } of under.flat()) found.delete(step.hunk);
  found.delete(place.hunk);
  return found.size === 0 ? none : [...found];
}

/** Hunks that the step stands on. */
export function groundsOf({ hunk, under, beside }: OwnedStep): readonly HunkId[] {
  const below = under.flat().map(({ step }) => step.hunk);
  return [...below.filter((ground) => ground !== hunk), ...beside];
}

/** Bytes in common; of an empty range the place strictly within the other. */
function meets(a: ByteRange, b: ByteRange): boolean {
  if (a.start === a.end) return b.start < a.start && a.start < b.end;
  if (b.start === b.end) return a.start < b.start && b.start < a.end;
  return a.start < b.end && b.start < a.end;
}

/** In the file as it is: these bytes go, and what stood there before comes back. */
export interface TakenChange extends ByteRange {
  readonly removed: BlobRef;
  readonly inserted: BlobRef;
}

/** The file without the step. Nothing where others have typed into its lines, or stand on them: then only a merge can tell. */
export function withoutStep(
  file: FileLedger,
  step: OwnedStep,
): { readonly file: FileLedger; readonly changes: readonly TakenChange[] } | undefined {
  if (file.touched.has(step)) return undefined;
  const steps = file.steps.filter((other) => other !== step);
  const standing = new Set(steps);
  let { pieces } = file;
  const taken: TakenChange[] = [];
  for (const [number, change] of [...step.changes.entries()].toReversed()) {
    const first = pieces.findIndex((piece) => piece.step === step && piece.change === number);
    const last = pieces.findLastIndex((piece) => piece.step === step && piece.change === number);
    const own = pieces.slice(first, last + 1);
    const [start, end] = [own[0]?.start, own.at(-1)?.end];
    const isWhole = own.every((piece, at) => piece.step === step && (at === 0 || piece.start === own[at - 1]?.end));
    if (start === undefined || end === undefined || !isWhole || end - start !== change.inserted[1]) return undefined;
    const { removed, inserted } = change;
    taken.unshift({ start, end, removed, inserted });
    const restored = moved(step.under[number] ?? [], start).filter((piece) => standing.has(piece.step));
    pieces = [...pieces.slice(0, first), ...restored, ...moved(pieces.slice(last + 1), -growth(change))];
  }
  return { file: { ...file, pieces, steps }, changes: taken };
}

/** The step is gone, however that came about; its bytes belong to nobody. */
export function forgetStep(file: FileLedger, step: OwnedStep): FileLedger {
  return {
    ...file,
    pieces: file.pieces.filter((piece) => piece.step !== step),
    steps: file.steps.filter((other) => other !== step),
  };
}

/** A change of nobody's. `length`: of what came in. */
export interface StrangeChange extends ByteRange {
  readonly length: number;
}

/** Somebody else changed the file: pieces move, and those that were reached into are marked. */
export function throughStrange(file: FileLedger, changes: readonly StrangeChange[]): FileLedger {
  const touched = new Set(file.touched);
  let { pieces } = file;
  for (const change of changes.toReversed()) {
    for (const piece of pieces) if (isReached(piece, change)) touched.add(piece.step);
    const { before, within, after } = cut(pieces, change);
    // The place of something taken out is never lost, only inexact.
    const marks = within.filter(({ start, end }) => start === end).map((piece) => ({ ...piece, ...at(change.start) }));
    pieces = [...before, ...marks, ...moved(after, change.length - (change.end - change.start))];
  }
  return { ...file, pieces, touched };
}

export interface Reached {
  /** Steps into whose bytes a change goes, and those that these had changed. */
  readonly within: ReadonlySet<OwnedStep>;
  /** Steps that a change only touches. */
  readonly beside: ReadonlySet<OwnedStep>;
}

/** What changes of somebody else's concern. */
export function reaches(file: FileLedger, changes: readonly ByteRange[]): Reached {
  const [within, beside] = [new Set<OwnedStep>(), new Set<OwnedStep>()];
  for (const piece of file.pieces)
    for (const change of changes) {
      if (isReached(piece, change)) within.add(piece.step);
      else if (piece.start <= change.end && change.start <= piece.end) beside.add(piece.step);
    }
  for (const step of within) for (const { step: ground } of step.under.flat()) within.add(ground);
  for (const step of beside) for (const { step: ground } of step.under.flat()) beside.add(ground);
  return { within, beside };
}

/** Nothing is known any more of where the bytes are. */
export function allTouched(file: FileLedger): FileLedger {
  return { ...file, pieces: [], touched: new Set(file.steps) };
}

const at = (place: number): ByteRange => ({ start: place, end: place });

/** As for `meets`; and what was taken out may have been put back by whatever touches its place. */
function isReached(piece: ByteRange, change: ByteRange): boolean {
  if (piece.start === piece.end) return change.start <= piece.start && piece.start <= change.end;
  return meets(piece, change);
}

interface Cut {
  readonly before: readonly Piece[];
  readonly within: readonly Piece[];
  readonly after: readonly Piece[];
}

/** The pieces in front of a range, in it and behind it; what lies across is divided. */
function cut(pieces: readonly Piece[], { start, end }: ByteRange): Cut {
  // Nearly all lie wholly in front or behind.
  const first = pieces.findIndex((piece) => piece.end > start || piece.start > start);
  if (first < 0) return { before: pieces, within: [], after: [] };
  const before = pieces.slice(0, first);
  const within: Piece[] = [];
  const after: Piece[] = [];
  for (let index = first; index < pieces.length; index++) {
    const piece = pieces[index]!;
    if (piece.start >= end && piece.start > start) {
      after.push(piece);
      continue;
    }
    if (piece.start === piece.end) {
      (piece.start <= start ? before : within).push(piece);
      continue;
    }
    if (piece.start < start) before.push(part(piece, piece.start, Math.min(piece.end, start)));
    const [from, to] = [Math.max(piece.start, start), Math.min(piece.end, end)];
    if (from < to) within.push(part(piece, from, to));
    if (piece.end > end) after.push(part(piece, Math.max(piece.start, end), piece.end));
  }
  return { before, within, after };
}

/** One for all: of most steps there is nothing of the kind, and a session has thousands. */
const none: readonly never[] = [];

// Written out, as a session has thousands of these, moved by each change in front of them.
const part = ({ step, change }: Piece, start: number, end: number): Piece => ({ start, end, step, change });

const moved = (pieces: readonly Piece[], by: number): readonly Piece[] =>
  pieces.length === 0 ? none : by === 0 ? pieces : pieces.map((piece) => part(piece, piece.start + by, piece.end + by));

const growth = ({ start, end, inserted }: RecordedChange): number => inserted[1] - (end - start);
