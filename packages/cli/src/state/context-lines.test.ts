import type { Command, ContextFill, EventBody } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import type { AppState, AppStep } from "./app.ts";
import { firstState } from "./app-first.ts";
import { reduceApp } from "./app-reduce.ts";
import { compactedText, contextItems, contextTitle } from "./context-lines.ts";

const fill: ContextFill = {
  ...{ model: "sim/scripted", tokens: 43_000, window: 86_000, compactsAt: 69_000, cached: 40_000 },
  parts: [
    { id: "", kind: "instructions", text: "You change code", tokens: 400, pinned: true },
    { id: "p2", kind: "file", text: "src/a.ts lines 1-900", tokens: 12_000, pinned: false },
    { id: "", kind: "answer", text: "Done.", tokens: 20, pinned: false },
  ],
};
const start = (): AppState =>
  firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 80, rows: 24 });
const press = (state: AppState, name: "submit" | "menu-take" | "menu-next"): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at: 10 });
const event = (state: AppState, body: EventBody): AppState =>
  reduceApp(state, { type: "event", event: { ...body, at: 0, mono: 0, lane: "fast", session: "s" }, at: 0 }).state;
const sent = ({ effects }: AppStep): Command[] => effects.flatMap((effect) => (effect.type === "send" ? [effect.command] : []));

describe("what fills the window", () => {
  it("is asked for, shown with the largest first, and Enter leaves a part out", () => {
    const typed = reduceApp(start(), { type: "action", action: { type: "type", text: "/context" }, at: 0 }).state;
    expect(sent(press(typed, "submit"))).toEqual([{ type: "context.list" }]);
    const open = event(start(), { type: "context.listed", ...fill });
    expect(open.panel).toMatchObject({ kind: "picker", picker: { items: [{ value: "p2" }, { value: "" }, { value: "" }] } });
    expect(sent(press(open, "menu-take"))).toEqual([{ type: "context.drop", part: "p2" }]);
    expect(sent(press(press(open, "menu-next").state, "menu-take"))).toEqual([]);
  });

  it("says how full it is, what is pinned and what the provider had", () => {
    expect(contextTitle(fill)).toBe(
      "43,000 of 86,000 tokens (50 %) · 400 pinned · 40,000 came from the provider's cache · shorter from 69,000 · Enter leaves a part out",
    );
    expect(contextItems(fill)[0]?.text).toBe(" 12,000  file    src/a.ts lines 1-900");
  });

  it("says in one line who made it shorter", () => {
    expect(compactedText({ type: "context.compacted", by: "model", before: 96_000, after: 31_000 })).toContain(
      "96,000 → 31,000 tokens: what is old is a summary now, by the model.",
    );
  });
});
