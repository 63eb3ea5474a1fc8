/** The whole screen under random keys and events: what must hold, holds after every step. */
import type { Command, EventBody, TwolaneEvent } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PendingChord, defaultBindings, keyHelp, keyOf, resolveKey } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import { displayWidth } from "../views/text.ts";
import { finalLines } from "../views/transcript-view.ts";
import type { AppEffect, AppInput, AppState } from "./app.ts";
import { firstState } from "./app-first.ts";
import { placeOf, reduceApp } from "./app-reduce.ts";

const steps = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) > 1 ? 10_000 : 800;
const style = createStyle({ NO_COLOR: "1" }, false);

const workflowQuestion: EventBody[] = [
  { type: "workflow.started", workflow: "refactor", text: "tidy" },
  { type: "workflow.moved", workflow: "refactor", stage: "change", text: "漢字 first", step: 1, of: 2 },
  {
    ...{ type: "workflow.asked", workflow: "refactor", question: "A plan of 2 changes. Carry it out?" },
    detail: {
      kind: "plan",
      steps: [
        { title: "漢字 ".repeat(40), files: ["src/a.ts"], risk: "low" },
        { title: "b", files: [], risk: "" },
      ],
    },
    choices: [
      { answer: "yes", label: "carry it out" },
      { answer: "edit", label: "change the plan first", takesText: true },
    ],
    otherwise: "yes",
  },
];

/** A session as far as the screen can see it: answers commands with the events that the engine would tell. */
class FakeSession {
  readonly sent: Command[] = [];
  readonly queue: { readonly id: string; readonly text: string }[] = [];
  private turn = 0;
  private hunks = 0;
  private remarks = 0;
  private running = false;
  private queued = 0;

  take(command: Command): EventBody[] {
    this.sent.push(command);
    switch (command.type) {
      case "prompt":
      case "continue":
        return this.running ? [] : this.begin(command.type === "prompt" ? command.text : "go on");
      case "steer":
        return this.running ? [{ type: "turn.steered", turn: `t${this.turn}`, text: command.text }] : this.begin(command.text);
      case "stop":
        return this.running ? this.end("interrupted") : [];
      case "queue":
        this.queue.push({ id: `q${++this.queued}`, text: command.text });
        return [{ type: "queue.changed", queue: [...this.queue] }];
      case "queue.edit": {
        const at = this.queue.findIndex(({ id }) => id === command.id);
        if (at >= 0) this.queue.splice(at, 1, ...(command.text.trim() === "" ? [] : [{ id: command.id, text: command.text }]));
        return [{ type: "queue.changed", queue: [...this.queue] }];
      }
      case "hunk.accept":
        return command.hunks.map((hunk) => ({ type: "hunk.accepted", hunk, by: "person" }));
      case "hunk.reject":
        return command.hunks.map((hunk) => ({ type: "hunk.rejected", hunk, path: "a.ts" }));
      case "hunk.undo":
        return command.hunks.map((hunk) => ({ type: "hunk.undone", hunk, path: "a.ts" }));
      case "hunk.see":
        return [{ type: "hunk.seen", hunks: command.hunks }];
      case "mode.set":
        return [{ type: "mode.changed", mode: command.mode }];
      case "plan.take":
        return [{ type: "mode.changed", mode: "flow" }, ...(this.running ? [] : this.begin("Carry out the plan."))];
      case "scope.set":
        return [{ type: "scope.changed", scope: command.scope }];
      case "workflow.answer":
        return [{ type: "workflow.answered", workflow: "refactor", answer: command.answer }];
      case "workflow.end":
        return [{ type: "workflow.ended", workflow: "refactor", ending: "stopped", report: ["step 1: done"] }];
      default:
        return [];
    }
  }

  /** Something that happens by itself. */
  stream(kind: number): EventBody[] {
    if (kind === 4) return workflowQuestion;
    if (kind === 5)
      return [
        {
          type: "comment.made",
          comment: { id: `c${++this.remarks}`, path: "a.ts", line: 1, severity: "must", text: "漢字 ".repeat(50) },
        },
      ];
    if (kind === 6) {
      const problems = [{ path: "b.ts", line: 2, code: "TS2345", message: "漢字 does not fit ".repeat(20) }];
      return [{ type: "diagnostics.found", hunk: `h${this.hunks}`, problems, more: 3, steer: true }];
    }
    if (!this.running) return [];
    if (kind === 0) return [{ type: "text.delta", text: "wide 漢字 👩‍👩‍👧 text\nand `code`" }];
    if (kind === 1) return this.end("completed");
    const hunk = {
      id: `h${++this.hunks}`,
      turn: `t${this.turn}`,
      operation: "update",
      path: "src/a file.ts",
      line: 3,
      linesAdded: 1,
      linesRemoved: 1,
    } as const;
    const closed: EventBody = {
      type: "hunk.closed",
      hunk,
      lines: [
        { op: "remove", text: "\told" },
        { op: "add", text: "\tnew é" },
      ],
    };
    if (kind === 2) return [closed, { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false }];
    return [
      closed,
      { type: "hunk.held", hunk, verdict: { decision: "hold", rule: "step", reason: "it waits", wayOut: "Say yes." } },
    ];
  }

  private begin(prompt: string): EventBody[] {
    this.running = true;
    return [
      { type: "turn.started", turn: `t${++this.turn}`, prompt },
      { type: "step.answered", step: 1 },
    ];
  }

  private end(ending: "completed" | "interrupted"): EventBody[] {
    this.running = false;
    return [{ type: "turn.ended", turn: `t${this.turn}`, ending }];
  }
}

type Doing =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "stream"; readonly what: number }
  | { readonly kind: "resize"; readonly columns: number; readonly rows: number }
  | { readonly kind: "wait"; readonly ms: number };

const keys = [
  ...[
    "enter",
    "tab",
    "esc",
    "shift-tab",
    "ctrl-c",
    "ctrl-j",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "backspace",
    "delete",
  ],
  ...[
    "ctrl-a",
    "ctrl-e",
    "ctrl-k",
    "ctrl-u",
    "ctrl-w",
    "ctrl-y",
    "alt-y",
    "ctrl-t",
    "ctrl-_",
    "ctrl-r",
    "ctrl-x",
    "alt-d",
    "pagedown",
    "pageup",
  ],
];
const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("key" as const), key: fc.constantFrom(...keys) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("text" as const),
      text: fc.constantFrom("y", "n", "e", "a", "A", "u", "j", "k", "c", "?", "/", "@", "!", "x", " ", "é", "漢", "👩‍👩‍👧"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("paste" as const),
      text: fc.constantFrom("/mode step", "/queue", "/status", "one\ntwo", "x\n".repeat(5000), "/rewind", "/diff"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("stream" as const), what: fc.nat(6) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("resize" as const),
      columns: fc.integer({ min: 40, max: 400 }),
      rows: fc.integer({ min: 5, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(700) }) },
);

function start(): AppState {
  return firstState([], { settings: { vim: false, tellCorrections: false }, entries: ["earlier"], columns: 80, rows: 24 });
}

/** Every line within the width, all of it within the screen, the cursor on it. */
function checkView(state: AppState, now: number): void {
  const { live, cursor } = screenView(state, {
    ...{ style, now, configFile: "~/config.json", keys: (place) => keyHelp(defaultBindings, place) },
    keyOf: (place, name) => keyOf(defaultBindings, place, name),
  });
  expect(live.length).toBeLessThan(state.rows);
  for (const line of live) expect(displayWidth(line), line.slice(0, 200)).toBeLessThanOrEqual(state.columns);
  expect(cursor).toBeDefined();
  expect(cursor!.row).toBeLessThan(live.length);
  expect(cursor!.column).toBeLessThanOrEqual(state.columns);
}

describe("the screen", () => {
  it("holds what must hold under any keys, events and sizes", () => {
    fc.assert(
      fc.property(fc.array(doing, { minLength: steps, maxLength: steps, size: "max" }), (all) => {
        let state = start();
        let chord: PendingChord;
        let now = 1000;
        const session = new FakeSession();
        const waiting: EventBody[] = [];
        const put = (input: AppInput): void => {
          const step = reduceApp(state, input);
          state = { ...step.state, printing: [] };
          for (const block of step.state.printing)
            for (const line of finalLines(block, { width: state.columns, style })) expect(line).not.toMatch(/[\n\r\u0007]/);
          step.effects.forEach(answer);
        };
        const answer = (effect: AppEffect): void => {
          if (effect.type === "send") waiting.push(...session.take(effect.command));
          if (effect.type === "find-rewind-points")
            put({ type: "answer", answer: { kind: "rewind-points", points: [] }, at: now });
          if (effect.type === "find-paths")
            put({
              type: "answer",
              answer: { kind: "paths", generation: effect.generation, paths: ["a b.ts", "src/漢.ts"] },
              at: now,
            });
        };
        const tell = (bodies: readonly EventBody[]): void => {
          for (const body of bodies) {
            const event: TwolaneEvent = { ...body, at: now, mono: now, lane: "fast", session: "s" };
            put({ type: "event", event, at: now });
          }
        };
        for (const one of all) {
          now += one.kind === "wait" ? one.ms : 3;
          if (one.kind === "stream") tell(session.stream(one.what));
          else if (one.kind === "resize") put({ type: "resize", columns: one.columns, rows: one.rows });
          else if (one.kind === "wait") put({ type: "tick", at: now });
          else {
            const empty = state.editor.text === "";
            const resolved = resolveKey(one, { place: placeOf(state), bindings: defaultBindings, chord, empty });
            chord = resolved.chord;
            if (resolved.action !== undefined) put({ type: "action", action: resolved.action, at: now });
          }
          tell(waiting.splice(0));
          checkView(state, now);
          expect(state.session.queue).toEqual(session.queue);
          const { cursor, comments } = state.review;
          expect(cursor === undefined || state.session.review.has(cursor) || comments.has(cursor)).toBe(true);
        }
      }),
      // A failing run is long enough to look at as it is.
      { numRuns: 4, endOnFailure: true },
    );
    // It takes four seconds of a processor, and a loaded machine gives it a fifth of one.
  }, 60_000);

  const type = (state: AppState, text: string, at = 0): AppState =>
    reduceApp(state, { type: "action", action: { type: "type", text }, at }).state;
  const press = (state: AppState, name: "submit" | "escape" | "stop" | "queue-or-review" | "accept", at: number) =>
    reduceApp(state, { type: "action", action: { type: "do", name }, at });
  const event = (state: AppState, body: EventBody, at = 0): AppState =>
    reduceApp(state, { type: "event", event: { ...body, at, mono: at, lane: "fast", session: "s" }, at }).state;
  const running = (): AppState => event(start(), { type: "turn.started", turn: "t1", prompt: "go" });

  it("sends a prompt, steers while it writes, and queues with Tab", () => {
    expect(press(type(start(), "hi"), "submit", 0).effects).toContainEqual({
      type: "send",
      command: { type: "prompt", text: "hi" },
    });
    expect(press(type(running(), "no"), "submit", 0).effects).toContainEqual({
      type: "send",
      command: { type: "steer", text: "no" },
    });
    expect(press(type(running(), "later"), "queue-or-review", 0).effects).toContainEqual({
      type: "send",
      command: { type: "queue", text: "later" },
    });
  });

  it("closes with Esc first, is deaf then, and stops only with nothing open", () => {
    const open = reduceApp(running(), { type: "action", action: { type: "do", name: "help" }, at: 0 }).state;
    const closed = press(open, "escape", 100);
    expect([closed.state.panel.kind, closed.effects]).toEqual(["none", []]);
    expect(press(closed.state, "escape", 350).effects).toEqual([]);
    expect(press(closed.state, "escape", 450).effects).toEqual([{ type: "send", command: { type: "stop" } }]);
  });

  it("stops with Ctrl-C whatever is open, and leaves what is typed and open", () => {
    const open = type(reduceApp(running(), { type: "action", action: { type: "do", name: "help" }, at: 0 }).state, "x");
    const stopped = press(open, "stop", 100);
    expect(stopped.effects).toEqual([{ type: "send", command: { type: "stop" } }]);
    expect(stopped.state.panel).toBe(open.panel);
  });

  it("keeps a key or an address to a model out of the history", () => {
    const { effects, state } = press(type(start(), "/model groq gsk_secret"), "submit", 0);
    expect(effects).toEqual([{ type: "use-model", typed: "groq gsk_secret" }]);
    expect(state.history.entries).toEqual(["earlier"]);
  });

  it("keeps the keys in the list of hunks until Esc: Tab stays there, and the help gives them back to it", () => {
    const hunk = { id: "h1", turn: "t1", operation: "update", path: "a.ts", line: 1, linesAdded: 1, linesRemoved: 1 } as const;
    const landed = event(running(), { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false }, 1000);
    const open = press(press(landed, "queue-or-review", 1010).state, "queue-or-review", 2000).state;
    expect(open.panel.kind).toBe("review");
    const help = reduceApp(open, { type: "action", action: { type: "do", name: "help" }, at: 2000 }).state;
    expect(press(help, "escape", 2100).state.panel.kind).toBe("review");
    const typed = reduceApp(help, { type: "action", action: { type: "type", text: "y" }, at: 2100 });
    expect([typed.state.panel.kind, typed.state.editor.text, typed.effects]).toEqual(["review", "", []]);
    expect(press(open, "escape", 2100).state.panel.kind).toBe("none");
  });

  it("carries out a plan that is words alone, and none before there is one", () => {
    const plan = (state: AppState) => reduceApp(state, { type: "action", action: { type: "do", name: "take-plan" }, at: 3000 });
    const open = press(event(start(), { type: "mode.changed", mode: "plan" }), "queue-or-review", 1000).state;
    expect([open.panel.kind, plan(open).effects]).toEqual(["review", []]);
    const planned = plan(event(open, { type: "turn.started", turn: "t1", prompt: "go" }));
    expect(planned.effects).toEqual([{ type: "send", command: { type: "plan.take" } }]);
  });

  it("offers a correction until it is gone, told, committed, put away or passed over", () => {
    const lines = [{ op: "add", text: "mine" }] as const;
    const offered = (state: AppState): AppState => event(state, { type: "hunk.corrected", hunk: "h1", path: "a.ts", lines });
    const idle = offered(start());
    expect(idle.correction).toEqual({ hunk: "h1", path: "a.ts" });
    const ends: readonly EventBody[] = [
      { type: "hunk.corrected", hunk: "h1", path: "a.ts", lines: [] },
      { type: "commit.made", commit: "c", subject: "s", hunks: ["h1"] },
      { type: "turn.started", turn: "t2", prompt: "next" },
    ];
    for (const end of ends) expect(event(idle, end).correction, end.type).toBeUndefined();
    expect(press(idle, "escape", 500)).toMatchObject({ effects: [], state: { deafUntil: 800 } });
    expect(press(idle, "escape", 500).state.correction).toBeUndefined();
    // It never stands between a key and a stop.
    expect(press(offered(running()), "escape", 500).effects).toEqual([{ type: "send", command: { type: "stop" } }]);
  });

  it("goes on with where it works first, then the last turn, and says that it was cut off", () => {
    const stamp = { at: 0, mono: 0, lane: "fast", session: "s" } as const;
    const history: TwolaneEvent[] = [{ type: "turn.started", turn: "t1", prompt: "go", ...stamp }];
    const first = firstState(history, { settings: { vim: false, tellCorrections: false }, entries: [], columns: 80, rows: 24 });
    expect(first.printing).toEqual([]);
    const { printing } = event(first, { type: "session.resumed", workspace: "/w", model: "m", version: "1" });
    const cutOff = { kind: "said", text: "The last turn was cut off; /continue goes on with it." };
    expect(printing).toMatchObject([{ kind: "opened" }, { kind: "prompt", text: "go" }, cutOff]);
  });

  it("prints in one line what is accepted together", () => {
    const accept = (state: AppState, hunk: string): AppState => event(state, { type: "hunk.accepted", hunk, by: "person" });
    const { printing } = ["h1", "h2", "h3"].reduce(accept, { ...start(), printing: [] });
    expect(printing).toEqual([{ kind: "accepted", hunks: ["h1", "h2", "h3"], byCommit: false }]);
  });

  it("asks for what a chosen model lacks, and takes an address alone for one where there is no model", () => {
    const models = [{ name: "groq/openai/gpt", note: "needs GROQ_API_KEY", usable: false }];
    const asked = reduceApp(start(), { type: "answer", answer: { kind: "models", models }, at: 0 }).state;
    const chosen = reduceApp(asked, { type: "action", action: { type: "do", name: "menu-enter" }, at: 0 });
    expect([chosen.effects, chosen.state.editor.text, chosen.state.hint]).toEqual([
      [],
      "/model groq ",
      expect.stringContaining("key"),
    ]);
    const address = "http://127.0.0.1:8000/v1";
    const offline = event(start(), { type: "model.changed", model: "instant", contextWindow: 1 });
    expect(press(type(offline, address), "submit", 0).effects).toContainEqual({ type: "use-model", typed: address });
    expect(press(type(start(), address), "submit", 0).effects).not.toContainEqual({ type: "use-model", typed: address });
  });

  it("has who answers now as the first of the models, so that Enter alone changes nothing", () => {
    const models = ["instant", "groq/openai/gpt"].map((name) => ({ name, note: "found here", usable: true }));
    for (const [model, note] of [
      ["sim/scripted", "answers now"],
      ["groq/openai/gpt", "answers now · found here"],
    ] as const) {
      const state = event(start(), { type: "model.changed", model, contextWindow: 1 });
      const asked = reduceApp(state, { type: "answer", answer: { kind: "models", models }, at: 0 }).state;
      expect(asked.panel.kind === "picker" && [asked.panel.picker.selected, asked.panel.picker.items[0]]).toEqual([
        0,
        { text: model, note, value: model },
      ]);
      const entered = reduceApp(asked, { type: "action", action: { type: "do", name: "menu-enter" }, at: 0 });
      expect([entered.effects, entered.state.panel.kind]).toEqual([[], "none"]);
    }
  });

  it("does not take an answer for a hunk that has only just appeared", () => {
    const hunk = { id: "h1", turn: "t1", operation: "update", path: "a.ts", line: 1, linesAdded: 1, linesRemoved: 1 } as const;
    const landed = event(running(), { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false }, 1000);
    const open = press(landed, "queue-or-review", 1010).state;
    expect(press(open, "accept", 1200).effects).toEqual([]);
    expect(press(open, "accept", 1320).effects).toEqual([{ type: "send", command: { type: "hunk.accept", hunks: ["h1"] } }]);
  });
});
