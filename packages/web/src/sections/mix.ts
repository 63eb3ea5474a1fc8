/** What each lane and model was used for, what came of it and what it cost; and the mix that follows by a stated rule. */
import type { ReportGroup } from "@twolane/protocol/kpis";
import { intervalMark } from "../charts/interval-mark.ts";
import { type Child, html } from "../dom/element.ts";
import { drawSection } from "../dom/section.ts";
import { missing, table } from "../dom/table.ts";
import { count, digits, dollars, percent } from "../numbers/format.ts";
import { type Outcome, fewestTasks, mixRule, nameOf, outcomesOf, suggestMix } from "../numbers/outcomes.ts";

const columns = [
  { title: "Kind of work" },
  { title: "Lane and model" },
  { title: "Tasks", isNumber: true },
  { title: "Share of tasks", isNumber: true },
  { title: "Committed" },
  { title: "Abandoned", isNumber: true },
  { title: "Tokens", isNumber: true },
  { title: "Cost", isNumber: true },
  { title: "Cost per commit", isNumber: true },
];

export function mix(group: ReportGroup): HTMLElement | undefined {
  const outcomes = outcomesOf(group);
  if (outcomes.length === 0) return undefined;
  const all = outcomes.reduce((sum, { tasks }) => sum + tasks, 0);
  const suggestions = suggestMix(outcomes).map(({ workflow, choice, isClear = false, why }) =>
    html(
      "li",
      {},
      html("strong", {}, workflow),
      ": ",
      choice === undefined
        ? html("span", { class: "missing" }, "no suggestion")
        : `${isClear ? "" : "none is shown to be better; "}${nameOf(choice)}`,
      html("span", { class: "cases" }, ` — ${why}`),
    ),
  );
  return drawSection({
    id: "mix",
    title: "Lanes, models and kinds of work",
    short: "Mix",
    lead: "Which lane and model did which work, how much of it came to a commit, and what it cost.",
    parts: [
      table(
        "Outcomes by kind of work, lane and model",
        columns,
        outcomes.map((outcome) => rowOf(outcome, all)),
      ),
      html("h3", {}, "Suggested mix"),
      html("ul", { class: "suggestions" }, ...suggestions),
      html(
        "p",
        { class: "note" },
        `The rule: ${mixRule} Who got which task was not left to chance, so this is a hint and no proof.`,
      ),
    ],
  });
}

function rowOf(outcome: Outcome, all: number): readonly Child[] {
  const { workflow, lane, model, tasks, success, committed, abandoned, tokens } = outcome;
  return [
    workflow,
    html("span", {}, html("span", { class: `tag lane ${lane}` }, lane), ` ${model}`),
    count(tasks),
    percent(tasks / all),
    success &&
      html(
        "div",
        { class: "figure-cell" },
        html("strong", {}, percent(success.share)),
        tasks < fewestTasks ? html("span", { class: "few" }, "too few to compare") : undefined,
        intervalMark({ value: success.share, interval: success.interval, high: 1 }),
        html(
          "div",
          { class: "cases" },
          `${digits(success.interval[0] * 100)}–${percent(success.interval[1])} · ${count(committed)} of ${count(tasks)}`,
        ),
      ),
    count(abandoned),
    tokens === 0 ? missing() : compact(tokens),
    outcome.dollars === undefined ? missing("price unknown") : dollars(outcome.dollars),
    outcome.dollarsPerCommit === undefined ? missing("unknown") : dollars(outcome.dollarsPerCommit),
  ];
}

const compact = (tokens: number): string => tokens.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 1 });
