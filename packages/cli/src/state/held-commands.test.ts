/** A command that waits: it is shown whole, its keys count only where the person has gone to them, and typing is no answer. */
import type { Command, EventBody } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { defaultBindings, keyHelp, keyOf, resolveKey } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import type { AppInput, AppState } from "./app.ts";
import { firstState } from "./app-first.ts";
import { placeOf, reduceApp } from "./app-reduce.ts";
import { at } from "./session-state-samples.ts";

const held = (call: string, command: string): EventBody => ({
  ...{ type: "command.held", call, command, network: true, write: ["~/.npm"] },
  verdict: { decision: "hold", rule: "commands", reason: "npm install is not allowed", wayOut: "Ask." },
});

class Person {
  state: AppState = firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 60, rows: 24 });
  readonly sent: Command[] = [];
  readonly told: string[] = [];

  tell(...bodies: readonly EventBody[]): void {
    for (const body of bodies) this.put({ type: "event", event: at(1000, body), at: 1000 });
  }

  press(...names: readonly string[]): void {
    for (const name of names) {
      const event = name.length === 1 ? ({ kind: "text", text: name } as const) : ({ kind: "key", key: name } as const);
      const resolving = { place: placeOf(this.state), bindings: defaultBindings, chord: undefined };
      const { action } = resolveKey(event, { ...resolving, empty: this.state.editor.text === "" });
      if (action !== undefined) this.put({ type: "action", action, at: 2000 });
    }
  }

  get answers(): readonly Command[] {
    return this.sent.filter(({ type }) => type === "command.answer");
  }

  screen(): string {
    const keys = (place: Parameters<typeof keyHelp>[1]) => keyHelp(defaultBindings, place);
    const page = { style: createStyle({ NO_COLOR: "1" }, false), now: 2000, configFile: "", keys };
    return screenView(this.state, { ...page, keyOf: (place, name) => keyOf(defaultBindings, place, name) }).live.join("\n");
  }

  private put(input: AppInput): void {
    const step = reduceApp(this.state, input);
    this.state = step.state;
    for (const effect of step.effects) {
      if (effect.type === "send") this.sent.push(effect.command);
      if (effect.type === "notify") this.told.push(effect.text);
    }
  }
}

describe("a command that waits", () => {
  it("is shown whole with what it asks for, and the person is told once", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, held("c1", `npm install ${"left-pad ".repeat(12)}end`));
    expect(person.screen().replaceAll(/\s+/g, " ")).toContain("left-pad end");
    expect(person.screen()).toContain("npm install is not allowed (commands)");
    expect(person.screen()).toContain("the network");
    expect(person.told).toEqual(["twolane: a command waits for your answer"]);
  });

  it.each([
    ["y", "once"],
    ["s", "session"],
    ["A", "always"],
    ["n", "no"],
  ])("%s answers %s behind Tab, and only there", (key, answer) => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, held("c1", "npm install"));
    person.press(key);
    expect(person.answers).toEqual([]);
    expect(person.state.editor.text).toBe(key);
    person.press("backspace", "tab", key);
    expect(person.answers).toEqual([{ type: "command.answer", call: "c1", answer }]);
    expect(person.state.panel.kind).toBe("none");
  });

  it("is left with Esc, which stops nothing, and with what is typed", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, held("c1", "a"), held("c2", "b"));
    person.press("tab", "esc", "tab", "x", "y");
    expect(person.sent).toEqual([]);
    expect(person.state.editor.text).toBe("xy");
    person.press("backspace", "backspace", "tab", "n");
    expect(person.screen()).toContain("? a");
    person.tell({ type: "command.answered", call: "c1", answer: "no" });
    expect(person.screen()).toContain("? b");
  });

  it("is answered by a line as well, and is gone when the turn is", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, held("c1", "a"));
    person.press(...Array.from("/answer maybe"), "enter");
    expect(person.answers).toEqual([]);
    person.press(...Array.from("/answer session"), "enter");
    expect(person.answers).toEqual([{ type: "command.answer", call: "c1", answer: "session" }]);
    person.tell({ type: "turn.ended", turn: "t1", ending: "completed" });
    expect(person.screen()).not.toContain("? a");
  });
});
