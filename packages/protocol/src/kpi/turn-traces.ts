/** Where the milliseconds of a turn went: spans and marks on one line of time, from events alone. */
import type { Ending } from "../events.ts";
import type { TurnId } from "../hunk.ts";
import type { SessionId } from "../hunk.ts";
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
  readonly spans: readonly TraceSpan[];
  readonly marks: readonly TraceMark[];
  readonly tokens: number;
}
