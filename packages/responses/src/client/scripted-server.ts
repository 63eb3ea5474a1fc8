/**
 * A server for the tests of this folder: real sockets on loopback, every frame and answer written by the test itself. Keeps
 * what it saw.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { CreateRequest, JsonObject, WireItem } from "../wire/events.ts";
import { inputMessage, replayOf } from "../wire/items.ts";
import { type ResponsesSession, type RunningResponse, openResponsesSession } from "./client.ts";
import type { ResponsesOptions } from "./options.ts";
import type { ResponseEvent } from "./outcome.ts";

export interface Peer {
  readonly socket: WebSocket;
  /** Decoded frames of the client, in order. */
  readonly frames: JsonObject[];
  send(...events: JsonObject[]): void;
}

interface Refusal {
  readonly status: number;
  readonly body?: JsonObject;
  readonly headers?: Record<string, string>;
}

export interface Script {
  /** Called for each frame of the client. `nth` counts the frames of all sockets from 0. */
  readonly onFrame?: (peer: Peer, frame: JsonObject, nth: number) => void;
  readonly onPost?: (response: http.ServerResponse, body: JsonObject, nth: number) => void;
  /** An answer instead of the upgrade; `nth` counts upgrades from 0. */
  readonly onUpgrade?: (request: http.IncomingMessage, nth: number) => Refusal | "never" | undefined;
  readonly onPeer?: (peer: Peer) => void;
  /** Of the answer to an upgrade that is not refused. */
  readonly upgradeHeaders?: Readonly<Record<string, string>>;
}

export class ScriptedServer {
  readonly peers: Peer[] = [];
  readonly frames: JsonObject[] = [];
  readonly posts: JsonObject[] = [];
  readonly postHeaders: http.IncomingHttpHeaders[] = [];
  upgrades = 0;
  /** Requests that are no POST. */
  gets = 0;
  pings = 0;
  /** Connections ever made. */
  accepted = 0;
  readonly #script: Script;
  readonly #http = http.createServer((request, response) => this.#onRequest(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #raw = new Set<Duplex>();

  constructor(script: Script) {
    this.#script = script;
    this.#http.on("connection", (socket) => {
      this.accepted += 1;
      this.#raw.add(socket);
      socket.on("close", () => this.#raw.delete(socket));
    });
    this.#sockets.on("headers", (headers) => {
      for (const [name, value] of Object.entries(script.upgradeHeaders ?? {})) headers.push(`${name}: ${value}`);
    });
    this.#http.on("upgrade", (request, socket, head) => {
      const refused = script.onUpgrade?.(request, this.upgrades);
      this.upgrades += 1;
      if (refused === "never") return;
      if (refused === undefined) return this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#onPeer(ws));
      const body = JSON.stringify(refused.body ?? {});
      const headers = Object.entries({ ...refused.headers, "content-length": String(body.length) }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.end(`HTTP/1.1 ${refused.status} No\r\n${headers.join("")}\r\n${body}`);
    });
  }

  /** The address for `baseUrl`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    const address = this.#http.address();
    if (!isPort(address)) throw new Error("not listening");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  get connections(): number {
    return this.#raw.size;
  }

  /** Waits until the client has taken everything that was sent on the first socket. */
  async delivered(): Promise<void> {
    const [peer] = this.peers;
    if (peer === undefined) throw new Error("nobody has connected");
    await new Promise((resolve) => {
      peer.socket.once("pong", resolve);
      peer.socket.ping();
    });
  }

  close(): void {
    for (const socket of this.#raw) socket.destroy();
    this.#http.close();
  }

  #onPeer(socket: WebSocket): void {
    const frames: JsonObject[] = [];
    const peer: Peer = { socket, frames, send: (...events) => events.forEach((event) => socket.send(JSON.stringify(event))) };
    this.peers.push(peer);
    this.#script.onPeer?.(peer);
    socket.on("ping", () => (this.pings += 1));
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const frame: JsonObject = JSON.parse(Buffer.isBuffer(data) ? data.toString() : "{}");
      frames.push(frame);
      this.frames.push(frame);
      this.#script.onFrame?.(peer, frame, this.frames.length - 1);
    });
  }

  #onRequest(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.method !== "POST") {
      this.gets += 1;
      return void response.writeHead(405).end();
    }
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const body: JsonObject = JSON.parse(text);
      this.posts.push(body);
      this.postHeaders.push(request.headers);
      this.#script.onPost?.(response, body, this.posts.length - 1);
    });
  }
}

const isPort = (address: string | AddressInfo | null): address is AddressInfo => typeof address === "object" && address !== null;

export const created = (id: string, extra: JsonObject = {}): JsonObject => ({
  type: "response.created",
  response: { id, model: "m-1", service_tier: "fast", output: [] },
  ...extra,
});
export const text = (delta: string, index = 0): JsonObject => ({
  type: "response.output_text.delta",
  output_index: index,
  delta,
});
export const message = (content: string, id = "msg_1"): WireItem => ({
  type: "message",
  id,
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: content }],
});
export const done = (item: WireItem, index = 0): JsonObject => ({ type: "response.output_item.done", output_index: index, item });
export const ended = (id: string, status = "completed", extra: JsonObject = {}): JsonObject => ({
  type: `response.${status}`,
  response: {
    id,
    model: "m-1",
    status,
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 1 },
    },
    ...extra,
  },
});
/** A whole response that says `content`. */
export const answer = (id: string, content: string): JsonObject[] => [
  created(id),
  text(content),
  done(message(content, `msg_${id}`)),
  ended(id),
];
export const sse = (...events: JsonObject[]): string =>
  events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join("");

/** Collects the events of one response. */
export class Heard {
  readonly events: ResponseEvent[] = [];
  readonly #waiting: { readonly wanted: (event: ResponseEvent) => boolean; readonly found: () => void }[] = [];

  readonly on = (event: ResponseEvent): void => {
    this.events.push(event);
    for (const { wanted, found } of this.#waiting) if (wanted(event)) found();
  };

  /** Waits until an event of this kind has come. */
  async until(kind: ResponseEvent["kind"]): Promise<void> {
    if (this.events.some((event) => event.kind === kind)) return;
    await new Promise<void>((found) => this.#waiting.push({ wanted: (event) => event.kind === kind, found }));
  }

  /** Waits for the ending. */
  async ending(): Promise<(ResponseEvent & { kind: "ended" })["ending"]> {
    await this.until("ended");
    const [last, ...more] = this.of("ended");
    if (last === undefined || more.length > 0) throw new Error("a response ends exactly once");
    return last.ending;
  }

  of<K extends ResponseEvent["kind"]>(kind: K): Extract<ResponseEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<ResponseEvent, { kind: K }> => event.kind === kind);
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  get text(): string {
    return this.of("text")
      .map(({ delta }) => delta)
      .join("");
  }
}

const closers: (() => void)[] = [];

/** Ends every server and session of the test; for `afterEach`. */
export function closeAll(): void {
  for (const close of closers.splice(0)) close();
}

/** Ends with the test. */
export function openSession(options: ResponsesOptions): ResponsesSession {
  const session = openResponsesSession(options);
  closers.unshift(() => session.close());
  return session;
}

export interface Started {
  readonly server: ScriptedServer;
  readonly session: ResponsesSession;
  readonly baseUrl: string;
}

/** A server and a session that speaks to it. */
export async function start(script: Script, options: Partial<ResponsesOptions> = {}): Promise<Started> {
  const server = new ScriptedServer(script);
  const baseUrl = await server.listen();
  closers.push(() => server.close());
  return { server, baseUrl, session: openSession({ baseUrl, headers: { authorization: "Bearer k" }, ...options }) };
}

export const user = (content: string): WireItem => inputMessage("user", content);
export const request = (...input: WireItem[]): CreateRequest => ({
  model: "m-1",
  input,
  tools: [{ type: "function", name: "read" }],
});

/** Starts a response and collects what comes. */
export function ask(session: ResponsesSession, ...input: WireItem[]): Heard & { readonly run: RunningResponse } {
  const heard = new Heard();
  return Object.assign(heard, { run: session.respond(request(...input), heard.on) });
}

/** The input of the request after `heard`, which had `input`. */
export function after(heard: Heard, ...input: WireItem[]): WireItem[] {
  return [...input, ...heard.of("item").map(({ item }) => replayOf(item))];
}

/** Waits until `check` holds; the test's own time limit ends it. */
export async function eventually(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 2));
}
