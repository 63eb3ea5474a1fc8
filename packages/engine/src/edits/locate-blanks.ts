/**
 * Blanks at the ends of a line, in place: no copy is made of lines that do not match. Blanks are those of ASCII, because
 * the no-break space of Latin-1 is half of a letter in UTF-8. A stray CR counts as one.
 */

export function isBlank(code: number): boolean {
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
