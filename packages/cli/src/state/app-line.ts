/** The input line within the screen: typing, its history, and the draft that waits while the line is for something else. */
import type { Action } from "./actions.ts";
import type { AppEffect, AppState, AppStep } from "./app.ts";
import { completeAt } from "./completion.ts";
import type { Composing } from "./composing.ts";
import { clearedEditor, editorAction, editorText, textEditorAt } from "./editor/editor.ts";
import { lineEnd } from "./editor/text-motion.ts";
import { historyOf, remember } from "./history.ts";
import { keepText, keptText, otherMessages } from "./kept-texts.ts";
import { type SlashCommand, slashCommands } from "./slash.ts";

export const typedText = (state: AppState): string => editorText(state.editor);

/** A key for the line itself. What may be completed is looked for behind it. */
export function editLine(state: AppState, action: Action): AppStep {
  // What is written for something else than a prompt must not be lost to an earlier one.
  const { composing, kept } = state;
  const history = composing.kind === "prompt" ? state.history : historyOf(otherMessages(kept, composing));
  const editor = editorAction(state.editor, action, { history, vim: state.settings.vim });
  if (editor === state.editor) return { state, effects: [] };
  if (composing.kind !== "prompt") return { state: { ...state, editor }, effects: [] };
  return offer({ ...state, editor }, false);
}

/** `asked`: somebody wants to see what fits. */
export function offer(state: AppState, asked: boolean): AppStep {
  const { text, cursor } = state.editor;
  const hunks = [...state.session.review.keys()];
  const commands = state.prompts.length === 0 ? slashCommands : [...slashCommands, ...ownCommands(state.prompts)];
  const completion = completeAt(state.completion, { text, cursor, commands, hunks, asked });
  const { wanted } = completion;
  const paths: AppEffect[] =
    wanted === undefined || wanted === state.completion.wanted
      ? []
      : [{ type: "find-paths", query: wanted, generation: completion.generation }];
  // Once for each line that begins so; they may have changed since.
  const begins = /^\/[a-z0-9-]*$/.test(text) && !state.completion.line.text.startsWith("/");
  const effects: AppEffect[] = begins ? [...paths, { type: "find-prompts" }] : paths;
  return { state: { ...state, completion }, effects };
}

const ownCommands = (prompts: AppState["prompts"]): readonly SlashCommand[] =>
  prompts
    .filter(({ name }) => !slashCommands.some((one) => one.name === name))
    .map(({ name, objective, problem, takesText }) => ({
      ...{ name, text: problem ?? objective, argument: takesText ? "text" : "words" },
      ...(takesText && { form: "what" }),
    }));

/** The line is empty again and what stood on it is history. A key or an address to a model is remembered nowhere. */
export function beginPrompt(state: AppState, text: string): AppStep {
  const cleared = { ...state, editor: clearedEditor(state.editor), completion: completeAt(state.completion, undefined) };
  if (text.startsWith("/m") || text.startsWith(" ")) return { state: cleared, effects: [] };
  return { state: { ...cleared, history: remember(state.history, text) }, effects: [{ type: "remember", prompt: text }] };
}

/** The line is for something else now; the prompt's draft waits. What was written for the same thing before comes in place of the text. */
export function compose(before: AppState, composing: Composing, offered: string): AppState {
  const state = keepTyped(before);
  const draft = state.draft ?? state.editor;
  const text = keptText(state.kept, composing) ?? offered;
  // Of a commit's message the subject is changed most; its trailers stand at the end.
  const cursor = composing.kind === "commit" ? lineEnd(text, 0) : composing.kind === "brief" ? criteriaAt(text) : text.length;
  const editor = { ...textEditorAt(text, cursor), killed: clearedEditor(draft).killed };
  return { ...state, draft, composing, editor, completion: completeAt(state.completion, undefined) };
}

/** Of a brief the criteria are what a person adds, below their hint and in the empty item; the goal above them stays in sight. */
function criteriaAt(text: string): number {
  const heading = /^# Done when\n\n?(?:<!--[^\n]*-->\n\n?)?(?:- (?=\n|$))?/m.exec(text);
  return heading === null ? text.length : heading.index + heading[0].length;
}

const keepTyped = (state: AppState): AppState => ({
  ...state,
  kept: keepText(state.kept, state.composing, typedText(state)),
});

/** Without having sent it, or without knowing yet what comes of it. */
export const leaveComposing = (state: AppState): AppState => endComposing(keepTyped(state));

export function endComposing(state: AppState): AppState {
  const { draft, ...rest } = state;
  return { ...rest, composing: { kind: "prompt" }, editor: draft ?? clearedEditor(state.editor) };
}
