/** One answer of the Chat Completions wire: items of a reply in, chunks (or the one finished object) out. */
import { piecesOf, textOf } from "./reply.ts";
import type { CutText, Emission, JsonDraft, JsonObject, ReplyItem, ReplyPart } from "./reply.ts";

export interface ChatSettings {
  readonly id: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** The field in which reasoning travels; servers differ. */
  readonly reasoningField: "reasoning_content" | "reasoning";
  /** Whether a call's arguments come piece by piece or all at once. */
  readonly toolArguments: "pieces" | "whole";
  /** Whether a last chunk reports the usage. */
  readonly usage: boolean;
  readonly cut: CutText;
  readonly newId: (prefix: string) => string;
}

export class ChatEmitter {
  readonly #settings: ChatSettings;
  readonly #created = Math.floor(Date.now() / 1000);
  #tokens = 0;
  #reasoningTokens = 0;
  #calls = 0;

  constructor(settings: ChatSettings) {
    this.#settings = settings;
  }

  get outputTokens(): number {
    return this.#tokens;
  }

  /** `finish`: the reason to report in place of what follows from the reply. */
  *events(items: Iterable<ReplyItem>, finish?: string): Generator<Emission> {
    yield { kind: "first" };
    yield this.#delta({ role: "assistant", content: "" });
    for (const item of items) {
      if (item.kind === "message") yield* this.#text(item.parts, "content");
      else if (item.kind === "call") yield* this.#call(item);
      else if (item.kind === "pause") yield item;
      else {
        const before = this.#tokens;
        yield* this.#text(item.parts, this.#settings.reasoningField);
        this.#reasoningTokens += this.#tokens - before;
      }
    }
    const reason = finish ?? (this.#calls > 0 ? "tool_calls" : "stop");
    yield this.#chunk({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: reason }] });
    if (this.#settings.usage) yield this.#chunk({ choices: [], usage: this.#usage() });
    yield { kind: "raw", text: "[DONE]" };
  }

  /** The same answer as one object, for a request that did not ask for a stream. */
  completion(items: Iterable<ReplyItem>): JsonObject {
    const message: JsonDraft = { role: "assistant", content: null, refusal: null };
    const calls: JsonObject[] = [];
    for (const item of items) {
      if (item.kind === "pause") continue;
      if (item.kind === "call") {
        const { name, input } = item;
        calls.push({ id: this.#settings.newId("call"), type: "function", function: { name, arguments: input } });
        this.#count([{ kind: "text", text: input }]);
        continue;
      }
      const before = this.#tokens;
      this.#count(item.parts);
      if (item.kind === "reasoning") this.#reasoningTokens += this.#tokens - before;
      const field = item.kind === "reasoning" ? this.#settings.reasoningField : "content";
      const told = message[field];
      message[field] = (typeof told === "string" ? told : "") + textOf(item.parts);
    }
    if (calls.length > 0) message.tool_calls = calls;
    const finish = calls.length > 0 ? "tool_calls" : "stop";
    return {
      ...this.#head("chat.completion"),
      choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
      usage: this.#usage(),
    };
  }

  #count(parts: readonly ReplyPart[]): void {
    for (const piece of piecesOf(parts, this.#settings.cut)) if ("tokens" in piece) this.#tokens += piece.tokens;
  }

  *#text(parts: readonly ReplyPart[], field: string): Generator<Emission> {
    for (const piece of piecesOf(parts, this.#settings.cut)) {
      if ("pauseMs" in piece) yield { kind: "pause", ms: piece.pauseMs };
      else yield this.#delta({ [field]: piece.text }, piece.tokens);
    }
  }

  *#call(item: ReplyItem & { kind: "call" }): Generator<Emission> {
    const index = this.#calls;
    this.#calls += 1;
    const opening = { index, id: this.#settings.newId("call"), type: "function" };
    const pieces = [...piecesOf([{ kind: "text", text: item.input }], this.#settings.cut)];
    if (this.#settings.toolArguments === "whole") {
      const tokens = pieces.reduce((sum, piece) => sum + ("tokens" in piece ? piece.tokens : 0), 0);
      const call = { ...opening, function: { name: item.name, arguments: item.input } };
      yield this.#delta({ tool_calls: [call] }, tokens);
      return;
    }
    yield this.#delta({ tool_calls: [{ ...opening, function: { name: item.name, arguments: "" } }] });
    for (const piece of pieces) {
      if ("tokens" in piece) yield this.#delta({ tool_calls: [{ index, function: { arguments: piece.text } }] }, piece.tokens);
    }
  }

  #delta(delta: JsonObject, tokens = 0): Emission {
    this.#tokens += tokens;
    return this.#chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] }, tokens);
  }

  #chunk(fields: JsonObject, tokens = 0): Emission {
    return { kind: "event", event: { ...this.#head("chat.completion.chunk"), ...fields }, tokens };
  }

  #head(object: string): JsonObject {
    return { id: this.#settings.id, object, created: this.#created, model: this.#settings.model };
  }

  #usage(): JsonObject {
    const { inputTokens, cachedTokens } = this.#settings;
    return {
      prompt_tokens: inputTokens,
      prompt_tokens_details: { cached_tokens: cachedTokens },
      completion_tokens: this.#tokens,
      completion_tokens_details: { reasoning_tokens: this.#reasoningTokens },
      total_tokens: inputTokens + this.#tokens,
    };
  }
}
