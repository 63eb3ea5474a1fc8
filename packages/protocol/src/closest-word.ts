/** A word that was typed nearly right. Pure. */

/** Undefined where none is near, or the word itself is one of them. */
export function closestWord(typed: string, words: readonly string[]): string | undefined {
  const near = words.map((word) => ({ word, away: distance(typed, word) })).toSorted((a, b) => a.away - b.away)[0];
  return near !== undefined && near.away > 0 && near.away <= (typed.length > 4 ? 2 : 1) && typed.length > 2
    ? near.word
    : undefined;
}

/** Letters to add, leave out, change or swap with the next. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[one.length]?.[other.length] ?? 0;
}
