/** What the screen knows of a session, and the figures of its turn: nothing guessed, the same cost at any length. */
import { type TwolaneEvent, failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SessionState, emptySession, needsPerson, reduceSession } from "./session-state.ts";
import { at, closed, held, hunkOf, landed, prompted, sessionAfter, stepHold } from "./session-state-samples.ts";
import { tokenRate } from "./turn-figures.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const usage = { input: 1000, cachedInput: 400, output: 300, reasoning: 100 };
const ended = (mono: number, more: object = {}): TwolaneEvent =>
  at(mono, { type: "step.ended", step: 1, ending: "completed", ...more });
const answered = (mono: number): TwolaneEvent => at(mono, { type: "step.answered", step: 1 });
const asked = at(5, { type: "step.requested", step: 1, bytesSent: 10, transport: "websocket", continued: false });
const turnEnded = (mono: number): TwolaneEvent => at(mono, { type: "turn.ended", turn: "t1", ending: "completed" });
const priced = at(0, {
  ...{ type: "model.changed", model: "sim/fast", contextWindow: 10_000 },
  price: { input: 2, cachedInput: 1, output: 10 },
});

describe("session", () => {
  test("phases follow the turn, and a stop holds until its end", () => {
    const stop = at(20, { type: "stop.requested", turn: "t1" });
    const events = [prompted(0), asked, answered(9), stop, asked, answered(22), turnEnded(30)];
    const phases: string[] = [];
    let state = emptySession();
    for (const event of events) phases.push((state = reduceSession(state, event)).phase);
    expect(phases).toEqual(["waiting", "waiting", "answering", "stopping", "stopping", "stopping", "idle"]);
  });

  test("the hunk that is written goes when it closes, fails or its step ends", () => {
    const streaming = (hunk: string): TwolaneEvent => at(10, { type: "hunk.streaming", hunk, path: "a.ts", line: 3, lines: 2 });
    expect(sessionAfter(prompted(0), streaming("h1")).streaming).toEqual({ hunk: "h1", path: "a.ts", line: 3, lines: 2 });
    expect(sessionAfter(prompted(0), streaming("h1"), closed(11, hunkOf("h1"))).streaming).toBeUndefined();
    expect(sessionAfter(prompted(0), streaming("h2"), closed(11, hunkOf("h1"))).streaming?.hunk).toBe("h2");
    expect(sessionAfter(prompted(0), streaming("h1"), ended(12)).streaming).toBeUndefined();
  });

  test("what the provider served is kept beside what was asked, and gone with the model", () => {
    const started = at(6, { type: "step.started", step: 1, model: "fast-2", serviceTier: "priority" });
    expect(sessionAfter(priced, started).served).toEqual({ model: "fast-2", tier: "priority" });
    expect(sessionAfter(priced, started, priced).served).toBeUndefined();
  });

  test("context is known after an answer, unknown after another model or a rewind of the conversation", () => {
    const rewound = (conversation: boolean): TwolaneEvent =>
      at(9, { type: "turn.rewound", turn: "t1", conversation, files: true });
    const known = [priced, prompted(1), ended(8, { usage })];
    expect(sessionAfter(...known).contextUsed).toBe(1300);
    expect(sessionAfter(...known, rewound(false)).contextUsed).toBe(1300);
    expect(sessionAfter(...known, rewound(true)).contextUsed).toBeUndefined();
    expect(sessionAfter(...known, priced).contextUsed).toBeUndefined();
    expect(sessionAfter(...known, ended(10)).contextUsed).toBe(1300);
  });

  test("a halt of the queue is taken back with the queue", () => {
    const queue = [{ id: "q1", text: "then this" }];
    const parked = at(1, { type: "queue.changed", queue, halted: "limit" });
    expect(sessionAfter(parked)).toMatchObject({ queue, halted: "limit" });
    expect(sessionAfter(parked, at(2, { type: "queue.changed", queue })).halted).toBeUndefined();
  });
});

describe("what waits for the person", () => {
  const h = (n: number) => hunkOf(`h${n}`);

  test("step mode: the oldest hunk, until all are decided; the words stay, so that it rings once", () => {
    const two = [prompted(0), closed(1, h(1)), held(2, h(1)), closed(3, h(2)), held(4, h(2))];
    expect(sessionAfter(...two).waiting).toBe("h1");
    const words = needsPerson(sessionAfter(...two));
    expect(words).toBe("twolane: a hunk waits for your yes");
    const first = [...two, landed(5, h(1))];
    expect(sessionAfter(...first).waiting).toBe("h2");
    expect(needsPerson(sessionAfter(...first))).toBe(words);
    const both = [...first, at(6, { type: "hunk.rejected", hunk: "h2", path: "a.ts" })];
    expect(needsPerson(sessionAfter(...both))).toBeUndefined();
  });

  test("nobody waits for a yes when the turn is over; the next one rings again", () => {
    const one = [prompted(0), closed(1, h(1)), held(2, h(1)), at(3, { type: "turn.ended", turn: "t1", ending: "interrupted" })];
    const over = sessionAfter(...one);
    expect([over.waiting, needsPerson(over), over.open.held]).toEqual([undefined, undefined, 1]);
    expect(sessionAfter(...one, prompted(4, "t2"), held(5, hunkOf("h2", { turn: "t2" }))).waiting).toBe("h2");
  });

  test("hunks that depend on another or are out of scope do not ring", () => {
    const state = sessionAfter(prompted(0), held(2, h(1), { ...stepHold, rule: "depends" }));
    expect(needsPerson(state)).toBeUndefined();
  });

  test("a question, and a queue that the provider halted; not one that the person stopped", () => {
    const question = failure("INSTANT_QUESTION", "Which total?");
    const asks = at(3, { type: "turn.ended", turn: "t1", ending: "failed", failure: question });
    expect(needsPerson(sessionAfter(prompted(0), asks))).toBe("twolane asks you something");
    expect(needsPerson(sessionAfter(prompted(0), asks, prompted(9, "t2")))).toBeUndefined();
    const parked = (halted: "stop" | "limit"): SessionState =>
      sessionAfter(at(1, { type: "queue.changed", queue: [{ id: "q1", text: "x" }], halted }));
    expect(needsPerson(parked("limit"))).toBe("twolane: the queue waits for you");
    expect(needsPerson(parked("stop"))).toBeUndefined();
  });
});

describe("figures of the turn", () => {
  test("times count from the prompt; nothing is there before it was told", () => {
    expect(sessionAfter(prompted(100)).figures).toMatchObject({ landed: 0, held: 0, failed: 0, uncounted: 0 });
    expect(sessionAfter(prompted(100)).figures.firstTokenMs).toBeUndefined();
    const { figures } = sessionAfter(prompted(100), answered(180), closed(200, hunkOf("h1")), landed(204, hunkOf("h1")));
    expect(figures).toMatchObject({ firstTokenMs: 80, firstHunkMs: 104 });
    expect(figures.cost).toBeUndefined();
  });

  test("money needs a price; an answer nobody counted makes it a lower bound", () => {
    const { figures } = sessionAfter(priced, prompted(0), answered(10), ended(110, { usage }));
    expect(figures.cost).toBeCloseTo((600 * 2 + 400 * 1 + 300 * 10) / 1e6, 12);
    expect(figures.uncounted).toBe(0);
    expect(sessionAfter(priced, prompted(0), answered(10), ended(20), ended(110, { usage })).figures.uncounted).toBe(1);
  });

  test("the rate is an estimate while the answer runs, and the provider's count of visible tokens afterwards", () => {
    const text = (mono: number): TwolaneEvent => at(mono, { type: "text.delta", text: "x".repeat(400) });
    const live = sessionAfter(prompted(0), answered(100), text(150), text(200));
    expect(tokenRate(live.figures)).toEqual({ rate: 2000, estimated: true });
    const after = reduceSession(live, ended(300, { usage }));
    expect(tokenRate(after.figures)).toEqual({ rate: 1000, estimated: false });
    expect(tokenRate(sessionAfter(prompted(0), answered(100), text(101)).figures)).toBeUndefined();
    expect(tokenRate(sessionAfter(prompted(0), ended(300, { usage })).figures)).toBeUndefined();
    const again = at(9, { type: "session.resumed", workspace: "/w", model: "m", version: "1" });
    expect(
      tokenRate(reduceSession(sessionAfter(prompted(0), answered(100), text(150), text(200)), again).figures),
    ).toBeUndefined();
  });

  test("the estimate counts what has come of an edit call, and learns from what the provider counted", () => {
    const call = (mono: number, received: number): TwolaneEvent =>
      at(mono, { type: "hunk.streaming", hunk: "h1", path: "a.ts", line: 1, lines: 1, received });
    const live = sessionAfter(prompted(0), answered(100), call(150, 100), call(200, 300), call(300, 100));
    expect(tokenRate(live.figures)?.rate).toBeCloseTo(400 / 3 / 0.2);
    const next = [ended(400, { usage }), turnEnded(410), prompted(500, "t2"), answered(600), call(700, 200)];
    expect(tokenRate(next.reduce(reduceSession, live).figures)?.rate).toBeCloseTo(1000);
  });

  test("without a model there is no first token", () => {
    const started = at(5, { type: "step.started", step: 1, model: "instant" });
    expect(sessionAfter(prompted(0), started, answered(918)).figures.firstTokenMs).toBeUndefined();
  });

  test("a stopped hunk has not failed", () => {
    const stopped = at(5, { type: "hunk.failed", hunk: hunkOf("h1"), failure: failure("STOPPED", "Stopped."), candidates: [] });
    expect(sessionAfter(prompted(0), closed(1, hunkOf("h1")), stopped).figures.failed).toBe(0);
  });

  test("hunks are counted as they stand, whatever order they are decided in", () => {
    const deeds = ["landed", "held", "failed", "accepted", "rejected", "undone", "superseded"] as const;
    const event = (deed: (typeof deeds)[number], id: string, turn: string): TwolaneEvent => {
      const hunk = hunkOf(id, { turn });
      if (deed === "landed") return landed(9, hunk);
      if (deed === "held") return held(9, hunk);
      if (deed === "failed") return at(9, { type: "hunk.failed", hunk, failure: failure("HUNK_MISSING", "No."), candidates: [] });
      if (deed === "accepted") return at(9, { type: "hunk.accepted", hunk: id, by: "person" });
      if (deed === "superseded") return at(9, { type: "hunk.superseded", hunk: id, by: "h9" });
      return at(9, { type: `hunk.${deed}`, hunk: id, path: hunk.path });
    };
    const steps = fc.array(fc.tuple(fc.constantFrom(...deeds), fc.integer({ min: 0, max: 7 })), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        // Even hunks belong to the turn before.
        const state = sessionAfter(prompted(0, "t2"), ...all.map(([deed, n]) => event(deed, `h${n}`, n % 2 === 0 ? "t1" : "t2")));
        const own = [...state.review.values()].filter(({ hunk }) => hunk.turn === "t2");
        const count = (...states: string[]): number => own.filter((one) => states.includes(one.state)).length;
        expect(state.figures).toMatchObject({
          landed: count("landed", "accepted"),
          held: count("held"),
          failed: count("failed"),
          rejected: count("rejected"),
        });
        const everywhere = (wanted: string): number => [...state.review.values()].filter((one) => one.state === wanted).length;
        expect(state.open).toEqual({
          landed: everywhere("landed"),
          held: everywhere("held"),
          accepted: everywhere("accepted"),
        });
        const waiting = [...state.review.values()].filter((one) => one.state === "held").map(({ hunk }) => hunk.id);
        expect([...state.waitingForYes].toSorted()).toEqual(waiting.toSorted());
        expect(state.waiting).toBe([...state.waitingForYes][0]);
      }),
      { numRuns: runs },
    );
  });
});

test("an event costs the same in a session of any length", () => {
  let state = sessionAfter(prompted(0));
  let n = 0;
  const thousand = (): void => {
    for (const end = n + 1000; n < end; n++) {
      state = reduceSession(state, closed(n, hunkOf(`h${n}`)));
      state = reduceSession(state, held(n, hunkOf(`h${n}`)));
    }
  };
  thousand();
  const early = leastCpuMs(5, thousand);
  for (let block = 0; block < 20; block++) thousand();
  const late = leastCpuMs(5, thousand);
  // Copies of what grows would make it a hundred milliseconds and more.
  expect(late).toBeLessThan(early * 4 + 10);
  const { review: _, waitingForYes: _waiting, ...rest } = state;
  expect(JSON.stringify(rest).length).toBeLessThan(2000);
});
