/** A job as a pure machine: its walk, its tries to mend, its budget, its waits; and that its kept events give the state in which it goes on. */
import type { Evidence, JobBudget, JobEdit, PlannedStep } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JobEffect, type JobInput, type JobMove, type JobState, foldJob, goOn, moveJob, newJob } from "./job.ts";

const steps: readonly PlannedStep[] = ["one", "two"].map((title) => ({ title, files: [], risk: "" }));
const evidence = (outcome: "passed" | "failed"): Evidence =>
  ({
    ...{ runners: [], commands: [], outcome, hash: "", ms: 1, cached: 0, tests: [] },
    counts: { passed: 1, failed: outcome === "failed" ? 1 : 0, skipped: 0 },
  }) as unknown as Evidence;
const spend = (ms: number, output = 0) => ({ ms, input: 0, cachedInput: 0, output, steps: 1, dollars: 0 });

/** Plays inputs, and remembers all effects. */
function play(inputs: readonly JobInput[], budget: JobBudget = {}, kind: "change" | "research" = "change") {
  let move: JobMove = goOn(newJob(kind, budget));
  const effects: JobEffect[] = [...move[1]];
  for (const input of inputs) {
    move = moveJob(move[0], input);
    effects.push(...move[1]);
  }
  return { state: move[0], effects };
}

const told = (effects: readonly JobEffect[]) => effects.flatMap((effect) => (effect.type === "tell" ? [effect.event] : []));
const brief = (effects: readonly JobEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === "ask" ? [effect.ask.kind] : effect.type === "check" ? [effect.scope] : effect.type === "halt" ? ["halt"] : [],
  );
const answered = (text = "done"): JobInput => ({ type: "answered", text, steps });
const checked = (outcome: "passed" | "failed"): JobInput => ({ type: "checked", evidence: evidence(outcome) });

test("it plans, works step by step, checks each, checks all, and reports", () => {
  const { state, effects } = play([
    answered(),
    ...[answered("first"), checked("passed"), answered("second"), checked("passed")],
    checked("passed"),
    answered("All done.\nLook first: src/a.ts, b.ts"),
  ]);
  expect(brief(effects)).toEqual(["plan", "step", "impacted", "step", "impacted", "whole", "report", "halt"]);
  expect(state.ending).toBe("ready");
  expect(told(effects).find(({ type }) => type === "job.reported")).toMatchObject({
    report: { lookFirst: ["src/a.ts", "b.ts"] },
  });
});

const edit = (state: JobEdit["state"], hunk: string, more: Partial<JobEdit> = {}): JobInput => ({
  ...{ type: "edited", edit: { ...{ hunk, turn: "t1", path: "a.ts", line: 1, added: 1, removed: 0, step: 1, state }, ...more } },
});

test("an edit that was not made is told where it happened and in the report, unless it was made good", () => {
  const { state, effects } = play([
    edit("failed", "h0"),
    answered(),
    ...[edit("failed", "h1"), edit("failed", "h2"), edit("superseded", "h2"), edit("failed", "h3", { path: "b.ts" })],
    ...[edit("landed", "h4", { turn: "t2", path: "b.ts" }), edit("held", "h5", { path: "c.ts", reason: "a rule" })],
    ...[answered(), checked("passed"), edit("landed", "h6", { turn: "t3", step: 2 }), answered(), checked("passed")],
    ...[checked("passed"), answered("All done.")],
  ]);
  expect(state.missed.map(({ hunk }) => hunk)).toEqual(["h1", "h5"]);
  expect(told(effects).filter(({ type }) => type === "job.edited")).toHaveLength(8);
  expect(told(effects).find(({ type }) => type === "job.reported")).toMatchObject({
    report: { missed: [{ hunk: "h1" }, { hunk: "h5" }] },
  });
});

test("what fails is mended three times at most, and then said", () => {
  const { effects, state } = play([
    answered(),
    answered(),
    ...Array.from({ length: 4 }, () => [checked("failed"), answered()]).flat(),
  ]);
  expect(brief(effects).filter((kind) => kind === "mend")).toHaveLength(3);
  expect(state.step).toBe(2);
});

test.each([
  [{ minutes: 1 }, spend(60_001), "minutes"],
  [{ tokens: 10 }, spend(0, 11), "tokens"],
  [{ steps: 1 }, { ...spend(0), steps: 2 }, "answers"],
] as const)("the budget %j ends it", (budget, used, _unit) => {
  const { state, effects } = play([{ type: "spent", spend: used }], budget);
  expect(state.ending).toBe("spent");
  expect(brief(effects).at(-1)).toBe("halt");
  // It goes on with the same budget once more.
  const again = foldJob(state, { type: "job.resumed" });
  expect(moveJob(again, { type: "spent", spend: used })[0].ending).toBeUndefined();
});

describe("a provider that does not answer", () => {
  const away = (at: number, code: "PROVIDER_UNREACHABLE" | "STREAM_TRUNCATED" = "PROVIDER_UNREACHABLE"): JobInput => ({
    ...{ type: "held", at, failure: { code, message: "gone" } },
  });
  const waits = (effects: readonly JobEffect[]) => effects.flatMap((effect) => (effect.type === "wait" ? [effect.ms] : []));

  test("is waited for, longer each time", () => {
    const { effects, state } = play(Array.from({ length: 9 }, (_, index) => away(1000 + index)));
    expect(waits(effects)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(told(effects).at(-1)).toMatchObject({
      type: "job.moved",
      doing: expect.stringMatching(/^waiting for the network since \d\d:\d\d$/),
    });
    const [next, after] = moveJob(state, { type: "again" });
    expect(brief(after)).toEqual(["plan"]);
    expect(waits(moveJob(moveJob(next, answered())[0], away(5000))[1])).toEqual([1000]);
  });

  test("and said when it will", () => {
    const { effects } = play([{ type: "held", failure: { code: "PROVIDER_LIMIT", message: "" }, at: 1000, until: 91_000 }]);
    expect(waits(effects)).toEqual([90_000]);
    expect(told(effects).at(-1)).toMatchObject({ doing: expect.stringContaining("limit since") });
  });

  test("but not for ever, nor one that breaks off each time", () => {
    expect(play([away(0), away(13 * 3600_000)]).state.ending).toBe("failed");
    expect(play(Array.from({ length: 6 }, () => away(0, "STREAM_TRUNCATED"))).state.ending).toBe("failed");
  });
});

test("whenever it is killed, its kept events give the state in which it goes on", () => {
  const input = fc.oneof(
    fc.constant(answered()),
    fc.constant<JobInput>({ type: "answered", text: "x", steps: [] }),
    fc.constantFrom(checked("passed"), checked("failed"), { type: "checked", untested: "none" } as const),
    fc.nat(3000).map((ms): JobInput => ({ type: "spent", spend: spend(ms) })),
    fc.constant<JobInput>({ type: "held", failure: { code: "PROVIDER_SILENT", message: "" }, at: 5 }),
    fc.constant<JobInput>({ type: "again" }),
    fc
      .tuple(fc.constantFrom("landed", "held", "failed", "superseded"), fc.constantFrom("h1", "h2", "h3"), fc.nat(2))
      .map(([state, hunk, turn]) => edit(state, hunk, { turn: `t${turn}` })),
  );
  const comparable = (state: JobState) => ({ ...state, waits: 0, waitingSince: 0 });
  fc.assert(
    fc.property(fc.array(input, { maxLength: 30 }), fc.constantFrom("change", "research"), (inputs, kind) => {
      const fits = (state: JobState, { type }: JobInput): boolean =>
        type === "answered" ? state.stage !== "checking" : type === "checked" ? state.stage === "checking" : true;
      let move = goOn(newJob(kind, {}));
      const events = told(move[1]);
      for (const next of inputs) {
        if (!fits(move[0], next)) continue;
        move = moveJob(move[0], next);
        events.push(...told(move[1]));
        expect(comparable(events.reduce(foldJob, newJob(kind, {})))).toEqual(comparable(move[0]));
      }
      // Cut anywhere: no step is skipped, and none that has ended is begun again.
      for (let end = 0; end <= events.length; end++) {
        const cut = events.slice(0, end);
        const state = cut.reduce(foldJob, newJob(kind, {}));
        if (state.ending !== undefined || kind === "research") continue;
        const done = cut.filter(({ type }) => type === "job.step.ended").length;
        const [ask] = goOn(state)[1].flatMap((effect) =>
          effect.type === "ask" && effect.ask.kind === "step" ? [effect.ask.step] : [],
        );
        if (ask !== undefined) expect(ask).toBe(done + 1);
      }
    }),
  );
});
