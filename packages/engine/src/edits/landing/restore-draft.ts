/** A draft with the secrets back in it that its author knows only by their stand-ins. Which those are is the guard's business. */
import type { HunkDraft } from "../edits.ts";

export type RestoreText = (text: string) => string;

/** The same object where nothing changes. */
export function restoreDraft(draft: HunkDraft, restore: RestoreText): HunkDraft {
  const path = restore(draft.path);
  switch (draft.kind) {
    case "update": {
      const lines = draft.lines.map((line) => {
        const text = restore(line.text);
        return text === line.text ? line : { ...line, text };
      });
      const anchors = draft.anchors.map(restore);
      const same =
        path === draft.path &&
        lines.every((line, at) => line === draft.lines[at]) &&
        anchors.every((text, at) => text === draft.anchors[at]);
      return same ? draft : { ...draft, path, lines, anchors };
    }
    case "substitute": {
      const [oldText, newText] = [restore(draft.oldText), restore(draft.newText)];
      return path === draft.path && oldText === draft.oldText && newText === draft.newText
        ? draft
        : { ...draft, path, oldText, newText };
    }
    case "create":
    case "rewrite": {
      const content = restore(draft.content);
      return path === draft.path && content === draft.content ? draft : { ...draft, path, content };
    }
    case "delete":
      return path === draft.path ? draft : { ...draft, path };
    case "move": {
      const to = restore(draft.to);
      return path === draft.path && to === draft.to ? draft : { ...draft, path, to };
    }
  }
}
