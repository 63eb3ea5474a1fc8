/**
 * What all processes of a user have spent: a line for each request in the ledger, and the sums of it in memory. Prices are written with
 * the line, as they were then. No prompt and no key stands in it.
 */
import {
  type Budget,
  type BudgetUse,
  type Failure,
  type SpendBook,
  type SpendEntry,
  type Spender,
  type TokenUsage,
  budgetsFor,
  countSpend,
  failure,
  lanes,
  useOfBudget,
} from "@twolane/protocol";
import type { SharedLog } from "../../host/shared-log.ts";
import { budgetText, moneyText } from "./budget-text.ts";

/** The log of the month of a time; budgets of a week need the one before as well. */
export type OpenMonth = (month: string) => SharedLog;

/** Ledgers that have something to write yet. */
const unwritten = new Set<SpendLedger>();

function writeAll(): void {
  for (const ledger of unwritten) ledger.flush();
}

/** Longer than from one answer of a tool round to the next request. */
const writeAfterMs = 30;

export class SpendLedger {
  private readonly open: OpenMonth;
  private readonly logs = new Map<string, SharedLog>();
  private readonly own: SpendBook = new Map();
  private book: SpendBook = new Map();
  private pending: SpendEntry[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(open: OpenMonth) {
    this.open = open;
  }

  /** Written a moment later, and at the process's end in any case: the next request does not wait for it. */
  add(entry: SpendEntry): void {
    this.pending.push(entry);
    this.timer ??= setTimeout(() => this.flush(), writeAfterMs).unref();
    if (unwritten.size === 0) process.once("exit", writeAll);
    unwritten.add(this);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    unwritten.delete(this);
    if (unwritten.size === 0) process.removeListener("exit", writeAll);
    const pending = this.pending.splice(0);
    for (const month of new Set(pending.map(({ at }) => monthOf(at)))) {
      const entries = pending.filter(({ at }) => monthOf(at) === month);
      if (this.log(month).append(entries.map((entry) => JSON.stringify(entry)))) continue;
      for (const book of [this.own, this.book]) for (const entry of entries) countSpend(book, entry);
    }
  }

  /** Of this month and the last one. */
  rows(now: number): SpendBook {
    this.flush();
    const date = new Date(now);
    const months = [monthOf(new Date(date.getFullYear(), date.getMonth() - 1, 1).getTime()), monthOf(now)];
    const read = months.map((month) => this.log(month).read());
    // A file that is another one now is not what it was: all is counted again from the beginning.
    if (read.some(({ anew, lines }) => anew && lines.length > 0) && this.book.size > 0) {
      this.book = new Map(this.own);
      this.logs.clear();
      return this.count(months.map((month) => this.log(month).read().lines));
    }
    return this.count(read.map(({ lines }) => lines));
  }

  private count(texts: readonly (readonly string[])[]): SpendBook {
    for (const line of texts.flat()) {
      const entry = readEntry(line);
      if (entry !== undefined) countSpend(this.book, entry);
    }
    return this.book;
  }

  private log(month: string): SharedLog {
    const known = this.logs.get(month) ?? this.open(month);
    this.logs.set(month, known);
    return known;
  }
}

function monthOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}`;
}

/** Undefined for a line that is none: torn, or of another version. */
function readEntry(line: string): SpendEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { at, lane, model, project, usage, cost, estimated } = value;
  const known = lanes.find((one) => one === lane);
  if (!isAmount(at) || at > 8.64e15 || known === undefined || typeof model !== "string" || typeof project !== "string")
    return undefined;
  if (!isUsage(usage) || (cost !== undefined && !isCost(cost))) return undefined;
  return { ...{ at, lane: known, model, project, usage }, ...(cost && { cost }), ...(estimated === true && { estimated }) };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isAmount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isUsage = (value: unknown): value is TokenUsage =>
  isRecord(value) && [value["input"], value["cachedInput"], value["output"], value["reasoning"]].every(isAmount);
const isCost = (value: unknown): value is NonNullable<SpendEntry["cost"]> =>
  isRecord(value) && [value["input"], value["cachedInput"], value["output"]].every(isAmount);

export interface BudgetQuestion extends Spender {
  readonly model: string;
  /** Its price is known; a model on this machine costs nothing that a budget counts. */
  readonly priced: boolean;
  readonly local: boolean;
}

/** Why no request may go any more: a hard budget is used up, or cannot count what this model costs. */
export function budgetStop(budgets: readonly Budget[], book: SpendBook, question: BudgetQuestion): Failure | undefined {
  const hard = budgetsFor(budgets, question).filter((one) => one.hard === true);
  for (const budget of hard) {
    if (budget.dollars !== undefined && question.local) continue;
    const use = useOfBudget(budget, book.values(), question.now);
    if (use.used >= use.limit)
      return failure("BUDGET_SPENT", `The budget of ${budgetText(budget)} is used up; nothing was sent.`);
    if (budget.dollars !== undefined && !question.priced)
      return failure(
        "BUDGET_SPENT",
        `The budget of ${budgetText(budget)} cannot count what ${question.model} costs; nothing was sent.`,
        "Put its price into the configuration (docs/limits.md), or give the budget in tokens.",
      );
  }
  return undefined;
}

/** What of a budget is to be said now. */
export function budgetWarning({ budget, used, limit }: BudgetUse): string | undefined {
  const share = used / limit;
  if (share < 0.8) return undefined;
  const spent = budget.dollars === undefined ? `${Math.round(used)} tokens` : moneyText(used);
  return share >= 1
    ? `The budget of ${budgetText(budget)} is used up: ${spent}.`
    : `${Math.floor(share * 100)} % of the budget of ${budgetText(budget)} is used.`;
}
