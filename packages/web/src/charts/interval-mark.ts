/** A number with its interval on a line from nothing to the most there can be: for a cell beside the number itself. */
import type { Interval } from "@twolane/protocol/kpis";
import { svg } from "../dom/element.ts";

const [width, height] = [140, 16];

export interface IntervalMark {
  readonly value: number;
  readonly interval?: Interval;
  readonly low?: number;
  readonly high: number;
  /** Of its colour. */
  readonly tone?: string;
}

export function intervalMark({ value, interval, low = 0, high, tone = "" }: IntervalMark): SVGElement {
  const x = (at: number): string => String(((Math.min(high, Math.max(low, at)) - low) / (high - low)) * (width - 8) + 4);
  const middle = height / 2;
  return svg(
    "svg",
    { class: `interval-mark ${tone}`, viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": true },
    svg("line", { class: "axis", x1: 4, x2: width - 4, y1: middle, y2: middle }),
    low < 0 ? svg("line", { class: "zero", x1: x(0), x2: x(0), y1: 1, y2: height - 1 }) : undefined,
    interval && svg("line", { class: "whisker", x1: x(interval[0]), x2: x(interval[1]), y1: middle, y2: middle }),
    // It goes on where the line ends.
    interval && interval[0] < low
      ? svg("path", { class: "beyond", d: `M6 ${middle - 5} L0 ${middle} L6 ${middle + 5} Z` })
      : undefined,
    interval && interval[1] > high
      ? svg("path", { class: "beyond", d: `M${width - 6} ${middle - 5} L${width} ${middle} L${width - 6} ${middle + 5} Z` })
      : undefined,
    svg("circle", { cx: x(value), cy: middle, r: 3.5 }),
  );
}
