/** Samples → figures for each day, or for each week where the time is long. Pure. */
import { dayMs } from "@twolane/protocol";
import { type KpiDefinition, type KpiFigure, type KpiSample, figureOf } from "@twolane/protocol/kpis";

/** More points than that say less, not more. */
const mostDays = 45;

export interface Periods {
  readonly each: "day" | "week";
  readonly starts: readonly number[];
  /** By lane, or what else they are told apart by: as many as `starts`. */
  readonly series: ReadonlyMap<string, readonly KpiFigure[]>;
}

export type Dimension = "lane" | "model" | "workflow";

/** Nothing where all samples are of one period. */
export function periodsOf(definition: KpiDefinition, samples: readonly KpiSample[], by: Dimension): Periods | undefined {
  const own = samples.filter(({ kpi }) => kpi === definition.kpi);
  if (own.length === 0) return undefined;
  const times = own.map(({ at }) => at);
  const [first, last] = [least(times), -least(times.map((at) => -at))];
  const each = (last - first) / dayMs > mostDays ? "week" : "day";
  const step = each === "week" ? 7 * dayMs : dayMs;
  const origin = midnight(first);
  const starts = Array.from({ length: Math.floor((last - origin) / step) + 1 }, (_, index) => origin + index * step);
  if (starts.length < 2) return undefined;
  const casesOf = (name: string): number => own.filter((sample) => (sample[by] ?? "none") === name).length;
  const names = [...new Set(own.map((sample) => sample[by] ?? "none"))].sort((one, other) => casesOf(other) - casesOf(one));
  const series = names.map((name) => {
    const mine = own.filter((sample) => (sample[by] ?? "none") === name);
    return [
      name,
      starts.map((start) =>
        figureOf(
          definition,
          mine.filter(({ at }) => at >= start && at < start + step),
        ),
      ),
    ] as const;
  });
  return { each, starts, series: new Map(series) };
}

const least = (values: readonly number[]): number => values.reduce((one, other) => Math.min(one, other), Infinity);

function midnight(at: number): number {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}
