/** What the report shows of past sessions, put together from what the KPIs and the limits know. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { type KpiExport, type ReportData, type ReportGroup, exportOf, pickTurns } from "@twolane/protocol/kpis";
import { type KpiWish, readKpis, readPast } from "./kpi-desk.ts";
import { openLandingPlace } from "./place.ts";
import { readLimits } from "./read-limits.ts";

export interface ReportWish extends KpiWish {
  /** Held against the half year before, as git's history tells it. NO_REPOSITORY where there is none. */
  readonly baseline?: boolean;
}

const baselineMs = 180 * 24 * 60 * 60 * 1000;

/** A configuration that cannot be read leaves out its limits, and nothing else. */
export async function readReport(wish: ReportWish): Promise<Result<ReportData>> {
  const read = await readKpis(wish);
  if (!read.ok) return read;
  const { at: madeAt, sessions, samples, tasks, turns, verdicts, spend, removed } = read.value;
  const from = samples.reduce((first, { at }) => Math.min(first, at), madeAt);
  const before = wish.baseline === true ? await baselineUntil(from, wish) : succeed([]);
  if (!before.ok) return before;
  const limits = readLimits(wish.env);
  const group: ReportGroup = { name: before.value.length > 0 ? "with twolane" : "all", samples, tasks, spend };
  return succeed({
    ...{ version: 1, madeAt, from, to: madeAt, people: 1, sessions },
    groups: [...before.value, group],
    ...{ verdicts, turns: pickTurns(turns) },
    ...(limits.ok && { limits: limits.value }),
    ...(removed && { removed }),
  });
}

export interface ExportWish extends KpiWish {
  /** Of repositories and rules; only where the policy lets content go. */
  readonly names: boolean;
}

/** What may leave the machine. USAGE: names are wanted, and the policy does not let them go. */
export async function readKpiExport({ names, ...wish }: ExportWish): Promise<Result<KpiExport>> {
  if (names) {
    const { cwd, env } = wish;
    const place = await openLandingPlace({ cwd, env, scope: [], landing: "hunk", dryRun: true });
    if (!place.ok) return place;
    if (!place.value.policy.telemetry.content)
      return fail(
        "USAGE",
        "The policy does not let names leave.",
        "Without --names repositories are numbers; `telemetry: { content: true }` in the policy lets them go.",
      );
  }
  const read = await readReport(wish);
  return read.ok ? succeed(exportOf(read.value, { names })) : read;
}

async function baselineUntil(to: number, { cwd, env }: ReportWish): Promise<Result<readonly ReportGroup[]>> {
  const read = await readPast({ cwd, env, from: to - baselineMs, to });
  if (!read.ok) return read;
  const note =
    "The time before is read from git, which knows no prompt: its lead time begins with the commit and is the shorter for it.";
  return succeed([{ name: "before", note, samples: read.value.samples, tasks: [], spend: [] }]);
}
