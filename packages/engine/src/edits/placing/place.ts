/**
 * A draft and a file → where it belongs and which bytes change, or why nowhere. Pure; the file is read and written by
 * others. The rules are in docs/matching.md.
 */
import type { HunkLine } from "@twolane/protocol";
import type { HunkDraft, Placement, UpdateDraft } from "../edits.ts";
import { exactText, fromByteString, startOf, toByteString, type FileText } from "./file-text.ts";
import { diffLines } from "../../std/line-diff.ts";
import { lineChange, type LineRun } from "./place-lines.ts";
import { placeSubstitute } from "./place-substitute.ts";
import { growthOf, placeUpdate, unchanged } from "./place-update.ts";

/** The kinds of draft that have to be found in a file; the others concern the whole of it. */
export type PlaceableDraft = Extract<HunkDraft, { readonly kind: "update" | "substitute" | "rewrite" }>;
export type RewriteDraft = Extract<HunkDraft, { readonly kind: "rewrite" }>;

export interface PlaceOptions {
  /** `cursor` of the previous hunk in this file, 0 if there is none. */
  readonly cursor: number;
  /** From a 1-based line of the file as the author saw it to today's. Without it, lines are where they were. */
  readonly lineShift?: (line: number) => number;
}

export function place(draft: PlaceableDraft, file: FileText, options: PlaceOptions): Placement {
  switch (draft.kind) {
    case "update": {
      const hint = draft.line === undefined ? {} : { hint: options.lineShift?.(draft.line) ?? draft.line };
      return placeUpdate(draft, file, { cursor: options.cursor, ...hint });
    }
    case "substitute":
      return placeSubstitute(draft, file);
    case "rewrite":
      return placeRewrite(draft, file);
  }
}

/** Lines of unchanged text around each part of a rewrite: enough to read it, and to find it again after a merge. */
const context = 3;

/**
 * A rewrite as line-by-line drafts, one for each run of lines that differ, in file order and with line numbers of `file`.
 * The rewrite itself where that cannot be said line by line (an empty file, lines that are no valid UTF-8); empty when
 * nothing differs.
 */
export function splitRewrite(draft: RewriteDraft, file: FileText): readonly (UpdateDraft | RewriteDraft)[] {
  const runs = rewriteRuns(draft, file);
  if (file.lines.length === 0) return runs.length > 0 ? [draft] : [];
  const drafts: UpdateDraft[] = [];
  for (const [index, run] of runs.entries()) {
    const before = readableFrom(file, Math.max(runs[index - 1]?.last ?? 0, run.first - context), run.first);
    const removed = readableFrom(file, run.first, run.last);
    const after = readableTo(file, run.last, Math.min(runs[index + 1]?.first ?? file.lines.length, run.last + context));
    if (removed.length < run.last - run.first || before.length + removed.length + after.length === 0) return [draft];
    const line =
      (op: HunkLine["op"]) =>
      (text: string): HunkLine => ({ op, text });
    const lines = [
      ...before.map(line("keep")),
      ...removed.map(line("remove")),
      ...run.added.map(line("add")),
      ...after.map(line("keep")),
    ];
    drafts.push({ kind: "update", path: draft.path, anchors: [], lines, endOfFile: false, line: run.first - before.length + 1 });
  }
  return drafts;
}

function placeRewrite(draft: RewriteDraft, file: FileText): Placement {
  const runs = rewriteRuns(draft, file);
  const [first] = runs;
  if (first === undefined) return unchanged(draft.path);
  // Only a file without content takes its final newline, or the lack of it, from the draft.
  const finalNewline = file.lines.length === 0 ? draft.content.endsWith("\n") : undefined;
  const changes = runs.map((run) => lineChange(file, run, finalNewline));
  return {
    ok: true,
    changes,
    matched: { start: startOf(file, first.first), end: startOf(file, first.last) },
    rung: "exact",
    line: first.first + 1,
    linesRemoved: runs.reduce((sum, run) => sum + run.last - run.first, 0),
    linesAdded: runs.reduce((sum, run) => sum + run.added.length, 0),
    cursor: startOf(file, runs.at(-1)?.last ?? 0) + growthOf(changes),
  };
}

function rewriteRuns(draft: RewriteDraft, file: FileText): readonly LineRun[] {
  const texts = draft.content.replace(/^\ufeff/, "").split(/\r?\n/);
  if (texts.at(-1) === "") texts.pop();
  // Its author saw U+FFFD for bytes that are no UTF-8: a line that still reads so is unchanged and keeps its bytes.
  const shown = file.lines.map((line) => (exactText(line) === undefined ? toByteString(fromByteString(line)) : line));
  return diffLines(shown, texts.map(toByteString)).map((run) => ({
    first: run.start,
    last: run.end,
    added: texts.slice(run.newStart, run.newEnd),
  }));
}

/** The lines' texts, from behind the last one that is no valid UTF-8. */
function readableFrom(file: FileText, start: number, end: number): readonly string[] {
  const texts = file.lines.slice(start, end).map(exactText);
  const broken = texts.lastIndexOf(undefined);
  return texts.slice(broken + 1).filter((text) => text !== undefined);
}

/** The lines' texts, up to the first one that is no valid UTF-8. */
function readableTo(file: FileText, start: number, end: number): readonly string[] {
  const texts = file.lines.slice(start, end).map(exactText);
  const broken = texts.indexOf(undefined);
  return texts.slice(0, broken < 0 ? undefined : broken).filter((text) => text !== undefined);
}
