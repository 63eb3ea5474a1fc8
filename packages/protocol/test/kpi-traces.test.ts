/** Turns as waterfalls, and which of them are shown; in made-up sessions whose truth is known. */
import { type TurnTrace, durationOf, pickTurns } from "@twolane/protocol/kpis";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionScript } from "./session-script.ts";

const lines = ({ spans }: TurnTrace): string[] => spans.map(({ kind, name, from, to }) => `${name || kind} ${from}–${to}`);
const marks = ({ marks: all }: TurnTrace): string[] => all.map(({ kind, at }) => `${kind} ${at}`);
const traces = (script: SessionScript): readonly TurnTrace[] => script.kpis().traces();

describe("a turn", () => {
  it("is told from its key to its end, with what ran meanwhile", () => {
    const script = new SessionScript()
      .prompt("x", 5)
      .after(10)
      .say({ type: "step.delayed", step: 1, why: "limit", until: 0, place: 1, of: 1 });
    script.after(100).request().answer().shown(8).after(50).land();
    script.after(30).say({ type: "tool.started", call: "c", tool: "edit", summary: "" }).stepEnds();
    script.say({ type: "tests.started", choice: { tests: 1, of: 1, ways: {}, runners: [] } });
    script.after(20).say({ type: "tool.ended", call: "c", tool: "edit", ok: true, summary: "", ms: 20 });
    script
      .after(2)
      .request()
      .answer(3, 40)
      .after(10)
      .stepEnds()
      .after(1)
      .end()
      .after(70)
      .say({ type: "tests.stopped", why: "changed" });
    const [trace, ...rest] = traces(script);
    expect(rest).toEqual([]);
    expect(trace).toMatchObject({
      session: "s1",
      turn: "t1",
      ending: "completed",
      tokens: 100,
      lane: "fast",
      model: "acme/quick",
    });
    expect(lines(trace!)).toEqual([
      "input 0–5",
      "client 5–15",
      "queue 15–115",
      "network 115–135",
      "model 135–235",
      "screen 235–243",
      "stream 235–315",
      "edit 315–335",
      "client 315–337",
      "tests 315–461",
      "network 337–340",
      "model 340–380",
      "stream 380–390",
      "client 390–391",
    ]);
    expect(marks(trace!)).toEqual(["first-token 235", "hunk 285", "end 391"]);
    expect(durationOf(trace!)).toBe(391);
  });

  it("begins with the prompt where no key is known, and knows no source of what was ahead", () => {
    const script = new SessionScript().prompt().after(4).request({ ahead: true }).answer(0, 30).after(9).end();
    expect(lines(traces(script)[0]!)).toEqual(["client 0–4", "model 4–34", "stream 34–43"]);
  });

  it("marks stops and steers, and does not see the wall clock", () => {
    const script = new SessionScript().prompt().request().answer().jump(-5000).after(10);
    script
      .say({ type: "turn.steered", turn: "t1", text: "x" })
      .after(10)
      .say({ type: "stop.requested", turn: "t1" })
      .after(5)
      .end("interrupted");
    expect(marks(traces(script)[0]!)).toEqual(["first-token 120", "steer 130", "stop 140", "end 145"]);
  });

  it("that is still running, or asks nobody, is not told; one that a crash cut off is", () => {
    const script = new SessionScript().prompt().request().answer();
    expect(traces(script)).toEqual([]);
    expect(traces(script.resume())).toMatchObject([{ turn: "t1", ending: "truncated", marks: [{ kind: "first-token" }] }]);
    expect(traces(new SessionScript().prompt("/take d1").end())).toEqual([]);
  });
});

describe("turns that are shown", () => {
  const trace = (turn: number, more: Partial<TurnTrace> = {}, ms = turn * 100): TurnTrace => ({
    ...{ session: "s1", turn: `t${turn}`, startedAt: turn, ending: "completed", spans: [], tokens: 0 },
    ...{ lane: "fast", model: "m", repository: "/shop", marks: [{ kind: "end", at: ms }] },
    ...more,
  });

  it("are the newest, the slowest and one in the middle of each lane, each once", () => {
    const all = [
      trace(1),
      trace(2, {}, 900),
      trace(3),
      trace(4),
      trace(5, {}, 50),
      trace(6, { lane: "deep" }),
      trace(7, { marks: [] }),
    ];
    expect(pickTurns(all).map(({ turn }) => turn)).toEqual(["t6", "t5", "t2", "t3"]);
    expect(pickTurns([])).toEqual([]);
  });

  it("are three of a lane at most, whatever there is", () => {
    const any = fc.array(fc.tuple(fc.constantFrom("fast" as const, "deep" as const), fc.nat(9), fc.nat(9)));
    fc.assert(
      fc.property(any, (list) => {
        const all = list.map(([lane, startedAt, ms], turn) => trace(turn, { lane, startedAt }, ms));
        const picked = pickTurns(all);
        expect(new Set(picked).size).toBe(picked.length);
        for (const lane of ["fast", "deep"]) {
          const own = all.filter((one) => one.lane === lane);
          expect(picked.filter((one) => one.lane === lane).length).toBeLessThanOrEqual(3);
          if (own.length > 0)
            expect(Math.max(...picked.filter((one) => one.lane === lane).map(durationOf))).toBe(Math.max(...own.map(durationOf)));
        }
      }),
    );
  });
});
