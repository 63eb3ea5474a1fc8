/** One answer of the Anthropic Messages wire: items of a reply in, events (or the one finished message) out. */
import { piecesOf, textOf } from "./reply.ts";
import type { CutText, Emission, JsonDraft, JsonObject, ReplyItem, ReplyPart } from "./reply.ts";

export interface MessagesSettings {
  readonly id: string;
  readonly model: string;
  readonly serviceTier: string;
  /** Neither read from the cache nor written to it. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Whether arguments come as they are written, or whole. */
  readonly eager: boolean;
  readonly cut: CutText;
  readonly newId: (prefix: string) => string;
  /** What proves that a thought comes back as it was. */
  readonly sign: (thinking: string) => string;
}

/** Why the answer is over, when it is not for what it says. */
export type MessagesStop = "max_tokens" | "refusal" | (string & {});

export class MessagesEmitter {
  readonly #settings: MessagesSettings;
  #tokens = 0;
  #thinkingTokens = 0;
  #blocks = 0;
  #calls = 0;

  constructor(settings: MessagesSettings) {
    this.#settings = settings;
  }

  *events(items: Iterable<ReplyItem>, stop?: MessagesStop): Generator<Emission> {
    yield { kind: "first" };
    const start = { ...this.#message([]), stop_reason: null, usage: this.#usage(1) };
    yield this.#event("message_start", { message: start });
    yield this.#event("ping", {});
    for (const item of items) {
      if (item.kind === "pause") yield item;
      else yield* this.#block(item);
    }
    const delta = { stop_reason: stop ?? this.#stopReason(), stop_sequence: null, stop_details: null, container: null };
    yield this.#event("message_delta", { delta, usage: this.#usage(this.#tokens) });
    yield this.#event("message_stop", {});
  }

  /** The same answer as one object, for a request that did not ask for a stream. */
  message(items: Iterable<ReplyItem>): JsonObject {
    const content: JsonObject[] = [];
    for (const item of items) {
      if (item.kind === "pause") continue;
      const before = this.#tokens;
      this.#count(item.kind === "call" ? [{ kind: "text", text: item.input }] : item.parts);
      if (item.kind === "reasoning") this.#thinkingTokens += this.#tokens - before;
      content.push(this.#content(item));
    }
    return { ...this.#message(content), stop_reason: this.#stopReason(), usage: this.#usage(this.#tokens) };
  }

  #content(item: Exclude<ReplyItem, { kind: "pause" }>): JsonObject {
    if (item.kind === "message") return { type: "text", text: textOf(item.parts), citations: null };
    if (item.kind === "reasoning") {
      const thinking = textOf(item.parts);
      return { type: "thinking", thinking, signature: this.#settings.sign(thinking) };
    }
    this.#calls += 1;
    return { ...this.#toolUse(item.name), input: JSON.parse(item.input) };
  }

  *#block(item: Exclude<ReplyItem, { kind: "pause" }>): Generator<Emission> {
    const index = this.#blocks;
    this.#blocks += 1;
    yield this.#event("content_block_start", { index, content_block: this.#opening(item) });
    if (item.kind === "message") yield* this.#deltas(index, item.parts, { type: "text_delta", field: "text" });
    else if (item.kind === "reasoning") {
      const before = this.#tokens;
      yield* this.#deltas(index, item.parts, { type: "thinking_delta", field: "thinking" });
      this.#thinkingTokens += this.#tokens - before;
      const signature = this.#settings.sign(textOf(item.parts));
      yield this.#event("content_block_delta", { index, delta: { type: "signature_delta", signature } });
    } else yield* this.#arguments(index, item.input);
    yield this.#event("content_block_stop", { index });
  }

  #opening(item: Exclude<ReplyItem, { kind: "pause" }>): JsonObject {
    if (item.kind === "message") return { type: "text", text: "", citations: null };
    if (item.kind === "reasoning") return { type: "thinking", thinking: "", signature: "" };
    this.#calls += 1;
    return { ...this.#toolUse(item.name), input: {} };
  }

  #toolUse(name: string): JsonDraft {
    return { type: "tool_use", id: this.#settings.newId("toolu"), name, caller: { type: "direct" } };
  }

  *#arguments(index: number, input: string): Generator<Emission> {
    const pieces = this.#settings.eager ? this.#settings.cut(input) : [{ text: input, tokens: this.#countText(input) }];
    yield this.#event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: "" } });
    for (const { text, tokens } of pieces) {
      this.#tokens += tokens;
      yield this.#event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: text } }, tokens);
    }
  }

  *#deltas(index: number, parts: readonly ReplyPart[], { type, field }: { type: string; field: string }): Generator<Emission> {
    for (const piece of piecesOf(parts, this.#settings.cut)) {
      if ("pauseMs" in piece) {
        yield { kind: "pause", ms: piece.pauseMs };
        continue;
      }
      this.#tokens += piece.tokens;
      yield this.#event("content_block_delta", { index, delta: { type, [field]: piece.text } }, piece.tokens);
    }
  }

  #countText(text: string): number {
    let tokens = 0;
    for (const piece of this.#settings.cut(text)) tokens += piece.tokens;
    return tokens;
  }

  #count(parts: readonly ReplyPart[]): void {
    for (const piece of piecesOf(parts, this.#settings.cut)) if ("tokens" in piece) this.#tokens += piece.tokens;
  }

  #stopReason(): string {
    return this.#calls > 0 ? "tool_use" : "end_turn";
  }

  #message(content: readonly JsonObject[]): JsonObject {
    const { id, model } = this.#settings;
    const none = { stop_sequence: null, stop_details: null, container: null };
    return { id, type: "message", role: "assistant", model, content, ...none };
  }

  #usage(output: number): JsonObject {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, serviceTier } = this.#settings;
    return {
      input_tokens: inputTokens,
      cache_read_input_tokens: cacheReadTokens,
      cache_creation_input_tokens: cacheWriteTokens,
      cache_creation: { ephemeral_5m_input_tokens: cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { thinking_tokens: this.#thinkingTokens },
      server_tool_use: null,
      service_tier: serviceTier,
    };
  }

  #event(type: string, fields: JsonObject, tokens = 0): Emission {
    return { kind: "event", event: { type, ...fields }, tokens };
  }
}
