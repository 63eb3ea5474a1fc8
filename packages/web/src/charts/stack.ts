/**
 * A duration in its parts, one bar for each name. The bars are medians of the parts, which need not sum to the median of the whole; a part
 * that most cases do not have is told beside them.
 */
import type { KpiFigure } from "@twolane/protocol/kpis";
import { html } from "../dom/element.ts";
import { asTable, missing } from "../dom/table.ts";
import { count, valueOf } from "../numbers/format.ts";
import { waitText } from "./waterfall.ts";

export interface Stack {
  readonly title: string;
  readonly parts: readonly string[];
  readonly rows: ReadonlyMap<string, KpiFigure>;
  readonly told: (value: number) => string;
}

export function stack({ title, parts, rows, told }: Stack): HTMLElement {
  const isUsual = ({ cases }: KpiFigure, part: { readonly cases: number }): boolean => part.cases * 2 >= cases;
  const partsOf = (figure: KpiFigure): readonly (readonly [string, number])[] =>
    parts.flatMap((name) => {
      const part = figure.parts?.[name];
      return part !== undefined && isUsual(figure, part) ? [[name, part.median] as const] : [];
    });
  const seldom = [...rows].flatMap(([row, figure]) =>
    parts.flatMap((name) => {
      const part = figure.parts?.[name];
      if (part === undefined || isUsual(figure, part)) return [];
      return [
        html(
          "li",
          {},
          `${row}: ${waitText(name)} ${told(part.median)} in ${count(part.cases)} of ${count(figure.cases)} cases, not in the bar`,
        ),
      ];
    }),
  );
  const sumOf = (figure: KpiFigure): number => partsOf(figure).reduce((sum, [, median]) => sum + median, 0);
  const most = Math.max(1, ...[...rows.values()].map(sumOf));
  const bars = [...rows].map(([name, figure]) => {
    const pieces = partsOf(figure).map(([part, median]) => {
      const piece = html("span", { class: `bar ${part}`, title: `${waitText(part)}: ${told(median)}` });
      piece.style.width = `${(median / most) * 100}%`;
      return piece;
    });
    return html(
      "li",
      {},
      html("span", { class: "what" }, name),
      html("span", { class: "track" }, ...pieces),
      html("span", { class: "time" }, told(valueOf(figure) ?? sumOf(figure))),
    );
  });
  const key = parts.map((part) => html("li", { class: `part ${part}` }, waitText(part)));
  const cells = parts.map((part) => [
    waitText(part),
    ...[...rows.values()].map(({ parts: measured }) => {
      const found = measured?.[part];
      return found === undefined ? missing() : `${told(found.median)} (${count(found.cases)})`;
    }),
  ]);
  const columns = [{ title: "Part" }, ...[...rows.keys()].map((name) => ({ title: `${name}: median (cases)`, isNumber: true }))];
  return html(
    "div",
    { class: "waterfall" },
    html("ul", { class: "key", "aria-hidden": "true" }, ...key),
    html("ul", { class: "spans", "aria-hidden": "true" }, ...bars),
    seldom.length === 0 ? undefined : html("ul", { class: "cases" }, ...seldom),
    asTable(title, columns, cells),
  );
}
