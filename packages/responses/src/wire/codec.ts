/**
 * Text of one socket frame or one SSE event ↔ events. Never throws on what a server sends: what is no event becomes
 * `garbage`. Knows no order of events and no connection.
 */
import type {
  ClientEvent,
  CreateRequest,
  DeltaChannel,
  JsonObject,
  RateLimit,
  ResponseHead,
  ServerEvent,
  Usage,
  WireError,
  WireItem,
} from "./events.ts";

/**
 * Events that are known by their beginning, because the rest only repeats what others say: instructions and tools, tens of kilobytes
 * that would be parsed between an answer's beginning and its first text; and all of a text or a call, between its last word and its end.
 */
const repetitions: ReadonlyMap<string, ServerEvent> = new Map<string, ServerEvent>([
  ["response.output_text.done", { kind: "text.done" }],
  ...[
    "response.in_progress",
    "response.content_part.done",
    "response.function_call_arguments.done",
    "response.custom_tool_call_input.done",
  ].map((type) => [type, { kind: "ignored", type }] as const),
]);

const beginning = '{"type":"';
const argumentsBeginning = `${beginning}response.function_call_arguments.delta"`;

/** A piece of a function call's input, which also comes whole; who needs it only then need not decode it. */
export const isArgumentsDelta = (text: string): boolean => text.startsWith(argumentsBeginning);

/** Decodes the text of a frame, or the data of an SSE event. */
export function decodeServerEvent(text: string): ServerEvent {
  const type = text.startsWith(beginning) ? text.slice(beginning.length, text.indexOf('"', beginning.length)) : "";
  const repeating = repetitions.get(type);
  if (repeating !== undefined && text.endsWith("}") && !text.includes('"stream_id"')) return repeating;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "garbage", reason: "not JSON" };
  }
  if (!isObject(value)) return { kind: "garbage", reason: "not an object" };
  const event = decodeObject(value);
  return typeof value.stream_id === "string" && event.kind !== "garbage" ? { lane: value.stream_id, ...event } : event;
}

function decodeObject(value: JsonObject): ServerEvent {
  const { type } = value;
  switch (type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      return delta(value, "text");
    case "response.output_text.done":
    case "response.refusal.done":
      return { kind: "text.done" };
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return delta(value, "reasoning");
    case "response.function_call_arguments.delta":
      return delta(value, "arguments");
    case "response.custom_tool_call_input.delta":
      return delta(value, "input");
    case "response.output_item.added":
    case "response.output_item.done":
      return item(value, type === "response.output_item.done" ? "item.done" : "item.added");
    case "response.created": {
      const response = head(value.response);
      return response === undefined ? lacking(type) : { kind: "created", response };
    }
    case "response.completed":
      return terminal(value, "completed");
    case "response.incomplete":
      return terminal(value, "incomplete");
    case "response.failed":
      return terminal(value, "failed");
    case "response.steer.accepted":
    case "response.steer.pending":
    case "response.steer.failed":
      return steer(value, type);
    case "response.queued":
      return { kind: "queued" };
    case "codex.rate_limits":
      return { kind: "limits", limits: codexLimits(value.rate_limits) };
    case "error":
      return { kind: "error", error: decodeError(value) };
    default:
      return typeof type === "string" ? { kind: "ignored", type } : withoutType(value);
  }
}

/** Some servers stream the body of an HTTP error where an event should be. */
function withoutType(value: JsonObject): ServerEvent {
  return isObject(value.error) ? { kind: "error", error: decodeError(value) } : { kind: "garbage", reason: "no type" };
}

const lacking = (type: string): ServerEvent => ({ kind: "garbage", reason: `${type} without its fields` });

function delta(value: JsonObject, channel: DeltaChannel): ServerEvent {
  const { delta: text } = value;
  if (typeof text !== "string") return lacking(String(value.type));
  return { kind: "delta", channel, delta: text, ...place(value) };
}

function item(value: JsonObject, kind: "item.added" | "item.done"): ServerEvent {
  const { item: found } = value;
  return isItem(found) ? { kind, item: found, ...place(value) } : lacking(String(value.type));
}

function place({ output_index: index, sequence_number: sequence }: JsonObject): {
  readonly index?: number;
  readonly sequence?: number;
} {
  if (typeof index !== "number") return typeof sequence === "number" ? { sequence } : {};
  return typeof sequence === "number" ? { index, sequence } : { index };
}

function terminal(value: JsonObject, status: "completed" | "incomplete" | "failed"): ServerEvent {
  const response = head(value.response);
  return response === undefined ? lacking(String(value.type)) : { kind: "terminal", status, response };
}

function steer(
  value: JsonObject,
  type: "response.steer.accepted" | "response.steer.pending" | "response.steer.failed",
): ServerEvent {
  const about = isObject(value.steer) ? value.steer : {};
  const { id, previous_response_id: responseId } = about;
  if (typeof responseId !== "string") return lacking(type);
  const which = { responseId, ...(typeof id === "string" && { steerId: id }) };
  if (type === "response.steer.failed") return { kind: "steer.failed", ...which, error: decodeError(value) };
  return { kind: type === "response.steer.accepted" ? "steer.accepted" : "steer.pending", ...which };
}

function head(value: unknown): ResponseHead | undefined {
  if (!isObject(value) || typeof value.id !== "string") return undefined;
  const { id, model, service_tier: serviceTier, output, usage, incomplete_details: incomplete, error } = value;
  const reason = isObject(incomplete) ? incomplete.reason : undefined;
  return {
    id,
    model: typeof model === "string" ? model : "",
    output: Array.isArray(output) ? output.filter(isItem) : [],
    ...(typeof serviceTier === "string" && { serviceTier }),
    ...(isObject(usage) && { usage: decodeUsage(usage) }),
    ...(typeof reason === "string" && { incompleteReason: reason }),
    ...(isObject(error) && { error: decodeError({ error }) }),
  };
}

function decodeUsage(usage: JsonObject): Usage {
  const { input_tokens_details: input, output_tokens_details: output } = usage;
  return {
    input: count(usage.input_tokens),
    cachedInput: isObject(input) ? count(input.cached_tokens) : 0,
    output: count(usage.output_tokens),
    reasoning: isObject(output) ? count(output.reasoning_tokens) : 0,
  };
}

/** Reads `{error: {…}}`, `{error: "text"}`, the flat form, and `{detail: …}` alike. */
export function decodeError(value: unknown): WireError {
  const outer = isObject(value) ? value : {};
  const inner = isObject(outer.error) ? outer.error : outer;
  const { code, type, param, headers } = inner;
  const status = [outer.status, inner.status, outer.status_code, code].find((candidate) => isStatus(candidate));
  const resetAt = resetTime(inner);
  const message = [inner.message, outer.error, outer.message, outer.detail].find((candidate) => typeof candidate === "string");
  return {
    message: typeof message === "string" ? message : "no message",
    ...(typeof code === "string" && { code }),
    ...(typeof type === "string" && type !== "error" && { errorType: type }),
    ...(typeof param === "string" && { param }),
    ...(isStatus(status) && { status }),
    ...(isObject(headers) && { headers: textHeaders(headers) }),
    ...(resetAt !== undefined && { resetAt }),
  };
}

function textHeaders(headers: JsonObject): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" || typeof value === "number") texts[name.toLowerCase()] = String(value);
  }
  return texts;
}

/** Windows of a plan's limits: `{primary: {used_percent, reset_at}, secondary: …}`. */
function codexLimits(value: unknown): RateLimit[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, window]) => {
    if (!isObject(window) || typeof window.used_percent !== "number") return [];
    const resetAt = resetTime(window);
    return [{ name, usedPercent: window.used_percent, ...(resetAt !== undefined && { resetAt }) }];
  });
}

/** Seconds since 1970, or from now on, as they stand under several names. */
function resetTime(value: JsonObject): number | undefined {
  const at = value.reset_at ?? value.resets_at;
  if (typeof at === "number") return at * 1000;
  const seconds = value.reset_after_seconds ?? value.resets_in_seconds;
  return typeof seconds === "number" ? Date.now() + seconds * 1000 : undefined;
}

/** Text of a frame for a socket. */
export function encodeClientEvent(event: ClientEvent): string {
  return requestText(event);
}

/** Body of a POST that streams its answer. */
export function encodePost(request: CreateRequest, fields: JsonObject): string {
  // Without obfuscation the deltas carry no padding, which saves most of their bytes.
  return requestText({ ...request, ...fields, stream: true, stream_options: { include_obfuscation: false } });
}

const toolTexts = new WeakMap<JsonObject, string>();

/** Tools are most of a request that goes on, and the same objects each time: they are written once. */
function requestText({ tools, ...fields }: JsonObject): string {
  const text = JSON.stringify(fields);
  return Array.isArray(tools) ? `${text.slice(0, -1)},"tools":[${tools.map(toolText).join(",")}]}` : text;
}

function toolText(tool: JsonObject): string {
  const known = toolTexts.get(tool) ?? JSON.stringify(tool);
  toolTexts.set(tool, known);
  return known;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isItem = (value: unknown): value is WireItem => isObject(value) && typeof value.type === "string";
const isStatus = (value: unknown): value is number => typeof value === "number" && value >= 100 && value < 600;
const count = (value: unknown): number => (typeof value === "number" ? value : 0);
