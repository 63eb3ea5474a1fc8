/** What the screen knows of choosing a lane: rules, own numbers, and what has been suggested already. Pure. */
import type { EventOf, LaneWish, PastRequests } from "@twolane/protocol";
import type { LaneAdvice } from "@twolane/policy";
import { counted, grouped } from "./grouped.ts";

export interface LaneMemory {
  readonly wishes: readonly LaneWish[];
  /** By kind of request. */
  readonly past: Readonly<Record<string, PastRequests>>;
  /** False: in this workspace nobody wants to be told. */
  readonly suggests: boolean;
  /** Kinds of which something was said in this session. */
  readonly told: ReadonlySet<string>;
  /** What Enter was answered with, while the same text stands on the line. */
  readonly offer?: { readonly text: string; readonly advice: LaneAdvice };
  /** Somebody has asked for the numbers. */
  readonly asked?: true;
}

export const noLanes: LaneMemory = { wishes: [], past: {}, suggests: true, told: new Set() };

export function toldLanes(memory: LaneMemory, { wishes, past, suggests }: EventOf<"lanes.told">): LaneMemory {
  const { asked: _, ...rest } = memory;
  return { ...rest, wishes, past, suggests };
}

const each = (sum: number, turns: number): string => {
  const mean = sum / turns;
  return mean < 10 ? mean.toFixed(1) : grouped(Math.round(mean));
};

/** `/lanes`. */
export function lanesText({ wishes, past, suggests }: LaneMemory): string {
  const kinds = Object.entries(past).toSorted(([, one], [, other]) => other.turns - one.turns);
  return [
    suggests
      ? "A request that fits the deep lane better is said so, once for each kind."
      : "No suggestions in this workspace; /lanes ask brings them back.",
    ...(kinds.length === 0 ? ["No request has been counted here yet."] : ["The fast lane here until now, by kind of request:"]),
    ...kinds.map(
      ([kind, { turns, answers, files, cutShort }]) =>
        `  ${kind}: ${counted(turns, "request")}, on average ${each(answers, turns)} answers and ${each(files, turns)} files; ${cutShort} stopped or steered`,
    ),
    ...(wishes.length === 0 ? [] : ["Rules:"]),
    ...wishes.map(
      ({ name, source, lane, reason }) => `  ${lane}: ${name} (${source})${reason === undefined ? "" : `: ${reason}`}`,
    ),
  ].join("\n");
}
