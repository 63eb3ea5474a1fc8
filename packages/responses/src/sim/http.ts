/** The HTTP side of the simulated server: routes, bodies, and answers as streams or as one object. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Emission, JsonObject } from "../server/reply.ts";
import { SSE_HEADERS, dataFrame, rawFrame, typedFrame } from "../server/sse-writer.ts";
import { isObject } from "./conversation.ts";
import { badRequest, failureBody, failureHeaders, messagesFailureBody, messagesFailureHeaders } from "./failure.ts";
import type { Failure } from "./failure.ts";
import type { Planned, PlannedResponse, SimulatedModel } from "./model.ts";
import { Player } from "./pacing.ts";
import type { Outlet } from "./pacing.ts";
import { settle } from "./recorder.ts";
import type { RecordedRequest, Recorder } from "./recorder.ts";

export interface HttpContext {
  readonly model: SimulatedModel;
  readonly recorder: Recorder;
  /** Number of the connection on which the request came. */
  readonly connection: number;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: HttpContext;
}

const MAX_BODY = 64 * 1024 * 1024;
/** Unsent bytes at which an answer waits for its reader. */
const HIGH_WATER = 256 * 1024;
const BATCH = 64 * 1024;

export const isMessages = (url: string | undefined): boolean => routeOf(url) === "/messages";

/** The path without a query, a trailing slash and the version in front. */
export function routeOf(url: string | undefined): string {
  const path = (url ?? "/").split("?", 1)[0] ?? "/";
  return path.replace(/^\/v1(?=\/|$)/, "").replace(/\/+$/, "") || "/";
}

export async function answerHttp(exchange: Exchange): Promise<void> {
  const { request, response, context } = exchange;
  const route = `${request.method} ${routeOf(request.url)}`;
  if (route === "GET /models") return listModels(exchange);
  const kind = routes.get(route);
  if (kind === undefined) {
    record(exchange, { kind: "unknown", bytes: 0, body: undefined }).outcome = "refused";
    const message = `Unknown request: ${route}. Served are /v1/responses, /v1/chat/completions, /v1/messages and /v1/models.`;
    return refuse(response, { status: 404, code: "not_found", message });
  }
  const text = await readBody(request);
  const refuseIt = kind === "messages" ? refuseMessages : refuse;
  if (text === undefined)
    return refuseIt(response, { status: 413, code: "request_too_large", message: "The body is too large." });
  const body = parseObject(text);
  const entry = record(exchange, { kind, bytes: Buffer.byteLength(text), body });
  if (body === undefined) {
    settle(entry, "refused");
    return refuseIt(response, badRequest("The body is not a JSON object.", "invalid_json"));
  }
  for (const [name, value] of Object.entries(context.model.scenario.headers)) response.setHeader(name, value);
  if (kind === "responses") answerResponses(exchange, body, entry);
  else if (kind === "chat") answerChat(exchange, body, entry);
  else answerMessages(exchange, body, entry);
}

const routes = new Map<string, "responses" | "chat" | "messages">([
  ["POST /responses", "responses"],
  ["POST /chat/completions", "chat"],
  ["POST /messages", "messages"],
]);

function listModels(exchange: Exchange): void {
  settle(record(exchange, { kind: "models", bytes: 0, body: undefined }), "completed");
  const names = exchange.context.model.scenario.models ?? ["scripted"];
  const anthropic = exchange.request.headers["anthropic-version"] !== undefined;
  const data = names.map((id) =>
    anthropic
      ? { id, type: "model", display_name: id, created_at: "2026-01-01T00:00:00Z" }
      : { id, object: "model", created: 0, owned_by: "twolane-sim" },
  );
  const ends = { has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
  sendJson(exchange.response, 200, anthropic ? { data, ...ends } : { object: "list", data });
}

function record(exchange: Exchange, what: Pick<RecordedRequest, "kind" | "bytes" | "body">): RecordedRequest {
  const { request, context } = exchange;
  return context.recorder.add({
    ...what,
    transport: "http",
    connection: context.connection,
    at: performance.now(),
    path: request.url ?? "/",
    headers: request.headers,
  });
}

function answerResponses({ response, context }: Exchange, body: JsonObject, entry: RecordedRequest): void {
  const { model } = context;
  const made = model.planResponse({ body, wire: "sse", find: (id) => model.stored(id) });
  if (!made.ok) {
    settle(entry, "refused");
    return refuse(response, made.failure);
  }
  const { plan } = made;
  entry.responseId = plan.emitter.id;
  const streams = body.stream === true;
  const onPlayed = (): void => {
    if (plan.stored) model.store(plan.past());
  };
  const emissions = streams ? plan.emissions : oneResponse(plan);
  play({ response, entry, onPlayed, plan: { ...plan, emissions }, encode: streams ? typedFrame : JSON.stringify });
}

function answerChat({ response, context }: Exchange, body: JsonObject, entry: RecordedRequest): void {
  const made = context.model.planChat(body);
  if (!made.ok) {
    settle(entry, "refused");
    return refuse(response, made.failure);
  }
  const { plan } = made;
  const streams = body.stream === true;
  const emissions = streams ? plan.emissions : oneObject(plan.whole());
  play({ response, entry, onPlayed: () => {}, plan: { ...plan, emissions }, encode: streams ? dataFrame : JSON.stringify });
}

function answerMessages({ request, response, context }: Exchange, body: JsonObject, entry: RecordedRequest): void {
  const dated = request.headers["anthropic-version"] !== undefined;
  const made = dated
    ? context.model.planMessages(body)
    : ({ ok: false, failure: badRequest("anthropic-version: header is required") } as const);
  if (!made.ok) {
    settle(entry, "refused");
    return refuseMessages(response, made.failure);
  }
  const { plan } = made;
  response.setHeader("request-id", "req_scripted");
  const streams = body.stream === true;
  const emissions = streams ? plan.emissions : oneObject(plan.whole());
  play({ response, entry, onPlayed: () => {}, plan: { ...plan, emissions }, encode: streams ? typedFrame : JSON.stringify });
}

/** The whole stream, played in silence; only its last response is sent. */
function* oneResponse(plan: PlannedResponse): Generator<Emission> {
  yield { kind: "first" };
  let tokens = 0;
  let last: unknown;
  for (const emission of plan.emissions) {
    if (emission.kind === "pause") yield emission;
    if (emission.kind !== "event") continue;
    tokens += emission.tokens;
    last = emission.event.response ?? last;
  }
  if (plan.tokensPerSecond > 0) yield { kind: "pause", ms: (tokens * 1000) / plan.tokensPerSecond };
  yield { kind: "event", event: isObject(last) ? last : {}, tokens: 0 };
}

function* oneObject(event: JsonObject): Generator<Emission> {
  yield { kind: "first" };
  yield { kind: "event", event, tokens: 0 };
}

interface Playing {
  readonly response: ServerResponse;
  readonly entry: RecordedRequest;
  readonly plan: Planned;
  readonly encode: (event: JsonObject) => string;
  readonly onPlayed: () => void;
}

function play({ response, entry, plan, encode, onPlayed }: Playing): void {
  const streams = encode !== JSON.stringify;
  const outlet = new HttpOutlet(response, encode);
  response.on("error", () => {});
  const player = new Player({
    ...plan,
    outlet,
    onEnd: (how) => {
      settle(entry, how === "cut" ? "cut" : "completed");
      if (how === "cut") return;
      onPlayed();
      outlet.end();
    },
  });
  response.on("close", () => {
    player.stop();
    settle(entry, "cancelled");
  });
  if (streams) for (const [name, value] of Object.entries(SSE_HEADERS)) response.setHeader(name, value);
  else response.setHeader("content-type", "application/json");
  player.play();
}

class HttpOutlet implements Outlet {
  readonly encode: (event: JsonObject) => string;
  readonly #response: ServerResponse;
  #pending = "";
  #batching = false;

  constructor(response: ServerResponse, encode: (event: JsonObject) => string) {
    this.#response = response;
    this.encode = encode;
  }

  encodeRaw(text: string): string {
    return rawFrame(text);
  }

  write(frame: string): boolean {
    this.#pending += frame;
    if (!this.#batching || this.#pending.length > BATCH) this.#flush();
    return this.#response.writableLength < HIGH_WATER;
  }

  whenDrained(then: () => void): void {
    this.#flush();
    if (this.#response.writableNeedDrain) this.#response.once("drain", then);
    else setImmediate(then);
  }

  batch(run: () => void): void {
    this.#batching = true;
    run();
    this.#batching = false;
    this.#flush();
  }

  end(): void {
    const rest = this.#pending;
    this.#pending = "";
    this.#response.end(rest);
  }

  tear(frame: string, bytes: number): void {
    this.#flush();
    if (bytes > 0) this.#response.write(Buffer.from(frame).subarray(0, bytes));
    // Without a byte sent there is not even a head: the connection just ends.
    this.#response.socket?.destroySoon();
  }

  #flush(): void {
    if (this.#pending === "" || this.#response.destroyed) return;
    const text = this.#pending;
    this.#pending = "";
    this.#response.write(text);
  }
}

export function refuse(response: ServerResponse, failure: Failure): void {
  for (const [name, value] of Object.entries(failureHeaders(failure))) response.setHeader(name, value);
  sendJson(response, failure.status, failureBody(failure));
}

export function refuseMessages(response: ServerResponse, failure: Failure): void {
  for (const [name, value] of Object.entries(messagesFailureHeaders(failure))) response.setHeader(name, value);
  sendJson(response, failure.status, messagesFailureBody(failure));
}

function sendJson(response: ServerResponse, status: number, value: JsonObject): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

/** The body as text; undefined where it is larger than allowed. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    // Read on to the end, so that the refusal still finds its reader, but keep nothing more.
    if (bytes <= MAX_BODY) chunks.push(chunk);
  }
  if (bytes > MAX_BODY) return undefined;
  return Buffer.concat(chunks).toString("utf8");
}

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
