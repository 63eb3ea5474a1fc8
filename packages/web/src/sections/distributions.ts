/** How each number is spread and how it went over time: an average alone hides both. */
import { type KpiDefinition, type KpiSample, type ReportGroup, kpiDefinitions } from "@twolane/protocol/kpis";
import { histogram } from "../charts/histogram.ts";
import { timePlot } from "../charts/time-plot.ts";
import { choice } from "../dom/choice.ts";
import { html } from "../dom/element.ts";
import { definitionOf, drawSection } from "../dom/section.ts";
import { type Dimension, periodsOf } from "../numbers/periods.ts";

const dimensions: readonly { readonly text: string; readonly value: Dimension }[] = [
  { text: "lane", value: "lane" },
  { text: "model", value: "model" },
  { text: "workflow", value: "workflow" },
];

export function distributions({ samples }: ReportGroup): HTMLElement | undefined {
  const known = kpiDefinitions.filter(({ kpi }) =>
    samples.some((sample) => sample.kpi === kpi && (sample.value ?? sample.of) !== undefined),
  );
  const [first] = known;
  if (first === undefined) return undefined;
  const shown = html("div", { class: "panel" });
  let definition = first;
  let by: Dimension = "lane";
  const draw = (): void => shown.replaceChildren(...drawn(definition, samples, by));
  const controls = html(
    "div",
    { class: "controls" },
    choice({ id: "kpi", label: "Number", options: known.map((value) => ({ text: value.title, value })) }, (chosen) => {
      definition = chosen;
      draw();
    }),
    choice({ id: "by", label: "apart by", options: dimensions }, (chosen) => {
      by = chosen;
      draw();
    }),
  );
  return drawSection({
    id: "distributions",
    title: "Spread and course",
    short: "Distributions",
    lead: "A median says nothing of the slow days. Bars show how many cases took how long, each step a quarter longer than the one before it; lines show the median or share of each day or week.",
    parts: [controls, shown],
  });
}

function drawn(definition: KpiDefinition, samples: readonly KpiSample[], by: Dimension): readonly Node[] {
  const own = samples.filter(({ kpi }) => kpi === definition.kpi);
  const periods = periodsOf(definition, own, by);
  return [
    html("h3", {}, definition.title),
    definitionOf(definition),
    ...(definition.kind === "duration" ? [histogram({ title: definition.title, rows: valuesBy(own, by), definition })] : []),
    ...(periods === undefined ? [] : [timePlot(definition, periods)]),
  ];
}

function valuesBy(samples: readonly KpiSample[], by: Dimension): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, number[]>();
  for (const sample of samples) {
    if (sample.value === undefined) continue;
    const name = sample[by] ?? "none";
    const row = rows.get(name) ?? [];
    rows.set(name, row);
    row.push(sample.value);
  }
  return new Map([...rows].sort(([one], [other]) => (one < other ? 1 : -1)));
}
