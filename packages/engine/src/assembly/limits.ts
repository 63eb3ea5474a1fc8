/** The radar and the ledger of this user, and a source of tokens that goes by them. One of each for a process, however many sources it opens. */
import path from "node:path";
import { type Budget, type Lane, type SpendEntry, costOf } from "@twolane/protocol";
import { isRunning, processIdentity } from "../host/process.ts";
import { openSharedLog } from "../host/shared-log.ts";
import { stateHome } from "../journal/state-folder.ts";
import { type ResolvedModel, readModelConfig } from "../models/catalog.ts";
import type { CatalogInput } from "../models/catalog.ts";
import { isLoopback } from "../models/loopback.ts";
import { type LimitedSession, limitSession } from "../models/limits/limited-session.ts";
import { modelLimits } from "../models/limits/limits-report.ts";
import { SharedRadar } from "../models/limits/shared-radar.ts";
import { SpendLedger, budgetStop } from "../models/limits/spend-ledger.ts";
import type { ModelSession } from "../models/models.ts";
import { sha256 } from "../std/hash.ts";
import type { Environment } from "./place.ts";

export interface Limits {
  readonly radar: SharedRadar;
  readonly ledger: SpendLedger;
}

export interface OpenedLimits {
  readonly session: Pick<LimitedSession, "isWaiting" | "tryNow">;
  /** In the radar. */
  readonly source: string;
}

const opened = new Map<string, Limits>();
/** The log is tidied when the first request is long on its way; ms. */
const tidyAfter = 5000;
/** Where somebody sees that it waits, and where a script does; ms. A job ends its turn and waits by itself. */
const patientWait = 24 * 3600_000;
const shortWait = 30_000;

/** Nothing is read on the way to a request that is not changed since it was read in the background. */
export function limitsOf(env: Environment): Limits {
  const folder = path.join(stateHome(env), "twolane", "limits");
  const known = opened.get(folder);
  if (known !== undefined) return known;
  const radar = new SharedRadar({
    log: openSharedLog(path.join(folder, "radar.jsonl")),
    owner: processIdentity(process.pid) ?? `${process.pid}`,
    isAlive: isRunning,
    now: Date.now,
  });
  const ledger = new SpendLedger((month) => openSharedLog(path.join(folder, `spend-${month}.jsonl`)));
  // While the connection comes about, so that the first request finds it read.
  setImmediate(() => radar.current);
  setTimeout(() => radar.tidy(), tidyAfter).unref();
  const limits = { radar, ledger };
  opened.set(folder, limits);
  return limits;
}

/** What was to be written a moment later: a session that is closed leaves nothing to be written. */
export function writeLimits(env: Environment): void {
  const { radar, ledger } = limitsOf(env);
  radar.flush();
  ledger.flush();
}

/** When the limit opens that keeps requests to this model back, milliseconds since 1970; undefined: none does. */
export function opensAt(env: Environment, model: string): number | undefined {
  const { radar } = limitsOf(env);
  const now = radar.now();
  const known = modelLimits(radar.current, { now, isAlive: (owner) => radar.isAlive(owner) });
  const times = known.flatMap((one) => (one.model === model && one.closed !== undefined ? [one.closed.until] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The account's name says nothing of the key: other keys and other addresses have other limits. */
export function sourceOf({ baseUrl, key, keySource, model }: ResolvedModel): string {
  const whose = key ?? (keySource === undefined ? "" : JSON.stringify(keySource));
  return `${sha256(`${baseUrl}\n${whose}`).slice(0, 12)}@${new URL(baseUrl).host} ${model}`;
}

export interface LimitWishes {
  readonly input: CatalogInput;
  readonly lane: Lane;
  /** Real path of the workspace. */
  readonly project: string;
  /** Somebody is there who sees that it waits. */
  readonly patient: boolean;
}

export function limited(session: ModelSession, model: ResolvedModel, wishes: LimitWishes): LimitedSession {
  const { input, lane, project, patient } = wishes;
  const { radar, ledger } = limitsOf(input.env);
  const config = readModelConfig(input);
  const { budgets, limits } = config.ok ? config.value : { budgets: [], limits: {} };
  const { price } = model.capabilities;
  const who = { lane, project, model: model.model };
  return limitSession(session, {
    ...{ radar, lane, source: sourceOf(model), provider: model.provider },
    patience: limits.wait === undefined ? (patient ? patientWait : shortWait) : limits.wait * 1000,
    ...(budgets.length > 0 && { blocked: () => stopOf(budgets, ledger, { ...who, model }) }),
    onSpent({ usage, estimated }) {
      const entry: SpendEntry = {
        ...{ at: Date.now(), ...who, usage },
        ...(price && { cost: costOf(usage, price) }),
        ...(estimated && { estimated }),
      };
      ledger.add(entry);
    },
  });
}

interface Asker {
  readonly lane: Lane;
  readonly project: string;
  readonly model: ResolvedModel;
}

function stopOf(budgets: readonly Budget[], ledger: SpendLedger, { lane, project, model }: Asker) {
  const now = Date.now();
  const local = model.keyEnv === undefined && isLoopback(new URL(model.baseUrl));
  const priced = model.capabilities.price !== undefined;
  return budgetStop(budgets, ledger.rows(now), { now, lane, project, model: model.model, priced, local });
}
