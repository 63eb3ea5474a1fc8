/** What became of accepted lines after their commit: samples of facts that git knows and that are read when asked. Pure. */
import type { KpiDefinition, KpiDimensions, KpiName, KpiSample } from "./sample.ts";

const share = { kind: "share", unit: "%", better: "more", cases: "accepted lines", each: "commits with accepted hunks" } as const;
const survivalOf = (days: 1 | 7 | 30): KpiDefinition => ({
  ...{ kpi: `survival-${days}`, title: `Survival after ${days === 1 ? "a day" : `${days} days`}`, ...share },
  definition: `Added lines of accepted hunks that are still there, unchanged, ${days === 1 ? "a day" : `${days} days`} after their commit. Younger commits are no cases yet.`,
});
export const survival1 = survivalOf(1);
export const survival7 = survivalOf(7);
export const survival30 = survivalOf(30);

const rate = { kind: "share", unit: "per 100", better: "less", cases: "accepted commits" } as const;
export const fixes: KpiDefinition = {
  ...{ kpi: "fixes", title: "Bug rate", ...rate },
  definition:
    "Commits that say they fix something and change accepted lines within 30 days, per 100 commits with accepted hunks. Younger commits are no cases yet.",
};
export const reverts: KpiDefinition = {
  ...{ kpi: "reverts", title: "Reverts", ...rate },
  definition: "Commits with accepted hunks that were reverted within 30 days, per 100 of them. Younger commits are no cases yet.",
};

export const leadTime: KpiDefinition = {
  kpi: "lead-time",
  title: "Lead time",
  definition: "From a task's first prompt to its commit being on the default branch. What is not there yet is missing.",
  ...{ kind: "duration", unit: "h", better: "less", cases: "committed tasks" },
};

/** Of one commit, what holds accepted hunks of one lane, model and workflow. */
export interface CommitFacts extends KpiDimensions {
  readonly commit: string;
  /** ms since 1970. */
  readonly at: number;
  /** First prompts of the tasks that ended with it. */
  readonly promptedAt: readonly number[];
  /** Added lines of accepted hunks that it holds. */
  readonly lines: number;
  /** Of them those that are there after so many days; absent: it is not that old. */
  readonly alive: { readonly [days in 1 | 7 | 30]?: number };
  /** Fixes of its lines within 30 days, and whether it was reverted; absent: it is not that old. */
  readonly fixes?: number;
  readonly reverted?: boolean;
  /** ms since 1970, when it came to the default branch; absent: it is not there. */
  readonly onDefaultAt?: number;
}

const hourMs = 60 * 60 * 1000;

export function samplesOfCommit(facts: CommitFacts): readonly KpiSample[] {
  const { lane, model, workflow, repository, at, lines, alive, onDefaultAt } = facts;
  const common = { lane, model, repository, at, ...(workflow !== undefined && { workflow }) };
  const counted = (kpi: KpiName, hits: number | undefined, of: number): readonly KpiSample[] =>
    hits === undefined || of === 0 ? [] : [{ ...common, kpi, hits, of }];
  return [
    ...counted("survival-1", alive[1], lines),
    ...counted("survival-7", alive[7], lines),
    ...counted("survival-30", alive[30], lines),
    ...counted("fixes", facts.fixes, 1),
    ...counted("reverts", facts.reverted === undefined ? undefined : Number(facts.reverted), 1),
    ...facts.promptedAt.map((from): KpiSample => ({ ...common, kpi: "lead-time", ...leadOf(from, onDefaultAt) })),
  ];
}

/** Git tells seconds. */
const gitResolutionMs = 1000;

function leadOf(from: number, onDefaultAt: number | undefined): Pick<KpiSample, "value" | "missing"> {
  if (onDefaultAt === undefined) return { missing: "unmerged" };
  const ms = onDefaultAt - from;
  return ms <= -gitResolutionMs ? { missing: "clock" } : { value: Math.max(0, ms) / hourMs };
}
