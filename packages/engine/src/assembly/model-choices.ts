/** Which models a person could choose from here, best first, each with where it was found or what is missing. */
import type { EventBody, ModelChoice } from "@twolane/protocol";
import type { CatalogInput } from "../models/catalog.ts";
import { openConnection } from "../models/connection.ts";
import { discoverKeys, probeServers, probeTargets } from "../models/discover.ts";
import type { ModelSession } from "../models/models.ts";
import { knownProviders } from "../models/providers.ts";

/** Asks servers on loopback only. What needs a key that is not there stands behind what works, with the variable's name. */
export async function modelChoices(input: CatalogInput): Promise<readonly ModelChoice[]> {
  const targets = probeTargets(input);
  const servers = targets.ok ? await probeServers(targets.value, { connect: openConnection }) : [];
  const keys = discoverKeys(input);
  const local = servers.flatMap(({ provider, models, baseUrl }) =>
    models.slice(0, 8).map((model) => ({ name: `${provider}/${model}`, note: `answers at ${baseUrl}`, usable: true })),
  );
  const remote = (keys.ok ? keys.value : []).flatMap(({ provider, variable, set }): ModelChoice[] => {
    const model = knownProviders.find(({ name }) => name === provider)?.defaultModel;
    if (model === undefined) return [];
    return [{ name: `${provider}/${model}`, note: set ? `${variable} is set` : `needs ${variable}`, usable: set }];
  });
  const instant: ModelChoice = { name: "instant", note: "no model: renames, moves, imports, offline", usable: true };
  return [...remote.filter(({ usable }) => usable), ...local, instant, ...remote.filter(({ usable }) => !usable)];
}

/** Who answers from now on, for surfaces. */
export function modelChanged({ model, capabilities }: Pick<ModelSession, "model" | "capabilities">): EventBody {
  const { contextWindow, price } = capabilities;
  const window = Number.isSafeInteger(contextWindow) && contextWindow < Number.MAX_SAFE_INTEGER ? contextWindow : 0;
  return { type: "model.changed", model, contextWindow: window, ...(price && { price }) };
}
