/** The one door into the screen's state: an input in, the next state and its effects out. */
import type { HunkId, TwolaneEvent } from "@twolane/protocol";
import { type AppEffect, type AppInput, type AppState, type AppStep, stay } from "./app.ts";
import { takePrepared } from "./ahead.ts";
import { act, placeOf } from "./app-actions.ts";
import { takeAnswer } from "./app-answers.ts";
import { takeJobEvent } from "./app-jobs.ts";
import { print, say } from "./app-print.ts";
import { reviewTime } from "./app-review.ts";
import { sayScope, withoutCorrection } from "./app-slash.ts";
import { takeWorkflowEvent } from "./app-workflow.ts";
import { demandingText, noMarks } from "./constraint-marks.ts";
import { withoutCommitted } from "./kept-texts.ts";
import { compactedText, contextItems, contextTitle } from "./context-lines.ts";
import { hookFileLines } from "./hooks-lines.ts";
import { mcpLines } from "./mcp-lines.ts";
import { openPicker } from "./panel.ts";
import { reduceReviewList } from "./review-list.ts";
import { needsPerson, reduceSession } from "./session-state.ts";
import { reduceTour } from "./tour.ts";
import { reduceTranscript } from "./transcript.ts";

export { placeOf };

export function reduceApp(state: AppState, input: AppInput): AppStep {
  switch (input.type) {
    case "action":
      return lookForMarks(state, act(state, input.action, input.at));
    case "event":
      return takeEvent(state, input.event, input.at);
    case "answer":
      return lookForMarks(state, takeAnswer(state, input.answer, input.at));
    case "resize":
      return stay({ ...state, columns: input.columns, rows: input.rows });
    case "tick":
      return reviewTime(state, input.at);
  }
}

/** Where the line is another one, what it demands is looked for; of an empty one there is nothing to look for. */
function lookForMarks(before: AppState, step: AppStep): AppStep {
  const { state, effects } = step;
  if (state.editor.text === before.editor.text && state.composing === before.composing) return step;
  const text = state.composing.kind === "prompt" ? demandingText(state.editor.text) : "";
  if (text === "") return state.marks === noMarks ? step : { state: { ...state, marks: noMarks }, effects };
  return text === state.marks.of ? step : { state, effects: [...effects, { type: "read-marks", text }] };
}

function takeEvent(before: AppState, event: TwolaneEvent, at: number): AppStep {
  const session = reduceSession(before.session, event);
  const { transcript, blocks } = reduceTranscript(before.transcript, event, session);
  const review = reduceReviewList(before.review, event, { review: session.review, at });
  const tour = before.tour === undefined ? {} : { tour: reduceTour(before.tour, event) };
  // The line of the jobs says it, without moving anything.
  const isInLine = event.type === "notice.given" && event.code === "JOB_READY" && before.settings.plain !== true;
  const printed = isInLine ? [] : blocks;
  const greeted = correct(greet(print({ ...before, session, transcript, review, ...tour }, ...printed), event), event);
  const effects: AppEffect[] = [];
  // Which paths may change must be seen at any width, also when another terminal has said so.
  const isScope = event.type === "scope.changed";
  const scoped = isScope ? sayScope(greeted) : greeted;
  const handed = takeJobEvent(scoped, event);
  const told = event.type === "mcp.told" ? say(handed, mcpLines(event.servers).join("\n")) : lookedUp(handed, event);
  const kept = event.type === "commit.made" ? { ...told, kept: withoutCommitted(told.kept, event.hunks) } : told;
  const state = takePrepared(takeWorkflowEvent(kept, event, at), event);
  if (isScope && event.scope.length > 0) effects.push({ type: "check-scope", scope: event.scope });
  const need = needsPerson(session);
  if (need !== undefined && need !== needsPerson(before.session)) effects.push({ type: "notify", text: need });
  if (event.type === "notice.given" && /^JOB_(?:READY|ENDED)$/.test(event.code))
    effects.push({ type: "notify", text: event.message });
  if (event.type === "hunk.corrected" && event.lines.length > 0 && state.settings.tellCorrections)
    effects.push({ type: "send", command: { type: "correction.tell", hunk: event.hunk } });
  return { state, effects };
}

function lookedUp(state: AppState, event: TwolaneEvent): AppState {
  if (event.type === "context.compacted") return say(state, compactedText(event));
  if (event.type === "context.listed") {
    const panel = openPicker({ kind: "context" }, contextTitle(event), contextItems(event));
    return { ...state, panel };
  }
  return event.type === "hooks.told" ? say(state, hookFileLines(event.files).join("\n")) : state;
}

/** Below the line that says where it works. */
function greet(before: AppState, event: TwolaneEvent): AppState {
  if (before.greeting === undefined && before.recap === undefined) return before;
  const { greeting, recap, ...state } = before;
  if (event.type === "session.resumed" && recap !== undefined)
    return print({ ...state, ...(greeting && { greeting }) }, ...recap);
  if (greeting === undefined || event.type !== "session.started")
    return { ...state, ...(greeting && { greeting }), ...(recap && { recap }) };
  return greeting.reduce((greeted, text) => say(greeted, text), state);
}

/** A change of the person's is offered until it is told or gone, its hunk is gone or committed, or something else is asked. */
function correct(state: AppState, event: TwolaneEvent): AppState {
  if (event.type === "hunk.corrected" && event.lines.length > 0)
    return state.settings.tellCorrections ? state : { ...state, correction: { hunk: event.hunk, path: event.path } };
  const [problem] = event.type === "diagnostics.found" ? event.problems : [];
  // What a person has said comes first.
  if (event.type === "diagnostics.found" && event.steer === true && problem !== undefined && state.correction === undefined)
    return { ...state, correction: { hunk: event.hunk, path: problem.path, problem } };
  if (state.correction?.problem !== undefined && event.type === "turn.ended") return withoutCorrection(state);
  return state.correction !== undefined && endsOffer(event, state.correction.hunk) ? withoutCorrection(state) : state;
}

function endsOffer(event: TwolaneEvent, hunk: HunkId): boolean {
  switch (event.type) {
    case "turn.started":
      return true;
    case "hunk.corrected":
    case "diagnostics.cleared":
    case "hunk.rejected":
    case "hunk.undone":
    case "hunk.superseded":
      return event.hunk === hunk;
    case "commit.made":
      return event.hunks.includes(hunk);
    default:
      return false;
  }
}
