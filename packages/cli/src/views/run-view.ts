/** The lines of a run, from events and state. Pure: (event, state) → lines; nothing here writes. */
import { compactedText } from "../state/context-lines.ts";
import type { Failure, Hunk, HunkLine, TwolaneEvent } from "@twolane/protocol";
import type { RunState } from "../state/run-state.ts";
import { endText, recoveredText } from "../state/transcript.ts";
import type { Style } from "./style.ts";
import { choiceText, evidenceLines } from "./test-view.ts";
import { problemLines } from "./problem-view.ts";
import { answeredLine, askedLines, commentText, constraintsText, reportLines, stageLines } from "./workflow-view.ts";
import { counted } from "../state/grouped.ts";

/** Whoever reads the lines wraps them. */
const noWrap = 100_000;

/** Lines that an event adds for good. */
export function eventLines(event: TwolaneEvent, style: Style): string[] {
  switch (event.type) {
    case "session.started":
      return [style.dim(`twolane ${event.version} · ${event.model} · ${event.workspace}`)];
    case "session.recovered":
      return [`${style.warn("!")} ${recoveredText(event)}`];
    case "tool.started":
      return event.summary === "edit" ? [] : [style.dim(`  ${event.summary}`)];
    case "hunk.landed": {
      const notes = [
        event.dryRun ? "would land" : "landed",
        ...(event.rung === "exact" ? [] : [`matched by ${event.rung}`]),
        ...(event.merged ? ["merged with your change"] : []),
      ];
      return [
        `${style.good("●")} ${hunkPlace(event.hunk)}  ${hunkSize(event.hunk)}  ${notes.join(", ")}  ${style.dim(event.hunk.id)}`,
      ];
    }
    case "hunk.present":
      return [`${style.dim("↷")} ${hunkPlace(event.hunk)}  already there, nothing changed  ${style.dim(event.hunk.id)}`];
    case "hunk.undone":
      return [`${style.dim("↶")} ${event.path}  taken back  ${style.dim(event.hunk)}`];
    case "hunk.held":
      return heldLines(event, style);
    case "hunk.failed":
      return failedLines(event, style);
    case "hunk.superseded":
      return [style.dim(`  ${event.hunk} ${event.by === undefined ? "is written again" : `was made good by ${event.by}`}`)];
    case "command.held": {
      const word = event.verdict.decision === "block" ? "blocked" : "held";
      return [
        `${style.warn("◌")} ${word}: ${event.command}`,
        `  ${event.verdict.reason} (${event.verdict.rule})`,
        `  ${style.dim(event.verdict.wayOut)}`,
      ];
    }
    case "command.ended":
      return [style.dim(endText(event))];
    case "notice.given":
      return [`${style.warn("!")} ${event.message}`];
    case "tests.started":
      return [style.dim(`  tests: ${choiceText(event.choice)}`)];
    case "tests.ended":
      return evidenceLines(event.evidence, style);
    case "diagnostics.found":
      return problemLines(event, style).map((line) => `  ${line}`);
    case "context.compacted":
      return [style.dim(`  ${compactedText(event)}`)];
    case "constraints.set":
      return [style.dim(`  ${constraintsText(event.constraints)}`)];
    case "workflow.moved":
      return stageLines(event, { style, width: noWrap });
    case "workflow.asked":
      return askedLines(event, { style, width: noWrap });
    case "workflow.answered":
      return [answeredLine(event, style)];
    case "workflow.ended":
      return reportLines(event, { style, width: noWrap });
    case "comment.made":
      return [`  ${commentText(event.comment, style)}`];
    case "turn.steered":
      return [style.dim(`  steered: ${event.text}`)];
    default:
      return [];
  }
}

function heldLines({ hunk, verdict }: Extract<TwolaneEvent, { type: "hunk.held" }>, style: Style): string[] {
  const { decision, rule, reason, wayOut, source } = verdict;
  // Most reasons name the file themselves; one about the turn as a whole does not.
  const place = reason.includes(hunk.path) ? "" : ` ${hunkPlace(hunk)}`;
  const named = source === undefined ? "" : `Rule ${rule}, ${source}. `;
  return [
    `${style.warn("◌")} ${decision === "block" ? "blocked" : "held"}${place}: ${reason}  ${style.dim(hunk.id)}`,
    `  ${style.dim(`${named}${wayOut}`)}`,
  ];
}

function failedLines(event: Extract<TwolaneEvent, { type: "hunk.failed" }>, style: Style): string[] {
  if (event.failure.code === "STOPPED") return [];
  const { failure, candidates, hunk } = event;
  // The message names the file itself, and the places where there are several.
  const nearest =
    failure.code === "HUNK_MISSING" && candidates.length > 0 ? ` The nearest is at line ${candidates.join(", ")}.` : "";
  return [
    `${style.bad("✗")} ${failure.message}${nearest}  ${style.dim(`${hunk.id} ${failure.code}`)}`,
    `  ${style.dim(failure.cure)}`,
  ];
}

/** The lines of a hunk as in a unified diff. */
export function diffLines(lines: readonly HunkLine[], style: Style): string[] {
  const marks = {
    keep: (text: string) => `    ${text}`,
    remove: (text: string) => style.bad(`   -${text}`),
    add: (text: string) => style.good(`   +${text}`),
  };
  return lines.map(({ op, text }) => marks[op](text));
}

function hunkPlace(hunk: Hunk): string {
  if (hunk.operation === "move") return `${hunk.path} → ${hunk.movedTo ?? "?"}`;
  return hunk.operation === "update" && hunk.line > 0 ? `${hunk.path}:${hunk.line}` : hunk.path;
}

function hunkSize(hunk: Hunk): string {
  const lines = `+${hunk.linesAdded} −${hunk.linesRemoved}`;
  return hunk.operation === "update" ? lines : `${hunk.operation === "move" ? "" : `${lines} `}${hunk.operation}`;
}

/** One line of progress, redrawn in place on a terminal. */
export function progressLine(state: RunState, now: number): string {
  const seconds = ((now - state.promptedAt) / 1000).toFixed(1);
  const { streaming } = state;
  const held = streaming?.rule === undefined ? "" : `, will be held by rule ${streaming.rule}`;
  if (streaming) return `${seconds} s · writing ${streaming.path}${held} · ${state.landed} landed`;
  if (state.answeredAt !== undefined)
    return `${seconds} s · first output after ${ms(state.answeredAt - state.promptedAt)} · ${state.landed} landed`;
  return state.steps === 0
    ? `${seconds} s · starting`
    : `${seconds} s · ${state.model === "instant" ? "the language service works" : `waiting for ${state.model}`}`;
}

/** The last lines: what stands on disk, how long it took, how to take it back. */
export function summaryLines(state: RunState, options: { style: Style; dryRun: boolean }): string[] {
  const { style, dryRun } = options;
  const lines: string[] = [];
  if (state.failure && state.failure.code !== "STOPPED") lines.push(failureLine(state.failure, style));
  if (state.ending === "interrupted")
    lines.push(`${style.warn("■")} Stopped. ${state.landed === 0 ? "Nothing had landed." : "What is listed above stays."}`);
  const edited = state.landed + state.failed.size + state.held.size > 0;
  const counts = edited
    ? [`${counted(state.landed, "hunk")} ${dryRun ? "would land" : "landed"} in ${counted(state.files.size, "file")}`]
    : [];
  if (state.undone > 0) counts.push(`${state.undone} taken back`);
  if (state.failed.size > 0) counts.push(`${state.failed.size} failed`);
  const held = state.held.size - state.blocked.size;
  if (held > 0) counts.push(`${held} held`);
  if (state.blocked.size > 0) counts.push(`${state.blocked.size} blocked`);
  if (state.heldCommands.size > 0) counts.push(`${counted(state.heldCommands.size, "command")} not run`);
  if (state.firstLandedAt !== undefined) counts.push(`first after ${ms(state.firstLandedAt - state.promptedAt)}`);
  counts.push(`${ms(state.lastAt - state.promptedAt)} in all`);
  if (state.landed > state.undone && !dryRun) counts.push("undo: twolane undo");
  lines.push(style.dim(counts.join(" · ")));
  return lines;
}

export function failureLine(failure: Failure, style: Style): string {
  return `${style.bad("twolane:")} ${failure.message} ${failure.cure} [${failure.code}]`;
}
const ms = (duration: number): string => (duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(1)} s`);
