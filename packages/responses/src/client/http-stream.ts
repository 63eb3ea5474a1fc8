/**
 * One request over HTTP whose answer is streamed as server-sent events. `node:http` rather than `fetch`: its first byte comes
 * sooner. Connections are kept alive between requests; redirects are not followed, because the key travels in a header.
 */
import http from "node:http";
import https from "node:https";
import { decodeServerEvent } from "../wire/codec.ts";
import { SseParser } from "../wire/sse.ts";
import { readErrorBody } from "./error-body.ts";
import { errorOfBody } from "./connection.ts";
import { type Headers, resetOf } from "./limits.ts";
import type { Settings } from "./options.ts";
import type { ResponseSink } from "./requests.ts";
import type { Trouble } from "./trouble.ts";

export interface StreamSink extends ResponseSink {
  /** Bytes have come, of events or of comments that keep the stream alive. */
  alive(bytes: number): void;
  headers(headers: Headers): void;
}

export interface HttpStream {
  /** Ends it at once; nothing is called back any more. */
  abort(): void;
  /** The response is over; what still comes is not wanted, the connection is. */
  release(): void;
}

/** For the end of a stream behind its last event, in milliseconds. */
const releaseWithin = 1000;

export class HttpClient {
  readonly #settings: Settings;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(settings: Settings) {
    this.#settings = settings;
    const secure = settings.url.startsWith("https:");
    this.#request = secure ? https.request : http.request;
    this.#agent = new (secure ? https : http).Agent({ keepAlive: true });
  }

  /**
   * Connects, so that the first request need not: with a GET, whatever its answer, because Node gives up the connection after
   * most answers to HEAD. Without the key. Whatever goes wrong here, the request will report.
   */
  warm(): void {
    const { url, timeouts } = this.#settings;
    const request = this.#request(url, { method: "GET", agent: this.#agent, timeout: timeouts.open });
    request.on("response", (response) => response.resume());
    request.on("timeout", () => request.destroy());
    request.on("error", () => {});
    request.end();
  }

  close(): void {
    this.#agent.destroy();
  }

  /** `own`: headers of this request alone. */
  post(body: Uint8Array, sink: StreamSink, own: Readonly<Record<string, string>> = {}): HttpStream {
    const { url, headers, timeouts } = this.#settings;
    const request = this.#request(url, {
      method: "POST",
      agent: this.#agent,
      headers: {
        ...headers,
        ...own,
        "content-type": "application/json",
        accept: "text/event-stream",
        "content-length": body.length,
      },
    });
    const exchange = new Exchange(this.#settings, { request, sink });
    request.on("socket", (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(
        () => exchange.fail({ at: "connect", code: "ETIMEDOUT", message: `not open after ${timeouts.open / 1000} s` }),
        timeouts.open,
      );
      socket.once("connect", () => clearTimeout(timer));
      socket.once("close", () => clearTimeout(timer));
    });
    request.end(body);
    return exchange;
  }
}

class Exchange implements HttpStream {
  readonly #settings: Settings;
  readonly #request: http.ClientRequest;
  #sink: StreamSink | undefined;

  constructor(settings: Settings, { request, sink }: { readonly request: http.ClientRequest; readonly sink: StreamSink }) {
    this.#settings = settings;
    this.#request = request;
    this.#sink = sink;
    request.setNoDelay(true);
    request.on("response", (response) => this.#onResponse(response));
    request.on("error", ({ code = "", message }: NodeJS.ErrnoException) =>
      this.fail({ at: "connect", code, message: message === "" ? code : message }),
    );
  }

  abort(): void {
    this.#sink = undefined;
    this.#request.destroy();
  }

  release(): void {
    this.#sink = undefined;
    const timer = setTimeout(() => this.#request.destroy(), releaseWithin);
    timer.unref();
    this.#request.once("close", () => clearTimeout(timer));
  }

  fail(trouble: Trouble): void {
    const sink = this.#sink;
    // Released: the connection is to live on.
    if (sink === undefined) return;
    this.abort();
    sink.fail(trouble);
  }

  #onResponse(response: http.IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    const type = headers["content-type"] ?? "text/event-stream";
    this.#sink?.headers(headers);
    if (status !== 200) return this.#collectError(response, status);
    if (!type.startsWith("text/event-stream"))
      return this.fail({ at: "garbage", reason: `the answer is ${type}, not a stream of events` });
    const parser = new SseParser({
      maxEventLength: this.#settings.limits.perEvent,
      // Some servers end with the sentinel of Chat Completions.
      onEvent: (data) => data !== "[DONE]" && this.#sink?.receive(decodeServerEvent(data), 0),
    });
    response.on("data", (bytes: Buffer) => {
      this.#sink?.alive(bytes.length);
      if (this.#sink !== undefined && !parser.push(bytes)) this.fail({ at: "flood", limit: this.#settings.limits.perEvent });
    });
    response.on("end", () => this.fail({ at: "end", message: "The stream ended before the response was complete" }));
    response.on("error", () => this.fail({ at: "end", message: "The stream broke before the response was complete" }));
  }

  #collectError(response: http.IncomingMessage, status: number): void {
    readErrorBody(response, (body) => {
      const error = errorOfBody(body, status >= 300 && status < 400 ? "the server redirects" : "the server refused the request");
      const resetAt = resetOf(error, response.headers, this.#settings.now());
      this.fail({ at: "http", status, error, ...(resetAt !== undefined && { resetAt }) });
    });
  }
}
