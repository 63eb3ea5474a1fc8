/**
 * Text before and after → a git-style patch: exact line numbers, up to three lines of context, one hunk for each
 * contiguous change. Hunks share no line, so each can land, or not, by itself. Lines end at `\n` only: everything else
 * (`\r`, a byte order mark) is a part of its line.
 */
import { diffLines, type DiffRun } from "../../std/line-diff.ts";

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
  const changes = joinNear(diffLines(before, after));
  return changes
    .map((runs, index) => {
      const first = runs[0];
      const last = runs.at(-1);
      if (first === undefined || last === undefined) return "";
      // Lines between two changes are divided; the earlier one gets the odd line, because a hunk without lines below it
      // would claim to stand at the end of the file.
      const above = first.start - (changes[index - 1]?.at(-1)?.end ?? 0);
      const below = (changes[index + 1]?.[0]?.start ?? before.length) - last.end;
      const leading = Math.min(context, index === 0 ? above : Math.floor(above / 2));
      const trailing = Math.min(context, index === changes.length - 1 ? below : Math.ceil(below / 2));
      const oldRange = range(first.start - leading, leading + last.end - first.start + trailing);
      const newRange = range(first.newStart - leading, leading + last.newEnd - first.newStart + trailing);
      let body = "";
      let at = first.start - leading;
      for (const run of runs) {
        body += marked(" ", before.slice(at, run.start)) + marked("-", before.slice(run.start, run.end));
        body += marked("+", after.slice(run.newStart, run.newEnd));
        at = run.end;
      }
      return `@@ -${oldRange} +${newRange} @@\n${body}${marked(" ", before.slice(at, at + trailing))}`;
    })
    .join("");
}

/** One line between two changes is too little context for both: they make one hunk. */
function joinNear(runs: readonly DiffRun[]): DiffRun[][] {
  const changes: DiffRun[][] = [];
  for (const run of runs) {
    const previous = changes.at(-1);
    if (previous !== undefined && run.start - (previous.at(-1)?.end ?? 0) < 2) previous.push(run);
    else changes.push([run]);
  }
  return changes;
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
