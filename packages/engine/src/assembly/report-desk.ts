/** What the report shows of a workspace's past sessions: its journals through the folds, once. */
import { type Result, succeed } from "@twolane/protocol";
import type { ReportData } from "@twolane/protocol/kpis";
import { readKpis } from "./kpi-desk.ts";
import type { PlaceOptions } from "./place.ts";

export interface ReportOptions extends PlaceOptions {
  /** ms since 1970: what is older is left out. */
  readonly since?: number;
}

export async function readReport({ since = 0, ...place }: ReportOptions): Promise<Result<ReportData>> {
  const read = await readKpis(place);
  if (!read.ok) return read;
  const { at: madeAt, sessions } = read.value;
  const samples = read.value.samples.filter(({ at }) => at >= since);
  const tasks = read.value.tasks.filter(({ endedAt }) => endedAt >= since);
  const from = samples.reduce((first, { at }) => Math.min(first, at), madeAt);
  return succeed({
    ...{ version: 1, madeAt, from, to: madeAt, people: 1, sessions },
    groups: [{ name: "all", samples, tasks, spend: [] }],
    ...{ verdicts: [], turns: [] },
  });
}
