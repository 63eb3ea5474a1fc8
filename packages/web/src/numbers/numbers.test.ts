/** How the page counts, sorts, words and concludes: what a reader takes for true. */
import { type KpiSample, type TaskRecord, kpiDefinitions } from "@twolane/protocol/kpis";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binsOf, edgesOf } from "./bins.ts";
import { findingOf } from "./findings.ts";
import { amount, casesText, digits, missingText, range } from "./format.ts";
import { fewestTasks, outcomesOf, suggestMix } from "./outcomes.ts";
import { periodsOf } from "./periods.ts";
import { sidesOf } from "./sides.ts";

const spaced = (text: string): string => text.replaceAll("\u00a0", " ");
const firstToken = kpiDefinitions.find(({ kpi }) => kpi === "first-token")!;
const dimensions = { lane: "fast", model: "m", repository: "1" } as const;
const waits = (values: readonly number[], at = 0): KpiSample[] =>
  values.map((value) => ({ ...dimensions, kpi: "first-token", at, value }));

describe("amounts", () => {
  it.each([
    ["ms", 0.4, "0.4 ms"],
    ["ms", 412.3, "412 ms"],
    ["ms", 999.7, "1 s"],
    ["ms", 1900, "1.9 s"],
    ["s", 310, "5.2 min"],
    ["s", 0.05, "50 ms"],
    ["h", 4.6, "4.6 h"],
    ["h", 100, "4.2 d"],
    ["%", 66.2, "66 %"],
    ["per 100", 2.14, "2.1 per 100"],
    ["ms", -276, "−276 ms"],
  ] as const)("%s %d is %s", (unit, value, told) => expect(spaced(amount({ unit }, value))).toBe(told));

  it("say a unit once where both ends have it", () => {
    expect(spaced(range({ unit: "ms" }, [367, 411]))).toBe("367–411 ms");
    expect(spaced(range({ unit: "ms" }, [900, 1100]))).toBe("900 ms–1.1 s");
  });

  it("never have more than three digits that count below a thousand, and none that is NaN", () => {
    fc.assert(
      fc.property(fc.double({ min: -999, max: 999, noNaN: true }), (value) => {
        expect(digits(value)).toMatch(/^−?(\d{1,3}|\d\.\d)$/);
      }),
    );
  });
});

it("cases are told by what they are, and what is missing by why", () => {
  const figure = { kpi: "first-token", cases: 1, missing: { stopped: 2, clock: 1 }, isTooFew: true } as const;
  expect(casesText(firstToken, figure)).toBe("1 turn");
  expect(missingText(figure)).toBe("3 not in it: 2 stopped before it, 1 whose clock jumped");
  expect(findingOf(firstToken, { ...figure, median: 3 })).toBe(
    "Too few turns to say anything of others like them: 1, and it takes 6.",
  );
  expect(findingOf(firstToken, { ...figure, cases: 0 })).toBe("No turns yet, so there is nothing to tell.");
});

it("every value is in exactly one bin", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })), (values) => {
      const bins = binsOf(values);
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
      const edges = edgesOf(values);
      expect(edges.every((edge, index) => index === 0 || edge > edges[index - 1]!)).toBe(true);
    }),
  );
});

it("periods hold each sample once, by day or, over a longer time, by week", () => {
  const day = 24 * 60 * 60 * 1000;
  const over = (days: number): readonly KpiSample[] =>
    Array.from({ length: days }, (_, index) => waits([index + 1], index * day)).flat();
  expect(periodsOf(firstToken, over(1), "lane")).toBeUndefined();
  for (const [days, each] of [
    [20, "day"],
    [100, "week"],
  ] as const) {
    const periods = periodsOf(firstToken, over(days), "lane")!;
    expect(periods.each).toBe(each);
    expect(periods.series.get("fast")!.reduce((sum, { cases }) => sum + cases, 0)).toBe(days);
  }
});

describe("the suggested mix", () => {
  const tasks = (model: string, committed: number, of: number): readonly TaskRecord[] =>
    Array.from({ length: of }, (_, index) => ({
      ...{ ...dimensions, model, outcome: index < committed ? ("committed" as const) : ("abandoned" as const) },
      ...{ startedAt: 0, endedAt: 1, prompts: 1, steers: 0, takenBack: 0, hunks: [], commits: [] },
    }));
  const cost = (model: string, dollars: number, unpriced = 0) => ({
    ...{ day: "2026-01-01", lane: "fast" as const, model, project: "1", requests: 1, unpriced, unpricedTokens: unpriced },
    usage: { input: 1, cachedInput: 0, output: 1, reasoning: 0 },
    cost: { input: dollars, cachedInput: 0, output: 0 },
    ...{ estimated: 0, estimatedDollars: 0 },
  });
  const suggested = (group: Parameters<typeof outcomesOf>[0]) => suggestMix(outcomesOf(group))[0];

  it("needs two with enough cases", () => {
    const [one] = [suggested({ tasks: [...tasks("a", 15, fewestTasks), ...tasks("b", 15, fewestTasks - 1)], spend: [] })];
    expect(one?.choice).toBeUndefined();
    expect(one?.why).toContain("Only fast · a has at least 20 ended tasks");
  });

  it("is what is better beyond chance, whatever it costs", () => {
    const group = { tasks: [...tasks("a", 58, 60), ...tasks("b", 20, 60)], spend: [cost("a", 100), cost("b", 1)] };
    expect(suggested(group)).toMatchObject({ choice: { model: "a" }, isClear: true });
  });

  it("is the cheapest for each commit of those that chance does not tell apart", () => {
    const group = { tasks: [...tasks("a", 45, 60), ...tasks("b", 42, 60)], spend: [cost("a", 100), cost("b", 1)] };
    expect(suggested(group)?.choice).toMatchObject({ model: "b", dollarsPerCommit: 1 / 42 });
    expect(suggested(group)?.isClear).toBeUndefined();
  });

  it("asks no price of whom nobody knows one", () => {
    const group = { tasks: [...tasks("a", 45, 60), ...tasks("b", 42, 60)], spend: [cost("a", 100, 1), cost("b", 1)] };
    expect(suggested(group)).toMatchObject({ choice: { model: "a" }, why: expect.stringContaining("not every price is known") });
    expect(suggested(group)?.choice).not.toHaveProperty("dollars");
  });

  it("counts neither what is open nor what asked for no change", () => {
    const open = tasks("a", 0, 5).map((task) => ({ ...task, outcome: "open" as const }));
    const answered = tasks("a", 0, 5).map((task) => ({ ...task, outcome: "answered" as const }));
    expect(outcomesOf({ tasks: [...open, ...answered], spend: [] })).toEqual([]);
  });
});

describe("the conclusion", () => {
  const group = (name: string, values: readonly number[]) => ({ name, samples: waits(values), tasks: [], spend: [] });
  const spread = (from: number): readonly number[] => Array.from({ length: 40 }, (_, index) => from + index);
  const verdict = (before: readonly number[], after: readonly number[]): string =>
    sidesOf(group("before", before), group("pilot", after)).conclusion.verdict;

  it("says what is better, what is worse, and never what is the cause", () => {
    expect(verdict(spread(500), spread(100))).toMatch(
      /“pilot” was better than “before” in 1 of the 1 numbers.*is the cause.*cannot show/,
    );
    expect(verdict(spread(100), spread(500))).toMatch(/“pilot” was worse than “before” in 1 of the 1 numbers/);
  });

  it("says when nothing can be said", () => {
    expect(verdict(spread(100), spread(100))).toMatch(
      /^None of the 1 numbers that judge a pilot and have enough cases shows a difference\./,
    );
    expect(verdict([1, 2], spread(100))).toMatch(/^It cannot be said whether anything differs/);
  });
});
