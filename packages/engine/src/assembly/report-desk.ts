/** What the report shows of past sessions, put together from what the KPIs and the limits know. */
import { type Result, succeed } from "@twolane/protocol";
import { type ReportData, pickTurns } from "@twolane/protocol/kpis";
import { type KpiWish, readKpis } from "./kpi-desk.ts";
import { readLimits } from "./read-limits.ts";

/** A configuration that cannot be read leaves out its limits, and nothing else. */
export async function readReport(wish: KpiWish): Promise<Result<ReportData>> {
  const read = await readKpis(wish);
  if (!read.ok) return read;
  const { at: madeAt, sessions, samples, tasks, turns, verdicts, spend } = read.value;
  const limits = readLimits(wish.env);
  const from = samples.reduce((first, { at }) => Math.min(first, at), madeAt);
  return succeed({
    ...{ version: 1, madeAt, from, to: madeAt, people: 1, sessions },
    groups: [{ name: "all", samples, tasks, spend }],
    ...{ verdicts, turns: pickTurns(turns) },
    ...(limits.ok && { limits: limits.value }),
  });
}
