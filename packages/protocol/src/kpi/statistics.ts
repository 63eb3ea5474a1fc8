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

/** Of so many hits of so many (Wilson). Neither needs to be whole. */
export function shareInterval(hits: number, of: number): Interval {
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * How many cases of one size tell as much as these of several: what is in one case lives and dies together, so that a large one weighs more
 * and says no more (Kish).
 */
export const effectiveCases = (sizes: readonly number[]): number => {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return (all * all) / sizes.reduce((sum, size) => sum + size * size, 0);
};

/** Of a count that may be more than one a case (Byar), for each case. */
export function rateInterval(count: number, of: number): Interval {
  const low = count === 0 ? 0 : count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3;
  const next = count + 1;
  const high = next * (1 - 1 / (9 * next) + z / (3 * Math.sqrt(next))) ** 3;
  return [Math.max(0, low) / of, high / of];
}

/** By how much the later values are greater (Hodges–Lehmann: the median of all differences between the two). Of sorted values. */
export function shiftOf(
  before: readonly number[],
  after: readonly number[],
): { readonly shift: number; readonly interval: Interval } {
  const [some, others] = [thinned(before), thinned(after)];
  const differences = new Float64Array(some.length * others.length);
  some.forEach((from, row) => others.forEach((to, column) => (differences[row * others.length + column] = to - from)));
  differences.sort();
  const pairs = before.length * after.length;
  const outside = Math.floor((fewestPairs(before.length, after.length) / pairs) * differences.length);
  const last = differences.length - 1;
  return {
    shift: (differences[Math.floor(last / 2)]! + differences[Math.ceil(last / 2)]!) / 2,
    interval: [differences[Math.max(0, outside - 1)]!, differences[Math.min(last, last - outside + 1)]!],
  };
}

/** Of more values their quantiles stand for them: a quarter of a million differences are looked at, whatever comes. */
const mostValues = 500;
const thinned = (sorted: readonly number[]): readonly number[] =>
  sorted.length <= mostValues
    ? sorted
    : Array.from({ length: mostValues }, (_, index) => sorted[Math.floor(((index + 0.5) * sorted.length) / mostValues)]!);

/** The greatest k with P(fewer than k of all pairs are the wrong way round, by chance alone) <= 2.5 %: Mann and Whitney's, exact for few. */
function fewestPairs(one: number, other: number): number {
  if (one + other > 50) {
    const pairs = one * other;
    return Math.max(0, Math.floor(pairs / 2 - z * Math.sqrt((pairs * (one + other + 1)) / 12)));
  }
  const ways = waysToOrder(one, other);
  const limit = 0.025 * ways.reduce((sum, count) => sum + count, 0);
  let [rank, sum] = [0, 0];
  while (rank < ways.length && (sum += ways[rank]!) <= limit) rank++;
  return rank;
}

/** In how many orders of so many and so many others u pairs are the wrong way round, for each u (a Gaussian binomial). */
function waysToOrder(one: number, other: number): readonly number[] {
  const ways = [1, ...Array.from({ length: one * other }, () => 0)];
  for (let size = 1; size <= one; size++) {
    for (let u = ways.length - 1; u >= other + size; u--) ways[u]! -= ways[u - other - size]!;
    for (let u = size; u < ways.length; u++) ways[u]! += ways[u - size]!;
  }
  return ways;
}

export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** Of two shares or rates from their own intervals (Newcombe's way, which holds for any two). */
export function differenceInterval(before: Estimate, after: Estimate): Interval {
  const reach = (down: Estimate, up: Estimate): number => Math.hypot(down.value - down.interval[0], up.interval[1] - up.value);
  const difference = after.value - before.value;
  return [difference - reach(after, before), difference + reach(before, after)];
}
