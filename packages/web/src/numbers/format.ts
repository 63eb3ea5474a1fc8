/** Numbers as a person reads them: two or three digits that count, with the unit that fits their size. Pure. */
import type { KpiDefinition, KpiFigure } from "@twolane/protocol/kpis";

const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, h: 3_600_000 };
const steps: readonly (readonly [unit: string, ms: number, below: number])[] = [
  ["ms", 1, 1000],
  ["s", 1000, 90_000],
  ["min", 60_000, 90 * 60_000],
  ["h", 3_600_000, 48 * 3_600_000],
  ["d", 24 * 3_600_000, Infinity],
];

/** Three digits at most, and no zero behind the point that says nothing. */
function digits(value: number): string {
  const size = Math.abs(value);
  const text = size >= 99.5 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toFixed(size >= 9.95 ? 0 : 1)));
  return text.replace("-", "−");
}

/** `value` in the definition's unit: `412 ms`, `6.4 min`, `84 %`, `2.1 per 100`. */
export function amount({ unit }: Pick<KpiDefinition, "unit">, value: number): string {
  const factor = msPer[unit];
  return factor === undefined ? `${digits(value)} ${unit}` : duration(value * factor);
}

function duration(ms: number): string {
  const [unit, size] = steps.find(([, , below]) => Math.abs(ms) < below) ?? ["ms", 1];
  return `${digits(ms / size)} ${unit}`;
}

/** Two ends of one thing; the unit is said once where both have the same. */
export function range(definition: Pick<KpiDefinition, "unit">, [low, high]: readonly [number, number]): string {
  const [from, to] = [amount(definition, low), amount(definition, high)];
  const [, number, unit] = /^(\S+) (.+)$/.exec(from) ?? [];
  return number !== undefined && to.endsWith(` ${unit}`) ? `${number}–${to}` : `${from}–${to}`;
}

export const valueOf = ({ median, share }: KpiFigure): number | undefined => median ?? share;

export const count = (number: number): string => number.toLocaleString("en-US");
export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** What it is made of: `212 turns`, `84 of 120 accepted tasks`. */
export function casesText({ cases: noun, kind }: KpiDefinition, { cases, hits, of }: KpiFigure): string {
  return kind === "share" && of !== undefined ? `${count(hits ?? 0)} of ${count(of)} ${noun}` : `${count(cases)} ${noun}`;
}

/** `9 not measured: 6 stopped, 3 failed`; undefined: all were. */
export function missingText({ missing }: KpiFigure): string | undefined {
  const reasons = Object.entries(missing);
  if (reasons.length === 0) return undefined;
  const all = reasons.reduce((sum, [, times]) => sum + times, 0);
  return `${count(all)} not measured: ${reasons.map(([why, times]) => `${count(times)} ${why}`).join(", ")}`;
}

export const dateText = (at: number): string =>
  new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
