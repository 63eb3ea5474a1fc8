/** Which words of a line changed. Pure; bounded: lines that have little in common, or very long ones, are not marked at all. */

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
const wordLimit = 300;
/** Less than this share of the words in common: two different lines. */
const leastCommon = 0.35;

const nothing: ChangedWords = { before: [], after: [] };

export function changedWords(before: string, after: string): ChangedWords {
  const old = before.match(word) ?? [];
  const fresh = after.match(word) ?? [];
  if (old.length > wordLimit || fresh.length > wordLimit || before === after) return nothing;
  const kept = commonWords(old, fresh);
  const solid = (words: readonly string[], at: ReadonlySet<number>): number =>
    words.filter((text, index) => at.has(index) && text.trim() !== "").length;
  const longest = Math.max(old.filter((text) => text.trim() !== "").length, fresh.filter((text) => text.trim() !== "").length);
  if (longest === 0 || solid(old, kept.old) / longest < leastCommon) return nothing;
  return { before: parts(old, kept.old), after: parts(fresh, kept.fresh) };
}

/** The longest common subsequence: places in both lists. */
function commonWords(old: readonly string[], fresh: readonly string[]): { old: Set<number>; fresh: Set<number> } {
  const columns = fresh.length + 1;
  const lengths = new Uint16Array((old.length + 1) * columns);
  const at = (row: number, column: number): number => lengths[row * columns + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = fresh.length - 1; column >= 0; column--) {
      const same = old[row] === fresh[column];
      lengths[row * columns + column] = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const common = { old: new Set<number>(), fresh: new Set<number>() };
  for (let row = 0, column = 0; row < old.length && column < fresh.length;) {
    if (old[row] === fresh[column]) {
      common.old.add(row++);
      common.fresh.add(column++);
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return common;
}

/** Neighbours of one kind together; blanks between two changed words count as changed. */
function parts(words: readonly string[], kept: ReadonlySet<number>): WordPart[] {
  const result: WordPart[] = [];
  for (const [index, text] of words.entries()) {
    const between = text.trim() === "" && index > 0 && index < words.length - 1 && !kept.has(index - 1) && !kept.has(index + 1);
    const changed = !kept.has(index) || between;
    const last = result.at(-1);
    if (last?.changed === changed) result[result.length - 1] = { text: last.text + text, changed };
    else result.push({ text, changed });
  }
  return result;
}
