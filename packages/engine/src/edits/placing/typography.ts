/**
 * Typographic folding: dashes, quotes and spaces of Unicode as their ASCII twins, which is what a model writes when it
 * copies a line from memory. Only for comparing; nothing folded is ever written.
 */
import { toByteString } from "./file-text.ts";

/** The signs as UTF-8 bytes: no other letter's bytes contain them, so that lines fold without being decoded. */
const twins: readonly (readonly [ascii: string, first: string, last: string])[] = [
  ["-", "\u2010", "\u2015"],
  ["-", "\u2212", "\u2212"],
  ["'", "\u2018", "\u201b"],
  ['"', "\u201c", "\u201f"],
  [" ", "\u00a0", "\u00a0"],
  [" ", "\u2002", "\u200a"],
  [" ", "\u202f", "\u202f"],
  [" ", "\u205f", "\u205f"],
  [" ", "\u3000", "\u3000"],
];

const asciiOf = new Map<string, string>();
for (const [ascii, first, last] of twins) {
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++)
    asciiOf.set(toByteString(String.fromCharCode(code)), ascii);
}
const signs = new RegExp([...asciiOf.keys()].join("|"), "g");
const leadBytes = /[\xc2\xe2\xe3]/;

/** Byte string in, byte string out. */
export function foldTypography(line: string): string {
  return leadBytes.test(line) ? line.replace(signs, (sign) => asciiOf.get(sign) ?? sign) : line;
}
