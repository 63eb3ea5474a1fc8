/** The rows of a diff: lines with their numbers, and the other side of a changed line. Pure; how a row looks is `diff-view.ts`. */
import type { Hunk, HunkLine } from "@twolane/protocol";
import { pairLines } from "./word-diff.ts";

export interface DiffRow extends HunkLine {
  /** Lines behind the first one: in the file before for a removed line, in the file after for the others. */
  readonly offset: number;
  /** The text on the other side of a changed line. */
  readonly other?: string;
}

type UncountedRow = Omit<DiffRow, "offset">;

export interface Diff {
  readonly rows: readonly DiffRow[];
  /** Index of the first row that is not kept; the number of rows where all are. */
  readonly begin: number;
  readonly removed: number;
  readonly added: number;
}

/** A hunk is drawn frame after frame with the same lines. Only the newest: lines live longer than they are looked at. */
const known = new Map<readonly HunkLine[], Diff>();
const knownAtMost = 50;

export function diffOf(lines: readonly HunkLine[]): Diff {
  const before = known.get(lines);
  if (before !== undefined) return before;
  const rows = counted(changedRuns(lines));
  const begin = rows.findIndex(({ op }) => op !== "keep");
  const count = (wanted: HunkLine["op"]): number => rows.filter(({ op }) => op === wanted).length;
  const diff = { rows, begin: begin < 0 ? rows.length : begin, removed: count("remove"), added: count("add") };
  known.set(lines, diff);
  const [oldest] = known.keys();
  if (known.size > knownAtMost && oldest !== undefined) known.delete(oldest);
  return diff;
}

/** The number of the first row's line: undefined where it has no place, or where its lines are not those that were counted. */
export function firstNumber({ rows, begin, removed, added }: Diff, hunk: Hunk | undefined): number | undefined {
  if (hunk === undefined || begin === rows.length) return undefined;
  if (removed !== hunk.linesRemoved || added !== hunk.linesAdded) return undefined;
  // A hunk's line is where its change begins; what is kept before it stands above.
  const first = hunk.line - begin;
  return first < 1 ? undefined : first;
}

/** Removed lines directly followed by added ones are one change: what is the same at its ends is kept, what is alike is paired. */
function changedRuns(lines: readonly HunkLine[]): UncountedRow[] {
  const runs: (readonly UncountedRow[])[] = [];
  for (let at = 0; at < lines.length;) {
    const removed = run(lines, at, "remove");
    const added = run(lines, at + removed.length, "add");
    const kept = run(lines, at + removed.length + added.length, "keep");
    runs.push(...(removed.length > 0 && added.length > 0 ? [changedRun(removed, added)] : [removed, added]), kept);
    at += removed.length + added.length + kept.length;
  }
  return runs.flat();
}

function run(lines: readonly HunkLine[], from: number, op: HunkLine["op"]): readonly HunkLine[] {
  let to = from;
  while (lines[to]?.op === op) to++;
  return lines.slice(from, to);
}

function changedRun(removed: readonly HunkLine[], added: readonly HunkLine[]): UncountedRow[] {
  const shorter = Math.min(removed.length, added.length);
  let head = 0;
  while (head < shorter && removed[head]?.text === added[head]?.text) head++;
  let tail = 0;
  while (tail < shorter - head && removed.at(-1 - tail)?.text === added.at(-1 - tail)?.text) tail++;
  const kept = ({ text }: HunkLine): UncountedRow => ({ op: "keep", text });
  const old = removed.slice(head, removed.length - tail);
  const fresh = added.slice(head, added.length - tail);
  const pairs = pairLines(
    old.map(({ text }) => text),
    fresh.map(({ text }) => text),
  );
  const [after, before] = [new Map(pairs), new Map(pairs.map(([row, column]) => [column, row]))];
  return [
    ...removed.slice(0, head).map(kept),
    ...old.map((line, index) => withOther(line, fresh[after.get(index) ?? -1])),
    ...fresh.map((line, index) => withOther(line, old[before.get(index) ?? -1])),
    ...removed.slice(removed.length - tail).map(kept),
  ];
}

const withOther = (line: HunkLine, other: HunkLine | undefined): UncountedRow =>
  other === undefined ? line : { ...line, other: other.text };

function counted(rows: readonly UncountedRow[]): readonly DiffRow[] {
  let [old, fresh] = [0, 0];
  return rows.map((row) => {
    if (row.op === "remove") return { ...row, offset: old++ };
    if (row.op === "keep") old++;
    return { ...row, offset: fresh++ };
  });
}
