/**
 * The live region: what streams, what is open, the queue, the input line, the status line, from top to bottom, within the screen.
 * Pure. The status line is the last; the cursor stands in the input.
 */
import type { AppState } from "../state/app.ts";
import { composingHint } from "../state/composing.ts";
import { menuIsOpen } from "../state/completion.ts";
import { editorPlace } from "../state/editor/editor.ts";
import { tourCaption } from "../state/tour.ts";
import { commandLines } from "./command-view.ts";
import { inputView } from "./input-view.ts";
import { type KeyRows, keysHelp, sessionHelp } from "./help-view.ts";
import { type Room, completionLines, helpPage, pickerLines } from "./panel-view.ts";
import { queueView } from "./queue-view.ts";
import { reviewView } from "./review-view.ts";
import { statusLine } from "./status-view.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitizeLine } from "./text.ts";
import { streamingLines } from "./transcript-view.ts";

export interface ScreenPage {
  readonly style: Style;
  /** Keys of a place with what they do. */
  readonly keys: KeyRows;
  /** Monotonic ms. */
  readonly now: number;
}

export interface ScreenView {
  /** Of an open help the line at its top, which is never beyond its last page. */
  readonly helpFirst?: number;
  readonly live: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

/** Of the screen's rows so many stay for what has been printed. */
const printedRows = 3;
const inputRows = 10;

export function screenView(state: AppState, page: ScreenPage): ScreenView {
  const { columns: width, rows } = state;
  const { style } = page;
  const room = Math.max(2, rows - 1 - (rows > 12 ? printedRows : 0));
  const input = inputView(state.editor, {
    width,
    height: Math.max(1, Math.min(inputRows, room - 2)),
    style,
    mark: markOf(state),
  });
  const status = statusLine(state.session, { width, style, now: page.now });
  const hints = hintLines(state, { width, style, now: page.now });
  const left = room - input.lines.length - 1;
  const aboveRoom = { width, height: Math.max(0, left - hints.length) };
  const above = aboveInput(state, page, aboveRoom);
  const fixed = hints.slice(Math.max(0, hints.length - left));
  const live = [...above, ...fixed, ...input.lines, status];
  const help = state.panel.kind === "help" ? helpPage(helpOf(page, width), state.panel.first, aboveRoom) : undefined;
  return {
    ...(help && { helpFirst: help.first }),
    live,
    cursor: { row: above.length + fixed.length + input.row, column: input.column },
  };
}

const marks: Readonly<Record<AppState["composing"]["kind"], string>> = {
  prompt: "› ",
  comment: "c ",
  queued: "q ",
  commit: "✎ ",
};
/** In vim's normal mode it points the other way: letters are commands there. */
const markOf = ({ composing, editor, settings }: AppState): string =>
  editorPlace(editor, settings.vim) === "vim" ? "‹ " : marks[composing.kind];

/** What is open, or what streams; of more than there is room for the last lines. */
function aboveInput(state: AppState, page: ScreenPage, room: Room): string[] {
  if (room.height <= 0) return [];
  const { style } = page;
  if (menuIsOpen(state.completion)) return completionLines(state.completion, room, style);
  switch (state.panel.kind) {
    case "review": {
      const open = { ...room, height: Math.min(room.height, Math.max(8, Math.floor(state.rows * 0.6))), style, keys: reviewKeys };
      return reviewView(state.review, state.session.review, open).slice(0, room.height);
    }
    case "picker":
      return pickerLines(state.panel.picker, { ...room, height: Math.min(room.height, 12) }, style).slice(0, room.height);
    case "help":
      return helpPage(helpOf(page, room.width), state.panel.first, room).lines.slice(0, room.height);
    case "none":
      return runningLines(state, { width: room.width, style }).slice(-room.height);
  }
}

const helpOf = ({ keys, style }: ScreenPage, width: number): string[] =>
  keysHelp(sessionHelp(keys), { style, width }).slice(0, -1);

const reviewKeys = "y yes · n no · e edit · c comment · a file · A all · u undo · j k move · Enter lines · C commit · Esc";

interface Lines {
  readonly width: number;
  readonly style: Style;
}

/** The unfinished line of text, and the hunk that is being written. */
function runningLines(state: AppState, { width, style }: Lines): string[] {
  const { streaming } = state.session;
  const lines = streamingLines(state.transcript, { width, style });
  if (streaming === undefined) return lines;
  const place = `${sanitizeLine(streaming.path)}${streaming.line > 0 ? `:${streaming.line}` : ""}`;
  const size = `${streaming.lines} ${streaming.lines === 1 ? "line" : "lines"}`;
  return [...lines, clip(style.dim(`… ${place}  ${size}  ${streaming.hunk}`), width)];
}

/** A command that runs, the queue, what Enter does when it is not a prompt, what is offered, and one passing line. */
function hintLines(state: AppState, { width, style, now }: Lines & { readonly now: number }): string[] {
  const lines = state.command === undefined ? [] : commandLines(state.command, { width, style, now });
  lines.push(...queueView(state.session, width, style));
  if (state.correction !== undefined)
    lines.push(
      style.warn(`You changed ${state.correction.hunk} in ${sanitizeLine(state.correction.path)}: Alt-C tells the model`),
    );
  if (state.tour !== undefined) lines.push(...tourCaption(state.tour).map((line) => style.warn(line)));
  const composing = composingHint(state.composing);
  if (composing !== undefined) lines.push(style.bold(composing));
  if (state.hint !== undefined) lines.push(style.dim(state.hint));
  return lines.map((line) => (displayWidth(line) > width ? clip(line, width) : line));
}
