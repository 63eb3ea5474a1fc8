/** What keys do, wherever they go: the input line, the review list, a menu. State and action in, state and effects out. */
import { requestAdvice } from "@twolane/policy";
import { type CommandAnswer, type JobKind, reviewModes } from "@twolane/protocol";
import type { Action, ActionName, Place } from "./actions.ts";
import { type AppEffect, type AppState, type AppStep, send, stay } from "./app.ts";
import { runCommand, stopCommand } from "./app-command.ts";
import { beginPrompt, editLine, endComposing, leaveComposing, offer, typedText } from "./app-line.ts";
import { handedOver, mentionLane, suggestLane, toDeepLane, withoutOffer } from "./app-lanes.ts";
import { takeMenu } from "./app-menu.ts";
import { actInReview } from "./app-review.ts";
import { answerHeld, trustHeld, openReview, runSlash, setPace, tellCorrection, withoutCorrection } from "./app-slash.ts";
import { demandsOfPrompt, isForWorkflow, takeLastOff } from "./constraint-marks.ts";
import { readSlash, slashCommands } from "./slash.ts";
import { menuIsOpen } from "./completion.ts";
import { keepText } from "./kept-texts.ts";
import type { Composing } from "./composing.ts";
import { apart } from "./editor/pastes.ts";
import { editorPlace, replaceText } from "./editor/editor.ts";
import { behind, noPanel } from "./panel.ts";
import { actInQuestion, openQuestion, typeInQuestion } from "./app-workflow.ts";
import { tourPaces } from "./tour.ts";
import { say } from "./app-print.ts";

/** How long an Esc that closed something keeps the next ones from stopping anything, and an answer from counting. */
const deafMs = 300;
const twiceMs = 500;
const leaveMs = 3000;

/** Where keys go now. */
export function placeOf(state: AppState): Place {
  if (menuIsOpen(state.completion) || state.panel.kind === "picker" || state.panel.kind === "help") return "menu";
  if (state.panel.kind === "review" && state.composing.kind === "prompt") return "review";
  if (state.panel.kind === "held" && state.composing.kind === "prompt") return "held";
  if (state.panel.kind === "question" && state.composing.kind === "prompt") return "question";
  return editorPlace(state.editor, state.settings.vim);
}

export function act(state: AppState, action: Action, at: number): AppStep {
  const { hint: _, ...fresh } = state;
  if (action.type !== "do") {
    // Help over the review list: the list has the next key.
    if (behind(fresh.panel).kind === "review") return stay({ ...fresh, panel: behind(fresh.panel) });
    const taken = action.type === "type" ? typeInQuestion(fresh, action.text, at) : undefined;
    if (taken !== undefined) return taken;
    const typing = closeForText(fresh);
    return choosePace(typing, action) ?? editLine(typing, action);
  }
  return actByName[group(action.name)](fresh, action.name, at);
}

/** In the demo a digit on an empty line is a pace. */
function choosePace(state: AppState, action: Action): AppStep | undefined {
  if (state.tour === undefined || action.type !== "type" || state.composing.kind !== "prompt") return undefined;
  const pace = /^[1-9]$/.test(action.text) ? tourPaces[Number(action.text) - 1] : undefined;
  return pace === undefined || typedText(state) !== "" ? undefined : setPace(state, pace);
}

/** Who types wants the line, not what is open above it: Enter must send what is typed. A list of models takes an address or a key as well. */
function closeForText(state: AppState): AppState {
  const { panel, editor, composing } = state;
  // Under a text that answers a question the question stays.
  const isQuestion = panel.kind === "question" && composing.kind === "prompt";
  if (panel.kind !== "help" && panel.kind !== "picker" && panel.kind !== "held" && !isQuestion) return state;
  const forModel = panel.kind === "picker" && panel.picker.purpose.kind === "model" && editor.text === "";
  return { ...state, panel: noPanel, ...(forModel && { editor: replaceText(editor, "/model ") }) };
}

type Group = "anywhere" | "line" | "menu" | "review" | "held" | "question";
type Act = (state: AppState, name: ActionName, at: number) => AppStep;

const actByName: Readonly<Record<Group, Act>> = {
  anywhere: actAnywhere,
  line: (state, name) => editLine(state, { type: "do", name }),
  menu: actInMenu,
  review: actInReview,
  held: (state, name) => (name === "command-trust" ? trustHeld(state) : answerHeld(state, answers[name] ?? "")),
  question: actInQuestion,
};

const anywhere: ReadonlySet<ActionName> = new Set([
  ...["stop", "escape", "mode-next", "redraw", "suspend", "tell-correction", "to-deep-lane"],
  ...["submit", "queue-or-review", "help", "edit-outside", "delete-or-leave", "mark-off"],
] as const satisfies readonly ActionName[]);
const menu: ReadonlySet<ActionName> = new Set([
  "menu-next",
  "menu-previous",
  "menu-page-next",
  "menu-page-previous",
  "menu-take",
  "menu-enter",
] as const satisfies readonly ActionName[]);
const review: ReadonlySet<ActionName> = new Set([
  ...[
    "accept",
    "reject",
    "allow-session",
    "allow-never",
    "edit",
    "comment",
    "accept-file",
    "accept-all",
    "undo-hunk",
    "next",
    "previous",
    "next-open",
  ],
  ...[
    "open",
    "page-down",
    "page-up",
    "take-plan",
    "commit-accepted",
    "fix",
    "check",
    "tell-problems",
    "take-theirs",
    "take-both",
  ],
] as const satisfies readonly ActionName[]);

const question: ReadonlySet<ActionName> = new Set(["choice-next", "choice-previous", "choice-take"] as const);

const answers: Readonly<Partial<Record<ActionName, CommandAnswer>>> = {
  "command-once": "once",
  "command-session": "session",
  "command-always": "always",
  "command-no": "no",
};

function group(name: ActionName): Group {
  if (question.has(name)) return "question";
  if (answers[name] !== undefined || name === "command-trust") return "held";
  if (anywhere.has(name)) return "anywhere";
  if (menu.has(name)) return "menu";
  return review.has(name) ? "review" : "line";
}

/** Enter sends what is typed, unless an entry was chosen. A command that is complete with it runs; everything else only stands on the line. */
function actInMenu(state: AppState, name: ActionName, at: number): AppStep {
  if (name === "menu-enter" && menuIsOpen(state.completion) && !state.completion.chosen) return submit(state, at);
  const step = takeMenu(state, name, at);
  const text = typedText(step.state).trim();
  const read = name === "menu-enter" && menuIsOpen(state.completion) && text.startsWith("/") ? readSlash(text) : undefined;
  if (read === undefined || "unknown" in read) return step;
  const command = slashCommands.find((one) => one.name === read.name);
  const isComplete =
    command?.argument === "none" ||
    command?.argument === "words" ||
    command?.argument === "command" ||
    read.argument !== "" ||
    text === typedText(state).trim();
  return isComplete ? submit(step.state, at) : step;
}

function actAnywhere(state: AppState, name: ActionName, at: number): AppStep {
  switch (name) {
    case "stop":
      return stop(state, at);
    case "escape":
      return escape(state, at);
    case "mode-next": {
      const next = (reviewModes.indexOf(state.session.mode) + 1) % reviewModes.length;
      return send(state, { type: "mode.set", mode: reviewModes[next] ?? "flow" });
    }
    case "redraw":
      return { state, effects: [{ type: "redraw" }] };
    case "suspend":
      return { state, effects: [{ type: "suspend" }] };
    case "tell-correction":
      return state.correction === undefined ? stay(state) : tellCorrection(state, state.correction);
    case "to-deep-lane":
      return toDeepLane(state);
    case "help":
      return stay({ ...state, panel: { kind: "help", first: 0, ...(state.panel.kind === "review" && { from: "review" }) } });
    case "queue-or-review":
      return queueOrReview(state, at);
    case "delete-or-leave":
      if (state.editor.text !== "" || state.editor.search !== undefined)
        return editLine(state, { type: "do", name: "delete-forward" });
      return state.composing.kind === "prompt" ? { state, effects: [{ type: "leave" }] } : stay(leaveComposing(state));
    case "mark-off":
      return stay({ ...state, marks: takeLastOff(state.marks) });
    case "edit-outside":
      return { state, effects: [{ type: "edit-outside", purpose: { kind: "input" }, text: typedText(state) }] };
    default:
      return submit(state, at);
  }
}

const runs = (state: AppState): boolean => state.session.phase !== "idle";

/** Turn and command alike; undefined when neither runs. */
function stopAll(state: AppState): AppStep | undefined {
  const { command } = state;
  const quiet = command === undefined ? undefined : stopCommand({ ...state, command });
  if (!runs(state)) return quiet;
  const stopped = send(quiet?.state ?? state, { type: "stop" });
  return { state: stopped.state, effects: [...stopped.effects, ...(quiet?.effects ?? [])] };
}

/** Between two turns a workflow runs tests and checks: who stops it there wants no more of it. */
function stopWorkflow(state: AppState): AppStep | undefined {
  const { workflow } = state.session;
  if (workflow === undefined || workflow.asked !== undefined) return undefined;
  return send(state, { type: "workflow.end" }, { type: "tests.stop" });
}

/** Ctrl-C: stops what runs and closes nothing; when nothing runs it clears step by step, and leaves at last. */
function stop(state: AppState, at: number): AppStep {
  const stopped = stopAll(state) ?? stopWorkflow(state);
  if (stopped !== undefined) return stopped;
  if (state.panel.kind !== "none") return stay({ ...state, panel: noPanel });
  if (state.composing.kind !== "prompt") return stay(leaveComposing(state));
  if (typedText(state) !== "") {
    const cleared = beginPrompt(state, typedText(state));
    return { state: cleared.state, effects: cleared.effects };
  }
  if (at - state.leavingAt < leaveMs) return { state, effects: [{ type: "leave" }] };
  const later = state.tour === undefined ? "; twolane --continue goes on" : "";
  return stay({ ...state, leavingAt: at, hint: `Ctrl-C once more leaves${later}` });
}

/** Esc closes the topmost thing and is deaf then; with nothing open it stops; twice when idle it rewinds. */
function escape(state: AppState, at: number): AppStep {
  if (at < state.deafUntil) return stay(state);
  const closed = closeTopmost(state, at);
  if (closed !== undefined) return stay({ ...closed, deafUntil: at + deafMs, escapedAt: Number.NEGATIVE_INFINITY });
  const stopped = stopAll({ ...state, deafUntil: at + deafMs });
  if (stopped !== undefined) return stopped;
  if (at - state.escapedAt > twiceMs) return stay({ ...state, escapedAt: at });
  return { state: { ...state, escapedAt: Number.NEGATIVE_INFINITY }, effects: [{ type: "find-rewind-points" }] };
}

function closeTopmost(state: AppState, at: number): AppState | undefined {
  if (menuIsOpen(state.completion)) return takeMenu(state, "escape", at).state;
  // Keys go to what is open, so Esc does; under a remark about a hunk the list stays.
  if (state.panel.kind !== "none" && state.composing.kind === "prompt") return { ...state, panel: behind(state.panel) };
  const edited = editLine(state, { type: "do", name: "escape" }).state;
  if (edited.editor !== state.editor) return edited;
  if (state.composing.kind !== "prompt") return leaveComposing(state);
  // Nothing that is only offered comes before a stop.
  return state.correction === undefined || runs(state) || state.command !== undefined ? undefined : withoutCorrection(state);
}

/** It is sent, so that it is not there again. */
const withoutKept = (state: AppState, composing: Composing): AppState => ({
  ...state,
  kept: keepText(state.kept, composing, ""),
});

/** Enter. */
function submit(state: AppState, at: number): AppStep {
  const { composing } = state;
  const text = typedText(state);
  switch (composing.kind) {
    case "comment": {
      if (text.trim() === "") return stay(leaveComposing(state));
      return send(withoutKept(endComposing(state), composing), { type: "hunk.comment", hunk: composing.hunk, text });
    }
    case "answer":
      return send({ ...endComposing(state), panel: noPanel }, { type: "workflow.answer", answer: composing.answer, text });
    case "brief":
      if (text.trim() === "") return stay(leaveComposing(state));
      return startJob(withoutKept(endComposing(state), composing), { text, kind: composing.job });
    case "job":
      if (text.trim() === "") return stay(leaveComposing(state));
      return send(endComposing(state), { type: "job.steer", job: composing.job, text });
    case "queued":
      return send(endComposing(state), { type: "queue.edit", id: composing.id, text });
    case "commit":
      if (composing.draft.hunks.length === 0) return stay({ ...state, hint: "There is nothing to commit yet" });
      // A hook may refuse it.
      // Hooks may take their time.
      return { state: say(leaveComposing(state), "Committing …"), effects: [{ type: "commit", message: text }] };
    case "prompt":
      return text.trim() === "" ? stay(state) : submitPrompt(state, text, at);
  }
}

function startJob(state: AppState, job: { readonly text: string; readonly kind: JobKind }): AppStep {
  const { state: cleared, effects } = handedOver(state);
  const started = send(cleared, { type: "job.start", written: true, ...job });
  return { state: started.state, effects: [...effects, ...started.effects] };
}

function submitPrompt(state: AppState, text: string, at: number): AppStep {
  if (text.startsWith("!")) return runCommand(state, text, at);
  const advice = adviceFor(state, text);
  if (advice !== undefined) return stay({ ...state, advised: true, hint: advice });
  const other = suggestLane(state, text);
  if (other !== undefined) return other;
  const { state: cleared, effects } = beginPrompt(withoutOffer(state), text);
  const after = (step: AppStep): AppStep => ({ state: step.state, effects: [...effects, ...step.effects] });
  if (text.startsWith("/")) {
    const { typed, pasted } = apart(state.editor);
    // Only a workflow tells what it works on from what is wanted.
    const isApart = pasted !== "" && isForWorkflow(typed);
    return after(runSlash(cleared, isApart ? { line: typed, pasted } : { line: text }, at));
  }
  // Without a model an address alone can mean nothing else.
  if (state.session.model === "instant" && /^https?:\/\/\S+$/.test(text.trim()))
    return after({ state: cleared, effects: [{ type: "use-model", typed: text.trim() }] });
  if (runs(state)) return after(send(cleared, { type: "steer", text }));
  const constraints = demandsOfPrompt(state.marks, state.editor.text, text);
  return after(send(mentionLane(cleared, text), { type: "prompt", text, ...(constraints && { constraints }) }));
}

/** One line before the first request that would be quicker in parts or with a place; never twice, and never where nothing is asked of a model. */
function adviceFor(state: AppState, text: string): string | undefined {
  if (state.advised === true || runs(state) || state.session.model === "instant" || text.startsWith("/")) return undefined;
  const advice = requestAdvice(text, { follows: state.session.contextUsed !== undefined });
  return advice && `${advice.line} Enter sends it as it is.`;
}

/** Tab: what is typed waits for the end of the turn; an empty line goes to the review list, and within it to what waits. */
function queueOrReview(state: AppState, at: number): AppStep {
  const { composing } = state;
  if (composing.kind === "commit") {
    if (composing.waiting.length === 0) return stay(state);
    const effects: AppEffect[] = [
      { type: "send", command: { type: "hunk.accept", hunks: composing.waiting } },
      { type: "draft-commit" },
    ];
    return { state, effects };
  }
  if (composing.kind !== "prompt") return stay(state);
  if (state.panel.kind === "review") return actInReview(state, "next-open", at);
  const text = typedText(state);
  if (text.trim() === "" && state.panel.kind !== "held" && state.session.commands.held.length > 0)
    return stay({ ...state, panel: { kind: "held" } });
  const asks = state.session.workflow?.asked !== undefined;
  if (text.trim() === "" && state.panel.kind !== "question" && asks) return stay(openQuestion(state, at, true));
  if (text.trim() === "") return openReview(state, at);
  if (text.startsWith("!")) return offer(state, true);
  if (text.startsWith("/")) return stay({ ...state, hint: "Only messages wait in the queue; Enter runs this" });
  const { state: cleared, effects } = beginPrompt(state, text);
  return { state: cleared, effects: [...effects, { type: "send", command: { type: "queue", text } }] };
}
