/**
 * What was measured before, kept in the repository, and how a row stands beside it. Ratios to the floor are compared, because they travel
 * from machine to machine; a row without a floor is compared on the same class of machine only.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type Estimate, type Figures, isCounted, ratioOf } from "./figures.ts";
import type { Machine } from "./machine.ts";

type Kept = Pick<Figures, "unit" | "ours" | "floor" | "ratio" | "n">;

interface Baseline {
  /** Day, machine and load of the latest run that was saved here. */
  readonly measured: { readonly day: string; readonly node: string; readonly takenByOthers: number };
  /** By what they measure. */
  readonly rows: Readonly<Record<string, Kept>>;
}

/** By class of machine. */
export type Baselines = Readonly<Record<string, Baseline>>;

const file = new URL("./baseline.json", import.meta.url);

export const readBaselines = (): Baselines => JSON.parse(readFileSync(file, "utf8"));

/** The rows of this run take the place of those of the same name; the others stay. */
export function saveBaseline(baselines: Baselines, machine: Machine, all: readonly Figures[]): void {
  const rows = Object.fromEntries(
    all.map(({ what, unit, ours, floor, ratio, n }): [string, Kept] => [
      what,
      { unit, ours, ...(floor && { floor }), ...(ratio && { ratio }), n },
    ]),
  );
  const { class: name, day, node, takenByOthers } = machine;
  const saved = { measured: { day, node, takenByOthers }, rows: { ...baselines[name]?.rows, ...rows } };
  writeFileSync(file, `${JSON.stringify({ ...baselines, [name]: saved }, rounded, 2)}\n`);
}

/** Four digits say more than a run can. */
const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(value.toPrecision(4)) : value);

/** `too few`: fewer than 30 samples on either side. `new`: nothing to compare it with. */
export type Verdict = "better" | "worse" | "alike" | "too few" | "new";

/** The row in the baseline of this class of machine, else of another one. */
export function verdictOf(now: Figures, baselines: Baselines, machineClass: string): Verdict {
  const own = baselines[machineClass]?.rows[now.what];
  if (own !== undefined) return compare(now, own);
  const other = Object.values(baselines).find(({ rows }) => rows[now.what]?.ratio !== undefined)?.rows[now.what];
  return other === undefined || now.ratio === undefined ? "new" : compare(now, other);
}

/** Samples on either side. */
export const fewest = 30;
const leastShare = 0.1;
const leastMs = 0.3;

/** A difference of `by` parts of `usual` counts. */
export const isBeyond = (by: number, { usual, unit }: { readonly usual: number; readonly unit: string }): boolean =>
  by > leastShare && (unit !== "ms" || by * usual > leastMs);

/** Both ways round: no difference counts of which the whole interval does not lie beyond the limits. */
export function compare(now: Figures, before: Kept): Verdict {
  if (!isCounted(now.unit) && Math.min(now.n, before.n) < fewest) return "too few";
  const [measured, expected] = now.ratio && before.ratio ? [now.ratio, before.ratio] : [now.ours, before.ours];
  const change: Estimate = ratioOf(measured, expected);
  if (change.low === undefined || change.high === undefined) return "too few";
  // What it would be here if nothing had changed.
  const usual = now.floor && before.ratio ? before.ratio.value * now.floor.value : before.ours.value;
  const about = { usual, unit: now.unit };
  if (isBeyond(change.low - 1, about)) return now.higherIsBetter ? "better" : "worse";
  if (isBeyond(1 - change.high, about)) return now.higherIsBetter ? "worse" : "better";
  return "alike";
}
