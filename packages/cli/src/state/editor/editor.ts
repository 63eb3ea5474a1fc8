/**
 * The input line: text and cursor, what was cut, undo, history and its search. Pure: an action in, the next state out. A long paste is
 * one character of the text, shown as a few words and sent whole.
 */
import type { Action, ActionName, Place } from "../actions.ts";
import type { History } from "../history.ts";
import type { EditorContext, EditorState, Line } from "./editor-state.ts";
import { searchAction, startSearch } from "./history-search.ts";
export type { EditorState } from "./editor-state.ts";
import {
  lineAbove,
  lineBelow,
  lineEnd,
  lineStart,
  nextCharacter,
  previousCharacter,
  wordLeft,
  wordRight,
} from "./text-motion.ts";
import { type VimEdits, vimAction } from "./vim.ts";

const undoLimit = 500;
const killLimit = 60;
/** A paste of more lines, or of more characters, is shown as a few words. */
const foldLines = 8;
const foldCharacters = 2000;
/** Placeholders are private characters, which nobody types. */
const firstPlaceholder = 0xe000;
const placeholders = 0x1000;

export const emptyEditor: EditorState = {
  ...{ text: "", cursor: 0, pastes: new Map(), killed: [], last: "other", undone: [], undo: [] },
  vim: { normal: false, keys: "" },
};

export const textEditor = (text: string): EditorState => textEditorAt(text, text.length);
export const textEditorAt = (text: string, cursor: number): EditorState => ({ ...emptyEditor, text, cursor });
/** Another text, with what was cut and pasted before. */
export const replaceText = (state: EditorState, text: string, cursor = text.length): EditorState =>
  edit(state, { text, cursor }, "other");

/** What is sent: pastes are whole again. */
export function editorText({ text, pastes }: EditorState): string {
  return pastes.size === 0 ? text : text.replace(/[\ue000-\uefff]/g, (sign) => pastes.get(sign) ?? sign);
}

/** The cursor as an offset in the text as it is typed, pastes folded. */
export const editorCursor = ({ cursor }: EditorState): number => cursor;

/** Text as it is shown. */
export function shownText({ text, pastes }: EditorState): { readonly text: string; readonly show: (part: string) => string } {
  const show = (part: string): string =>
    pastes.size === 0 ? part : part.replace(/[\ue000-\uefff]/g, (sign) => foldedText(pastes.get(sign)) ?? sign);
  return { text, show };
}

function foldedText(paste: string | undefined): string | undefined {
  if (paste === undefined) return undefined;
  const lines = paste.split("\n").length;
  return lines > 1 ? `[pasted ${lines.toLocaleString("en")} lines]` : `[pasted ${paste.length.toLocaleString("en")} characters]`;
}

/** Where its keys are looked up. */
export const editorPlace = ({ vim }: EditorState, vimOn: boolean): Place => (vimOn && vim.normal ? "vim" : "input");

/** The same state where the action does nothing. */
export function editorAction(state: EditorState, action: Action, context: EditorContext): EditorState {
  if (state.search !== undefined) return searchAction(state, action, { ...context, act: editorAction });
  switch (action.type) {
    case "type":
      if (context.vim && state.vim.normal) return vimAction(state, action.text, edits);
      return insert(state, action.text, "type");
    case "paste":
      return paste(state, action.text);
    case "do":
      return named(state, action.name, context);
  }
}

function paste(state: EditorState, text: string): EditorState {
  const long = text.length > foldCharacters || text.split("\n", foldLines + 1).length > foldLines;
  if (!long) return insert(state, text, "other");
  const sign = String.fromCharCode(firstPlaceholder + (state.pastes.size % placeholders));
  return { ...insert(state, sign, "other"), pastes: new Map(state.pastes).set(sign, text) };
}

function insert(state: EditorState, text: string, last: EditorState["last"]): EditorState {
  const { cursor } = state;
  const next = { text: state.text.slice(0, cursor) + text + state.text.slice(cursor), cursor: cursor + text.length };
  // Typing is taken back word by word.
  const joins = last === "type" && state.last === "type" && !/\s/.test(text);
  return joins ? { ...state, ...next, undone: [] } : edit(state, next, last);
}

/** A change that can be taken back by itself. */
function edit(state: EditorState, next: Line, last: EditorState["last"]): EditorState {
  const { yanked: _, ...rest } = state;
  const undo = [...state.undo.slice(-undoLimit), { text: state.text, cursor: state.cursor }];
  return { ...rest, ...next, last, undo, undone: [] };
}

function move(state: EditorState, cursor: number): EditorState {
  return cursor === state.cursor && state.last === "other" ? state : { ...state, cursor, last: "other" };
}

function remove(state: EditorState, from: number, to: number): EditorState {
  if (from >= to) return state;
  return edit(state, { text: state.text.slice(0, from) + state.text.slice(to), cursor: from }, "other");
}

/** Cut, so that it can be pasted again; cuts in a row are one. */
function kill(state: EditorState, from: number, to: number): EditorState {
  if (from >= to) return state;
  const cut = state.text.slice(from, to);
  const joins = state.last === "kill" && state.killed.length > 0;
  const before = state.killed.at(-1) ?? "";
  const joined = from < state.cursor ? cut + before : before + cut;
  const killed = joins ? [...state.killed.slice(0, -1), joined] : [...state.killed.slice(-killLimit), cut];
  return { ...remove(state, from, to), killed, last: "kill" };
}

/** What vim's keys do it with. */
const edits: VimEdits = {
  move,
  remove,
  kill,
  insert: (state: EditorState, text: string) => insert(state, text, "other"),
  undo,
  redo,
  yank,
};

const motions: Readonly<Partial<Record<ActionName, (text: string, at: number) => number>>> = {
  left: previousCharacter,
  right: nextCharacter,
  "word-left": wordLeft,
  "word-right": wordRight,
  "line-start": lineStart,
  "line-end": lineEnd,
  "buffer-start": () => 0,
  "buffer-end": (text) => text.length,
};

function named(state: EditorState, name: ActionName, context: EditorContext): EditorState {
  const { text, cursor } = state;
  const motion = motions[name];
  if (motion !== undefined) return move(state, motion(text, cursor));
  switch (name) {
    case "newline":
      return insert(state, "\n", "other");
    case "up":
      return upward(state, context.history);
    case "down":
      return downward(state, context.history);
    case "delete-back":
      return remove(state, previousCharacter(text, cursor), cursor);
    case "delete-forward":
      return remove(state, cursor, nextCharacter(text, cursor));
    case "kill-to-start":
      return kill(state, lineStart(text, cursor), cursor);
    case "kill-to-end":
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
    case "escape":
      return context.vim && !state.vim.normal ? { ...move(state, cursor), vim: { normal: true, keys: "" } } : state;
    default:
      return state;
  }
}

function yank(state: EditorState): EditorState {
  const text = state.killed.at(-1);
  if (text === undefined) return state;
  return { ...insert(state, text, "yank"), yanked: { back: 1, start: state.cursor } };
}

/** In place of what was just pasted, what was cut before it. */
function yankPop(state: EditorState): EditorState {
  if (state.last !== "yank" || state.yanked === undefined || state.killed.length < 2) return state;
  const back = (state.yanked.back % state.killed.length) + 1;
  const text = state.killed.at(-back) ?? "";
  const { start } = state.yanked;
  const next = { text: state.text.slice(0, start) + text + state.text.slice(state.cursor), cursor: start + text.length };
  return { ...edit(state, next, "yank"), yanked: { back, start } };
}

function transpose(state: EditorState): EditorState {
  const end = state.cursor === state.text.length ? state.cursor : nextCharacter(state.text, state.cursor);
  const middle = previousCharacter(state.text, end);
  const start = previousCharacter(state.text, middle);
  if (start === middle || middle === end || state.text.slice(start, end).includes("\n")) return state;
  const swapped = state.text.slice(middle, end) + state.text.slice(start, middle);
  return edit(state, { text: state.text.slice(0, start) + swapped + state.text.slice(end), cursor: end }, "other");
}

function undo(state: EditorState): EditorState {
  const before = state.undo.at(-1);
  if (before === undefined) return state;
  const undone = [...state.undone, { text: state.text, cursor: state.cursor }];
  return { ...state, ...before, undo: state.undo.slice(0, -1), undone, last: "other" };
}

function redo(state: EditorState): EditorState {
  const next = state.undone.at(-1);
  if (next === undefined) return state;
  const done = [...state.undo, { text: state.text, cursor: state.cursor }];
  return { ...state, ...next, undo: done, undone: state.undone.slice(0, -1), last: "other" };
}

function upward(state: EditorState, history: History): EditorState {
  const above = lineAbove(state.text, state.cursor);
  if (above !== undefined) return move(state, above);
  const index = (state.recalled?.index ?? history.entries.length) - 1;
  if (index < 0) return move(state, 0);
  const draft = state.recalled?.draft ?? state.text;
  return recall(state, history.entries[index] ?? "", { index, draft });
}

function downward(state: EditorState, history: History): EditorState {
  const below = lineBelow(state.text, state.cursor);
  if (below !== undefined) return move(state, below);
  if (state.recalled === undefined) return move(state, state.text.length);
  const index = state.recalled.index + 1;
  const { draft } = state.recalled;
  if (index < history.entries.length) return recall(state, history.entries[index] ?? "", { index, draft });
  const { recalled: _, ...rest } = replaceText(state, draft);
  return rest;
}

function recall(state: EditorState, text: string, recalled: NonNullable<EditorState["recalled"]>): EditorState {
  return { ...replaceText(state, text), recalled };
}
