import type { EventBody, TwolaneEvent } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { type FinishedSpan, SpanFold } from "./span-fold.ts";
import { TraceIds } from "./trace-ids.ts";

/** Events at chosen ms of a clock that may jump. */
function spansOf(events: readonly (readonly [ms: number, event: EventBody])[], jump = 0): FinishedSpan[] {
  const spans: FinishedSpan[] = [];
  const fold = new SpanFold({
    ids: new TraceIds({ seed: "s" }),
    content: () => false,
    serverOf: () => undefined,
    onSpan: (span) => spans.push(span),
  });
  const wall = 1_700_000_000_000;
  for (const [ms, event] of events) {
    const stamped: TwolaneEvent = { ...event, at: wall + (ms > 100 ? jump : 0) + ms, mono: ms, lane: "fast", session: "s1" };
    fold.take(stamped);
  }
  fold.end(wall + 10_000);
  return spans.map((span) => ({ ...span, from: span.from - wall, to: span.to - wall }));
}

const opening = { type: "session.started", workspace: "/w", model: "acme/big", version: "1" } as const;
const requested = { type: "step.requested", step: 1, bytesSent: 10, transport: "sse", continued: false } as const;
const turn = (name: string) => ({ type: "turn.started", turn: name, prompt: "x" }) as const;
const short = (spans: readonly FinishedSpan[]) => spans.map(({ name, from, to }) => [name, from, to]);

describe("spans of events", () => {
  it("lie on a clock that does not jump", () => {
    const events: [number, EventBody][] = [
      [0, opening],
      [10, turn("t1")],
      [20, requested],
      [220, { type: "step.answered", step: 1 }],
      [320, { type: "step.ended", step: 1, ending: "completed" }],
      [330, { type: "turn.ended", turn: "t1", ending: "completed" }],
    ];
    for (const jump of [0, 3_600_000, -3_600_000])
      expect(short(spansOf(events, jump))).toEqual([
        ["chat big", 20, 320],
        ["invoke_agent twolane", 10, 330],
      ]);
  });

  it("tell a request that never got out, from when it was wanted", () => {
    const failure = { code: "PROVIDER_UNREACHABLE", message: "secret words", cure: "" } as const;
    const spans = spansOf([
      [0, opening],
      [10, turn("t1")],
      [50, { type: "step.ended", step: 1, ending: "failed", failure }],
      [60, { type: "turn.ended", turn: "t1", ending: "failed", failure }],
    ]);
    expect(short(spans)).toEqual([
      ["chat big", 10, 50],
      ["invoke_agent twolane", 10, 60],
    ]);
    expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual(["PROVIDER_UNREACHABLE", "PROVIDER_UNREACHABLE"]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  it("of a workflow hold its turns, also those of a process that is ended", () => {
    const spans = spansOf([
      [0, opening],
      [5, { type: "workflow.started", workflow: "refactor", text: "secret words" }],
      [10, turn("t1")],
      [20, { type: "turn.ended", turn: "t1", ending: "completed" }],
      [30, turn("t2")],
      [40, { type: "tool.started", call: "c1", tool: "read", summary: "secret words" }],
    ]);
    expect(short(spans)).toEqual([
      ["invoke_agent twolane", 10, 20],
      ["execute_tool read", 40, 10_000],
      ["invoke_agent twolane", 30, 10_000],
      ["invoke_workflow refactor", 5, 10_000],
    ]);
    const [first, tool, second, workflow] = spans;
    expect(new Set(spans.map(({ trace }) => trace)).size).toBe(1);
    expect([first?.parent, tool?.parent, second?.parent, workflow?.parent]).toEqual([
      ...[workflow?.span, second?.span, workflow?.span, undefined],
    ]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  it("has none for what needs no model", () => {
    const spans = spansOf([
      [0, { ...opening, model: "instant" }],
      [10, turn("t1")],
      [20, requested],
      [30, { type: "step.ended", step: 1, ending: "completed" }],
      [40, { type: "turn.ended", turn: "t1", ending: "completed" }],
    ]);
    expect(short(spans)).toEqual([["invoke_agent twolane", 10, 40]]);
  });
});
