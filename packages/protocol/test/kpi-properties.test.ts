/** What holds of the KPIs of any session, also of one that no engine would write. */
import { type EventBody, type HunkId, continuePrompt, isTransient, planPrompt } from "@twolane/protocol";
import { type KpiSample, SessionKpis, figureOf, kpiDefinitions } from "@twolane/protocol/kpis";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SessionScript, dayMs } from "./session-script.ts";

/** Time passes, by up to some seconds; seldom both clocks or the wall clock alone do something wild. */
type Step = (script: SessionScript, pick: <T>(list: readonly T[]) => T) => unknown;

const known = (script: SessionScript): HunkId[] => [
  ...new Set(
    script.events.flatMap((event) => (event.type === "hunk.landed" || event.type === "hunk.held" ? [event.hunk.id] : [])),
  ),
];
const ofHunk =
  (act: (script: SessionScript, id: HunkId) => unknown): Step =>
  (script, pick) => {
    const ids = known(script);
    if (ids.length > 0) act(script, pick(ids));
  };
const say =
  (body: (script: SessionScript) => EventBody): Step =>
  (script) =>
    script.say(body(script));

const steps: Readonly<Record<string, Step>> = {
  prompt: (script, pick) => script.prompt(pick(["x", "x", "x", planPrompt, continuePrompt, "/take d1"])),
  promptKey: (script) => script.key("prompt", 5),
  request: (script) => script.request(),
  ahead: (script) => script.request({ ahead: true }),
  delayed: say(() => ({ type: "step.delayed", step: 1, why: "limit", until: 0, place: 1, of: 1 })),
  queued: say(() => ({ type: "step.queued", step: 1 })),
  answer: (script, pick) => script.answer(pick([0, 20, 300]), pick([0, 90, 4000]), pick(["quick-1", "quick-1", "instant"])),
  shown: (script) => script.shown(6),
  stepEnds: (script) => script.stepEnds(),
  end: (script, pick) => script.end(pick(["completed", "completed", "interrupted", "failed"])),
  stop: say((script) => ({ type: "stop.requested", turn: script.turn })),
  stopKey: (script) => script.key("stop", 3),
  quiet: say((script) => ({ type: "stop.finished", turn: script.turn, kept: [] })),
  steer: say((script) => ({ type: "turn.steered", turn: script.turn, text: "x" })),
  delivered: say((script) => ({ type: "turn.steered", turn: script.turn, text: "x", delivered: true })),
  steerKey: (script) => script.key("steer", 3),
  land: (script, pick) => script.land({ path: pick(["a", "b"]), lines: pick([0, 1, 200]), dryRun: pick([false, false, true]) }),
  hold: (script) => script.hold(),
  offer: (script) => script.hold({ job: "d1" }, "deep"),
  fail: (script) => script.fail(),
  again: ofHunk((script, id) => script.landAgain(id)),
  accept: ofHunk((script, id) => script.accept(id)),
  byCommit: ofHunk((script, hunk) => script.say({ type: "hunk.accepted", hunk, by: "commit" })),
  reject: ofHunk((script, id) => script.reject(id)),
  undo: ofHunk((script, id) => script.undo(id)),
  seen: ofHunk((script, id) => script.say({ type: "hunk.seen", hunks: [id] })),
  edited: ofHunk((script, hunk) => script.say({ type: "hunk.edited", hunk, lines: 4 })),
  superseded: ofHunk((script, hunk) => script.say({ type: "hunk.superseded", hunk })),
  commit: ofHunk((script, id) => script.commit("c1", id)),
  found: ofHunk((script, id) => script.found("c2", script.wall - 50, id)),
  hand: say(() => ({ type: "job.handed", job: "d1" })),
  workflow: say(() => ({ type: "workflow.started", workflow: "refactor", text: "x" })),
  workflowEnds: say(() => ({ type: "workflow.ended", workflow: "refactor", ending: "done", report: [] })),
  plan: say(() => ({ type: "mode.changed", mode: "plan" })),
  flow: say(() => ({ type: "mode.changed", mode: "flow" })),
  rewind: say((script) => ({ type: "turn.rewound", turn: script.turn, conversation: true, files: true })),
  resume: (script) => script.resume(1000),
  jump: (script, pick) => script.jump(pick([-dayMs, -4000, 4000, dayMs])),
  night: (script) => script.after(dayMs),
  words: say(() => ({ type: "text.delta", text: "x" })),
  jobs: say(() => ({ type: "jobs.changed", jobs: [] })),
};

const anySession = fc
  .array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat({ max: 4000 }), fc.nat()), { maxLength: 80, size: "max" })
  .map((list) => {
    const script = new SessionScript();
    for (const [name, ms, number] of list) steps[name]!(script.after(ms), (some) => some[number % some.length]!);
    return script;
  });

type Fed = SessionScript["events"][number];
const kpisOf = (events: readonly Fed[]): SessionKpis => {
  const kpis = new SessionKpis();
  for (const event of events) kpis.take(event);
  return kpis;
};
const isKept = (event: Fed): boolean => event.type === "commit.found" || !isTransient(event.type);
const check = (property: fc.IProperty<[SessionScript, number]>): void => fc.assert(property, { numRuns: 400 });

it("a replay of what the journal keeps gives what was told live", () =>
  check(
    fc.property(anySession, fc.nat({ max: 3 }), ({ events, wall }, days) => {
      const now = wall + days * dayMs;
      const kept = events.filter(isKept).map((event) => JSON.parse(JSON.stringify(event)) as Fed);
      expect(kpisOf(kept).samples(now)).toEqual(kpisOf(events).samples(now));
      expect(kpisOf(kept).taskRecords(now)).toEqual(kpisOf(events).taskRecords(now));
    }),
  ));

it("being asked in between changes nothing", () =>
  check(
    fc.property(anySession, fc.nat(), ({ events, wall }, number) => {
      const kpis = new SessionKpis();
      events.forEach((event, index) => {
        kpis.take(event);
        if ((index + number) % 3 === 0) [kpis.samples(wall), kpis.taskRecords(wall + dayMs)].length.toFixed();
      });
      expect(kpis.samples(wall + dayMs)).toEqual(kpisOf(events).samples(wall + dayMs));
    }),
  ));

it("what is told once is told later too", () =>
  check(
    fc.property(anySession, fc.nat({ max: 2 * dayMs }), ({ events, wall }, ms) => {
      const kpis = kpisOf(events);
      const later = new Set(kpis.samples(wall + ms).map((sample) => JSON.stringify(sample)));
      for (const sample of kpis.samples(wall)) expect(later).toContain(JSON.stringify(sample));
    }),
  ));

it("a sample has a value, a reason for having none, or a share; values are times, and parts are all of them", () =>
  check(
    fc.property(anySession, fc.nat({ max: 2 }), ({ events, wall }, days) => {
      for (const sample of kpisOf(events).samples(wall + days * dayMs)) expect(faultOf(sample)).toBe("");
      const isAhead = events.some((event) => event.type === "step.requested" && event.ahead === true);
      for (const { kpi, value = 0, parts } of kpisOf(events).samples(wall))
        if (parts !== undefined && !(kpi === "first-token" && isAhead)) expect(sum(Object.values(parts))).toBeCloseTo(value, 6);
    }),
  ));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function faultOf({ value, missing, hits, of, parts }: KpiSample): string {
  const isShare = hits !== undefined && of !== undefined;
  if ([value !== undefined, missing !== undefined, isShare].filter(Boolean).length !== 1) return "not one of three";
  if (isShare && !(hits >= 0 && hits <= of)) return "more hits than cases";
  if (value !== undefined && !(value >= 0 && Number.isFinite(value))) return `no time: ${value}`;
  return Object.values(parts ?? {}).every((part) => part >= 0) ? "" : "a part that is no time";
}

it("sessions can be joined in any order", () =>
  fc.assert(
    fc.property(fc.array(anySession, { minLength: 2, maxLength: 4 }), (sessions) => {
      const told = sessions.map(({ events, wall }) => kpisOf(events).samples(wall + dayMs));
      for (const definition of kpiDefinitions)
        expect(figureOf(definition, told.flat())).toEqual(figureOf(definition, told.toReversed().flat()));
    }),
    { numRuns: 100 },
  ));
