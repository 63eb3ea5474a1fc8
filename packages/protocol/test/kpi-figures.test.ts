/** Samples → what is told of them. */
import {
  type KpiFigure,
  type KpiName,
  type KpiSample,
  figureOf,
  figuresBy,
  kpiDefinitions,
  kpiNames,
} from "@twolane/protocol/kpis";
import { describe, expect, it } from "vitest";

const common = { lane: "fast", model: "acme/quick", repository: "/shop", at: Date.UTC(2026, 0, 7, 12) } as const;
const figure = (kpi: KpiName, samples: readonly KpiSample[]): KpiFigure =>
  figureOf(
    kpiDefinitions.find((definition) => definition.kpi === kpi)!,
    samples,
  );
const times = (...values: readonly number[]): KpiSample[] => values.map((value) => ({ ...common, kpi: "stop", value }));
const parts = (hits: number, of: number): KpiSample => ({ ...common, kpi: "lines-accepted", hits, of });

it("every KPI has one definition, and every sentence an end", () => {
  expect(kpiDefinitions.map(({ kpi }) => kpi).toSorted()).toEqual(kpiNames.toSorted());
  for (const { definition, title, cases } of kpiDefinitions) {
    expect(definition).toMatch(/\.$/);
    expect(title.length * cases.length).toBeGreaterThan(0);
  }
});

describe("a duration", () => {
  it("is a median beside its mean, with an interval from six on and a p95 from twenty on", () => {
    expect(figure("stop", [])).toEqual({ kpi: "stop", missing: {}, cases: 0, isTooFew: true });
    expect(figure("stop", times(30, 1, 2, 3, 4))).toEqual({
      kpi: "stop",
      missing: {},
      cases: 5,
      isTooFew: true,
      median: 3,
      mean: 8,
    });
    expect(figure("stop", times(30, 1, 2, 3, 4, 5))).toMatchObject({ cases: 6, isTooFew: false, median: 3.5, interval: [1, 30] });
    const twenty = figure("stop", times(...Array.from({ length: 20 }, (_, index) => index + 1)));
    expect(twenty).toMatchObject({ median: 10.5, mean: 10.5, p95: 19, interval: [6, 15] });
    expect(figure("stop", times(...Array.from({ length: 19 }, (_, index) => index)))).not.toHaveProperty("p95");
  });

  it("says what was not measured, and why", () => {
    const missing = (["clock", "crashed", "clock"] as const).map((why) => ({ ...common, kpi: "stop" as const, missing: why }));
    expect(figure("stop", [...times(1), ...missing])).toMatchObject({ cases: 1, missing: { clock: 2, crashed: 1 } });
  });

  it("has its parts with the cases in which they were measured", () => {
    const sample = (value: number, some: Readonly<Record<string, number>>): KpiSample => ({
      ...common,
      kpi: "correction",
      value,
      parts: some,
    });
    const told = figure("correction", [sample(9, { person: 4, system: 5 }), sample(7, { system: 7 }), sample(1, { system: 1 })]);
    expect(told.parts).toEqual({ person: { median: 4, cases: 1 }, system: { median: 5, cases: 3 } });
  });
});

describe("a share", () => {
  it("is of all lines, and its interval of as many cases as they tell", () => {
    const even = figure("lines-accepted", [
      ...Array<KpiSample>(7).fill(parts(10, 10)),
      ...Array<KpiSample>(3).fill(parts(0, 10)),
    ]);
    expect(even).toMatchObject({ cases: 10, hits: 70, of: 100, share: 70, isTooFew: false });
    // Wilson's of 7 of 10, not of 70 of 100.
    expect(even.interval![0]).toBeCloseTo(39.68, 1);
    expect(even.interval![1]).toBeCloseTo(89.22, 1);
    const uneven = figure("lines-accepted", [parts(300, 300), ...Array<KpiSample>(9).fill(parts(0, 1))]);
    expect(uneven.interval![0]).toBeLessThan(25);
  });

  it("of nothing is none", () => {
    expect(figure("lines-accepted", [parts(0, 0)])).toEqual({ kpi: "lines-accepted", missing: {}, cases: 1, isTooFew: true });
  });

  it("of counts may be more than one a case", () => {
    const fixes = Array<KpiSample>(10).fill({ ...common, kpi: "fixes", hits: 2, of: 1 });
    const told = figure("fixes", fixes);
    expect(told).toMatchObject({ share: 200, hits: 20, of: 10 });
    expect(told.interval![0]).toBeCloseTo(122.1, 0);
    expect(told.interval![1]).toBeCloseTo(308.9, 0);
  });
});

describe("groups", () => {
  it("are by name, each with every KPI in the table's order", () => {
    const samples: KpiSample[] = [...times(1), { ...common, kpi: "stop", value: 2, lane: "deep", workflow: "refactor" }];
    const groups = figuresBy(kpiDefinitions, samples, "lane");
    expect([...groups.keys()]).toEqual(["deep", "fast"]);
    expect(groups.get("deep")?.map(({ kpi }) => kpi)).toEqual(kpiDefinitions.map(({ kpi }) => kpi));
    expect([...figuresBy(kpiDefinitions, samples, "workflow").keys()]).toEqual(["none", "refactor"]);
    expect([...figuresBy(kpiDefinitions, samples, "day").keys()]).toHaveLength(1);
  });

  it("may be very large", () => {
    const many = Array.from({ length: 50_000 }, (_, value): KpiSample => ({ ...common, kpi: "stop", value }));
    expect(
      figuresBy(kpiDefinitions, many, "model")
        .get("acme/quick")
        ?.find(({ kpi }) => kpi === "stop")?.cases,
    ).toBe(50_000);
  });
});
