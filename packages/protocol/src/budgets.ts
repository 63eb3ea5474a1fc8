/** How much may be spent in a day or a week: what is used up of each budget, and which of them stops. Pure. */
import type { Lane } from "./lane.ts";
import { type SpendRow, dayOf, dollarsOf, sumSpend, tokensOf } from "./spend.ts";

export const budgetPeriods = ["day", "week"] as const;

/** Of dollars and tokens one is there. */
export interface Budget {
  readonly per: (typeof budgetPeriods)[number];
  /** Absent: both. */
  readonly lane?: Lane;
  /** Real path of a workspace; absent: all of them. */
  readonly project?: string;
  readonly dollars?: number;
  readonly tokens?: number;
  /** No request goes any more when it is used up; else that is said. */
  readonly hard?: boolean;
}

export interface BudgetUse {
  readonly budget: Budget;
  readonly used: number;
  readonly limit: number;
  /** Milliseconds since 1970: when it begins anew. */
  readonly resetsAt: number;
  /** Of a budget in dollars: tokens whose price nobody knows, which it cannot count. */
  readonly unpricedTokens: number;
}

export interface Spender {
  readonly now: number;
  readonly lane: Lane;
  readonly project: string;
}

/** The budgets that count for this lane and project. */
export const budgetsFor = (budgets: readonly Budget[], { lane, project }: Spender): readonly Budget[] =>
  budgets.filter((one) => (one.lane ?? lane) === lane && (one.project ?? project) === project);

export function useOfBudget(budget: Budget, rows: Iterable<SpendRow>, now: number): BudgetUse {
  const [from, resetsAt] = period(budget.per, now);
  const [first, afterLast] = [dayOf(from), dayOf(resetsAt)];
  const counted = [...rows].filter(
    (row) =>
      row.day >= first &&
      row.day < afterLast &&
      (budget.lane === undefined || row.lane === budget.lane) &&
      (budget.project === undefined || row.project === budget.project),
  );
  const sum = sumSpend(counted);
  const isDollars = budget.dollars !== undefined;
  const used = sum === undefined ? 0 : isDollars ? dollarsOf(sum.cost) : tokensOf(sum.usage);
  const limit = budget.dollars ?? budget.tokens ?? 0;
  return { budget, used, limit, resetsAt, unpricedTokens: isDollars ? (sum?.unpricedTokens ?? 0) : 0 };
}

/** Its first moment and the first one behind it. A week begins on Monday. */
function period(per: Budget["per"], now: number): readonly [number, number] {
  const date = new Date(now);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  if (per === "day") return [new Date(year, month, day).getTime(), new Date(year, month, day + 1).getTime()];
  const monday = day - ((date.getDay() + 6) % 7);
  return [new Date(year, month, monday).getTime(), new Date(year, month, monday + 7).getTime()];
}
