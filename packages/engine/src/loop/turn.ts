/**
 * What happens in a turn, decided: a pure function of (state, input) → (state, effects). `loop.ts` carries the effects out
 * and feeds back what came of them. No timers, no IO, no model or tool is known here, only names and outcomes.
 */
import { constraintsIn, joinConstraints } from "@twolane/policy";
import {
  type Constraint,
  type Ending,
  type EventBody,
  type Failure,
  type QueueHalt,
  type QueuedMessage,
  continuePrompt,
  failure,
} from "@twolane/protocol";

import { type CallOutcome, type CallOutput, outputOf } from "./call-output.ts";

/** One call of a tool, from its completion in the stream until its outcome. */
interface PendingCall {
  readonly call: string;
  /** Absent while the call runs. */
  readonly outcome?: CallOutcome;
}

interface AnswerEnd {
  readonly ending: Ending;
  readonly failure?: Failure;
  /** A message of the person came too late for this answer and stands behind it. */
  readonly unanswered?: boolean;
}

/** What begins a turn. */
interface Said {
  readonly text: string;
  /** What a person sees of it; absent: all. */
  readonly shown?: string;
  /** What its changes are held to; absent: what its words say. */
  readonly constraints?: readonly Constraint[];
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
  /** Said for after the turn; halted when the turn is stopped or fails, until the person sends it. */
  readonly queue: readonly QueuedMessage[];
  readonly halted?: QueueHalt;
  /** Messages that were ever queued; names the next one. */
  readonly queued: number;
  /** Said when the turn was over but for writing: begins the next turn, however this one ended. */
  readonly following: readonly Said[];
  /** What the changes of the turn are held to, the one that runs or ran last. */
  readonly constraints: readonly Constraint[];
  /** Times each call was made with the same outcome in this turn. */
  readonly repeats: Readonly<Record<string, number>>;
  /** Steps in a row in which hunks found no place. */
  readonly failedSteps: number;
  /** The last turn was stopped, cut off or failed. */
  readonly cutOff?: boolean;
  /** The turn's ending once it is decided; it is told when the last write is done. */
  readonly ending?: { readonly ending: Ending; readonly failure?: Failure };
}

export type TurnInput =
  | ({ readonly type: "prompt" } & Said)
  | { readonly type: "queue"; readonly text: string }
  /** An empty text takes the message out. */
  | { readonly type: "queue.edit"; readonly id: string; readonly text: string }
  | { readonly type: "queue.resume" }
  /** The last turn did not come to its end: it goes on. */
  | { readonly type: "continue" }
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
  /** Whoever waits for a yes of the person goes on without it. */
  | { readonly type: "release-edits" }
  /** Put what the person said at the end of the conversation. */
  | { readonly type: "say"; readonly text: string }
  /** Put the calls' outputs at the end of the conversation. */
  | { readonly type: "return-outputs"; readonly outputs: readonly CallOutput[] }
  /** `again`: hunks that found no place and are asked for once more. */
  | { readonly type: "ask"; readonly step: number; readonly again?: number }
  /** End the running answer and what it has open; `edits`: nothing of it may land any more. */
  | { readonly type: "cut-answer" }
  | { readonly type: "stop-tools" }
  | { readonly type: "stop-edits" }
  | { readonly type: "finish-edits" };

export interface Decision {
  readonly state: TurnState;
  readonly effects: readonly TurnEffect[];
}
/** Messages that may wait at once; one more is given back to the person. */
export const waitingLimit = 100;
/** The same call with the same outcome this many times ends the turn. */
const repeatLimit = 3;

export const idleTurn: TurnState = {
  phase: "idle",
  turn: 0,
  step: 0,
  calls: [],
  steers: [],
  queue: [],
  queued: 0,
  following: [],
  constraints: [],
  repeats: {},
  failedSteps: 0,
};

export function decide(state: TurnState, input: TurnInput): Decision {
  switch (input.type) {
    case "prompt":
      if (state.phase === "closing") return follow(state, input);
      return state.phase === "idle" ? begin(state, input) : queueUp(state, input);
    case "queue":
      return state.phase === "idle" && state.queue.length === 0 ? begin(state, input) : queueUp(state, input);
    case "queue.edit":
      return editQueue(state, input);
    case "queue.resume":
      return resumeQueue(state);
    case "continue":
      return continueTurn(state);
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

const follow = (state: TurnState, said: Said): Decision =>
  isFull(state) ? giveBack(state, said.text) : unchanged({ ...state, following: [...state.following, said] });
const queueUp = (state: TurnState, said: Said): Decision => (isFull(state) ? giveBack(state, said.text) : enqueue(state, [said]));

const isFull = ({ queue, steers, following }: TurnState): boolean =>
  queue.length + steers.length + following.length >= waitingLimit;

function giveBack(state: TurnState, text: string): Decision {
  const message = `${waitingLimit} messages wait already; this one was not taken: ${text}`;
  return { state, effects: [{ type: "emit", event: { type: "notice.given", code: "QUEUE_FULL", message } }] };
}

/** The queue as it is from now on, and the event that says so. */
function withQueue(state: TurnState, queue: readonly QueuedMessage[], halted?: QueueHalt): Decision {
  const { halted: _, ...rest } = state;
  const why = queue.length > 0 && halted !== undefined ? { halted } : {};
  return { state: { ...rest, queue, ...why }, effects: [{ type: "emit", event: { type: "queue.changed", queue, ...why } }] };
}

function enqueue(
  state: TurnState,
  said: readonly Said[],
  { front = false, halted = state.halted }: EnqueueOptions = {},
): Decision {
  if (said.length === 0 && halted === state.halted) return unchanged(state);
  const fresh = said.map(({ text, constraints }, index) => ({
    ...{ id: `q${state.queued + index + 1}`, text },
    ...(constraints && { constraints }),
  }));
  const queue = front ? [...fresh, ...state.queue] : [...state.queue, ...fresh];
  return withQueue({ ...state, queued: state.queued + fresh.length }, queue, halted);
}

interface EnqueueOptions {
  readonly front?: boolean;
  readonly halted?: QueueHalt | undefined;
}

function editQueue(state: TurnState, { id, text }: { readonly id: string; readonly text: string }): Decision {
  if (!state.queue.some((message) => message.id === id)) return unchanged(state);
  const queue = state.queue.flatMap((message) => (message.id !== id ? [message] : text.trim() === "" ? [] : [{ id, text }]));
  return withQueue(state, queue, state.halted);
}

/** The first of the queue is said now, and the rest follows as if nothing had halted it. */
function resumeQueue(state: TurnState): Decision {
  const [first, ...rest] = state.queue;
  if (first === undefined) return unchanged(state);
  if (state.phase !== "idle") return withQueue(state, state.queue);
  const queue = withQueue(state, rest);
  const next = begin(queue.state, first);
  return { state: next.state, effects: [...queue.effects, ...next.effects] };
}

function continueTurn(state: TurnState): Decision {
  if (state.phase === "idle" && state.cutOff === true)
    return begin(state, { text: continuePrompt, constraints: state.constraints });
  const message =
    state.phase === "idle" ? "There is nothing to go on with; the last turn came to its end." : "It is still running.";
  return { state, effects: [{ type: "emit", event: { type: "notice.given", code: "CONTINUE", message } }] };
}

function begin(state: TurnState, { text, shown = text, constraints = constraintsIn(text) }: Said): Decision {
  // Who says something else has not said that what was halted may go: it waits on.
  const { queue, queued, halted } = state;
  const waiting = { queue, queued, ...(halted && { halted }) };
  const next: TurnState = {
    ...idleTurn,
    phase: "answering",
    turn: state.turn + 1,
    step: state.step + 1,
    constraints,
    ...waiting,
  };
  return {
    state: next,
    effects: [
      { type: "emit", event: { type: "turn.started", turn: turnName(next), prompt: shown } },
      ...held(next, []),
      { type: "say", text },
      { type: "ask", step: next.step },
    ],
  };
}

/** Told where there is something, and it is not what was told before. */
function held(state: TurnState, before: readonly Constraint[]): TurnEffect[] {
  const { constraints } = state;
  if (constraints.length === 0 || constraints === before) return [];
  return [{ type: "emit", event: { type: "constraints.set", turn: turnName(state), constraints } }];
}

function steer(state: TurnState, input: { readonly text: string; readonly delivered: boolean }): Decision {
  const { text, delivered } = input;
  if (state.phase === "idle") return begin(state, { text });
  if (state.phase === "closing") return follow(state, { text });
  if (!delivered && isFull(state)) return giveBack(state, text);
  const limited = { ...state, constraints: joinConstraints(state.constraints, constraintsIn(text)) };
  const told: TurnEffect[] = [
    { type: "emit", event: { type: "turn.steered", turn: turnName(state), text, ...(delivered && { delivered }) } },
    ...held(limited, state.constraints),
  ];
  if (delivered) return { state: limited, effects: told };
  const steered = { ...limited, steers: [...state.steers, text] };
  // Nothing is waited for: tools are ended, what they have by then counts, and the message goes with it.
  const effects: TurnEffect[] = [...told, { type: "release-edits" }, { type: "stop-tools" }];
  return { state: steered, effects: state.phase === "answering" ? [...effects, { type: "cut-answer" }] : effects };
}

function stop(state: TurnState): Decision {
  if (state.phase === "closing") return park(state);
  if (state.phase === "idle") return unchanged(state);
  // Nothing lands any more, then the server is told; the screen and the tools come behind.
  const effects: TurnEffect[] = [
    { type: "stop-edits" },
    ...(state.phase === "answering" ? [{ type: "cut-answer" as const }] : []),
    { type: "emit", event: { type: "stop.requested", turn: turnName(state) } },
    { type: "stop-tools" },
  ];
  return close(state, { ending: "interrupted" }, effects);
}

/** The turn ends by itself just now; what would have begun the next one waits for the person. */
function park(state: TurnState): Decision {
  const { following, queue, halted } = state;
  if (following.length + queue.length === 0 || (following.length === 0 && halted !== undefined)) return unchanged(state);
  return enqueue({ ...state, following: [] }, following, { front: true, halted: "stop" });
}

/** The turn is over but for writing: every call gets an output, so that the conversation can go on from here. */
function close(state: TurnState, ending: NonNullable<TurnState["ending"]>, before: readonly TurnEffect[] = []): Decision {
  // What was said but never sent is parked in front of what waits for after the turn.
  const halted = haltOf(ending);
  const parked = enqueue(
    { ...state, steers: [] },
    state.steers.map((text) => ({ text })),
    {
      front: true,
      halted: state.queue.length + state.steers.length > 0 ? halted : undefined,
    },
  );
  const effects: TurnEffect[] = [...before, ...returnOutputs(state), ...parked.effects, { type: "finish-edits" }];
  return { state: { ...parked.state, phase: "closing", calls: [], ending }, effects };
}

function haltOf({ ending, failure: reason }: NonNullable<TurnState["ending"]>): QueueHalt | undefined {
  if (ending === "completed") return undefined;
  if (ending === "interrupted") return "stop";
  return reason?.code === "PROVIDER_LIMIT" ? "limit" : "failure";
}

function returnOutputs(state: TurnState): TurnEffect[] {
  const outputs = state.calls
    .filter(({ outcome }) => outcome?.expectsAnswer !== false)
    .map(({ call, outcome }) => outputOf(call, outcome));
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
  effects.push({ type: "ask", step: next.step, ...(failedHunks > 0 && failedSteps < 2 && { again: failedHunks }) });
  return { state: fresh, effects };
}

function written(state: TurnState): Decision {
  if (state.phase !== "closing" || state.ending === undefined) return unchanged(state);
  const ended: EventBody = { type: "turn.ended", turn: turnName(state), ...state.ending };
  const cutOff = state.ending.ending === "completed" ? {} : { cutOff: true };
  const { queue, queued, turn, step, halted, constraints } = state;
  const idle: TurnState = { ...idleTurn, turn, step, queue, queued, constraints, ...cutOff, ...(halted && { halted }) };
  const effects: TurnEffect[] = [{ type: "emit", event: ended }];
  const [said, ...saidLater] = state.following;
  if (said !== undefined) return followUp(idle, [said, ...saidLater], effects);
  const [waiting, ...rest] = queue;
  if (waiting === undefined || halted !== undefined) return { state: idle, effects };
  const taken = withQueue(idle, rest);
  const next = begin(taken.state, waiting);
  return { state: next.state, effects: [...effects, ...taken.effects, ...next.effects] };
}

/** What was said while the turn was closing begins the next one, however this one ended. */
function followUp(idle: TurnState, [said, ...later]: readonly [Said, ...Said[]], effects: readonly TurnEffect[]): Decision {
  const parked = enqueue(idle, later, { front: true });
  const next = begin(parked.state, said);
  return { state: next.state, effects: [...effects, ...parked.effects, ...next.effects] };
}
