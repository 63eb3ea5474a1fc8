/**
 * Blanks at the ends of a line, in place: no copy is made of lines that do not match. Blanks are those of ASCII, because
 * the no-break space of Latin-1 is half of a letter in UTF-8. A stray CR counts as one.
 */
import { lineAt, startOf, type FileText } from "./file-text.ts";

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Where the first sign that is no blank stands; the length of a blank line. */
export function contentStart(line: string): number {
  let start = 0;
  while (start < line.length && isBlank(line.charCodeAt(start))) start++;
  return start;
}

/** Behind the last sign that is no blank, not before `floor`. */
export function contentEnd(line: string, floor = 0): number {
  let end = line.length;
  while (end > floor && isBlank(line.charCodeAt(end - 1))) end--;
  return end;
}

export function trimBlanks(line: string): string {
  const start = contentStart(line);
  return line.slice(start, contentEnd(line, start));
}

/** From `start` on there is `content`, and then nothing but blanks. */
export function holds(line: string, start: number, content: string): boolean {
  const end = start + content.length;
  return line.startsWith(content, start) && contentEnd(line, end) === end;
}

/** Below this length a text stands in so many lines that looking at each is cheaper. */
const worthSearching = 4;

/** 0-based lines from `from` on among which are all that contain the text (a byte string), ascending. */
export function* linesWith(file: FileText, text: string, from: number): Generator<number> {
  if (text.length < worthSearching) {
    for (let at = from; at < file.lines.length; at++) yield at;
    return;
  }
  // The native search is fast from its first call on; a loop over all lines would be slow until it is compiled.
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  const wanted = Buffer.from(text, "latin1");
  for (let hit = bytes.indexOf(wanted, startOf(file, from)); hit >= 0;) {
    const at = lineAt(file, hit);
    yield at;
    hit = bytes.indexOf(wanted, startOf(file, at + 1));
  }
}
