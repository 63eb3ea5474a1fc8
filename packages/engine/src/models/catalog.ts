/**
 * `provider/name` → address, key, wire and capabilities, from the table of providers, the environment and the user's
 * configuration. Pure: the environment and the configuration's text are given, nothing is read or looked up.
 */
import { type ModelCapabilities, type Result, fail, succeed } from "@twolane/protocol";
import { type ModelConfig, type ProviderConfig, emptyConfig, parseModelConfig } from "./config.ts";
import { familyCapabilities, unknownModel } from "./families.ts";
import { isLoopback } from "./loopback.ts";
import {
  type ChatTraits,
  type KeyHeader,
  type MessagesTraits,
  type Provider,
  type ResponsesTraits,
  type Wire,
  knownProviders,
  provider,
} from "./providers.ts";

export interface CatalogInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of `$XDG_CONFIG_HOME/twolane/config.json`; undefined: there is none. */
  readonly configText?: string;
  /** Where it lies, for messages. */
  readonly configPath?: string;
}

/** All that a wire needs to speak to one model. Holds the key: never log or show it whole. */
export interface ResolvedModel {
  /** As it was asked for: `provider/name`. */
  readonly model: string;
  readonly provider: string;
  /** As the provider calls it; may contain slashes. */
  readonly name: string;
  readonly wire: Wire;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly key?: string;
  /** The variable that holds the key, for messages. */
  readonly keyEnv?: string;
  readonly keyHeader?: KeyHeader;
  /** Where the key must be fetched from, when it is not in the environment. */
  readonly keySource?: KeyPlace;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for with every request. */
  readonly serviceTier?: string;
  readonly capabilities: ModelCapabilities;
  readonly chat: ChatTraits;
  readonly responses: ResponsesTraits;
  readonly messages: MessagesTraits;
}

/** A file, or a command whose output is the key, with its name for messages. */
export interface KeyPlace {
  readonly name: string;
  readonly file?: string;
  readonly command?: readonly string[];
}

/** A provider as it stands in this environment. */
export interface ResolvedProvider extends Provider {
  /** It is at its own address, not behind a gateway. */
  readonly own: boolean;
  readonly override: ProviderConfig;
}

/** The configuration alone; fails with CONFIG_INVALID. */
export function readModelConfig(input: CatalogInput): Result<ModelConfig> {
  if (input.configText === undefined) return succeed(emptyConfig);
  return parseModelConfig(input.configText, input.configPath ?? "config.json");
}

/** Every provider, the user's own ones last; fails with CONFIG_INVALID. */
export function resolveProviders(input: CatalogInput): Result<readonly ResolvedProvider[]> {
  const config = readModelConfig(input);
  if (!config.ok) return config;
  const resolved: ResolvedProvider[] = [];
  for (const known of knownProviders) {
    const next = place(known, config.value.providers[known.name] ?? {}, input);
    if (!next.ok) return next;
    resolved.push(next.value);
  }
  for (const [name, override] of Object.entries(config.value.providers)) {
    if (knownProviders.some((known) => known.name === name)) continue;
    const { baseUrl, wire, keyEnv } = override;
    if (baseUrl === undefined || wire === undefined) {
      const missing = baseUrl === undefined ? "baseUrl" : "wire";
      return fail("CONFIG_INVALID", `The provider "${name}" in ${input.configPath ?? "config.json"} has no "${missing}".`);
    }
    const own = provider({
      name,
      baseUrl,
      wire,
      ...(keyEnv === undefined ? { keyOptional: true } : { keyEnv }),
      responses: { webSocket: true },
    });
    const next = place(own, override, input);
    if (!next.ok) return next;
    resolved.push(next.value);
  }
  return succeed(resolved);
}

/** Fails with MODEL_UNKNOWN, KEY_MISSING, KEY_REFUSED, USAGE (an address that is none) or CONFIG_INVALID. */
export function resolveModel(model: string, input: CatalogInput): Result<ResolvedModel> {
  const providers = resolveProviders(input);
  if (!providers.ok) return providers;
  const slash = model.indexOf("/");
  const [providerName, name] = [model.slice(0, Math.max(slash, 0)), model.slice(slash + 1)];
  const names = providers.value.map((candidate) => candidate.name).join(", ");
  if (providerName === "" || name === "") {
    return fail("MODEL_UNKNOWN", `"${model}" is not provider/name.`, `Put one of these before it: ${names}.`);
  }
  const found = providers.value.find((candidate) => candidate.name === providerName);
  if (found === undefined)
    return fail(
      "MODEL_UNKNOWN",
      `There is no provider "${providerName}".`,
      `Use one of ${names}, or add it to the configuration (docs/models.md).`,
    );
  if (found.ownAddress === true && found.own)
    return fail(
      "PROVIDER_UNREACHABLE",
      `It is not known where your ${found.name} is.`,
      `Set ${found.baseUrlEnv}, like ${found.baseUrl}.`,
    );
  const key = findKey(found, input.env);
  if (!key.ok) return key;
  const capabilities = decideCapabilities(found, name);
  if (!capabilities.ok) return capabilities;
  const { wire, baseUrl, headers, chat, responses, messages, keyEnv, keyHeader, serviceTier } = found;
  // What stands between may refuse fields that it does not know.
  const isKnown = found.own || isLoopback(new URL(baseUrl));
  return succeed({
    ...{ model, provider: providerName, name, wire, baseUrl, headers, chat },
    messages: { ...messages, eagerInput: messages.eagerInput && isKnown },
    responses: { ...responses, clientMetadata: responses.clientMetadata && isKnown },
    capabilities: capabilities.value,
    ...(key.value !== undefined && { key: key.value }),
    ...(keyEnv !== undefined && { keyEnv }),
    ...(keyHeader && { keyHeader }),
    ...(key.value === undefined && keyPlaceOf(found)),
    ...(serviceTier !== undefined && { serviceTier }),
  });
}

export interface ChosenModel {
  readonly model: string;
  /** For a person: why this one, e.g. `CEREBRAS_API_KEY is set`. */
  readonly because: string;
}

export interface ModelWishes {
  /** Named on the command line. */
  readonly asked?: string;
  /** What answers on loopback (`discover.ts`), best first. */
  readonly loopbackServers?: readonly { readonly provider: string; readonly models: readonly string[] }[];
}

/**
 * The model of a run: asked for → configured → TWOLANE_MODEL → the first provider, in the order of the table, whose key is
 * in the environment → the first model of a server on loopback → undefined. Fails with CONFIG_INVALID.
 */
export function chooseModel(input: CatalogInput, wishes: ModelWishes = {}): Result<ChosenModel | undefined> {
  if (wishes.asked !== undefined) return succeed({ model: wishes.asked, because: "it was asked for" });
  const config = readModelConfig(input);
  if (!config.ok) return config;
  const configured = config.value.lanes.fast.model ?? config.value.model;
  if (configured !== undefined) return succeed({ model: configured, because: "it is configured" });
  const fromEnvironment = setting(input.env, "TWOLANE_MODEL");
  if (fromEnvironment !== undefined) return succeed({ model: fromEnvironment, because: "TWOLANE_MODEL names it" });
  for (const { name, keyEnv, defaultModel } of knownProviders) {
    const override = config.value.providers[name] ?? {};
    const variable = override.keyEnv ?? keyEnv;
    const isSet = setting(input.env, variable) !== undefined;
    if (defaultModel === undefined || (!isSet && !hasKeyPlace(override))) continue;
    return succeed({ model: `${name}/${defaultModel}`, because: isSet ? `${variable} is set` : "its key is configured" });
  }
  for (const server of wishes.loopbackServers ?? []) {
    const model = server.models[0];
    if (model !== undefined)
      return succeed({ model: `${server.provider}/${model}`, because: `${server.provider} answers on this machine` });
  }
  return succeed(undefined);
}

/** The value of a variable; an empty one counts as not set. */
export function setting(env: CatalogInput["env"], name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : env[name]?.trim();
  return value === "" ? undefined : value;
}

/** The provider at the address that the environment, then the configuration, then the table gives. */
function place(known: Provider, override: ProviderConfig, input: CatalogInput): Result<ResolvedProvider> {
  const fromEnvironment = setting(input.env, known.baseUrlEnv);
  const written = fromEnvironment ?? override.baseUrl ?? known.baseUrl;
  const baseUrl = normalAddress(written, known);
  if (baseUrl === undefined)
    return fail(
      "USAGE",
      `${known.baseUrlEnv ?? "baseUrl"} is not an http or https address.`,
      "Write it like http://127.0.0.1:8000/v1.",
    );
  const { capabilities: _, headers, ...rest } = override;
  return succeed({
    ...known,
    ...rest,
    baseUrl,
    headers: { ...known.headers, ...headers },
    own: baseUrl === known.baseUrl,
    override,
  });
}

/** As a person writes an address in a variable: perhaps only host and port, perhaps without the version's path. */
function normalAddress(written: string, known: Provider): string | undefined {
  const full = written.includes("://") ? written : `http://${written}`;
  if (!URL.canParse(full)) return undefined;
  const url = new URL(full);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  // OLLAMA_HOST is what its server binds, so it may be the wildcard and lack the port.
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  const usual = new URL(known.baseUrl);
  if (known.keyOptional && !/:\d+(\/|$)/.test(full.slice(full.indexOf("://") + 3)) && url.protocol === "http:")
    url.port = usual.port;
  if ((known.keyOptional || known.ownAddress === true) && url.pathname === "/") url.pathname = usual.pathname;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

export const hasKeyPlace = ({ keyFile, keyCommand }: ProviderConfig): boolean =>
  keyFile !== undefined || keyCommand !== undefined;

function keyPlaceOf({ name, override }: ResolvedProvider): { readonly keySource?: KeyPlace } {
  const { keyFile, keyCommand } = override;
  if (keyCommand !== undefined) return { keySource: { name: `keyCommand of ${name}`, command: keyCommand } };
  return keyFile === undefined ? {} : { keySource: { name: `keyFile of ${name}`, file: keyFile } };
}

/** Fails with KEY_MISSING, or KEY_REFUSED for text that no header can carry. */
function findKey(from: ResolvedProvider, env: CatalogInput["env"]): Result<string | undefined> {
  const key = setting(env, from.keyEnv);
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    return fail(
      "KEY_REFUSED",
      `${from.keyEnv} holds characters that no key has.`,
      `Set ${from.keyEnv} again, without blanks, quotes or line breaks.`,
    );
  }
  if (
    key !== undefined ||
    hasKeyPlace(from.override) ||
    from.keyEnv === undefined ||
    from.keyOptional ||
    isLoopback(new URL(from.baseUrl))
  )
    return succeed(key);
  return fail(
    "KEY_MISSING",
    `There is no key for ${from.name}: ${from.keyEnv} is not set.`,
    `Set ${from.keyEnv} in the environment.`,
  );
}

function decideCapabilities(from: ResolvedProvider, name: string): Result<ModelCapabilities> {
  const family = familyCapabilities(name);
  const written = from.override.capabilities ?? {};
  const own = from.own ? from.ownCapabilities : {};
  const guessed: ModelCapabilities = {
    ...unknownModel,
    ...from.capabilities,
    ...family,
    ...own,
    steer: family.steer === true && (own.steer ?? from.capabilities.steer) === true,
  };
  const fitted: ModelCapabilities = from.wire === "responses" ? guessed : { ...guessed, ...streamedLimits(guessed) };
  const decided = {
    ...fitted,
    ...(written.tools === false && { editForm: "message" as const, parallelCalls: false }),
    ...written,
  };
  const contradiction = contradictionIn(decided, from.wire);
  if (contradiction === undefined) return succeed(decided);
  return fail("CONFIG_INVALID", `The capabilities of "${from.name}" contradict each other: ${contradiction}.`);
}

/** Chat Completions and Messages have no tools with raw text, and no way into a running response. */
const streamedLimits = ({ editForm }: ModelCapabilities): Partial<ModelCapabilities> => ({
  editForm: editForm === "freeform" ? "json" : editForm,
  stop: "disconnect",
  steer: false,
});

function contradictionIn({ tools, editForm, stop, steer }: ModelCapabilities, wire: Wire): string | undefined {
  if (!tools && editForm !== "message") return "without tools, editForm must be message";
  if (wire === "responses") return undefined;
  if (editForm === "freeform") return `the ${wire} wire has no freeform tools`;
  return stop !== "disconnect" || steer ? `the ${wire} wire can only disconnect` : undefined;
}
