/**
 * Draws frames into the main screen: final lines once, for good, and below them the live region, of which only what changed. Knows
 * nothing of what the lines say, of timing (`frames.ts`) or of the device (`terminal.ts`).
 *
 * Between frames the cursor stands where the person types, or at the region's beginning where nobody does. All movement starts from
 * there and is relative, because nobody knows where on the screen the region is. After a change of size the region is found again as
 * `reflow.ts` says, and is drawn whole.
 *
 * A frame may be on its way while the terminal changes its size, and is then drawn into the new size with movements for the old. So
 * each frame asks to be answered when it has been carried out (`flight.ts`).
 *
 * Known limits: live lines that a smaller terminal pushes into its scrollback before we hear of it stay there, and so may rows of the
 * region that frames were on their way to while it got smaller. Final lines are never lost.
 */
import { clip, displayWidth, onlyStyles, pieces } from "../views/text.ts";
import { createFlight } from "./flight.ts";
import { type DrawnRegion, type Reflow, rowsAboveCursor, type TerminalSize } from "./reflow.ts";
import { askDone } from "./terminal-sequences.ts";

export interface Frame {
  /** New lines for the scrollback, longer than the width as they may be: the terminal wraps them. Without line feeds. */
  readonly final: readonly string[];
  /** All of the live region, at most one line less than the screen has rows; of more the last are shown. Clipped to the width. */
  readonly live: readonly string[];
  /** Within `live`, counted from 0; hidden when undefined. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

export interface Renderer {
  /** Writes what has changed, in one piece; nothing when nothing has. */
  frame(frame: Frame): void;
  /** The terminal has this size now. The next frame draws the region whole. */
  resize(size: TerminalSize): void;
  /** The terminal has carried out the oldest frame that is not answered yet. */
  frameDone(): void;
  /** More frames are on their way than the terminal should be given: it is slow, or far away. Counts no longer after a second of silence. */
  behind(): boolean;
  /** Puts the whole screen into the scrollback: the next frame begins on a clean one. For the redraw key. */
  clear(): void;
  /** Takes the region off the screen; the cursor is where it began, visible. Before others write: a shell, an editor. */
  leave(): void;
  /** Others have written without being let (a stop that cannot be caught): the next frame begins in the cursor's row. */
  restart(): void;
  /**
   * What brings the cursor below the region without drawing, for a device that has to give the terminal back at once: a crash leaves
   * the last picture standing.
   */
  below(): string;
  /** The last lines take the region's place; the cursor is at the beginning of a new line, visible. */
  finish(lines: readonly string[]): void;
}

export interface RendererOptions {
  readonly write: (text: string) => void;
  readonly size: TerminalSize;
  /** Asked when they matter: both are known only after the terminal has answered. */
  readonly reflow: () => Reflow;
  readonly synchronized: () => boolean;
  /** Frames are answered (`frameDone`); never, when it is left out. */
  readonly answersFrames?: () => boolean;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

const csi = "\u001b[";
const eraseBelow = `${csi}J`;
const eraseRight = `${csi}K`;
// Live lines never reach the next row, whatever the terminal thinks of a character's width.
const autowrapOff = `${csi}?7l`;
const autowrapOn = `${csi}?7h`;
const showCursor = `${csi}?25h`;
const hideCursor = `${csi}?25l`;

/** Nothing has been drawn: the region begins in the row of the cursor. */
const nothingDrawn = { lines: [""], cursor: { row: 0, column: 0 } };

export function createRenderer(options: RendererOptions): Renderer {
  let size = options.size;
  let drawn: DrawnRegion = { ...nothingDrawn, size };
  let cursorShown = true;
  /** The region must be found and drawn whole. */
  let stale = true;
  const flight = createFlight(options.now ?? (() => performance.now()), drawn);

  /** In one piece, with the cursor out of sight while it runs over the lines. */
  const send = (text: string, cursorAfter: boolean, question = ""): boolean => {
    const synchronized = options.synchronized();
    const hide = cursorShown && (!cursorAfter || (text !== "" && !synchronized));
    const whole = (hide ? hideCursor : "") + text + (cursorAfter && (hide || !cursorShown) ? showCursor : "");
    cursorShown = cursorAfter;
    if (whole !== "") options.write((synchronized ? `${csi}?2026h${whole}${csi}?2026l` : whole) + question);
    return whole !== "";
  };
  /** From the resting place to the region's first cell, with nothing left of the region. */
  const eraseRegion = (): string =>
    `\r${up(stale ? rowsAboveCursor(drawn, size, options.reflow()) : drawn.cursor.row)}${eraseBelow}`;
  const startHere = (): void => {
    drawn = { ...nothingDrawn, size };
    flight.forget(drawn);
    stale = true;
  };

  return {
    frame(frame) {
      const { lines, cursor } = fit(frame, size);
      const rest = cursor ?? { row: 0, column: 0 };
      const whole = stale || frame.final.length > 0;
      const text = whole ? eraseRegion() + finalText(frame.final) + wholeRegion(lines, rest) : changes(drawn, lines, rest);
      const asks = options.answersFrames?.() ?? false;
      const sent = send(text, cursor !== undefined, asks ? askDone : "");
      drawn = { lines, cursor: rest, size };
      stale = false;
      if (sent) flight.sent(drawn, asks);
    },
    resize(next) {
      // What is drawn keeps the size that it was drawn for.
      if (!stale) drawn = flight.overtaken(next);
      size = next;
      stale = true;
    },
    frameDone: flight.done,
    behind: flight.behind,
    clear() {
      // Line feeds on the last row, because erasing would lose the final lines that are still on the screen.
      send(`${eraseRegion()}${down(size.rows)}${"\n".repeat(Math.max(0, size.rows - 1))}${csi}H`, cursorShown);
      startHere();
    },
    leave() {
      send(eraseRegion(), true);
      startHere();
    },
    restart() {
      cursorShown = true;
      startHere();
    },
    below() {
      return stale && drawn.lines.length === 1 ? "" : `${down(drawn.lines.length - 1 - drawn.cursor.row)}\r\n`;
    },
    finish(lines) {
      send(eraseRegion() + finalText(lines), true);
      startHere();
    },
  };
}

/** The frame as it can be drawn: within the size, nothing in it but text and styles, and a cell under the cursor. */
function fit({ live, cursor }: Frame, { columns, rows }: TerminalSize): { lines: string[]; cursor: Frame["cursor"] } {
  const dropped = Math.max(0, live.length - Math.max(1, rows - 1));
  const lines = live.slice(dropped).map((line) => clip(onlyStyles(line), columns).replace(/ +$/, ""));
  if (lines.length === 0) lines.push("");
  if (cursor === undefined) return { lines, cursor };
  const row = Math.min(lines.length - 1, Math.max(0, cursor.row - dropped));
  const column = Math.min(columns - 1, Math.max(0, cursor.column));
  const line = lines[row] ?? "";
  // A terminal that wraps the line again keeps the cursor on its cell, so there has to be one.
  lines[row] = line + " ".repeat(Math.max(0, column + 1 - displayWidth(line)));
  return { lines, cursor: { row, column } };
}

function finalText(lines: readonly string[]): string {
  return lines.map((line) => `${onlyStyles(line)}\r\n`).join("");
}

function wholeRegion(lines: readonly string[], rest: { readonly row: number; readonly column: number }): string {
  return autowrapOff + lines.map(anchored).join("\r\n") + autowrapOn + toRest(lines.length - 1, rest);
}

/** From what is drawn to the new lines, and back to the resting place. */
function changes(drawn: DrawnRegion, lines: readonly string[], rest: { readonly row: number; readonly column: number }): string {
  const { columns } = drawn.size;
  let text = "";
  let row = drawn.cursor.row;
  for (const [index, line] of lines.entries()) {
    const before = drawn.lines[index];
    if (line === before) continue;
    text += text === "" ? autowrapOff : "";
    if (before === undefined) {
      // Below the region there may be no row yet: a line feed makes one, a movement does not.
      const added = lines.slice(index).map((next) => `\r\n${anchored(next)}`);
      text += down(drawn.lines.length - 1 - row) + added.join("");
      row = lines.length - 1;
      break;
    }
    text += `${move(row, index)}\r${anchored(line)}${displayWidth(line) < columns ? eraseRight : ""}`;
    row = index;
  }
  if (text !== "") text += autowrapOn;
  if (lines.length < drawn.lines.length) {
    text += `${move(row, lines.length)}\r${eraseBelow}`;
    row = lines.length;
  }
  if (text === "" && rest.row === drawn.cursor.row && rest.column === drawn.cursor.column) return "";
  return text + toRest(row, rest);
}

function toRest(row: number, rest: { readonly row: number; readonly column: number }): string {
  return `${move(row, rest.row)}\r${rest.column > 0 ? `${csi}${rest.column}C` : ""}`;
}

const move = (from: number, to: number): string => (to < from ? up(from - to) : down(to - from));
const up = (rows: number): string => (rows > 0 ? `${csi}${rows}A` : "");
const down = (rows: number): string => (rows > 0 ? `${csi}${rows}B` : "");

/**
 * Terminals disagree on the width of clusters of several characters; what follows one is put into the column where it belongs, and
 * what is skipped by that is erased before.
 */
function anchored(line: string): string {
  if (!/[\u0300-\u{10ffff}]/u.test(line)) return line;
  let column = 0;
  let text = "";
  for (const piece of pieces(line)) {
    text += piece.text;
    column += piece.width;
    if (!piece.style && /^.{2}/su.test(piece.text)) text += `${csi}${column + 1}G`;
  }
  return text.length === line.length ? line : eraseRight + text;
}
