/** How values are spread, one row of bars for each name, all on the same steps so that rows can be compared. */
import { type KpiDefinition, medianOf } from "@twolane/protocol/kpis";
import { html, svg } from "../dom/element.ts";
import { asTable } from "../dom/table.ts";
import { binsOf, edgesOf } from "../numbers/bins.ts";
import { amount, count, counted, ticksBetween } from "../numbers/format.ts";

const [width, height] = [400, 72];

export interface Histogram {
  readonly title: string;
  readonly rows: ReadonlyMap<string, readonly number[]>;
  readonly definition: KpiDefinition;
}

export function histogram({ title, rows, definition }: Histogram): HTMLElement {
  const told = (value: number): string => amount(definition, value);
  const edges = edgesOf([...rows.values()].flat());
  const binned = [...rows].map(([name, values]) => ({ name, values, bins: binsOf(values, edges) }));
  const figures = binned.map((row) => rowOf(row, edges, definition));
  const columns = [{ title: "From" }, ...binned.map(({ name }) => ({ title: name, isNumber: true }))];
  const lines = edges
    .slice(0, -1)
    .map((edge, index) => [
      `${told(edge)} to ${told(edges[index + 1]!)}`,
      ...binned.map(({ bins }) => count(bins[index]!.count)),
    ]);
  return html("div", {}, html("div", { class: "histograms" }, ...figures), asTable(`Distribution of ${title}`, columns, lines));
}

interface Row {
  readonly name: string;
  readonly values: readonly number[];
  readonly bins: ReturnType<typeof binsOf>;
}

function rowOf({ name, values, bins }: Row, edges: readonly number[], definition: KpiDefinition): HTMLElement {
  const told = (value: number): string => amount(definition, value);
  const step = width / Math.max(1, bins.length);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const bars = bins.map((bin, index) => {
    const tall = (bin.count / most) * (height - 4);
    return svg(
      "rect",
      { x: index * step + 0.75, y: height - tall, width: step - 1.5, height: tall },
      svg("title", {}, `${told(bin.from)} to ${told(bin.to)}: ${count(bin.count)}`),
    );
  });
  const sorted = values.toSorted((one, other) => one - other);
  const median = medianOf(sorted);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const share = (value: number): number => (low > 0 && value > low ? Math.log(value / low) / Math.log(high / low) : 0);
  const ticks = ticksBetween(definition, low, high).map((value) => {
    const tick = html("span", {}, told(value));
    tick.style.left = `${share(value) * 100}%`;
    // At the right end there is no room behind its line.
    if (share(value) > 0.93) tick.classList.add("last");
    return tick;
  });
  const x = share(median) * width;
  const label = `${name}: ${counted(values.length, "case")}, median ${told(median)}, from ${told(sorted[0]!)} to ${told(sorted.at(-1)!)}`;
  return html(
    "figure",
    { class: `histogram lane ${name}` },
    html("figcaption", {}, html("span", { class: "name" }, name), ` ${counted(values.length, "case")} · median ${told(median)}`),
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      svg("g", { class: "bars" }, ...bars),
      svg("line", { class: "median", x1: x, x2: x, y1: 0, y2: height }),
    ),
    html("div", { class: "ticks", "aria-hidden": "true" }, ...ticks),
  );
}
