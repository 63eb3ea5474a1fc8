/**
 * What models can do, by the family that their name tells. The first row that matches the last part of the name (behind
 * every slash) counts; a model without a row is taken for a capable one with JSON tools, the form that every server has.
 * The numbers are the makers' own; where a model exists in several sizes, the smaller window.
 */
import type { ModelCapabilities } from "@twolane/protocol";

export const unknownModel: ModelCapabilities = {
  dialect: "str-replace",
  editForm: "json",
  tools: true,
  parallelCalls: true,
  stop: "disconnect",
  steer: false,
  contextWindow: 128_000,
};

const v4aFreeform = { dialect: "v4a", editForm: "freeform" } as const;
const v4aJson = { dialect: "v4a", editForm: "json" } as const;
const withoutTools = { dialect: "search-replace", editForm: "message", tools: false, parallelCalls: false } as const;

interface Family {
  readonly pattern: RegExp;
  readonly capabilities: Partial<ModelCapabilities>;
}

const families: readonly Family[] = [
  // An answer's limit is the smallest of the makers' for the generation; nothing is reserved for it at admission.
  { pattern: /^claude-(3-(opus|sonnet|haiku)|2|instant)/, capabilities: { contextWindow: 200_000, maxOutput: 4096 } },
  { pattern: /^claude-3-5-haiku/, capabilities: { contextWindow: 200_000, maxOutput: 8192 } },
  { pattern: /^claude-3-5/, capabilities: { images: true, contextWindow: 200_000, maxOutput: 8192 } },
  { pattern: /^claude/, capabilities: { images: true, contextWindow: 200_000, maxOutput: 32_000 } },
  // Trained on V4A, but served behind JSON tools only.
  { pattern: /^gpt-oss/, capabilities: { ...v4aJson, parallelCalls: false, contextWindow: 131_072 } },
  { pattern: /codex.*spark/, capabilities: { ...v4aFreeform, contextWindow: 128_000 } },
  { pattern: /^gpt-5.*chat/, capabilities: { ...v4aJson, contextWindow: 128_000 } },
  { pattern: /^gpt-6-astra/, capabilities: { ...v4aFreeform, steer: true, images: true, contextWindow: 400_000 } },
  { pattern: /^gpt-[5-9]|codex/, capabilities: { ...v4aFreeform, images: true, contextWindow: 400_000 } },
  { pattern: /^gpt-4\.1/, capabilities: { ...v4aJson, images: true, contextWindow: 1_047_576 } },
  { pattern: /^(gpt-4o|chatgpt-4o)/, capabilities: { ...v4aJson, images: true, contextWindow: 128_000 } },
  { pattern: /^o[134](-|$)/, capabilities: { ...v4aJson, contextWindow: 200_000 } },
  { pattern: /^grok-4.*fast/, capabilities: { contextWindow: 2_000_000 } },
  { pattern: /^grok/, capabilities: { contextWindow: 256_000 } },
  { pattern: /^mercury/, capabilities: { contextWindow: 128_000 } },
  { pattern: /^qwen-?3-coder/, capabilities: { contextWindow: 262_144 } },
  { pattern: /^qwen-?2\.5-coder/, capabilities: { contextWindow: 32_768 } },
  { pattern: /^(qwen|qwq)/, capabilities: { contextWindow: 131_072 } },
  { pattern: /^(llama-?2|codellama|tinyllama)/, capabilities: { ...withoutTools, contextWindow: 4096 } },
  { pattern: /^llama-?3(:|-\d+b|$)/, capabilities: { ...withoutTools, contextWindow: 8192 } },
  { pattern: /^(meta-)?llama/, capabilities: { contextWindow: 131_072 } },
  { pattern: /^(zai-)?glm/, capabilities: { contextWindow: 131_072 } },
  { pattern: /^kimi/, capabilities: { contextWindow: 131_072 } },
  {
    pattern: /^(deepseek-coder|starcoder|codegemma|gemma-?[123]?(:|-|$)|phi-?[123](:|-|\.|$))/,
    capabilities: { ...withoutTools, contextWindow: 8192 },
  },
];

/** What the family of the model `name` is known to do; nothing where it is not known. */
export function familyCapabilities(name: string): Partial<ModelCapabilities> {
  const last = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return families.find(({ pattern }) => pattern.test(last))?.capabilities ?? {};
}
