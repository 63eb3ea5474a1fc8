/** Two periods or two groups side by side: what differs, by how much with its interval, and what may and may not be concluded. */
import { type KpiComparison, type KpiDefinition, comparisonCaveats, kpiDefinitions } from "@twolane/protocol/kpis";
import { intervalMark } from "../charts/interval-mark.ts";
import { type Child, html } from "../dom/element.ts";
import { definitionOf, drawSection } from "../dom/section.ts";
import { missing, table } from "../dom/table.ts";
import { amount, casesText, valueOf } from "../numbers/format.ts";
import type { Sides } from "../numbers/sides.ts";

const findingTexts = { better: "better", worse: "worse", alike: "no difference shown", "too-few": "too few" } as const;
const tones = { better: "good", worse: "bad", alike: "", "too-few": "" } as const;

export function pilot({ before, after, comparisons, conclusion: { verdict, details } }: Sides): HTMLElement {
  const rows = comparisons.map((comparison, index) => rowOf(kpiDefinitions[index]!, comparison));
  const columns = [
    { title: "Number" },
    { title: before.name, isNumber: true },
    { title: after.name, isNumber: true },
    { title: "Change" },
    { title: "What it says" },
  ];
  return drawSection({
    id: "pilot",
    short: "Side by side",
    title: `${before.name} and ${after.name}, side by side`,
    parts: [
      html("p", { class: "verdict" }, verdict),
      html("ul", {}, ...details.map((line) => html("li", {}, line))),
      html(
        "p",
        { class: "note" },
        [before.note, after.note, ...comparisonCaveats, marksText(before.name)].filter((line) => line !== undefined).join(" "),
      ),
      table(`${before.name} and ${after.name}`, columns, rows),
    ],
  });
}

const marksText = (first: string): string =>
  `The mark of a change runs from −100 % to +100 % of the number of “${first}”, also where that is a share; an arrow says that the interval goes on.`;

function rowOf(
  definition: KpiDefinition,
  { before, after, finding, difference, interval, sentence }: KpiComparison,
): readonly Child[] {
  const side = (figure: KpiComparison["before"]): Child => {
    const value = valueOf(figure);
    return value === undefined
      ? missing()
      : html(
          "div",
          {},
          html("strong", {}, amount(definition, value)),
          html("div", { class: "cases" }, casesText(definition, figure)),
        );
  };
  const base = valueOf(before);
  const scaled = (by: number): number => (base === undefined || base === 0 ? 0 : by / base);
  const mark =
    difference === undefined || interval === undefined || !base
      ? missing("none")
      : intervalMark({
          value: scaled(difference),
          interval: [scaled(interval[0]), scaled(interval[1])],
          low: -1,
          high: 1,
          tone: tones[finding],
        });
  return [
    html("div", {}, definition.title, definitionOf(definition)),
    side(before),
    side(after),
    html("div", {}, mark, html("div", { class: `tone ${tones[finding]}` }, findingTexts[finding])),
    html("span", { class: "sentence" }, sentence),
  ];
}
