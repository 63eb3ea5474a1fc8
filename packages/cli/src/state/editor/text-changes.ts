/** The changes that every way of editing is made of: insert, remove, cut, paste what was cut, undo. Pure; which key does what is not known here. */
import type { Change, EditorState } from "./editor-state.ts";
import { borderBefore, borderBehind, nextCharacter, previousCharacter } from "./text-motion.ts";

const undoLimit = 500;
const killLimit = 60;

/** From, to, and what comes in its place. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** A change that can be taken back by itself; the cursor is behind it. */
export function replace(state: EditorState, { from, to, insert }: Replacement, last: EditorState["last"] = "other"): EditorState {
  const text = state.text.slice(0, from) + insert + state.text.slice(to);
  // A combining mark behind it joins what was inserted: the cursor must not stand between them.
  const cursor = borderBehind(text, from + insert.length);
  const change = { at: from, removed: state.text.slice(from, to), inserted: insert, before: state.cursor, behind: cursor };
  const { yanked: _, ...rest } = state;
  const joined = last === "type" && state.last === "type" ? joinTyping(state.undo.at(-1), change) : undefined;
  const undo = joined === undefined ? [...state.undo.slice(1 - undoLimit), change] : [...state.undo.slice(0, -1), joined];
  return { ...rest, text, cursor, last, undo, undone: [] };
}

/** Typing is taken back word by word: a blank begins a new step. */
function joinTyping(before: Change | undefined, next: Change): Change | undefined {
  if (before === undefined || /\s/.test(next.inserted)) return undefined;
  if (next.removed !== "" || before.at + before.inserted.length !== next.at) return undefined;
  return { ...before, inserted: before.inserted + next.inserted, behind: next.behind };
}

export const insert = (state: EditorState, text: string, last: EditorState["last"] = "other"): EditorState =>
  text === "" ? state : replace(state, { from: state.cursor, to: state.cursor, insert: text }, last);

export const remove = (state: EditorState, from: number, to: number): EditorState =>
  from >= to ? state : replace(state, { from, to, insert: "" });

/** Ends what belongs together, even where the cursor stays. */
export function move(state: EditorState, to: number): EditorState {
  const cursor = borderBefore(state.text, to);
  return cursor === state.cursor && state.last === "other" ? state : { ...state, cursor, last: "other" };
}

/** Cut, so that it can be pasted again; cuts in a row are one. */
export function kill(state: EditorState, from: number, to: number): EditorState {
  if (from >= to) return state;
  const cut = state.text.slice(from, to);
  const before = state.last === "kill" ? state.killed.at(-1) : undefined;
  const killed =
    before === undefined
      ? keepKilled(state, cut)
      : [...state.killed.slice(0, -1), from < state.cursor ? cut + before : before + cut];
  return { ...remove(state, from, to), killed, last: "kill" };
}

export const keepKilled = ({ killed }: EditorState, text: string): readonly string[] => [...killed.slice(1 - killLimit), text];

/** Pastes what was cut last. */
export function yank(state: EditorState): EditorState {
  const text = state.killed.at(-1);
  return text === undefined ? state : { ...insert(state, text, "yank"), yanked: { back: 1, start: state.cursor } };
}

/** In place of what was just pasted, what was cut before it. */
export function yankPop(state: EditorState): EditorState {
  if (state.last !== "yank" || state.yanked === undefined || state.killed.length < 2) return state;
  const { start } = state.yanked;
  const back = (state.yanked.back % state.killed.length) + 1;
  const text = state.killed.at(-back) ?? "";
  return { ...replace(state, { from: start, to: state.cursor, insert: text }, "yank"), yanked: { back, start } };
}

/** Swaps the characters on both sides of the cursor, at a line's end the two before it. */
export function transpose(state: EditorState): EditorState {
  const { text, cursor } = state;
  const atEnd = cursor === text.length || text[cursor] === "\n";
  const end = atEnd ? cursor : nextCharacter(text, cursor);
  const middle = previousCharacter(text, end);
  const start = previousCharacter(text, middle);
  if (start === middle || middle === end || text.slice(start, end).includes("\n")) return state;
  return replace(state, { from: start, to: end, insert: text.slice(middle, end) + text.slice(start, middle) });
}

export function undo(state: EditorState): EditorState {
  const change = state.undo.at(-1);
  if (change === undefined) return state;
  const { at, removed, inserted, before } = change;
  const text = state.text.slice(0, at) + removed + state.text.slice(at + inserted.length);
  return stepTo(state, { text, cursor: before, undo: state.undo.slice(0, -1), undone: [...state.undone, change] });
}

export function redo(state: EditorState): EditorState {
  const change = state.undone.at(-1);
  if (change === undefined) return state;
  const { at, removed, inserted, behind } = change;
  const text = state.text.slice(0, at) + inserted + state.text.slice(at + removed.length);
  return stepTo(state, { text, cursor: behind, undo: [...state.undo, change], undone: state.undone.slice(0, -1) });
}

/** What stands on the line then is a draft, whatever entry of the history it once was. */
function stepTo(state: EditorState, next: Pick<EditorState, "text" | "cursor" | "undo" | "undone">): EditorState {
  const { yanked: _, recalled: _recalled, ...rest } = state;
  return { ...rest, ...next, last: "other" };
}
