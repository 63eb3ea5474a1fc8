/**
 * Payloads of an Anthropic Messages stream → model events. Knows nothing of HTTP. Complete is only what ended with `message_stop`
 * or came as one whole message; `ended` is told by whoever owns the connection.
 */
import { type TokenUsage, failure } from "@twolane/protocol";
import type { ResolvedModel } from "../catalog.ts";
import type { WireDecoder, WireEnd } from "../exchange.ts";
import type { ConversationItem, ModelEvent } from "../models.ts";
import { failureOfRefusal, limitOfRefusal, oneLine, readRefusal } from "../provider-failure.ts";
import { servedNotices } from "../served-model.ts";
import { MessageBlocks } from "./messages-blocks.ts";

export interface MessagesDecoderOptions {
  readonly model: ResolvedModel;
  readonly items: readonly ConversationItem[];
  readonly tell: (event: ModelEvent) => void;
}

type Fields = Readonly<Record<string, unknown>>;

export function createMessagesDecoder(options: MessagesDecoderOptions): WireDecoder {
  return new MessagesDecoder(options);
}

class MessagesDecoder implements WireDecoder {
  private readonly model: ResolvedModel;
  private readonly tell: (event: ModelEvent) => void;
  private readonly blocks: MessageBlocks;
  private readonly usage = new Map<string, number>();
  private started = false;
  /** What the stop reason said; it counts once the answer has come to its end. */
  private ending: WireEnd | undefined;

  constructor({ model, items, tell }: MessagesDecoderOptions) {
    const usedIds = new Set(items.flatMap((item) => (item.kind === "call" ? [item.call] : [])));
    this.model = model;
    this.tell = tell;
    this.blocks = new MessageBlocks({ usedIds, idPrefix: `call_${items.length}`, tell });
  }

  get finished(): boolean {
    return this.ending !== undefined;
  }

  push(data: string): WireEnd | undefined {
    const payload = data.trim();
    if (payload === "") return undefined;
    const { model } = this;
    const event = parseObject(payload);
    if (event === undefined || (event["type"] === undefined && event["error"] === undefined)) {
      const said = JSON.stringify(oneLine(payload, model.key).slice(0, 80));
      const message = `${model.provider} sent something that is not its protocol: ${said}.`;
      return this.withUsage({ ending: "failed", failure: failure("PROVIDER_BROKEN", message) });
    }
    const refusal = event["type"] === "error" || event["type"] === undefined ? readRefusal(event) : undefined;
    if (refusal === undefined) return this.take(event);
    const refused = limitOfRefusal(refusal, Date.now());
    return this.withUsage({ ending: "failed", failure: failureOfRefusal(refusal, model), ...(refused && { refused }) });
  }

  /** The bytes ended before `message_stop`. */
  end(): WireEnd {
    return this.withUsage({
      ending: "truncated",
      failure: failure("STREAM_TRUNCATED", `The stream of ${this.model.provider} ended before the answer did.`),
    });
  }

  private take(event: Fields): WireEnd | undefined {
    switch (event["type"]) {
      case "message_start":
        this.begin(fieldsOf(event["message"]));
        return undefined;
      case "content_block_start":
        this.blocks.start(event["index"], fieldsOf(event["content_block"]));
        return undefined;
      case "content_block_delta":
        this.blocks.delta(event["index"], fieldsOf(event["delta"]));
        return undefined;
      case "content_block_stop":
        this.blocks.stop(event["index"]);
        return undefined;
      case "message_delta":
        addUsage(this.usage, event["usage"]);
        this.finish(fieldsOf(event["delta"]));
        return undefined;
      case "message_stop":
        return this.close();
      case "message":
        return this.takeWhole(event);
      default:
        // Pings, and kinds of events that come into use later.
        return undefined;
    }
  }

  private takeWhole(message: Fields): WireEnd {
    this.begin(message);
    for (const [index, block] of list(message["content"]).entries()) {
      this.blocks.start(index, fieldsOf(block));
      this.blocks.stop(index);
    }
    this.finish(message);
    return this.close();
  }

  private begin(message: Fields): void {
    addUsage(this.usage, message["usage"]);
    if (!this.started) for (const event of startedEvents(message, this.model)) this.tell(event);
    this.started = true;
  }

  private finish(delta: Fields): void {
    const reason = textIn(delta, "stop_reason");
    if (reason === "" || this.ending !== undefined) return;
    this.ending = endOf(reason, delta, this.model);
    this.blocks.finish(this.ending.ending !== "completed");
  }

  private close(): WireEnd {
    return this.ending === undefined ? this.end() : this.withUsage(this.ending);
  }

  private withUsage(ended: WireEnd): WireEnd {
    return this.usage.size === 0 ? ended : { ...ended, usage: usageOf(this.usage) };
  }
}

function startedEvents(message: Fields, asked: ResolvedModel): readonly ModelEvent[] {
  const model = textIn(message, "model") || asked.name;
  const tier = textIn(fieldsOf(message["usage"]), "service_tier");
  // It is asked for and told by different names.
  const serviceTier = tier === "standard" && asked.serviceTier === "standard_only" ? "standard_only" : tier;
  const served = { model, ...(serviceTier !== "" && { serviceTier }) };
  return [{ kind: "started", ...served }, ...servedNotices({ asked, ...served })];
}

function endOf(reason: string, delta: Fields, model: ResolvedModel): WireEnd {
  switch (reason) {
    case "end_turn":
    case "tool_use":
    case "stop_sequence":
      return { ending: "completed" };
    case "max_tokens":
      return { ending: "incomplete", failure: failure("OUTPUT_LIMIT", `${model.name} reached its output limit.`) };
    case "model_context_window_exceeded":
      return { ending: "incomplete", failure: failure("CONTEXT_FULL", `The conversation fills the window of ${model.name}.`) };
    case "refusal": {
      const why = oneLine(textIn(fieldsOf(delta["stop_details"]), "explanation"), model.key).replace(/\.$/, "");
      const message = `${model.provider} ended the answer by its rules of use${why === "" ? "" : `: ${why}`}.`;
      return { ending: "incomplete", failure: failure("PROVIDER_REFUSED", message) };
    }
    default: {
      const message = `${model.provider} ended the answer for an unknown reason: ${oneLine(reason)}.`;
      return { ending: "incomplete", failure: failure("PROVIDER_BROKEN", message) };
    }
  }
}

/** The newest number of each kind holds; what an event leaves out stays as it was. */
function addUsage(usage: Map<string, number>, value: unknown): void {
  const fields = fieldsOf(value);
  const thinking = fieldsOf(fields["output_tokens_details"])["thinking_tokens"];
  for (const [name, number] of Object.entries({ ...fields, thinking_tokens: thinking }))
    if (typeof number === "number" && Number.isFinite(number)) usage.set(name, number);
}

/** The wire counts what was read from its cache and what was written to it apart from the other input. */
function usageOf(usage: ReadonlyMap<string, number>): TokenUsage {
  const number = (name: string): number => usage.get(name) ?? 0;
  const [cachedInput, cacheWritten] = [number("cache_read_input_tokens"), number("cache_creation_input_tokens")];
  return {
    input: number("input_tokens") + cachedInput + cacheWritten,
    cachedInput,
    ...(cacheWritten > 0 && { cacheWritten }),
    output: number("output_tokens"),
    reasoning: number("thinking_tokens"),
  };
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}
