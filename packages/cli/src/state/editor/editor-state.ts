/** What the input line holds, for the files that change it. */
import type { History } from "../history.ts";

/** Text and cursor; the cursor counts UTF-16 units and stands on the border of a character. */
export interface Line {
  readonly text: string;
  readonly cursor: number;
}

export interface EditorState extends Line {
  /** Placeholder character → what was pasted. */
  readonly pastes: ReadonlyMap<string, string>;
  /** What was cut, newest last. */
  readonly killed: readonly string[];
  readonly last: "kill" | "yank" | "type" | "other";
  /** How far back in `killed` the yank at the cursor is, and where it begins. */
  readonly yanked?: { readonly back: number; readonly start: number };
  readonly undone: readonly Line[];
  readonly undo: readonly Line[];
  /** Index in the history; absent: the draft. */
  readonly recalled?: { readonly index: number; readonly draft: string };
  readonly search?: Search;
  readonly vim: VimState;
}

export interface Search {
  readonly query: string;
  /** Index of the entry that is shown; beyond the end of the history: none yet. */
  readonly index: number;
  readonly found: boolean;
  /** What stood on the line, for whoever leaves. */
  readonly draft: string;
}

export interface VimState {
  /** Keys are commands, not text. */
  readonly normal: boolean;
  /** Keys of a command that is not complete. */
  readonly keys: string;
  /** The last change, to be done again. */
  readonly repeat?: string;
  /** Typed since the change in `repeat` began to insert. */
  readonly inserting?: boolean;
}

export interface EditorContext {
  readonly history: History;
  readonly vim: boolean;
}
