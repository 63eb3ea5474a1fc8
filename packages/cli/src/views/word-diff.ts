/**
 * Which words of a changed line are others, and which removed line is which added one. Pure; the cost is bounded: lines that have
 * little in common, or very long ones, are not marked at all. Knows nothing of colours.
 */

export interface WordPart {
  readonly text: string;
  readonly changed: boolean;
}

export interface ChangedWords {
  /** Both empty where marking would say nothing. */
  readonly before: readonly WordPart[];
  readonly after: readonly WordPart[];
}

const word = /[\p{L}\p{N}_$]+|\s+|[^\p{L}\p{N}_$\s]/gu;
/** Words of a line, and characters. */
const wordLimit = 300;
const characterLimit = 4000;
/** Less than this share of the words in common: two different lines. */
const leastCommon = 0.35;
/** Removed times added lines that are compared with each other. */
const pairLimit = 2500;

const nothing: ChangedWords = { before: [], after: [] };

export function changedWords(before: string, after: string): ChangedWords {
  if (before === after) return nothing;
  const [old, fresh] = [wordsOf(before), wordsOf(after)];
  if (old === undefined || fresh === undefined) return nothing;
  const kept = commonWords(old, fresh);
  const longest = Math.max(old.filter(isSolid).length, fresh.filter(isSolid).length);
  const common = old.filter((text, index) => isSolid(text) && kept.old.has(index)).length;
  if (longest === 0 || common / longest < leastCommon) return nothing;
  return { before: parts(old, kept.old), after: parts(fresh, kept.fresh) };
}

const isSolid = (text: string): boolean => text.trim() !== "";

function wordsOf(line: string): readonly string[] | undefined {
  if (line.length > characterLimit) return undefined;
  const words = line.match(word) ?? [];
  return words.length > wordLimit ? undefined : words;
}

/** The longest common subsequence: places in both lists. What is the same at both ends costs nothing. */
function commonWords(old: readonly string[], fresh: readonly string[]): { old: Set<number>; fresh: Set<number> } {
  const common = { old: new Set<number>(), fresh: new Set<number>() };
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) {
    common.old.add(head);
    common.fresh.add(head++);
  }
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) {
    common.old.add(old.length - 1 - tail);
    common.fresh.add(fresh.length - 1 - tail++);
  }
  const same = (row: number, column: number): boolean => old[row] === fresh[column];
  const rows = { from: head, to: old.length - tail };
  for (const [row, column] of bestPath(rows, { from: head, to: fresh.length - tail }, (...at) => (same(...at) ? 1 : 0))) {
    common.old.add(row);
    common.fresh.add(column);
  }
  return common;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Pairs in rising order of both whose values make the greatest sum; pairs without value are left out. */
function bestPath(rows: Range, columns: Range, value: (row: number, column: number) => number): [number, number][] {
  const [height, width] = [rows.to - rows.from, columns.to - columns.from + 1];
  const sums = new Float64Array((height + 1) * width);
  const sum = (row: number, column: number): number => sums[(row - rows.from) * width + column - columns.from] ?? 0;
  const worth = (row: number, column: number): number => {
    const here = value(row, column);
    return here > 0 ? here + sum(row + 1, column + 1) : 0;
  };
  for (let row = rows.to - 1; row >= rows.from; row--) {
    for (let column = columns.to - 1; column >= columns.from; column--)
      sums[(row - rows.from) * width + column - columns.from] = Math.max(
        worth(row, column),
        sum(row + 1, column),
        sum(row, column + 1),
      );
  }
  const path: [number, number][] = [];
  for (let row = rows.from, column = columns.from; row < rows.to && column < columns.to;) {
    const best = sum(row, column);
    if (best > 0 && best === worth(row, column)) path.push([row++, column++]);
    else if (best === sum(row + 1, column)) row++;
    else column++;
  }
  return path;
}

/** Neighbours of one kind together; blanks between two changed words count as changed. */
function parts(words: readonly string[], kept: ReadonlySet<number>): WordPart[] {
  const result: WordPart[] = [];
  for (const [index, text] of words.entries()) {
    const between = !isSolid(text) && index > 0 && index < words.length - 1 && !kept.has(index - 1) && !kept.has(index + 1);
    const changed = !kept.has(index) || between;
    const last = result.at(-1);
    if (last?.changed === changed) result[result.length - 1] = { text: last.text + text, changed };
    else result.push({ text, changed });
  }
  return result;
}

/**
 * Which removed line became which added one, in rising order: the pairs that have the most words in common. Where there are too many
 * to compare, the first with the first if there are as many on both sides.
 */
export function pairLines(removed: readonly string[], added: readonly string[]): readonly (readonly [number, number])[] {
  if (removed.length * added.length > pairLimit)
    return removed.length === added.length ? removed.map((_, index) => [index, index]) : [];
  const [old, fresh] = [removed.map(solidWords), added.map(solidWords)];
  const value = (row: number, column: number): number => {
    const likeness = alike(old[row], fresh[column]);
    return likeness < leastCommon ? 0 : likeness;
  };
  return bestPath({ from: 0, to: old.length }, { from: 0, to: fresh.length }, value);
}

const solidWords = (line: string): readonly string[] => (wordsOf(line) ?? []).filter(isSolid).toSorted();

/** Share of the longer line's words that the other one has too. */
function alike(old: readonly string[] = [], fresh: readonly string[] = []): number {
  let common = 0;
  for (let row = 0, column = 0; row < old.length && column < fresh.length;) {
    const [left, right] = [old[row] ?? "", fresh[column] ?? ""];
    if (left === right) common++;
    if (left <= right) row++;
    if (left >= right) column++;
  }
  return common / Math.max(1, old.length, fresh.length);
}
