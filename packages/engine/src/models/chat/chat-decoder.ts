/**
 * Payloads of a Chat Completions stream → model events. Knows the shapes in which servers differ; knows nothing of HTTP.
 * The finished items are told when the finish reason is there; `ended` is told by whoever owns the connection.
 */
import { type Failure, type TokenUsage, failure } from "@twolane/protocol";
import type { ResolvedModel } from "../catalog.ts";
import type { WireDecoder, WireEnd } from "../exchange.ts";
import type { ConversationItem, ModelEvent } from "../models.ts";
import { failureOfRefusal, limitOfRefusal, oneLine, readRefusal } from "../provider-failure.ts";
import { servedNotices } from "../served-model.ts";
import { createChatCalls } from "./chat-calls.ts";

export interface ChatDecoderOptions {
  readonly model: ResolvedModel;
  readonly items: readonly ConversationItem[];
  readonly tell: (event: ModelEvent) => void;
}

type Fields = Readonly<Record<string, unknown>>;

export function createChatDecoder({ model, items, tell }: ChatDecoderOptions): WireDecoder {
  const usedIds = new Set(items.flatMap((item) => (item.kind === "call" ? [item.call] : [])));
  const calls = createChatCalls({ usedIds, idPrefix: `call_${items.length}`, tell });
  let started = false;
  let text = "";
  let reasoning = "";
  let usage: TokenUsage | undefined;
  let end: WireEnd | undefined;

  const withUsage = (ended: WireEnd): WireEnd => (usage === undefined ? ended : { ...ended, usage });
  const take = (delta: Fields): void => {
    const thought = stringIn(delta, "reasoning_content") || stringIn(delta, "reasoning");
    if (thought !== "") {
      if (model.chat.reasoningField !== undefined) reasoning += thought;
      tell({ kind: "reasoning", text: thought });
    }
    const said = textOf(delta["content"]) || stringIn(delta, "refusal");
    if (said !== "") {
      text += said;
      tell({ kind: "text", text: said });
    }
    for (const piece of list(delta["tool_calls"])) calls.push(fieldsOf(piece));
  };
  const finish = (reason: string): void => {
    const cut = reason !== "stop" && reason !== "tool_calls" && reason !== "function_call" && reason !== "eos";
    if (!cut && reasoning !== "") tell({ kind: "item", item: { kind: "reasoning", replay: reasoning } });
    if (!cut && text !== "") tell({ kind: "item", item: { kind: "assistant", text } });
    // A text that was cut is no item; a call whose arguments are whole is one.
    for (const item of calls.items(cut)) tell({ kind: "item", item });
    end = endOf(reason, model);
  };

  return {
    get finished() {
      return end !== undefined;
    },
    push(data) {
      const payload = data.trim();
      if (payload === "") return undefined;
      if (payload === "[DONE]") return this.end();
      const chunk = parseObject(payload);
      if (chunk === undefined) {
        return withUsage(end ?? { ending: "failed", failure: notTheProtocol(payload, model) });
      }
      const choice = fieldsOf(list(chunk["choices"])[0]);
      const refusal = readRefusal(chunk) ?? readRefusal({ error: choice["error"] });
      if (refusal !== undefined && end === undefined) {
        const refused = limitOfRefusal(refusal, Date.now());
        return withUsage({ ending: "failed", failure: failureOfRefusal(refusal, model), ...(refused && { refused }) });
      }
      usage = usageIn(chunk["usage"]) ?? usageIn(fieldsOf(chunk["x_groq"])["usage"]) ?? usageIn(choice["usage"]) ?? usage;
      if (!started) for (const event of startedEvents(chunk, model)) tell(event);
      started = true;
      if (end !== undefined) return undefined;
      take(fieldsOf(choice["delta"] ?? choice["message"]));
      const reason = stringIn(choice, "finish_reason");
      if (reason !== "") finish(reason);
      return undefined;
    },
    end() {
      if (end !== undefined) return withUsage(end);
      return withUsage({
        ending: "truncated",
        failure: failure("STREAM_TRUNCATED", `The stream of ${model.provider} ended before the answer did.`),
      });
    },
  };
}

function startedEvents(chunk: Fields, asked: ResolvedModel): readonly ModelEvent[] {
  const model = stringIn(chunk, "model") || asked.name;
  const serviceTier = stringIn(chunk, "service_tier");
  const tier = serviceTier === "" ? {} : { serviceTier };
  return [{ kind: "started", model, ...tier }, ...servedNotices({ asked, model, ...tier })];
}

function notTheProtocol(payload: string, model: ResolvedModel): Failure {
  return failure(
    "PROVIDER_BROKEN",
    `${model.provider} sent something that is not its protocol: ${JSON.stringify(oneLine(payload, model.key).slice(0, 80))}.`,
  );
}

function endOf(reason: string, model: ResolvedModel): WireEnd {
  switch (reason) {
    case "length":
    case "max_tokens":
    case "model_length":
      return { ending: "incomplete", failure: failure("OUTPUT_LIMIT", `${model.name} reached its output limit.`) };
    case "content_filter":
      return {
        ending: "incomplete",
        failure: failure("PROVIDER_REFUSED", `The content filter of ${model.provider} ended the answer.`),
      };
    case "error":
      return {
        ending: "failed",
        failure: failure(
          "PROVIDER_BROKEN",
          `${model.provider} failed in the middle of the answer.`,
          "Try again in a moment, or use another model.",
        ),
      };
    case "stop":
    case "tool_calls":
    case "function_call":
    case "eos":
      return { ending: "completed" };
    default:
      return {
        ending: "incomplete",
        failure: failure("PROVIDER_BROKEN", `${model.provider} ended the answer for an unknown reason: ${oneLine(reason)}.`),
      };
  }
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

function stringIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** Content is a text, or a list of parts with texts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return list(content)
    .map((part) => stringIn(fieldsOf(part), "text"))
    .join("");
}

function usageIn(value: unknown): TokenUsage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = fieldsOf(value);
  const number = (from: Fields, name: string): number => {
    const found = from[name];
    return typeof found === "number" ? found : 0;
  };
  return {
    input: number(fields, "prompt_tokens"),
    cachedInput: number(fieldsOf(fields["prompt_tokens_details"]), "cached_tokens"),
    output: number(fields, "completion_tokens"),
    reasoning: number(fieldsOf(fields["completion_tokens_details"]), "reasoning_tokens"),
  };
}
