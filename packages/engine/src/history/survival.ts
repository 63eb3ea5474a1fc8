/** What is left of lines in a later content of the file. Pure. */
import { type DiffRun, diffLines } from "../std/line-diff.ts";

/** Where the lines at these indices are in the later content; those that were changed or removed are not there. */
export function followLines(
  lines: readonly number[],
  before: readonly string[],
  after: readonly string[] | undefined,
): readonly number[] {
  if (after === undefined) return [];
  const runs = diffLines(before, after);
  return lines.flatMap((line) => {
    const gone = runs.some(({ start, end }) => line >= start && line < end);
    return gone ? [] : [line + shiftAt(runs, line)];
  });
}

function shiftAt(runs: readonly DiffRun[], line: number): number {
  const last = runs.findLast(({ end }) => end <= line);
  return last === undefined ? 0 : last.newEnd - last.end;
}
