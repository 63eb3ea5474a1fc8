/**
 * Three-way merge of bytes, line by line. A line is its bytes with its ending, so nothing is normalised; a file that is
 * no text is one odd line and merges whole or not at all.
 */
import { diffLines, type DiffRun } from "../../std/line-diff.ts";

const newline = 0x0a;
/** Bytes that are compared at once. */
const block = 4096;

export interface MergeConflict {
  /** 1-based lines of the base, end exclusive; equal when both sides inserted in front of that line. */
  readonly baseStartLine: number;
  readonly baseEndLine: number;
  /** What either side made of these lines; invalid UTF-8 is shown as U+FFFD. */
  readonly yours: string;
  readonly theirs: string;
}

export type Merge =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly conflicts: readonly MergeConflict[] };

/**
 * Both sides' changes of the base in one. Changes of different lines stand beside each other, equal changes count once;
 * changes that share a base line, and different insertions at one place, are conflicts.
 */
export function merge3(base: Uint8Array, yours: Uint8Array, theirs: Uint8Array): Merge {
  const frame = commonFrame(base, yours, theirs);
  const baseLines = linesWithin(base, frame);
  const yourLines = linesWithin(yours, frame);
  const theirLines = linesWithin(theirs, frame);
  const firstLine = (): number => linesWithin(base, { head: 0, tail: base.length - frame.head }).length + 1;
  const merged: string[] = [];
  const conflicts: MergeConflict[] = [];
  let done = 0;
  const sides = { yours: diffLines(baseLines, yourLines), theirs: diffLines(baseLines, theirLines) };
  // Behind a last line that loses its ending nothing can stand.
  const losesEnd = (runs: readonly DiffRun[], side: readonly string[]): boolean =>
    frame.tail === 0 && runs.at(-1)?.end === baseLines.length && side.at(-1)?.endsWith("\n") === false;
  const isOpenEnd = losesEnd(sides.yours, yourLines) || losesEnd(sides.theirs, theirLines);
  for (const group of groups(sides, isOpenEnd ? baseLines.length : undefined)) {
    merged.push(baseLines.slice(done, group.start).join(""));
    done = group.end;
    const yourText = sideOf(group, group.yours, { base: baseLines, side: yourLines });
    const theirText = sideOf(group, group.theirs, { base: baseLines, side: theirLines });
    if (group.theirs.length === 0 || yourText === theirText) merged.push(yourText);
    else if (group.yours.length === 0) merged.push(theirText);
    else {
      conflicts.push({
        baseStartLine: firstLine() + group.start,
        baseEndLine: firstLine() + group.end,
        yours: readable(yourText),
        theirs: readable(theirText),
      });
    }
  }
  if (conflicts.length > 0) return { ok: false, conflicts };
  merged.push(baseLines.slice(done).join(""));
  const middle = Buffer.from(merged.join(""), "latin1");
  return { ok: true, bytes: Buffer.concat([base.subarray(0, frame.head), middle, base.subarray(base.length - frame.tail)]) };
}

/** Changes of both sides that have to be judged together: lines `start..end` of the base. */
interface Group {
  start: number;
  end: number;
  readonly yours: DiffRun[];
  readonly theirs: DiffRun[];
}

/** `openEnd`: the line at which no run stands beside another. */
function groups(
  { yours, theirs }: { readonly yours: readonly DiffRun[]; readonly theirs: readonly DiffRun[] },
  openEnd: number | undefined,
): readonly Group[] {
  const all = [...yours.map((run) => ({ run, mine: true })), ...theirs.map((run) => ({ run, mine: false }))];
  // An insertion stands in front of a change that begins at the same line.
  all.sort((a, b) => a.run.start - b.run.start || a.run.end - b.run.end);
  const result: Group[] = [];
  for (const { run, mine } of all) {
    const last = result.at(-1);
    const isSame = run.start === last?.start && run.end === last.end;
    const shares = last !== undefined && (run.start < last.end || isSame || (run.start === openEnd && last.end === openEnd));
    const group = shares ? last : { start: run.start, end: run.end, yours: [], theirs: [] };
    if (!shares) result.push(group);
    group.end = Math.max(group.end, run.end);
    (mine ? group.yours : group.theirs).push(run);
  }
  return result;
}

/** What one side made of the group's lines. */
function sideOf(
  group: Group,
  runs: readonly DiffRun[],
  { base, side }: { readonly base: readonly string[]; readonly side: readonly string[] },
): string {
  let text = "";
  let done = group.start;
  for (const run of runs) {
    text += base.slice(done, run.start).join("") + side.slice(run.newStart, run.newEnd).join("");
    done = run.end;
  }
  return text + base.slice(done, group.end).join("");
}

/** Whole lines that all three share at the beginning and at the end, in bytes. */
interface Frame {
  readonly head: number;
  readonly tail: number;
}

function commonFrame(base: Uint8Array, yours: Uint8Array, theirs: Uint8Array): Frame {
  const shared = Math.min(commonHead(base, yours), commonHead(base, theirs));
  const head = shared === 0 ? 0 : base.lastIndexOf(newline, shared - 1) + 1;
  const room = Math.min(base.length, yours.length, theirs.length) - head;
  const end = Math.min(room, commonTail(base, yours), commonTail(base, theirs));
  // The tail begins behind a newline that all have.
  const feed = end === 0 ? -1 : base.indexOf(newline, base.length - end);
  return { head, tail: feed < 0 ? 0 : base.length - feed - 1 };
}

function commonHead(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at + block <= shorter && Buffer.compare(a.subarray(at, at + block), b.subarray(at, at + block)) === 0) at += block;
  while (at < shorter && a[at] === b[at]) at++;
  return at;
}

function commonTail(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  const piece = (of: Uint8Array, count: number): Uint8Array => of.subarray(of.length - count - block, of.length - count);
  let count = 0;
  while (count + block <= shorter && Buffer.compare(piece(a, count), piece(b, count)) === 0) count += block;
  while (count < shorter && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}

function linesWithin(bytes: Uint8Array, { head, tail }: Frame): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + head, bytes.length - head - tail).toString("latin1");
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function readable(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
