/**
 * The user's configuration of models: text in, a checked record out. Where the file lies and who reads it is not known
 * here. An unknown key is a mistake, because a misspelt one would otherwise be ignored without a word.
 */
import {
  type Budget,
  type CodeToolName,
  type DialectName,
  type ModelCapabilities,
  type ModelPrice,
  type Result,
  codeToolNames,
  dialectNames,
  fail,
  succeed,
} from "@twolane/protocol";
import {
  type Check,
  ConfigMistake,
  address,
  count,
  modelName,
  nameOf,
  oneOf,
  readKeys,
  record,
  text,
  truth,
  variable,
} from "./config-checks.ts";
import { type LanesConfig, type WorkflowsConfig, noLanes, readLanes, readWorkflows } from "./config-lanes.ts";
import { type LimitsConfig, readBudgets, readLimits } from "./config-spend.ts";
import { type TelemetryConfig, telemetryReader } from "./config-telemetry.ts";
import { type JsonPath, JsonMistake, type LocatedJson, parseWithLines } from "./json-lines.ts";
import { type KeyHeader, type Wire, keyHeaders, wires } from "./providers.ts";

export interface ProviderConfig {
  readonly baseUrl?: string;
  readonly wire?: Wire;
  readonly keyEnv?: string;
  /** Below `/` or `~/`; asked when the variable is not set. */
  readonly keyFile?: string;
  /** Program and arguments whose output is the key; asked when the variable is not set. */
  readonly keyCommand?: readonly string[];
  /** How the key travels on the Messages wire. */
  readonly keyHeader?: KeyHeader;
  readonly capabilities?: Partial<ModelCapabilities>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly serviceTier?: string;
}

export interface ModelConfig {
  /** What `run` takes without --model. */
  readonly model?: string;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly commit: CommitConfig;
  readonly ahead: AheadConfig;
  readonly lanes: LanesConfig;
  readonly workflows: WorkflowsConfig;
  readonly budgets: readonly Budget[];
  readonly limits: LimitsConfig;
  readonly telemetry: TelemetryConfig;
  /** What a surface wants to know of its own; it checks that itself. */
  readonly terminal: Readonly<Record<string, unknown>>;
}

/** What is worked on before Enter: nothing, what needs no model, or both. */
export const aheadModes = ["off", "instant", "on"] as const;

export interface AheadConfig {
  /** Default: `instant`. */
  readonly drafts?: (typeof aheadModes)[number];
  /** Tokens of a session that may go to drafts which are not sent in the end; default 20,000. */
  readonly wasted?: number;
}

export interface CommitConfig {
  /** `assisted-by` (default), `co-authored-by`, `none`, or a whole line such as `Tool: twolane`. */
  readonly trailer?: string;
}

export const emptyConfig: ModelConfig = {
  ...{ providers: {}, commit: {}, ahead: {}, lanes: noLanes, workflows: {}, terminal: {} },
  ...{ budgets: [], limits: {}, telemetry: {} },
};

const cure = "Correct that line; docs/models.md describes the file.";
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** `path` is only for the message. Fails with CONFIG_INVALID, naming the line. */
export function parseModelConfig(text: string, path: string): Result<ModelConfig> {
  let json: LocatedJson | undefined;
  try {
    json = parseWithLines(text);
    return succeed(readConfig(json.value));
  } catch (error) {
    if (error instanceof JsonMistake) return fail("CONFIG_INVALID", `${path}:${error.line}: ${error.message}.`, cure);
    if (error instanceof ConfigMistake)
      return fail("CONFIG_INVALID", `${path}:${json?.lineOf(error.path) ?? 1}: ${error.message}.`, cure);
    throw error;
  }
}

const headers: Check<Readonly<Record<string, string>>> = (value, path) => {
  const checked: Record<string, string> = {};
  for (const [name, content] of Object.entries(record(value, path))) {
    const place = [...path, name];
    if (!headerName.test(name)) throw new ConfigMistake(`"${name}" is not the name of a header`, place);
    if (typeof content !== "string" || !headerValue.test(content))
      throw new ConfigMistake(`${nameOf(place)} must be a text without control characters`, place);
    checked[name.toLowerCase()] = content;
  }
  return checked;
};

const amount: Check<number> = (value, path) => {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new ConfigMistake(`${nameOf(path)} must be a number of dollars for a million tokens`, path);
};

function readPrice(value: unknown, path: JsonPath): ModelPrice {
  const shape = { input: amount, cachedInput: amount, cacheWrite: amount, output: amount };
  const { input, cachedInput, cacheWrite, output } = readKeys(value, path, shape);
  if (input === undefined || output === undefined) throw new ConfigMistake(`${nameOf(path)} needs "input" and "output"`, path);
  return { input, cachedInput: cachedInput ?? input, output, ...(cacheWrite !== undefined && { cacheWrite }) };
}

const trailer: Check<string> = (value, path) => {
  const written = text(value, path);
  if (["assisted-by", "co-authored-by", "none"].includes(written) || /^[A-Za-z][A-Za-z0-9-]*: \S/.test(written)) return written;
  throw new ConfigMistake(`${nameOf(path)} must be assisted-by, co-authored-by, none or a line like "Tool: twolane"`, path);
};

const codeTools: Check<readonly CodeToolName[]> = (value, path) => {
  if (!Array.isArray(value)) throw new ConfigMistake(`${nameOf(path)} must be a list`, path);
  return value.map((name) => oneOf(codeToolNames)(name, path));
};

const dialect: Check<DialectName> = oneOf(dialectNames);

const capabilityShape = {
  dialect,
  editForm: oneOf(["freeform", "json", "message"]),
  tools: truth,
  parallelCalls: truth,
  stop: oneOf(["interrupt", "lanes", "disconnect"]),
  steer: truth,
  contextWindow: count,
  maxOutput: count,
  codeTools,
  images: truth,
  compacts: truth,
  price: readPrice,
} satisfies { readonly [K in keyof ModelCapabilities]-?: Check<NonNullable<ModelCapabilities[K]>> };

const keyFile: Check<string> = (value, path) => {
  const written = text(value, path);
  if (/^(\/|~\/|[A-Za-z]:\\)./.test(written)) return written;
  // A key written here by mistake must not appear in the message.
  throw new ConfigMistake(`${nameOf(path)} must be a whole path, or one below ~/`, path);
};

const keyCommand: Check<readonly string[]> = (value, path) => {
  const words: readonly unknown[] = Array.isArray(value) ? value : [];
  const checked = words.filter((word) => typeof word === "string");
  if (checked.length > 0 && checked.length === words.length && checked[0] !== "") return checked;
  throw new ConfigMistake(`${nameOf(path)} must be a list: the program and its arguments`, path);
};

const providerShape = {
  baseUrl: address,
  wire: oneOf(wires),
  keyEnv: variable,
  keyFile,
  keyCommand,
  keyHeader: oneOf(keyHeaders),
  capabilities: (value: unknown, path: JsonPath) => readKeys(value, path, capabilityShape),
  headers,
  serviceTier: text,
};

function readProviders(value: unknown, path: JsonPath): Record<string, ProviderConfig> {
  const providers: Record<string, ProviderConfig> = {};
  for (const [name, member] of Object.entries(record(value, path))) {
    const place = [...path, name];
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
      throw new ConfigMistake(`"${name}" is not a provider's name (small letters, digits, . _ -)`, place);
    providers[name] = readKeys(member, place, providerShape);
  }
  return providers;
}

function readConfig(value: unknown): ModelConfig {
  const sections = readKeys(value, [], {
    model: modelName,
    providers: readProviders,
    commit: (member: unknown, path: JsonPath): CommitConfig => readKeys(member, path, { trailer }),
    ahead: (member: unknown, path: JsonPath): AheadConfig => readKeys(member, path, { drafts: oneOf(aheadModes), wasted: count }),
    lanes: readLanes,
    workflows: readWorkflows,
    budgets: readBudgets,
    limits: readLimits,
    telemetry: telemetryReader(headers),
    terminal: record,
    // What stands in it is checked by who connects (mcp/servers-file.ts).
    mcpServers: record,
  });
  return { ...emptyConfig, ...sections };
}
