/** Intervals against values from tables, and whether they hold the truth as often as they say, in drawn samples. */
import {
  type Interval,
  differenceInterval,
  effectiveCases,
  meanOf,
  medianInterval,
  medianOf,
  quantileOf,
  rateInterval,
  shareInterval,
  shiftOf,
} from "@twolane/protocol/kpis";
import { describe, expect, it } from "vitest";
import { type Random, seeded } from "./random.ts";

const ranks = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("against tables", () => {
  it("medians, means, quantiles", () => {
    expect([medianOf([1, 2, 9]), medianOf([1, 2, 4, 9]), meanOf([1, 2, 9]), quantileOf(ranks(100), 0.95)]).toEqual([2, 3, 4, 95]);
    expect([quantileOf([7], 0.95), quantileOf(ranks(20), 0.95)]).toEqual([7, 19]);
  });

  // Ranks of the sign test's interval.
  it.each([
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [12, 3, 10],
    [20, 6, 15],
    [25, 8, 18],
    [50, 18, 33],
    [100, 40, 61],
    [10_000, 4902, 5099],
  ])("the median of %i values lies between the values of ranks %i and %i", (count, low, high) => {
    expect(medianInterval(ranks(count))).toEqual([low, high]);
  });

  it("no interval of a median with fewer than six", () => expect(medianInterval(ranks(5))).toBeUndefined());

  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
    [1, 29, 0.0061, 0.1718],
    [29, 29, 0.883, 1],
  ])("%i hits of %i (Wilson)", (hits, of, low, high) => near(shareInterval(hits, of), low, high, 4));

  it.each([
    [0, 0, 3.668],
    [3, 0.6027, 8.7656],
    [10, 4.7891, 18.3905],
    [100, 81.3594, 121.6269],
  ])("a count of %i (Byar)", (count, low, high) => near(rateInterval(count, 1), low, high, 2));

  it("a difference of two shares (Newcombe's worked example: 56 of 70 and 48 of 80)", () => {
    const estimate = (hits: number, of: number) => ({ value: hits / of, interval: shareInterval(hits, of) });
    near(differenceInterval(estimate(48, 80), estimate(56, 70)), 0.0524, 0.3339, 4);
    near(differenceInterval(estimate(56, 70), estimate(48, 80)), -0.3339, -0.0524, 4);
  });

  it("a shift of few values, by exact ranks", () => {
    // 36 differences; Mann and Whitney's table says 5 for 6 and 6 at 2.5 % a side, so that the 6th from either end counts.
    const { shift, interval } = shiftOf([0, 1, 2, 3, 4, 5], [100, 200, 300, 400, 500, 600]);
    const all = [0, 1, 2, 3, 4, 5].flatMap((from) => [100, 200, 300, 400, 500, 600].map((to) => to - from)).sort((a, b) => a - b);
    expect(shift).toBe((all[17]! + all[18]!) / 2);
    expect(interval).toEqual([all[5], all[30]]);
  });

  it("a shift of many values is that of all of them, in little time", () => {
    const random = seeded(5);
    const draw = (add: number): number[] =>
      Array.from({ length: 40_000 }, () => random.exponential() + add).sort((a, b) => a - b);
    const { shift, interval } = shiftOf(draw(0), draw(0.25));
    expect(shift).toBeCloseTo(0.25, 1);
    expect(interval[0]).toBeLessThan(0.25);
    expect(interval[1]).toBeGreaterThan(0.25);
    expect(interval[1] - interval[0]).toBeLessThan(0.05);
  });

  it("large cases say no more than small ones", () => {
    expect(effectiveCases([1, 1, 1, 1])).toBe(4);
    expect(effectiveCases([7, 7, 7])).toBeCloseTo(3, 9);
    expect(effectiveCases([100, 1, 1])).toBeLessThan(1.1);
  });
});

function near([low, high]: Interval, wantedLow: number, wantedHigh: number, digits: number): void {
  expect(low).toBeCloseTo(wantedLow, digits);
  expect(high).toBeCloseTo(wantedHigh, digits);
}

/** How often intervals of drawn samples hold the truth. */
function coverage(truth: number, draw: (random: Random) => Interval): number {
  const random = seeded(20_260_107);
  const times = 2000;
  let held = 0;
  for (let time = 0; time < times; time++) {
    const [low, high] = draw(random);
    if (low <= truth && truth <= high) held++;
  }
  return held / times;
}

const sorted = (count: number, draw: () => number): number[] =>
  Array.from({ length: count }, draw).sort((one, other) => one - other);
const hitsOf = (random: Random, of: number, share: number): number =>
  sorted(of, () => Number(random.next() < share)).reduce((sum, one) => sum + one, 0);

/** 95 % less what 2,000 draws may be off by. */
const asSaid = 0.94;

describe("as often as they say", () => {
  it.each([6, 11, 40, 200])("the median of %i values with a long tail", (count) => {
    const draw = (random: Random): Interval => medianInterval(sorted(count, random.exponential))!;
    expect(coverage(Math.LN2, draw)).toBeGreaterThan(asSaid);
  });

  it.each([
    [10, 0.5],
    [30, 0.3],
    [30, 0.9],
    [200, 0.97],
  ])("a share of %i, near %f", (of, share) => {
    // Wilson's is right on average and may be a little below for one share.
    expect(coverage(share, (random) => shareInterval(hitsOf(random, of, share), of))).toBeGreaterThan(0.92);
  });

  it("a share of lines, where hunks of very different sizes are taken whole or not at all", () => {
    const draw = (random: Random): Interval => {
      const sizes = Array.from({ length: 60 }, () => 1 + Math.floor(20 * random.exponential()));
      const taken = sizes.map((size) => (random.next() < 0.7 ? size : 0));
      const [hits, of] = [taken, sizes].map((list) => list.reduce((sum, size) => sum + size, 0)) as [number, number];
      const cases = effectiveCases(sizes);
      return shareInterval((hits / of) * cases, cases);
    };
    expect(coverage(0.7, draw)).toBeGreaterThan(0.93);
  });

  it.each([0.5, 4, 30])("a count of %f", (mean) => {
    expect(coverage(mean, (random) => rateInterval(random.poisson(mean), 1))).toBeGreaterThan(asSaid);
  });

  it.each([
    [6, 6],
    [8, 30],
    [60, 40],
  ])("a shift between %i and %i values with a long tail", (before, after) => {
    const draw = (random: Random): Interval =>
      shiftOf(
        sorted(before, random.exponential),
        sorted(after, () => random.exponential() + 2),
      ).interval;
    expect(coverage(2, draw)).toBeGreaterThan(asSaid);
  });

  it("a shift where both are thinned", () => {
    const random = seeded(3);
    const draw = (): Interval =>
      shiftOf(
        sorted(1500, random.normal),
        sorted(900, () => random.normal() + 1),
      ).interval;
    const held = Array.from({ length: 40 }, draw).filter(([low, high]) => low <= 1 && 1 <= high).length;
    expect(held).toBeGreaterThanOrEqual(34);
  });

  it("a difference of two shares, and of two rates", () => {
    const share = (random: Random, of: number, truth: number) => {
      const hits = hitsOf(random, of, truth);
      return { value: hits / of, interval: shareInterval(hits, of) };
    };
    expect(coverage(0.2, (random) => differenceInterval(share(random, 40, 0.6), share(random, 50, 0.8)))).toBeGreaterThan(0.93);
    const rate = (random: Random, of: number, truth: number) => {
      const count = random.poisson(of * truth);
      return { value: count / of, interval: rateInterval(count, of) };
    };
    expect(coverage(-0.1, (random) => differenceInterval(rate(random, 40, 0.2), rate(random, 60, 0.1)))).toBeGreaterThan(0.93);
  });
});
