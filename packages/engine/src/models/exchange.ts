/**
 * One request and its streamed answer over HTTP: bytes → decoder → events, with the limits on silence and on size, and exactly
 * one `ended`. What is sent and what the payloads mean is the wire's business (`chat/`, `messages/`).
 */
import { type Ending, type Failure, type LimitRefusal, type TokenUsage, failure } from "@twolane/protocol";
import { SseParser } from "@twolane/responses";
import type { ResolvedModel } from "./catalog.ts";
import type { AnswerHead, Connection, RunningRequest } from "./connection.ts";
import { limitWindows, retryTime } from "./limits/limit-headers.ts";
import { isLoopback } from "./loopback.ts";
import type { ModelEvent, ModelRun } from "./models.ts";
import { failureOfNetwork, failureOfRefusal, limitOfRefusal, readRefusal } from "./provider-failure.ts";

/** How an answer ended. */
export interface WireEnd {
  readonly ending: Ending;
  readonly usage?: TokenUsage;
  readonly failure?: Failure;
  readonly refused?: LimitRefusal;
}

/** Payloads of one answer → events. */
export interface WireDecoder {
  /** One payload. Returns what ends the stream here and now. */
  push(data: string): WireEnd | undefined;
  /** True: all that matters is there; what may follow is waited for only a moment. */
  readonly finished: boolean;
  /** What the end of the bytes means at this point. */
  end(): WireEnd;
}

/** What one wire sends for one request, and how it reads the answer. */
export interface WireRequest {
  /** Below the base address, with a slash in front. */
  readonly path: string;
  /** Beside the ones that every wire sends; names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  decoder(tell: (event: ModelEvent) => void): WireDecoder;
}

/** Milliseconds of silence, and sizes, at which an answer is given up. */
export interface ExchangeLimits {
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

export const exchangeLimits: ExchangeLimits = {
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
  readonly limits: ExchangeLimits;
  readonly request: WireRequest;
  readonly onEvent: (event: ModelEvent) => void;
}

/** What the parts of one exchange say to each other. */
interface Running {
  readonly exchange: Exchange;
  isOver(): boolean;
  /** Delivers an event unless all is over. */
  tell(event: ModelEvent): void;
  /** The answer is over; the connection may serve the next request. */
  end(ended: WireEnd): void;
  /** The same, and the connection is ended. */
  giveUp(ended: WireEnd): void;
  /** The next sign of life must come within so many milliseconds; else what `then` says, or the answer is given up. */
  allow(ms: number, then?: () => void): void;
}

/** Takes the bytes of an answer. */
interface AnswerReader {
  data(bytes: Uint8Array): void;
  ended(): void;
}

export function startExchange(exchange: Exchange): ModelRun {
  const { connection, model, limits, onEvent } = exchange;
  let over = false;
  let silence: NodeJS.Timeout | undefined;
  let sending: RunningRequest | undefined;
  const close = (): void => {
    over = true;
    clearTimeout(silence);
  };
  const running: Running = {
    exchange,
    isOver: () => over,
    tell(event) {
      if (!over) onEvent(event);
    },
    end(ended) {
      if (over) return;
      close();
      onEvent({ kind: "ended", ...ended });
    },
    giveUp(ended) {
      sending?.destroy();
      running.end(ended);
    },
    allow(ms, then) {
      clearTimeout(silence);
      if (over) return;
      const silent = (): void =>
        running.giveUp(failed(failure("PROVIDER_SILENT", `${model.provider} said nothing for ${Math.ceil(ms / 1000)} s.`)));
      silence = setTimeout(then ?? silent, ms);
    },
  };
  running.allow(isLoopback(new URL(model.baseUrl)) ? limits.localHeadersMs : limits.headersMs);
  const keep = (request: RunningRequest): void => void (sending = request);
  send(running, { mayRetry: true, keep });
  return {
    stop() {
      if (over) return;
      close();
      sending?.destroy();
      connection.warm();
      queueMicrotask(() => onEvent({ kind: "ended", ending: "interrupted" }));
    },
    steer: () => false,
  };
}

const failed = (reason: Failure): WireEnd => ({ ending: "failed", failure: reason });

interface Sending {
  readonly mayRetry: boolean;
  readonly keep: (request: RunningRequest) => void;
}

function send(running: Running, { mayRetry, keep }: Sending): void {
  const { connection, model, request: wire } = running.exchange;
  let reader: AnswerReader | undefined;
  const request = connection.request(
    { method: "POST", path: wire.path, headers: headersFor(wire, model), body: wire.body },
    {
      sent: (bytesSent) => running.tell({ kind: "requested", bytesSent, transport: "sse", continued: false }),
      answered(head) {
        if (running.isOver()) return;
        const windows = limitWindows(head.headers, { now: Date.now(), provider: model.provider });
        if (windows.length > 0) running.tell({ kind: "limits", windows });
        const streams = head.status === 200 && !/json|html/.test(head.header("content-type") ?? "");
        reader = streams ? readStream(running, request) : readWhole(running, head);
      },
      data: (bytes) => reader?.data(bytes),
      ended: () => reader?.ended(),
      failed(error, stale) {
        if (running.isOver()) return;
        if (stale && mayRetry) return send(running, { mayRetry: false, keep });
        running.end(failed(failureOfNetwork(error, model)));
      },
    },
  );
  keep(request);
}

function headersFor(wire: WireRequest, { headers }: ResolvedModel): Record<string, string> {
  return {
    accept: "text/event-stream",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "user-agent": "twolane",
    ...wire.headers,
    ...headers,
  };
}

function readStream(running: Running, request: RunningRequest): AnswerReader {
  const { limits, model } = running.exchange;
  const decoder = running.exchange.request.decoder(running.tell);
  let received = 0;
  let linger: NodeJS.Timeout | undefined;
  const complete = (ended: WireEnd): void => {
    if (ended.ending === "failed") return running.giveUp(ended);
    // The connection is kept only if the server really ends the answer soon.
    linger = setTimeout(() => request.destroy(), limits.afterFinishMs).unref();
    running.end(ended);
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
  return {
    data(bytes) {
      if (running.isOver()) return;
      received += bytes.length;
      if (!events.push(bytes) || received > limits.answerBytes) return running.giveUp(failed(flood(model)));
      if (decoder.finished) running.allow(limits.afterFinishMs, () => running.giveUp(decoder.end()));
      else running.allow(limits.betweenMs);
    },
    ended() {
      clearTimeout(linger);
      running.end(decoder.end());
    },
  };
}

/** A refusal, an error page, or an answer that did not come as a stream. */
function readWhole(running: Running, head: AnswerHead): AnswerReader {
  const { limits, model, request } = running.exchange;
  const good = head.status === 200;
  const pieces: Uint8Array[] = [];
  let received = 0;
  const finish = (): void => {
    if (running.isOver()) return;
    const text = Buffer.concat(pieces).toString("utf8");
    if (!good) return running.giveUp(readFailure(head, text, model));
    const decoder = request.decoder(running.tell);
    running.giveUp(decoder.push(text) ?? decoder.end());
  };
  running.allow(good ? limits.betweenMs : limits.firstByteMs);
  return {
    data(bytes) {
      if (running.isOver()) return;
      received += bytes.length;
      pieces.push(bytes);
      if (received > (good ? limits.answerBytes : refusalBytes)) return good ? running.giveUp(failed(flood(model))) : finish();
      running.allow(limits.betweenMs);
    },
    ended: finish,
  };
}

function readFailure(head: AnswerHead, text: string, model: ResolvedModel): WireEnd {
  const now = Date.now();
  const retry = retryTime(head.headers, { now, provider: model.provider });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Proxies answer with pages; their title says enough.
    body = { error: /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? (/^\s*</.test(text) ? "" : text) };
  }
  const refusal = readRefusal(body) ?? { message: "" };
  const message = head.header("location") ?? refusal.message;
  const known = { ...refusal, message, status: head.status, ...(retry !== undefined && { retryAfterMs: retry - now }) };
  const refused = limitOfRefusal(known, now);
  return { ...failed(failureOfRefusal(known, model)), ...(refused && { refused }) };
}

const flood = (model: ResolvedModel): Failure =>
  failure("PROVIDER_BROKEN", `${model.provider} sent more than an answer can hold.`);
