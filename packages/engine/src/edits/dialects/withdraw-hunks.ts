/** An edit call, or a message with edits in it, without some of its hunks. Pure. */
import type { DialectName } from "@twolane/protocol";
import type { HunkDraft } from "../edits.ts";
import { type EditForm, createParser } from "./dialects.ts";
import { writeDrafts } from "./write-drafts.ts";

export interface EditText {
  readonly dialect: DialectName;
  readonly form: EditForm;
  /** Raw input of the call, or the whole message. */
  readonly text: string;
}

/** The same text where nothing goes. What cannot be read goes too, because nobody knows what is in it. */
export function withoutHunks({ dialect, form, text }: EditText, goes: (draft: HunkDraft) => boolean): string {
  const parser = createParser(dialect, form);
  const events = [...parser.push(text), ...parser.end(true)];
  const drafts = events.flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
  if (!drafts.some(goes)) return text;
  const staying = drafts.filter((draft) => !goes(draft));
  if (form !== "message") return writeDrafts(dialect, form, staying.length === 0 ? nothingLeft(dialect, drafts) : staying);
  // Between the hunks of a message stands what the model says of them.
  const parts = events.flatMap((event) => {
    if (event.type === "prose") return [event.text];
    return event.type === "hunk" && !goes(event.draft) ? [`\n${writeDrafts(dialect, form, [event.draft])}`] : [];
  });
  return parts.join("");
}

/** An operation always names its file, also when nothing of it is left. */
function nothingLeft(dialect: DialectName, drafts: readonly HunkDraft[]): readonly HunkDraft[] {
  const path = drafts[0]?.path;
  if (dialect !== "apply-patch-call" || path === undefined) return [];
  return [{ kind: "update", path, anchors: [], lines: [], endOfFile: false }];
}
