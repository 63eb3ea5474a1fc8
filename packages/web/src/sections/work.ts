/** Three sections of the same shape: stops and corrections, acceptance against what lasts, review effort. */
import { type KpiName, type ReportGroup, figureOf, kpiDefinitions } from "@twolane/protocol/kpis";
import { html } from "../dom/element.ts";
import { type Section, drawSection } from "../dom/section.ts";
import { amount, casesText, percent } from "../numbers/format.ts";
import { figureTable } from "./figure-table.ts";

type Sentence = (group: ReportGroup) => string | undefined;

interface Work extends Pick<Section, "id" | "title" | "short" | "lead"> {
  readonly kpis: readonly KpiName[];
  readonly sentence: Sentence;
}

const works: readonly Work[] = [
  {
    id: "corrections",
    title: "Stops and corrections",
    short: "Corrections",
    lead: "How quickly it is quiet after the stop key, how quickly a new word is on its way, and how long until the corrected course shows.",
    kpis: ["stop", "steer", "correction"],
    sentence: correctionSentence,
  },
  {
    id: "quality",
    title: "Accepted, and still there",
    short: "Quality",
    lead: "Acceptance alone flatters: what counts is whether accepted lines last and how many bugs they bring.",
    kpis: ["lines-accepted", "survival-7", "survival-30", "fixes", "reverts"],
    sentence: qualitySentence,
  },
  {
    id: "review",
    title: "Review effort",
    short: "Review",
    lead: "From a hunk being looked at to the yes or no. Time saved in writing can be lost here.",
    kpis: ["review-hunk", "review-lines", "lines-edited"],
    sentence: () => undefined,
  },
];

export const workSections = (group: ReportGroup): readonly HTMLElement[] =>
  works.flatMap(({ kpis, sentence, ...head }) => {
    const measured = figureTable({ caption: `${head.title}, by lane and model`, kpis, samples: group.samples });
    if (measured === undefined) return [];
    const said = sentence(group);
    return [drawSection({ ...head, parts: [said === undefined ? undefined : html("p", { class: "finding" }, said), measured] })];
  });

function told(kpi: KpiName, { samples }: ReportGroup): { readonly value: string; readonly cases: string } | undefined {
  const definition = kpiDefinitions.find((one) => one.kpi === kpi);
  if (definition === undefined) return undefined;
  const figure = figureOf(definition, samples);
  const value = figure.median ?? figure.share;
  return value === undefined || figure.isTooFew
    ? undefined
    : { value: amount(definition, value), cases: casesText(definition, figure) };
}

function correctionSentence(group: ReportGroup): string | undefined {
  const definition = kpiDefinitions.find(({ kpi }) => kpi === "correction");
  const parts = definition && figureOf(definition, group.samples).parts;
  const [person, system] = [parts?.["person"], parts?.["system"]];
  if (person === undefined || system === undefined) return undefined;
  return `Of a correction the person's own typing and thinking is ${amount({ unit: "ms" }, person.median)} in the median, the system ${amount({ unit: "ms" }, system.median)} (${percent(system.median / (person.median + system.median))} of both).`;
}

function qualitySentence(group: ReportGroup): string | undefined {
  const [accepted, alive, bugs] = (["lines-accepted", "survival-30", "fixes"] as const).map((kpi) => told(kpi, group));
  if (accepted === undefined) return undefined;
  const later =
    alive === undefined
      ? "how many of them last a month is not known yet"
      : `of the lines that are old enough, ${alive.value} were unchanged a month after their commit`;
  const fixed = bugs === undefined ? "" : `; commits that fix them: ${bugs.value} (${bugs.cases})`;
  return `${accepted.value} of the decided lines were accepted; ${later}${fixed}.`;
}
