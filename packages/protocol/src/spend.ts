/**
 * What was spent: a fold over events, or over the ledger's lines, to sums for each day, lane, model and project. Prices are those of the
 * configuration; what has none is counted in tokens and said to be unknown, never taken for nothing. What was cut off before anybody
 * counted it is estimated, and marked.
 */
import type { ModelPrice } from "./capabilities.ts";
import type { TokenUsage, TwolaneEvent } from "./events.ts";
import type { Lane } from "./lane.ts";

/** One request, when it is over. */
export interface SpendEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly lane: Lane;
  /** `provider/name` */
  readonly model: string;
  /** Real path of the workspace. */
  readonly project: string;
  readonly usage: TokenUsage;
  /** US dollars; absent: nobody knows the price. */
  readonly cost?: Cost;
  readonly estimated?: true;
}

/** US dollars. What the provider had in its cache stands apart. */
export interface Cost {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

export interface SpendRow {
  /** `2026-01-31`, by the clock of this machine. */
  readonly day: string;
  readonly lane: Lane;
  readonly model: string;
  readonly project: string;
  readonly requests: number;
  readonly usage: TokenUsage;
  /** Of the requests whose price is known. */
  readonly cost: Cost;
  /** Requests and tokens whose price nobody knows. */
  readonly unpriced: number;
  readonly unpricedTokens: number;
  /** What of `cost` is estimated, and of how many requests the tokens are. */
  readonly estimatedDollars: number;
  readonly estimated: number;
}

/** By day, lane, model and project. Changed in place. */
export type SpendBook = Map<string, SpendRow>;

/** What was written into the provider's cache has a price of its own where the table says so. */
export function costOf({ input, cachedInput, cacheWritten = 0, output }: TokenUsage, price: ModelPrice): Cost {
  const fresh = Math.max(0, input - cachedInput - cacheWritten);
  return {
    input: (fresh * price.input + Math.min(cacheWritten, input) * (price.cacheWrite ?? price.input)) / 1e6,
    cachedInput: (cachedInput * price.cachedInput) / 1e6,
    output: (output * price.output) / 1e6,
  };
}

export const dollarsOf = ({ input, cachedInput, output }: Cost): number => input + cachedInput + output;
export const tokensOf = ({ input, output }: TokenUsage): number => input + output;

/** The day of a time, by the clock of this machine. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const noUsage: TokenUsage = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };
const noCost: Cost = { input: 0, cachedInput: 0, output: 0 };

export function countSpend(book: SpendBook, entry: SpendEntry): void {
  const { lane, model, project, usage, cost, estimated } = entry;
  const day = dayOf(entry.at);
  const key = JSON.stringify([day, lane, model, project]);
  const before = book.get(key) ?? { ...emptyRow, day, lane, model, project };
  book.set(key, {
    ...before,
    requests: before.requests + 1,
    usage: addUsage(before.usage, usage),
    cost: cost === undefined ? before.cost : addCost(before.cost, cost),
    unpriced: before.unpriced + (cost === undefined ? 1 : 0),
    unpricedTokens: before.unpricedTokens + (cost === undefined ? tokensOf(usage) : 0),
    estimatedDollars: before.estimatedDollars + (estimated && cost !== undefined ? dollarsOf(cost) : 0),
    estimated: before.estimated + (estimated ? 1 : 0),
  });
}

const emptyRow = {
  ...{ requests: 0, usage: noUsage, cost: noCost, unpriced: 0, unpricedTokens: 0 },
  ...{ estimatedDollars: 0, estimated: 0 },
};

/** Rows as one; undefined of none. */
export function sumSpend(rows: readonly SpendRow[]): SpendRow | undefined {
  return rows.length === 0
    ? undefined
    : rows.reduce((one, other) => ({
        ...one,
        requests: one.requests + other.requests,
        usage: addUsage(one.usage, other.usage),
        cost: addCost(one.cost, other.cost),
        unpriced: one.unpriced + other.unpriced,
        unpricedTokens: one.unpricedTokens + other.unpricedTokens,
        estimatedDollars: one.estimatedDollars + other.estimatedDollars,
        estimated: one.estimated + other.estimated,
      }));
}

const addUsage = (one: TokenUsage, other: TokenUsage): TokenUsage => ({
  input: one.input + other.input,
  cachedInput: one.cachedInput + other.cachedInput,
  output: one.output + other.output,
  reasoning: one.reasoning + other.reasoning,
});

const addCost = (one: Cost, other: Cost): Cost => ({
  input: one.input + other.input,
  cachedInput: one.cachedInput + other.cachedInput,
  output: one.output + other.output,
});

/** Who answers, and for how much, as events say it. */
export interface SpendSource {
  readonly model: string;
  readonly project: string;
  readonly price?: ModelPrice;
}

export const unknownSpender: SpendSource = { model: "", project: "" };

/** Who answers behind this event. */
export function spenderAfter(source: SpendSource, event: TwolaneEvent): SpendSource {
  if (event.type === "session.started" || event.type === "session.resumed")
    return { ...source, model: event.model, project: event.workspace };
  if (event.type !== "model.changed") return source;
  return { model: event.model, project: source.project, ...(event.price && { price: event.price }) };
}

/** What an event says was spent; undefined: nothing. */
export function spendOf(event: TwolaneEvent, { model, project, price }: SpendSource): SpendEntry | undefined {
  if (event.type !== "step.ended") return undefined;
  const usage = event.usage ?? event.estimated;
  if (usage === undefined) return undefined;
  return {
    ...{ at: event.at, lane: event.lane, model, project, usage },
    ...(price && { cost: costOf(usage, price) }),
    ...(event.usage === undefined && { estimated: true as const }),
  };
}
