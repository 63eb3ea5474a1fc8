/** How a number went over time, one line for each name. Drawn by uPlot in the colours of the page, and anew when those or the width change. */
import uPlot from "uplot";
import type { KpiDefinition } from "@twolane/protocol/kpis";
import { html } from "../dom/element.ts";
import { asTable, missing } from "../dom/table.ts";
import { amount, count, dateText, valueOf } from "../numbers/format.ts";
import type { Periods } from "../numbers/periods.ts";

const height = 240;
const palette = ["--fast", "--deep", "--third", "--fourth", "--before"];
const axisSizes = { x: 34, y: 72 };

export function timePlot(definition: KpiDefinition, periods: Periods): HTMLElement {
  const names = [...periods.series.keys()];
  const label = `${definition.title} by ${periods.each}, ${names.join(" and ")}; the table below has the numbers`;
  const place = html("div", { class: "plot", role: "img", "aria-label": label });
  draw(place, { definition, periods });
  const key = html("ul", { class: "key" }, ...names.map((name, index) => html("li", { class: toneOf(name, index) }, name)));
  const columns = [
    { title: periods.each === "day" ? "Day" : "Week from" },
    ...names.flatMap((name) => [
      { title: name, isNumber: true },
      { title: `${name}: cases`, isNumber: true },
    ]),
  ];
  const rows = periods.starts.map((start, index) => [
    dateText(start),
    ...[...periods.series.values()].flatMap((figures) => {
      const figure = figures[index]!;
      const value = valueOf(figure);
      return [value === undefined ? missing("none") : amount(definition, value), count(figure.cases)];
    }),
  ]);
  return html("div", {}, key, place, asTable(`${definition.title} over time`, columns, rows));
}

const toneOf = (name: string, index: number): string =>
  name === "fast" || name === "deep" ? `lane ${name}` : `tone-${index % palette.length}`;

const colorVariable = (name: string, index: number): string =>
  name === "fast" || name === "deep" ? `--${name}` : palette[index % palette.length]!;

interface Plotted {
  readonly definition: KpiDefinition;
  readonly periods: Periods;
}

function draw(place: HTMLElement, plotted: Plotted): void {
  let plot: uPlot | undefined;
  const redraw = (): void => {
    plot?.destroy();
    plot = place.isConnected && place.clientWidth > 0 ? new uPlot(optionsOf(place, plotted), dataOf(plotted), place) : undefined;
  };
  new ResizeObserver(([entry]) => {
    if (plot === undefined) return redraw();
    if (entry !== undefined) plot.setSize({ width: entry.contentRect.width, height });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

function dataOf({ periods }: Plotted): uPlot.AlignedData {
  const lines = [...periods.series.values()].map((figures) => figures.map((figure) => valueOf(figure) ?? null));
  return [periods.starts.map((start) => start / 1000), ...lines];
}

function optionsOf(place: HTMLElement, { definition, periods }: Plotted): uPlot.Options {
  const colors = getComputedStyle(place);
  const color = (name: string): string => colors.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--soft"),
    grid: { stroke: color("--faint"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const series = [...periods.series.keys()].map((label, index): uPlot.Series => {
    const stroke = color(colorVariable(label, index));
    return { label, stroke, width: 2, spanGaps: true, points: { show: true, size: 5, fill: stroke } };
  });
  const isShare = definition.kind === "share";
  return {
    ...{ width: place.clientWidth, height, legend: { show: false }, cursor: { drag: { x: false, y: false } } },
    scales: {
      x: { time: true },
      y: isShare ? { range: (_, __, high) => [0, definition.unit === "%" ? 100 : Math.max(10, high)] } : { distr: 3, log: 10 },
    },
    axes: [
      { ...axis, size: axisSizes.x, values: (_, splits) => splits.map((at) => dayText(at * 1000)), space: 70 },
      {
        ...axis,
        size: axisSizes.y,
        values: (_, splits) =>
          splits.map((value) => (value === null || (value <= 0 && !isShare) ? "" : amount(definition, value))),
      },
    ],
    series: [{}, ...series],
  };
}

const dayText = (at: number): string => new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
