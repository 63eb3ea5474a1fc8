/** Every KPI with all that is told of it, and its definition. */
import { type KpiDefinition, type KpiFigure, type ReportGroup, figureOf, kpiDefinitions } from "@twolane/protocol/kpis";
import { type Child, html } from "../dom/element.ts";
import { definitionOf, drawSection } from "../dom/section.ts";
import { missing, table } from "../dom/table.ts";
import { amount, casesText, missingText, range, valueOf } from "../numbers/format.ts";

const columns = [
  { title: "KPI" },
  { title: "Median or share", isNumber: true },
  { title: "95 % interval", isNumber: true },
  { title: "Mean", isNumber: true },
  { title: "p95", isNumber: true },
  { title: "Of" },
];

export function allNumbers({ samples }: ReportGroup): HTMLElement {
  const rows = kpiDefinitions.map((definition) => rowOf(definition, figureOf(definition, samples)));
  return drawSection({
    id: "numbers",
    title: "All numbers",
    lead: "Each with the cases it is made of. What was not measured is counted as that and never guessed.",
    parts: [table("All KPIs", columns, rows)],
  });
}

function rowOf(definition: KpiDefinition, figure: KpiFigure): readonly Child[] {
  const value = valueOf(figure);
  const told = (number: number | undefined): Child => (number === undefined ? undefined : amount(definition, number));
  const without = missingText(figure);
  return [
    html("div", {}, definition.title, definitionOf(definition)),
    value === undefined ? missing() : html("strong", {}, amount(definition, value)),
    figure.interval ? range(definition, figure.interval) : missing("none"),
    definition.kind === "share" ? "" : told(figure.mean),
    definition.kind === "share" ? "" : figure.p95 === undefined ? missing("too few") : told(figure.p95),
    html(
      "div",
      {},
      casesText(definition, figure),
      figure.isTooFew ? html("span", { class: "few" }, "too few to tell") : undefined,
      without === undefined ? undefined : html("div", { class: "cases" }, without),
    ),
  ];
}
