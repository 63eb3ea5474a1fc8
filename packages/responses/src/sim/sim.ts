/**
 * The simulated model server: the second door of this package. Speaks the Responses wire over WebSocket and HTTP, and Chat
 * Completions, to any client. What it says is a scenario; nothing in it is a model. Listens on the loopback address only.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { DEFAULT_SCENARIO } from "./default-scenario.ts";
import { failureBody } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { fragmentingRelay } from "./fragment.ts";
import { answerHttp, isMessages, refuse, refuseMessages, routeOf } from "./http.ts";
import { SimulatedModel } from "./model.ts";
import { Recorder, settle } from "./recorder.ts";
import type { RecordedRequest } from "./recorder.ts";
import { checkScenario } from "./scenario.ts";
import type { ConnectionFault, Scenario, ScenarioInput } from "./scenario.ts";
import { SocketSession } from "./socket.ts";

export { DEFAULT_SCENARIO } from "./default-scenario.ts";
export type { RecordedRequest } from "./recorder.ts";
export { parseScenario } from "./scenario.ts";
export type { ParsedScenario, Scenario, ScenarioInput } from "./scenario.ts";

export interface SimOptions {
  /** 0 or left out: any free port. */
  readonly port?: number;
  readonly host?: "127.0.0.1";
  /** Left out: `DEFAULT_SCENARIO`. */
  readonly scenario?: ScenarioInput;
  /** Clients must send it as bearer token, or as `x-api-key`. Left out: open to every program on this machine. */
  readonly token?: string;
  /** One line for each request and connection. */
  readonly log?: (line: string) => void;
  /** An answer has come to the token of its fault `hold`. */
  readonly onHold?: () => void;
}

export interface Sim {
  /** Base address, e.g. `http://127.0.0.1:8790`; everything is served with and without `/v1` behind it. */
  readonly url: string;
  readonly port: number;
  /** What clients asked, oldest first; the last 2,000. */
  readonly requests: readonly RecordedRequest[];
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 512;
const MAX_MESSAGE = 64 * 1024 * 1024;

/** Rejects with one line where the scenario is wrong, and with the system's error where the port is taken. */
export async function startSim(options: SimOptions = {}): Promise<Sim> {
  const checked = checkScenario(options.scenario ?? DEFAULT_SCENARIO);
  if (!checked.ok) throw new Error(checked.message);
  const server = new SimServer(checked.value, options);
  await server.listen();
  return server;
}

class SimServer implements Sim {
  readonly #options: SimOptions;
  readonly #model: SimulatedModel;
  readonly #recorder = new Recorder();
  readonly #http: HttpServer;
  readonly #upgrades = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  readonly #sockets = new Map<Duplex, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #relay: Server | undefined;
  #connections = 0;
  #port = 0;

  constructor(scenario: Scenario, options: SimOptions) {
    this.#options = options;
    this.#model = new SimulatedModel(scenario, options.onHold);
    this.#http = createServer({ keepAliveTimeout: 60_000 });
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on("connection", (socket: Socket) => this.#connected(socket));
    this.#http.on("request", (request, response) => {
      const failure = this.#forbidden(request);
      this.#log(request, failure);
      if (failure !== undefined) return (isMessages(request.url) ? refuseMessages : refuse)(response, failure);
      const context = { model: this.#model, recorder: this.#recorder, connection: this.#numberOf(request.socket) };
      // A client that goes away in the middle of its body is no failure of the server.
      answerHttp({ request, response, context }).catch((error: unknown) => {
        if (!request.destroyed) throw error;
      });
    });
    this.#http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => this.#upgrade(request, socket, head));
    this.#upgrades.on("headers", (headers) => {
      for (const [name, value] of Object.entries(this.#model.scenario.headers)) headers.push(`${name}: ${value}`);
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#recorder.entries;
  }

  async listen(): Promise<void> {
    const { transport } = this.#model.scenario;
    const wanted = this.#options.port ?? 0;
    this.#port = await listening(this.#http, transport === undefined ? wanted : 0);
    if (transport === undefined) return;
    this.#relay = fragmentingRelay(this.#port, transport.fragment);
    this.#port = await listening(this.#relay, wanted);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const closed = [this.#http, this.#relay].map(
      (server) => new Promise<void>((done) => (server ? server.close(() => done()) : done())),
    );
    this.#http.closeAllConnections();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await Promise.all(closed);
  }

  #connected(socket: Socket): void {
    socket.setNoDelay(true);
    this.#connections += 1;
    this.#sockets.set(socket, this.#connections);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #numberOf(socket: Duplex): number {
    return this.#sockets.get(socket) ?? 0;
  }

  /** Loopback is no border: a web page can reach it, so a browser's requests and foreign names are refused. */
  #forbidden(request: IncomingMessage): Failure | undefined {
    const { host, origin, authorization } = request.headers;
    const names = ["127.0.0.1", "localhost"].map((name) => `${name}:${this.#port}`);
    if (host === undefined || !names.includes(host.toLowerCase())) {
      return { status: 403, code: "forbidden_host", message: "Only requests to 127.0.0.1 or localhost are answered." };
    }
    if (origin !== undefined) {
      return { status: 403, code: "forbidden_origin", message: "Requests from web pages are not answered." };
    }
    const { token } = this.#options;
    const { "x-api-key": key } = request.headers;
    if (token === undefined || sameText(authorization ?? "", `Bearer ${token}`)) return undefined;
    if (typeof key === "string" && sameText(key, token)) return undefined;
    return { status: 401, code: "invalid_api_key", message: "Incorrect API key provided." };
  }

  #log(request: IncomingMessage, failure: Failure | undefined): void {
    const { log } = this.#options;
    log?.(`${request.method} ${routeOf(request.url)}${failure === undefined ? "" : ` ${failure.status} ${failure.code}`}`);
  }

  #upgrade(request: IncomingMessage, tcp: Socket, head: Buffer): void {
    const connection = this.#numberOf(tcp);
    const path = request.url ?? "/";
    const { headers } = request;
    const entry = this.#recorder.add({
      kind: "upgrade",
      transport: "websocket",
      connection,
      at: performance.now(),
      path,
      headers,
      bytes: 0,
      body: undefined,
    });
    const faults = this.#model.faults.forConnection();
    const failure = this.#forbidden(request) ?? this.#refusedUpgrade(path, faults);
    this.#log(request, failure);
    if (failure !== undefined) {
      settle(entry, "refused");
      return refuseUpgrade(tcp, failure);
    }
    this.#upgrades.handleUpgrade(request, tcp, head, (socket) => {
      settle(entry, "completed");
      const session = new SocketSession({ socket, tcp, model: this.#model, recorder: this.#recorder, connection, path });
      for (const fault of faults) this.#endLater(session, fault);
    });
  }

  #refusedUpgrade(path: string, faults: readonly ConnectionFault[]): Failure | undefined {
    if (routeOf(path) !== "/responses") return { status: 404, code: "not_found", message: "No WebSocket here." };
    if (!this.#model.scenario.features.websocket) return { status: 426, code: "http_only", message: "HTTP only." };
    const fault = faults.find((one) => one.kind === "refuse-upgrade");
    if (fault?.kind !== "refuse-upgrade") return undefined;
    return { status: fault.status, code: "upgrade_refused", message: "The upgrade is refused." };
  }

  #endLater(session: SocketSession, fault: ConnectionFault): void {
    if (fault.kind === "refuse-upgrade") return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (fault.kind === "close") return session.end(fault.code);
      const message = "This connection has reached its age limit. Open a new one to go on.";
      session.end(1000, { status: 400, code: "websocket_connection_limit_reached", message });
    }, fault.ms);
    this.#timers.add(timer);
  }
}

function listening(server: Server | HttpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(addressPort(server.address()));
    });
  });
}

function addressPort(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

function refuseUpgrade(tcp: Socket, failure: Failure): void {
  const body = JSON.stringify(failureBody(failure));
  const head = [
    `HTTP/1.1 ${failure.status} Refused`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  tcp.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
