/** What is known of limits and of money, for whoever asks outside of a session. */
import { type LimitsReport, type Result, succeed, useOfBudget } from "@twolane/protocol";
import { readModelConfig } from "../models/catalog.ts";
import { modelLimits } from "../models/limits/limits-report.ts";
import { limitsOf } from "./limits.ts";
import { type Environment, readCatalogInput } from "./place.ts";

/** CONFIG_INVALID. Nothing is asked of any provider. */
export function readLimits(env: Environment): Result<LimitsReport> {
  const config = readModelConfig(readCatalogInput(env));
  if (!config.ok) return config;
  const { radar, ledger } = limitsOf(env);
  const at = radar.now();
  const spend = [...ledger.rows(at).values()];
  const models = modelLimits(radar.current, { now: at, isAlive: (owner) => radar.isAlive(owner) });
  const { fast, deep } = config.value.lanes;
  const lanes = { ...(fast.model !== undefined && { fast: fast.model }), ...(deep.model !== undefined && { deep: deep.model }) };
  return succeed({ at, lanes, models, spend, budgets: config.value.budgets.map((budget) => useOfBudget(budget, spend, at)) });
}
