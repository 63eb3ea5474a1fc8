/** Where the cursor goes in a text: by character as a person sees it, by word, by line. Offsets in UTF-16 units. Pure. */

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Clusters are looked for within so much text around the cursor; no emoji is longer. */
const reach = 64;

export function nextCharacter(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (isPlain(text, at) && isPlain(text, at + 1)) return at + 1;
  const [first] = graphemes.segment(text.slice(at, at + reach));
  return at + Math.max(1, first?.segment.length ?? 1);
}

export function previousCharacter(text: string, at: number): number {
  if (at <= 0) return 0;
  if (isPlain(text, at - 1) && (at < 2 || isPlain(text, at - 2))) return at - 1;
  const from = Math.max(0, at - reach);
  let last = 1;
  for (const { segment } of graphemes.segment(text.slice(from, at))) last = segment.length;
  return at - last;
}

/** ASCII but for the carriage return, which joins a line feed. The end counts as plain. */
function isPlain(text: string, at: number): boolean {
  if (at >= text.length) return true;
  const code = text.charCodeAt(at);
  return code < 0x80 && code !== 0x0d;
}

const wordSign = /[\p{L}\p{N}_]/u;
const isWord = (text: string, at: number): boolean => wordSign.test(String.fromCodePoint(text.codePointAt(at) ?? 32));

export function wordLeft(text: string, at: number): number {
  let to = at;
  while (to > 0 && !isWord(text, previousCharacter(text, to))) to = previousCharacter(text, to);
  while (to > 0 && isWord(text, previousCharacter(text, to))) to = previousCharacter(text, to);
  return to;
}

export function wordRight(text: string, at: number): number {
  let to = at;
  while (to < text.length && !isWord(text, to)) to = nextCharacter(text, to);
  while (to < text.length && isWord(text, to)) to = nextCharacter(text, to);
  return to;
}

export const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** The same column one line further; undefined where there is no line. */
export function lineAbove(text: string, at: number): number | undefined {
  const start = lineStart(text, at);
  return start === 0 ? undefined : inLine(text, lineStart(text, start - 1), at - start);
}

export function lineBelow(text: string, at: number): number | undefined {
  const end = lineEnd(text, at);
  return end === text.length ? undefined : inLine(text, end + 1, at - lineStart(text, at));
}

/** On the border of a character, as near to the column as the line is long. */
function inLine(text: string, start: number, column: number): number {
  const end = lineEnd(text, start);
  let to = start;
  while (to < end && to - start < column) to = nextCharacter(text, to);
  return to;
}
