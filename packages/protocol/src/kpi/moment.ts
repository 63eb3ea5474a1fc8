/**
 * When something happened, so that a clock which jumps is seen. Within one process only the monotonic clock counts; between two of them only
 * the wall clock is left, and where it went back there is no duration.
 */
import type { EventStamp } from "../events.ts";

export interface Moment {
  /** ms since 1970. */
  readonly at: number;
  readonly mono: number;
  /** Counts up with each process that had the session; -1: no process of ours, only `at` means anything. */
  readonly process: number;
}

export const momentOf = ({ at, mono }: Pick<EventStamp, "at" | "mono">, process: number): Moment => ({ at, mono, process });

/** ms; undefined where no clock can tell. */
export function between(from: Moment, to: Moment): number | undefined {
  const ms = from.process === to.process && from.process >= 0 ? to.mono - from.mono : to.at - from.at;
  return ms >= 0 ? ms : undefined;
}
