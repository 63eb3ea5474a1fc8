/** The input line as rows, and where the cursor stands in them. Pure. */
import { type EditorState, shownText } from "../state/editor/editor.ts";
import { hideKey } from "../state/slash.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, pieces, sanitizeLine } from "./text.ts";

export interface InputRows {
  readonly lines: readonly string[];
  readonly row: number;
  readonly column: number;
}

export interface InputPage {
  readonly width: number;
  /** Rows at most; of a longer text those around the cursor are shown. */
  readonly height: number;
  readonly style: Style;
  /** In front of the first row, e.g. `› `. */
  readonly mark: string;
}

/** Text far from the cursor is never laid out: a prompt may be a megabyte. */
const reach = 4000;

export function inputView(editor: EditorState, page: InputPage): InputRows {
  const { text: typed, show } = shownText(editor);
  const text = hideKey(typed);
  const mark = editor.search === undefined ? page.mark : searchMark(editor.search.query, editor.search.found);
  const indent = displayWidth(mark);
  const room = Math.max(4, page.width - indent - 1);
  const before = layOut(show(text.slice(Math.max(0, editor.cursor - reach), editor.cursor)), room, { row: 0, column: 0 });
  const at = { row: before.length - 1, column: displayWidth(before.at(-1) ?? "") };
  const all = layOut(show(text.slice(editor.cursor, editor.cursor + reach)), room, at);
  const lines = [...before.slice(0, -1), `${before.at(-1) ?? ""}${all[0] ?? ""}`, ...all.slice(1)];
  // A cursor behind a full row stands at the beginning of the next one.
  const [row, column] = at.column >= room ? [at.row + 1, 0] : [at.row, at.column];
  if (row >= lines.length) lines.push("");
  const first = Math.max(0, Math.min(row - Math.floor(page.height / 2), lines.length - page.height));
  const shown = lines.slice(first, first + page.height);
  const blanks = " ".repeat(indent);
  return {
    lines: shown.map((line, index) => `${first + index === 0 ? page.style.bold(mark) : blanks}${line}`),
    row: row - first,
    column: indent + column,
  };
}

/** The end of a long query says more than its beginning, but neither may push the line away. */
const searchMark = (query: string, found: boolean): string =>
  `(${found ? "search" : "not found"}: ${clip(sanitizeLine(query), 16)}) `;

/** Rows of at most `room` cells; the first one begins at the given column. */
function layOut(text: string, room: number, from: { readonly row: number; readonly column: number }): string[] {
  const rows: string[] = [];
  let column = from.column;
  for (const line of text.split("\n")) {
    let row = "";
    if (rows.length > 0) column = 0;
    for (const piece of pieces(sanitizeLine(line))) {
      if (column + piece.width > room) {
        rows.push(row);
        row = "";
        column = 0;
      }
      row += piece.text;
      column += piece.width;
    }
    rows.push(row);
  }
  return rows;
}
