/**
 * The input line: text and cursor, what was cut, undo, history and its search, vim by setting. Pure: an action in, the next state out.
 * How it is shown is `views/input-view.ts`; which key is which action, `keys/bindings.ts`.
 */
import type { Action, ActionName, Place } from "../actions.ts";
import type { EditorContext, EditorState, Line } from "./editor-state.ts";
import { downward, upward } from "./history-recall.ts";
import { searchAction, startSearch } from "./history-search.ts";
import { cleanText, foldPaste, refold, showFolded, unfold } from "./pastes.ts";
import { insert, kill, move, redo, remove, replace, transpose, undo, yank, yankPop } from "./text-changes.ts";
import { borderBehind, lineEnd, lineStart, nextCharacter, previousCharacter, wordLeft, wordRight } from "./text-motion.ts";
import { leaveInsert, noteTyped, vimAction, vimRedo } from "./vim.ts";

export type { EditorState } from "./editor-state.ts";

export const emptyEditor: EditorState = {
  ...{ text: "", cursor: 0, pastes: new Map(), killed: [], last: "other", undone: [], undo: [] },
  vim: { normal: false, keys: "" },
};

/** A line with this text and nothing before it. */
export function textEditorAt(text: string, cursor: number): EditorState {
  const clean = cleanText(text);
  return { ...emptyEditor, text: clean, cursor: borderBehind(clean, cursor) };
}

/** Another text as one step of undo. Pastes in it stay folded. */
export function replaceText(state: EditorState, text: string, cursor = text.length): EditorState {
  const next = replace(state, { from: 0, to: state.text.length, insert: text });
  return { ...next, cursor: borderBehind(text, cursor) };
}

/** A text from elsewhere as one step of undo. Pastes that are in it as they were stay folded. */
export const rewritten = (state: EditorState, text: string): EditorState => replaceText(state, refold(cleanText(text), state));

/** An empty line, as after sending; what was cut can still be pasted. */
export const clearedEditor = (state: EditorState): EditorState => ({
  ...emptyEditor,
  killed: state.killed.map((text) => unfold(text, state)),
});

/** What is sent: pastes are whole again. */
export const editorText = (state: EditorState): string => unfold(state.text, state);

/** Text with placeholders, and how a part of it is shown. */
export function shownText(state: EditorState): { readonly text: string; readonly show: (part: string) => string } {
  return { text: state.text, show: (part) => showFolded(part, state) };
}

/** Where its keys are looked up. */
export const editorPlace = ({ vim, search }: EditorState, vimOn: boolean): Place =>
  vimOn && vim.normal && search === undefined ? "vim" : "input";

/** The same state where the action does nothing. */
export function editorAction(state: EditorState, action: Action, context: EditorContext): EditorState {
  const { search } = state;
  if (search !== undefined) {
    const searched = searchAction({ ...state, search }, action, context.history);
    return searched.further ? editorAction(searched.state, action, context) : searched.state;
  }
  if (!context.vim) return change(state, action, context);
  if (state.vim.normal) return changeInNormal(state, action, context);
  if (action.type === "do" && action.name === "escape") return leaveInsert(state);
  return noteTyped(change(state, action, context), action);
}

/** Vim's normal mode: letters are commands, and the named keys do what they do elsewhere. */
function changeInNormal(state: EditorState, action: Action, context: EditorContext): EditorState {
  if (action.type === "type") return vimAction(state, action.text, (at, again) => editorAction(at, again, context));
  if (action.type === "do" && action.name === "redo") return vimRedo(state);
  if (action.type === "do" && action.name === "escape") return leaveInsert(state);
  return change(state, action, context);
}

function change(state: EditorState, action: Action, context: EditorContext): EditorState {
  switch (action.type) {
    case "type":
      return insert(state, cleanText(action.text), "type");
    case "paste": {
      const folded = foldPaste(state, action.text);
      return insert({ ...state, pastes: folded.pastes }, folded.insert);
    }
    case "do":
      return named(state, action.name, context);
  }
}

const motions: Readonly<Partial<Record<ActionName, (line: Line) => number>>> = {
  left: ({ text, cursor }) => previousCharacter(text, cursor),
  right: ({ text, cursor }) => nextCharacter(text, cursor),
  "word-left": ({ text, cursor }) => wordLeft(text, cursor),
  "word-right": ({ text, cursor }) => wordRight(text, cursor),
  "line-start": ({ text, cursor }) => lineStart(text, cursor),
  "line-end": ({ text, cursor }) => lineEnd(text, cursor),
  "buffer-start": () => 0,
  "buffer-end": ({ text }) => text.length,
};

function named(state: EditorState, name: ActionName, { history }: EditorContext): EditorState {
  const { text, cursor } = state;
  const motion = motions[name];
  if (motion !== undefined) return move(state, motion(state));
  switch (name) {
    case "newline":
      return insert(state, "\n");
    case "up":
      return upward(state, history);
    case "down":
      return downward(state, history);
    case "delete-back":
      return remove(state, previousCharacter(text, cursor), cursor);
    case "delete-forward":
      return remove(state, cursor, nextCharacter(text, cursor));
    case "kill-to-start":
      return kill(state, lineStart(text, cursor), cursor);
    case "kill-to-end":
      // At the end of a line the line feed goes, so that the key repeated cuts line by line.
      return kill(state, cursor, lineEnd(text, cursor) === cursor ? nextCharacter(text, cursor) : lineEnd(text, cursor));
    case "kill-word-back":
      return kill(state, wordLeft(text, cursor), cursor);
    case "kill-word-forward":
      return kill(state, cursor, wordRight(text, cursor));
    case "yank":
      return yank(state);
    case "yank-pop":
      return yankPop(state);
    case "transpose":
      return transpose(state);
    case "undo":
      return undo(state);
    case "redo":
      return redo(state);
    case "history-search":
      return startSearch(state);
    default:
      return state;
  }
}
