/** Samples → what is told of them: each number with how many cases it is made of, its interval, and what was not measured. Pure. */
import { dayOf } from "../spend.ts";
import type { KpiDefinition, KpiName, KpiSample, MissingReason } from "./sample.ts";
import {
  type Interval,
  effectiveCases,
  fewestValues,
  meanOf,
  medianInterval,
  medianOf,
  quantileOf,
  rateInterval,
  shareInterval,
} from "./statistics.ts";

export interface KpiFigure {
  readonly kpi: KpiName;
  /** Cases: those measured, and those that were not, by why. */
  readonly cases: number;
  readonly missing: Readonly<Partial<Record<MissingReason, number>>>;
  /** Too few to say anything of others like them. */
  readonly isTooFew: boolean;
  /** Of a duration, in its unit. */
  readonly median?: number;
  readonly mean?: number;
  readonly p95?: number;
  /** Of a share: so many of `of`, and as its unit has it (percent, or per 100). */
  readonly hits?: number;
  readonly of?: number;
  readonly share?: number;
  /** 95 %, of the median or the share. */
  readonly interval?: Interval;
  /** Medians of the parts, each with how many cases it was measured in. */
  readonly parts?: Readonly<Record<string, { readonly median: number; readonly cases: number }>>;
}

export const groupings = ["lane", "model", "workflow", "day", "repository"] as const;
export type Grouping = (typeof groupings)[number];

/** A p95 of fewer values is only their greatest. */
const fewestForP95 = 20;

export function figureOf(definition: KpiDefinition, samples: readonly KpiSample[]): KpiFigure {
  const own = samples.filter(({ kpi }) => kpi === definition.kpi);
  const missing: Partial<Record<MissingReason, number>> = {};
  for (const { missing: why } of own) if (why !== undefined) missing[why] = (missing[why] ?? 0) + 1;
  return {
    kpi: definition.kpi,
    missing,
    ...(definition.kind === "share" ? shareOf(definition, own) : durationOf(definition, own)),
  };
}

type Told = Omit<KpiFigure, "kpi" | "missing">;

function durationOf(definition: KpiDefinition, samples: readonly KpiSample[]): Told {
  const values = samples.flatMap(({ value }) => (value === undefined ? [] : [value])).sort((one, other) => one - other);
  const cases = values.length;
  if (cases === 0) return { cases, isTooFew: true };
  const interval = medianInterval(values);
  const parts = partsOf(definition, samples);
  return {
    ...{ cases, isTooFew: cases < fewestValues, median: medianOf(values), mean: meanOf(values) },
    ...(cases >= fewestForP95 && { p95: quantileOf(values, 0.95) }),
    ...(interval !== undefined && { interval }),
    ...(parts !== undefined && { parts }),
  };
}

function partsOf({ parts: names }: KpiDefinition, samples: readonly KpiSample[]): KpiFigure["parts"] {
  return (
    names &&
    Object.fromEntries(
      names.flatMap((name) => {
        const values = samples.flatMap(({ parts }) => parts?.[name] ?? []).sort((one, other) => one - other);
        return values.length === 0 ? [] : [[name, { median: medianOf(values), cases: values.length }]];
      }),
    )
  );
}

function shareOf({ unit }: KpiDefinition, samples: readonly KpiSample[]): Told {
  const counted = samples.filter(({ of }) => of !== undefined);
  const cases = counted.length;
  const [hits, of] = [sum(counted.map((sample) => sample.hits ?? 0)), sum(counted.map((sample) => sample.of ?? 0))];
  if (of === 0) return { cases, isTooFew: true };
  // Lines of one hunk live and die together.
  const told = effectiveCases(counted.map((sample) => sample.of ?? 0));
  const interval = unit === "%" ? shareInterval((hits / of) * told, told) : rateInterval(hits, of);
  const scaled: Interval = [interval[0] * 100, interval[1] * 100];
  return { cases, isTooFew: cases < fewestValues, hits, of, share: (hits / of) * 100, interval: scaled };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** In each group every KPI of the table, in its order. Groups are sorted by name. */
export function figuresBy(
  definitions: readonly KpiDefinition[],
  samples: readonly KpiSample[],
  by: Grouping,
): ReadonlyMap<string, readonly KpiFigure[]> {
  const groups = new Map<string, KpiSample[]>();
  for (const sample of samples) {
    const name = by === "day" ? dayOf(sample.at) : (sample[by] ?? "none");
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [sample]);
    else group.push(sample);
  }
  const sorted = [...groups].sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map(sorted.map(([name, own]) => [name, definitions.map((definition) => figureOf(definition, own))]));
}
