/** Two sets of samples side by side: what is concluded, and what is not. */
import {
  type KpiComparison,
  type KpiName,
  type KpiSample,
  compareKpis,
  comparisonOf,
  kpiDefinitions,
} from "@twolane/protocol/kpis";
import { describe, expect, it } from "vitest";
import { seeded } from "./random.ts";

const common = { lane: "fast", model: "acme/quick", repository: "/shop", at: 0 } as const;
const times = (kpi: KpiName, values: readonly number[]): KpiSample[] => values.map((value) => ({ ...common, kpi, value }));
const share = (kpi: KpiName, hits: number, of: number): KpiSample[] =>
  Array.from({ length: of }, (_, index) => ({ ...common, kpi, hits: index < hits ? 1 : 0, of: 1 }));
const missing = (kpi: KpiName, count: number): KpiSample[] =>
  Array.from({ length: count }, () => ({ ...common, kpi, missing: "stopped" }));
const definitionOf = (kpi: KpiName) => kpiDefinitions.find((definition) => definition.kpi === kpi)!;
const compared = (kpi: KpiName, before: readonly KpiSample[], after: readonly KpiSample[]): KpiComparison =>
  comparisonOf(definitionOf(kpi), before, after);

const random = seeded(11);
const drawn = (count: number, add: number): number[] => Array.from({ length: count }, () => add + 1000 * random.exponential());

describe("a comparison", () => {
  it("of too few cases says so and nothing else", () => {
    const { difference, interval, ...told } = compared(
      "accepted-commit",
      times("accepted-commit", [1, 2, 3, 4]),
      times("accepted-commit", drawn(11, 0)),
    );
    expect([difference, interval]).toEqual([undefined, undefined]);
    expect(told).toMatchObject({ finding: "too-few", sentence: "Too few accepted tasks to tell: 4 and 11." });
    expect(compared("one-loop", [], []).sentence).toBe("Too few accepted tasks to tell: 0 and 0.");
  });

  it("of durations tells the shift, with its interval, in a unit that can be read", () => {
    const told = compared("first-token", times("first-token", drawn(60, 4000)), times("first-token", drawn(50, 500)));
    expect(told.finding).toBe("better");
    expect(told.difference).toBeCloseTo(-3500, -3);
    expect(told.interval![0]).toBeLessThan(-3500);
    expect(told.interval![1]).toBeGreaterThan(-3500);
    expect(told.sentence).toMatch(/^Faster by 3\.\d s \(3\.\d–3\.\d\); 60 and 50 turns\.$/);
    expect(compared("stop", times("stop", [1, 2, 3, 4, 5, 6]), times("stop", [41, 42, 43, 44, 45, 46])).sentence).toBe(
      "Slower by 40 ms (37–43); 6 and 6 stops.",
    );
  });

  it("that shows nothing says how much there may still be", () => {
    const told = compared(
      "accepted-commit",
      times("accepted-commit", [1, 2, 3, 4, 5, 6, 7, 8]),
      times("accepted-commit", [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]),
    );
    expect(told.finding).toBe("alike");
    expect(told.sentence).toMatch(
      /^No difference that 8 and 6 accepted tasks could show: it lies between \d\.\d s faster and \d\.\d s slower\.$/,
    );
  });

  it("of shares is in points, and says which way is the better one", () => {
    expect(compared("one-loop", share("one-loop", 48, 80), share("one-loop", 56, 70)).sentence).toBe(
      "Higher by 20 points (5.2–33), which is better; 80 and 70 accepted tasks.",
    );
    expect(compared("lines-edited", share("lines-edited", 48, 80), share("lines-edited", 56, 70)).finding).toBe("worse");
    expect(compared("one-loop", share("one-loop", 5, 10), share("one-loop", 5, 10)).finding).toBe("alike");
  });

  it("of rates is per 100", () => {
    const fixes = (counts: readonly number[]): KpiSample[] => counts.map((hits) => ({ ...common, kpi: "fixes", hits, of: 1 }));
    const told = compared(
      "fixes",
      fixes([...Array<number>(20).fill(2), ...Array<number>(20).fill(0)]),
      fixes(Array<number>(40).fill(0)),
    );
    expect(told).toMatchObject({ finding: "better", difference: -100 });
    expect(told.sentence).toMatch(/^Lower by 100 per 100 \(\d+–\d+\), which is better; 40 and 40 accepted commits\.$/);
  });

  it("says when much was not measured", () => {
    const after = [...times("first-token", drawn(10, 0)), ...missing("first-token", 5)];
    expect(compared("first-token", times("first-token", drawn(10, 0)), after).sentence).toMatch(
      / Not measured: 0 of 10 and 5 of 15\.$/,
    );
  });

  it("has the same interval whichever way round, and is the same for any order of samples", () => {
    const [before, after] = [times("stop", drawn(20, 0)), times("stop", drawn(30, 300))];
    const there = compared("stop", before, after);
    const back = compared("stop", after, before);
    expect(back.interval).toEqual(there.interval!.map((bound) => -bound).toReversed());
    expect(compared("stop", before.toReversed(), after.toReversed())).toEqual(there);
  });

  it("is there for each KPI, in the order of the table", () => {
    expect(compareKpis(kpiDefinitions, [], []).map(({ kpi }) => kpi)).toEqual(kpiDefinitions.map(({ kpi }) => kpi));
  });
});
