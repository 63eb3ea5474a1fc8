/** What the providers let through and what the budgets allow, as it was last said; and what no number here can say. */
import type { BudgetUse, LimitsReport } from "@twolane/protocol";
import { type ReportData, comparisonCaveats } from "@twolane/protocol/kpis";
import { type Child, html } from "../dom/element.ts";
import { drawSection } from "../dom/section.ts";
import { missing, table } from "../dom/table.ts";
import { count, counted, dateText, digits, dollars, duration } from "../numbers/format.ts";

const windowColumns = [
  { title: "Model" },
  { title: "Limit" },
  { title: "Left", isNumber: true },
  { title: "Of", isNumber: true },
  { title: "Resets" },
];

export function limits({ models, budgets }: LimitsReport): HTMLElement | undefined {
  const windows = models.flatMap(({ model, windows: own }) =>
    own.map(({ name, left, leftPercent, limit, resetsAt }): readonly Child[] => [
      model === "" ? "all of the account" : model,
      name,
      left === undefined
        ? leftPercent === undefined
          ? missing("not said")
          : `${digits(leftPercent)} %`
        : `${count(left)}${leftPercent === undefined ? "" : ` (${digits(leftPercent)} %)`}`,
      limit === undefined ? missing("not said") : count(limit),
      resetsAt === undefined ? missing("not said") : dateText(resetsAt),
    ]),
  );
  const speeds = models.flatMap(({ model, speeds: own }) =>
    own.map(({ lane, firstMs, perSecond, answers }): readonly Child[] => [
      model,
      lane,
      duration(firstMs),
      `${count(Math.round(perSecond))} tokens/s`,
      count(answers),
    ]),
  );
  if (windows.length + budgets.length + speeds.length === 0) return undefined;
  const speedColumns = [
    { title: "Model" },
    { title: "Lane" },
    { title: "First output", isNumber: true },
    { title: "Speed", isNumber: true },
    { title: "Answers", isNumber: true },
  ];
  return drawSection({
    id: "limits",
    title: "Limits and budgets",
    short: "Limits",
    lead: "As the providers last said it, when this page was made. Nobody was asked for it.",
    parts: [
      windows.length === 0 ? undefined : table("What is left of the limits", windowColumns, windows),
      ...(speeds.length === 0
        ? []
        : [html("h3", {}, "How quick the models were"), table("How quick the models were", speedColumns, speeds)]),
      ...(budgets.length === 0 ? [] : [html("h3", {}, "Budgets"), html("ul", {}, ...budgets.map(budgetLine))]),
    ],
  });
}

function budgetLine({ budget, used, limit, unpricedTokens }: BudgetUse): HTMLElement {
  const told = (amount: number): string => (budget.dollars === undefined ? `${count(amount)} tokens` : dollars(amount));
  const without = unpricedTokens === 0 ? "" : `; ${count(unpricedTokens)} tokens of unknown price are not in it`;
  return html(
    "li",
    {},
    `${told(used)} of ${told(limit)} each ${budget.per}${budget.lane === undefined ? "" : ` in the ${budget.lane} lane`}${budget.hard === true ? ", then it stops" : ""}${without}.`,
  );
}

export function caveats({ people, groups, removed }: ReportData): HTMLElement {
  const lines = [
    "Every interval holds the truth 19 times of 20, if cases to come are like those that were.",
    "What was not measured is left out and counted. Where that is much, the rest may be the easy part.",
    "Bug rate and survival count what git shows: a bug that nobody fixed within 30 days is not in them.",
    ...(removed === undefined
      ? []
      : [
          `${counted(removed.sessions, "older session")} had to make room on the disk, the newest of ${dateText(removed.until)}: what they would have told is missing.`,
        ]),
    ...(people > 1 ? ["Repositories are counted for each person: the same one at two people is two here."] : []),
    ...(groups.length > 1 ? comparisonCaveats : []),
  ];
  return drawSection({
    id: "caveats",
    title: "What these numbers cannot say",
    short: "Caveats",
    parts: [html("ul", {}, ...lines.map((line) => html("li", {}, line)))],
  });
}
