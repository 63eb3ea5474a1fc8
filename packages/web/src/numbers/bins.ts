/** Values → counted bins, by steps of equal ratio: durations differ by factors, not by milliseconds. Pure. */

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Each bin is this many times as wide as the one before it: ten to a factor of ten. */
const ratio = 10 ** (1 / 10);

/** Nothing that is measured here is less, in any unit; what claims to be is counted with it. */
const least = 1e-6;

/** What bins all of `values` need, lowest first; none without values. Zero is counted with the lowest. */
export function binsOf(values: readonly number[], edges: readonly number[] = edgesOf(values)): readonly Bin[] {
  return edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1]!;
    const isFirst = index === 0;
    const isLast = index === edges.length - 2;
    const isIn = (value: number): boolean => (isFirst || value >= from) && (isLast || value < to);
    return { from, to, count: values.filter(isIn).length };
  });
}

/** The same edges for whatever is compared. */
export function edgesOf(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return values.length === 0 ? [] : [0, 1];
  const low = Math.floor(
    steps(
      Math.max(
        least,
        positive.reduce((one, other) => Math.min(one, other)),
      ),
    ),
  );
  const high = Math.floor(steps(positive.reduce((one, other) => Math.max(one, other), least))) + 1;
  return Array.from({ length: high - low + 1 }, (_, index) => ratio ** (low + index));
}

// A power of the ratio itself must not fall into the bin below it.
const steps = (value: number): number => Math.log(value) / Math.log(ratio) + 1e-9;
