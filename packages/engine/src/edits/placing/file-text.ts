/**
 * A file's bytes as lines, every byte kept: each line's own ending, the BOM, text that is no valid UTF-8. Knows nothing
 * of edits beyond byte changes.
 *
 * A line is held as a *byte string*: one character per byte (Latin-1). Two byte strings are equal exactly when the bytes
 * are, so that invalid UTF-8 can never match by accident, and the engine compares them at memory speed.
 */
import { isUtf8 } from "node:buffer";
import { takeMemory } from "../../std/touched-memory.ts";
import type { ByteChange } from "../edits.ts";

/** Immutable. `starts[i] .. starts[i + 1]` is line i with its ending; a file without content has no line. */
export interface FileText {
  readonly bytes: Uint8Array;
  /** Length of the byte order mark: 0 or 3. It belongs to no line. */
  readonly bom: 0 | 3;
  /** Byte strings without endings. Lines end with LF or CRLF; a lone CR is part of its line. */
  readonly lines: readonly string[];
  /** Byte offset of each line, and of the end of the file as the last entry. */
  readonly starts: Uint32Array;
}

/** As a byte string; empty only for a last line without ending. */
export type LineEnding = "\n" | "\r\n" | "";

const binaryProbe = 8192;

export function fileText(bytes: Uint8Array): FileText {
  const bom = bomLength(bytes);
  const lines: string[] = [];
  const starts: number[] = [];
  splitLines(bytes.subarray(bom), bom, { lines, starts });
  starts.push(bytes.length);
  return { bytes, bom, lines, starts: Uint32Array.from(starts) };
}

function bomLength(bytes: Uint8Array): 0 | 3 {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** A NUL within the first 8 KB, as git judges it. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, binaryProbe).includes(0);
}

/** The ending of line `index` (0-based). */
export function endingOf(file: FileText, index: number): LineEnding {
  const line = file.lines[index];
  if (line === undefined) return "";
  const length = startOf(file, index + 1) - startOf(file, index) - line.length;
  return length === 0 ? "" : length === 1 ? "\n" : "\r\n";
}

/** The last line has an ending, or there is none. */
export function endsWithNewline(file: FileText): boolean {
  return file.lines.length === 0 || endingOf(file, file.lines.length - 1) !== "";
}

/** Byte offset of line `index` (0-based); the end of the file behind the last line. */
export function startOf(file: FileText, index: number): number {
  return file.starts[Math.min(index, file.lines.length)] ?? file.bytes.length;
}

/** The 0-based line that holds the byte at `offset`; the number of lines for the end of the file. */
export function lineAt(file: FileText, offset: number): number {
  if (offset >= file.bytes.length) return file.lines.length;
  let low = 0;
  let high = file.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startOf(file, middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A line for people and models: invalid UTF-8 becomes U+FFFD. */
export function readableLine(file: FileText, index: number): string {
  return fromByteString(file.lines[index] ?? "");
}

/** UTF-8 text as a byte string. */
export function toByteString(text: string): string {
  return isAsciiText(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text of a byte string; U+FFFD for what is no valid UTF-8. */
export function fromByteString(line: string): string {
  return isAsciiText(line) ? line : Buffer.from(line, "latin1").toString("utf8");
}

/** The text of a byte string, or nothing when its bytes are no valid UTF-8. */
export function exactText(line: string): string | undefined {
  if (isAsciiText(line)) return line;
  const bytes = Buffer.from(line, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

export function isAsciiText(text: string): boolean {
  // A loop beats a regular expression on lines of code, which are short.
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** The content with every change applied. Changes are ascending and disjoint; a bug otherwise. */
export function applyToBytes(bytes: Uint8Array, changes: readonly ByteChange[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const change of changes) {
    if (change.start < done || change.end < change.start || change.end > bytes.length) {
      throw new RangeError(`change ${change.start}..${change.end} does not follow ${done} in ${bytes.length} bytes`);
    }
    parts.push(bytes.subarray(done, change.start), change.bytes);
    done = change.end;
  }
  parts.push(bytes.subarray(done));
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const whole = takeMemory(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** As `applyToBytes`; only the lines that the changes touch are split anew. */
export function applyChanges(file: FileText, changes: readonly ByteChange[]): FileText {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return file;
  const bytes = applyToBytes(file.bytes, changes);
  // One line in front as well: a change at the start of a line can join it to the line before.
  const from = Math.max(0, lineAt(file, first.start) - 1);
  const to = Math.min(file.lines.length, lineAt(file, last.end) + 1);
  const shift = bytes.length - file.bytes.length;
  const bom = from === 0 ? bomLength(bytes) : file.bom;
  const start = from === 0 ? bom : startOf(file, from);
  const end = startOf(file, to) + shift;
  const fresh: { lines: string[]; starts: number[] } = { lines: [], starts: [] };
  splitLines(bytes.subarray(start, end), start, fresh);
  const tail = file.starts.length - to;
  const starts = new Uint32Array(from + fresh.starts.length + tail);
  starts.set(file.starts.subarray(0, from));
  starts.set(fresh.starts, from);
  for (let index = 0, at = from + fresh.starts.length; index < tail; index++, at++) {
    starts[at] = (file.starts[to + index] ?? 0) + shift;
  }
  return { bytes, bom, lines: file.lines.slice(0, from).concat(fresh.lines, file.lines.slice(to)), starts };
}

function splitLines(bytes: Uint8Array, offset: number, into: { lines: string[]; starts: number[] }): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed;
    const carriageReturn = feed > start && text.charCodeAt(feed - 1) === 0x0d;
    into.lines.push(text.slice(start, carriageReturn ? end - 1 : end));
    into.starts.push(offset + start);
    start = feed < 0 ? text.length : feed + 1;
  }
}
