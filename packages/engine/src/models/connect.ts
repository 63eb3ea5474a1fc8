/**
 * What a person types to get a model: its name, the address of a server, or a key. Gives the name to use and the settings
 * that must be added to the environment of this session; nothing is stored.
 */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { OpenConnection } from "./connection.ts";
import { type LoopbackServer, probeServers } from "./discover.ts";
import { knownProviders } from "./providers.ts";

export interface Connected {
  /** `provider/name` or `instant`. */
  readonly model: string;
  readonly env: Readonly<Record<string, string>>;
  /** For a shell's start file; the key itself is not in it. */
  readonly keep?: string;
}

/** Beginnings of keys that tell whose they are; the longer ones first. */
const keyBeginnings: readonly (readonly [string, string])[] = [
  ["sk-or-", "openrouter"],
  ["csk-", "cerebras"],
  ["gsk_", "groq"],
  ["xai-", "xai"],
  ["sk-", "openai"],
];

/** MODEL_UNKNOWN, KEY_REFUSED or PROVIDER_UNREACHABLE, each with what to type instead. */
export async function connectWith(typed: string, connect: OpenConnection): Promise<Result<Connected>> {
  const words = typed.trim().split(/\s+/);
  const [first = "", second] = words;
  const named = knownProviders.find(({ name }) => name === first);
  if (named !== undefined && second !== undefined) return withKey(named.name, second);
  if (/^https?:\/\//.test(first) || /^(localhost|[\d.]+|\[[\da-f:]+\]):\d+/i.test(first)) return withAddress(first, connect);
  if (first === "instant" || /^[^/\s]+\/\S+$/.test(first)) return succeed({ model: first, env: {} });
  const owner = keyBeginnings.find(([beginning]) => first.startsWith(beginning) && first.length > 20);
  if (owner !== undefined) return withKey(owner[1], first);
  if (named !== undefined) return succeed({ model: `${named.name}/${named.defaultModel ?? "default"}`, env: {} });
  return fail(
    "MODEL_UNKNOWN",
    first.length > 20 ? "It is not clear whose key this is." : `"${first}" is no model that can be named.`,
    `Type provider/name, an address like http://127.0.0.1:8000/v1, or a provider and its key: ${knownProviders
      .flatMap(({ name, defaultModel }) => (defaultModel === undefined ? [] : [name]))
      .join(", ")}.`,
  );
}

function withKey(providerName: string, key: string): Result<Connected> {
  const found = knownProviders.find(({ name }) => name === providerName);
  const { keyEnv, defaultModel } = found ?? {};
  if (keyEnv === undefined || defaultModel === undefined)
    return fail("MODEL_UNKNOWN", `${providerName} needs no key.`, `Type ${providerName}/MODEL.`);
  if (!/^[\x21-\x7e]+$/.test(key)) return fail("KEY_REFUSED", "The key holds characters that no key has.", "Paste it again.");
  return succeed({ model: `${providerName}/${defaultModel}`, env: { [keyEnv]: key }, keep: `export ${keyEnv}=…` });
}

/** A server of the OpenAI kind answers with the list of its models. */
async function withAddress(typed: string, connect: OpenConnection): Promise<Result<Connected>> {
  const written = (typed.includes("://") ? typed : `http://${typed}`).replace(/\/+$/, "");
  if (!URL.canParse(written))
    return fail("PROVIDER_UNREACHABLE", `${typed} is no address.`, "Type it like http://127.0.0.1:8000/v1.");
  const addresses = /\/v\d+$/.test(written) ? [written] : [`${written}/v1`, written];
  let found: LoopbackServer | undefined;
  for (const baseUrl of addresses) {
    [found] = await probeServers([{ provider: "vllm", baseUrl }], { connect, timeoutMs: 3000 });
    if (found !== undefined) break;
  }
  if (found === undefined)
    return fail("PROVIDER_UNREACHABLE", `No model server answers at ${written}.`, "Check the address, and that the server runs.");
  if (found.wantsKey)
    return fail("KEY_MISSING", `${found.baseUrl} wants a key.`, "Set VLLM_BASE_URL and VLLM_API_KEY and start again.");
  const model = found.models[0];
  if (model === undefined) return fail("MODEL_UNKNOWN", `${found.baseUrl} has no model loaded.`, "Load one there and try again.");
  return succeed({
    model: `vllm/${model}`,
    env: { VLLM_BASE_URL: found.baseUrl },
    keep: `export VLLM_BASE_URL=${found.baseUrl}`,
  });
}
