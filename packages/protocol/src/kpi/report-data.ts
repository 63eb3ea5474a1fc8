/** What the report shows, as one value without file or model text: the page draws it, an export carries the part of it that names nobody. */
import type { LimitsReport } from "../limits-report.ts";
import type { SpendRow } from "../spend.ts";
import type { KpiSample } from "./sample.ts";
import type { TaskRecord } from "./tasks.ts";
import type { TurnTrace } from "./turn-traces.ts";

/** A guardrail that held, blocked or warned, and what a person said to it. */
export interface VerdictCount {
  readonly rule: string;
  readonly lane: string;
  readonly told: number;
  readonly allowed: number;
  readonly rejected: number;
}

export interface WorkSpend extends SpendRow {
  /** Absent: none ran. */
  readonly workflow?: string;
}

/** What is set side by side: a period, or the people of some exports. */
export interface ReportGroup {
  readonly name: string;
  /** What must be kept in mind of its numbers. */
  readonly note?: string;
  readonly samples: readonly KpiSample[];
  readonly tasks: readonly TaskRecord[];
  readonly spend: readonly WorkSpend[];
}

export interface ReportData {
  readonly version: 1;
  /** ms since 1970. */
  readonly madeAt: number;
  readonly from: number;
  readonly to: number;
  /** How many people's numbers they are; 1: one's own. */
  readonly people: number;
  readonly sessions: number;
  /** One; or two, of which the first is the time or the team before. */
  readonly groups: readonly ReportGroup[];
  readonly verdicts: readonly VerdictCount[];
  /** A few turns, picked: the newest, the slowest, one in the middle of each lane. Of two groups those of the second. */
  readonly turns: readonly TurnTrace[];
  readonly limits?: LimitsReport;
  /** Sessions that had to make room on the disk, the newest of them of that time (ms since 1970): their numbers are missing. */
  readonly removed?: { readonly sessions: number; readonly until: number };
}

/** One person's numbers as they may leave the machine (`export.ts`). */
export interface KpiExport {
  readonly type: "kpi.export";
  readonly version: 1;
  /** ms since 1970, of a day's middle, as all times in it. */
  readonly from: number;
  readonly to: number;
  readonly sessions: number;
  readonly samples: readonly KpiSample[];
  readonly tasks: readonly TaskRecord[];
  readonly spend: readonly WorkSpend[];
  readonly verdicts: readonly VerdictCount[];
  /** As in the report; sessions and turns have no names. */
  readonly turns: readonly TurnTrace[];
}
