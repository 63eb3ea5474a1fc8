/** What was spent, and what is left of budgets: sums that lose nothing and never take an unknown price for none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Budget, budgetsFor, useOfBudget } from "./budgets.ts";
import type { TwolaneEvent } from "./events.ts";
import {
  type SpendBook,
  type SpendEntry,
  type SpendSource,
  costOf,
  countSpend,
  dollarsOf,
  spendOf,
  spenderAfter,
  sumSpend,
  tokensOf,
  unknownSpender,
} from "./spend.ts";

const price = { input: 10, cachedInput: 1, output: 100 };
const usage = { input: 1_000_000, cachedInput: 400_000, output: 20_000, reasoning: 5000 };
const noon = new Date(2026, 0, 7, 12).getTime();
const day = 24 * 3600_000;
const entry = (more: Partial<SpendEntry> = {}): SpendEntry => ({
  ...{ at: noon, lane: "fast", model: "acme/m", project: "/w", usage, cost: costOf(usage, price) },
  ...more,
});
const bookOf = (entries: readonly SpendEntry[]): SpendBook => {
  const book: SpendBook = new Map();
  for (const one of entries) countSpend(book, one);
  return book;
};
const unpriced = (more: Partial<SpendEntry> = {}): SpendEntry => {
  const { cost: _, ...rest } = entry(more);
  return rest;
};

describe("what was spent", () => {
  it("counts what was in the cache apart, at its own price", () => {
    expect(costOf(usage, price)).toEqual({ input: 6, cachedInput: 0.4, output: 2 });
    expect(costOf({ ...usage, input: 10, cachedInput: 20 }, price).input).toBe(0);
    const written = { input: 3e6, cachedInput: 1e6, cacheWritten: 1e6, output: 0, reasoning: 0 };
    expect(costOf(written, { input: 2, cachedInput: 1, cacheWrite: 5, output: 0 })).toEqual({
      input: 7,
      cachedInput: 1,
      output: 0,
    });
    expect(costOf(written, { input: 2, cachedInput: 1, output: 0 }).input).toBe(4);
  });

  it("is read off the events of a session, with what was cut off as an estimate", () => {
    const stamp = { at: noon, mono: 1, lane: "deep", session: "s" } as const;
    const opened = { workspace: "/w", model: "acme/m", version: "1" };
    const events: TwolaneEvent[] = [
      { ...stamp, type: "session.started", ...opened },
      { ...stamp, type: "step.ended", step: 1, ending: "completed", usage },
      { ...stamp, type: "model.changed", model: "acme/n", contextWindow: 1, price },
      { ...stamp, type: "step.ended", step: 2, ending: "interrupted", estimated: usage },
      { ...stamp, type: "step.ended", step: 3, ending: "failed" },
    ];
    let source: SpendSource = unknownSpender;
    const entries: SpendEntry[] = [];
    for (const event of events) {
      source = spenderAfter(source, event);
      const spent = spendOf(event, source);
      if (spent !== undefined) entries.push(spent);
    }
    expect(entries).toEqual([unpriced({ lane: "deep" }), { ...entry({ lane: "deep", model: "acme/n" }), estimated: true }]);
    const sum = sumSpend([...bookOf(entries).values()]);
    expect(sum).toMatchObject({ requests: 2, unpriced: 1, unpricedTokens: 1_020_000, estimated: 1, estimatedDollars: 8.4 });
  });

  it("loses nothing however it is put together, and counts each token as paid, estimated or of unknown price", () => {
    const tokens = fc.nat(1e9);
    const any = fc.record({
      at: fc.integer({ min: noon - 10 * day, max: noon + 10 * day }),
      lane: fc.constantFrom("fast" as const, "deep" as const),
      model: fc.constantFrom("a/b", "c/d"),
      project: fc.constantFrom("/w", "/x"),
      usage: fc.record({ input: tokens, cachedInput: tokens, output: tokens, reasoning: tokens }),
      priced: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (all) => {
        const entries = all.map(({ priced, ...one }) => (priced ? { ...one, cost: costOf(one.usage, price) } : one));
        const sum = sumSpend([...bookOf(entries).values()]);
        const total = entries.reduce((whole, one) => whole + tokensOf(one.usage), 0);
        expect(sum === undefined ? 0 : tokensOf(sum.usage)).toBe(total);
        expect(sum?.requests ?? 0).toBe(entries.length);
        expect(sum?.unpriced ?? 0).toBe(entries.filter((one) => !("cost" in one)).length);
        const cost = entries.reduce((whole, one) => whole + ("cost" in one ? dollarsOf(one.cost) : 0), 0);
        expect(sum === undefined ? 0 : dollarsOf(sum.cost)).toBeCloseTo(cost, 3);
      }),
    );
  });
});

describe("a budget", () => {
  const rows = (...entries: readonly SpendEntry[]) => bookOf(entries).values();

  it("counts its day or its week, from Monday, its lane and its project", () => {
    // 7 January 2026 is a Wednesday.
    const all = [entry(), entry({ at: noon - day }), entry({ at: noon - 2 * day }), entry({ at: noon - 3 * day })];
    const used = (budget: Budget, ...more: readonly SpendEntry[]): number =>
      useOfBudget(budget, rows(...all, ...more), noon).used;
    expect(used({ per: "day", dollars: 1 })).toBeCloseTo(8.4);
    expect(used({ per: "week", dollars: 1 })).toBeCloseTo(3 * 8.4);
    expect(used({ per: "day", tokens: 1 })).toBe(1_020_000);
    const deep = entry({ lane: "deep", project: "/x" });
    expect(used({ per: "day", dollars: 1, lane: "deep" }, deep)).toBeCloseTo(8.4);
    expect(used({ per: "day", dollars: 1, project: "/x" }, deep)).toBeCloseTo(8.4);
    expect(used({ per: "day", dollars: 1, project: "/none" }, deep)).toBe(0);
  });

  it("says when it begins anew, and what it cannot count", () => {
    const use = useOfBudget({ per: "week", dollars: 1 }, rows(unpriced()), noon);
    expect(use).toMatchObject({ used: 0, unpricedTokens: 1_020_000, resetsAt: new Date(2026, 0, 12).getTime() });
    expect(useOfBudget({ per: "day", dollars: 1 }, rows(), noon).resetsAt).toBe(new Date(2026, 0, 8).getTime());
  });

  it("is one of those that count for who spends", () => {
    const budgets: Budget[] = [
      { per: "day", tokens: 1 },
      { per: "day", tokens: 1, lane: "deep" },
      { per: "day", tokens: 1, project: "/x" },
    ];
    expect(budgetsFor(budgets, { now: noon, lane: "fast", project: "/w" })).toEqual([budgets[0]]);
    expect(budgetsFor(budgets, { now: noon, lane: "deep", project: "/x" })).toEqual(budgets);
  });
});
