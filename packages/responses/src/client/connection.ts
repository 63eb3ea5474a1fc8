/**
 * One WebSocket: opens, sends, receives, notices when it is dead. Knows frames, not events. Redirects are not followed,
 * because the key travels in a header; compression is off, because it costs more time than small frames save.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { decodeError } from "../wire/codec.ts";
import { FrameError, FrameReader, FrameWriter } from "../wire/frames.ts";
import { readErrorBody } from "./error-body.ts";
import { type Headers, resetOf } from "./limits.ts";
import type { Settings } from "./options.ts";
import type { Trouble } from "./trouble.ts";
import { requestUpgrade } from "./upgrade.ts";
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

/** Encrypted, or inside of this machine. `url`: http(s). */
const isPrivate = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
};

/** How long a server that closes may take to end the connection, which nobody waits for; ms. */
const closeWithin = 2000;

export class Connection {
  /** Milliseconds since 1970, of the moment when it began to connect. */
  readonly since: number;
  #state: "connecting" | "open" | "ended" = "connecting";
  readonly #request: ClientRequest;
  #socket: Socket | undefined;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
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
    this.#writer = new FrameWriter(isPrivate(settings.url));
    this.#reader = new FrameReader(settings.limits.perEvent, {
      onText: handlers.onFrame,
      onPing: (payload) => this.#socket?.write(this.#writer.pong(payload)),
      onPong: () => undefined,
      // What a server says at the end is said back to it.
      onClose: (code, reason) => this.#leave({ at: "close", code, reason }, code === 1005 ? undefined : code),
    });
    this.#request = requestUpgrade(settings.url, settings.headers, {
      onUpgrade: (socket, head, headers) => this.#opened(socket, head, headers),
      onRefused: (response) => this.#refused(response),
      onError: (error) => this.#failed(error),
    });
  }

  get state(): "connecting" | "open" | "ended" {
    return this.#state;
  }

  /** It has been silent for longer than pings allow: the machine has slept meanwhile, and its timers with it. */
  isStale(now: number): boolean {
    const { pingAfter, pongWithin } = this.#settings.timeouts;
    return this.#state === "open" && now - this.#heardAt > 2 * (pingAfter + pongWithin);
  }

  /** Puts a text frame on the wire in this tick. Returns the bytes of the text. Does nothing unless it is open. */
  send(text: string): number {
    const bytes = Buffer.byteLength(text);
    if (this.#state === "open") this.#socket?.write(this.#writer.text(text, bytes));
    return bytes;
  }

  /** Ends it at once; nothing is called back any more. */
  terminate(): void {
    if (!this.#end()) return;
    this.#socket?.destroy();
    this.#request.destroy();
  }

  #opened(socket: Socket, head: Buffer, headers: Headers): void {
    if (this.#state !== "connecting") return void socket.destroy();
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#handlers.onHeaders(headers);
    this.#state = "open";
    this.#heardAt = this.#settings.now();
    clearTimeout(this.#opening);
    this.#silence.start(this.#settings.timeouts.pingAfter);
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    socket.on("error", (error) => this.#lose({ at: "close", code: 1006, reason: error.message }));
    socket.on("close", () => this.#lose({ at: "close", code: 1006, reason: "" }));
    this.#handlers.onOpen();
    if (head.length > 0) this.#read(head);
  }

  #read(bytes: Buffer): void {
    if (this.#state !== "open") return;
    this.#alive();
    try {
      this.#reader.read(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const { perEvent } = this.#settings.limits;
      this.#leave(
        error.closeCode === 1009 ? { at: "flood", limit: perEvent } : { at: "garbage", reason: error.message },
        error.closeCode,
      );
    }
  }

  /** The end, with a word to the server behind what was written. */
  #leave(trouble: Trouble, code?: number): void {
    const socket = this.#socket;
    if (!this.#end() || socket === undefined) return;
    socket.end(this.#writer.close(code));
    socket.unref();
    setTimeout(() => socket.destroy(), closeWithin).unref();
    this.#handlers.onLost(trouble);
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
    this.#socket?.write(this.#writer.ping());
    this.#silence.start(this.#settings.timeouts.pongWithin);
  }

  #failed({ code = "", message }: NodeJS.ErrnoException): void {
    this.#lose({ at: "connect", code, message: message === "" ? code : message });
  }

  /** The server answered as if it were a plain request. Its body may say why. */
  #refused(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    this.#handlers.onHeaders(headers);
    readErrorBody(response, (body) => {
      const error = errorOfBody(body, `the server answered the upgrade with ${status}`);
      const resetAt = resetOf(error, headers, this.#settings.now());
      this.#lose({ at: "upgrade", status, error, ...(resetAt !== undefined && { resetAt }) });
    });
  }

  #lose(trouble: Trouble): void {
    if (this.#state === "ended") return;
    this.terminate();
    this.#handlers.onLost(trouble);
  }

  /** False: it had ended before. */
  #end(): boolean {
    if (this.#state === "ended") return false;
    this.#state = "ended";
    clearTimeout(this.#opening);
    this.#silence.stop();
    this.#reader.end();
    return true;
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
