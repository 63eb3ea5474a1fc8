/** Rows and what is told of them: medians with intervals, ratios to the floor, budgets. Pure. */
import { type Interval, differenceInterval, medianInterval, medianOf } from "@twolane/protocol/kpis";

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What a bare program needs for the same; absent where there is none. */
  readonly floor?: readonly number[];
  /** Our median must not be more than this (or less, for a rate). */
  readonly budget?: number;
  /** What the floor took where the budget was set, in the row's unit: where it takes longer, the budget is longer in proportion. */
  readonly setAtFloor?: number;
  /** Our median must not be more than so many times the floor's. */
  readonly timesFloor?: number;
  /** The worst of ours must not be more than this. */
  readonly worst?: number;
  readonly higherIsBetter?: boolean;
}

/** A value and, where there are samples enough, its interval of 95 %. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** What is told of a row. Medians in the row's unit. */
export interface Figures {
  readonly what: string;
  readonly unit: string;
  readonly ours: Estimate;
  readonly p95: number;
  readonly worst: number;
  readonly floor?: Estimate;
  /** Of the two medians. */
  readonly ratio?: Estimate;
  readonly budget?: { readonly text: string; readonly holds: boolean };
  readonly higherIsBetter?: boolean;
  /** Of our samples and the floor's the fewer. */
  readonly n: number;
}

/** Bytes are counted, not measured: one run says all. */
export const isCounted = (unit: string): boolean => unit === "KB";

const sortedOf = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);

/** Between two samples the line between them. */
function quantile(values: readonly number[], share: number): number {
  const sorted = sortedOf(values);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

export function estimateOf(values: readonly number[], unit: string): Estimate {
  if (values.length === 0) return { value: Number.NaN };
  const sorted = sortedOf(values);
  const value = medianOf(sorted);
  const interval = medianInterval(sorted) ?? (isCounted(unit) ? ([value, value] as const) : undefined);
  return interval === undefined ? { value } : { value, low: interval[0], high: interval[1] };
}

/** `one` in multiples of `other`; the interval holds what both leave open. Without one where either has none or is not above 0. */
export function ratioOf(one: Estimate, other: Estimate): Estimate {
  const value = one.value / other.value;
  const [up, down] = [logarithm(one), logarithm(other)];
  if (up === undefined || down === undefined) return { value };
  const [low, high] = differenceInterval(down, up);
  return { value, low: Math.exp(low), high: Math.exp(high) };
}

function logarithm({ value, low, high }: Estimate): { value: number; interval: Interval } | undefined {
  if (low === undefined || high === undefined || !(low > 0)) return undefined;
  return { value: Math.log(value), interval: [Math.log(low), Math.log(high)] };
}

export function figuresOf(row: Row): Figures {
  const { what, unit, floor, higherIsBetter = false } = row;
  const ours = estimateOf(row.ours, unit);
  const base = floor && estimateOf(floor, unit);
  const text = budgetText(row);
  return {
    ...{ what, unit, ours },
    p95: quantile(row.ours, higherIsBetter ? 0.05 : 0.95),
    worst: quantile(row.ours, higherIsBetter ? 0 : 1),
    ...(base && { floor: base, ratio: ratioOf(ours, base) }),
    ...(text !== undefined && { budget: { text, holds: holds(row) } }),
    ...(higherIsBetter && { higherIsBetter }),
    n: Math.min(row.ours.length, floor?.length ?? Number.POSITIVE_INFINITY),
  };
}

function holds({ ours, floor = [], budget, setAtFloor, timesFloor, worst, higherIsBetter }: Row): boolean {
  const middle = median(ours);
  // What could not be measured does not hold.
  if (Number.isNaN(middle)) return false;
  const slower = setAtFloor === undefined ? 1 : Math.max(1, median(floor) / setAtFloor);
  if (budget !== undefined && (higherIsBetter === true ? middle < budget : middle > budget * slower)) return false;
  if (timesFloor !== undefined && middle > timesFloor * median(floor)) return false;
  return worst === undefined || Math.max(...ours) <= worst;
}

function budgetText({ budget, setAtFloor, timesFloor, worst }: Row): string | undefined {
  const parts = [
    ...(budget === undefined ? [] : [numberText(budget)]),
    ...(setAtFloor === undefined ? [] : [`at ${numberText(setAtFloor)}`]),
    ...(timesFloor === undefined ? [] : [`${timesFloor} ×`]),
    ...(worst === undefined ? [] : [`(${numberText(worst)})`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** With three digits that count. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "?";
  if (value < 0) return `-${numberText(-value)}`;
  return value >= 1000
    ? Math.round(value).toLocaleString("en")
    : value >= 100
      ? value.toFixed(0)
      : value.toFixed(value < 10 ? 2 : 1);
}

export const intervalText = ({ low, high }: Estimate): string =>
  low === undefined || high === undefined ? "–" : `${numberText(low)}–${numberText(high)}`;
