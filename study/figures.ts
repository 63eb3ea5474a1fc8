/** Cells → what is told of each way at each speed. Pure. */
import { medianOf } from "@twolane/protocol/kpis";
import { bytesPerToken } from "./change.ts";
import { type Way, ways } from "./course.ts";
import { type Assumptions, assumptionNames, stated } from "./person.ts";
import { type Cell, type Cases, casesOf, plannedOf, speeds } from "./study.ts";

type Told = Pick<
  Cell,
  "task" | "way" | "tokensPerSecond" | "drifts" | "commitAt" | "attended" | "tokens" | "lines" | "correction"
>;
const measures = ["commitAt", "attended", "tokens", "lines"] as const;
type Measure = (typeof measures)[number];

/** Means over the tasks, of each what is to be expected: with drift and without, by its rate. */
export interface Row extends Readonly<Record<Measure, number>> {
  readonly way: Way;
  readonly tokensPerSecond: number;
  /** Median of those that interrupted, seconds, and how many those are. */
  readonly correction?: number;
  readonly corrections: number;
  /** Tasks in which this way is first, at this speed: of time to the commit, of the person's time. Ties within 1 % count for none. */
  readonly first: number;
  readonly firstAttended: number;
}

export function rowsOf(cells: readonly Told[], driftRate: number, at: readonly number[] = speeds): readonly Row[] {
  const expected = new Map<string, number>();
  const key = (measure: Measure, { task, way, tokensPerSecond }: Pick<Told, "task" | "way" | "tokensPerSecond">): string =>
    `${measure} ${task} ${way} ${tokensPerSecond}`;
  for (const cell of cells)
    for (const measure of measures) {
      const share = cell.drifts ? driftRate : 1 - driftRate;
      expected.set(key(measure, cell), (expected.get(key(measure, cell)) ?? 0) + share * cell[measure]);
    }
  const tasks = [...new Set(cells.map(({ task }) => task))];
  return at.flatMap((tokensPerSecond) =>
    ways.map((way) => {
      const of = (measure: Measure, task: string, other: Way = way): number =>
        expected.get(key(measure, { task, way: other, tokensPerSecond })) ?? 0;
      const mean = (measure: Measure): number => tasks.reduce((sum, task) => sum + of(measure, task), 0) / tasks.length;
      const wins = (measure: Measure): number =>
        tasks.filter((task) => ways.every((other) => other === way || of(measure, task) < of(measure, task, other) * 0.99))
          .length;
      const own = cells.filter((cell) => cell.way === way && cell.tokensPerSecond === tokensPerSecond);
      const corrections = own.flatMap(({ correction }) => correction ?? []).toSorted((one, other) => one - other);
      return {
        ...{
          way,
          tokensPerSecond,
          commitAt: mean("commitAt"),
          attended: mean("attended"),
          tokens: mean("tokens"),
          lines: mean("lines"),
        },
        ...{ corrections: corrections.length, first: wins("commitAt"), firstAttended: wins("attended") },
        ...(corrections.length > 0 && { correction: medianOf(corrections) }),
      };
    }),
  );
}

export const rowOf = (rows: readonly Row[], way: Way, tokensPerSecond: number): Row => {
  const row = rows.find((one) => one.way === way && one.tokensPerSecond === tokensPerSecond);
  if (row === undefined) throw new Error(`no row ${way} ${tokensPerSecond}`);
  return row;
};

/** The lowest speed from which the fastest one saves less than this share of the time. */
export const fewSaved = 0.05;

export function speedSuffices(rows: readonly Row[], way: Way, among: readonly number[] = speeds): number {
  const fastest = rowOf(rows, way, among[among.length - 1] ?? 0).commitAt;
  return among.find((speed) => fastest > rowOf(rows, way, speed).commitAt * (1 - fewSaved)) ?? 0;
}

/** From the slowest of the study to its fastest, ten to a decade. */
const finerSpeeds = [65, 80, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000] as const;

/** The same as `speedSuffices` between the speeds that went through the product, on the line of time alone. */
export function finerSufficing(all: readonly Cases[]): Readonly<Record<Way, number>> {
  const cells = all.flatMap((cases) => toldOf(cases, { assumed: stated, speeds: finerSpeeds }));
  const rows = rowsOf(cells, stated.driftRate, finerSpeeds);
  const of = (way: Way): number => speedSuffices(rows, way, finerSpeeds);
  return { restart: of("restart"), stop: of("stop"), steer: of("steer"), deep: of("deep") };
}

/** Share of the time that one way takes less than another, at a speed. */
export const saved = (rows: readonly Row[], way: Way, { than, at }: { readonly than: Way; readonly at: number }): number =>
  1 - rowOf(rows, way, at).commitAt / rowOf(rows, than, at).commitAt;

export interface Variation {
  readonly assumption: keyof Assumptions | "bytesPerToken" | "caught";
  readonly value: number | "all" | "none";
  readonly rows: readonly Row[];
}

/** Where half and double are not enough, or make no sense: nobody reads more than all again. */
const factors: Partial<Record<keyof Assumptions, readonly number[]>> = { linesPerSecond: [0.125, 0.5, 2], rereading: [0, 0.5] };

/** Each assumption halved and doubled, and reading and the tests to their ends, one at a time, on the line of time alone: the product does not run again. */
export function variationsOf(all: readonly Cases[], seed: number): readonly Variation[] {
  const by = { all, seed, assumed: stated };
  const numbers = assumptionNames.flatMap((assumption) =>
    (factors[assumption] ?? [0.5, 2]).map((factor): Variation => {
      const value = stated[assumption] * factor;
      return { assumption, value, rows: rowsUnder({ ...by, assumed: { ...stated, [assumption]: value } }) };
    }),
  );
  const tokens = [0.5, 2].map((factor): Variation => ({
    ...{ assumption: "bytesPerToken", value: bytesPerToken * factor },
    rows: rowsUnder({ ...by, tokenSize: factor }),
  }));
  const tests = ([false, true] as const).map((isCaught): Variation => ({
    ...{ assumption: "caught", value: isCaught ? "all" : "none" },
    rows: rowsUnder({ ...by, isCaught }),
  }));
  return [...numbers, ...tokens, ...tests];
}

interface Under {
  readonly all: readonly Cases[];
  readonly seed: number;
  readonly assumed: Assumptions;
  /** A token of half the size writes the same change at half the pace. */
  readonly tokenSize?: number;
  /** The tests of a job see each wrong course, or none. */
  readonly isCaught?: boolean;
}

function rowsUnder({ all, seed, assumed, tokenSize = 1, isCaught }: Under): readonly Row[] {
  const paced = { ...assumed, deepTokensPerSecond: assumed.deepTokensPerSecond * tokenSize };
  const under = (cases: Cases): Cases => {
    const caught = isCaught ?? cases.drifting.isCaught;
    // Only the point changes what is written.
    if (assumed.driftPoint !== stated.driftPoint) return casesOf(cases.task, { seed, assumed }, caught);
    return { ...cases, drifting: { ...cases.drifting, isCaught: caught } };
  };
  const paces = speeds.map((speed) => speed * tokenSize);
  const cells = all
    .flatMap((cases) => toldOf(under(cases), { assumed: paced, speeds: paces }))
    .map((cell) => ({ ...cell, tokensPerSecond: cell.tokensPerSecond / tokenSize, tokens: cell.tokens / tokenSize }));
  return rowsOf(cells, assumed.driftRate);
}

/** The same changes so many times as long, for somebody who reads so fast. */
export interface Longer {
  readonly linesPerSecond: number;
  readonly tokensPerSecond: number;
  readonly times: number;
  readonly rows: readonly Row[];
}

/** Computed as the variations are; the wrong course stays where it is, as a share of the change. */
export function longerOf(all: readonly Cases[]): readonly Longer[] {
  return [1, 2, 4, 8, 16].flatMap((linesPerSecond) =>
    [65, 1000].flatMap((tokensPerSecond) =>
      [1, 4, 16].map((times) => {
        const assumed = { ...stated, linesPerSecond };
        const cells = all.flatMap((cases) => toldOf(stretched(cases, times), { assumed, speeds: [tokensPerSecond] }));
        return { linesPerSecond, tokensPerSecond, times, rows: rowsOf(cells, assumed.driftRate, [tokensPerSecond]) };
      }),
    ),
  );
}

/** Copies of the change in other files, one of them with the wrong course. */
function stretched(cases: Cases, times: number): Cases {
  const { right } = cases.clean;
  const wrongAt = right.findIndex((hunk, at) => hunk !== cases.drifting.said[at]);
  const copy = Math.floor((wrongAt / right.length) * times);
  const copies = Array.from({ length: times }, (_, index) => right.map((hunk) => ({ ...hunk, path: `${index}/${hunk.path}` })));
  const all = copies.flat();
  const said = copies.flatMap((hunks, index) =>
    hunks.map((hunk, at) => {
      const wrong = cases.drifting.said[at];
      return index !== copy || wrong === undefined || wrong === right[at] ? hunk : { ...wrong, path: hunk.path };
    }),
  );
  return {
    ...cases,
    clean: { right: all, said: all, isCaught: false },
    drifting: { right: all, said, isCaught: cases.drifting.isCaught },
  };
}

function toldOf(
  cases: Cases,
  { assumed, speeds: at }: { readonly assumed: Assumptions; readonly speeds?: readonly number[] },
): readonly Told[] {
  return plannedOf(cases, assumed, at).map(({ course, way, tokensPerSecond, drifts }) => {
    const { commitAt, attended, tokens, lines } = course;
    return { task: cases.task.name, way, tokensPerSecond, drifts, commitAt, attended, tokens, lines };
  });
}
