/** A hunk's lines as a unified diff with line numbers and the changed words marked. Pure; says as much without colour. */
import type { Hunk, HunkLine } from "@twolane/protocol";
import { type DiffRow, diffOf, firstNumber } from "./diff-view-rows.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitize, wrap } from "./text.ts";
import { type WordPart, changedWords } from "./word-diff.ts";

export interface DiffOptions {
  readonly width: number;
  readonly style: Style;
  /** Whose lines they are, for their numbers. */
  readonly hunk?: Hunk;
  /** Put before every line. */
  readonly indent: string;
  /** Long lines go on below, for a few rows, instead of being cut. */
  readonly wrapped?: boolean;
}

/** Rows that one line takes at most when it is wrapped. */
const rowLimit = 6;

/** The first lines; what is left out is counted in a last one. `limit`: lines at most. */
export function diffView(lines: readonly HunkLine[], limit: number, options: DiffOptions): string[] {
  const all = diffLength(lines);
  if (all <= limit) return diffPage(lines, { first: 0, count: all }, options);
  const shown = Math.max(1, limit - 1);
  const left = `… ${all - shown} more ${all - shown === 1 ? "line" : "lines"}`;
  return [
    ...diffPage(lines, { first: 0, count: shown }, options),
    clip(`${options.indent}${options.style.dim(left)}`, options.width),
  ];
}

/** How many lines there are to be paged through. */
export const diffLength = (lines: readonly HunkLine[]): number => diffOf(lines).rows.length;

export interface LineRange {
  readonly first: number;
  readonly count: number;
}

/** Some of the lines. Costs what is shown, however long the hunk is. */
export function diffPage(lines: readonly HunkLine[], { first, count }: LineRange, options: DiffOptions): string[] {
  const diff = diffOf(lines);
  const number = firstNumber(diff, options.hunk);
  const digits = number === undefined ? 0 : String(number + diff.rows.length).length;
  const gutter = (row: DiffRow): string => (number === undefined ? "" : `${String(number + row.offset).padStart(digits)} `);
  return diff.rows.slice(first, first + count).flatMap((row) => rowLines(row, gutter(row), options));
}

function rowLines(row: DiffRow, gutter: string, { width, style, indent, wrapped = false }: DiffOptions): string[] {
  const before = indent.length + gutter.length + 2;
  const room = Math.max(2, width - before);
  const text = rowText(row, style, room * (wrapped ? rowLimit : 1));
  const [first = "", ...more] = wrapped ? wrap(text, room).slice(0, rowLimit) : [text];
  const head = `${indent}${gutter === "" ? "" : style.dim(gutter)}${sign(row, style)} ${first}`;
  return [head, ...more.map((line) => " ".repeat(before) + line)].map((line) => clip(line, width));
}

function sign({ op }: DiffRow, style: Style): string {
  if (op === "keep") return " ";
  return op === "add" ? style.good("+") : style.bad("-");
}

/** The text within so many cells, with what is changed in it in sight. Of an endless line no more is looked at than could be shown. */
function rowText(row: DiffRow, style: Style, cells: number): string {
  const { op, text } = row;
  if (op === "keep") return clip(style.dim(codeLine(text.slice(0, cells * 4))), cells);
  const paint = op === "add" ? style.good : style.bad;
  const from = firstShown(row, cells);
  const [before, room] = from === 0 ? ["", cells] : [style.dim("…"), cells - 1];
  const parts = without(wordParts(row), from);
  if (parts.length === 0) return before + clip(paint(codeLine(text.slice(from, from + cells * 4))), room);
  const marked = parts.map((part) => (part.changed ? style.marked(paint(codeLine(part.text))) : paint(codeLine(part.text))));
  return before + clip(marked.join(""), room);
}

/** Cells of a change that have to be in sight, or old and new line would look the same. */
const leastShown = 8;

/** Where the shown text begins: further right, at a word, where the change would be beyond the last cell. */
function firstShown({ text, other }: DiffRow, cells: number): number {
  if (other === undefined) return 0;
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  const needed = Math.min(leastShown, Math.max(text.length, other.length) - same);
  if (same <= cells * 4 && displayWidth(codeLine(text.slice(0, same))) + needed <= cells) return 0;
  // About a third of the row says what stands before it.
  const head = text.slice(0, same);
  const earliest = Math.max(0, same - Math.floor(cells / 3));
  const word = head.slice(earliest).search(/(?<=[\s(,.:;={[])[\p{L}\p{N}_$]/u);
  return word < 0 ? same - clusterEnd(head) : earliest + word;
}

/** Code units at the end that may be part of a character that goes on behind: it is not to be cut. */
const clusterEnd = (head: string): number => /[^\x20-\x7e]*$/.exec(head.slice(-leastShown))?.[0].length ?? 0;

/** The parts behind so many characters. */
function without(parts: readonly WordPart[], characters: number): readonly WordPart[] {
  let left = characters;
  return parts.flatMap((part) => {
    const text = part.text.slice(left);
    left = Math.max(0, left - part.text.length);
    return text === "" ? [] : [{ ...part, text }];
  });
}

function wordParts({ op, text, other }: DiffRow): readonly WordPart[] {
  if (other === undefined) return [];
  return op === "add" ? changedWords(other, text).after : changedWords(text, other).before;
}

/** Tabs stay: where they reach to is known when the line is whole. */
const codeLine = (text: string): string => sanitize(text).replaceAll("\n", "␊");
