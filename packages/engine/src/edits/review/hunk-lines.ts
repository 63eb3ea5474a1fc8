/** A hunk as a diff, from what it did to its file. Pure. */
import type { HunkId, HunkLine } from "@twolane/protocol";
import { diffLines } from "../placing/line-diff.ts";
import type { FileHistory } from "./file-history.ts";

const context = 3;

/** Undefined where no file's history has the hunk. */
export function historyLines(histories: readonly FileHistory[], hunk: HunkId): readonly HunkLine[] | undefined {
  const lines = histories.flatMap(({ steps }) =>
    steps.filter((step) => step.hunk === hunk).flatMap(({ before, after }) => changedLines(before, after)),
  );
  return lines.length > 0 ? lines : undefined;
}

/** What differs, with a few lines around it. */
export function changedLines(before: Uint8Array, after: Uint8Array): readonly HunkLine[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const lines: HunkLine[] = [];
  let shown = 0;
  const keep = (from: number, to: number): void => {
    for (let at = Math.max(from, shown); at < to; at++) lines.push({ op: "keep", text: old[at] ?? "" });
    shown = Math.max(shown, to);
  };
  const runs = diffLines(old, fresh);
  for (const [index, run] of runs.entries()) {
    keep(Math.max(0, run.start - context), run.start);
    for (let at = run.start; at < run.end; at++) lines.push({ op: "remove", text: old[at] ?? "" });
    for (let at = run.newStart; at < run.newEnd; at++) lines.push({ op: "add", text: fresh[at] ?? "" });
    shown = run.end;
    keep(run.end, Math.min(old.length, run.end + context, runs[index + 1]?.start ?? old.length));
  }
  return lines;
}

/** Without their endings; a carriage return counts to the ending. */
export function linesOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Lines that are kept and those of one side, as text. */
export function newSide(lines: readonly HunkLine[], side: "add" | "remove"): string {
  return lines
    .filter(({ op }) => op === "keep" || op === side)
    .map(({ text }) => `${text}\n`)
    .join("");
}
