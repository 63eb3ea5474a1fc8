/** Some KPIs for each lane and model: the number, its interval drawn and told, and its cases. */
import {
  type KpiDefinition,
  type KpiFigure,
  type KpiName,
  type KpiSample,
  figureOf,
  kpiDefinitions,
} from "@twolane/protocol/kpis";
import { intervalMark } from "../charts/interval-mark.ts";
import { type Child, html } from "../dom/element.ts";
import { missing, table } from "../dom/table.ts";
import { amount, count, missingText, range, valueOf } from "../numbers/format.ts";

interface FigureTable {
  readonly caption: string;
  readonly kpis: readonly KpiName[];
  readonly samples: readonly KpiSample[];
}

/** Undefined where nothing of it was measured. */
export function figureTable({ caption, kpis, samples }: FigureTable): HTMLElement | undefined {
  const definitions = kpiDefinitions.filter(({ kpi }) => kpis.includes(kpi));
  const own = samples.filter(({ kpi }) => kpis.includes(kpi));
  if (own.length === 0) return undefined;
  const groups = [...new Set(own.map(({ lane, model }) => `${lane} ${model}`))].sort().reverse();
  const figures = groups.map((name) => {
    const mine = own.filter(({ lane, model }) => `${lane} ${model}` === name);
    return { name, figures: definitions.map((definition) => figureOf(definition, mine)) };
  });
  const highs = definitions.map((definition, index) =>
    highOf(
      definition,
      figures.map((row) => row.figures[index]!),
    ),
  );
  const rows = figures.map((row) => [
    nameCell(row.name),
    ...row.figures.map((figure, index) => figureCell(definitions[index]!, figure, highs[index]!)),
  ]);
  return table(caption, [{ title: "Lane and model" }, ...definitions.map(({ title }) => ({ title }))], rows);
}

function nameCell(name: string): HTMLElement {
  const [lane = "", ...model] = name.split(" ");
  return html("span", {}, html("span", { class: `tag lane ${lane}` }, lane), ` ${model.join(" ")}`);
}

/** The end of the line that a KPI's numbers are drawn on. */
function highOf({ unit }: KpiDefinition, figures: readonly KpiFigure[]): number {
  if (unit === "%") return 100;
  return Math.max(
    1,
    ...figures.map((figure) => (valueOf(figure) ?? 0) * 1.5),
    ...figures.map(({ interval }) => interval?.[1] ?? 0),
  );
}

function figureCell(definition: KpiDefinition, figure: KpiFigure, high: number): Child {
  const value = valueOf(figure);
  const without = missingText(figure);
  if (value === undefined)
    return html("div", {}, missing(), without === undefined ? undefined : html("div", { class: "cases" }, without));
  const { interval, cases, hits, of } = figure;
  const told = definition.kind === "share" ? `${count(hits ?? 0)} of ${count(of ?? 0)}` : `${count(cases)} ${definition.cases}`;
  return html(
    "div",
    { class: "figure-cell" },
    html("strong", {}, amount(definition, value)),
    figure.isTooFew ? html("span", { class: "few" }, "too few") : undefined,
    intervalMark({ value, high, ...(interval && { interval }) }),
    html("div", { class: "cases" }, `${interval ? `${range(definition, interval)} · ` : ""}${told}`),
  );
}
