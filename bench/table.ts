/** The table of a run: printed row by row while others are still to be measured, and as Markdown. Pure but for the printing. */
import type { Verdict } from "./baseline.ts";
import { type Figures, intervalText, numberText } from "./figures.ts";

export interface Judged extends Figures {
  readonly verdict: Verdict;
}

const heads = ["what", "unit", "median", "95 %", "p95", "worst", "floor", "ratio", "budget", "", "baseline", "n"];
/** In characters. */
const widths = [64, 4, 7, 13, 7, 7, 7, 8, 12, 6, 8, 4];

export function cellsOf(row: Judged): string[] {
  const { what, unit, ours, p95, worst, floor, ratio, budget, verdict, n } = row;
  return [
    ...[what, unit, numberText(ours.value), intervalText(ours), numberText(p95), numberText(worst)],
    floor ? numberText(floor.value) : "–",
    ratio ? `${numberText(ratio.value)} ×` : "–",
    budget?.text ?? "–",
    budget === undefined ? "" : budget.holds ? "holds" : "MISSED",
    ...[verdict, String(n)],
  ];
}

export const headLine = (): string => line(heads);
export const rowLine = (row: Judged): string => line(cellsOf(row));

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join("  ");

/** A table of Markdown; the first column is text, the others are numbers. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, titles.map((_, at) => (at === 0 ? "---" : "---:")), ...rows.map((cells) => cells.map(escaped))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const escaped = (cell: string): string => cell.replaceAll("|", "\\|");

export const markdownOf = (rows: readonly Judged[]): string => markdownTable(heads, rows.map(cellsOf));
