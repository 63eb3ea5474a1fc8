/** What the input line holds, for the files that change it. */
import type { Action } from "../actions.ts";
import type { History } from "../history.ts";

/** Text and cursor; the cursor counts UTF-16 units and stands on the border of a character. */
export interface Line {
  readonly text: string;
  readonly cursor: number;
}

export interface EditorState extends Line {
  /** Placeholder → what was pasted. */
  readonly pastes: ReadonlyMap<string, string>;
  /** What was cut, newest last. */
  readonly killed: readonly string[];
  readonly last: "kill" | "yank" | "type" | "other";
  /** How far back in `killed` the yank at the cursor is, and where it begins. */
  readonly yanked?: { readonly back: number; readonly start: number };
  /** Oldest first; what can be taken back, and what was. */
  readonly undo: readonly Change[];
  readonly undone: readonly Change[];
  readonly recalled?: Recalled;
  readonly search?: Search;
  readonly vim: VimState;
}

/** One step of undo. Only what differs is kept: a prompt may be a megabyte, and there are hundreds of steps. */
export interface Change {
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
  /** Where the cursor stood before and behind it. */
  readonly before: number;
  readonly behind: number;
}

/** An entry of the history stands on the line. */
export interface Recalled {
  /** In the history; the draft is behind its last entry. */
  readonly index: number;
  /** What was typed into entries, and the draft, by index. */
  readonly drafts: ReadonlyMap<number, string>;
}

export interface Search {
  readonly query: string;
  /** Index of the entry that is shown; beyond the end of the history: none yet. */
  readonly index: number;
  readonly found: boolean;
  /** What stood on the line, for whoever leaves. */
  readonly draft: Line;
}

export interface VimState {
  /** Keys are commands, not text. */
  readonly normal: boolean;
  /** Keys of a command that is not complete. */
  readonly keys: string;
  /** The last change, to be done again. */
  readonly repeat?: VimChange;
  /** The change that is being typed. */
  readonly typing?: VimChange;
}

export interface VimChange {
  readonly keys: string;
  /** What was typed until Esc; typing in a row is one action. */
  readonly typed: readonly Action[];
}

export interface EditorContext {
  readonly history: History;
  readonly vim: boolean;
}
