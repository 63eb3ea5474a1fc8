/**
 * The providers that twolane knows by name, as one table: where they are, which wire they speak, which variables hold the
 * key and another address, and what is special about them. Models are in `families.ts`; nothing is looked up anywhere.
 */
import type { ModelCapabilities } from "@twolane/protocol";

export const wires = ["responses", "chat", "messages"] as const;
export type Wire = (typeof wires)[number];

/** What a Chat Completions server understands beyond the common ground. */
export interface ChatTraits {
  /** It takes `stream_options: {include_usage: true}`. */
  readonly usageOption: boolean;
  /** It takes `parallel_tool_calls: true`; for some (llama.cpp) nothing else turns several calls on. */
  readonly parallelOption: boolean;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** The field of an assistant message in which it wants its reasoning back; undefined: it does not want it. */
  readonly reasoningField: "reasoning" | "reasoning_content" | undefined;
}

/** What a Responses server does beyond the common ground. */
export interface ResponsesTraits {
  /** It may be tried over a WebSocket. */
  readonly webSocket: boolean;
  /** A socket is replaced at this age, before the provider's own limit. */
  readonly socketMinutes: number;
  /** Over a socket it takes a request that generates nothing and only warms its cache. */
  readonly warmUp: boolean;
  /** It pads its deltas unless told not to. */
  readonly paddingOption: boolean;
  /** Over a socket it takes `client_metadata`. */
  readonly clientMetadata: boolean;
}

/** In which header a key travels: what most take, Anthropic's, Azure's. */
export const keyHeaders = ["bearer", "x-api-key", "api-key"] as const;
export type KeyHeader = (typeof keyHeaders)[number];

/** What an Anthropic Messages server wants or understands beyond the common ground. */
export interface MessagesTraits {
  /** It keeps what stands in front of a mark in the request, or at least takes the mark. */
  readonly cacheMarks: boolean;
  /** It takes the field of a tool without which its arguments are held back until they are whole. */
  readonly eagerInput: boolean;
}

export interface Provider {
  readonly name: string;
  readonly wire: Wire;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** The variable that names another address. */
  readonly baseUrlEnv?: string;
  /** Every customer has an address of their own: `baseUrl` shows only its form. */
  readonly ownAddress?: boolean;
  /** The variable that holds the key. */
  readonly keyEnv?: string;
  /** Absent: the wire's own, `x-api-key` for Messages, else `bearer`. */
  readonly keyHeader?: KeyHeader;
  /** Its servers usually run without a key, wherever they are. */
  readonly keyOptional: boolean;
  /** What `run` takes when this provider's key is all there is. */
  readonly defaultModel?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceTier?: string;
  /** Steering needs the word of the model's family as well, here and below. */
  readonly capabilities: Partial<ModelCapabilities>;
  /** These hold only at the provider's own address; a gateway behind another one does not have them.  */
  readonly ownCapabilities: Partial<ModelCapabilities>;
  readonly chat: ChatTraits;
  readonly responses: ResponsesTraits;
  readonly messages: MessagesTraits;
}

const plainChat: ChatTraits = {
  usageOption: true,
  parallelOption: false,
  maxTokensField: "max_tokens",
  reasoningField: undefined,
};
const plainResponses: ResponsesTraits = {
  ...{ webSocket: false, socketMinutes: 55, warmUp: false, paddingOption: false, clientMetadata: false },
};
const plainMessages: MessagesTraits = { cacheMarks: true, eagerInput: false };

type ProviderRow = Pick<Provider, "name" | "wire" | "baseUrl"> &
  Partial<Omit<Provider, "chat" | "responses" | "messages">> & {
    readonly chat?: Partial<ChatTraits>;
    readonly responses?: Partial<ResponsesTraits>;
    readonly messages?: Partial<MessagesTraits>;
  };

/** A provider from what is known of it; the rest is the common ground of its wire. */
export function provider(row: ProviderRow): Provider {
  return {
    keyOptional: false,
    headers: {},
    capabilities: {},
    ownCapabilities: {},
    ...row,
    chat: { ...plainChat, ...row.chat },
    responses: { ...plainResponses, ...row.responses },
    messages: { ...plainMessages, ...row.messages },
  };
}

const hosted: readonly Provider[] = [
  provider({
    name: "cerebras",
    wire: "chat",
    baseUrl: "https://api.cerebras.ai/v1",
    baseUrlEnv: "CEREBRAS_BASE_URL",
    keyEnv: "CEREBRAS_API_KEY",
    defaultModel: "gpt-oss-120b",
    // Accounts differ in whether `parallel_tool_calls` is refused; it is on without being asked for.
    chat: { maxTokensField: "max_completion_tokens" },
  }),
  provider({
    name: "groq",
    wire: "chat",
    baseUrl: "https://api.groq.com/openai/v1",
    baseUrlEnv: "GROQ_BASE_URL",
    keyEnv: "GROQ_API_KEY",
    defaultModel: "openai/gpt-oss-120b",
    chat: { maxTokensField: "max_completion_tokens" },
  }),
  provider({
    name: "inception",
    wire: "chat",
    baseUrl: "https://api.inceptionlabs.ai/v1",
    baseUrlEnv: "INCEPTION_BASE_URL",
    keyEnv: "INCEPTION_API_KEY",
    defaultModel: "mercury-2",
  }),
  provider({
    name: "openai",
    wire: "responses",
    baseUrl: "https://api.openai.com/v1",
    baseUrlEnv: "OPENAI_BASE_URL",
    keyEnv: "OPENAI_API_KEY",
    defaultModel: "gpt-5-codex",
    ownCapabilities: { stop: "lanes", steer: true, compacts: true },
    responses: { webSocket: true, warmUp: true, paddingOption: true, clientMetadata: true },
  }),
  provider({
    name: "azure",
    wire: "responses",
    baseUrl: "https://your-name.openai.azure.com/openai/v1",
    baseUrlEnv: "AZURE_OPENAI_ENDPOINT",
    ownAddress: true,
    keyEnv: "AZURE_OPENAI_API_KEY",
    keyHeader: "api-key",
    // One response at a time over a socket; no lanes, no steering.
    responses: { webSocket: true, warmUp: true, paddingOption: true },
  }),
  provider({
    name: "xai",
    wire: "responses",
    baseUrl: "https://api.x.ai/v1",
    baseUrlEnv: "XAI_BASE_URL",
    keyEnv: "XAI_API_KEY",
    defaultModel: "grok-code-fast-1",
    // The provider closes a socket after 25 minutes.
    responses: { webSocket: true, socketMinutes: 23, warmUp: true },
  }),
  provider({
    name: "anthropic",
    wire: "messages",
    baseUrl: "https://api.anthropic.com",
    baseUrlEnv: "ANTHROPIC_BASE_URL",
    keyEnv: "ANTHROPIC_API_KEY",
    defaultModel: "claude-sonnet-5-5",
    messages: { eagerInput: true },
  }),
  provider({
    name: "openrouter",
    wire: "chat",
    baseUrl: "https://openrouter.ai/api/v1",
    baseUrlEnv: "OPENROUTER_BASE_URL",
    keyEnv: "OPENROUTER_API_KEY",
    defaultModel: "openai/gpt-oss-120b",
    chat: { parallelOption: true, reasoningField: "reasoning" },
  }),
];

const local = (
  row: Pick<Provider, "name" | "baseUrl" | "baseUrlEnv" | "keyEnv"> & { readonly chat?: Partial<ChatTraits> },
): Provider => provider({ ...row, wire: "chat", keyOptional: true });

/** Servers of one's own; `doctor` looks for them on loopback. */
export const localProviders: readonly Provider[] = [
  local({
    name: "vllm",
    baseUrl: "http://127.0.0.1:8000/v1",
    baseUrlEnv: "VLLM_BASE_URL",
    keyEnv: "VLLM_API_KEY",
    chat: { parallelOption: true },
  }),
  local({
    name: "llamacpp",
    baseUrl: "http://127.0.0.1:8080/v1",
    baseUrlEnv: "LLAMACPP_BASE_URL",
    keyEnv: "LLAMA_API_KEY",
    chat: { parallelOption: true },
  }),
  local({ name: "ollama", baseUrl: "http://127.0.0.1:11434/v1", baseUrlEnv: "OLLAMA_HOST", keyEnv: "OLLAMA_API_KEY" }),
  local({ name: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1", baseUrlEnv: "LMSTUDIO_BASE_URL", keyEnv: "LMSTUDIO_API_KEY" }),
];

const simulated: readonly Provider[] = [
  provider({
    name: "sim",
    wire: "responses",
    baseUrl: "http://127.0.0.1:8790/v1",
    baseUrlEnv: "TWOLANE_SIM_URL",
    keyEnv: "TWOLANE_SIM_KEY",
    keyOptional: true,
    capabilities: { dialect: "v4a", editForm: "freeform", stop: "lanes", steer: true },
    responses: { webSocket: true, warmUp: true, clientMetadata: true },
  }),
  provider({
    name: "sim-chat",
    wire: "chat",
    baseUrl: "http://127.0.0.1:8790/v1",
    baseUrlEnv: "TWOLANE_SIM_URL",
    keyEnv: "TWOLANE_SIM_KEY",
    keyOptional: true,
    capabilities: { dialect: "v4a", editForm: "json" },
  }),
  provider({
    name: "sim-messages",
    wire: "messages",
    baseUrl: "http://127.0.0.1:8790/v1",
    baseUrlEnv: "TWOLANE_SIM_URL",
    keyEnv: "TWOLANE_SIM_KEY",
    keyOptional: true,
    capabilities: { dialect: "v4a", editForm: "json" },
    messages: { eagerInput: true },
  }),
];

/** In the order in which a key found in the environment is taken: the fastest first. */
export const knownProviders: readonly Provider[] = [...hosted, ...localProviders, ...simulated];
