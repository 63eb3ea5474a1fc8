/** Workflows on the screen: commands that begin one, questions with their keys, texts that are changed, and what is printed. */
import type { Command, EventBody, WorkflowChoice, WorkflowDetail } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import { finalLines } from "../views/transcript-view.ts";
import { defaultBindings, keyHelp, keyOf } from "../keys/bindings.ts";
import type { ActionName } from "./actions.ts";
import type { AppState, AppStep } from "./app.ts";
import { firstState } from "./app-first.ts";
import { placeOf, reduceApp } from "./app-reduce.ts";
import { choiceFor, choiceKeys, editableText } from "./workflow-state.ts";

const start = (): AppState =>
  firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 80, rows: 24 });
const type = (state: AppState, text: string, at: number): AppStep =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at });
const press = (state: AppState, name: ActionName, at: number): AppStep =>
  reduceApp(state, { type: "action", action: { type: "do", name }, at });
const event = (state: AppState, body: EventBody, at = 0): AppState =>
  reduceApp(state, { type: "event", event: { ...body, at, mono: at, lane: "fast", session: "s" }, at }).state;
const sent = ({ effects }: AppStep): Command[] => effects.flatMap((effect) => (effect.type === "send" ? [effect.command] : []));
const said = (line: string): Command[] => sent(press(type(start(), line, 0).state, "submit", 10));

const choices: readonly WorkflowChoice[] = [
  { answer: "yes", label: "carry it out" },
  { answer: "edit", label: "change the plan first", takesText: true },
  { answer: "no", label: "nothing is changed" },
];
const detail: WorkflowDetail = {
  kind: "plan",
  steps: [
    { title: "one loop", files: ["src/a.ts", "src/b.ts"], risk: "low" },
    { title: "names", files: [], risk: "" },
  ],
};
const question = {
  type: "workflow.asked",
  workflow: "refactor",
  question: "Carry it out?",
  detail,
  choices,
  otherwise: "yes",
} as const;
const began = (): AppState => event(start(), { type: "workflow.started", workflow: "refactor", text: "tidy" });
const asked = (at = 1000): AppState => event(began(), question, at);
const shown = (state: AppState): string =>
  screenView(state, {
    ...{
      style: createStyle({ NO_COLOR: "1" }, false),
      now: 0,
      configFile: "c",
      keys: (place) => keyHelp(defaultBindings, place),
    },
    keyOf: (place, name) => keyOf(defaultBindings, place, name),
  }).live.join("\n");

describe("commands that begin a workflow", () => {
  it("send what is wanted, and what it works on where there is more than a line", () => {
    expect(said("/refactor one loop in src/a.ts")).toEqual([
      { type: "workflow.start", workflow: "refactor", text: "one loop in src/a.ts" },
    ]);
    expect(said("/debug")).toEqual([{ type: "workflow.start", workflow: "debug", text: "" }]);
    const typed = type(start(), "/debug why?", 0).state;
    const pasted = reduceApp(typed, {
      type: "action",
      action: { type: "paste", text: "\nError: x\n  at a.ts:3\n" },
      at: 1,
    }).state;
    expect(sent(press(pasted, "submit", 10))).toEqual([
      { type: "workflow.start", workflow: "debug", text: "why?", input: "why?\nError: x\n  at a.ts:3" },
    ]);
  });

  it("take a long paste for what is worked on, and the words beside it for what is wanted", () => {
    const output = "  at a.ts:3\n".repeat(20);
    const pastedInto = (line: string): Command[] => {
      const typed = type(start(), line, 0).state;
      return sent(
        press(reduceApp(typed, { type: "action", action: { type: "paste", text: output }, at: 1 }).state, "submit", 10),
      );
    };
    expect(pastedInto("/debug ")).toEqual([{ type: "workflow.start", workflow: "debug", text: "", input: output }]);
    expect(pastedInto("/debug why is that ")).toMatchObject([{ text: "why is that", input: output }]);
    expect(pastedInto("/review ")).toEqual([{ type: "workflow.start", workflow: "review", text: "", input: output }]);
    expect(pastedInto("/queue ")).toMatchObject([{ type: "queue" }]);
  });

  it("leave what /test and /review did alone", () => {
    expect(said("/test")).toEqual([{ type: "tests.run" }]);
    expect(said("/test an empty cart costs nothing")).toEqual([
      { type: "workflow.start", workflow: "test", text: "an empty cart costs nothing" },
    ]);
    expect(said("/review")).toEqual([]);
    expect(said("/review --staged")).toEqual([{ type: "workflow.start", workflow: "review", text: "--staged" }]);
  });

  it("ask for words where nothing can be guessed, and end only what runs", () => {
    expect(said("/refactor")).toEqual([]);
    expect(said("/end")).toEqual([]);
    expect(sent(press(type(began(), "/end", 0).state, "submit", 10))).toEqual([{ type: "workflow.end" }]);
  });
});

describe("prompts of the team", () => {
  const prompts = [
    { name: "api-errors", objective: "One error type", takesText: true },
    { name: "ref", objective: "As in the book", takesText: false },
    { name: "test", objective: "Never reached here", takesText: false },
  ];
  const known = (state: AppState): AppState =>
    reduceApp(state, { type: "answer", answer: { kind: "prompts", prompts }, at: 0 }).state;
  const offered = (state: AppState): string[] => state.completion.entries.map(({ text }) => text);

  it("are looked for with the slash, and stand behind the commands", () => {
    const slash = type(start(), "/", 0);
    expect(slash.effects).toContainEqual({ type: "find-prompts" });
    const all = offered(known(slash.state));
    expect(all.slice(-2)).toEqual(["/api-errors", "/ref"]);
    expect(all.filter((text) => text === "/test")).toHaveLength(1);
    expect(offered(type(known(slash.state), "api-", 1).state)).toEqual(["/api-errors"]);
  });

  it("are sent by their whole name, behind which comes their text; commands come first", () => {
    const say = (line: string): AppStep => press(type(known(start()), line, 0).state, "submit", 10);
    expect(sent(say("/api-errors the handlers"))).toEqual([{ type: "prompt.saved", name: "api-errors", text: "the handlers" }]);
    expect(sent(say("/ref"))).toEqual([{ type: "prompt.saved", name: "ref", text: "" }]);
    expect(sent(say("/test"))).toEqual([{ type: "tests.run" }]);
    expect(press(type(start(), "/api-errors x", 0).state, "submit", 10).effects).toContainEqual({
      ...{ type: "send-saved", name: "api-errors", text: "x" },
      otherwise: "There is no command /api-errors. Did you mean /accept? /help lists them.",
    });
  });
});

describe("a question of a workflow", () => {
  it("opens above an empty line, takes its keys, and not one that was typed before it could be read", () => {
    const open = asked();
    expect(placeOf(open)).toBe("question");
    expect(sent(type(open, "y", 1100))).toEqual([]);
    expect(sent(type(open, "y", 1400))).toEqual([{ type: "workflow.answer", answer: "yes" }]);
    expect(sent(type(open, "3", 1400))).toEqual([{ type: "workflow.answer", answer: "no" }]);
    expect(sent(press(press(press(open, "choice-next", 1400).state, "choice-next", 1400).state, "choice-take", 1400))).toEqual([
      { type: "workflow.answer", answer: "no" },
    ]);
  });

  it("stays when it is closed, and opens again with what it is about", () => {
    const closed = press(asked(), "escape", 1400).state;
    expect([closed.panel.kind, closed.session.workflow?.asked?.question]).toEqual(["none", "Carry it out?"]);
    expect(shown(closed)).toContain("/refactor asks: Carry it out? (Tab, on an empty line, or /answer)");
    const again = press(closed, "queue-or-review", 2000).state;
    expect(shown(again)).toContain("src/a.ts, src/b.ts");
    expect(sent(type(again, "n", 2400))).toEqual([{ type: "workflow.answer", answer: "no" }]);
  });

  it("never takes the line from somebody who types", () => {
    const typing = event(type(began(), "wait", 0).state, question, 1000);
    expect([typing.panel.kind, placeOf(typing)]).toEqual(["none", "input"]);
    const other = type(asked(), "what is", 1400);
    expect([other.state.panel.kind, other.state.editor.text, sent(other)]).toEqual(["none", "what is", []]);
  });

  it("puts what may be changed on the line, keeps it through Esc, and sends it", () => {
    const edit = type(asked(), "e", 1400).state;
    expect(edit.editor.text).toBe("1. src/a.ts, src/b.ts — one loop — risk: low\n2. names");
    const changed = type(edit, " first", 1500).state;
    const left = press(changed, "escape", 1600).state;
    expect([left.composing.kind, left.panel.kind]).toEqual(["prompt", "question"]);
    const back = type(left, "e", 2000).state;
    expect(back.editor.text).toBe("1. src/a.ts, src/b.ts — one loop — risk: low\n2. names first");
    const done = press(back, "submit", 2100);
    expect(sent(done)).toEqual([{ type: "workflow.answer", answer: "edit", text: back.editor.text }]);
    expect([done.state.composing.kind, done.state.panel.kind]).toEqual(["prompt", "none"]);
    const answered = event(changed, { type: "workflow.answered", workflow: "refactor", answer: "no" });
    expect([answered.composing.kind, answered.panel.kind, answered.kept]).toEqual(["prompt", "none", []]);
  });

  it("is answered in words as well", () => {
    const closed = press(asked(), "escape", 1400).state;
    const say = (line: string): AppStep => press(type(closed, line, 2000).state, "submit", 2010);
    expect(sent(say("/answer no"))).toEqual([{ type: "workflow.answer", answer: "no" }]);
    expect(sent(say("/answer edit 1. src/a.ts — one"))).toEqual([
      { type: "workflow.answer", answer: "edit", text: "1. src/a.ts — one" },
    ]);
    expect(sent(say("/answer perhaps"))).toEqual([]);
  });

  it("has a key for each choice", () => {
    const keys = (...answers: readonly string[]): readonly string[] =>
      choiceKeys(answers.map((answer) => ({ answer, label: "" })));
    expect(keys("fix", "next", "undo", "end")).toEqual(["f", "n", "u", "e"]);
    expect(keys("run", "1", "2", "retry", "r")).toEqual(["u", "1", "2", "e", "r"]);
    const digits = {
      question: "",
      detail,
      choices: [
        { answer: "2", label: "" },
        { answer: "1", label: "" },
      ],
    };
    expect(choiceFor(digits, "1")?.answer).toBe("1");
  });

  it("gives a tree as lines, and nothing where the words are the person's own", () => {
    expect(
      editableText({
        kind: "tree",
        files: [
          { path: "src/a.ts", purpose: "entry" },
          { path: "b", purpose: "" },
        ],
      }),
    ).toBe("src/a.ts — entry\nb");
    expect(editableText({ kind: "causes", causes: [] })).toBe("");
  });
});

describe("what is seen of a workflow", () => {
  const page = { width: 80, style: createStyle({ NO_COLOR: "1" }, false) };
  const printed = (...bodies: readonly EventBody[]): string[] => {
    const state = bodies.reduce((at, body) => event(at, body), start());
    return state.printing.flatMap((block) => finalLines(block, page));
  };
  const moved = { type: "workflow.moved", workflow: "refactor", stage: "change", text: "one loop", step: 1, of: 2 } as const;

  it("prints plan, causes, tree, stages, answers, remarks and the report", () => {
    expect(printed({ type: "workflow.moved", workflow: "refactor", stage: "plan", text: "making a plan" }, question)).toEqual([
      "  refactor · plan · making a plan",
      "? Carry it out?",
      "  1. one loop",
      "     src/a.ts, src/b.ts",
      "     risk: low",
      "  2. names",
    ]);
    const causes = [
      { text: "a sum starts at 1", check: "npm test", outcome: "fits" as const },
      { text: "rounding", check: "" },
    ];
    expect(printed({ ...question, question: "Which?", detail: { kind: "causes", causes } })).toEqual([
      "? Which?",
      "  1. a sum starts at 1  still possible",
      "     check: npm test",
      "  2. rounding",
    ]);
    const files = [
      { path: "src/b/c.ts", purpose: "c" },
      { path: "src/a.ts", purpose: "a" },
      { path: "x.md", purpose: "" },
    ];
    expect(printed({ ...question, question: "Good?", detail: { kind: "tree", files } })).toEqual([
      "? Good?",
      "  src/",
      "    a.ts    a",
      "    b/",
      "      c.ts  c",
      "  x.md",
    ]);
    const comment = { id: "c1", path: "src/a.ts", line: 3, severity: "must", text: "never closed" } as const;
    expect(
      printed(
        { type: "workflow.answered", workflow: "refactor", answer: "yes" },
        { type: "comment.made", comment },
        { type: "workflow.ended", workflow: "refactor", ending: "done", report: ["step 1: one loop", "exported: unchanged"] },
      ),
    ).toEqual(["  → yes", "  must src/a.ts:3  never closed", "✓ refactor done", "  step 1: one loop", "  exported: unchanged"]);
  });

  it("says a step once where the prompt behind it says it", () => {
    expect(printed(moved, { type: "turn.started", turn: "t1", prompt: "1/2 one loop" })).toEqual(["", "› 1/2 one loop"]);
    expect(printed(moved, { type: "notice.given", code: "X", message: "hm" })).toEqual([
      "  refactor 1/2 · change · one loop",
      "! hm",
    ]);
  });

  it("stands on the status line with its step, its tests and its question", () => {
    const status = (state: AppState): string => shown(state).split("\n").at(-1) ?? "";
    const choice = { tests: 1, of: 1, ways: {}, runners: [] };
    const at = event(began(), moved);
    expect(status(at)).toContain("refactor 1/2 · change");
    expect(status(event(at, { type: "tests.started", choice }))).toContain("refactor 1/2 · tests");
    expect(status(event(at, question))).toContain("refactor 1/2 asks you");
    expect(status(event(at, { type: "workflow.ended", workflow: "refactor", ending: "done", report: [] }))).not.toContain(
      "refactor",
    );
  });

  it("is ended by Ctrl-C between two turns", () => {
    expect(sent(press(began(), "stop", 10))).toEqual([{ type: "workflow.end" }, { type: "tests.stop" }]);
    expect(sent(press(asked(), "stop", 10))).toEqual([]);
  });
});
