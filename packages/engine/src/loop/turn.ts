/**
 * What happens in a turn, decided: a pure function of (state, input) → (state, effects). `loop.ts` carries the effects out
 * and feeds back what came of them. No timers, no IO, no model or tool is known here, only names and outcomes.
 */
import { type Ending, type EventBody, type Failure, failure } from "@twolane/protocol";

/** One call of a tool, from its completion in the stream until its outcome. */
interface PendingCall {
  readonly call: string;
  /** Absent while the call runs. */
  readonly outcome?: CallOutcome;
}

export interface CallOutcome {
  /** For the model. */
  readonly text: string;
  /** Equal for two calls that asked for the same and got the same. */
  readonly fingerprint: string;
  /** Hunks that found no place; the model may send them once more. */
  readonly failedHunks: number;
  /** False where nothing has to be sent back: edits in a message that all landed. */
  readonly expectsAnswer: boolean;
}

interface AnswerEnd {
  readonly ending: Ending;
  readonly failure?: Failure;
  /** A message of the person came too late for this answer and stands behind it. */
  readonly unanswered?: boolean;
}

export interface TurnState {
  readonly phase: "idle" | "answering" | "settling" | "closing";
  readonly turn: number;
  readonly step: number;
  readonly calls: readonly PendingCall[];
  /** How the running step's answer ended, once it has. */
  readonly answer?: AnswerEnd;
  /** Said while no answer could take it: goes with the next request. */
  readonly steers: readonly string[];
  /** Said for after the turn; parked when the turn is stopped or fails. */
  readonly queue: readonly string[];
  /** Said when the turn was over but for writing: begins the next turn, however this one ended. */
  readonly following: readonly string[];
  /** Times each call was made with the same outcome in this turn. */
  readonly repeats: Readonly<Record<string, number>>;
  /** Steps in a row in which hunks found no place. */
  readonly failedSteps: number;
  /** The turn's ending once it is decided; it is told when the last write is done. */
  readonly ending?: { readonly ending: Ending; readonly failure?: Failure };
}

export type TurnInput =
  | { readonly type: "prompt"; readonly text: string }
  | { readonly type: "queue"; readonly text: string }
  /** `delivered`: the running answer took the message by itself. */
  | { readonly type: "steer"; readonly text: string; readonly delivered: boolean }
  | { readonly type: "stop" }
  /** A call is complete in the stream; its tool runs. */
  | { readonly type: "call.made"; readonly call: string }
  | { readonly type: "call.settled"; readonly call: string; readonly outcome: CallOutcome }
  | ({ readonly type: "answer.ended" } & AnswerEnd)
  /** Everything of the turn is on disk. */
  | { readonly type: "turn.written" };

export type TurnEffect =
  | { readonly type: "emit"; readonly event: EventBody }
  /** Put what the person said at the end of the conversation. */
  | { readonly type: "say"; readonly text: string }
  /** Put the calls' outputs at the end of the conversation. */
  | { readonly type: "return-outputs"; readonly outputs: readonly { readonly call: string; readonly text: string }[] }
  | { readonly type: "ask"; readonly step: number }
  /** End the running answer and what it has open; `edits`: nothing of it may land any more. */
  | { readonly type: "cut-answer" }
  | { readonly type: "stop-tools" }
  | { readonly type: "stop-edits" }
  | { readonly type: "finish-edits" };

export interface Decision {
  readonly state: TurnState;
  readonly effects: readonly TurnEffect[];
}

/** What is said to the model of a call that had no outcome when the turn was stopped. */
const interruptedOutput = "interrupted";
/** The same call with the same outcome this many times ends the turn. */
const repeatLimit = 3;

export const idleTurn: TurnState = {
  phase: "idle",
  turn: 0,
  step: 0,
  calls: [],
  steers: [],
  queue: [],
  following: [],
  repeats: {},
  failedSteps: 0,
};

export function decide(state: TurnState, input: TurnInput): Decision {
  switch (input.type) {
    case "prompt":
      if (state.phase === "closing") return follow(state, input.text);
      return state.phase === "idle" ? begin(state, input.text) : decide(state, { type: "queue", text: input.text });
    case "queue":
      return state.phase === "idle" ? begin(state, input.text) : unchanged({ ...state, queue: [...state.queue, input.text] });
    case "steer":
      return steer(state, input);
    case "stop":
      return stop(state);
    case "call.made":
      return unchanged({ ...state, calls: [...state.calls, { call: input.call }] });
    case "call.settled":
      return settle(state, input.call, input.outcome);
    case "answer.ended":
      return answerEnded(state, input);
    case "turn.written":
      return written(state);
  }
}

const unchanged = (state: TurnState): Decision => ({ state, effects: [] });
const turnName = (state: TurnState): string => `t${state.turn}`;

const follow = (state: TurnState, text: string): Decision => unchanged({ ...state, following: [...state.following, text] });

function begin(state: TurnState, text: string): Decision {
  const next: TurnState = { ...idleTurn, phase: "answering", turn: state.turn + 1, step: state.step + 1, queue: state.queue };
  return {
    state: next,
    effects: [
      { type: "emit", event: { type: "turn.started", turn: turnName(next), prompt: text } },
      { type: "say", text },
      { type: "ask", step: next.step },
    ],
  };
}

function steer(state: TurnState, input: { readonly text: string; readonly delivered: boolean }): Decision {
  if (state.phase === "idle") return begin(state, input.text);
  if (state.phase === "closing") return follow(state, input.text);
  const told: TurnEffect = { type: "emit", event: { type: "turn.steered", turn: turnName(state), text: input.text } };
  if (input.delivered) return { state, effects: [told] };
  const steered = { ...state, steers: [...state.steers, input.text] };
  // While tools run there is no answer to cut: the message goes with their outputs, which is the next thing sent.
  if (state.phase === "settling") return { state: steered, effects: [told] };
  return { state: steered, effects: [told, { type: "cut-answer" }] };
}

function stop(state: TurnState): Decision {
  if (state.phase === "idle" || state.phase === "closing") return unchanged(state);
  const effects: TurnEffect[] = [
    { type: "stop-edits" },
    { type: "emit", event: { type: "stop.requested", turn: turnName(state) } },
    { type: "stop-tools" },
  ];
  if (state.phase === "answering") effects.push({ type: "cut-answer" });
  return close(state, { ending: "interrupted" }, effects);
}

/** The turn is over but for writing: every call gets an output, so that the conversation can go on from here. */
function close(state: TurnState, ending: NonNullable<TurnState["ending"]>, before: readonly TurnEffect[] = []): Decision {
  const effects: TurnEffect[] = [...before];
  effects.push(...returnOutputs(state), { type: "finish-edits" });
  // What was said but never sent is parked with what waits for after the turn.
  const queue = [...state.steers, ...state.queue];
  return { state: { ...state, phase: "closing", calls: [], steers: [], queue, ending }, effects };
}

function returnOutputs(state: TurnState): TurnEffect[] {
  const outputs = state.calls
    .filter(({ outcome }) => outcome?.expectsAnswer !== false)
    .map(({ call, outcome }) => ({ call, text: outcome?.text ?? interruptedOutput }));
  return outputs.length > 0 ? [{ type: "return-outputs", outputs }] : [];
}

function settle(state: TurnState, call: string, outcome: CallOutcome): Decision {
  if (state.phase === "idle" || state.phase === "closing") return unchanged(state);
  const repeats = { ...state.repeats, [outcome.fingerprint]: (state.repeats[outcome.fingerprint] ?? 0) + 1 };
  const calls = state.calls.map((pending) => (pending.call === call ? { call, outcome } : pending));
  return advance({ ...state, repeats, calls });
}

function answerEnded(state: TurnState, { ending, failure: reason, unanswered }: AnswerEnd): Decision {
  if (state.phase !== "answering") return unchanged(state);
  const answer = { ending, ...(reason && { failure: reason }), ...(unanswered && { unanswered }) };
  return advance({ ...state, phase: "settling", answer });
}

/** Goes on as soon as the answer has ended and every call has its outcome. */
function advance(state: TurnState): Decision {
  if (state.phase !== "settling" || state.answer === undefined) return unchanged(state);
  if (state.calls.some((pending) => pending.outcome === undefined)) return unchanged(state);
  const { ending, failure: reason, unanswered } = state.answer;
  const steered = (state.steers.length > 0 || unanswered === true) && (ending === "interrupted" || ending === "completed");
  if (!steered && ending !== "completed") return close(state, { ending, ...(reason && { failure: reason }) });

  const repeated = Object.values(state.repeats).some((times) => times >= repeatLimit);
  if (repeated && !steered) {
    return close(state, {
      ending: "failed",
      failure: failure("LOOP_REPEATED", `The model made the same call ${repeatLimit} times with the same outcome.`),
    });
  }
  const failedHunks = state.calls.reduce((sum, { outcome }) => sum + (outcome?.failedHunks ?? 0), 0);
  const failedSteps = failedHunks > 0 ? state.failedSteps + 1 : 0;
  // A failed hunk is asked for once more, with the fresh lines; what fails again is left to the person.
  const asksAgain = steered || (state.calls.some(({ outcome }) => outcome?.expectsAnswer) && failedSteps < 2);
  if (!asksAgain) return close(state, { ending: "completed" });

  const next: TurnState = { ...state, phase: "answering", step: state.step + 1, calls: [], steers: [], failedSteps };
  const { answer: _answered, ...fresh } = next;
  const effects = returnOutputs(state);
  for (const text of state.steers) effects.push({ type: "say", text });
  effects.push({ type: "ask", step: next.step });
  return { state: fresh, effects };
}

function written(state: TurnState): Decision {
  if (state.phase !== "closing" || state.ending === undefined) return unchanged(state);
  const ended: EventBody = { type: "turn.ended", turn: turnName(state), ...state.ending };
  const idle: TurnState = { ...idleTurn, turn: state.turn, step: state.step };
  const [said, ...saidLater] = state.following;
  const [waiting, ...rest] = state.queue;
  // A stop parks what waits: nothing is sent on its own after it, only what was said since.
  const parked = said === undefined && state.ending.ending !== "completed";
  const text = said ?? waiting;
  if (text === undefined || parked) return { state: { ...idle, queue: state.queue }, effects: [{ type: "emit", event: ended }] };
  const next = begin({ ...idle, queue: said === undefined ? rest : [...saidLater, ...state.queue] }, text);
  return { state: next.state, effects: [{ type: "emit", event: ended }, ...next.effects] };
}
