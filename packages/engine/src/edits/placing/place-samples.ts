/** Short forms in which the tests of placing write files, hunks and results. */
import type { HunkLine } from "@twolane/protocol";
import type { Placement, UpdateDraft } from "../edits.ts";
import { applyChanges, fileText, type FileText } from "./file-text.ts";
import { place, type PlaceableDraft, type PlaceOptions } from "./place.ts";

/** Lines with their sign in front, as in a patch. */
export function hunk(lines: readonly string[], more: Partial<UpdateDraft> = {}): UpdateDraft {
  return { kind: "update", path: "f", anchors: [], endOfFile: false, lines: lines.map(hunkLine), ...more };
}

export function hunkLine(line: string): HunkLine {
  const op = line[0] === "-" ? "remove" : line[0] === "+" ? "add" : "keep";
  return { op, text: line.slice(1) };
}

export function textFile(text: string): FileText {
  return fileText(Buffer.from(text, "utf8"));
}

export interface Outcome {
  /** The new content, or the code of the failure. */
  readonly text: string;
  readonly placement: Placement;
}

export function outcome(draft: PlaceableDraft, file: FileText, options: PlaceOptions = { cursor: 0 }): Outcome {
  const placement = place(draft, file, options);
  if (!placement.ok) return { text: placement.failure.code, placement };
  return { text: Buffer.from(applyChanges(file, placement.changes).bytes).toString("utf8"), placement };
}

/** The content after hunks in order, each placed behind the one before; failures are left out. */
export function afterAll(drafts: readonly PlaceableDraft[], file: FileText): FileText {
  let now = file;
  let cursor = 0;
  for (const draft of drafts) {
    const placement = place(draft, now, { cursor });
    if (!placement.ok) continue;
    now = applyChanges(now, placement.changes);
    cursor = placement.cursor;
  }
  return now;
}
