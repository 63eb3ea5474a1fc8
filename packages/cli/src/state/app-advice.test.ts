/** The word of advice before a request is sent. */
import { describe, expect, it } from "vitest";
import { defaultBindings, keyHelp, keyOf } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import type { ActionName } from "./actions.ts";
import type { AppState, AppStep } from "./app.ts";
import { firstState } from "./app-first.ts";
import { typedText } from "./app-line.ts";
import { reduceApp } from "./app-reduce.ts";

const start = (): AppState => {
  const first = firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 100, rows: 24 });
  return { ...first, session: { ...first.session, model: "sim/scripted" } };
};
const type = (state: AppState, text: string): AppStep =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at: 0 });
const press = (state: AppState, name: ActionName): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at: 10 });
const commands = ({ effects }: AppStep): readonly unknown[] =>
  effects.flatMap((effect) => (effect.type === "send" ? [effect.command] : []));
const rows = (state: AppState): string =>
  screenView(state, {
    ...{
      style: createStyle({ NO_COLOR: "1" }, false),
      now: 0,
      configFile: "c",
      keys: (place) => keyHelp(defaultBindings, place),
    },
    keyOf: (place, name) => keyOf(defaultBindings, place, name),
  }).live.join("\n");

describe("advice", () => {
  const two = "Fix the login redirect. Add dark mode to the settings page.";

  it("comes once, in one line, before the request is sent", () => {
    const first = press(type(start(), two).state, "submit");
    expect(first.effects).toEqual([]);
    expect(typedText(first.state)).toBe(two);
    expect(rows(first.state)).toContain("Two things at once: “Fix the login redirect” and “Add dark mode to the settings page”");
    const again = press(first.state, "submit");
    expect(commands(again)).toMatchObject([{ type: "prompt", text: two }]);
    expect(commands(press(type(again.state, "fix the bug").state, "submit"))).toMatchObject([{ type: "prompt" }]);
  });

  it("does not come where there is nothing to say, where nothing is asked of a model, or while a turn runs", () => {
    expect(commands(press(type(start(), "fix the crash in src/cart.ts").state, "submit"))).toHaveLength(1);
    const instant = { ...start(), session: { ...start().session, model: "instant" } };
    expect(commands(press(type(instant, two).state, "submit"))).toHaveLength(1);
    const running: AppState = { ...start(), session: { ...start().session, phase: "answering" } };
    expect(commands(press(type(running, two).state, "submit"))).toMatchObject([{ type: "steer" }]);
    const later = { ...start(), session: { ...start().session, contextUsed: 100 } };
    expect(commands(press(type(later, "make it faster").state, "submit"))).toHaveLength(1);
    expect(commands(press(type(start(), "make it faster").state, "submit"))).toHaveLength(0);
  });
});
