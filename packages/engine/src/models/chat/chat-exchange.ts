/**
 * One request and its streamed answer: bytes → decoder → events, with the limits on silence and on size, and exactly one
 * `ended`. What the payloads mean is the decoder's business.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import { type Failure, failure } from "@twolane/protocol";
import { SseParser } from "@twolane/responses";
import type { ResolvedModel } from "../catalog.ts";
import { isLoopback } from "../loopback.ts";
import type { ModelEvent, ModelRequest, ModelRun } from "../models.ts";
import { errorCode, failureOfNetwork, failureOfRefusal, readRefusal, retryAfterMs } from "../provider-failure.ts";
import { type ChatEnd, createChatDecoder } from "./chat-decoder.ts";
import { chatRequestBody } from "./chat-request.ts";
import type { Connection } from "./connection.ts";

/** Milliseconds of silence, and sizes, at which an answer is given up. */
export interface ChatLimits {
  /** Until the headers of the answer. A server on this machine may have to load the model first. */
  readonly headersMs: number;
  readonly localHeadersMs: number;
  /** From the headers to the first byte. */
  readonly firstByteMs: number;
  readonly betweenMs: number;
  /** From the finish reason to the end of the stream; then it counts as complete. */
  readonly afterFinishMs: number;
  /** Bytes. */
  readonly answerBytes: number;
  /** Characters. */
  readonly eventLength: number;
}

export const chatLimits: ChatLimits = {
  headersMs: 60_000,
  localHeadersMs: 300_000,
  firstByteMs: 30_000,
  betweenMs: 60_000,
  afterFinishMs: 2_000,
  answerBytes: 64 * 1024 * 1024,
  eventLength: 8 * 1024 * 1024,
};

const refusalBytes = 64 * 1024;

export interface Exchange {
  readonly connection: Connection;
  readonly model: ResolvedModel;
  readonly limits: ChatLimits;
  readonly request: ModelRequest;
  readonly onEvent: (event: ModelEvent) => void;
}

/** What the parts of one exchange say to each other. */
interface Running {
  readonly exchange: Exchange;
  isOver(): boolean;
  /** Delivers an event unless all is over. */
  tell(event: ModelEvent): void;
  /** The answer is over; the connection may serve the next request. */
  end(ended: ChatEnd): void;
  /** The same, and the connection is ended. */
  giveUp(ended: ChatEnd): void;
  /** The next sign of life must come within so many milliseconds; else what `then` says, or the answer is given up. */
  allow(ms: number, then?: () => void): void;
}

export function startExchange(exchange: Exchange): ModelRun {
  const { connection, model, limits, onEvent } = exchange;
  const body = Buffer.from(chatRequestBody(exchange.request, model), "utf8");
  let over = false;
  let silence: NodeJS.Timeout | undefined;
  let sent: ClientRequest | undefined;

  const running: Running = {
    exchange,
    isOver: () => over,
    tell(event) {
      if (!over) onEvent(event);
    },
    end(ended) {
      if (over) return;
      over = true;
      clearTimeout(silence);
      onEvent({ kind: "ended", ...ended });
    },
    giveUp(ended) {
      const request = sent;
      running.end(ended);
      request?.destroy();
    },
    allow(ms, then) {
      clearTimeout(silence);
      if (over) return;
      const silent = (): void => running.giveUp(failed(failure("PROVIDER_SILENT", `${model.provider} said nothing for ${Math.ceil(ms / 1000)} s.`)));
      silence = setTimeout(then ?? silent, ms);
    },
  };
  const send = (mayRetry: boolean): void => {
    let bytesBefore = 0;
    let requested = false;
    let reused = false;
    let answered = false;
    const request = connection.post("/chat/completions", headersFor(model, body.length));
    const tellRequested = (): void => {
      if (requested) return;
      requested = true;
      const bytesSent = (request.socket?.bytesWritten ?? bytesBefore + body.length) - bytesBefore;
      running.tell({ kind: "requested", bytesSent, transport: "sse", continued: false });
    };
    sent = request;
    request.on("socket", (socket) => {
      bytesBefore = socket.bytesWritten;
      reused = request.reusedSocket || !socket.connecting;
    });
    request.on("finish", tellRequested);
    request.on("response", (response) => {
      answered = true;
      tellRequested();
      receive(response, running);
    });
    request.on("error", (error) => {
      // An idle connection may have been closed by the other side just as the request went out: once more on a fresh one.
      const stale = reused && !answered && (errorCode(error) === "ECONNRESET" || errorCode(error) === "EPIPE");
      if (!over && mayRetry && stale) return send(false);
      running.end(failed(failureOfNetwork(error, model)));
    });
    request.end(body);
  };
  running.allow(isLoopback(new URL(model.baseUrl)) ? limits.localHeadersMs : limits.headersMs);
  send(true);
  return {
    stop() {
      if (over) return;
      over = true;
      clearTimeout(silence);
      sent?.destroy();
      connection.warm();
      queueMicrotask(() => onEvent({ kind: "ended", ending: "interrupted" }));
    },
    steer: () => false,
  };
}

const failed = (reason: Failure): ChatEnd => ({ ending: "failed", failure: reason });

function headersFor({ key, headers }: ResolvedModel, length: number): Record<string, string | number> {
  return {
    accept: "text/event-stream",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "content-length": length,
    "user-agent": "twolane",
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...headers,
  };
}

function receive(response: IncomingMessage, running: Running): void {
  const type = response.headers["content-type"] ?? "";
  if (response.statusCode === 200 && !/json|html/.test(type)) receiveStream(response, running);
  else receiveWhole(response, running);
}

function receiveStream(response: IncomingMessage, running: Running): void {
  const { limits, model, request } = running.exchange;
  const decoder = createChatDecoder({ model, items: request.items, tell: running.tell });
  let received = 0;
  const complete = (ended: ChatEnd): void => {
    if (ended.ending === "failed") return running.giveUp(ended);
    running.end(ended);
    // The connection is kept only if the server really ends the answer soon.
    const linger = setTimeout(() => response.destroy(), limits.afterFinishMs).unref();
    response.once("close", () => clearTimeout(linger));
  };
  const events = new SseParser({
    maxEventLength: limits.eventLength,
    onEvent(payload) {
      if (running.isOver()) return;
      const ended = decoder.push(payload);
      if (ended !== undefined) complete(ended);
    },
  });
  running.allow(limits.firstByteMs);
  response.on("data", (bytes: Buffer) => {
    if (running.isOver()) return;
    received += bytes.length;
    if (!events.push(bytes) || received > limits.answerBytes) return running.giveUp(failed(flood(model)));
    if (decoder.finished) running.allow(limits.afterFinishMs, () => running.giveUp(decoder.end()));
    else running.allow(limits.betweenMs);
  });
  response.on("end", () => running.end(decoder.end()));
  response.on("error", () => running.giveUp(decoder.end()));
  response.on("close", () => running.giveUp(decoder.end()));
}

/** A refusal, an error page, or an answer that did not come as a stream. */
function receiveWhole(response: IncomingMessage, running: Running): void {
  const { limits, model } = running.exchange;
  const good = response.statusCode === 200;
  const pieces: Buffer[] = [];
  let received = 0;
  const finish = (): void => {
    if (running.isOver()) return;
    const text = Buffer.concat(pieces).toString("utf8");
    running.giveUp(good ? readWhole(text, running) : failed(readFailure(response, text, model)));
  };
  running.allow(good ? limits.betweenMs : limits.firstByteMs);
  response.on("data", (bytes: Buffer) => {
    received += bytes.length;
    pieces.push(bytes);
    if (received > (good ? limits.answerBytes : refusalBytes)) return good ? running.giveUp(failed(flood(model))) : finish();
    running.allow(limits.betweenMs);
  });
  response.on("end", finish);
  response.on("error", finish);
  response.on("close", finish);
}

function readWhole(text: string, running: Running): ChatEnd {
  const { model, request } = running.exchange;
  const decoder = createChatDecoder({ model, items: request.items, tell: running.tell });
  return decoder.push(text) ?? decoder.end();
}

function readFailure(response: IncomingMessage, text: string, model: ResolvedModel): Failure {
  const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
  const retry = retryAfterMs(header, Date.now());
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Proxies answer with pages; their title says enough.
    body = { error: /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? (/^\s*</.test(text) ? "" : text) };
  }
  const refusal = readRefusal(body) ?? { message: "" };
  const location = header("location");
  const message = location === undefined ? refusal.message : location;
  return failureOfRefusal({ ...refusal, message, status: response.statusCode ?? 0, ...(retry !== undefined && { retryAfterMs: retry }) }, model);
}

const flood = (model: ResolvedModel): Failure => failure("PROVIDER_BROKEN", `${model.provider} sent more than an answer can hold.`);
