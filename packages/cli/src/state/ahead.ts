/** What Enter would do, while one types: which text may be worked on before it, and the line that says what came of it. Pure. */
import type { TwolaneEvent } from "@twolane/protocol";
import type { AppState } from "./app.ts";
import { editorText } from "./editor/editor.ts";
import { counted } from "./grouped.ts";

/** The prompt that Enter would send now. Empty: it would send none, or one that waits for something. */
export function draftOf({ editor, composing, session }: AppState): string {
  if (composing.kind !== "prompt" || session.phase !== "idle" || session.workflow !== undefined) return "";
  return /^[!/]/.test(editor.text) || editor.text.trim() === "" ? "" : editorText(editor);
}

/** Of a prompt that was sent nothing is shown any more. */
export function takePrepared(state: AppState, event: TwolaneEvent): AppState {
  if (event.type === "draft.prepared") return { ...state, prepared: event };
  if (event.type !== "turn.started" || state.prepared === undefined) return state;
  const { prepared: _, ...rest } = state;
  return rest;
}

/** Only as long as exactly this text stands on the line. */
export function preparedHint(state: AppState): string | undefined {
  const { prepared } = state;
  if (prepared === undefined || prepared.text !== draftOf(state)) return undefined;
  const { hunks, files, held, note } = prepared;
  if (hunks === 0) return note === undefined ? undefined : `Enter: ${note}`;
  const what = `Enter: ${counted(hunks, "hunk")} in ${counted(files, "file")}`;
  return held === 0 ? what : `${what}, ${held === hunks ? "" : `${held} `}would be held`;
}
