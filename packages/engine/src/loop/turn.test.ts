import { failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallOutcome } from "./call-output.ts";
import { type TurnEffect, type TurnInput, type TurnState, decide, idleTurn, waitingLimit } from "./turn.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const read: CallOutcome = { text: "lines", fingerprint: "read a", failedHunks: 0, expectsAnswer: true };

/** Feeds inputs and records the names of the effects, with what a test wants to see of them. */
function play(...inputs: TurnInput[]): { state: TurnState; effects: string[] } {
  let state = idleTurn;
  const effects: string[] = [];
  for (const input of inputs) {
    const decision = decide(state, input);
    state = decision.state;
    effects.push(...decision.effects.map(show));
  }
  return { state, effects };
}

function show(effect: TurnEffect): string {
  switch (effect.type) {
    case "emit":
      return effect.event.type === "turn.ended" ? `turn.ended ${effect.event.ending}` : effect.event.type;
    case "say":
      return `say ${effect.text}`;
    case "return-outputs":
      return `outputs ${effect.outputs.map(({ call, text }) => `${call}=${text}`).join(" ")}`;
    case "ask":
      return `ask ${effect.step}`;
    default:
      return effect.type;
  }
}

const prompt: TurnInput = { type: "prompt", text: "do" };
const made = (call: string): TurnInput => ({ type: "call.made", call });
const settled = (call: string, outcome: Partial<CallOutcome> = {}): TurnInput => ({
  type: "call.settled",
  call,
  outcome: { ...read, fingerprint: call, ...outcome },
});
const ended = (ending: "completed" | "interrupted" | "truncated" = "completed"): TurnInput => ({ type: "answer.ended", ending });

describe("a turn", () => {
  it("asks, returns the outputs of calls and asks again, and ends with an answer without calls", () => {
    expect(
      play(prompt, made("a"), made("b"), ended(), settled("b"), settled("a"), ended(), { type: "turn.written" }).effects,
    ).toEqual(["turn.started", "say do", "ask 1", "outputs a=lines b=lines", "ask 2", "finish-edits", "turn.ended completed"]);
  });

  it("begins nothing after a stop that comes while it ends by itself: what waits is parked", () => {
    const later: TurnInput = { type: "queue", text: "later" };
    const { state, effects } = play(
      prompt,
      later,
      ended(),
      { type: "prompt", text: "next" },
      { type: "stop" },
      { type: "turn.written" },
    );
    expect(effects.filter((name) => name.startsWith("say"))).toEqual(["say do"]);
    expect(state).toMatchObject({ phase: "idle", halted: "stop", following: [] });
    expect(state.queue.map(({ text }) => text)).toEqual(["next", "later"]);
  });

  it("stops: edits first, then the answer, then everything else; unanswered calls are told as interrupted", () => {
    expect(
      play(prompt, made("a"), made("b"), settled("a"), { type: "stop" }, ended("interrupted"), { type: "turn.written" }).effects,
    ).toEqual([
      "turn.started",
      "say do",
      "ask 1",
      "stop-edits",
      "cut-answer",
      "stop.requested",
      "stop-tools",
      "outputs a=lines b=interrupted",
      "finish-edits",
      "turn.ended interrupted",
    ]);
  });

  it("steers by cutting the answer and going on with the message", () => {
    expect(play(prompt, { type: "steer", text: "no", delivered: false }, ended("interrupted")).effects.slice(3)).toEqual([
      "turn.steered",
      "release-edits",
      "stop-tools",
      "cut-answer",
      "say no",
      "ask 2",
    ]);
  });

  it("does not cut an answer that took the message by itself", () => {
    expect(play(prompt, { type: "steer", text: "no", delivered: true }).effects.slice(3)).toEqual(["turn.steered"]);
  });

  it("ends tools that still run for a steer, which follows their outputs", () => {
    const inputs: TurnInput[] = [prompt, made("a"), ended(), { type: "steer", text: "no", delivered: false }, settled("a")];
    expect(play(...inputs).effects.slice(3)).toEqual([
      "turn.steered",
      "release-edits",
      "stop-tools",
      "outputs a=lines",
      "say no",
      "ask 2",
    ]);
  });

  it("asks once more for hunks that failed, then leaves them to the person", () => {
    const failing = { failedHunks: 1 };
    const inputs = [
      prompt,
      made("a"),
      settled("a", failing),
      ended(),
      made("b"),
      settled("b", failing),
      ended(),
      { type: "turn.written" } as const,
    ];
    expect(play(...inputs).effects.slice(3)).toEqual([
      "outputs a=lines",
      "ask 2",
      "outputs b=lines",
      "finish-edits",
      "turn.ended completed",
    ]);
  });

  it("ends when one call is made three times with the same outcome", () => {
    const again = { fingerprint: "same" };
    const round = (call: string): TurnInput[] => [made(call), settled(call, again), ended()];
    const { effects, state } = play(prompt, ...round("a"), ...round("b"), ...round("c"));
    expect(effects.filter((effect) => effect.startsWith("ask"))).toHaveLength(3);
    expect(state.ending?.failure?.code).toBe("LOOP_REPEATED");
  });

  it("says nothing back for edits in a message that all landed", () => {
    expect(
      play(prompt, made("m"), settled("m", { expectsAnswer: false }), ended(), { type: "turn.written" }).effects.slice(3),
    ).toEqual(["finish-edits", "turn.ended completed"]);
  });

  it("ends as truncated when the stream did, and keeps the calls' outputs for the next turn", () => {
    expect(play(prompt, made("a"), settled("a"), ended("truncated"), { type: "turn.written" }).effects.slice(3)).toEqual([
      "outputs a=lines",
      "finish-edits",
      "turn.ended truncated",
    ]);
  });

  it("sends what is queued after the turn, and parks it after a stop", () => {
    const queue: TurnInput = { type: "queue", text: "next" };
    expect(play(prompt, queue, ended(), { type: "turn.written" }).effects).toContain("say next");
    const stopped = play(prompt, queue, { type: "stop" }, { type: "turn.written" });
    expect(stopped.effects).not.toContain("say next");
    expect(stopped.state).toMatchObject({ queue: [{ id: "q1", text: "next" }], halted: "stop" });
  });

  it("goes on with a halted queue when told to, and only then", () => {
    const halted = [
      prompt,
      { type: "queue", text: "one" },
      { type: "queue", text: "two" },
      { type: "stop" },
      { type: "turn.written" },
    ] as const;
    expect(play(...halted, { type: "queue.resume" }).effects.slice(-2)).toEqual(["say one", "ask 2"]);
    const alone: TurnInput[] = [{ type: "prompt", text: "now" }, ended(), { type: "turn.written" }];
    const parked = { phase: "idle", queue: [{ text: "one" }, { text: "two" }], halted: "stop" };
    expect(play(...halted, ...alone).state).toMatchObject(parked);
    expect(play(...halted, { type: "continue" }, ...alone.slice(1)).state).toMatchObject(parked);
    const later: TurnInput = { type: "queue", text: "three" };
    expect(play(...halted, ...alone, later).state.queue.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    // Said while another turn runs, it goes out behind that one.
    const during = play(...halted, { type: "prompt", text: "now" }, { type: "queue.resume" }, ended(), { type: "turn.written" });
    expect(during.state).toMatchObject({ phase: "answering", queue: [{ text: "two" }] });
    expect(during.state.halted).toBeUndefined();
  });

  it("changes and drops what waits", () => {
    const waiting = [prompt, { type: "queue", text: "one" }, { type: "queue", text: "two" }] as const;
    const { state } = play(
      ...waiting,
      { type: "queue.edit", id: "q1", text: "uno" },
      { type: "queue.edit", id: "q2", text: " " },
    );
    expect(state.queue).toEqual([{ id: "q1", text: "uno" }]);
  });

  it("gives back what is too much, and loses nothing of what waits", () => {
    const many = Array.from({ length: waitingLimit + 1 }, (_, index): TurnInput => ({ type: "queue", text: `${index}` }));
    const { state, effects } = play(prompt, ...many);
    expect(effects.at(-1)).toBe("notice.given");
    expect(state.queue.map(({ text }) => text)).toEqual(many.slice(0, -1).map((_, index) => `${index}`));
  });

  it("halts for the reason that there is", () => {
    const limited: TurnInput = { type: "answer.ended", ending: "failed", failure: failure("PROVIDER_LIMIT", "") };
    expect(play(prompt, { type: "queue", text: "one" }, limited, { type: "turn.written" }).state.halted).toBe("limit");
  });

  it("takes a stop back, once there was one", () => {
    expect(play({ type: "continue" }).effects).toEqual(["notice.given"]);
    const { effects } = play(prompt, { type: "stop" }, { type: "turn.written" }, { type: "continue" });
    expect(effects.slice(-2)).toEqual(["say Go on where you were cut off.", "ask 2"]);
  });
});

describe("after a stop", () => {
  it("begins at once with what is said while the last write ends, and leaves the queue parked", () => {
    const { effects, state } = play(
      prompt,
      { type: "queue", text: "later" },
      { type: "stop" },
      { type: "prompt", text: "now" },
      { type: "turn.written" },
    );
    expect(effects.slice(-3)).toEqual(["turn.started", "say now", "ask 2"]);
    expect(state).toMatchObject({ queue: [{ text: "later" }], halted: "stop" });
  });
});

describe("any order of inputs", () => {
  const call = fc.constantFrom("a", "b", "c");
  const input = fc.oneof(
    fc.constant<TurnInput>({ type: "stop" }),
    fc.constant<TurnInput>({ type: "turn.written" }),
    fc.constant<TurnInput>({ type: "queue.resume" }),
    fc.constant<TurnInput>({ type: "continue" }),
    fc.record({
      type: fc.constant("queue.edit" as const),
      id: fc.constantFrom("q1", "q2", "q3"),
      text: fc.oneof(fc.uuid(), fc.constant(" ")),
    }),
    fc.record({ type: fc.constantFrom("prompt" as const, "queue" as const), text: fc.uuid() }),
    fc.record({ type: fc.constant("steer" as const), text: fc.uuid(), delivered: fc.boolean() }),
    call.map(made),
    call.map((name) => settled(name)),
    fc.constantFrom<TurnInput>(ended(), ended("truncated"), ended("interrupted")),
  );

  it("loses no message, says none twice, and asks nothing after a stop before the next turn", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let state = idleTurn;
        const said: string[] = [];
        const given: string[] = [];
        let stopped = false;
        let told: { queue: TurnState["queue"]; halted: TurnState["halted"] } = { queue: [], halted: undefined };
        for (const item of inputs) {
          // A call is made only while an answer runs; the driver cannot do otherwise.
          if (
            item.type === "call.made" &&
            (state.phase !== "answering" || state.calls.some((pending) => pending.call === item.call))
          )
            continue;
          const wasStopped = state.phase === "closing" && state.ending?.ending === "interrupted";
          const parked = state.halted === undefined ? [] : state.queue.map(({ id }) => id);
          // What waits and is not halted was said, or asked for, since the stop.
          const saidSince = state.following.length > 0 || (state.queue.length > 0 && state.halted === undefined);
          if (
            item.type === "prompt" ||
            item.type === "queue" ||
            (item.type === "steer" && !(item.delivered && state.phase !== "idle" && state.phase !== "closing"))
          ) {
            given.push(item.text);
          }
          if (item.type === "queue.edit") {
            const changed = state.queue.find(({ id }) => id === item.id);
            if (changed !== undefined) given.splice(given.indexOf(changed.text), 1, ...(item.text === " " ? [] : [item.text]));
          }
          const decision = decide(state, item);
          state = decision.state;
          for (const effect of decision.effects) {
            // Going on after a stop says something that nobody typed.
            if (effect.type === "say" && !(item.type === "continue" && effect.text.startsWith("Go on"))) said.push(effect.text);
            if (effect.type === "emit" && effect.event.type === "turn.started") stopped = false;
            if (effect.type === "emit" && effect.event.type === "stop.requested") stopped = true;
            if (effect.type === "ask") expect(stopped).toBe(false);
          }
          if (wasStopped && item.type === "turn.written") expect(state.phase).toBe(saidSince ? "answering" : "idle");
          if (state.halted !== undefined) expect(state.queue.length).toBeGreaterThan(0);
          // What is parked is moved by nothing but the person's word about the queue.
          if (item.type !== "queue.resume" && item.type !== "queue.edit")
            expect(state.queue.map(({ id }) => id)).toEqual(expect.arrayContaining(parked));
          if (item.type !== "queue.resume" && item.type !== "queue.edit" && parked.length > 0) expect(state.halted).toBeDefined();
          // What the surfaces know of the queue is the queue.
          for (const { event } of decision.effects.filter((effect) => effect.type === "emit"))
            if (event.type === "queue.changed") told = { queue: event.queue, halted: event.halted };
          expect(told).toEqual({ queue: state.queue, halted: state.halted });
          expect(new Set(state.queue.map(({ id }) => id)).size).toBe(state.queue.length);
        }
        const unsaid = [...state.steers, ...[...state.following, ...state.queue].map(({ text }) => text)];
        expect([...said, ...unsaid].toSorted()).toEqual(given.toSorted());
      }),
      { numRuns: 1000 * scale },
    );
  });
});
