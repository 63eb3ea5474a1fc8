/** A distribution in one line: bars of how many, the median and its interval. What it shows is said in words to whoever does not see it. */
import type { KpiFigure } from "@twolane/protocol/kpis";
import { svg } from "../dom/element.ts";
import { binsOf, edgesOf } from "../numbers/bins.ts";

const [width, height] = [240, 44];

export function strip(values: readonly number[], { median, interval }: KpiFigure): SVGElement | undefined {
  const edges = edgesOf(values);
  const [low, high] = [edges[0], edges.at(-1)];
  if (values.length < 2 || low === undefined || high === undefined || low <= 0) return undefined;
  const bins = binsOf(values, edges);
  const most = Math.max(...bins.map(({ count }) => count));
  const x = (value: number): number => (Math.log(Math.max(value, low) / low) / Math.log(high / low)) * width;
  const bars = bins.map(({ from, to, count }) => {
    const tall = (count / most) * (height - 8);
    return svg("rect", { x: x(from) + 0.5, y: height - 4 - tall, width: Math.max(1, x(to) - x(from) - 1), height: tall, rx: 1 });
  });
  return svg(
    "svg",
    { class: "strip", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": true },
    svg("g", { class: "bars" }, ...bars),
    interval && svg("line", { class: "interval", x1: x(interval[0]), x2: x(interval[1]), y1: height - 1.5, y2: height - 1.5 }),
    median === undefined ? undefined : svg("line", { class: "median", x1: x(median), x2: x(median), y1: 0, y2: height }),
  );
}

/** A share as a bar of two parts. */
export const shareBar = ({ share = 0, interval }: KpiFigure): SVGElement =>
  svg(
    "svg",
    { class: "strip share", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": true },
    svg("rect", { class: "rest", x: 0, y: 16, width, height: 16, rx: 3 }),
    svg("rect", { class: "hits", x: 0, y: 16, width: (share / 100) * width, height: 16, rx: 3 }),
    interval &&
      svg("line", {
        ...{ class: "interval", y1: height - 1.5, y2: height - 1.5 },
        ...{ x1: (interval[0] / 100) * width, x2: (interval[1] / 100) * width },
      }),
  );
