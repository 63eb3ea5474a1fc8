/** Up and down through the history. What was typed, into the draft or an entry, is there again when one comes back to it. Pure. */
import type { History } from "../history.ts";
import type { EditorState } from "./editor-state.ts";
import { move, replace } from "./text-changes.ts";
import { lineAbove, lineBelow } from "./text-motion.ts";

export function upward(state: EditorState, history: History): EditorState {
  const above = lineAbove(state.text, state.cursor);
  if (above !== undefined) return move(state, above);
  const index = indexOf(state, history) - 1;
  return index < 0 ? move(state, 0) : recall(state, history, index);
}

export function downward(state: EditorState, history: History): EditorState {
  const below = lineBelow(state.text, state.cursor);
  if (below !== undefined) return move(state, below);
  const index = indexOf(state, history) + 1;
  return index > history.entries.length ? move(state, state.text.length) : recall(state, history, index);
}

/** The history may have become shorter since. */
const indexOf = ({ recalled }: EditorState, { entries }: History): number =>
  Math.min(recalled?.index ?? entries.length, entries.length);

function recall(state: EditorState, { entries }: History, index: number): EditorState {
  const here = state.recalled?.index ?? entries.length;
  const drafts = new Map(state.recalled?.drafts);
  if (state.text === entries[here]) drafts.delete(here);
  else drafts.set(here, state.text);
  const text = drafts.get(index) ?? entries[index] ?? "";
  const { recalled: _, ...shown } = replace(state, { from: 0, to: state.text.length, insert: text });
  return index === entries.length ? shown : { ...shown, recalled: { index, drafts } };
}
