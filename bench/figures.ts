/** Medians, percentiles and the table in which they are printed. */

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** What a bare program needs for the same; absent where there is none. */
  readonly floor?: readonly number[];
  /** Our median must not be more than this (or less, for a rate). */
  readonly budget?: number;
  /** Our median must not be more than so many times the floor's. */
  readonly timesFloor?: number;
  /** The worst of ours must not be more than this. */
  readonly worst?: number;
  readonly higherIsBetter?: boolean;
}

export function holds({ ours, floor = [], budget, timesFloor, worst, higherIsBetter }: Row): boolean {
  const middle = median(ours);
  if (budget !== undefined && (higherIsBetter === true ? middle < budget : middle > budget)) return false;
  if (timesFloor !== undefined && middle > timesFloor * median(floor)) return false;
  return worst === undefined || Math.max(...ours) <= worst;
}

function budgetText({ budget, timesFloor, worst }: Row): string {
  const parts = [
    ...(budget === undefined ? [] : [format(budget)]),
    ...(timesFloor === undefined ? [] : [`${timesFloor} ×`]),
    ...(worst === undefined ? [] : [`(${format(worst)})`]),
  ];
  return parts.length === 0 ? "–" : parts.join(" ");
}

/** Of the columns, in characters: rows are printed while others are still to be measured. */
const widths = [64, 4, 7, 7, 7, 7, 7, 12, 6, 4];

export const printHead = (): void => printCells(["what", "unit", "median", "p95", "worst", "floor", "ratio", "budget", "", "n"]);

export function printRow(row: Row): void {
  printCells([
    row.what,
    row.unit,
    format(median(row.ours)),
    format(quantile(row.ours, row.higherIsBetter === true ? 0.05 : 0.95)),
    format(quantile(row.ours, row.higherIsBetter === true ? 0 : 1)),
    row.floor ? format(median(row.floor)) : "–",
    row.floor ? `${(median(row.ours) / median(row.floor)).toFixed(2)} ×` : "–",
    budgetText(row),
    budgetText(row) === "–" ? "" : holds(row) ? "holds" : "MISSED",
    String(row.ours.length),
  ]);
}

const printCells = (cells: readonly string[]): void =>
  console.log(cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "));

function format(value: number): string {
  if (Number.isNaN(value)) return "?";
  if (value < 0) return `-${format(-value)}`;
  return value >= 1000
    ? Math.round(value).toLocaleString("en")
    : value >= 100
      ? value.toFixed(0)
      : value.toFixed(value < 10 ? 2 : 1);
}
