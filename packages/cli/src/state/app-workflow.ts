/** Workflows on the screen: how one is begun, its questions above the input line, and what the keys do there. */
import type { TwolaneEvent, WorkflowChoice, WorkflowName } from "@twolane/protocol";
import type { ActionName } from "./actions.ts";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { compose, endComposing, typedText } from "./app-line.ts";
import { say } from "./app-print.ts";
import { menuIsOpen } from "./completion.ts";
import { demandsOf } from "./constraint-marks.ts";
import { withoutAnswers } from "./kept-texts.ts";
import { noPanel } from "./panel.ts";
import { choiceFor, editableText } from "./workflow-state.ts";

/** A key sooner than this after a question has appeared was meant for something else; ms. */
const answerAfterMs = 300;

interface Wanted {
  /** All behind the command that was typed. Where it has more lines than one it is what is worked on, and its first line what is wanted. */
  readonly argument: string;
  /** A long text that was pasted into it: output, a diff. */
  readonly pasted?: string;
}

export function startWorkflow(state: AppState, workflow: WorkflowName, { argument, pasted }: Wanted): AppStep {
  const text = (pasted === undefined ? firstLine(argument) : argument.replace(/\s+/g, " ")).trim();
  const input = pasted ?? (argument.includes("\n") ? argument : undefined);
  const constraints = demandsOf(state.marks, text);
  const more = { ...(input !== undefined && { input }), ...(constraints.length > 0 && { constraints }) };
  return send(state, { type: "workflow.start", workflow, text, ...more });
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

/** For workflows that cannot guess what is wanted. */
export function startAsked(state: AppState, workflow: WorkflowName, wanted: Wanted): AppStep {
  if (wanted.argument === "" && wanted.pasted === undefined)
    return stay(say(state, `Say what: /${workflow} ${examples[workflow]}`, "bad"));
  return startWorkflow(state, workflow, wanted);
}

const examples: Readonly<Record<WorkflowName, string>> = {
  refactor: "one place for the price rules in src/price.ts",
  debug: "the total is wrong for empty carts",
  scaffold: "a small HTTP server with one health route",
  test: "an empty cart costs nothing",
  review: "main",
};

/** Above the line, where nobody is about to type something else. */
export function takeWorkflowEvent(state: AppState, event: TwolaneEvent, at: number): AppState {
  switch (event.type) {
    case "workflow.asked": {
      const isFree = state.panel.kind === "none" && state.composing.kind === "prompt" && !menuIsOpen(state.completion);
      return isFree && typedText(state) === "" ? openQuestion(state, at, false) : state;
    }
    case "workflow.answered":
    case "workflow.ended": {
      const closed = state.panel.kind === "question" ? { ...state, panel: noPanel } : state;
      const left = closed.composing.kind === "answer" ? endComposing(closed) : closed;
      return { ...left, kept: withoutAnswers(left.kept) };
    }
    default:
      return state;
  }
}

/** `again`: what it is about may be far above by now. */
export const openQuestion = (state: AppState, at: number, again: boolean): AppState => ({
  ...state,
  panel: { kind: "question", selected: 0, since: at, again },
});

export function actInQuestion(state: AppState, name: ActionName, at: number): AppStep {
  const { panel } = state;
  const asked = state.session.workflow?.asked;
  if (panel.kind !== "question" || asked === undefined) return stay({ ...state, panel: noPanel });
  const { choices } = asked;
  switch (name) {
    case "choice-next":
      return stay({ ...state, panel: { ...panel, selected: Math.min(choices.length - 1, panel.selected + 1) } });
    case "choice-previous":
      return stay({ ...state, panel: { ...panel, selected: Math.max(0, panel.selected - 1) } });
    default:
      return take(state, choices[panel.selected], at);
  }
}

/** A key of a choice; undefined: it is none, and belongs to the line. */
export function typeInQuestion(state: AppState, text: string, at: number): AppStep | undefined {
  const asked = state.session.workflow?.asked;
  if (state.panel.kind !== "question" || state.composing.kind !== "prompt" || asked === undefined) return undefined;
  const choice = text.length === 1 && typedText(state) === "" ? choiceFor(asked, text) : undefined;
  return choice === undefined ? undefined : take(state, choice, at);
}

function take(state: AppState, choice: WorkflowChoice | undefined, at: number): AppStep {
  const { panel } = state;
  if (choice === undefined || panel.kind !== "question") return stay(state);
  if (at < panel.since + answerAfterMs) return stay({ ...state, hint: "It has only just been asked; press again" });
  return choose(state, choice);
}

function choose(state: AppState, { answer, label, takesText = false }: WorkflowChoice): AppStep {
  const detail = state.session.workflow?.asked?.detail;
  if (!takesText || detail === undefined) return send({ ...state, panel: noPanel }, { type: "workflow.answer", answer });
  const offered = editableText(detail);
  return stay(compose(state, { kind: "answer", answer, label, offered }, offered));
}

/** `/answer WORD [TEXT]`, and line by line a word or a number alone. Undefined: no workflow asks. */
export function answerInWords(state: AppState, words: string): AppStep | undefined {
  const asked = state.session.workflow?.asked;
  if (asked === undefined) return undefined;
  const [, word = "", text = ""] = /^(\S*)\s*([\s\S]*)$/.exec(words.trim()) ?? [];
  const choice = choiceFor(asked, word);
  if (choice === undefined) {
    const known = asked.choices.map(({ answer }) => answer).join(", ");
    return stay(say(state, `Say one of ${known}: /answer ${asked.choices[0]?.answer ?? ""}`, "bad"));
  }
  if (text === "") return choose(state, choice);
  return send({ ...state, panel: noPanel }, { type: "workflow.answer", answer: choice.answer, text });
}

export function endWorkflow(state: AppState): AppStep {
  const { workflow } = state.session;
  return workflow === undefined
    ? stay(say(state, "No workflow runs. /refactor, /debug, /scaffold, /test and /review begin one."))
    : send({ ...state, panel: state.panel.kind === "question" ? noPanel : state.panel }, { type: "workflow.end" });
}
