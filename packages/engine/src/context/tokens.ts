/**
 * How many tokens a text is, without its tokenizer: a guess from its length that what the provider counts makes better, model by model.
 * What is done about a window that fills is not known here. Pure.
 */
import type { TokenUsage } from "@twolane/protocol";
import type { ConversationItem } from "../models/models.ts";

/** Code and English in the tokenizers of the large families. */
const charactersPerToken = 3.7;
/** What a byte beyond ASCII costs more: a CJK sign has two of them and is about a token. */
const tokensPerFurtherByte = 0.4;
/** Around each item: role, name, separators. */
const itemOverhead = 6;
/** What is kept encrypted is longer than what it stands for. */
const opaqueCharactersPerToken = 6;

export function textTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken + (Buffer.byteLength(text) - text.length) * tokensPerFurtherByte);
}

/** About what a picture of a screen costs a model that sees. */
const imageTokens = 1200;

const known = new WeakMap<ConversationItem, number>();

/** Counted once for each object. */
export function itemTokens(item: ConversationItem): number {
  const before = known.get(item);
  if (before !== undefined) return before;
  const tokens = itemOverhead + contentTokens(item);
  known.set(item, tokens);
  return tokens;
}

function contentTokens(item: ConversationItem): number {
  switch (item.kind) {
    case "reasoning":
      return item.replay === null ? 0 : Math.ceil((JSON.stringify(item.replay)?.length ?? 0) / opaqueCharactersPerToken);
    case "call":
      return textTokens(item.tool) + textTokens(item.input);
    case "user":
      return textTokens(item.text) + (item.images?.length ?? 0) * imageTokens;
    default:
      return textTokens(item.text);
  }
}

export const sumTokens = (items: readonly ConversationItem[]): number => items.reduce((sum, item) => sum + itemTokens(item), 0);

/** So many true tokens for each guessed one. */
export type TokenRatio = number;

/** One answer tells less than several. */
const weight = 0.4;
const least = 0.4;
const most = 2.5;
/** Of a short request mostly what the provider adds by itself is counted. */
const shortest = 400;

/** `guessed`: of the whole request that `usage` is about. */
export function calibrated(ratio: TokenRatio, guessed: number, usage: TokenUsage): TokenRatio {
  // Where the provider counts what it had cached apart, both together were sent.
  const sent = usage.cachedInput > usage.input ? usage.input + usage.cachedInput : usage.input;
  if (guessed < shortest || sent <= 0) return ratio;
  const seen = Math.min(most, Math.max(least, sent / guessed));
  return ratio + (seen - ratio) * weight;
}
