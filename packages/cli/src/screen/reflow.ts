/**
 * Where the live region begins after the terminal has changed its size. Pure: widths in, a number of rows out; what is then drawn is
 * the renderer's business.
 *
 * Every live line is drawn without autowrap, so to the terminal it is a line of its own. A terminal that gets narrower wraps such
 * lines again, and each kind in its own way; a terminal that gets wider finds nothing to join. So the rows between the region's top
 * and the cursor follow from what was drawn and the new width.
 */
import { pieces } from "../views/text.ts";

/**
 * What a terminal does with lines that are longer than its new width: `all` wraps each and keeps the cursor on its character (most
 * terminals); `xterm.js` (VS Code) leaves out the row of the cursor, and moves the cursor down even for rows that come in below it;
 * `none` wraps nothing (xterm, GNU screen, the Linux console).
 */
export type Reflow = "all" | "xterm.js" | "none";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What stands on the screen. */
export interface DrawnRegion {
  /** At least one. */
  readonly lines: readonly string[];
  /** Counted from the region's first row and the screen's first column. */
  readonly cursor: { readonly row: number; readonly column: number };
  readonly size: TerminalSize;
}

/** By name and version as the terminal reports them (XTVERSION), and by the environment. */
export function reflowOf(env: Readonly<Record<string, string | undefined>>, version: string | undefined): Reflow {
  const set = (name: string): boolean => (env[name] ?? "") !== "";
  // tmux is the terminal, whatever it runs in.
  if (set("TMUX")) return "all";
  if ((env["TERM"] ?? "").startsWith("screen") || set("STY") || env["TERM"] === "linux") return "none";
  if (env["TERM_PROGRAM"] === "vscode" || version?.startsWith("xterm.js") === true) return "xterm.js";
  if (version !== undefined) return version.startsWith("XTerm(") ? "none" : "all";
  return set("XTERM_VERSION") ? "none" : "all";
}

/** How many rows the region's top is above the cursor at the new size. */
export function rowsAboveCursor(region: DrawnRegion, size: TerminalSize, reflow: Reflow): number {
  const { lines, cursor } = region;
  if (reflow === "none" || size.columns >= region.size.columns) return cursor.row;
  if (reflow === "xterm.js") return rowsInXtermJs(region, size);
  const above = lines.slice(0, cursor.row).reduce((rows, line) => rows + wrappedRows(line, size.columns), 0);
  return above + rowOfCell(lines[cursor.row] ?? "", { cell: cursor.column, columns: size.columns });
}

/**
 * As xterm.js does it, from the last line to the first. A screen that gets lower first loses rows below the cursor; that there are no
 * blank ones below the region is taken for granted, which errs towards leaving something behind rather than erasing what is final.
 */
function rowsInXtermJs({ lines, cursor, size: before }: DrawnRegion, size: TerminalSize): number {
  const lost = Math.max(0, before.rows - size.rows);
  const last = Math.max(cursor.row, lines.length - 1 - lost);
  let row = cursor.row;
  for (let index = last; index >= 0; index--) {
    if (index !== row) row += wrappedRows(lines[index] ?? "", size.columns) - 1;
  }
  return row;
}

function wrappedRows(line: string, columns: number): number {
  return rowOfCell(line, { cell: Number.POSITIVE_INFINITY, columns }) + 1;
}

/** The row of a wrapped line that holds the cell, counted from 0; of a cell behind its end, the last. */
function rowOfCell(line: string, { cell, columns }: { readonly cell: number; readonly columns: number }): number {
  let row = 0;
  let column = 0;
  let passed = 0;
  for (const piece of pieces(line)) {
    if (passed > cell) break;
    if (column + piece.width > columns) {
      row++;
      column = 0;
    }
    column += piece.width;
    passed += piece.width;
  }
  return row;
}
