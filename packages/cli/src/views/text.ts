/**
 * Text as cells of a terminal: how wide it is, where it is cut and wrapped, and what of it is shown at all. Knows the style
 * sequences that `style.ts` puts in, and no other; knows nothing of colours, screens or Markdown.
 */
import { eastAsianWidth } from "get-east-asian-width";
import { graphemesOf } from "../state/graphemes.ts";

const tabStop = 4;

const plain = /^[\x20-\x7e]*$/;
const styleSequence = /\u001b\[[0-9;:]*m/g;
const styleHere = /\u001b\[[0-9;:]*m/y;

/** Cells that the text takes on one row. Ambiguous characters count as narrow, tabs reach to the next multiple of 4. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  const bare = text.replace(styleSequence, "");
  if (plain.test(bare)) return bare.length;
  return widthAlone(bare) ?? pieces(bare).reduce((width, piece) => width + piece.width, 0);
}

/** The text within `width` cells, the cut marked by `…`. A style that is open at the cut is closed there. */
export function clip(text: string, width: number): string {
  if (plain.test(text) && text.length <= width) return text;
  const whole = expandTabs(text);
  if (displayWidth(whole) <= width) return whole;
  if (width < 1) return "";
  let clipped = "";
  let used = 0;
  let open = "";
  for (const piece of pieces(whole)) {
    if (piece.style) open = styleAfter(open, piece.text);
    else if (used + piece.width > width - 1) break;
    clipped += piece.text;
    used += piece.width;
  }
  return `${clipped}…${open === "" ? "" : reset}`;
}

/**
 * The lines of a text, each within `width` cells (at least 2, so that a wide character fits). Breaks at blanks, which go; words
 * longer than a line, and scripts without blanks, break between characters. Indentation of a line stays at its beginning. A style
 * goes on over a break. Never empty.
 */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(2, width);
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const whole = expandTabs(line);
    return plain.test(whole) && whole.length <= room ? [whole.trimEnd()] : wrapLine(whole, room);
  });
  return text.includes("\u001b") ? carryStyles(lines) : lines;
}

/** Tabs as blanks, to stops of 4 cells counted from the beginning of the text. */
export function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  return pieces(text)
    .map((piece) => (piece.text === "\t" ? " ".repeat(piece.width) : piece.text))
    .join("");
}

// Soft hyphens, zero-width blanks, marks of direction, annotations, tags: text that says something else than it shows.
const hidden =
  /\u{1f3f4}[\u{e0020}-\u{e007e}]{1,16}\u{e007f}|[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/**
 * Text from outside (a model, a file, a path, a server), harmless for a terminal and a reader: control characters become their
 * pictures (`␛`), what is invisible or turns the direction of text its code (`<U+202E>`). Line feeds and tabs stay; CRLF becomes LF.
 */
export function sanitize(text: string): string {
  if (/^[\x20-\x7e\n\t]*$/.test(text)) return text;
  return text.replaceAll("\r\n", "\n").replace(hidden, picture);
}

/** As `sanitize`, for what must stay on one line: line feeds and tabs become pictures as well. */
export function sanitizeLine(text: string): string {
  return sanitize(text).replaceAll("\n", "␊").replaceAll("\t", "␉");
}

/** The last gate before the terminal: a line that holds a control character outside of a style sequence is sanitized. */
export function onlyStyles(line: string): string {
  if (plain.test(line) || !/[\x00-\x1f\x7f-\x9f]/.test(line.replace(styleSequence, ""))) return line;
  return line.replace(/(\u001b\[[0-9;:]*m)|[\x00-\x1f\x7f-\x9f]/g, (found, style?: string) => style ?? sanitizeLine(found));
}

/** One thing that is never cut: a grapheme cluster with its cells, or a style sequence with none. */
export interface Piece {
  readonly text: string;
  readonly width: number;
  readonly style: boolean;
}

/** The pieces of a text, in order; together they are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let column = 0;
  const add = (part: string, width: number): void => {
    found.push({ text: part, width, style: false });
    column += width;
  };
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code < 0x20) {
      styleHere.lastIndex = at;
      const style = code === 0x1b ? styleHere.exec(text)?.[0] : undefined;
      if (style === undefined) add(text.charAt(at), code === 9 ? tabStop - (column % tabStop) : 0);
      else found.push({ text: style, width: 0, style: true });
      at += style?.length ?? 1;
      continue;
    }
    const end = endOfRun(text, at);
    if (end === at + 1) add(text.charAt(at), clusterWidth(text.charAt(at)));
    else for (const { segment } of graphemesOf(text.slice(at, end))) add(segment, clusterWidth(segment));
    at = end;
  }
  return found;
}

const reset = "\u001b[0m";

/** Of a text in which nothing joins with anything: each frame measures a dozen lines. */
function widthAlone(text: string): number | undefined {
  let width = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || !standsAlone(code)) return undefined;
    width += loneWidth(code);
  }
  return width;
}

/** Between two characters that never join with anything but marks there is always a border, so the segmenter need not look. */
function endOfRun(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length) {
    const next = text.charCodeAt(end);
    if (next < 0x20 || (standsAlone(next) && standsAlone(text.charCodeAt(end - 1)))) break;
    end++;
  }
  return end;
}

/** Latin, Greek, Cyrillic, punctuation, arrows, box drawing, kana, ideographs, Hangul syllables, full-width forms. */
function standsAlone(code: number): boolean {
  if (code < 0x300) return code !== 0xad;
  if (code < 0x2500)
    return (
      (code >= 0x370 && code <= 0x482) ||
      (code >= 0x2010 && code <= 0x2027) ||
      (code >= 0x2030 && code <= 0x205e) ||
      code >= 0x2190
    );
  if (code < 0x3041) return code <= 0x25ff || (code >= 0x3000 && code <= 0x3029);
  if (code < 0x3400) return code <= 0x3096 || (code >= 0x30a0 && code <= 0x30ff);
  return code <= 0xd7a3 ? code <= 0xa48c || code >= 0xac00 : code >= 0xff01 && code <= 0xff9d;
}

function clusterWidth(cluster: string): number {
  const code = cluster.codePointAt(0) ?? 0;
  if (cluster.length === 1) return loneWidth(code);
  // Asked for as an emoji, a flag, or emoji joined into one.
  if (/^\p{RI}{2}|^\p{Emoji}\ufe0f|^\p{ExtPict}.*\u200d/u.test(cluster)) return 2;
  let width = 0;
  for (const character of cluster) width += characterWidth(character.codePointAt(0) ?? 0);
  return /^\p{Emoji_Presentation}/u.test(cluster) ? Math.min(2, width) : width;
}

const loneWidth = (code: number): number =>
  code < 0x300 ? ((code >= 0x20 && code < 0x7f) || code >= 0xa0 ? 1 : 0) : characterWidth(code);

function characterWidth(code: number): number {
  if (code >= 0x3041 && code <= 0xd7a3 && standsAlone(code)) return 2;
  // The vowels and finals of conjoining Hangul are drawn into the syllable.
  if ((code >= 0x1160 && code <= 0x11ff) || /[\p{M}\p{Cf}\p{Cc}\p{Cs}]/u.test(String.fromCodePoint(code))) return 0;
  return eastAsianWidth(code);
}

function picture(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  // The flags of England, Scotland and Wales are written in tags.
  if (found === "\n" || found === "\t" || code === 0x1f3f4) return found;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let column = 0;
  let blanks = "";
  const add = (word: string, cells: number): void => {
    line += blanks + word;
    column += blanks.length + cells;
    blanks = "";
  };
  const close = (): void => {
    lines.push(line);
    [line, column, blanks] = ["", 0, ""];
  };
  for (const token of text.match(/ +|[^ ]+/g) ?? []) {
    const cells = displayWidth(token);
    const fits = (): boolean => column + blanks.length + cells <= width;
    const anywhere = wide.test(token);
    if (token.startsWith(" ")) blanks += token;
    // Styles alone: blanks before them may still go.
    else if (cells === 0) line += token;
    else {
      if (!fits() && column > 0 && (!anywhere || column + blanks.length + 2 > width)) close();
      // Indentation leaves room for something.
      if (!fits()) blanks = blanks.slice(0, Math.max(0, width - 2 - column));
      if (fits()) add(token, cells);
      else
        for (const [index, part] of hardBreaks(token, { first: width - column - blanks.length, width }).entries()) {
          if (index > 0) close();
          add(part, displayWidth(part));
        }
    }
  }
  lines.push(line);
  return lines;
}

/** Scripts that are written without blanks between words. */
const wide = /[\u3041-\u30ff\u3400-\ua48c\uff01-\uff60]/;

function hardBreaks(token: string, { first, width }: { readonly first: number; readonly width: number }): string[] {
  const parts: string[] = [];
  let part = "";
  let used = 0;
  for (const piece of pieces(token)) {
    if (used > 0 && used + piece.width > (parts.length === 0 ? first : width)) {
      parts.push(part);
      [part, used] = ["", 0];
    }
    part += piece.text;
    used += piece.width;
  }
  return [...parts, part];
}

/** Each line opens the styles that were open before it, and closes what it leaves open. */
function carryStyles(lines: readonly string[]): string[] {
  let open = "";
  return lines.map((line) => {
    const before = open;
    for (const [style] of line.matchAll(styleSequence)) open = styleAfter(open, style);
    return before + line + (open === "" ? "" : reset);
  });
}

function styleAfter(open: string, style: string): string {
  return style === reset || style === "\u001b[m" ? "" : open + style;
}
