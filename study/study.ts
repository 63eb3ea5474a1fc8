/** Runs every course of every task once through the product, and reads off what the table is made of by the product's own definitions. */
import { availableParallelism } from "node:os";
import { SessionKpis } from "@twolane/protocol/kpis";
import { type ChangeHunk, changedLines, mendContexts, mendOf, sideOf } from "./change.ts";
import { type Case, type Course, type Way, courseOf, halfOf, ways } from "./course.ts";
import type { Drift } from "./drift.ts";
import type { Assumptions } from "./person.ts";
import { type Task, driftFor, filesWith } from "./prepare.ts";
import { type MeasuredName, type Outcome, type Place, carryOut, measuredNames, nothingMeasured } from "./product.ts";
import { stamped } from "./stamps.ts";

export const speeds = [65, 200, 1000, 2000] as const;

/** One task, gone one way at one speed. Times in seconds. */
export interface Cell {
  readonly task: string;
  readonly way: Way;
  readonly tokensPerSecond: number;
  readonly drifts: boolean;
  readonly commitAt: number;
  readonly attended: number;
  readonly tokens: number;
  readonly lines: number;
  /** From the stop or steer key to the first hunk of the corrected course; absent where nothing was interrupted. */
  readonly correction?: number;
}

export interface TaskFacts {
  readonly name: string;
  readonly hunks: number;
  readonly lines: number;
  readonly wrote: string;
  readonly meant: string;
  /** Hunks of the wrong course that are wrong. */
  readonly wrong: number;
  readonly isCaught: boolean;
}

export interface StudyResult {
  readonly tasks: readonly TaskFacts[];
  readonly cells: readonly Cell[];
  /** Courses that were carried out; others have the same acts at other times. */
  readonly runs: number;
  /** ms of this machine. */
  readonly measured: Readonly<Record<MeasuredName, readonly number[]>>;
}

export interface StudyWish {
  readonly tasks: readonly Task[];
  readonly seed: number;
  readonly assumed: Assumptions;
  readonly place: Pick<Place, "room" | "worker">;
  /** Tokens a second; absent: all of the study. */
  readonly speeds?: readonly number[];
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Cases {
  readonly task: Task;
  readonly drift: Drift;
  readonly clean: Case;
  readonly drifting: Case;
}

/** `isCaught`: known from an earlier look, where the check need not run. */
export function casesOf(task: Task, wish: Pick<StudyWish, "seed" | "assumed">, isCaught?: boolean): Cases {
  const drift = driftFor(task, wish.assumed, wish.seed);
  const right = task.hunks;
  const half = halfOf(right);
  const caught = isCaught ?? !task.passes(filesWith(task, [...right.slice(0, half), ...drift.hunks.slice(half)]));
  return {
    task,
    drift,
    clean: { right, said: right, isCaught: false },
    drifting: { right, said: withRoom(task, drift.hunks), isCaught: caught },
  };
}

/** Each wrong hunk with as much around its mend as it needs to be the only one, however much of the change stands by then. */
function withRoom(task: Task, said: readonly ChangeHunk[]): readonly ChangeHunk[] {
  return said.map((wrong, at) => {
    const right = task.hunks[at];
    if (right === undefined || wrong === right) return wrong;
    const states = said.slice(at).map((_, more) => filesWith(task, said.slice(0, at + 1 + more)).get(wrong.path) ?? "");
    const isOnly = (mendContext: number): boolean => {
      const old = sideOf(mendOf({ ...wrong, mendContext }, right), "-");
      return states.every((text) => text.indexOf(old) >= 0 && text.indexOf(old) === text.lastIndexOf(old));
    };
    const room = mendContexts.find(isOnly);
    return room === undefined || room === mendContexts[0] ? wrong : { ...wrong, mendContext: room };
  });
}

interface Planned {
  readonly cases: Cases;
  readonly way: Way;
  readonly tokensPerSecond: number;
  readonly drifts: boolean;
  readonly course: Course;
}

export const plannedOf = (cases: Cases, assumed: Assumptions, at: readonly number[] = speeds): readonly Planned[] =>
  [false, true].flatMap((drifts) =>
    ways.flatMap((way) =>
      at.map((tokensPerSecond) => ({
        ...{ cases, way, tokensPerSecond, drifts },
        course: courseOf(drifts ? cases.drifting : cases.clean, { way, tokensPerSecond, assumed }),
      })),
    ),
  );

export async function runStudy(wish: StudyWish): Promise<StudyResult> {
  const all = wish.tasks.map((task) => casesOf(task, wish));
  const planned = all.flatMap((cases) => plannedOf(cases, wish.assumed, wish.speeds));
  const outcomes = await outcomesOf(planned, wish);
  const cells = planned.map((one) => cellOf(one, outcomes.get(pathOf(one)) ?? missing()));
  const measured = nothingMeasured();
  for (const outcome of outcomes.values()) for (const name of measuredNames) measured[name].push(...outcome.measured[name]);
  return { tasks: all.map(factsOf), cells, runs: outcomes.size, measured };
}

/** The same acts with the same answers, cut at the same tokens, are one run, whenever they happen. */
function pathOf({ cases, course }: Planned): string {
  const acts = course.acts.map((act) => {
    if (act.act === "hand") return act.job;
    return "stream" in act ? [act.act, act.stream.answer.patch, act.stream.cutAt] : act.act;
  });
  return JSON.stringify([cases.task.name, acts]);
}

async function outcomesOf(planned: readonly Planned[], { place, onProgress }: StudyWish): Promise<ReadonlyMap<string, Outcome>> {
  const queue = [...new Map(planned.map((one) => [pathOf(one), one])).entries()];
  const [outcomes, of] = [new Map<string, Outcome>(), queue.length];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [path, { course, cases, way, drifts }] = next;
      const run = (): Promise<Outcome> => carryOut(course, { ...cases.task, ...place });
      try {
        // A machine that is too busy for the tests' own limits gets a second try.
        outcomes.set(path, await run().catch(run));
      } catch (error) {
        queue.length = 0;
        throw new Error(`${cases.task.name}, ${way}${drifts ? ", wrong course" : ""}: ${String(error)}`, { cause: error });
      }
      onProgress?.(outcomes.size, of);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.max(1, Math.min(4, availableParallelism())) }, work));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return outcomes;
}

function cellOf({ cases, way, tokensPerSecond, drifts, course }: Planned, outcome: Outcome): Cell {
  const events = stamped(course, outcome.events);
  const kpis = new SessionKpis();
  for (const event of events) kpis.take(event);
  const samples = kpis.samples((events.at(-1)?.at ?? 0) + 1);
  const committed = way === "deep" ? committedAfter(events) : samples.find(({ kpi }) => kpi === "accepted-commit")?.value;
  if (committed === undefined || Math.abs(committed - course.commitAt) > 0.001)
    throw new Error(`${cases.task.name}, ${way}: the commit came ${committed} s behind the prompt, not ${course.commitAt} s`);
  const correction = samples.find(({ kpi }) => kpi === "correction")?.value;
  return {
    ...{ task: cases.task.name, way, tokensPerSecond, drifts, commitAt: committed, attended: course.attended },
    ...{ tokens: course.tokens, lines: course.lines },
    ...(correction !== undefined && { correction: correction / 1000 }),
  };
}

/** The KPI counts what was handed over as a task of its own; here it is the same one, so it is read from the same two events. */
function committedAfter(events: readonly { readonly type: string; readonly mono: number }[]): number | undefined {
  const from = events.find(({ type }) => type === "turn.started")?.mono;
  const to = events.findLast(({ type }) => type === "commit.made")?.mono;
  return from === undefined || to === undefined ? undefined : (to - from) / 1000;
}

function factsOf({ task, drift, drifting }: Cases): TaskFacts {
  return {
    ...{
      name: task.name,
      hunks: task.hunks.length,
      lines: task.hunks.reduce((sum, hunk) => sum + changedLines(hunk), 0),
      wrote: drift.wrote,
      meant: drift.meant,
    },
    ...{ wrong: drift.hunks.filter((hunk, at) => hunk !== task.hunks[at]).length, isCaught: drifting.isCaught },
  };
}

function missing(): never {
  throw new Error("a course was not carried out");
}
