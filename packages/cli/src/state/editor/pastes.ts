/**
 * Long pastes: one character of the text stands for each, shown as a few words and sent whole, so that it is deleted, cut and moved as one.
 * Pure. The characters are Unicode's own for internal use, which no text may hold; typed ones are replaced.
 */
import type { EditorState } from "./editor-state.ts";
import { grouped } from "../grouped.ts";

/** A paste of more lines, or of more characters, is folded. */
const foldLines = 8;
const foldCharacters = 2000;

const placeholders = /[\ufdd0-\ufdef]/g;
const firstPlaceholder = 0xfdd0;
/** So many at a time; beyond them a paste stands in the text as it is. */
const placeholderLimit = 32;

/** Text as it may stand on the line. */
export const cleanText = (text: string): string => text.replace(/\r\n?/g, "\n").replace(placeholders, "\ufffd");

/** What to insert for a paste, with the placeholder noted when there is one. */
export function foldPaste({ pastes }: EditorState, text: string): Pick<EditorState, "pastes"> & { readonly insert: string } {
  const clean = cleanText(text);
  const long = clean.length > foldCharacters || clean.split("\n", foldLines + 1).length > foldLines;
  const known = long ? [...pastes].find(([, pasted]) => pasted === clean)?.[0] : undefined;
  if (known !== undefined) return { pastes, insert: known };
  if (!long || pastes.size >= placeholderLimit) return { pastes, insert: clean };
  const sign = String.fromCharCode(firstPlaceholder + pastes.size);
  return { pastes: new Map(pastes).set(sign, clean), insert: sign };
}

/** With every paste whole again. */
export const unfold = (text: string, { pastes }: EditorState): string =>
  pastes.size === 0 ? text : text.replace(placeholders, (sign) => pastes.get(sign) ?? sign);

/** What was typed, and what was pasted into it and is folded, one behind the other. */
export function apart({ text, pastes }: EditorState): { readonly typed: string; readonly pasted: string } {
  const signs = text.match(placeholders) ?? [];
  const pasted = signs.map((sign) => pastes.get(sign) ?? "").join("\n");
  return { typed: signs.length === 0 ? text : text.replace(placeholders, " "), pasted };
}

/** A text in which pastes are whole, with each folded again that is in it unchanged. */
export const refold = (text: string, { pastes }: EditorState): string =>
  [...pastes].reduce((folded, [sign, paste]) => folded.replaceAll(paste, sign), text);

/** With every paste as a few words. */
export const showFolded = (text: string, { pastes }: EditorState): string =>
  pastes.size === 0 ? text : text.replace(placeholders, (sign) => wordsFor(pastes.get(sign)) ?? sign);

function wordsFor(paste: string | undefined): string | undefined {
  if (paste === undefined) return undefined;
  const lines = lineCount(paste);
  return lines > 1 ? `[pasted ${grouped(lines)} lines]` : `[pasted ${grouped(paste.length)} characters]`;
}

/** A line feed at the end ends a line and begins none. */
function lineCount(text: string): number {
  let count = text.endsWith("\n") || text === "" ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
