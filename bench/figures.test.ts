import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Estimate, type Row, estimateOf, figuresOf, ratioOf } from "./figures.ts";
import { cellsOf, markdownTable } from "./table.ts";
import { readWish } from "./wish.ts";

const row = (ours: readonly number[], more: Partial<Row> = {}): Row => ({ what: "x", unit: "ms", ours, ...more });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const times = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 60 });

describe("medians", () => {
  test("the interval is that of the order of the samples: of 30 the 10th to the 21st", () => {
    expect(estimateOf(upTo(30).toReversed(), "ms")).toEqual({ value: 15.5, low: 10, high: 21 });
  });

  test("five samples have a median and no interval; what is counted needs only one", () => {
    expect(estimateOf(upTo(5), "ms")).toEqual({ value: 3 });
    expect(estimateOf([7], "KB")).toEqual({ value: 7, low: 7, high: 7 });
  });

  test("a ratio lies within its interval, and turned round it is the inverse", () => {
    fc.assert(
      fc.property(times, times, (some, others) => {
        const [one, other] = [estimateOf(some, "ms"), estimateOf(others, "ms")];
        const [there, back] = [ratioOf(one, other), ratioOf(other, one)];
        expect(there.low).toBeLessThanOrEqual(there.value * (1 + 1e-9));
        expect(there.high).toBeGreaterThanOrEqual(there.value * (1 - 1e-9));
        expect(back.low! * there.high!).toBeCloseTo(1, 6);
      }),
    );
  });

  test("a ratio is no surer than the less sure of its two sides", () => {
    const sure: Estimate = { value: 10, low: 10, high: 10 };
    expect(ratioOf({ value: 20, low: 10, high: 40 }, sure)).toEqual({
      value: 2,
      low: expect.closeTo(1, 6),
      high: expect.closeTo(4, 6),
    });
    expect(ratioOf({ value: 1, low: -1, high: 2 }, sure)).toEqual({ value: 0.1 });
  });
});

describe("budgets", () => {
  test("hold at the limit and are missed above it, by the median, the worst and the floor", () => {
    const held = (more: Partial<Row>): boolean | undefined => figuresOf(row([1, 2, 3], more)).budget?.holds;
    expect([held({ budget: 2 }), held({ budget: 1.9 })]).toEqual([true, false]);
    expect([held({ worst: 3 }), held({ worst: 2.9 })]).toEqual([true, false]);
    expect([held({ timesFloor: 2, floor: [1] }), held({ timesFloor: 1.9, floor: [1] })]).toEqual([true, false]);
    expect([held({ budget: 2, higherIsBetter: true }), held({ budget: 2.1, higherIsBetter: true })]).toEqual([true, false]);
    expect(held({})).toBeUndefined();
  });

  test("are longer where the floor takes longer, and never shorter", () => {
    const held = (floor: number, budget: number): boolean | undefined =>
      figuresOf(row([1, 2, 3], { budget, setAtFloor: 10, floor: [floor] })).budget?.holds;
    expect([held(20, 1), held(20, 0.9), held(5, 2), held(5, 1.9)]).toEqual([true, false, true, false]);
    expect(figuresOf(row([1], { budget: 80, setAtFloor: 40, floor: [90] })).budget?.text).toBe("80.0 at 40.0");
  });

  test("what was not measured does not hold", () => {
    expect(figuresOf(row([], { budget: 2 })).budget?.holds).toBe(false);
    expect(figuresOf(row([Number.NaN], { budget: 2 })).budget?.holds).toBe(false);
  });

  test("of a rate the low end is the bad one", () => {
    expect(figuresOf(row(upTo(100), { higherIsBetter: true }))).toMatchObject({ worst: 1, p95: expect.closeTo(5.95, 6) });
  });
});

test("the table shows medians, interval, ratio, budget and verdict", () => {
  const figures = figuresOf(row(upTo(30), { floor: upTo(40), budget: 15 }));
  expect(cellsOf({ ...figures, verdict: "alike" })).toEqual([
    ...["x", "ms", "15.5", "10.0–21.0", "28.5", "30.0", "20.5"],
    ...["0.76 ×", "15.0", "MISSED", "alike", "30"],
  ]);
  expect(cellsOf({ ...figuresOf(row([1])), verdict: "new" }).join()).toBe("x,ms,1.00,–,1.00,1.00,–,–,–,,new,1");
});

test("a bar in a cell does not end it", () => {
  expect(markdownTable(["a", "b"], [["x|y", "1"]])).toBe("| a | b |\n| --- | ---: |\n| x\\|y | 1 |");
});

describe("what was asked for", () => {
  const wish = (args: readonly string[], env = {}) => readWish(args, ["wires", "pipe"], env);
  test("sections, files and samples", () => {
    expect(wish(["wires", "--json", "a", "--markdown", "b", "--save"], { BENCH_SAMPLES: "7" })).toEqual({
      ...{ sections: ["wires"], samples: 7, json: "a", markdown: "b", save: true },
    });
    expect(wish([])).toMatchObject({ sections: [], samples: 30, save: false });
  });

  test.each([
    [["wire"], {}, "there is no section wire; there are wires, pipe"],
    [["pipe", "wires"], {}, "ask for it alone"],
    [["pipe", "--save"], {}, "has no baseline"],
    [["--jsn", "x"], {}, "Unknown option '--jsn'"],
    [["--json"], {}, "argument missing"],
    [[], { BENCH_SAMPLES: "many" }, "BENCH_SAMPLES"],
    [[], { BENCH_SAMPLES: "0" }, "BENCH_SAMPLES"],
  ])("%j %j is told to be wrong", (args, env, said) => {
    expect(wish(args, env)).toContain(said);
  });
});
