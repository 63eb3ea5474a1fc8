/** The cells of an emulated screen as runs of one look each. Colours are the palette's numbers; what they look like is not said here. */
import type headless from "@xterm/headless";

export interface StyledRun {
  readonly text: string;
  /** First cell, from 0, and how many. */
  readonly column: number;
  readonly cells: number;
  readonly look: Look;
}

export interface Look {
  /** Of the palette; absent: the terminal's own. */
  readonly colour?: number;
  readonly ground?: number;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underlined: boolean;
  readonly inverse: boolean;
}

/** The visible rows, without unstyled blanks at their ends. */
export function styledRows(terminal: headless.Terminal): StyledRun[][] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return line === undefined ? [] : withoutEnd(runsOf(line, terminal.cols));
  });
}

function runsOf(line: headless.IBufferLine, columns: number): StyledRun[] {
  const runs: StyledRun[] = [];
  for (let column = 0; column < columns;) {
    const cell = line.getCell(column);
    if (cell === undefined) break;
    const width = Math.max(1, cell.getWidth());
    const text = cell.getChars() === "" ? " " : cell.getChars();
    const look = lookOf(cell);
    const last = runs.at(-1);
    if (last !== undefined && isSame(last.look, look))
      runs[runs.length - 1] = { ...last, text: last.text + text, cells: last.cells + width };
    else runs.push({ text, column, cells: width, look });
    column += width;
  }
  return runs;
}

function lookOf(cell: headless.IBufferCell): Look {
  return {
    ...(cell.isFgPalette() && { colour: cell.getFgColor() }),
    ...(cell.isBgPalette() && { ground: cell.getBgColor() }),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underlined: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}

const isSame = (one: Look, other: Look): boolean => JSON.stringify(one) === JSON.stringify(other);

function withoutEnd(runs: StyledRun[]): StyledRun[] {
  const last = runs.at(-1);
  if (last === undefined || last.look.inverse || last.look.ground !== undefined) return runs;
  const text = last.text.trimEnd();
  // Blanks take one cell each.
  const cells = last.cells - (last.text.length - text.length);
  return text === "" ? runs.slice(0, -1) : [...runs.slice(0, -1), { ...last, text, cells }];
}
