/**
 * What every KPI is made of: one sample for each time that it could have been measured. A sample without a value is a time at which it was
 * not; it is counted as missing and never guessed.
 */
import type { Lane } from "../lane.ts";

export const kpiNames = [
  "first-token",
  "first-hunk",
  "accepted-commit",
  "correction",
  "one-loop",
  "hunks-accepted",
  "lines-accepted",
  "lines-edited",
  "fixes",
  "reverts",
  "survival-1",
  "survival-7",
  "survival-30",
  "lead-time",
  "review-hunk",
  "review-lines",
  "stop",
  "steer",
] as const;
export type KpiName = (typeof kpiNames)[number];

/** Why a case has no value, and how that is told behind a count of them. */
export const missingReasons = {
  stopped: "stopped before it",
  failed: "failed before it",
  silent: "where the model said nothing",
  crashed: "whose process died",
  clock: "whose clock jumped",
  held: "where every hunk waited for a yes",
  unsent: "never sent",
  unmarked: "taken by the running answer, which does not say where",
  uncommitted: "in no commit after a day",
  elsewhere: "begun in another session",
  unmerged: "not on the default branch",
  unseen: "that nobody looked at",
  commit: "decided by a commit",
} as const;
export type MissingReason = keyof typeof missingReasons;

/** `duration`: values in `unit`, of which the median is told. `share`: so many `hits` of so many; `per` of them are told. */
export interface KpiDefinition {
  readonly kpi: KpiName;
  readonly title: string;
  /** One sentence, as it is shown beside the number. */
  readonly definition: string;
  readonly kind: "duration" | "share";
  readonly unit: "ms" | "s" | "h" | "%" | "per 100";
  readonly better: "less" | "more";
  /** What one case is, in the plural: `turns`. */
  readonly cases: string;
  /** What one sample is, where it counts several cases at once: `accepted hunks`. */
  readonly each?: string;
  /** Names of the parts of a duration, in the order of time. */
  readonly parts?: readonly string[];
}

/** By what numbers are told apart. */
export interface KpiDimensions {
  readonly lane: Lane;
  /** `provider/name`. */
  readonly model: string;
  /** Absent: none ran. */
  readonly workflow?: string;
  /** Real path of the workspace, or what stands for it in an export. */
  readonly repository: string;
}

export interface KpiSample extends KpiDimensions {
  readonly kpi: KpiName;
  /** ms since 1970, of the case's end. */
  readonly at: number;
  /** Of a duration, in the unit of its definition; absent: not measured. */
  readonly value?: number;
  /** Why there is no value. */
  readonly missing?: MissingReason;
  /** Of a duration that has parts, those that were measured, in its unit. */
  readonly parts?: Readonly<Record<string, number>>;
  /** Of a share. */
  readonly hits?: number;
  readonly of?: number;
}
