/** Limits and money as a person reads them: what is unknown is said to be unknown, and what is scarce stands out. */
import type { LimitsReport, SpendRow } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { limitsLines } from "./limits-view.ts";
import { createStyle } from "./style.ts";

const bare = createStyle({}, false);
const at = new Date(2026, 0, 7, 14, 18).getTime();
const minute = 60_000;
const row = (more: Partial<SpendRow> = {}): SpendRow => ({
  ...{ day: "2026-01-07", lane: "fast", model: "acme/m", project: "/w", requests: 3 },
  usage: { input: 12_000, cachedInput: 4000, output: 500, reasoning: 0 },
  cost: { input: 0.3, cachedInput: 0.02, output: 0.1 },
  ...{ unpriced: 0, unpricedTokens: 0, estimatedDollars: 0, estimated: 0 },
  ...more,
});
const noCost = { cost: { input: 0, cachedInput: 0, output: 0 }, unpriced: 3, unpricedTokens: 12_500 };
const text = (report: Partial<LimitsReport>): string =>
  limitsLines({ at, models: [], spend: [], budgets: [], lanes: {}, ...report }, bare).join("\n");

describe("limits in words", () => {
  it("tell the same name at two addresses apart, then two accounts at one", () => {
    const one = { model: "acme/m", windows: [], waiting: 1, speeds: [] };
    const titles = text({
      models: [
        { ...one, account: "a1", host: "one.example" },
        { ...one, account: "b2", host: "two.example:8000" },
        { ...one, account: "c3", host: "two.example:8000" },
        { ...one, account: "a1", host: "one.example", model: "acme/other" },
        { ...one, account: "a1", host: "one.example", model: "" },
      ],
    });
    expect(titles.split("\n").filter((line) => line.startsWith("a"))).toEqual([
      "acme/m at one.example",
      "acme/m at two.example:8000, account b2",
      "acme/m at two.example:8000, account c3",
      "acme/other",
      "all models of one account at one.example",
    ]);
  });

  it("say what is left, until when, who waits, and how admission counts", () => {
    expect(
      text({
        models: [
          {
            ...{ account: "a", model: "acme/m", waiting: 2, reserve: 8192 },
            windows: [
              { name: "t", what: "tokens", perMs: minute, limit: 30_000, left: 4500, leftPercent: 15, resetsAt: at + 20_000 },
              { name: "5h", what: "share", leftPercent: 60 },
              { name: "r", what: "requests", left: 7 },
            ],
            closed: { why: "limit", until: at + 12 * minute, named: true },
            speeds: [{ lane: "fast", firstMs: 210, perSecond: 1900, answers: 1 }],
          },
          {
            account: "a",
            model: "",
            windows: [],
            waiting: 0,
            speeds: [],
            closed: { why: "payment", until: at + 5000, named: false },
          },
        ],
      }),
    ).toBe(
      [
        "acme/m",
        "  tokens a minute        15 % left (4,500 of 30,000) · reset in 20 s",
        "  5h                     60 % left",
        "  requests               7",
        "  the limit is reached; opens in 12 min (14:30)",
        "  2 requests wait for it",
        "  counts about 8,192 tokens for the answer of each request, however short it is",
        "  fast lane: first token 210 ms, 1,900 tok/s (1 answer)",
        "all models of one account",
        "  the provider wants payment; is tried again in 5 s (14:18)",
        "",
        "spent",
        "  today        nothing",
        "  seven days   nothing",
      ].join("\n"),
    );
  });

  it("keep a provider's names harmless", () => {
    const windows = [{ name: "x\u001b[31m\ny", what: "share" as const, leftPercent: 1 }];
    expect(text({ models: [{ account: "a", model: "m\u001b[2J", windows, waiting: 0, speeds: [] }] })).not.toMatch(/\u001b/);
  });
});

describe("money in words", () => {
  it("is never nothing where the price is unknown, and says what is estimated", () => {
    const shown = text({
      spend: [
        row({ estimated: 1, estimatedDollars: 0.05 }),
        row({ lane: "deep", model: "other/m", ...noCost }),
        row({ day: "2026-01-01" }),
        row({ day: "2025-12-01", requests: 99 }),
      ],
    });
    expect(shown).toContain(
      "  today        $0.42 (input $0.30, cached $0.0200, output $0.10, about $0.0500 of it estimated) + 12,500 tokens of unknown price · 25,000 tokens (8,000 cached) in 6 requests, 1 request cut off and estimated",
    );
    expect(shown).toContain("    deep other/m: price unknown · 12,500 tokens (4,000 cached) in 3 requests");
    expect(shown).toMatch(/seven days +\$0\.84 .* in 9 requests/);
  });

  it("shows how much of a budget is used, and when it begins anew", () => {
    const use = { used: 4.2, limit: 5, resetsAt: at + 3 * 3600_000, unpricedTokens: 100 };
    expect(
      text({
        budgets: [
          { budget: { per: "day", lane: "fast", dollars: 5, hard: true }, ...use },
          { budget: { per: "week", project: "/w", tokens: 9000 }, ...use, used: 9500, limit: 9000, unpricedTokens: 0 },
        ],
      })
        .split("\n")
        .slice(-3),
    ).toEqual([
      "budgets",
      "  $4.20 of $5.00 a day, fast lane, hard: 84 % + 100 tokens of unknown price · anew in 3 h",
      "  9,500 tokens of 9,000 tokens a week, /w: 105 % · anew in 3 h",
    ]);
  });
});
