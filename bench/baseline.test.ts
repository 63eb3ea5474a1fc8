import { describe, expect, test } from "vitest";
import { type Baselines, compare, readBaselines, verdictOf } from "./baseline.ts";
import { type Figures, figuresOf } from "./figures.ts";

/** 30 samples around a median, 2 % wide. */
const around = (middle: number, count = 30): number[] =>
  Array.from({ length: count }, (_, at) => middle * (0.99 + (0.02 * at) / (count - 1)));

const measured = (ours: readonly number[], floor?: readonly number[], unit = "ms"): Figures =>
  figuresOf({ what: "x", unit, ours, ...(floor && { floor }) });

describe("a difference counts", () => {
  test("when its interval lies beyond 10 % and 0.3 ms, either way", () => {
    const before = measured(around(10), around(5));
    expect(compare(measured(around(12), around(5)), before)).toBe("worse");
    expect(compare(measured(around(8), around(5)), before)).toBe("better");
    expect(compare(measured(around(10.9), around(5)), before)).toBe("alike");
    // The median is beyond 10 %, its interval is not.
    expect(compare(measured(around(11.04), around(5)), before)).toBe("alike");
  });

  test("not below 0.3 ms, whatever its share", () => {
    expect(compare(measured(around(0.4), around(0.1)), measured(around(0.2), around(0.1)))).toBe("alike");
    expect(compare(measured(around(0.8), around(0.1)), measured(around(0.2), around(0.1)))).toBe("worse");
  });

  test("by its ratio: on a machine twice as slow all is as before", () => {
    expect(compare(measured(around(20), around(10)), measured(around(10), around(5)))).toBe("alike");
    expect(compare(measured(around(20), around(5)), measured(around(20), around(10)))).toBe("worse");
  });

  test("of a rate the other way round", () => {
    const rate = (middle: number): Figures => figuresOf({ what: "x", unit: "%", ours: around(middle), higherIsBetter: true });
    expect(compare(rate(50), rate(80))).toBe("worse");
    expect(compare(rate(80), rate(50))).toBe("better");
  });

  test("never with fewer than 30 samples on a side, except of what is counted", () => {
    const before = measured(around(10), around(5));
    expect(compare(measured(around(99, 29), around(5)), before)).toBe("too few");
    expect(compare(measured(around(99), around(5, 29)), before)).toBe("too few");
    expect(compare(measured([120], [10], "KB"), measured([100], [10], "KB"))).toBe("worse");
    expect(compare(measured([105], [10], "KB"), measured([100], [10], "KB"))).toBe("alike");
  });
});

describe("baselines", () => {
  const kept = (row: Figures): Baselines[string] => ({
    measured: { day: "2026-01-01", node: "v20.0.0", takenByOthers: 0 },
    rows: { x: row },
  });

  test("the own class of machine comes first; from another one only ratios are taken", () => {
    const baselines = { here: kept(measured(around(10), around(5))), there: kept(measured(around(1), around(5))) };
    const now = measured(around(10), around(5));
    expect(verdictOf(now, baselines, "here")).toBe("alike");
    expect(verdictOf(now, { there: baselines.there }, "here")).toBe("worse");
    expect(verdictOf(measured(around(10)), { there: kept(measured(around(1))) }, "here")).toBe("new");
    expect(verdictOf(now, {}, "here")).toBe("new");
  });

  test("the one of the repository can be read", () => {
    for (const { measured: about, rows } of Object.values(readBaselines())) {
      expect(about.day).toMatch(/^\d{4}-\d\d-\d\d$/);
      for (const { ours, n } of Object.values(rows)) expect([typeof ours.value, typeof n]).toEqual(["number", "number"]);
    }
  });
});
