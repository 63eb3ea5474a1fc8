/** One glance: the four numbers that show whether low latency helps, each with a sentence, its cases and its interval. */
import {
  type KpiDefinition,
  type KpiSample,
  type ReportGroup,
  comparisonOf,
  figureOf,
  figuresBy,
  kpiDefinitions,
} from "@twolane/protocol/kpis";
import { shareBar, strip } from "../charts/strip.ts";
import { html } from "../dom/element.ts";
import { definitionOf, drawSection } from "../dom/section.ts";
import { findingOf, keyNumbers } from "../numbers/findings.ts";
import { amount, casesText, missingText, range, valueOf } from "../numbers/format.ts";

/** `before`: what the numbers are held against, where there is something. */
export function overview(group: ReportGroup, before?: ReportGroup): HTMLElement {
  const cards = keyNumbers.flatMap((key) => {
    const definition = kpiDefinitions.find(({ kpi }) => kpi === key);
    return definition === undefined ? [] : [card(definition, group, before)];
  });
  const title = before === undefined ? "At a glance" : `At a glance: ${group.name}`;
  return drawSection({ id: "overview", title, short: "At a glance", parts: [html("div", { class: "cards" }, ...cards)] });
}

function card(definition: KpiDefinition, { samples }: ReportGroup, before?: ReportGroup): HTMLElement {
  const figure = figureOf(definition, samples);
  const value = valueOf(figure);
  const values = samples.flatMap((sample) => (sample.kpi === definition.kpi ? (sample.value ?? []) : []));
  const told =
    value === undefined ? html("p", { class: "figure missing" }, "—") : html("p", { class: "figure" }, amount(definition, value));
  const interval = figure.interval && html("p", { class: "interval" }, `95 %: ${range(definition, figure.interval)}`);
  const without = missingText(figure);
  return html(
    "article",
    { class: "card", "aria-labelledby": `card-${definition.kpi}` },
    html("h3", { id: `card-${definition.kpi}` }, definition.title),
    told,
    interval,
    definition.kind === "share" ? (value === undefined ? undefined : shareBar(figure)) : strip(values, figure),
    html("p", { class: "finding" }, findingOf(definition, figure)),
    before &&
      html(
        "p",
        { class: "finding" },
        html("strong", {}, `Against ${before.name}: `),
        comparisonOf(definition, before.samples, samples).sentence,
      ),
    laneRows(definition, samples),
    html("p", { class: "cases" }, casesText(definition, figure), without === undefined ? undefined : html("br"), without),
    definitionOf(definition),
  );
}

function laneRows(definition: KpiDefinition, samples: readonly KpiSample[]): HTMLElement | undefined {
  const lanes = [
    ...figuresBy(
      [definition],
      samples.filter(({ kpi }) => kpi === definition.kpi),
      "lane",
    ),
  ];
  if (lanes.length < 2) return undefined;
  const rows = lanes.flatMap(([lane, [figure]]) => {
    if (figure === undefined) return [];
    const value = valueOf(figure);
    const told = value === undefined ? "not measured" : amount(definition, value);
    return [html("dt", { class: `lane ${lane}` }, lane), html("dd", {}, figure.isTooFew ? `${told} (too few)` : told)];
  });
  return html("dl", { class: "lanes" }, ...rows);
}
