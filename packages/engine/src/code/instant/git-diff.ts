/**
 * Text before and after → a git-style patch: exact line numbers, up to three lines of context, one hunk for each
 * contiguous change. Hunks share no line, so each can land, or not, by itself. Lines end at `\n` only: everything else
 * (`\r`, a byte order mark) is a part of its line.
 */
import { diffLines, type DiffRun } from "../../edits/line-diff.ts";

export interface FileChange {
  /** Relative to the workspace, `/` as separator. */
  readonly path: string;
  readonly movedTo?: string;
  /** Whole content, byte order mark included. */
  readonly before: string;
  readonly after: string;
}

const context = 3;

export function formatPatch({ path, movedTo, before, after }: FileChange): string {
  const to = movedTo ?? path;
  const lines = [`diff --git ${quoted(`a/${path}`)} ${quoted(`b/${to}`)}`];
  if (movedTo !== undefined) lines.push(`rename from ${quoted(path)}`, `rename to ${quoted(movedTo)}`);
  let patch = `${lines.join("\n")}\n`;
  if (before === after) return patch;
  patch += `--- ${quoted(`a/${path}`)}\n+++ ${quoted(`b/${to}`)}\n`;
  return patch + formatHunks(splitLines(before), splitLines(after));
}

function formatHunks(before: readonly string[], after: readonly string[]): string {
  const runs = diffLines(before, after);
  let patch = "";
  runs.forEach((run, index) => {
    const gapBefore = gap(runs[index - 1], run, before.length);
    const gapAfter = gap(run, runs[index + 1], before.length);
    // Lines between two changes are divided; the earlier one gets the odd line, because a hunk without lines below it
    // would claim to stand at the end of the file.
    const leading =
      index === 0 ? Math.min(context, gapBefore) : Math.min(context, gapBefore - Math.min(context, Math.ceil(gapBefore / 2)));
    const trailing = index === runs.length - 1 ? Math.min(context, gapAfter) : Math.min(context, Math.ceil(gapAfter / 2));
    const oldRange = range(run.start - leading, leading + run.end - run.start + trailing);
    const newRange = range(run.newStart - leading, leading + run.newEnd - run.newStart + trailing);
    patch += `@@ -${oldRange} +${newRange} @@\n`;
    patch += marked(" ", before.slice(run.start - leading, run.start));
    patch += marked("-", before.slice(run.start, run.end));
    patch += marked("+", after.slice(run.newStart, run.newEnd));
    patch += marked(" ", before.slice(run.end, run.end + trailing));
  });
  return patch;
}

/** Unchanged lines between two changes, or up to the file's border. */
function gap(earlier: DiffRun | undefined, later: DiffRun | undefined, length: number): number {
  return (later?.start ?? length) - (earlier?.end ?? 0);
}

/** An empty side is named by the line before it, as git does. */
const range = (start: number, length: number): string => `${length === 0 ? start : start + 1}${length === 1 ? "" : `,${length}`}`;

function marked(mark: string, lines: readonly string[]): string {
  return lines
    .map((line) => (line.endsWith("\n") ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`))
    .join("");
}

/** Each with its ending; the last may have none. */
export function splitLines(text: string): string[] {
  return text === "" ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** Git quotes a name only when a character of it would be misread. */
function quoted(name: string): string {
  const letters = Array.from(name, (letter) => escapes[letter] ?? (letter < " " || letter === "\u007f" ? octal(letter) : letter));
  const text = letters.join("");
  return text === name ? name : `"${text}"`;
}

const octal = (letter: string): string => `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`;
