/** Marks of what a typed request demands: when they are looked for, what takes them off and brings them back, what is sent. */
import { constraintsIn } from "@twolane/policy";
import type { Command } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { defaultBindings, keyHelp, keyOf } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import type { ActionName } from "./actions.ts";
import type { AppState, AppStep } from "./app.ts";
import { firstState } from "./app-first.ts";
import { reduceApp } from "./app-reduce.ts";
import { demandingText } from "./constraint-marks.ts";

const start = (): AppState =>
  firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 80, rows: 24 });
const type = (state: AppState, text: string): AppStep =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at: 0 });
const press = (state: AppState, name: ActionName): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at: 0 });
/** As the screen does it when nobody types. */
const looked = ({ state, effects }: AppStep): AppState =>
  effects.reduce(
    (at, effect) =>
      effect.type === "read-marks"
        ? reduceApp(at, { type: "answer", answer: { kind: "marks", of: effect.text, found: constraintsIn(effect.text) }, at: 0 })
            .state
        : at,
    state,
  );
const sent = ({ effects }: AppStep): Command[] => effects.flatMap((effect) => (effect.type === "send" ? [effect.command] : []));
const lines = (state: AppState): readonly string[] =>
  screenView(state, {
    ...{
      style: createStyle({ NO_COLOR: "1" }, false),
      now: 0,
      configFile: "c",
      keys: (place) => keyHelp(defaultBindings, place),
    },
    keyOf: (place, name) => keyOf(defaultBindings, place, name),
  }).live;

const only = { kind: "only", paths: ["src/a.ts"] };
const none = { kind: "no-dependencies" };
const both = "fix it, only src/a.ts, no new dependencies";

describe("marks of what a request demands", () => {
  it("stand below the prompt, and are sent with it", () => {
    const state = looked(type(start(), both));
    expect(lines(state).slice(0, 2)).toEqual([`› ${both}`, "  [only src/a.ts] [no new dependencies]  Alt-M: not the last"]);
    expect(sent(press(state, "submit"))).toEqual([{ type: "prompt", text: both, constraints: [only, none] }]);
    expect(press(state, "submit").state.marks.all).toEqual([]);
  });

  it("are taken off from the last on, and back where none is left", () => {
    const one = press(looked(type(start(), both)), "mark-off").state;
    expect(lines(one)[1]).toBe("  [only src/a.ts] (1 taken off)  Alt-M: not the last");
    expect(sent(press(one, "submit"))).toEqual([{ type: "prompt", text: both, constraints: [only] }]);
    const all = press(one, "mark-off").state;
    expect(sent(press(all, "submit"))).toEqual([{ type: "prompt", text: both, constraints: [] }]);
    expect(sent(press(press(all, "mark-off").state, "submit"))).toEqual([
      { type: "prompt", text: both, constraints: [only, none] },
    ]);
  });

  it("stay off while other words change, and come back with their own", () => {
    const off = press(looked(type(start(), "fix it, only src/a.ts")), "mark-off").state;
    const other = looked(type(off, ", no new dependencies"));
    expect(sent(press(other, "submit"))).toMatchObject([{ constraints: [none] }]);
    // Sent before anybody has looked again.
    expect(sent(press(type(off, ", no new dependencies").state, "submit"))).toMatchObject([{ constraints: [none] }]);
    const changed = looked(type(off, "x"));
    expect(sent(press(changed, "submit"))).toMatchObject([{ constraints: [{ kind: "only", paths: ["src/a.tsx"] }] }]);
  });

  it("leave it to the words where nobody has looked, and never take them from what was pasted", () => {
    expect(sent(press(type(start(), both).state, "submit"))).toEqual([{ type: "prompt", text: both }]);
    const typed = type(start(), "fix this ").state;
    const pasted = reduceApp(typed, { type: "action", action: { type: "paste", text: `${both}\n`.repeat(300) }, at: 0 });
    expect(sent(press(pasted.state, "submit"))).toMatchObject([{ constraints: [] }]);
  });

  it("are those of a workflow's words as well, and of nothing else", () => {
    const state = looked(type(start(), "/refactor one loop, only src/a.ts"));
    expect(lines(state)).toContain("  [only src/a.ts]  Alt-M: not the last");
    expect(sent(press(state, "submit"))).toEqual([
      { type: "workflow.start", workflow: "refactor", text: "one loop, only src/a.ts", constraints: [only] },
    ]);
    expect(["!rm only src/a.ts", "/queue only src/a.ts", "/nothing only src/a.ts", ""].map(demandingText)).toEqual([
      "",
      "",
      "",
      "",
    ]);
  });

  it("are not looked for while the line is for something else", () => {
    const text = (state: AppState, of: string): AppStep => type(state, of);
    expect(text(start(), "a").effects).toEqual([{ type: "read-marks", text: "a" }]);
    const composing = { ...start(), composing: { kind: "queued", id: "q1" } as const };
    expect(text(composing, "a").effects).toEqual([]);
  });
});
