/**
 * Typographic folding: dashes, quotes and spaces of Unicode as their ASCII twins, which is what a model writes when it
 * copies a line from memory. Only for comparing; nothing folded is ever written.
 */
import { exactText, isAsciiText } from "./file-text.ts";

/** Every sign folds to exactly one character, so that positions in a line stay what they are. */
const twins: readonly (readonly [ascii: string, signs: RegExp])[] = [
  ["-", /[\u2010-\u2015\u2212]/g],
  ["'", /[\u2018-\u201b]/g],
  ['"', /[\u201c-\u201f]/g],
  [" ", /[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g],
];

export function foldTypography(text: string): string {
  if (isAsciiText(text)) return text;
  return twins.reduce((folded, [ascii, signs]) => folded.replace(signs, ascii), text);
}

/** A line of a file (byte string), folded; nothing when its bytes are no valid UTF-8: then it is like no other line. */
export function foldLine(line: string): string | undefined {
  if (isAsciiText(line)) return line;
  const text = exactText(line);
  return text === undefined ? undefined : foldTypography(text);
}
