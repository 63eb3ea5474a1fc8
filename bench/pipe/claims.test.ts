import { describe, expect, test } from "vitest";
import { cellsOf, comparisonOf, sentencesOf, tableOf } from "./claims.ts";
import type { Way } from "./samples.ts";

/** 30 samples around a median, 2 % wide. */
const around = (middle: number, count = 30): number[] =>
  Array.from({ length: count }, (_, at) => middle * (0.99 + (0.02 * at) / (count - 1)));
const values = (websocket: number, kept: number, single: number, count = 30): Record<Way, number[]> => ({
  websocket: around(websocket, count),
  kept: around(kept),
  single: around(single),
});
const about = { line: "40 ms", what: "overhead", unit: "ms", claim: "round" } as const;
const found = (websocket: number, other: number, count = 30): string | undefined =>
  comparisonOf({ ...about, values: values(websocket, other, other, count) }).against.kept.finding;

describe("a claim of 80 % less", () => {
  test("is seen where the whole interval is at it or beyond", () => {
    expect(found(19, 100)).toBe("seen");
    expect(found(20.1, 100)).toBe("less than claimed");
  });

  test("is not seen where the difference does not count: 10 % and 0.3 ms", () => {
    expect(found(50, 100)).toBe("less than claimed");
    expect(found(95, 100)).toBe("no difference that counts");
    expect(found(0.1, 0.35)).toBe("no difference that counts");
    expect(found(100, 50)).toBe("the other way round");
  });

  test("is not judged by fewer than 30 samples", () => {
    expect(found(1, 100, 29)).toBe("too few samples");
  });
});

test("a machine that is slow now and then is so for both of a pair, and hides no difference", () => {
  const slow = Array.from({ length: 30 }, (_, at) => 10 * (1 + (at % 5)));
  const half = slow.map((value) => value / 2);
  const { more, finding } = comparisonOf({ ...about, values: { websocket: half, kept: slow, single: slow } }).against.kept;
  expect([more, finding]).toEqual([{ value: 0.5, low: 0.5, high: 0.5 }, "less than claimed"]);
});

test("rows that nobody claims anything of are told without a finding", () => {
  const { claim: _, ...unclaimed } = about;
  const lag = comparisonOf({ ...unclaimed, values: values(1, 2, 4) });
  expect(lag.against.kept.finding).toBeUndefined();
  expect(cellsOf(lag).slice(-4)).toEqual(["–", "–", "–", "30"]);
  const bytes = comparisonOf({ ...unclaimed, unit: "KB", values: { websocket: [1], kept: [4], single: [10] } });
  expect(cellsOf(bytes)).toEqual([
    ...["40 ms: overhead", "KB", "1.00", "4.00", "10.0"],
    ...["−75 % (−75 % to −75 %)", "−90 % (−90 % to −90 %)", "–", "1"],
  ]);
});

test("each claim has a sentence for each other way that names where it is seen and where not", () => {
  const rows = [
    comparisonOf({ ...about, values: values(10, 20, 100) }),
    comparisonOf({ ...about, line: "loopback", values: values(10, 10, 20) }),
  ];
  expect(sentencesOf(rows)).toEqual([
    "**−80 % overhead per round trip, against SSE, kept alive.** Less than claimed – 40 ms, overhead: −50 %. No difference that counts – loopback, overhead: 0 %.",
    "**−80 % overhead per round trip, against SSE, one connection a request.** Seen – 40 ms, overhead: −90 %. Less than claimed – loopback, overhead: −50 %.",
  ]);
  expect(tableOf(rows).split("\n")).toHaveLength(4);
});
