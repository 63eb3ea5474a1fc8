/**
 * One WebSocket: opens, sends, receives, notices when it is dead. Knows frames, not events. Redirects are not followed,
 * because the key travels in a header; compression is off, because it costs more time than small frames save.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { decodeError } from "../wire/codec.ts";
import { readErrorBody } from "./error-body.ts";
import { type Headers, resetOf } from "./limits.ts";
import type { Settings } from "./options.ts";
import type { Trouble } from "./trouble.ts";
import { Watchdog } from "./watchdog.ts";

export interface ConnectionHandlers {
  /** Of the answer to the upgrade, before `onOpen` and also where it is refused. */
  readonly onHeaders: (headers: Headers) => void;
  readonly onOpen: () => void;
  /** `bytes`: of the frame's content. */
  readonly onFrame: (text: string, bytes: number) => void;
  /** The end, once; not after `terminate`. */
  readonly onLost: (trouble: Trouble) => void;
}

export class Connection {
  /** Milliseconds since 1970, of the moment when it began to connect. */
  readonly since: number;
  #state: "connecting" | "open" | "ended" = "connecting";
  readonly #socket: WebSocket;
  readonly #settings: Settings;
  readonly #handlers: ConnectionHandlers;
  readonly #opening: NodeJS.Timeout;
  readonly #silence: Watchdog;
  #pinged = false;
  #heardAt = 0;

  constructor(settings: Settings, handlers: ConnectionHandlers) {
    this.#settings = settings;
    this.#handlers = handlers;
    this.since = settings.now();
    this.#silence = new Watchdog(() => this.#onSilence());
    const { open } = settings.timeouts;
    this.#opening = setTimeout(
      () => this.#lose({ at: "connect", code: "ETIMEDOUT", message: `not open after ${open / 1000} s` }),
      open,
    );
    this.#socket = new WebSocket(settings.url, {
      headers: { ...settings.headers },
      perMessageDeflate: false,
      maxPayload: settings.limits.perEvent,
    });
    this.#listen(this.#socket);
  }

  get state(): "connecting" | "open" | "ended" {
    return this.#state;
  }

  /** It has been silent for longer than pings allow: the machine has slept meanwhile, and its timers with it. */
  isStale(now: number): boolean {
    const { pingAfter, pongWithin } = this.#settings.timeouts;
    return this.#state === "open" && now - this.#heardAt > 2 * (pingAfter + pongWithin);
  }

  /** Puts a text frame on the wire in this tick. Does nothing unless it is open. */
  send(text: Uint8Array): void {
    if (this.#state === "open") this.#socket.send(text, { binary: false });
  }

  /** Ends it at once; nothing is called back any more. */
  terminate(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    clearTimeout(this.#opening);
    this.#silence.stop();
    this.#socket.terminate();
  }

  #listen(socket: WebSocket): void {
    socket.on("upgrade", ({ headers }) => this.#handlers.onHeaders(headers));
    socket.on("open", () => {
      if (this.#state !== "connecting") return;
      this.#state = "open";
      this.#heardAt = this.#settings.now();
      clearTimeout(this.#opening);
      this.#silence.start(this.#settings.timeouts.pingAfter);
      this.#handlers.onOpen();
    });
    socket.on("message", (data) => {
      if (this.#state !== "open") return;
      this.#alive();
      // With the default binary type every message is one Buffer.
      if (Buffer.isBuffer(data)) this.#handlers.onFrame(data.toString(), data.length);
    });
    socket.on("ping", () => this.#alive());
    socket.on("pong", () => this.#alive());
    socket.on("unexpected-response", (request, response) => this.#refused(request, response));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    socket.on("close", (code, reason) => this.#lose({ at: "close", code, reason: reason.toString() }));
  }

  #alive(): void {
    this.#heardAt = this.#settings.now();
    if (!this.#pinged) return this.#silence.touch();
    this.#pinged = false;
    this.#silence.start(this.#settings.timeouts.pingAfter);
  }

  #onSilence(): void {
    if (this.#pinged) return this.#lose({ at: "half-open" });
    this.#pinged = true;
    this.#socket.ping();
    this.#silence.start(this.#settings.timeouts.pongWithin);
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { code = "", message } = error;
    // Too large a frame and frames that break the protocol; what follows on the socket cannot be read.
    if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return this.#lose({ at: "flood", limit: this.#settings.limits.perEvent });
    if (code.startsWith("WS_ERR_")) return this.#lose({ at: "garbage", reason: message });
    if (this.#state === "connecting") return this.#lose({ at: "connect", code, message: message === "" ? code : message });
    this.#lose({ at: "close", code: 1006, reason: message });
  }

  /** The server answered as if it were a plain request. Its body may say why. */
  #refused(request: ClientRequest, response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    this.#handlers.onHeaders(headers);
    readErrorBody(response, (body) => {
      const error = errorOfBody(body, `the server answered the upgrade with ${status}`);
      const resetAt = resetOf(error, headers, this.#settings.now());
      this.#lose({ at: "upgrade", status, error, ...(resetAt !== undefined && { resetAt }) });
      request.destroy();
    });
  }

  #lose(trouble: Trouble): void {
    if (this.#state === "ended") return;
    this.terminate();
    this.#handlers.onLost(trouble);
  }
}

/** The error in the body of an HTTP answer; `fallback` is its message when the body is no JSON. */
export function errorOfBody(body: string, fallback: string): ReturnType<typeof decodeError> {
  try {
    return decodeError(JSON.parse(body));
  } catch {
    return { message: fallback };
  }
}
