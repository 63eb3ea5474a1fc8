/** Where the milliseconds of a turn went: spans and marks on one line of time, from events alone. */
import type { Ending, TwolaneEvent } from "../events.ts";
import type { SessionId, TurnId } from "../hunk.ts";
import { type KpiInput, type Scene, dimensionsOf } from "./fold.ts";
import type { KpiDimensions } from "./sample.ts";

/** `client`: ours. `tool`, `tests`: what ran meanwhile; they may overlap the others. */
export type SpanKind = "input" | "client" | "queue" | "network" | "model" | "stream" | "tool" | "tests" | "screen";

export interface TraceSpan {
  readonly kind: SpanKind;
  /** Name of the tool; else empty. */
  readonly name: string;
  /** ms from the prompt's key, or from the prompt where the key is not known. */
  readonly from: number;
  readonly to: number;
}

export interface TraceMark {
  readonly kind: "first-token" | "hunk" | "stop" | "steer" | "tests" | "end";
  readonly at: number;
}

export interface TurnTrace extends KpiDimensions {
  readonly session: SessionId;
  readonly turn: TurnId;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly ending: Ending;
  /** By when they began. */
  readonly spans: readonly TraceSpan[];
  /** By when they came. */
  readonly marks: readonly TraceMark[];
  /** That the model wrote. */
  readonly tokens: number;
}

interface OpenTrace {
  readonly session: SessionId;
  readonly turn: TurnId;
  readonly startedAt: number;
  readonly dimensions: KpiDimensions;
  /** On the clock of `mono`, as all times in here. */
  zero: number;
  readonly started: number;
  readonly spans: TraceSpan[];
  readonly marks: TraceMark[];
  /** What is waited for, and since when; none behind the end. */
  phase?: { readonly kind: SpanKind; readonly from: number };
  readonly tools: Map<string, { readonly name: string; readonly from: number }>;
  tests?: number;
  answered?: number;
  tokens: number;
  isAsked: boolean;
  ending?: Ending;
}

/** Of one session. A turn stays open until the next one begins: its tests and its screen may be later than its end. */
export class TurnTraces {
  private open: OpenTrace | undefined;
  private readonly done: TurnTrace[] = [];

  take(event: KpiInput, scene: Scene): void {
    if (event.type === "turn.started") return this.begin(event.turn, { event, scene });
    if (event.type === "session.started" || event.type === "session.resumed") return this.close("truncated");
    const { open } = this;
    if (open === undefined || event.type === "commit.found") return;
    takeMeanwhile(open, event);
    if (open.ending === undefined) takeInside(open, event);
  }

  /** Of all turns that have ended and asked anybody. */
  traces(): readonly TurnTrace[] {
    const { open } = this;
    return open?.ending === undefined || !open.isAsked ? this.done : [...this.done, traceOf(open, open.ending)];
  }

  private begin(turn: TurnId, { event, scene }: { readonly event: TwolaneEvent; readonly scene: Scene }): void {
    this.close("truncated");
    const { at, mono, session } = event;
    const empty = { spans: [], marks: [], tools: new Map<string, never>(), tokens: 0, isAsked: false };
    const times = { startedAt: at, zero: mono, started: mono, phase: { kind: "client" as const, from: mono } };
    this.open = { session, turn, dimensions: dimensionsOf(scene), ...times, ...empty };
  }

  /** `otherwise`: how a turn ended whose process did not tell. */
  private close(otherwise: Ending): void {
    const { open } = this;
    this.open = undefined;
    if (open?.isAsked === true) this.done.push(traceOf(open, open.ending ?? otherwise));
  }
}

/** While the turn runs. */
function takeInside(open: OpenTrace, event: TwolaneEvent): void {
  const { mono } = event;
  switch (event.type) {
    case "step.delayed":
    case "step.queued":
      return waitFor(open, "queue", mono);
    case "step.requested":
      // Of a request that was on its way already nobody knows what is waited for.
      return waitFor(open, event.ahead === true ? "model" : "network", mono);
    case "step.started":
      return waitFor(open, "model", mono);
    case "step.answered":
      if (open.answered === undefined) open.marks.push({ kind: "first-token", at: mono });
      open.answered ??= mono;
      return waitFor(open, "stream", mono);
    case "step.ended":
      open.tokens += (event.usage ?? event.estimated)?.output ?? 0;
      return waitFor(open, "client", mono);
    case "hunk.landed":
      if (event.hunk.turn === open.turn && !event.dryRun) open.marks.push({ kind: "hunk", at: mono });
      return;
    case "stop.requested":
    case "turn.steered":
      open.marks.push({ kind: event.type === "turn.steered" ? "steer" : "stop", at: mono });
      return;
    case "turn.ended":
      endPhase(open, mono);
      open.ending = event.ending;
      open.isAsked ||= event.ending !== "completed";
      open.marks.push({ kind: "end", at: mono });
      return;
    default:
  }
}

/** May come behind its end too. */
function takeMeanwhile(open: OpenTrace, event: TwolaneEvent): void {
  const { mono } = event;
  switch (event.type) {
    case "key.pressed":
      // A later key is of a prompt that waits for the end of this turn.
      if (event.for !== "prompt" || event.turn !== open.turn || event.pressedAt > open.zero) return;
      open.zero = event.pressedAt;
      return span(open, { kind: "input", from: event.pressedAt, to: open.started });
    case "output.shown":
      if (event.turn === open.turn && open.answered !== undefined)
        span(open, { kind: "screen", from: open.answered, to: event.shownAt });
      return;
    case "tool.started":
      open.tools.set(event.call, { name: event.tool, from: mono });
      return;
    case "tool.ended": {
      const tool = open.tools.get(event.call);
      open.tools.delete(event.call);
      return tool && span(open, { ...tool, kind: "tool", to: mono });
    }
    case "tests.started":
      open.tests ??= mono;
      return;
    case "tests.stopped":
    case "tests.ended":
      if (open.tests === undefined) return;
      span(open, { kind: "tests", from: open.tests, to: mono });
      delete open.tests;
      if (event.type === "tests.ended") open.marks.push({ kind: "tests", at: mono });
      return;
    default:
  }
}

function waitFor(open: OpenTrace, kind: SpanKind, mono: number): void {
  endPhase(open, mono);
  open.isAsked = true;
  open.phase = { kind, from: mono };
}

function endPhase(open: OpenTrace, mono: number): void {
  const { phase } = open;
  if (phase !== undefined) span(open, { ...phase, to: mono });
  delete open.phase;
}

/** One that took no time is none. */
function span(open: OpenTrace, { kind, name = "", from, to }: Omit<TraceSpan, "name"> & { readonly name?: string }): void {
  if (to > from) open.spans.push({ kind, name, from, to });
}

function traceOf({ session, turn, startedAt, dimensions, zero, spans, marks, tokens }: OpenTrace, ending: Ending): TurnTrace {
  return {
    ...dimensions,
    ...{ session, turn, startedAt, ending, tokens },
    spans: spans
      .map(({ from, to, ...kind }) => ({ ...kind, from: from - zero, to: to - zero }))
      .sort((one, other) => one.from - other.from),
    marks: marks.map(({ kind, at }) => ({ kind, at: at - zero })).sort((one, other) => one.at - other.at),
  };
}

/** ms from its first moment to its end; tests and screen behind that are left out. */
export const durationOf = ({ marks }: TurnTrace): number => marks.findLast(({ kind }) => kind === "end")?.at ?? 0;

/** Of each lane the newest, the slowest, and one in the middle between fast and slow, each turn once. What a crash cut off is none of them. */
export function pickTurns(traces: readonly TurnTrace[]): readonly TurnTrace[] {
  const whole = traces.filter(({ marks }) => marks.some(({ kind }) => kind === "end"));
  const lanes = [...new Set(whole.map(({ lane }) => lane))].sort();
  return lanes.flatMap((lane) => pickOf(whole.filter((trace) => trace.lane === lane)));
}

function pickOf(traces: readonly TurnTrace[]): readonly TurnTrace[] {
  const byTime = traces.toSorted((one, other) => durationOf(one) - durationOf(other));
  const newest = traces.reduce<TurnTrace | undefined>(
    (best, one) => (best && best.startedAt > one.startedAt ? best : one),
    undefined,
  );
  const picked = [newest, byTime.at(-1), byTime[Math.floor((byTime.length - 1) / 2)]];
  return [...new Set(picked.flatMap((one) => one ?? []))];
}
