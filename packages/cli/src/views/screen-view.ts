/**
 * The live region: what streams, what is open, the queue, the input line, the status line, from top to bottom, within the screen.
 * Pure. The status line is the last; the cursor stands in the input.
 */
import { constraintText } from "@twolane/policy";
import { preparedHint } from "../state/ahead.ts";
import type { KeyOf } from "../state/actions.ts";
import type { AppState } from "../state/app.ts";
import { composingHint } from "../state/composing.ts";
import { leftMarks } from "../state/constraint-marks.ts";
import { menuIsOpen } from "../state/completion.ts";
import { editorPlace } from "../state/editor/editor.ts";
import { laneHint } from "../state/app-lanes.ts";
import { jobsLine } from "../state/job-words.ts";
import { hideKey } from "../state/slash.ts";
import { tourCaption } from "../state/tour.ts";
import { commandLines } from "./command-view.ts";
import { type InputRows, inputView } from "./input-view.ts";
import { questionHint, questionLines } from "./workflow-view.ts";
import { type KeyRows, keysHelp, sessionHelp } from "./help-view.ts";
import { type Room, completionLines, helpPage, pickerLines } from "./panel-view.ts";
import { modelCommandLines } from "./held-command-view.ts";
import { problemText } from "./problem-view.ts";
import { queueView } from "./queue-view.ts";
import { reviewView } from "./review-view.ts";
import { statusLine } from "./status-view.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitizeLine, wrap } from "./text.ts";
import { streamingLines } from "./transcript-view.ts";

export interface ScreenPage {
  readonly style: Style;
  /** Keys of a place with what they do. */
  readonly keys: KeyRows;
  readonly keyOf: KeyOf;
  /** Where keys are changed. */
  readonly configFile: string;
  /** Monotonic ms. */
  readonly now: number;
}

export interface ScreenView {
  /** Of an open help the line at its top, which is never beyond its last page, and how many are in sight. */
  readonly help?: { readonly first: number; readonly rows: number };
  readonly live: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

/** Of the screen's rows so many stay for what has been printed. */
const printedRows = 3;
const inputRows = 10;
/** A brief is read as much as it is written. */
const briefRows = 18;

export function screenView(state: AppState, page: ScreenPage): ScreenView {
  const { columns: width, rows } = state;
  const { style } = page;
  const room = Math.max(2, rows - 1 - (rows > 12 ? printedRows : 0));
  const listHasKeys = hasListKeys(state);
  const inputPage = {
    width,
    height: Math.max(1, Math.min(state.composing.kind === "brief" ? briefRows : inputRows, room - 2)),
    style,
    mark: markOf(state),
  };
  const input = listHasKeys ? restingInput(state, page) : inputView(state.editor, inputPage);
  const reviewKey = state.panel.kind === "review" ? undefined : page.keyOf("input", "queue-or-review");
  const status = statusLine(state.session, { width, style, now: page.now, ...(reviewKey !== undefined && { reviewKey }) });
  const hints = hintLines(state, page);
  // Below the input: what comes and goes there does not move it.
  const jobs = room - input.lines.length < 4 ? [] : jobsLines(state, page);
  const marked = listHasKeys || room - input.lines.length < 3 ? [] : markLines(state, page);
  const below = [...marked, ...jobs];
  const left = room - input.lines.length - below.length - 1;
  const aboveRoom = { width, height: Math.max(0, left - hints.length) };
  const above = aboveInput(state, page, aboveRoom);
  const fixed = hints.slice(Math.max(0, hints.length - left));
  const live = [...above.lines, ...fixed, ...input.lines, ...below, status];
  const inputRow = above.lines.length + fixed.length + input.row;
  return {
    ...(above.help && { help: above.help }),
    live,
    cursor: listHasKeys && above.row !== undefined ? { row: above.row, column: 0 } : { row: inputRow, column: input.column },
  };
}

const hasListKeys = ({ panel, composing, completion }: AppState): boolean =>
  panel.kind === "review" && composing.kind === "prompt" && !menuIsOpen(completion);

/** The deep lane, while something of it runs or waits. */
function jobsLines({ session, columns: width }: AppState, { style }: ScreenPage): string[] {
  const text = jobsLine(session);
  if (text === undefined) return [];
  return [clip(/(?:^|   )d\d+ (?:is ready|has)/.test(text) ? style.good(`  ${text}`) : style.dim(`  ${text}`), width)];
}

/** What the typed request will be held to; a steer is held to what its turn is. */
function markLines({ marks, session, composing, editor, columns: width }: AppState, { style, keyOf }: ScreenPage): string[] {
  const isSent = session.phase === "idle" || editor.text.startsWith("/");
  if (marks.all.length === 0 || composing.kind !== "prompt" || !isSent) return [];
  const left = leftMarks(marks).map((one) => `[${sanitizeLine(constraintText(one))}]`);
  const off = marks.all.length - left.length;
  const key = keyOf("input", "mark-off");
  const way = key === undefined ? "" : `  ${key}: ${left.length === 0 ? "all back" : "not the last"}`;
  const text = `${left.join(" ")}${off === 0 ? "" : `${left.length === 0 ? "" : " "}(${off} taken off)`}${way}`;
  return [clip(style.dim(`  ${text}`), width)];
}

/** The line while the keys go to the list: what stands on it waits. */
function restingInput({ editor, columns: width }: AppState, { style, keyOf }: ScreenPage): InputRows {
  const escape = keyOf("anywhere", "escape");
  const back = escape === undefined ? "" : ` · ${escape}: back here`;
  const text = editor.text === "" ? `keys go to the list${back}` : sanitizeLine(hideKey(editor.text.slice(0, width)));
  return { lines: [clip(style.dim(`  ${text}`), width)], row: 0, column: 0 };
}

const marks: Readonly<Record<AppState["composing"]["kind"], string>> = {
  prompt: "› ",
  comment: "c ",
  queued: "q ",
  answer: "a ",
  brief: "d ",
  job: "d ",
  commit: "✎ ",
};
/** In vim's normal mode it points the other way: letters are commands there. */
const markOf = ({ composing, editor, settings }: AppState): string =>
  editorPlace(editor, settings.vim) === "vim" ? "‹ " : marks[composing.kind];

interface Above {
  readonly lines: readonly string[];
  /** Where the cursor is, if it is here. */
  readonly row?: number;
  readonly help?: { readonly first: number; readonly rows: number };
}

/** What is open, or what streams; of more than there is room for the last lines. */
function aboveInput(state: AppState, page: ScreenPage, room: Room): Above {
  if (room.height <= 0) return { lines: [] };
  const { style, keyOf } = page;
  if (menuIsOpen(state.completion)) return { lines: completionLines(state.completion, room, style) };
  switch (state.panel.kind) {
    case "review": {
      const height = Math.min(room.height, Math.max(8, Math.floor(state.rows * 0.6)));
      const { mode, broken } = state.session;
      const listed = { ...room, height, style, mode, broken };
      return reviewView(state.review, state.session.review, hasListKeys(state) ? { ...listed, keyOf } : listed);
    }
    case "picker": {
      const height = Math.min(room.height, 12);
      return { lines: pickerLines(state.panel.picker, { ...room, height }, style).slice(0, room.height) };
    }
    case "help": {
      const { first: wanted, from, about } = state.panel;
      const { keys, configFile } = page;
      const all = keysHelp(sessionHelp({ keys, configFile, ...(from && { from }), ...(about && { about }) }), {
        style,
        width: room.width,
      }).slice(0, -1);
      const { lines, first, rows } = helpPage(all, wanted, room);
      return { lines: lines.slice(0, room.height), help: { first, rows } };
    }
    case "question": {
      const { workflow } = state.session;
      const { panel } = state;
      const height = Math.min(room.height, panel.again ? Math.max(8, Math.floor(state.rows * 0.6)) : 12);
      const resting = state.composing.kind !== "prompt";
      return {
        lines: workflow === undefined ? [] : questionLines(workflow, { ...room, ...panel, height, resting, style, keyOf }),
      };
    }
    case "held":
    case "none":
      return { lines: runningLines(state, { width: room.width, style }).slice(-room.height) };
  }
}

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
  const { verdict } = streaming;
  const will = verdict?.decision === "block" ? "will be blocked" : "will be held";
  const held =
    verdict === undefined ? "" : `  ${style.warn(`${will}: ${sanitizeLine(verdict.reason)} (${sanitizeLine(verdict.rule)})`)}`;
  return [...lines, clip(`${style.dim(`… ${place}  ${size}  ${streaming.hunk}`)}${held}`, width)];
}

/** What the mode asks of the person, while nothing runs. */
function modeHint({ session, panel }: AppState, keyOf: KeyOf): string[] {
  const list = keyOf("input", "queue-or-review");
  const [yes, no, plan] = [keyOf("review", "accept"), keyOf("review", "reject"), keyOf("review", "take-plan")];
  if (session.phase !== "idle" || panel.kind !== "none" || list === undefined) return [];
  if (session.mode === "step") return [`Step mode: each hunk waits for your yes (${list}, then ${yes} or ${no})`];
  return session.mode === "plan" ? [`Plan mode: nothing lands; ${list}, then ${plan}, carries the plan out`] : [];
}

/** While something runs, the key that would put the offer away stops it. */
function correctionHint(
  { session, command }: AppState,
  { hunk, path, problem }: NonNullable<AppState["correction"]>,
  keyOf: KeyOf,
): string {
  const tell = keyOf("anywhere", "tell-correction") ?? "/tell";
  const away = session.phase === "idle" && command === undefined ? keyOf("anywhere", "escape") : undefined;
  if (problem !== undefined) return `${hunk} broke ${problemText(problem)} · ${tell}: tell the model now`;
  const text = `You changed ${hunk} in ${sanitizeLine(path)}: ${tell} tells the model`;
  return away === undefined ? text : `${text}, ${away} does not`;
}

/** A command that runs, the queue, what Enter does when it is not a prompt, what is offered, and one passing line. */
function hintLines(state: AppState, { style, now, keyOf }: ScreenPage): string[] {
  const { columns: width } = state;
  const lines = state.command === undefined ? [] : commandLines(state.command, { width, style, now });
  const focused = state.panel.kind === "held" && state.composing.kind === "prompt";
  lines.push(...modelCommandLines(state.session.commands, { width, style, keyOf, focused }));
  const asks =
    state.session.workflow !== undefined && state.panel.kind !== "question"
      ? questionHint(state.session.workflow, keyOf)
      : undefined;
  if (asks !== undefined) lines.push(style.warn(asks));
  lines.push(...queueView(state.session, width, style));
  if (state.correction !== undefined) lines.push(style.warn(correctionHint(state, state.correction, keyOf)));
  if (state.tour !== undefined) lines.push(...tourCaption(state.tour).map((line) => style.warn(line)));
  const composing = composingHint(state.composing, keyOf);
  if (composing !== undefined) lines.push(...wrap(style.bold(composing), width));
  else lines.push(...modeHint(state, keyOf).flatMap((line) => wrap(style.dim(line), width)));
  const prepared = preparedHint(state);
  if (prepared !== undefined) lines.push(style.dim(sanitizeLine(prepared)));
  const lane = laneHint(state, {
    enter: keyOf("input", "submit") ?? "Enter",
    deep: keyOf("anywhere", "to-deep-lane") ?? "/deep",
  });
  if (lane !== undefined) lines.push(...wrap(style.warn(lane), width));
  if (state.hint !== undefined) lines.push(...wrap(style.dim(state.hint), width));
  return lines.map((line) => (displayWidth(line) > width ? clip(line, width) : line));
}
