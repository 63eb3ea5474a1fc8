/**
 * A provider's prompt cache as the Anthropic Messages wire describes it: what stands in front of a mark is kept, and found again
 * from a mark at most so many blocks behind it. Keeps hashes only.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../server/reply.ts";
import { estimateTokens } from "./chunks.ts";
import { isObject } from "./conversation.ts";

/** Blocks in front of a mark that are looked at. */
const LOOK_BACK = 20;
const MAX_KEPT = 20_000;

export interface CacheUse {
  readonly read: number;
  readonly written: number;
  /** Behind the last mark. */
  readonly rest: number;
}

export class PromptCache {
  readonly #kept = new Set<string>();

  /** What of the request was kept already, and what is kept from now on. Tokens, by the size of the JSON. */
  use(body: JsonObject): CacheUse {
    const blocks = blocksOf(body);
    const prefixes: { readonly hash: string; readonly tokens: number }[] = [];
    const hash = createHash("sha256").update(`${String(body.model)}\n`);
    let tokens = 0;
    for (const { text } of blocks) {
      hash.update(text);
      tokens += estimateTokens(text.length);
      prefixes.push({ hash: hash.copy().digest("base64"), tokens });
    }
    const marks = blocks.flatMap(({ marked }, index) => (marked ? [index] : []));
    const found = Math.max(-1, ...marks.map((mark) => this.#lookBack(prefixes, mark)));
    const read = prefixes[found]?.tokens ?? 0;
    const last = prefixes[marks.at(-1) ?? -1]?.tokens ?? 0;
    for (const mark of marks) this.#keep(prefixes[mark]?.hash ?? "");
    return { read, written: Math.max(0, last - read), rest: tokens - Math.max(last, read) };
  }

  #lookBack(prefixes: readonly { readonly hash: string }[], mark: number): number {
    for (let at = mark; at >= 0 && at > mark - LOOK_BACK; at -= 1) if (this.#kept.has(prefixes[at]?.hash ?? "")) return at;
    return -1;
  }

  #keep(hash: string): void {
    this.#kept.add(hash);
    const oldest = this.#kept.values().next();
    if (this.#kept.size > MAX_KEPT && !oldest.done) this.#kept.delete(oldest.value);
  }
}

interface CacheBlock {
  /** Without its mark. */
  readonly text: string;
  readonly marked: boolean;
}

/** In the order in which the provider reads them. */
function blocksOf({ tools, system, messages }: JsonObject): CacheBlock[] {
  const block = (value: unknown, place: string): CacheBlock => {
    const { cache_control: mark, ...rest } = isObject(value) ? value : { value };
    return { text: `${place}${JSON.stringify(rest)}\n`, marked: isObject(mark) };
  };
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
  return [
    ...list(tools).map((tool) => block(tool, "tool ")),
    ...list(system).map((part) => block(part, "system ")),
    ...list(messages).flatMap((message) => {
      const { role, content } = isObject(message) ? message : { role: "", content: message };
      return list(content).map((part) => block(part, `${String(role)} `));
    }),
  ];
}
