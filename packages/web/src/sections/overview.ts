/** One glance: the four numbers that show whether low latency helps, each with a sentence, its cases and its interval. */
import {
  type KpiDefinition,
  type KpiFigure,
  type KpiSample,
  type ReportGroup,
  figureOf,
  figuresBy,
  kpiDefinitions,
} from "@twolane/protocol/kpis";
import { shareBar, strip } from "../charts/strip.ts";
import { html } from "../dom/element.ts";
import { definitionOf, drawSection } from "../dom/section.ts";
import { findingOf, keyNumbers, timeFinding } from "../numbers/findings.ts";
import { amount, casesText, missingText, range, valueOf } from "../numbers/format.ts";
import type { Sides } from "../numbers/sides.ts";

/** `sides`: what the group is held against, where there is something. */
export function overview(group: ReportGroup, sides?: Sides): HTMLElement {
  const cards = keyNumbers.flatMap((key) => {
    const definition = kpiDefinitions.find(({ kpi }) => kpi === key);
    return definition === undefined ? [] : [card(definition, group, sides)];
  });
  const [firstToken] = kpiDefinitions;
  const time = firstToken && timeFinding(firstToken, figureOf(firstToken, group.samples));
  return drawSection({
    id: "overview",
    title: sides === undefined ? "At a glance" : `At a glance: ${group.name}, against ${sides.before.name}`,
    short: "At a glance",
    parts: [
      sides && html("p", { class: "verdict" }, sides.conclusion.verdict),
      html("div", { class: "cards" }, ...cards),
      time === undefined ? undefined : html("p", { class: "finding wide" }, time),
    ],
  });
}

function card(definition: KpiDefinition, { samples }: ReportGroup, sides?: Sides): HTMLElement {
  const figure = figureOf(definition, samples);
  const value = valueOf(figure);
  const without = missingText(figure);
  const comparison = sides?.comparisons.find(({ kpi }) => kpi === definition.kpi);
  return html(
    "article",
    { class: "card", "aria-labelledby": `card-${definition.kpi}` },
    html("h3", { id: `card-${definition.kpi}` }, definition.title),
    html("p", { class: `figure ${figure.isTooFew ? "missing" : ""}` }, value === undefined ? "—" : amount(definition, value)),
    figure.interval && html("p", { class: "interval" }, `95 %: ${range(definition, figure.interval)}`),
    figure.isTooFew ? undefined : picture(definition, figure, samples),
    html("p", { class: "finding" }, findingOf(definition, figure)),
    laneRows(definition, samples),
    comparison && html("p", { class: "finding" }, html("strong", {}, `Against ${sides?.before.name}: `), comparison.sentence),
    html("p", { class: "cases" }, casesText(definition, figure), without === undefined ? undefined : html("br"), without),
    definitionOf(definition),
  );
}

function picture(definition: KpiDefinition, figure: KpiFigure, samples: readonly KpiSample[]): SVGElement | undefined {
  if (definition.kind === "share") return shareBar(figure);
  return strip(
    samples.flatMap(({ kpi, value }) => (kpi === definition.kpi ? (value ?? []) : [])),
    figure,
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
  lanes.reverse();
  const rows = lanes.flatMap(([lane, [figure]]) => {
    if (figure === undefined) return [];
    const value = valueOf(figure);
    const told = value === undefined ? "not measured" : amount(definition, value);
    return [html("dt", { class: `lane ${lane}` }, lane), html("dd", {}, figure.isTooFew ? `${told} (too few)` : told)];
  });
  return html("dl", { class: "lanes" }, ...rows);
}
