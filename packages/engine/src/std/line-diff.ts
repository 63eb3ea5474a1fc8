/**
 * Which lines differ between two lists: the shortest list of runs (Myers), and where that would cost too much, runs
 * between lines that are unique on both sides (patience). Always a correct difference, not always the shortest.
 */

/** Lines `start..end` of the old list became lines `newStart..newEnd` of the new one. 0-based, ends exclusive. */
export interface DiffRun {
  readonly start: number;
  readonly end: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** More edits than this between two stretches are not searched for the shortest script: its cost grows with the square. */
const maxEdits = 512;

/** Ascending and disjoint; between two runs stands at least one line that both lists share. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffRun[] {
  const runs: DiffRun[] = [];
  const report = (run: DiffRun): void => {
    const last = runs.at(-1);
    const touches = last !== undefined && last.end === run.start && last.newEnd === run.newStart;
    if (touches) runs[runs.length - 1] = { ...last, end: run.end, newEnd: run.newEnd };
    else runs.push(run);
  };
  diffStretch({ before, after, report }, { start: 0, end: before.length, newStart: 0, newEnd: after.length });
  return runs;
}

interface Comparison {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Called in ascending order; runs may touch. */
  readonly report: (run: DiffRun) => void;
}

function diffStretch(comparison: Comparison, within: DiffRun): void {
  const { report } = comparison;
  const stretch = trim(comparison, within);
  if (stretch.start === stretch.end && stretch.newStart === stretch.newEnd) return;
  if (stretch.start === stretch.end || stretch.newStart === stretch.newEnd) return report(stretch);
  if (shortestScript(comparison, stretch)) return;
  const pins = uniquePins(comparison, stretch);
  if (pins.length === 0) return report(stretch);
  let { start, newStart } = stretch;
  for (const pin of pins) {
    diffStretch(comparison, { start, end: pin.old, newStart, newEnd: pin.new });
    start = pin.old + 1;
    newStart = pin.new + 1;
  }
  diffStretch(comparison, { start, end: stretch.end, newStart, newEnd: stretch.newEnd });
}

function trim({ before, after }: Comparison, within: DiffRun): DiffRun {
  let { start, end, newStart, newEnd } = within;
  while (start < end && newStart < newEnd && before[start] === after[newStart]) {
    start++;
    newStart++;
  }
  while (start < end && newStart < newEnd && before[end - 1] === after[newEnd - 1]) {
    end--;
    newEnd--;
  }
  return { start, end, newStart, newEnd };
}

/** Myers' greedy search. False, and nothing reported, when the script would be longer than `maxEdits`. */
function shortestScript(comparison: Comparison, stretch: DiffRun): boolean {
  const { before, after } = comparison;
  const rows = stretch.end - stretch.start;
  const columns = stretch.newEnd - stretch.newStart;
  const limit = Math.min(maxEdits, rows + columns);
  // furthest[k + limit + 1]: the furthest row reached on diagonal k (row - column) with the edits so far.
  const furthest = new Int32Array(2 * limit + 3);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    for (let k = -edits; k <= edits; k += 2) {
      const at = k + limit + 1;
      const down = furthest[at + 1] ?? 0;
      const right = (furthest[at - 1] ?? 0) + 1;
      let row = k === -edits || (k !== edits && right <= down) ? down : right;
      while (row < rows && row - k < columns && before[stretch.start + row] === after[stretch.newStart + row - k]) row++;
      furthest[at] = row;
      if (row >= rows && row - k >= columns) {
        reportScript(trace, stretch, comparison.report);
        return true;
      }
    }
    trace.push(furthest.slice(limit + 1 - edits, limit + 2 + edits));
  }
  return false;
}

/** Walks back from the end through the rows that each number of edits had reached. */
function reportScript(trace: readonly Int32Array[], stretch: DiffRun, report: Comparison["report"]): void {
  let row = stretch.end - stretch.start;
  let column = stretch.newEnd - stretch.newStart;
  const runs: DiffRun[] = [];
  for (let edits = trace.length; edits > 0; edits--) {
    const reached = (k: number): number => trace[edits - 1]?.[k + edits - 1] ?? -1;
    const k = row - column;
    const isInsertion = k === -edits || (k !== edits && reached(k - 1) + 1 <= reached(k + 1));
    const fromRow = isInsertion ? reached(k + 1) : reached(k - 1);
    const fromColumn = fromRow - (isInsertion ? k + 1 : k - 1);
    const [start, newStart] = [stretch.start + fromRow, stretch.newStart + fromColumn];
    runs.push({ start, end: isInsertion ? start : start + 1, newStart, newEnd: isInsertion ? newStart + 1 : newStart });
    row = fromRow;
    column = fromColumn;
  }
  for (const run of runs.reverse()) report(run);
}

interface Pin {
  readonly old: number;
  readonly new: number;
}

/** Lines that stand exactly once on either side, as many as keep their order. */
function uniquePins({ before, after }: Comparison, stretch: DiffRun): readonly Pin[] {
  const old = uniqueLines(before, stretch.start, stretch.end);
  const pairs: Pin[] = [];
  for (const [line, at] of uniqueLines(after, stretch.newStart, stretch.newEnd)) {
    const was = old.get(line);
    if (at >= 0 && was !== undefined && was >= 0) pairs.push({ old: was, new: at });
  }
  return longestRising(pairs.sort((a, b) => a.new - b.new));
}

/** Line → its place, or -1 for one that stands there more than once. */
function uniqueLines(lines: readonly string[], start: number, end: number): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = start; at < end; at++) {
    const line = lines[at] ?? "";
    places.set(line, places.has(line) ? -1 : at);
  }
  return places;
}

/** The longest part of the pairs in which the old places rise too (patience sorting). */
function longestRising(pairs: readonly Pin[]): readonly Pin[] {
  const piles: number[] = [];
  const before: number[] = [];
  pairs.forEach((pair, index) => {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[piles[middle] ?? 0]?.old ?? 0) < pair.old) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (piles[low - 1] ?? -1) : -1;
    piles[low] = index;
  });
  const rising: Pin[] = [];
  for (let index = piles.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) rising.push(pair);
  }
  return rising.reverse();
}
