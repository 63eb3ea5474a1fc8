/**
 * Lines taken out and put in, as byte changes: every line keeps its own ending, a new one takes that of the line it
 * replaces or stands behind, and a file without final newline stays without.
 */
import type { HunkLine } from "@twolane/protocol";
import type { ByteChange } from "../edits.ts";
import { endingOf, endsWithNewline, startOf, toByteString, type FileText, type LineEnding } from "./file-text.ts";
import { diffLines } from "../../std/line-diff.ts";

/** Lines `first..last` (0-based, end exclusive) become `added` (texts without endings). */
export interface LineRun {
  readonly first: number;
  readonly last: number;
  readonly added: readonly string[];
}

/**
 * `finalNewline`: whether the new side ends with a newline, where it reaches the end of the file; without it the file
 * stays as it is.
 */
export function lineChange(file: FileText, run: LineRun, finalNewline: boolean = endsWithNewline(file)): ByteChange {
  const count = file.lines.length;
  const endings = run.added.map((_, index): LineEnding => {
    const isInsertion = run.first === run.last;
    return styleAt(file, isInsertion ? Math.max(0, run.first - 1) : Math.min(run.first + index, run.last - 1));
  });
  let start = startOf(file, run.first);
  let lead: LineEnding = "";
  if (run.last === count && !finalNewline) {
    if (endings.length > 0) endings[endings.length - 1] = "";
    // The line that becomes the last one gives up its ending.
    else if (run.first > 0) start = startOf(file, run.first - 1) + (file.lines[run.first - 1] ?? "").length;
  }
  if (run.first === count && run.added.length > 0 && !endsWithNewline(file)) lead = styleAt(file, count - 1);
  const text = lead + run.added.map((line, index) => toByteString(line) + (endings[index] ?? "")).join("");
  return { start, end: startOf(file, run.last), bytes: Buffer.from(text, "latin1") };
}

/** The ending of a line, or of its neighbours where it has none. */
export function styleAt(file: FileText, index: number): LineEnding {
  return endingOf(file, index) || endingOf(file, index - 1) || endingOf(file, 0) || "\n";
}

/** The runs of a hunk whose first old line is line `at`; `added` replaces the texts of its added lines. */
export function runsOf(lines: readonly HunkLine[], at: number, added: readonly string[]): readonly LineRun[] {
  const runs: LineRun[] = [];
  let row = at;
  let next = 0;
  let open: { first: number; added: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined) runs.push({ first: open.first, last: row, added: open.added });
    open = undefined;
  };
  for (const line of lines) {
    if (line.op === "keep") {
      close();
      row++;
      continue;
    }
    open ??= { first: row, added: [] };
    if (line.op === "remove") row++;
    else open.added.push(added[next++] ?? line.text);
  }
  close();
  return runs;
}

/** Lines that are removed and added unchanged are kept instead, so that they keep their bytes and a merge its chances. */
export function withoutEchoes(lines: readonly HunkLine[]): readonly HunkLine[] {
  const result: HunkLine[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = (): void => {
    result.push(...changedLines(removed, added));
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.op === "remove") removed.push(line.text);
    else if (line.op === "add") added.push(line.text);
    else {
      flush();
      result.push(line);
    }
  }
  flush();
  return result;
}

function changedLines(removed: readonly string[], added: readonly string[]): readonly HunkLine[] {
  const result: HunkLine[] = [];
  let row = 0;
  const keepTo = (end: number): void => {
    for (; row < end; row++) result.push({ op: "keep", text: removed[row] ?? "" });
  };
  for (const run of diffLines(removed, added)) {
    keepTo(run.start);
    for (; row < run.end; row++) result.push({ op: "remove", text: removed[row] ?? "" });
    for (let at = run.newStart; at < run.newEnd; at++) result.push({ op: "add", text: added[at] ?? "" });
  }
  keepTo(removed.length);
  return result;
}
