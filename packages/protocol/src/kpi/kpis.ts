/** The door of the KPIs: every definition in one table, each written beside the fold that computes it. */
import { fixes, leadTime, reverts, survival1, survival30, survival7 } from "./after-commit.ts";
import { hunksAccepted, linesAccepted, linesEdited } from "./acceptance.ts";
import { correction, steerTime, stopTime } from "./corrections.ts";
import { firstHunk, firstToken } from "./first-output.ts";
import { reviewPerHunk, reviewPerLines } from "./review-effort.ts";
import type { KpiDefinition } from "./sample.ts";
import { acceptedCommit, oneLoop } from "./tasks.ts";

/** In the order in which they are told. */
export const kpiDefinitions: readonly KpiDefinition[] = [
  ...[firstToken, firstHunk, acceptedCommit, correction, oneLoop],
  ...[hunksAccepted, linesAccepted, linesEdited, fixes, reverts, survival1, survival7, survival30],
  ...[leadTime, reviewPerHunk, reviewPerLines, stopTime, steerTime],
];

export type { LandedHunk } from "./acceptance.ts";
export * from "./after-commit.ts";
export * from "./comparison.ts";
export * from "./export.ts";
export * from "./figures.ts";
export * from "./fold.ts";
export * from "./report-data.ts";
export * from "./sample.ts";
export * from "./session-kpis.ts";
export * from "./statistics.ts";
export type { TaskOutcome, TaskRecord } from "./tasks.ts";
export { type SpanKind, type TraceMark, type TraceSpan, type TurnTrace, durationOf, pickTurns } from "./turn-traces.ts";
export { sumVerdicts } from "./verdicts.ts";
