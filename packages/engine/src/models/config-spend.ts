/** The sections `budgets` and `limits` of the user's configuration: what may be spent, and how long a request may wait for a limit. */
import { type Budget, budgetPeriods, lanes } from "@twolane/protocol";
import { type Check, ConfigMistake, count, nameOf, oneOf, readKeys, text, truth } from "./config-checks.ts";
import type { JsonPath } from "./json-lines.ts";

export interface LimitsConfig {
  /** The longest wait of one request for a limit to open, in seconds. */
  readonly wait?: number;
}

const budgetLimit = 50;

const money: Check<number> = (value, path) => {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ConfigMistake(`${nameOf(path)} must be a number of dollars above 0`, path);
};

const folder: Check<string> = (value, path) => {
  const written = text(value, path);
  if (written.startsWith("/")) return written.length > 1 ? written.replace(/\/+$/, "") : written;
  throw new ConfigMistake(`${nameOf(path)} must be the whole path of a folder`, path);
};

const budgetShape = {
  per: oneOf(budgetPeriods),
  lane: oneOf(lanes),
  project: folder,
  dollars: money,
  tokens: count,
  hard: truth,
};

const budget: Check<Budget> = (value, path) => {
  const { per, ...rest } = readKeys(value, path, budgetShape);
  if (per === undefined) throw new ConfigMistake(`${nameOf(path)} needs "per": day or week`, path);
  if ((rest.dollars === undefined) === (rest.tokens === undefined))
    throw new ConfigMistake(`${nameOf(path)} needs one of "dollars" and "tokens"`, path);
  return { per, ...rest };
};

export const readBudgets: Check<readonly Budget[]> = (value, path) => {
  if (!Array.isArray(value)) throw new ConfigMistake(`${nameOf(path)} must be a list`, path);
  if (value.length > budgetLimit) throw new ConfigMistake(`${nameOf(path)} has more than ${budgetLimit} entries`, path);
  return value.map((member: unknown, index) => budget(member, [...path, index]));
};

export const readLimits = (value: unknown, path: JsonPath): LimitsConfig => readKeys(value, path, { wait: count });
