/** Numbers as a person reads them: two or three digits that count, with the unit that fits their size. Pure. */
import { type KpiDefinition, type KpiFigure, missingReasons } from "@twolane/protocol/kpis";

/** No line ends between a number and its unit. */
const gap = "\u00a0";
const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, h: 3_600_000 };
const steps: readonly (readonly [unit: string, ms: number, below: number])[] = [
  ["ms", 1, 999.5],
  ["s", 1000, 90_000],
  ["min", 60_000, 90 * 60_000],
  ["h", 3_600_000, 48 * 3_600_000],
  ["d", 24 * 3_600_000, Infinity],
];

/** Three digits at most, and no zero behind the point that says nothing. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const text = size >= 99.5 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toFixed(size >= 9.95 ? 0 : 1)));
  return text.replace("-", "−");
}

/** `value` in the definition's unit: `412 ms`, `6.4 min`, `84 %`, `2.1 per 100`. */
export function amount({ unit }: Pick<KpiDefinition, "unit">, value: number): string {
  const factor = msPer[unit];
  return factor === undefined ? `${digits(value)}${gap}${unit.replaceAll(" ", gap)}` : duration(value * factor);
}

export function duration(ms: number): string {
  const [unit, size] = steps.find(([, , below]) => Math.abs(ms) < below) ?? ["ms", 1];
  return `${digits(ms / size)}${gap}${unit}`;
}

/** Two ends of one thing; the unit is said once where both have the same. */
export function range(definition: Pick<KpiDefinition, "unit">, [low, high]: readonly [number, number]): string {
  const [from, to] = [amount(definition, low), amount(definition, high)];
  const [, number, unit] = /^([^\s]+)\s(.+)$/.exec(from) ?? [];
  return number !== undefined && to.endsWith(`${gap}${unit}`) ? `${number}–${to}` : `${from}–${to}`;
}

export const valueOf = ({ median, share }: KpiFigure): number | undefined => median ?? share;

export const count = (number: number): string => number.toLocaleString("en-US");
export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** What it is made of: `212 turns`, `1 turn`, `84 of 120 accepted tasks`. */
export function casesText({ cases: noun, kind }: KpiDefinition, { cases, hits, of }: KpiFigure): string {
  const nounFor = (number: number): string => (number === 1 ? noun.replace(/s\b/, "") : noun);
  return kind === "share" && of !== undefined
    ? `${count(hits ?? 0)} of ${count(of)} ${nounFor(of)}`
    : `${count(cases)} ${nounFor(cases)}`;
}

const reasonTexts: Readonly<Record<string, string>> = missingReasons;

/** `17 not in it: 12 stopped before it, 5 failed before it`; undefined: all are. */
export function missingText({ missing }: Pick<KpiFigure, "missing">): string | undefined {
  const reasons = Object.entries(missing);
  if (reasons.length === 0) return undefined;
  const all = reasons.reduce((sum, [, times]) => sum + times, 0);
  return `${count(all)} not in it: ${reasons.map(([why, times]) => `${count(times)} ${reasonTexts[why] ?? why}`).join(", ")}`;
}

export const dateText = (at: number): string =>
  new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Cents as far as they say something. */
export const dollars = (amount: number): string =>
  `$${amount >= 100 ? count(Math.round(amount)) : amount.toFixed(amount < 1 ? 3 : 2)}`;

export const percent = (share: number): string => `${digits(share * 100)}${gap}%`;

const niceMs: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000],
  ...[1, 2, 5, 10, 20, 60, 120, 300, 720].map((minutes) => minutes * 60_000),
  ...[1, 2, 5, 10, 30, 100].map((days) => days * 24 * 3_600_000),
];

/** Round amounts between two ends, in the definition's unit of time. */
export function ticksBetween({ unit }: Pick<KpiDefinition, "unit">, low: number, high: number): readonly number[] {
  const factor = msPer[unit] ?? 1;
  return niceMs.map((ms) => ms / factor).filter((value) => value >= low && value <= high);
}
