/** Two groups with what differs between them, computed once for all places that tell of it. Pure. */
import { type KpiComparison, type ReportGroup, compareKpis, kpiDefinitions } from "@twolane/protocol/kpis";
import { type Conclusion, conclusionOf } from "./conclusion.ts";

export interface Sides {
  readonly before: ReportGroup;
  readonly after: ReportGroup;
  /** One for each KPI, in the order of the definitions. */
  readonly comparisons: readonly KpiComparison[];
  readonly conclusion: Conclusion;
}

export function sidesOf(before: ReportGroup, after: ReportGroup): Sides {
  const comparisons = compareKpis(kpiDefinitions, before.samples, after.samples);
  return { before, after, comparisons, conclusion: conclusionOf([before.name, after.name], kpiDefinitions, comparisons) };
}
