/** The input line within the screen: nothing typed, pasted or cut is lost by what happens around it. */
import { describe, expect, it } from "vitest";
import type { ActionName } from "./actions.ts";
import type { AppState } from "./app.ts";
import { firstState } from "./app-first.ts";
import { compose, typedText } from "./app-line.ts";
import { reduceApp } from "./app-reduce.ts";
import { inputView } from "../views/input-view.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import { textEditorAt } from "./editor/editor.ts";
import type { AppAnswer, AppStep } from "./app.ts";

const start = (entries: readonly string[] = []): AppState =>
  firstState([], { settings: { vim: false, tellCorrections: false }, entries, columns: 80, rows: 24 });
const press = (state: AppState, name: ActionName): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at: 0 });
const after = (state: AppState, ...names: readonly ActionName[]): AppState =>
  names.reduce((at, name) => press(at, name).state, state);
const type = (state: AppState, text: string): AppState =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at: 0 }).state;
const paste = (state: AppState, text: string): AppState =>
  reduceApp(state, { type: "action", action: { type: "paste", text }, at: 0 }).state;
const answer = (state: AppState, given: AppAnswer): AppState => reduceApp(state, { type: "answer", answer: given, at: 0 }).state;

const plain = createStyle({ NO_COLOR: "1" }, false);
const long = Array.from({ length: 5000 }, (_, n) => `line ${n}`).join("\n");
const draft = {
  kind: "commit-draft",
  draft: { hunks: ["h1"], files: [], left: [], message: "Add a price\n\nAssisted-by: twolane:sim", onto: "main" },
} as const;

describe("the input line", () => {
  it("keeps a long paste folded and its undo when a path is completed", () => {
    let state = type(paste(start(), long), " in @f");
    const { generation } = state.completion;
    state = after(answer(state, { kind: "paths", generation, paths: ["src/f1.ts"] }), "menu-take");
    expect(typedText(state)).toBe(`${long} in @src/f1.ts `);
    expect(state.editor.text.length).toBeLessThan(30);
    expect(typedText(after(state, "undo"))).toBe(`${long} in @f`);
  });

  it("is sent as it is typed, whatever is offered, until somebody moves in what is offered", () => {
    const typed = type(start(), "/scope lib");
    const offered = answer(typed, { kind: "paths", generation: typed.completion.generation, paths: ["lib/utils.js"] });
    const scopes = (state: AppState) => press(state, "menu-enter").effects.filter(({ type: kind }) => kind === "send");
    const set = (path: string) => [{ type: "send", command: { type: "scope.set", scope: [path] } }];
    expect(scopes(offered)).toEqual(set("lib"));
    expect(scopes(after(offered, "menu-next"))).toEqual(set("lib/"));
    expect(scopes(after(offered, "menu-next", "menu-next"))).toEqual(set("lib/utils.js"));
    expect(scopes(type(start(), "/mode pl"))).toEqual([{ type: "send", command: { type: "mode.set", mode: "plan" } }]);
  });

  it("shows what may be a key to a model as dots, and nothing else", () => {
    const shown = (text: string): string => {
      const { lines } = inputView(textEditorAt(text, text.length), { width: 80, height: 5, style: plain, mark: "› " });
      return lines.join("\n").slice(2);
    };
    expect(shown("/model groq gsk_secret")).toBe("/model groq ••••••••••");
    expect(shown("/model sk-or-secret")).toBe("/model ••••••••••••");
    expect(shown("/model ABCDEFGHIJKLMNOPQRSTUVW")).toBe(`/model ${"•".repeat(23)}`);
    for (const open of [
      "/model groq/openai/gpt-oss-120b",
      "/model http://127.0.0.1:8000/v1",
      "/mode step now",
      "say sk-or-secret",
    ])
      expect(shown(open)).toBe(open);
  });

  it("is answered with how keys are changed where that is asked for", () => {
    const asked = press(type(start(), "/help keys"), "submit").state;
    const keys = { style: plain, now: 0, configFile: "~/.config/twolane/config.json", keys: () => [], keyOf: () => undefined };
    expect(screenView(asked, keys).live.join("\n")).toMatch(/Other keys[^]*~\/\.config\/twolane\/config\.json[^]*"vim": true/);
  });

  it("moves the help by what is in sight of it", () => {
    const help = press(start(), "help").state;
    const drawn = { ...help, panel: { kind: "help", first: 0, rows: 20 } } as const;
    expect(after(drawn, "menu-page-next").panel).toMatchObject({ first: 19 });
    expect(after(drawn, "menu-page-next", "menu-page-previous", "menu-next").panel).toMatchObject({ first: 1 });
  });

  it("has what was cut after sending, and while something else stands on it", () => {
    const sent = after(type(after(type(start(), "cut me"), "kill-to-start"), "go"), "submit");
    expect(typedText(after(sent, "yank"))).toBe("cut me");
    expect(typedText(after(answer(sent, draft), "yank"))).toContain("cut me");
  });

  it("takes a text from $EDITOR as one step of undo, with its pastes folded", () => {
    const before = paste(type(start(), "see "), long);
    const edited = answer(before, { kind: "edited", purpose: { kind: "input" }, text: `look at ${long}\n` });
    expect(typedText(edited)).toBe(`look at ${long}`);
    expect(edited.editor.text).toBe(`look at ${before.editor.text.slice(4)}`);
    expect(after(edited, "undo").editor.text).toBe(before.editor.text);
  });

  it("has a commit's subject under the cursor, so that its trailer is not cut by mistake, nor the message by the history", () => {
    const state = answer(start(["an earlier prompt"]), draft);
    expect(typedText(after(state, "kill-to-start"))).toBe("\n\nAssisted-by: twolane:sim");
    expect(typedText(after(state, "up"))).toBe(draft.draft.message);
  });

  it("is left at once by Ctrl-D when it is empty, else the character behind the cursor goes", () => {
    expect(press(start(), "delete-or-leave").effects).toEqual([{ type: "leave" }]);
    const typed = press(after(type(start(), "ab"), "left"), "delete-or-leave");
    expect([typedText(typed.state), typed.effects]).toEqual(["a", [{ type: "read-marks", text: "a" }]]);
    expect(
      press(after(answer(start(), draft), "kill-to-start", "kill-to-end", "kill-to-end", "kill-to-end"), "delete-or-leave")
        .effects,
    ).toEqual([]);
  });

  it("keeps what a person has made of a commit's message when more is accepted", () => {
    const typed = type(answer(start(), draft), " and a tax");
    const again = answer(typed, { ...draft, draft: { ...draft.draft, hunks: ["h1", "h2"], message: "Another draft" } });
    expect(typedText(again)).toBe("Add a price and a tax\n\nAssisted-by: twolane:sim");
    expect(again.composing).toMatchObject({ kind: "commit", draft: { hunks: ["h1", "h2"] } });
    const untouched = answer(start(), draft);
    expect(typedText(answer(untouched, { ...draft, draft: { ...draft.draft, message: "Another draft" } }))).toBe("Another draft");
  });

  it("has the message of a commit that was refused or left, for the same hunks; for others the history has it", () => {
    const typed = type(answer(start(), draft), " and a tax");
    const own = "Add a price and a tax\n\nAssisted-by: twolane:sim";
    for (const way of ["submit", "escape", "stop"] as const) {
      const left = after(typed, way);
      expect(typedText(left)).toBe("");
      const again = answer(left, draft);
      expect(typedText(again)).toBe(own);
      expect(again.composing).toMatchObject({ other: "draft" });
      expect(typedText(after(again, "up"))).toBe(draft.draft.message);
      const others = answer(left, { ...draft, draft: { ...draft.draft, hunks: ["h2"], message: "Another draft" } });
      expect(typedText(others)).toBe("Another draft");
      expect(typedText(after(others, "up"))).toBe(own);
      const made = { type: "commit.made", commit: "c", subject: "s", hunks: ["h1"] } as const;
      const event = { ...made, at: 0, mono: 0, lane: "fast", session: "s" } as const;
      expect(reduceApp(left, { type: "event", event, at: 0 }).state.kept).toEqual([]);
    }
    expect(after(answer(start(), draft), "escape").kept).toEqual([]);
  });

  it("is drafted from the files before anything is accepted", () => {
    const message = "Change\n\nAssisted-by: twolane:sim";
    const landed = (state: AppState, id: string, path: string): AppState => {
      const hunk = { id, turn: "t1", operation: "update", path, line: 1, linesAdded: 1, linesRemoved: 1 } as const;
      const body = { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false } as const;
      return reduceApp(state, { type: "event", event: { ...body, at: 0, mono: 0, lane: "fast", session: "s" }, at: 0 }).state;
    };
    const state = ["src/a.ts", "src/a.ts", "b.ts", "c.ts"].reduce((at, path, n) => landed(at, `h${n}`, path), start());
    const open = answer(state, { ...draft, draft: { ...draft.draft, hunks: [], message } });
    expect(typedText(open)).toBe("Change src/a.ts and 2 more\n\nAssisted-by: twolane:sim");
    expect(typedText(answer(open, draft))).toBe(draft.draft.message);
  });

  it("has a remark about a hunk again that was not sent", () => {
    const about = (state: AppState, hunk: string): AppState => compose(state, { kind: "comment", hunk }, "");
    const left = after(type(about(start(), "h1"), "why so"), "escape");
    expect(typedText(about(left, "h2"))).toBe("");
    const again = about(left, "h1");
    expect(typedText(again)).toBe("why so");
    expect(typedText(about(after(again, "submit"), "h1"))).toBe("");
  });

  it("is where typed text goes, whatever list or help is open, and Enter sends it", () => {
    const help = press(start(), "help").state;
    expect(press(type(help, "hi"), "submit").effects).toContainEqual({ type: "send", command: { type: "prompt", text: "hi" } });
    const models = answer(start(), { kind: "models", models: [{ name: "instant", note: "", usable: true }] });
    expect(models.panel.kind).toBe("picker");
    expect(press(type(models, "groq gsk_secret"), "submit").effects).toEqual([{ type: "use-model", typed: "groq gsk_secret" }]);
    expect(typedText(type(answer(type(start(), "half"), { kind: "models", models: [] }), " a thought"))).toBe("half a thought");
  });

  it("keeps what is typed when only files are taken back", () => {
    const state = answer(type(start(), "half a thought"), { kind: "rewound", prompt: "", note: "Back." });
    expect(typedText(state)).toBe("half a thought");
  });
});
