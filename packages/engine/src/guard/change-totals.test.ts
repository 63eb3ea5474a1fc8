import { describe, expect, it } from "vitest";
import type { EventBody, Hunk } from "@twolane/protocol";
import { SessionTotals } from "./change-totals.ts";

const hunk = (id: string, turn: string, path: string, lines: number, movedTo?: string): Hunk => ({
  ...{ id, turn, operation: movedTo === undefined ? "update" : "move", path, line: 1, linesRemoved: 0, linesAdded: lines },
  ...(movedTo !== undefined && { movedTo }),
});
const started = (turn: string): EventBody => ({ type: "turn.started", turn, prompt: "go on" });
const landed = (one: Hunk): EventBody => ({ type: "hunk.landed", hunk: one, rung: "exact", merged: false, dryRun: false });
const held = (one: Hunk): EventBody => ({
  type: "hunk.held",
  hunk: one,
  verdict: { decision: "hold", rule: "step", reason: "It waits.", wayOut: "Say yes or no." },
});

function after(events: readonly EventBody[]): SessionTotals {
  const totals = new SessionTotals();
  for (const event of events) totals.observe(event);
  return totals;
}

const sums = (totals: SessionTotals, turn: string, without = ""): unknown => {
  const { turn: ofTurn, changeSet, turnHunks } = totals.around(without, turn);
  return { turn: Object.fromEntries(ofTurn), changeSet: Object.fromEntries(changeSet), turnHunks };
};

describe("the totals of a session", () => {
  const first = [started("t1"), landed(hunk("h1", "t1", "a.ts", 3)), landed(hunk("h2", "t1", "b.ts", 4, "c.ts"))];

  it("of a turn that is over are the same as while it ran, and go on with what becomes of its hunks", () => {
    const whole = { turn: { "a.ts": 3, "b.ts": 4, "c.ts": 0 }, changeSet: { "a.ts": 3, "b.ts": 4, "c.ts": 0 }, turnHunks: 2 };
    const totals = after(first);
    expect(sums(totals, "t1")).toEqual(whole);
    totals.observe(started("t2"));
    expect(sums(totals, "t2")).toEqual({ ...whole, turn: {}, turnHunks: 0 });
    expect(sums(totals, "t1")).toEqual(whole);
    totals.observe({ type: "hunk.undone", hunk: "h2", path: "b.ts" });
    totals.observe(landed(hunk("h3", "t1", "a.ts", 2)));
    expect(sums(totals, "t1")).toEqual({ turn: { "a.ts": 5 }, changeSet: { "a.ts": 5 }, turnHunks: 2 });
    expect(sums(totals, "t1", "h1")).toEqual({ turn: { "a.ts": 2 }, changeSet: { "a.ts": 2 }, turnHunks: 1 });
  });

  it("count what is held as proposed only, until it lands or goes", () => {
    const totals = after(first);
    expect(totals.aroundProposed("", "t1")).toBeUndefined();
    totals.observe(held(hunk("h3", "t1", "d.ts", 9)));
    totals.observe(held(hunk("h1", "t1", "a.ts", 3)));
    expect(sums(totals, "t1")).toMatchObject({ turn: { "b.ts": 4, "c.ts": 0 }, turnHunks: 1 });
    expect(Object.fromEntries(totals.aroundProposed("", "t1")?.changeSet ?? [])).toEqual({
      "a.ts": 3,
      "b.ts": 4,
      "c.ts": 0,
      "d.ts": 9,
    });
    expect(totals.aroundProposed("h3", "t1")?.turnHunks).toBe(2);
    totals.observe(landed(hunk("h1", "t1", "a.ts", 3)));
    totals.observe({ type: "hunk.rejected", hunk: "h3", path: "d.ts" });
    expect(totals.aroundProposed("", "t1")).toBeUndefined();
    expect(sums(totals, "t1")).toEqual(sums(after(first), "t1"));
  });

  it("leave committed work out of the change set, not out of its turn", () => {
    const totals = after([...first, { type: "commit.made", commit: "c", subject: "s", hunks: ["h1", "h1"] }]);
    expect(sums(totals, "t1")).toMatchObject({ turn: { "a.ts": 3 }, changeSet: { "b.ts": 4, "c.ts": 0 }, turnHunks: 2 });
    totals.observe({ type: "hunk.undone", hunk: "h1", path: "a.ts" });
    expect(sums(totals, "t1")).toMatchObject({
      turn: { "b.ts": 4, "c.ts": 0 },
      changeSet: { "b.ts": 4, "c.ts": 0 },
      turnHunks: 1,
    });
  });
});
