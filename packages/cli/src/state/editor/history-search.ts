/** Searching the history backwards while typing, as in a shell. Pure. */
import type { Action } from "../actions.ts";
import type { History } from "../history.ts";
import type { EditorContext, EditorState } from "./editor-state.ts";

export const startSearch = (state: EditorState): EditorState => ({
  ...state,
  search: { query: "", index: Number.MAX_SAFE_INTEGER, found: true, draft: state.text },
});

interface SearchContext extends EditorContext {
  readonly act: (state: EditorState, action: Action, context: EditorContext) => EditorState;
}

export function searchAction(state: EditorState, action: Action, context: SearchContext): EditorState {
  const search = state.search;
  if (search === undefined) return state;
  if (action.type === "type" || action.type === "paste") return look(state, search.query + action.text, context.history, 0);
  if (action.name === "history-search") return look(state, search.query, context.history, 1);
  if (action.name === "delete-back")
    return look(
      { ...state, search: { ...search, index: Number.MAX_SAFE_INTEGER } },
      search.query.slice(0, -1),
      context.history,
      0,
    );
  const { search: _, ...taken } = state;
  if (action.name === "escape") return { ...taken, text: search.draft, cursor: search.draft.length };
  // Any other key takes what was found and does what it does.
  return context.act(taken, action, context);
}

/** The newest entry with the query in it, `further` back than the one that is shown. */
function look(state: EditorState, query: string, { entries }: History, further: number): EditorState {
  const from = Math.min(state.search?.index ?? entries.length, entries.length - 1 + further) - further;
  const draft = state.search?.draft ?? "";
  if (query === "")
    return { ...state, text: draft, cursor: draft.length, search: { query, index: Number.MAX_SAFE_INTEGER, found: true, draft } };
  const wanted = query.toLowerCase();
  for (let index = from; index >= 0; index--) {
    const entry = entries[index] ?? "";
    const at = entry.toLowerCase().lastIndexOf(wanted);
    if (at >= 0) return { ...state, text: entry, cursor: at, search: { query, index, found: true, draft } };
  }
  return { ...state, search: { query, index: state.search?.index ?? entries.length, found: false, draft } };
}
