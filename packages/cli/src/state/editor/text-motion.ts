/**
 * Where the cursor goes in a text: by character as a person sees it, by word as in a shell, by line. Offsets in UTF-16 units. Pure.
 * Vim's own motions stand in `vim-motions.ts`. Cost is that of the line at most, never of the whole text.
 */
import { graphemesOf } from "../graphemes.ts";

export function nextCharacter(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return isPlain(text, at) && isPlain(text, at + 1) ? at + 1 : clusterAt(text, at).end;
}

export function previousCharacter(text: string, at: number): number {
  if (at <= 0) return 0;
  return isPlain(text, at - 1) && isPlain(text, at - 2) ? at - 1 : clusterAt(text, at - 1).start;
}

/** The border of a character at this place, or the next one before it. */
export function borderBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  return isPlain(text, at - 1) && isPlain(text, at) ? at : clusterAt(text, at).start;
}

export function borderBehind(text: string, at: number): number {
  const before = borderBefore(text, at);
  return before === at ? at : clusterAt(text, at).end;
}

/** ASCII, which joins nothing but ASCII's own line ends. Beyond either end of the text everything is plain. */
function isPlain(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return true;
  const code = text.charCodeAt(at);
  return code < 0x80 && code !== 0x0d;
}

/** The character that the unit at this place belongs to. None goes over a line's end, so the line is all that must be looked at. */
function clusterAt(text: string, at: number): { readonly start: number; readonly end: number } {
  if (text[at] === "\n") return { start: at, end: at + 1 };
  const start = lineStart(text, at);
  const found = graphemesOf(text.slice(start, lineEnd(text, at))).containing(at - start);
  if (found === undefined) return { start: at, end: at + 1 };
  return { start: start + found.index, end: start + found.index + found.segment.length };
}

export const wordSign = /[\p{L}\p{N}\p{M}_]/u;

/** The code point that ends before this place. */
export function signBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 && at >= 2 ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

/** The code point at this place; a blank beyond the end. */
export const signAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0x20);

export function wordLeft(text: string, at: number): number {
  let to = at;
  while (to > 0 && !wordSign.test(signBefore(text, to))) to -= signBefore(text, to).length;
  while (to > 0 && wordSign.test(signBefore(text, to))) to -= signBefore(text, to).length;
  return borderBefore(text, to);
}

export function wordRight(text: string, at: number): number {
  let to = at;
  while (to < text.length && !wordSign.test(signAt(text, to))) to += signAt(text, to).length;
  while (to < text.length && wordSign.test(signAt(text, to))) to += signAt(text, to).length;
  return borderBehind(text, to);
}

export const lineStart = (text: string, at: number): number => (at <= 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1);

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
const inLine = (text: string, start: number, column: number): number =>
  borderBefore(text, Math.min(lineEnd(text, start), start + column));
