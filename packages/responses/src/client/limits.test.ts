import { describe, expect, test } from "vitest";
import { limitsFromHeaders, resetOf } from "./limits.ts";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const message = { message: "no" };

describe("when to come back", () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ["seconds", { "retry-after": "7" }, now + 7000],
    ["parts of seconds", { "retry-after": "0.5" }, now + 500],
    ["an HTTP date", { "retry-after": "Sat, 21 Nov 2026 12:01:00 GMT" }, now + 60_000],
    ["a date that is past", { "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, now],
    ["milliseconds, which win", { "retry-after-ms": "250", "retry-after": "7" }, now + 250],
    ["nonsense", { "retry-after": "soon" }, undefined],
    [
      "the window that is used up",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "9",
        "x-ratelimit-reset-tokens": "9s",
      },
      now + 2000,
    ],
    [
      "the latest of two",
      {
        "x-ratelimit-remaining-a": "0",
        "x-ratelimit-reset-a": "2s",
        "x-ratelimit-remaining-b": "0",
        "x-ratelimit-reset-b": "1m",
      },
      now + 60_000,
    ],
    ["nothing", {}, undefined],
  ])("%s", (_name, headers, expected) => {
    expect(resetOf(message, headers, now)).toBe(expected);
  });

  test("headers inside the error, the error itself, its message", () => {
    expect(resetOf({ message: "no", headers: { "retry-after": "1" } }, {}, now)).toBe(now + 1000);
    expect(resetOf({ message: "no", resetAt: 5 }, {}, now)).toBe(5);
    expect(resetOf({ message: "Rate limit reached. Please try again in 1m2.5s. Visit …" }, {}, now)).toBe(now + 62_500);
    expect(resetOf({ message: "try again in 20ms" }, {}, now)).toBe(now + 20);
  });
});

describe("windows", () => {
  test.each<[string, number | undefined]>([
    ["6m0s", now + 360_000],
    ["20ms", now + 20],
    ["1h2m3.5s", now + 3_723_500],
    ["1d", now + 86_400_000],
    ["42", now + 42_000],
    ["1900000000", 1_900_000_000_000],
    ["1900000000123", 1_900_000_000_123],
    ["2026-11-21T12:00:10Z", now + 10_000],
    ["never", undefined],
  ])("reset %s", (reset, resetAt) => {
    expect(limitsFromHeaders({ "x-ratelimit-reset-tokens": reset }, now)).toEqual([
      { name: "tokens", ...(resetAt !== undefined && { resetAt }) },
    ]);
  });

  test("named and unnamed, other headers left alone", () => {
    const headers = {
      "x-ratelimit-limit": "10",
      "x-ratelimit-remaining": "3",
      "x-ratelimit-limit-tokens": "500",
      "x-ratelimit-remaining-tokens": "x",
      server: "s",
    };
    expect(limitsFromHeaders(headers, now)).toEqual([
      { name: "requests", limit: 10, remaining: 3 },
      { name: "tokens", limit: 500 },
    ]);
    expect(limitsFromHeaders({ "content-type": "x" }, now)).toEqual([]);
  });
});
