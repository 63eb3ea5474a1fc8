/** What `doctor` tells of models: keys in the environment, servers on this machine, and which model a run would take. */
import type { Finding } from "../host/machine.ts";
import { type CatalogInput, chooseModel } from "./catalog.ts";
import type { OpenConnection } from "./connection.ts";
import { discoverKeys, probeServers, probeTargets } from "./discover.ts";

/** Which model a run would use, and what else is there. Asks servers on loopback only. */
export async function examineModels(input: CatalogInput, connect: OpenConnection): Promise<Finding[]> {
  const keys = discoverKeys(input);
  const targets = probeTargets(input);
  if (!keys.ok) return [{ subject: "models", state: "broken", text: keys.failure.message, cure: keys.failure.cure }];
  const servers = targets.ok ? await probeServers(targets.value, { connect }) : [];
  const chosen = chooseModel(input, { loopbackServers: servers });
  const set = keys.value.filter((key) => key.set);
  const model = chosen.ok ? chosen.value : undefined;
  const unset = keys.value.filter((key) => !key.set).map(({ variable }) => variable);
  return [
    model === undefined
      ? {
          subject: "models",
          state: "missing",
          text: "no key in the environment, no server on this machine",
          cure: `Set one of ${unset.join(", ")}, or start a local server.`,
        }
      : { subject: "models", state: "works", text: `${model.model} is used, as ${model.because}` },
    ...set.map(({ provider, variable }): Finding => ({
      subject: provider,
      state: "works",
      text: `${variable} is set: twolane run -m ${provider}/MODEL`,
    })),
    ...servers.map(({ provider, baseUrl, models, wantsKey }): Finding => ({
      ...{
        subject: provider,
        state: "works",
        text: `answers at ${baseUrl}${wantsKey ? ", with a key" : `: ${models.slice(0, 5).join(", ")}`}`,
      },
    })),
  ];
}
