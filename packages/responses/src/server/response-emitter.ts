/**
 * One response of the Responses wire as its exact, ordered events: items of a reply in, events out, over SSE and WebSocket
 * alike. Knows no time and no socket; whoever plays the events decides when, and may end the response early.
 */
import { piecesOf, textOf } from "./reply.ts";
import type { Compaction, CutText, Emission, JsonDraft, JsonObject, ReplyItem } from "./reply.ts";

export interface ResponseSettings {
  readonly id: string;
  readonly model: string;
  /** The fields of the request, which a response repeats. */
  readonly request: JsonObject;
  readonly serviceTier: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** Named lane of a socket; repeated in every event. */
  readonly streamId?: string;
  /** Leaves out all `.added` and `.part` events and the output of the terminal response, as sockets may. */
  readonly sparse?: boolean;
  readonly cut: CutText;
  /** A fresh identifier that begins with `prefix`. */
  readonly newId: (prefix: string) => string;
}

export type ResponseEnd =
  | { readonly status: "completed" }
  | { readonly status: "incomplete"; readonly reason: string }
  | { readonly status: "failed"; readonly code: string; readonly message: string };

/** Names of the events in which one streamed text travels, and the fields which place it within its item. */
interface TextChannel {
  readonly name: string;
  readonly place: JsonObject;
}

/** Fields of the request that a response repeats unchanged, with the value for a request that left them out. */
const REPEATED: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  store: true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
};

export class ResponseEmitter {
  readonly id: string;
  /** Items that are finished, in order: what the next request continues from. */
  readonly output: JsonObject[] = [];
  /** Asks for an end behind the item that is being written: its `incomplete` reason. */
  endAfterItem: string | undefined;
  readonly #settings: ResponseSettings;
  readonly #createdAt = Math.floor(Date.now() / 1000);
  #sequence = 0;
  #tokens = 0;
  #reasoningTokens = 0;

  constructor(settings: ResponseSettings) {
    this.id = settings.id;
    this.#settings = settings;
  }

  get outputTokens(): number {
    return this.#tokens;
  }

  /** Plays a reply from `response.created` to the terminal event. `warmUp`: nothing is generated. */
  *events(items: Iterable<ReplyItem | Compaction>, options: { end: ResponseEnd; warmUp: boolean }): Generator<Emission> {
    yield this.#event("response.created", { response: this.#response("in_progress") });
    yield this.#event("response.in_progress", { response: this.#response("in_progress") });
    yield { kind: "first" };
    if (!options.warmUp) {
      for (const item of items) {
        yield* this.#item(item);
        if (this.endAfterItem !== undefined) break;
      }
    }
    yield this.end(this.#decidedEnd(options.end));
  }

  /** The terminal event, with every finished item and none that was cut off. */
  end(end: ResponseEnd): Emission {
    const response = this.#response(end.status);
    if (end.status === "incomplete") response.incomplete_details = { reason: end.reason };
    if (end.status === "incomplete" && end.reason === "interrupted") response.end_turn = false;
    if (end.status === "failed") response.error = { code: end.code, message: end.message };
    else response.usage = this.#usage();
    return this.#event(`response.${end.status}`, { response });
  }

  /** Any further event of this response, numbered and with its lane. */
  event(type: string, fields: JsonObject): Emission {
    return this.#event(type, fields);
  }

  /** A response that ends on calls has ended completely, whatever was asked for: its caller must answer them first. */
  #decidedEnd(planned: ResponseEnd): ResponseEnd {
    const endsOnCall = this.output.some((item) => "call_id" in item);
    if (this.endAfterItem === undefined || endsOnCall) return planned;
    return { status: "incomplete", reason: this.endAfterItem };
  }

  #event(type: string, fields: JsonObject, tokens = 0): Emission {
    const event: JsonDraft = { type, sequence_number: this.#sequence, ...fields };
    this.#sequence += 1;
    if (this.#settings.streamId !== undefined) event.stream_id = this.#settings.streamId;
    return { kind: "event", event, tokens };
  }

  #response(status: string): JsonDraft {
    const { request, model, serviceTier, sparse } = this.#settings;
    const response: JsonDraft = {
      id: this.id,
      object: "response",
      created_at: this.#createdAt,
      status,
      background: false,
      error: null,
      incomplete_details: null,
      model,
      service_tier: serviceTier,
      usage: null,
    };
    for (const [name, otherwise] of Object.entries(REPEATED)) response[name] = request[name] ?? otherwise;
    if (!sparse || status === "in_progress") response.output = status === "in_progress" ? [] : this.output;
    return response;
  }

  #usage(): JsonObject {
    const { inputTokens, cachedTokens } = this.#settings;
    return {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
      output_tokens: this.#tokens,
      output_tokens_details: { reasoning_tokens: this.#reasoningTokens },
      total_tokens: inputTokens + this.#tokens,
    };
  }

  *#item(item: ReplyItem | Compaction): Generator<Emission> {
    if (item.kind === "message") yield* this.#message(item);
    else if (item.kind === "reasoning") yield* this.#reasoning(item);
    else if (item.kind === "call") yield* this.#call(item);
    else if (item.kind === "compaction") yield* this.#compaction(item);
    else yield item;
  }

  *#message(item: ReplyItem & { kind: "message" }): Generator<Emission> {
    const id = this.#settings.newId("msg");
    const text = textOf(item.parts);
    const shape = { id, type: "message", role: "assistant" };
    yield* this.#added({ ...shape, status: "in_progress", content: [] });
    const place = { item_id: id, output_index: this.output.length, content_index: 0 };
    const part = { type: "output_text", text, annotations: [], logprobs: [] };
    yield* this.#unlessSparse("response.content_part.added", { ...place, part: { ...part, text: "" } });
    yield* this.#stream(item.parts, { name: "response.output_text", place });
    yield this.#event("response.output_text.done", { ...place, text, logprobs: [] });
    yield* this.#unlessSparse("response.content_part.done", { ...place, part });
    yield this.#done({ ...shape, status: "completed", content: [part] });
  }

  *#reasoning(item: ReplyItem & { kind: "reasoning" }): Generator<Emission> {
    const id = this.#settings.newId("rs");
    const text = textOf(item.parts);
    const start: JsonObject = { id, type: "reasoning", summary: [] };
    yield* this.#added(start);
    const at = { item_id: id, output_index: this.output.length };
    const before = this.#tokens;
    const finished: JsonDraft = { ...start };
    if (item.raw) {
      const place = { ...at, content_index: 0 };
      yield* this.#stream(item.parts, { name: "response.reasoning_text", place });
      yield this.#event("response.reasoning_text.done", { ...place, text });
      finished.content = [{ type: "reasoning_text", text }];
    } else {
      const place = { ...at, summary_index: 0 };
      const part = { type: "summary_text", text };
      yield* this.#unlessSparse("response.reasoning_summary_part.added", { ...place, part: { ...part, text: "" } });
      yield* this.#stream(item.parts, { name: "response.reasoning_summary_text", place });
      yield this.#event("response.reasoning_summary_text.done", { ...place, text });
      yield* this.#unlessSparse("response.reasoning_summary_part.done", { ...place, part });
      finished.summary = [part];
    }
    this.#reasoningTokens += this.#tokens - before;
    const include = this.#settings.request.include;
    if (Array.isArray(include) && include.includes("reasoning.encrypted_content")) {
      finished.encrypted_content = Buffer.from(`scripted:${id}`).toString("base64");
    }
    yield this.#done(finished);
  }

  *#compaction(item: Compaction): Generator<Emission> {
    const id = this.#settings.newId("cmp");
    yield* this.#added({ id, type: "compaction", encrypted_content: "" });
    for (const piece of this.#settings.cut(item.content)) this.#tokens += piece.tokens;
    yield this.#done({ id, type: "compaction", encrypted_content: Buffer.from(item.content).toString("base64") });
  }

  /** The wire has no pieces for it: the operation is there when the item is done. */
  *#patch(item: ReplyItem & { kind: "call" }): Generator<Emission> {
    const operation: JsonObject = JSON.parse(item.input);
    const shape = { id: this.#settings.newId("apc"), type: "apply_patch_call", call_id: this.#settings.newId("call") };
    const empty = "diff" in operation ? { ...operation, diff: "" } : operation;
    yield* this.#added({ ...shape, status: "in_progress", operation: empty });
    for (const piece of this.#settings.cut(item.input)) this.#tokens += piece.tokens;
    yield this.#done({ ...shape, status: "completed", operation });
  }

  *#call(item: ReplyItem & { kind: "call" }): Generator<Emission> {
    if (item.patch === true) return yield* this.#patch(item);
    const id = this.#settings.newId(item.freeform ? "ctc" : "fc");
    const type = item.freeform ? "custom_tool_call" : "function_call";
    const field = item.freeform ? "input" : "arguments";
    const shape = { id, type, call_id: this.#settings.newId("call"), name: item.name };
    yield* this.#added({ ...shape, status: "in_progress", [field]: "" });
    const place = { item_id: id, output_index: this.output.length };
    const name = `response.${type}_${field}`;
    yield* this.#stream([{ kind: "text", text: item.input }], { name, place });
    yield this.#event(`${name}.done`, { ...place, [field]: item.input });
    yield this.#done({ ...shape, status: "completed", [field]: item.input });
  }

  *#stream(parts: Parameters<typeof piecesOf>[0], channel: TextChannel): Generator<Emission> {
    const type = `${channel.name}.delta`;
    const logprobs = channel.name === "response.output_text" ? { logprobs: [] } : {};
    for (const piece of piecesOf(parts, this.#settings.cut)) {
      if ("pauseMs" in piece) {
        yield { kind: "pause", ms: piece.pauseMs };
        continue;
      }
      this.#tokens += piece.tokens;
      yield this.#event(type, { ...channel.place, delta: piece.text, ...logprobs }, piece.tokens);
    }
  }

  *#added(item: JsonObject): Generator<Emission> {
    yield* this.#unlessSparse("response.output_item.added", { output_index: this.output.length, item });
  }

  *#unlessSparse(type: string, fields: JsonObject): Generator<Emission> {
    if (!this.#settings.sparse) yield this.#event(type, fields);
  }

  #done(item: JsonObject): Emission {
    const event = this.#event("response.output_item.done", { output_index: this.output.length, item });
    this.output.push(item);
    return event;
  }
}
