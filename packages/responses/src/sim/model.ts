/**
 * The simulated model behind all wires: a request's body in, a refusal or a planned answer out. Holds what outlives one
 * request (stored responses, fault counters) and knows no socket.
 */
import { ChatEmitter } from "../server/chat-emitter.ts";
import { ResponseEmitter } from "../server/response-emitter.ts";
import { MessagesEmitter } from "../server/messages-emitter.ts";
import type { ResponseEnd } from "../server/response-emitter.ts";
import type { Compaction, CutText, Emission, JsonObject, ReplyItem } from "../server/reply.ts";
import { cutter, seededRandom } from "./chunks.ts";
import { EMPTY, chatEntries, extend, isObject, responseEntries } from "./conversation.ts";
import type { Conversation, Entry } from "./conversation.ts";
import { badRequest } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { FaultCounter, disturb, floodItem } from "./faults.ts";
import { messagesEntries, messagesFault, signThinking } from "./messages-input.ts";
import type { ByteFault, TokenHold } from "./pacing.ts";
import { PromptCache } from "./prompt-cache.ts";
import type { Pace, ResponseFault, Scenario } from "./scenario.ts";
import { Script } from "./script.ts";
import type { Wire } from "./script.ts";

/** A finished response that can be continued. */
export interface PastResponse {
  readonly id: string;
  readonly conversation: Conversation;
}

export interface Planned {
  readonly emissions: Generator<Emission>;
  readonly ttftMs: number;
  readonly tokensPerSecond: number;
  readonly byteFault: ByteFault | undefined;
  readonly hold: TokenHold | undefined;
  readonly fault: ResponseFault | undefined;
}

export interface PlannedResponse extends Planned {
  readonly emitter: ResponseEmitter;
  readonly stored: boolean;
  /** The response as it stands now, with its finished items. */
  past(): PastResponse;
}

export interface PlannedWhole extends Planned {
  /** The answer in one object, for a request without a stream. */
  whole(): JsonObject;
}

export interface ResponseRequest {
  readonly body: JsonObject;
  readonly wire: "websocket" | "sse";
  readonly streamId?: string | undefined;
  /** Finds the response to continue. */
  readonly find: (id: string) => PastResponse | undefined;
  /** Messages that were steered in and come with this request. */
  readonly steered?: readonly Entry[];
}

export type Plan<T extends Planned> = { readonly ok: true; readonly plan: T } | { readonly ok: false; readonly failure: Failure };

/** Stored responses kept; the oldest go first. */
const MAX_STORED = 2000;

interface Chosen {
  readonly wire: Wire;
  readonly fault: ResponseFault | undefined;
  readonly items: readonly ReplyItem[];
  readonly pace: Pace;
  readonly cut: CutText;
  readonly newId: (prefix: string) => string;
  readonly onHold: () => void;
}

export class SimulatedModel {
  readonly scenario: Scenario;
  readonly faults: FaultCounter;
  readonly #script: Script;
  readonly #onHold: () => void;
  readonly #stored = new Map<string, PastResponse>();
  readonly #promptCache = new PromptCache();
  #requests = 0;

  constructor(scenario: Scenario, onHold: () => void = () => {}) {
    this.scenario = scenario;
    this.#onHold = onHold;
    this.faults = new FaultCounter(scenario.faults);
    this.#script = new Script(scenario);
  }

  stored(id: string): PastResponse | undefined {
    return this.#stored.get(id);
  }

  store(past: PastResponse): void {
    this.#stored.set(past.id, past);
    const oldest = this.#stored.keys().next();
    if (this.#stored.size > MAX_STORED && !oldest.done) this.#stored.delete(oldest.value);
  }

  planResponse(request: ResponseRequest): Plan<PlannedResponse> {
    const { body } = request;
    const warmUp = body.generate === false || (isObject(body.prompt_cache_options) && body.prompt_cache_options.prewarm === true);
    const isCompaction = endsOnTrigger(body.input);
    const refused = this.#checkModel(body) ?? checkInput(body) ?? (isCompaction ? this.#checkCompaction() : undefined);
    if (refused !== undefined) return { ok: false, failure: refused };
    const parent = parentOf(request);
    if ("failure" in parent) return { ok: false, failure: parent.failure };
    const entries = [...responseEntries(body.input), ...(request.steered ?? [])];
    const conversation = continued(parent.conversation, { entries, instructions: body.instructions, warmUp });
    if ("failure" in conversation) return { ok: false, failure: conversation.failure };
    const chosen = this.#choose(request.wire, body, conversation);
    if ("failure" in chosen) return { ok: false, failure: chosen.failure };
    const emitter = new ResponseEmitter({
      id: chosen.newId("resp"),
      model: this.#servedModel(body),
      request: body,
      serviceTier: this.scenario.serves.serviceTier,
      inputTokens: conversation.tokens,
      cachedTokens: parent.conversation.tokens,
      ...(request.streamId === undefined ? {} : { streamId: request.streamId }),
      sparse: chosen.fault?.kind === "sparse",
      cut: chosen.cut,
      newId: chosen.newId,
    });
    // What it stands for is in nobody's words; its length is about that of a real one.
    const compaction: Compaction = { kind: "compaction", content: `scripted, of ${conversation.tokens} tokens. `.repeat(40) };
    const events = emitter.events(isCompaction ? [compaction] : chosen.items, { end: endOf(chosen.fault), warmUp });
    const past = (): PastResponse => ({ id: emitter.id, conversation: afterOutput(conversation, emitter) });
    return { ok: true, plan: { ...planned(events, chosen), emitter, stored: body.store !== false, past } };
  }

  planMessages(body: JsonObject): Plan<PlannedWhole> {
    const refused = this.#checkModel(body);
    if (refused?.status === 404) return { ok: false, failure: { ...refused, message: `model: ${String(body.model)}` } };
    const fault = refused?.message ?? messagesFault(body);
    if (fault !== undefined || !Array.isArray(body.messages)) return { ok: false, failure: badRequest(fault ?? "messages") };
    const conversation = continued(EMPTY, { entries: messagesEntries(body.messages), instructions: undefined, warmUp: false });
    if ("failure" in conversation) return { ok: false, failure: conversation.failure };
    const chosen = this.#choose("messages", body, conversation);
    if ("failure" in chosen) return { ok: false, failure: chosen.failure };
    const cache = this.#promptCache.use(body);
    const { serviceTier } = this.scenario.serves;
    const emitter = new MessagesEmitter({
      id: chosen.newId("msg"),
      model: this.#servedModel(body),
      serviceTier: serviceTier === "default" ? "standard" : serviceTier,
      inputTokens: cache.rest,
      cacheReadTokens: cache.read,
      cacheWriteTokens: cache.written,
      eager: Array.isArray(body.tools) && body.tools.some((tool) => isObject(tool) && tool.eager_input_streaming === true),
      cut: chosen.cut,
      newId: chosen.newId,
      sign: signThinking,
    });
    const events = emitter.events(chosen.items, messagesStop(chosen.fault));
    return { ok: true, plan: { ...planned(events, chosen), whole: () => emitter.message(chosen.items) } };
  }

  planChat(body: JsonObject): Plan<PlannedWhole> {
    const refused = this.#checkModel(body);
    if (refused !== undefined) return { ok: false, failure: refused };
    if (!Array.isArray(body.messages))
      return { ok: false, failure: badRequest("messages must be a list.", undefined, "messages") };
    const conversation = continued(EMPTY, { entries: chatEntries(body.messages), instructions: undefined, warmUp: false });
    if ("failure" in conversation) return { ok: false, failure: conversation.failure };
    const chosen = this.#choose("chat", body, conversation);
    if ("failure" in chosen) return { ok: false, failure: chosen.failure };
    const { chat } = this.scenario;
    const asked = isObject(body.stream_options) && body.stream_options.include_usage === true;
    const emitter = new ChatEmitter({
      id: chosen.newId("chatcmpl"),
      model: this.#servedModel(body),
      inputTokens: conversation.tokens,
      cachedTokens: 0,
      reasoningField: chat.reasoningField,
      toolArguments: chat.toolArguments,
      usage: chat.usage === "always" || (chat.usage === "asked" && asked),
      cut: chosen.cut,
      newId: chosen.newId,
    });
    const finish = chosen.fault?.kind === "incomplete" ? "length" : undefined;
    const events = emitter.events(chosen.items, finish);
    return { ok: true, plan: { ...planned(events, chosen), whole: () => emitter.completion(chosen.items) } };
  }

  #choose(wire: Wire, body: JsonObject, conversation: Conversation): Chosen | { readonly failure: Failure } {
    this.#requests += 1;
    const { defaults } = this.scenario;
    const random = seededRandom(defaults.seed * 7919 + this.#requests);
    const { answer, items } = this.#script.next({ conversation, model: String(body.model), wire, tools: body.tools });
    const fault = this.faults.forRequest(answer);
    const failure = this.faults.refusal(fault);
    if (failure !== undefined) return { failure };
    const own = answer?.pace;
    const pace: Pace = {
      ttftMs: own?.ttftMs ?? defaults.ttftMs,
      tokensPerSecond: fault?.kind === "flood" ? 0 : (own?.tokensPerSecond ?? defaults.tokensPerSecond),
      chunk: fault?.kind === "flood" ? { unit: "all", size: 1 } : (own?.chunk ?? defaults.chunk),
    };
    return {
      wire,
      fault,
      items: fault?.kind === "flood" ? [floodItem(fault.bytes), ...items] : items,
      pace,
      cut: cutter(pace.chunk, random),
      newId: (prefix) => `${prefix}_${hex(random)}${hex(random)}${hex(random)}`,
      onHold: this.#onHold,
    };
  }

  #checkModel(body: JsonObject): Failure | undefined {
    const { model } = body;
    if (typeof model !== "string" || model === "")
      return badRequest("Missing required parameter: 'model'.", "missing_required_parameter", "model");
    if (this.scenario.models === undefined || this.scenario.models.includes(model)) return undefined;
    return { status: 404, code: "model_not_found", message: `The model '${model}' does not exist.`, param: "model" };
  }

  #checkCompaction(): Failure | undefined {
    if (this.scenario.features.compaction) return undefined;
    return badRequest("Invalid value: 'compaction_trigger'.", "invalid_value", "input");
  }

  #servedModel(body: JsonObject): string {
    return this.scenario.serves.model ?? String(body.model);
  }
}

const isTrigger = (item: unknown): boolean => isObject(item) && item.type === "compaction_trigger";
const endsOnTrigger = (input: unknown): boolean => Array.isArray(input) && isTrigger(input.at(-1));

function checkInput(body: JsonObject): Failure | undefined {
  const { input } = body;
  if (Array.isArray(input) && input.slice(0, -1).some(isTrigger))
    return badRequest("A compaction_trigger must be the final input item.", undefined, "input");
  if (input === undefined || typeof input === "string" || Array.isArray(input)) return undefined;
  return badRequest("input must be text or a list of items.", undefined, "input");
}

function parentOf(request: ResponseRequest): { readonly conversation: Conversation } | { readonly failure: Failure } {
  const id = request.body.previous_response_id;
  if (id === undefined || id === null) return { conversation: EMPTY };
  const past = typeof id === "string" ? request.find(id) : undefined;
  if (past !== undefined) return past;
  const message = `Previous response with id '${typeof id === "string" ? id : ""}' not found.`;
  return { failure: badRequest(message, "previous_response_not_found", "previous_response_id") };
}

interface NewInput {
  readonly entries: readonly Entry[];
  readonly instructions: unknown;
  readonly warmUp: boolean;
}

/** Outputs must fit their calls, and every call must have one before the model can go on. */
function continued(parent: Conversation, input: NewInput): Conversation | { readonly failure: Failure } {
  const characters = typeof input.instructions === "string" ? input.instructions.length : 0;
  const entries = characters > 0 ? [{ kind: "other", characters } as const, ...input.entries] : input.entries;
  const conversation = extend(parent, entries);
  if (typeof conversation === "string") return { failure: badRequest(conversation, undefined, "input") };
  const open = conversation.openCalls.keys().next();
  if (open.done || input.warmUp) return conversation;
  return { failure: badRequest(`No tool output found for function call ${open.value}.`, undefined, "input") };
}

function afterOutput(conversation: Conversation, emitter: ResponseEmitter): Conversation {
  const after = extend(conversation, responseEntries(emitter.output));
  if (typeof after === "string") throw new Error(after);
  return { ...after, tokens: conversation.tokens + emitter.outputTokens };
}

function endOf(fault: ResponseFault | undefined): ResponseEnd {
  if (fault?.kind === "failed") return { status: "failed", code: fault.code, message: fault.message };
  if (fault?.kind === "incomplete") return { status: "incomplete", reason: fault.reason };
  return { status: "completed" };
}

/** The reasons of the Responses wire in the words of Messages. */
function messagesStop(fault: ResponseFault | undefined): string | undefined {
  if (fault?.kind !== "incomplete") return undefined;
  const words: Readonly<Record<string, string>> = { max_output_tokens: "max_tokens", content_filter: "refusal" };
  return words[fault.reason] ?? fault.reason;
}

function planned(events: Iterable<Emission>, chosen: Chosen): Planned {
  const { fault, pace } = chosen;
  return {
    emissions: disturb(events, fault, chosen.wire),
    ttftMs: pace.ttftMs,
    tokensPerSecond: pace.tokensPerSecond,
    byteFault: fault?.kind === "cut" || fault?.kind === "stall" ? fault : undefined,
    hold: fault?.kind === "hold" ? { atToken: fault.atToken, reached: chosen.onHold } : undefined,
    fault,
  };
}

function hex(random: () => number): string {
  return Math.floor(random() * 4_294_967_296)
    .toString(16)
    .padStart(8, "0");
}
