/** The suggestion of the deep lane, and the line of its jobs, as states: what is held up, what is sent, what is said twice. */
import type { JobSummary, TwolaneEvent } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { defaultBindings, keyHelp, keyOf } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import type { ActionName } from "./actions.ts";
import type { AppState, AppStep } from "./app.ts";
import { firstState } from "./app-first.ts";
import { typedText } from "./app-line.ts";
import { reduceApp } from "./app-reduce.ts";

const start = (plain = false): AppState => {
  const settings = { vim: false, tellCorrections: false, ...(plain && { plain: true as const }) };
  const first = firstState([], { settings, entries: [], columns: 120, rows: 30 });
  return { ...first, session: { ...first.session, model: "sim/scripted" } };
};
const type = (state: AppState, text: string): AppState =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at: 0 }).state;
const press = (state: AppState, name: ActionName): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at: 10 });
const hear = (state: AppState, event: Record<string, unknown> & { type: string }): AppStep =>
  reduceApp(state, {
    type: "event",
    event: { at: 0, mono: 0, lane: "fast", session: "s", ...event } as unknown as TwolaneEvent,
    at: 20,
  });
const sent = ({ effects }: AppStep): readonly unknown[] =>
  effects.flatMap((effect) => (effect.type === "send" ? [effect.command] : []));
const view = (state: AppState) =>
  screenView(state, {
    ...{
      style: createStyle({ NO_COLOR: "1" }, false),
      now: 0,
      configFile: "c",
      keys: (place) => keyHelp(defaultBindings, place),
    },
    keyOf: (place, name) => keyOf(defaultBindings, place, name),
  });
const shown = (state: AppState): string => view(state).live.join("\n");

const large = "migrate the session store from files to SQLite";

describe("a suggestion", () => {
  it("holds Enter up once, with reason and keys; the second sends, and the kind is not named again", () => {
    const offered = press(type(start(), large), "submit");
    expect(sent(offered)).toEqual([]);
    expect(shown(offered.state)).toContain("For the deep lane: a migration is many changes that hold only together.");
    const second = press(offered.state, "submit");
    expect(sent(second)).toMatchObject([{ type: "prompt", text: large }]);
    expect(sent(press(type(second.state, "port the build from make to esbuild"), "submit"))).toMatchObject([{ type: "prompt" }]);
    // Another kind is another thing.
    expect(sent(press(type(second.state, "redesign the error handling"), "submit"))).toEqual([]);
  });

  it("goes with the text: what is typed on is not what was suggested", () => {
    const offered = press(type(start(), large), "submit").state;
    expect(shown(type(offered, " now"))).not.toContain("For the deep lane");
  });

  it("is not made where nothing is asked of a model, while a turn runs, or where nobody wants it", () => {
    const goes = (state: AppState) => expect(sent(press(type(state, large), "submit"))).toHaveLength(1);
    goes({ ...start(), session: { ...start().session, model: "instant" } });
    goes({ ...start(), session: { ...start().session, phase: "answering" } });
    goes(hear(start(), { type: "lanes.told", wishes: [], past: {}, suggests: false }).state);
    // Where lines come from a pipe it is said beside the request.
    const plain = press(type(start(true), large), "submit");
    expect(sent(plain)).toHaveLength(1);
    expect(JSON.stringify(plain.state.printing)).toContain("For the deep lane");
  });

  it("goes by own numbers and rules as they are told", () => {
    const past = { tweak: { turns: 6, answers: 132, files: 12, cutShort: 0 } };
    const known = hear(start(), { type: "lanes.told", wishes: [], past, suggests: true }).state;
    expect(shown(press(type(known, "add an index"), "submit").state)).toContain(
      "6 requests like it took 22 answers and 2 files each",
    );
    const fast = { name: "ours", source: "p:1", lane: "fast", words: ["session store"] };
    const ruled = hear(start(), { type: "lanes.told", wishes: [fast], past: {}, suggests: true }).state;
    expect(sent(press(type(ruled, large), "submit"))).toMatchObject([{ type: "prompt" }]);
  });

  it("keeps what is typed until the job begins, then the line is free", () => {
    const asked = press(type(start(), large), "to-deep-lane");
    expect(sent(asked)).toEqual([{ type: "job.brief", text: large, kind: "change" }]);
    const drafted = hear(asked.state, {
      type: "brief.drafted",
      kind: "change",
      text: "# Goal\n\nx\n\n# Done when\n\n<!-- one line each -->\n\n- \n\n# Held to\n\n- y\n",
    }).state;
    expect(drafted.editor.cursor).toBe("# Goal\n\nx\n\n# Done when\n\n<!-- one line each -->\n\n- ".length);
    expect(typedText(press(drafted, "escape").state)).toBe(large);
    const begun = press(drafted, "submit");
    expect(sent(begun)).toMatchObject([{ type: "job.start", written: true, kind: "change" }]);
    expect(typedText(begun.state)).toBe("");
  });
});

describe("the line of the jobs", () => {
  const job = (changed: Partial<JobSummary>): JobSummary => ({
    ...{
      job: "d3",
      kind: "change",
      title: "move it",
      state: "running",
      stage: "working",
      doing: "step 2",
      step: 2,
      of: 5,
      model: "m",
    },
    ...{ startedAt: 0, spend: { ms: 240_000, input: 30_000, cachedInput: 0, output: 1200, steps: 4 } },
    ...changed,
  });
  const told = (state: AppState, ...jobs: readonly JobSummary[]): AppState => hear(state, { type: "jobs.changed", jobs }).state;

  it("says where a job is and that it is ready, and moves neither input nor cursor", () => {
    const typing = type(start(), "half a thought");
    const running = told(typing, job({}));
    expect(shown(running)).toContain("d3 step 2/5 · 4 min · 31k tokens");
    expect(view(running).cursor).toEqual(view(typing).cursor);
    const ready = told(running, job({ state: "ready", tests: "passed", changed: { hunks: 12, files: 4 } }));
    expect(shown(ready)).toContain("d3 is ready: 12 hunks in 4 files, tests passed · /take d3");
    expect(view(ready).cursor).toEqual(view(typing).cursor);
    expect(view(ready).live).toHaveLength(view(running).live.length);
  });

  it("is gone when its hunks are in the review, and prints nothing in between", () => {
    const ready = told(start(), job({ state: "ready" }));
    const notice = hear(ready, { type: "notice.given", code: "JOB_READY", message: "d3 is ready" });
    expect(notice.state.printing).toEqual([]);
    expect(notice.effects).toEqual([{ type: "notify", text: "d3 is ready" }]);
    const plain = hear(start(true), { type: "notice.given", code: "JOB_READY", message: "d3 is ready" });
    expect(JSON.stringify(plain.state.printing)).toContain("d3 is ready");
    const hunk = { id: "h1", turn: "t1", operation: "update", path: "a", line: 1, linesRemoved: 0, linesAdded: 1, job: "d3" };
    expect(shown(hear(ready, { type: "hunk.closed", hunk, lines: [] }).state)).not.toContain("d3 is ready");
  });

  it("has room for what runs: of those that are ready only the newest, and how many more", () => {
    const changed = { hunks: 2, files: 1 };
    const ready = (name: string, endedAt: number) => job({ job: name, state: "ready", endedAt, changed });
    const text = shown(told(start(), ready("d6", 6), ready("d9", 9), ready("d2", 2), job({ job: "d1" })));
    expect(text).toContain("d1 step 2/5 · 4 min · 31k tokens   d9 is ready: 2 hunks in 1 file · /take d9   +2");
    expect(text).not.toMatch(/d6|d2/);
  });

  it("offers nothing to take where there is nothing", () => {
    const nothing = job({ job: "d8", state: "ready", changed: { hunks: 0, files: 0 } });
    const text = shown(told(start(), nothing));
    expect(text).toContain("d8 has ended and changed nothing · /jobs d8");
    expect(text).not.toContain("/take d8");
    expect(sent(press(type(told(start(), nothing), "/take"), "submit"))).toEqual([]);
    const older = job({ job: "d2", state: "ready", changed: { hunks: 1, files: 1 } });
    expect(sent(press(type(told(start(), nothing, older), "/take"), "submit"))).toEqual([{ type: "job.take", job: "d2" }]);
  });

  it("says how an answer is seen where somebody would take it", () => {
    const answered = press(type(told(start(), job({ job: "d2", kind: "research", state: "ready" })), "/take d2"), "submit");
    expect(sent(answered)).toEqual([]);
    expect(JSON.stringify(answered.state.printing)).toContain("d2 has only an answer, nothing to take. /jobs d2 shows it.");
  });

  it("says that a question has its answer until somebody has read it", () => {
    const running = told(start(), job({ kind: "research", of: 0, step: 0 }));
    const ready = told(running, job({ kind: "research", state: "ready" }));
    expect(shown(ready)).toContain("d3 has an answer · /jobs d3");
    // One that was there when the session began is no news.
    expect(shown(told(start(), job({ kind: "research", state: "ready" })))).not.toContain("has an answer");
  });
});
