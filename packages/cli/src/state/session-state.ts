/**
 * What the screen knows of a session: a fold over its events. Costs the same for the first event and the ten thousandth; what has
 * been printed is not kept. Figures of the turn stand in `turn-figures.ts`.
 */
import {
  type Failure,
  type HunkId,
  type ModelPrice,
  type QueueHalt,
  type QueuedMessage,
  type Review,
  type ReviewMode,
  type TwolaneEvent,
  reviewEvent,
} from "@twolane/protocol";
import { type TurnFigures, noFigures, reduceFigures } from "./turn-figures.ts";

/** `waiting`: asked, and nothing has come yet. `stopping`: the key was pressed, the last write is under way. */
export type Phase = "idle" | "waiting" | "answering" | "stopping";

export interface SessionState {
  readonly model: string;
  /** Who really answered the last request, and in which tier, where the provider says so. */
  readonly served?: { readonly model: string; readonly tier?: string };
  readonly contextWindow: number;
  readonly price?: ModelPrice;
  readonly mode: ReviewMode;
  readonly scope: readonly string[];
  readonly queue: readonly QueuedMessage[];
  readonly halted?: QueueHalt;
  readonly phase: Phase;
  readonly streaming?: { readonly hunk: HunkId; readonly path: string; readonly line: number; readonly lines: number };
  /** Every hunk of the session; changed in place. */
  readonly review: Review;
  /** Hunks in each state that the person may still act on; kept beside, so that nobody has to count. */
  readonly waitingForYes: ReadonlySet<HunkId>;
  readonly figures: TurnFigures;
  /** Tokens that the last request and its answer took. */
  readonly contextUsed?: number;
  readonly workspace: string;
  readonly failure?: Failure;
}

export function emptySession(): SessionState {
  return {
    ...{ model: "", contextWindow: 0, mode: "flow", scope: [], queue: [], phase: "idle", workspace: "" },
    ...{ review: new Map(), waitingForYes: new Set(), figures: noFigures },
  };
}

export function reduceSession(state: SessionState, event: TwolaneEvent): SessionState {
  reviewEvent(state.review, event);
  const figures = reduceFigures(state.figures, event, state.price);
  return reduceBody(figures === state.figures ? state : { ...state, figures }, event);
}

function reduceBody(state: SessionState, event: TwolaneEvent): SessionState {
  switch (event.type) {
    case "session.started":
    case "session.resumed":
      return { ...state, model: event.model, workspace: event.workspace };
    case "model.changed": {
      const { served: _served, price: _price, contextUsed: _used, ...rest } = state;
      const { model, contextWindow, price } = event;
      return { ...rest, model, contextWindow, ...(price && { price }) };
    }
    case "mode.changed":
      return { ...state, mode: event.mode };
    case "scope.changed":
      return { ...state, scope: event.scope };
    case "queue.changed": {
      const { halted: _, ...rest } = state;
      return { ...rest, queue: event.queue, ...(event.halted && { halted: event.halted }) };
    }
    case "turn.started": {
      const { failure: _, ...rest } = state;
      return { ...rest, phase: "waiting" };
    }
    case "step.requested":
      return state.phase === "stopping" ? state : { ...state, phase: "waiting" };
    case "step.started":
      return { ...state, served: { model: event.model, ...(event.serviceTier !== undefined && { tier: event.serviceTier }) } };
    case "step.answered":
      return state.phase === "stopping" ? state : { ...state, phase: "answering" };
    case "step.ended":
      return event.usage === undefined ? state : { ...state, contextUsed: event.usage.input + event.usage.output };
    case "stop.requested":
      return { ...state, phase: "stopping" };
    case "turn.ended": {
      const { streaming: _, ...rest } = state;
      return { ...rest, phase: "idle", ...(event.failure && { failure: event.failure }) };
    }
    default:
      return reduceHunk(state, event);
  }
}

function reduceHunk(state: SessionState, event: TwolaneEvent): SessionState {
  switch (event.type) {
    case "hunk.streaming": {
      const { hunk, path, line, lines } = event;
      return { ...state, streaming: { hunk, path, line, lines } };
    }
    case "hunk.closed": {
      if (state.streaming?.hunk !== event.hunk.id) return state;
      const { streaming: _, ...rest } = state;
      return rest;
    }
    case "hunk.held":
      return event.verdict.rule === "step" ? { ...state, waitingForYes: new Set(state.waitingForYes).add(event.hunk.id) } : state;
    case "hunk.landed":
    case "hunk.failed":
      return decided(state, event.hunk.id);
    case "hunk.rejected":
    case "hunk.accepted":
    case "hunk.undone":
      return decided(state, event.hunk);
    default:
      return state;
  }
}

function decided(state: SessionState, hunk: HunkId): SessionState {
  if (!state.waitingForYes.has(hunk)) return state;
  const waitingForYes = new Set(state.waitingForYes);
  waitingForYes.delete(hunk);
  return { ...state, waitingForYes };
}

/** Something on the screen changes with time alone. */
export const isMoving = ({ phase }: SessionState): boolean => phase !== "idle";

/** What waits for the person, in a few words for a notification; undefined: nothing. The same words as long as it is the same. */
export function needsPerson({ waitingForYes, phase }: SessionState): string | undefined {
  const [first] = waitingForYes;
  if (first === undefined || phase === "stopping") return undefined;
  return `twolane: ${first} waits for your yes`;
}
