/** The few statistics that are told: each with an interval, or not at all. All intervals are of 95 %. Pure. */

export type Interval = readonly [low: number, high: number];

/** With fewer values no interval of a median exists. */
export const fewestValues = 6;

const z = 1.959964;

export const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of sorted values. */
export function medianOf(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value that a share of the sorted values does not go beyond (nearest rank). */
export const quantileOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;

/** Between which of the sorted values the median lies: exact, by counting heads and tails, so that no shape is assumed. */
export function medianInterval(sorted: readonly number[]): Interval | undefined {
  const count = sorted.length;
  if (count < fewestValues) return undefined;
  // The greatest rank k with P(fewer than k heads of `count`) <= 2.5 %.
  let [rank, term, sum] = [0, -count * Math.LN2, 0];
  while (rank < count) {
    sum += Math.exp(term);
    if (sum > 0.025) break;
    term += Math.log((count - rank) / (rank + 1));
    rank++;
  }
  return [sorted[Math.max(0, rank - 1)]!, sorted[count - Math.max(1, rank)]!];
}

/** Of so many hits of so many (Wilson). */
export function shareInterval(hits: number, of: number): Interval {
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Of a count that may be more than one a case (Byar), for each case. */
export function rateInterval(count: number, of: number): Interval {
  const low = count === 0 ? 0 : count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3;
  const next = count + 1;
  const high = next * (1 - 1 / (9 * next) + z / (3 * Math.sqrt(next))) ** 3;
  return [Math.max(0, low) / of, high / of];
}
