/** What a placed draft does to its file, in whole lines, as it is judged: from the bytes that would be written. Pure. */
import type { JudgedHunk } from "../../guard/hunk-judge.ts";
import { diffLines } from "../../std/line-diff.ts";
import type { ByteChange } from "../edits.ts";
import { type FileText, applyToBytes, lineAt, startOf } from "../placing/file-text.ts";
import { textOf } from "../../std/text.ts";

export type ContentFacts = Pick<JudgedHunk, "added" | "removed" | "before" | "after">;

/** `text` undefined: there is no file yet. */
export function changeFacts(text: FileText | undefined, changes: readonly ByteChange[]): ContentFacts {
  const added: string[] = [];
  const removed: string[] = [];
  for (const change of changes) {
    const { old, fresh } = wholeLines(text, change);
    if (old.length === 0 || fresh.length === 0) {
      removed.push(...old);
      added.push(...fresh);
      continue;
    }
    for (const run of diffLines(old, fresh)) {
      removed.push(...old.slice(run.start, run.end));
      added.push(...fresh.slice(run.newStart, run.newEnd));
    }
  }
  const bytes = text?.bytes ?? nothing;
  return {
    added,
    removed,
    before: once(() => text && decoded(text.bytes)),
    after: once(() => decoded(applyToBytes(bytes, changes))),
  };
}

/** The file goes: all its lines do. */
export function goneFacts(text: FileText): ContentFacts {
  return { added: [], removed: linesOf(decoded(text.bytes)), before: once(() => decoded(text.bytes)), after: () => undefined };
}

/** The file is another's place from now on: no line of it changes. */
export function movedFacts(text: FileText): ContentFacts {
  const content = once(() => decoded(text.bytes));
  return { added: [], removed: [], before: content, after: content };
}

const nothing = new Uint8Array();

/** The lines that a change touches, without and with it. */
function wholeLines(text: FileText | undefined, { start, end, bytes }: ByteChange) {
  if (text === undefined) return { old: [], fresh: linesOf(decoded(bytes)) };
  const { length } = text.bytes;
  // What is put behind a last line without an ending belongs to it.
  const isOpenEnd = start === length && start > 0 && text.bytes[start - 1] !== lineFeed;
  const from = Math.min(start, startOf(text, isOpenEnd ? text.lines.length - 1 : lineAt(text, start)));
  const line = lineAt(text, end);
  const isWhole = end === startOf(text, line) && (bytes.length === 0 ? start === from : bytes.at(-1) === lineFeed);
  const to = isWhole ? end : startOf(text, line + 1);
  const old = text.bytes.subarray(from, to);
  const fresh = applyToBytes(old, [{ start: start - from, end: end - from, bytes }]);
  return { old: linesOf(decoded(old)), fresh: linesOf(decoded(fresh)) };
}

const lineFeed = 0x0a;

/** Without a byte order mark; U+FFFD for what is no valid UTF-8. */
export function decoded(bytes: Uint8Array): string {
  const text = textOf(bytes);
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
