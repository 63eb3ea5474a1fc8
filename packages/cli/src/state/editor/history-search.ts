/** Searching the history backwards while typing, as in a shell. Pure. */
import type { Action } from "../actions.ts";
import type { History } from "../history.ts";
import type { EditorState, Search } from "./editor-state.ts";
import { replace } from "./text-changes.ts";
import { previousCharacter } from "./text-motion.ts";

const beyondEnd = Number.MAX_SAFE_INTEGER;

export function startSearch(state: EditorState): EditorState {
  const draft = { text: state.text, cursor: state.cursor };
  return { ...state, last: "other", search: { query: "", index: beyondEnd, found: true, draft } };
}

/**
 * A key while one searches. `further`: the key is none of the search's own, so what was found is taken, and the key does what it
 * does elsewhere.
 */
export function searchAction(
  state: EditorState & { readonly search: Search },
  action: Action,
  history: History,
): { readonly state: EditorState; readonly further: boolean } {
  const { search } = state;
  const at = Math.min(search.index, history.entries.length);
  const stay = (next: EditorState): { state: EditorState; further: boolean } => ({ state: next, further: false });
  if (action.type !== "do") return stay(look(state, { query: search.query + action.text, from: at }, history));
  switch (action.name) {
    case "history-search":
      return stay(look(state, { query: search.query, from: at - 1 }, history));
    case "delete-back": {
      const query = search.query.slice(0, previousCharacter(search.query, search.query.length));
      return stay(look(state, { query, from: beyondEnd }, history));
    }
    case "escape":
      return stay({ ...withoutSearch(state), ...search.draft });
    default:
      return { state: take(state), further: true };
  }
}

/** The newest entry with the query in it, from an index on backwards. What was found before stays where there is none. */
function look(
  state: EditorState & { readonly search: Search },
  { query, from }: { readonly query: string; readonly from: number },
  { entries }: History,
): EditorState {
  const { draft } = state.search;
  if (query === "") return { ...state, ...draft, search: { query, index: beyondEnd, found: true, draft } };
  const wanted = query.toLowerCase();
  for (let index = Math.min(from, entries.length - 1); index >= 0; index--) {
    const text = entries[index] ?? "";
    if (text.toLowerCase().includes(wanted))
      return { ...state, text, cursor: text.length, search: { query, index, found: true, draft } };
  }
  return { ...state, search: { ...state.search, query, found: false } };
}

/** The entry comes in place of the draft, as one step of undo. */
function take(state: EditorState & { readonly search: Search }): EditorState {
  const { text, search } = state;
  const before = { ...withoutSearch(state), ...search.draft };
  return text === search.draft.text ? before : replace(before, { from: 0, to: before.text.length, insert: text });
}

function withoutSearch(state: EditorState): EditorState {
  const { search: _, ...rest } = state;
  return rest;
}
