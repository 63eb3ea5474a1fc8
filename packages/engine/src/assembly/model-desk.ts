/** What models can be reached from here, how quick they are, what a server at an address speaks; and a provider written into the configuration. */
import { type Failure, type ModelPrice, type Result, fail, succeed } from "@twolane/protocol";
import { readKey } from "../host/key-source.ts";
import { openRefusedHosts } from "../host/refused-hosts.ts";
import { replaceSettings } from "../host/settings-file.ts";
import { stateHome } from "../journal/state-folder.ts";
import { askOnce } from "../models/ask-once.ts";
import {
  type CatalogInput,
  type ResolvedModel,
  chooseModel,
  readModelConfig,
  resolveModel,
  resolveProviders,
} from "../models/catalog.ts";
import type { ModelConfig } from "../models/config.ts";
import { withProvider } from "../models/config-edit.ts";
import { openConnection } from "../models/connection.ts";
import { discoverKeys, probeServers, probeTargets } from "../models/discover.ts";
import { keyHeaderOf } from "../models/key-header.ts";
import { type Measured, measure } from "../models/measure.ts";
import { createOpenModel } from "../models/open-model.ts";
import { type Wire, knownProviders } from "../models/providers.ts";
import { type ProbedServer, addressesOf, probeServer } from "../models/server-probe.ts";
import { type ServedModel, readServedModels } from "../models/served-models.ts";
import { systemClock } from "../std/clock.ts";
import { type PlaceOptions, readCatalogInput } from "./place.ts";

export type { Measured } from "../models/measure.ts";

export interface ReachableModel {
  /** `provider/name` */
  readonly model: string;
  readonly contextWindow: number;
  /** The window is what the model's family is known for, not what its server said. */
  readonly windowAssumed: boolean;
  readonly price?: ModelPrice;
  /** `default`, `fast`, `deep`, or the name of a workflow. */
  readonly usedBy: readonly string[];
  /** It is named in the configuration and cannot be used, or its provider does not list it. */
  readonly trouble?: string;
}

export interface ReachableProvider {
  /** Empty: of models that are named without one. */
  readonly provider: string;
  /** Undefined as the wire is, where no provider has this name. */
  readonly baseUrl?: string;
  readonly wire?: Wire;
  /** For a person: why it counts, e.g. `OPENAI_API_KEY is set`, `named by deep`. */
  readonly because: string;
  readonly models: readonly ReachableModel[];
  /** It did not give a list of its models. */
  readonly trouble?: string;
}

export interface ModelDesk {
  /**
   * Asks every provider that has a key or that the configuration names, and servers on this machine, for the list of their models. Costs no
   * tokens. All that the configuration names is among them, with what is wrong where it cannot be reached.
   */
  reachable(): Promise<Result<readonly ReachableProvider[]>>;
  /** Why no request can go to a model, as far as that is known without asking; undefined: one can. */
  faultOf(model: string): Failure | undefined;
  /** Real requests. */
  measure(model: string, rounds: number): Promise<Result<Measured>>;
  connect(wish: ConnectWish): Promise<Result<Connection>>;
  /** The path of the file it was written to. */
  save(name: string, connection: Connection): Promise<Result<string>>;
}

export interface ConnectWish {
  readonly address: string;
  readonly keyEnv?: string;
  readonly wire?: Wire;
  readonly model?: string;
  /** Two short requests, which cost some tokens, tell whether it really answers and goes on. */
  readonly tries: boolean;
}

export interface Connection {
  readonly baseUrl: string;
  readonly wire: Wire;
  /** All that have a door there. */
  readonly wires: readonly Wire[];
  readonly keyEnv?: string;
  readonly wantsKey: boolean;
  readonly models: readonly ServedModel[];
  /** The provider of the table whose address it is. */
  readonly known?: string;
  readonly tried?: Measured;
}

const listMs = 5000;

export function openModelDesk({ env }: Pick<PlaceOptions, "env">): ModelDesk {
  const input = readCatalogInput(env);
  return {
    reachable: () => reachable(input),
    faultOf(model) {
      const resolved = resolveModel(model, input);
      return resolved.ok ? undefined : resolved.failure;
    },
    measure: (model, rounds) => measureModel({ name: model, rounds, goesOn: false }, input),
    connect: (wish) => connect(wish, input),
    save: (name, connection) => save(name, connection, input),
  };
}

async function reachable(input: CatalogInput): Promise<Result<readonly ReachableProvider[]>> {
  const [keys, targets, config] = [discoverKeys(input), probeTargets(input), readModelConfig(input)];
  if (!keys.ok) return keys;
  if (!targets.ok) return targets;
  if (!config.ok) return config;
  const servers = await probeServers(targets.value, { connect: openConnection });
  const because = new Map<string, string>();
  for (const { provider, variable, set } of keys.value)
    if (set) because.set(provider, variable.startsWith("key") ? `${variable} is configured` : `${variable} is set`);
  for (const { provider, baseUrl } of servers) because.set(provider, `answers at ${baseUrl}`);
  const chosen = chooseModel(input, { loopbackServers: servers });
  const usedBy = usesIn(config.value, chosen.ok ? chosen.value?.model : undefined);
  for (const [model, by] of usedBy) {
    const provider = providerOf(model);
    if (!because.has(provider)) because.set(provider, `named by ${by.join(", ")}`);
  }
  const list = [...because].map(([provider, reason]) => listOf({ provider, reason, input, usedBy }));
  return succeed(await Promise.all(list));
}

const providerOf = (model: string): string => model.slice(0, Math.max(model.indexOf("/"), 0));

/** Who uses which model; `chosen` is that of the fast lane. */
function usesIn({ model, lanes, workflows }: ModelConfig, chosen: string | undefined): ReadonlyMap<string, readonly string[]> {
  const usedBy = new Map<string, readonly string[]>();
  const use = (name: string | undefined, by: string): void =>
    void (name !== undefined && usedBy.set(name, [...(usedBy.get(name) ?? []), by]));
  use(chosen, "fast");
  if (model !== chosen) use(model, "default");
  use(lanes.deep.model, "deep");
  for (const [name, one] of Object.entries(workflows)) use(one.model, name);
  return usedBy;
}

interface Listing {
  readonly provider: string;
  readonly reason: string;
  readonly input: CatalogInput;
  readonly usedBy: ReadonlyMap<string, readonly string[]>;
}

const faultLine = ({ message, cure }: Failure): string => `${message} ${cure}`;

/** Of a provider that nothing can be asked of: what is named of it, and why. */
function unlisted({ provider, reason, input, usedBy }: Listing, fault: Failure): ReachableProvider {
  const providers = resolveProviders(input);
  const found = providers.ok ? providers.value.find(({ name }) => name === provider) : undefined;
  const models = [...usedBy].filter(([model]) => providerOf(model) === provider);
  return {
    ...{ provider, because: reason },
    ...(found && { baseUrl: found.baseUrl, wire: found.wire }),
    models: models.map(([model, by]) => {
      const resolved = resolveModel(model, input);
      // What is said of the provider is not said again of each model.
      const own = resolved.ok || resolved.failure.message === fault.message ? {} : { trouble: faultLine(resolved.failure) };
      return { model, contextWindow: 0, windowAssumed: true, usedBy: by, ...own };
    }),
    ...(provider !== "" && { trouble: faultLine(fault) }),
  };
}

async function listOf(listing: Listing): Promise<ReachableProvider> {
  const { provider, reason, input, usedBy } = listing;
  const about = await resolveWithKey(`${provider}/x`, input);
  if (!about.ok) return unlisted(listing, about.failure);
  const { baseUrl, wire } = about.value;
  const known = { provider, baseUrl, wire, because: reason };
  const own = [...usedBy.keys()]
    .filter((model) => providerOf(model) === provider)
    .map((model) => model.slice(provider.length + 1));
  const described = (models: readonly ServedModel[]): readonly ReachableModel[] =>
    models.map(({ name, contextWindow, price }) => {
      const model = `${provider}/${name}`;
      const resolved = resolveModel(model, input);
      const assumed = resolved.ok ? resolved.value.capabilities : undefined;
      const cost = assumed?.price ?? price;
      return {
        ...{ model, contextWindow: contextWindow ?? assumed?.contextWindow ?? 0, windowAssumed: contextWindow === undefined },
        ...(cost && { price: cost }),
        usedBy: usedBy.get(model) ?? [],
        ...troubleOf(model, name),
      };
    });
  const answer = await listFrom(about.value);
  const models = typeof answer === "string" ? [] : answer;
  const troubleOf = (model: string, name: string): { readonly trouble?: string } => {
    const resolved = resolveModel(model, input);
    if (!resolved.ok) return { trouble: faultLine(resolved.failure) };
    const isMissing = typeof answer !== "string" && !models.some((one) => one.name === name);
    return isMissing ? { trouble: "not in the provider's list" } : {};
  };
  const others = own.filter((name) => !models.some((one) => one.name === name)).map((name) => ({ name }));
  return { ...known, models: described([...others, ...models]), ...(typeof answer === "string" && { trouble: answer }) };
}

async function listFrom(model: ResolvedModel): Promise<readonly ServedModel[] | string> {
  const connection = openConnection(model.baseUrl);
  const version = model.wire === "messages" ? { "anthropic-version": "2023-06-01" } : {};
  const below = model.wire === "messages" && !new URL(model.baseUrl).pathname.endsWith("/v1") ? "/v1/models" : "/models";
  const headers = { ...keyHeaderOf(model), ...version, ...model.headers };
  const answer = await askOnce(connection, { method: "GET", path: below, headers }, listMs);
  connection.close();
  if (answer === undefined) return "does not answer";
  if (answer.status === 401 || answer.status === 403) return `refuses the key (${answer.status})`;
  return (answer.status === 200 ? readServedModels(answer.text) : undefined) ?? `gives no list of models (${answer.status})`;
}

async function resolveWithKey(model: string, input: CatalogInput): Promise<Result<ResolvedModel>> {
  const resolved = resolveModel(model, input);
  if (!resolved.ok || resolved.value.keySource === undefined) return resolved;
  const read = await readKey(resolved.value.keySource, { env: input.env });
  return read.ok ? succeed({ ...resolved.value, key: read.value.key }) : read;
}

interface Measuring {
  readonly name: string;
  readonly rounds: number;
  readonly goesOn: boolean;
}

async function measureModel({ name, rounds, goesOn }: Measuring, input: CatalogInput): Promise<Result<Measured>> {
  const refusedUpgrades = openRefusedHosts(stateHome(input.env));
  const opened = createOpenModel(input, {
    ...{ connect: openConnection, refusedUpgrades },
    readKey: (source) => readKey(source, { env: input.env }),
  })(name);
  if (!opened.ok) return opened;
  const measured = await measure(opened.value, { rounds, goesOn, now: systemClock.mono });
  await opened.value.close();
  return succeed(measured);
}

async function connect(wish: ConnectWish, input: CatalogInput): Promise<Result<Connection>> {
  const { address, tries } = wish;
  if (addressesOf(address).length === 0)
    return fail("USAGE", `${address} is no http or https address.`, "Write it like http://127.0.0.1:8000/v1.");
  const known = knownAt(address);
  const keyEnv = wish.keyEnv ?? (known !== undefined && input.env[known.keyEnv ?? ""] ? known.keyEnv : undefined);
  const key = keyEnv === undefined ? undefined : input.env[keyEnv]?.trim();
  if (wish.keyEnv !== undefined && !key) return fail("KEY_MISSING", `${wish.keyEnv} is not set.`, "Set it in the environment.");
  const probed = await probeServer(address, { connect: openConnection, ...(key && { key }) });
  if (probed === undefined)
    return fail("PROVIDER_UNREACHABLE", `No model server answers at ${address}.`, "Check the address, and that the server runs.");
  if (probed.wantsKey && probed.models === undefined)
    return wantsKey(probed, { address, known: known?.name, given: key !== undefined });
  const { baseUrl, wires, models = [] } = probed;
  const candidates = wish.wire === undefined ? wiresToTry(probed, known?.wire) : [wish.wire];
  const [first] = candidates;
  if (first === undefined)
    return fail("PROVIDER_UNREACHABLE", `${baseUrl} lists models, and speaks no wire that twolane knows.`, "Name it: --wire.");
  const found: Omit<Connection, "wire"> = {
    ...{ baseUrl, wires, models, wantsKey: probed.wantsKey || key !== undefined },
    ...(keyEnv !== undefined && { keyEnv }),
    ...(known && { known: known.name }),
  };
  const model = wish.model ?? models[0]?.name;
  if (!tries || model === undefined) return succeed({ ...found, wire: first });
  return tryWires(found, { candidates, model, input });
}

interface Trying {
  readonly candidates: readonly Wire[];
  readonly model: string;
  readonly input: CatalogInput;
}

/** The Responses wire is worth more than the others only over a socket, where it goes on instead of sending all again. */
async function tryWires(found: Omit<Connection, "wire">, { candidates, model, input }: Trying): Promise<Result<Connection>> {
  let best: Connection | undefined;
  for (const wire of candidates) {
    const text = withProvider(undefined, { name: "tried", provider: entryOf({ ...found, wire }), path: "" });
    const tried = text.ok
      ? await measureModel({ name: `tried/${model}`, rounds: 2, goesOn: true }, { ...input, configText: text.value })
      : text;
    if (!tried.ok) return tried;
    const one: Connection = { ...found, wire, tried: { ...tried.value, model } };
    const works = tried.value.failure === undefined;
    if (works && (wire !== "responses" || tried.value.transport === "websocket" || candidates.length === 1)) return succeed(one);
    if (best === undefined || (works && best.tried?.failure !== undefined)) best = one;
  }
  return best === undefined ? fail("PROVIDER_BROKEN", `${found.baseUrl} answers on no wire.`) : succeed(best);
}

const knownAt = (address: string) => {
  const hosts = addressesOf(address).map((one) => new URL(one).host);
  return knownProviders.find(({ baseUrl, keyOptional }) => !keyOptional && hosts.includes(new URL(baseUrl).host));
};

interface Locked {
  readonly address: string;
  readonly known: string | undefined;
  readonly given: boolean;
}

function wantsKey({ baseUrl }: ProbedServer, { address, known, given }: Locked): Result<never> {
  const variable = knownProviders.find(({ name }) => name === known)?.keyEnv ?? "ACME_API_KEY";
  if (given) return fail("KEY_REFUSED", `${baseUrl} refuses that key.`, "Check it.");
  const way = known === undefined ? `\`twolane connect ${address} --key-env ${variable}\`` : "try again";
  return fail("KEY_MISSING", `${baseUrl} wants a key.`, `Put it into a variable, like ${variable}, and ${way}.`);
}

/** A provider of the table speaks what the table says. */
function wiresToTry({ wires }: ProbedServer, known: Wire | undefined): readonly Wire[] {
  if (known !== undefined && wires.includes(known)) return [known];
  return (["responses", "chat", "messages"] as const).filter((wire) => wires.includes(wire));
}

const entryOf = ({ baseUrl, wire, keyEnv }: Pick<Connection, "baseUrl" | "wire" | "keyEnv">) => ({
  baseUrl,
  wire,
  ...(keyEnv !== undefined && { keyEnv }),
});

async function save(
  name: string,
  connection: Connection,
  { configPath = "", configText }: CatalogInput,
): Promise<Result<string>> {
  const text = withProvider(configText, { name, provider: entryOf(connection), path: configPath });
  return text.ok ? replaceSettings(configPath, text.value) : text;
}
