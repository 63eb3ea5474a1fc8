/**
 * A terminal emulator without a window: bytes in, a screen with its scrollback out. xterm.js, plus what real terminals have and it
 * has not: the kitty keyboard protocol, grapheme clusters, resizing without reflow. No process and no pty.
 */
import headless from "@xterm/headless";
import { eastAsianWidth } from "get-east-asian-width";
import { type StyledRun, styledRows } from "./styled-rows.ts";

/**
 * What a terminal does with lines that are longer than its new width: `all` wraps each again (most terminals), `not-cursor` all
 * but the one with the cursor (xterm.js, VS Code), `none` none (xterm, GNU screen).
 */
export type EmulatedReflow = "all" | "not-cursor" | "none";

export interface EmulatorOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly reflow?: EmulatedReflow;
  /** `legacy` does not know the kitty keyboard protocol. */
  readonly keyboard?: "kitty" | "legacy";
}

export interface ScreenModes {
  readonly bracketedPaste: boolean;
  readonly synchronizedOutput: boolean;
  /** Flags of the kitty keyboard protocol, 0 when it is off. */
  readonly kittyFlags: number;
  readonly cursorVisible: boolean;
  readonly alternateScreen: boolean;
  readonly focusReports: boolean;
  readonly autowrap: boolean;
  readonly applicationCursorKeys: boolean;
  readonly mouse: boolean;
}

export interface Emulator {
  /** Resolves when the bytes are on the screen. */
  feed(bytes: string | Uint8Array): Promise<void>;
  /** What was fed before is on the screen of the old size. */
  resize(cols: number, rows: number): Promise<void>;
  /** What the terminal answers to queries. */
  onAnswer(listener: (answer: string) => void): void;
  /** How often the bell rang, and the text of each OSC 9. */
  calls(): { readonly bells: number; readonly notes: readonly string[] };
  cols(): number;
  rows(): number;
  lines(): string[];
  styledRows(): StyledRun[][];
  scrollback(): string[];
  logicalLines(): string[];
  cursor(): { readonly row: number; readonly column: number };
  modes(): ScreenModes;
}

export function openEmulator(options: EmulatorOptions = {}): Emulator {
  const reflow = options.reflow ?? "all";
  const terminal = new headless.Terminal({
    cols: options.cols ?? 80,
    rows: options.rows ?? 24,
    scrollback: 20_000,
    allowProposedApi: true,
    reflowCursorLine: reflow === "all",
    // xterm.js leaves the wrapping to such a backend, so it does none of its own.
    ...(reflow === "none" ? { windowsPty: { backend: "winpty" as const, buildNumber: 1 } } : {}),
  });
  terminal.unicode.register(graphemeWidths());
  terminal.unicode.activeVersion = "graphemes";
  const answers: ((answer: string) => void)[] = [];
  const answer = (text: string): void => {
    for (const listener of answers) listener(text);
  };
  terminal.onData(answer);
  const keyboard = options.keyboard === "legacy" ? { flags: () => 0 } : kittyKeyboard(terminal, answer);
  const cursorVisible = watchCursor(terminal);
  const calls = watchCalls(terminal);
  const rowsFrom = (start: number, end?: number): string[] =>
    Array.from(
      { length: terminal.buffer.active.length - start },
      (_, index) =>
        terminal.buffer.active
          .getLine(start + index)
          ?.translateToString(true, 0, end)
          .trimEnd() ?? "",
    );
  return {
    feed: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    resize: (cols, rows) =>
      new Promise((resolve) =>
        terminal.write("", () => {
          if (reflow === "all") resizeWithCursor(terminal, { cols, rows });
          else terminal.resize(cols, rows);
          resolve();
        }),
      ),
    onAnswer: (listener) => void answers.push(listener),
    calls,
    cols: () => terminal.cols,
    rows: () => terminal.rows,
    lines: () => rowsFrom(terminal.buffer.active.baseY, terminal.cols),
    styledRows: () => styledRows(terminal),
    scrollback: () => rowsFrom(0),
    logicalLines: () => logicalLines(terminal),
    cursor: () => ({ row: terminal.buffer.active.cursorY, column: terminal.buffer.active.cursorX }),
    modes: () => ({
      bracketedPaste: terminal.modes.bracketedPasteMode,
      synchronizedOutput: terminal.modes.synchronizedOutputMode,
      kittyFlags: keyboard.flags(),
      cursorVisible: cursorVisible(),
      alternateScreen: terminal.buffer.active.type === "alternate",
      focusReports: terminal.modes.sendFocusMode,
      autowrap: terminal.modes.wraparoundMode,
      applicationCursorKeys: terminal.modes.applicationCursorKeysMode,
      mouse: terminal.modes.mouseTrackingMode !== "none",
    }),
  };
}

/**
 * Other terminals keep the cursor on its character. xterm.js moves it down for rows that come in below it as well, so it is put
 * back to where its line now is.
 */
function resizeWithCursor(terminal: headless.Terminal, { cols, rows }: { cols: number; rows: number }): void {
  const { active } = terminal.buffer;
  let first = active.baseY + active.cursorY;
  let left = active.cursorX;
  while (first > 0 && active.getLine(first)?.isWrapped === true) left += cellsOf(active.getLine(--first), terminal.cols);
  const marker = terminal.registerMarker(first - active.baseY - active.cursorY);
  terminal.resize(cols, rows);
  const line = marker?.line ?? -1;
  marker?.dispose();
  if (line < 0) return;
  // The row of the wrapped line that now holds the cursor's cell.
  let row = line;
  while (left > 0 && active.getLine(row + 1)?.isWrapped === true && left >= cellsOf(active.getLine(row), cols)) {
    left -= cellsOf(active.getLine(row), cols);
    row++;
  }
  const visible = Math.min(rows - 1, Math.max(0, row - active.baseY));
  // A sequence would wait behind output that has come already.
  const buffer: unknown = Reflect.get(Reflect.get(terminal, "_core"), "buffer");
  if (typeof buffer !== "object" || buffer === null) throw new Error("this xterm.js keeps its cursor elsewhere");
  Reflect.set(buffer, "y", visible);
  Reflect.set(buffer, "x", Math.min(left, cols - 1));
}

/** A wide character that does not fit leaves the last cell of a wrapped row empty. */
function cellsOf(row: headless.IBufferLine | undefined, cols: number): number {
  return row?.getCell(cols - 1)?.getCode() === 0 && row.getCell(cols - 1)?.getWidth() === 1 ? cols - 1 : cols;
}

function logicalLines(terminal: headless.Terminal): string[] {
  const lines: string[] = [];
  const { active } = terminal.buffer;
  for (let index = 0; index < active.length; index++) {
    const row = active.getLine(index);
    // Blanks in the middle of a wrapped line belong to it.
    const text = row?.translateToString(active.getLine(index + 1)?.isWrapped !== true) ?? "";
    if (row?.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines.map((line) => line.trimEnd());
}

/** `CSI > flags u` pushes, `CSI < n u` pops, `CSI = flags ; mode u` sets, `CSI ? u` asks. */
function kittyKeyboard(terminal: headless.Terminal, answer: (text: string) => void): { flags(): number } {
  const stack: number[] = [0];
  const top = (): number => stack.at(-1) ?? 0;
  const number = (parameter: number | number[] | undefined): number => (typeof parameter === "number" ? parameter : 0);
  terminal.parser.registerCsiHandler({ prefix: ">", final: "u" }, ([flags]) => stack.push(number(flags)) > 0);
  terminal.parser.registerCsiHandler({ prefix: "<", final: "u" }, ([count]) => {
    stack.splice(Math.max(1, stack.length - Math.max(1, number(count))));
    return true;
  });
  terminal.parser.registerCsiHandler({ prefix: "=", final: "u" }, ([flags]) => {
    stack[stack.length - 1] = number(flags);
    return true;
  });
  terminal.parser.registerCsiHandler({ prefix: "?", final: "u" }, () => {
    answer(`\u001b[?${top()}u`);
    return true;
  });
  return { flags: top };
}

function watchCursor(terminal: headless.Terminal): () => boolean {
  let visible = true;
  const watch = (final: "h" | "l"): void =>
    void terminal.parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
      if (parameters.includes(25)) visible = final === "h";
      return false;
    });
  watch("h");
  watch("l");
  return () => visible;
}

function watchCalls(terminal: headless.Terminal): Emulator["calls"] {
  let bells = 0;
  const notes: string[] = [];
  terminal.onBell(() => void bells++);
  terminal.parser.registerOscHandler(9, (text) => notes.push(text) > 0);
  return () => ({ bells, notes });
}

/** Cells by grapheme cluster, as kitty, Ghostty, WezTerm and iTerm2 count them. The state of a cluster is its number in a table. */
function graphemeWidths(): headless.IUnicodeVersionProvider {
  const segmenter = new Intl.Segmenter("en");
  const clusters = [""];
  const numbers = new Map<string, number>();
  const numberOf = (cluster: string): number => {
    const known = numbers.get(cluster);
    if (known !== undefined) return known;
    numbers.set(cluster, clusters.length);
    return clusters.push(cluster) - 1;
  };
  const single = (codepoint: number): 0 | 1 | 2 => cells(String.fromCodePoint(codepoint));
  return {
    version: "graphemes",
    wcwidth: single,
    charProperties(codepoint, preceding) {
      const character = String.fromCodePoint(codepoint);
      const before = clusters[preceding >> 3] ?? "";
      const joined = before + character;
      const joins = before !== "" && codepoint > 0x7f && [...segmenter.segment(joined)].length === 1;
      const cluster = joins ? joined : character;
      return (numberOf(cluster) << 3) | (cells(cluster) << 1) | (joins ? 1 : 0);
    },
  };
}

function cells(cluster: string): 0 | 1 | 2 {
  if (/^\p{M}|^[\p{Cf}\p{Cc}]/u.test(cluster)) return 0;
  if (/\ufe0f/.test(cluster) || /^\p{RI}{2}$/u.test(cluster)) return 2;
  return eastAsianWidth(cluster.codePointAt(0) ?? 0);
}
