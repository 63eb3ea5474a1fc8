/** Which source of tokens a session speaks to, and how it is opened. */
import { fileURLToPath } from "node:url";
import { type Lane, type Result, succeed } from "@twolane/protocol";
import type { Reader, Scope } from "@twolane/policy";
import { createInstantSession } from "../code/instant/instant.ts";
import { threadSpawner } from "../code/instant/worker-thread.ts";
import { openRefusedHosts } from "../host/refused-hosts.ts";
import { stateHome } from "../journal/state-folder.ts";
import { type CatalogInput, type KeyPlace, type ResolvedModel, chooseModel, resolveModel } from "../models/catalog.ts";
import { openConnection } from "../models/connection.ts";
import type { ReadKey } from "../models/deferred-session.ts";
import { probeServers, probeTargets } from "../models/discover.ts";
import { isLoopback } from "../models/loopback.ts";
import type { ModelSession } from "../models/models.ts";
import { createOpenModel } from "../models/open-model.ts";
import { localProviders } from "../models/providers.ts";
import { guardServed } from "../models/served-guard.ts";
import { type OpenedLimits, limited, sourceOf } from "./limits.ts";
import type { LandingPlace } from "./place.ts";

export async function choose(input: CatalogInput, asked: string | undefined): Promise<Result<string>> {
  const wish = chooseModel(input, { ...(asked !== undefined && { asked }) });
  if (!wish.ok) return wish;
  if (wish.value !== undefined) return succeed(wish.value.model);
  const targets = probeTargets(input);
  if (!targets.ok) return targets;
  const found = chooseModel(input, { loopbackServers: await probeServers(targets.value, { connect: openConnection }) });
  return found.ok ? succeed(found.value?.model ?? "instant") : found;
}

export interface OpenedSource {
  readonly session: ModelSession;
  /** It is a model that reads files by calls and wants instructions. */
  readonly reads: boolean;
  /** Who sees what it is told; absent: nobody outside of this machine. */
  readonly reader?: Reader;
  /** Of a source with limits: whether a request waits for one, and the way to try it all the same. */
  readonly limits?: OpenedLimits;
}

/** Of a source that is no model, or one on this machine. */
export const localReader: Reader = { lane: "fast", provider: "local", keepsNothing: true };

export interface SourceOptions {
  readonly input: CatalogInput;
  readonly place: Pick<LandingPlace, "workspace" | "isTrusted" | "policy">;
  /** Asked when it plans: the scope may change while the session runs. */
  readonly scope: () => Scope;
  /** Hears a key that was not in the environment. */
  readonly onKey?: (key: string) => void;
  /** Absent: `fast`. */
  readonly lane?: Lane;
  /** Somebody is there who sees what is said. */
  readonly asks?: boolean;
  /** A request may wait long for a limit to open: somebody sees it. */
  readonly patient?: boolean;
}

/** `provider/name`, or `instant`. */
export function openSource(name: string, options: SourceOptions): Result<OpenedSource> {
  if (name === "instant") return succeed({ session: openInstant(options), reads: false });
  const refusedUpgrades = openRefusedHosts(stateHome(options.input.env));
  const readKey = async (source: KeyPlace): Promise<Result<ReadKey>> => {
    const read = await (await import("../host/key-source.ts")).readKey(source, { env: options.input.env });
    if (read.ok) options.onKey?.(read.value.key);
    return read;
  };
  const opened = createOpenModel(options.input, { connect: openConnection, refusedUpgrades, readKey, timeouts })(name);
  if (!opened.ok) return opened;
  const model = resolveModel(name, options.input);
  if (!model.ok) return model;
  const { input, place, lane = "fast", patient = false } = options;
  const served = guardServed(opened.value, {
    ...{ asked: model.value, asks: options.asks === true },
    judge: (facts) => place.policy.served(facts),
  });
  const session = limited(served, model.value, { input, lane, patient, project: place.workspace.root });
  const reader = readerOf(model.value, lane);
  return succeed({ session, reads: true, limits: { session, source: sourceOf(model.value) }, ...(reader && { reader }) });
}

/** Who waits for a limit waits where all processes see it. */
const timeouts = { limitWait: 0 };

/** A server of ours on the loopback is local; what else listens there could be a way to anywhere. */
function readerOf({ provider, baseUrl }: ResolvedModel, lane: Lane): Reader | undefined {
  if (localProviders.some((known) => known.name === provider) && isLoopback(new URL(baseUrl))) return undefined;
  return { lane, provider, keepsNothing: false };
}

function openInstant({ place, scope }: SourceOptions): ModelSession {
  return createInstantSession({
    workspaceRoot: place.workspace.root,
    trusted: place.isTrusted(),
    spawn: threadSpawner(fileURLToPath(new URL("../code/instant/worker.ts", import.meta.url))),
    allows: (changed) => scope()(changed).decision === "allow",
  });
}
