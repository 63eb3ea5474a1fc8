/** Two sets of samples side by side: what differs, by how much with its interval, and in words what that does and does not say. Pure. */
import { type KpiFigure, figureOf } from "./figures.ts";
import type { KpiDefinition, KpiName, KpiSample } from "./sample.ts";
import { type Interval, differenceInterval, shiftOf } from "./statistics.ts";

export interface KpiComparison {
  readonly kpi: KpiName;
  readonly before: KpiFigure;
  readonly after: KpiFigure;
  /** `alike`: these cases show no difference, which is not to say that there is none. */
  readonly finding: "too-few" | "better" | "worse" | "alike";
  /**
   * How much more it is afterwards, in the KPI's unit: of a duration the shift of a typical case, of a share in points or per 100. Absent
   * with too few cases.
   */
  readonly difference?: number;
  /** 95 %, of the difference. */
  readonly interval?: Interval;
  readonly sentence: string;
}

/** Beside every comparison: what no number in it can say. */
export const comparisonCaveats: readonly string[] = [
  "Before and after is no experiment: people, tasks and models changed too, so a difference does not show what caused it.",
  "Cases of one person are like each other: with few people the intervals are narrower than they should be.",
  "A change of times is the typical difference between one case before and one after, which is not the difference of the two medians.",
  "Each interval holds the truth 19 times of 20: of twenty comparisons about one seems to differ by chance alone.",
];

export const compareKpis = (
  definitions: readonly KpiDefinition[],
  before: readonly KpiSample[],
  after: readonly KpiSample[],
): readonly KpiComparison[] => definitions.map((definition) => comparisonOf(definition, before, after));

export function comparisonOf(
  definition: KpiDefinition,
  before: readonly KpiSample[],
  after: readonly KpiSample[],
): KpiComparison {
  const figures = { before: figureOf(definition, before), after: figureOf(definition, after) };
  const { kpi, kind } = definition;
  const sides = [figures.before, figures.after] as const;
  if (sides.some(({ isTooFew }) => isTooFew)) {
    const sentence = `Too few ${definition.each ?? definition.cases} to tell: ${countsOf(sides)}.${unmeasured(sides)}`;
    return { kpi, ...figures, finding: "too-few", sentence };
  }
  const { difference, interval } =
    kind === "duration" ? durations(valuesOf(kpi, before), valuesOf(kpi, after)) : shares(figures.before, figures.after);
  const isMore = interval[0] > 0;
  const isLess = interval[1] < 0;
  const finding = !isMore && !isLess ? "alike" : (definition.better === "more") === isMore ? "better" : "worse";
  const told = { kpi, ...figures, finding, difference, interval } as const;
  return { ...told, sentence: `${sentenceOf(definition, told)}${unmeasured(sides)}` };
}

interface Difference {
  readonly difference: number;
  readonly interval: Interval;
}

const valuesOf = (kpi: KpiName, samples: readonly KpiSample[]): readonly number[] =>
  samples.flatMap((sample) => (sample.kpi === kpi ? (sample.value ?? []) : [])).sort((one, other) => one - other);

function durations(before: readonly number[], after: readonly number[]): Difference {
  const { shift, interval } = shiftOf(before, after);
  return { difference: shift, interval };
}

function shares(before: KpiFigure, after: KpiFigure): Difference {
  const [one, other] = [before, after].map(({ share = 0, interval = [0, 100] }) => ({ value: share, interval }));
  return { difference: other!.value - one!.value, interval: differenceInterval(one!, other!) };
}

function sentenceOf(
  definition: KpiDefinition,
  {
    before,
    after,
    finding,
    difference,
    interval: [low, high],
  }: Difference & Omit<KpiComparison, "sentence" | "difference" | "interval">,
): string {
  const counts = `${countsOf([before, after])} ${definition.each ?? definition.cases}`;
  if (finding === "alike")
    return `No difference that ${counts} could show: it lies between ${directed(definition, low)} and ${directed(definition, high)}.`;
  const [near, far] = [low, high].map(Math.abs).sort((one, other) => one - other);
  const scale = Math.abs(difference);
  const range = `${amount(definition, near!, scale)}–${amount(definition, far!, scale)}`;
  const way = directionOf(definition, difference);
  const which = definition.kind === "duration" ? "" : `, which is ${finding}`;
  return `${way.charAt(0).toUpperCase()}${way.slice(1)} by ${withUnit(definition, Math.abs(difference))} (${range})${which}; ${counts}.`;
}

const directionOf = ({ kind }: KpiDefinition, by: number): string =>
  by < 0 ? (kind === "duration" ? "faster" : "lower") : kind === "duration" ? "slower" : "higher";

/** `3.1 s faster`, `4 points lower`. */
const directed = (definition: KpiDefinition, by: number): string =>
  `${withUnit(definition, Math.abs(by))} ${directionOf(definition, by)}`;

const unitOf = ({ unit }: KpiDefinition, of: number): string =>
  unit === "%" ? "points" : unit === "ms" && of >= 1000 ? "s" : unit;
const withUnit = (definition: KpiDefinition, by: number): string => `${amount(definition, by)} ${unitOf(definition, by)}`;

/** In the unit that `scale` is told in; as many digits as say something. */
function amount(definition: KpiDefinition, by: number, scale = by): string {
  const value = unitOf(definition, scale) === definition.unit || definition.unit === "%" ? by : by / 1000;
  return value.toFixed(value !== 0 && value < 10 ? 1 : 0);
}

const countsOf = ([before, after]: readonly [KpiFigure, KpiFigure]): string => `${before.cases} and ${after.cases}`;

/** Where much was not measured, what was may not be like the rest. */
function unmeasured(sides: readonly [KpiFigure, KpiFigure]): string {
  const parts = sides.map(({ cases, missing }) => {
    const lost = Object.values(missing).reduce((sum, count) => sum + count, 0);
    return { text: `${lost} of ${lost + cases}`, isMuch: lost * 10 > lost + cases };
  });
  return parts.some(({ isMuch }) => isMuch) ? ` Not measured: ${parts.map(({ text }) => text).join(" and ")}.` : "";
}
