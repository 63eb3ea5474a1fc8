/**
 * Connections to one server over HTTP/1.1: kept alive between requests, and one spare opened ahead, so that neither the
 * first request nor the one after a stop waits for TCP and TLS. Knows nothing of what is sent. It imports nothing of ours:
 * everything else in this folder sees only the types and is given `openConnection`.
 */
import http, { type Agent, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import tls from "node:tls";

/** Servers drop a connection that says nothing, after a minute or later. */
const spareLifeMs = 45_000;

export interface ConnectionRequest {
  readonly method: "GET" | "POST";
  /** Below the base address, with a slash in front. */
  readonly path: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface AnswerHead {
  readonly status: number;
  /** The first one of that name, in small letters. */
  header(name: string): string | undefined;
  /** All of them, names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What comes back: `sent`, `answered`, any number of `data`, `ended`; or `failed` at any place before `answered`. */
export interface AnswerListener {
  /** All of the request is with the operating system. */
  sent(bytes: number): void;
  answered(head: AnswerHead): void;
  data(bytes: Uint8Array): void;
  ended(): void;
  /** `stale`: an idle connection was used again and broke before it answered; a fresh one may do. */
  failed(error: unknown, stale: boolean): void;
}

/** One request that runs. */
export interface RunningRequest {
  /** Ends it with its connection; nothing is told after this returns. */
  destroy(): void;
}

export interface Connection {
  /** Opens a spare unless a connection is idle already. Never fails. */
  warm(): void;
  /** The listener is never called from inside. */
  request(request: ConnectionRequest, listener: AnswerListener): RunningRequest;
  /** Ends every connection. */
  close(): void;
}

/** `baseUrl`: http or https, without a slash at the end. */
export type OpenConnection = (baseUrl: string) => Connection;

export const openConnection: OpenConnection = (baseUrl) => {
  const url = new URL(baseUrl);
  const secure = url.protocol === "https:";
  const agent: Agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (secure ? 443 : 80));
  const spare = createSpare(() =>
    secure
      ? tls.connect({ host, port, servername: net.isIP(host) === 0 ? host : "", ALPNProtocols: ["http/1.1"] })
      : net.connect({ host, port }),
  );
  const createFresh = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => spare.take() ?? createFresh(options, callback);
  let closed = false;
  return {
    warm() {
      const idle = Object.values(agent.freeSockets).some((sockets) => sockets !== undefined && sockets.length > 0);
      if (!closed && !idle) spare.open();
    },
    request({ method, path, headers, body }, listener) {
      const base = url.pathname === "/" ? "" : url.pathname;
      const length = body === undefined ? {} : { "content-length": body.length };
      const options: RequestOptions = { method, host, port, path: `${base}${path}`, headers: { ...headers, ...length }, agent };
      return listen(secure ? https.request(options) : http.request(options), { body, listener });
    },
    close() {
      closed = true;
      spare.drop();
      agent.destroy();
    },
  };
};

interface Spare {
  /** Connects, unless there is a fresh one. */
  open(): void;
  take(): Socket | undefined;
  drop(): void;
}

function createSpare(connect: () => Socket): Spare {
  let spare: { readonly socket: Socket; readonly since: number; readonly forget: () => void } | undefined;
  const isFresh = (): boolean => spare !== undefined && !spare.socket.destroyed && Date.now() - spare.since < spareLifeMs;
  const drop = (): void => {
    spare?.socket.destroy();
    spare = undefined;
  };
  return {
    drop,
    open() {
      if (isFresh()) return;
      drop();
      const socket = connect().setNoDelay(true).unref();
      // A spare that breaks is forgotten; the request that would have used it opens its own.
      const forget = (): void => {
        if (spare?.socket === socket) spare = undefined;
        socket.destroy();
      };
      for (const event of ["error", "end", "close"]) socket.on(event, forget);
      spare = { socket, since: Date.now(), forget };
    },
    take() {
      if (!isFresh()) drop();
      if (spare === undefined) return undefined;
      const { socket, forget } = spare;
      spare = undefined;
      for (const event of ["error", "end", "close"]) socket.removeListener(event, forget);
      return socket.ref();
    },
  };
}

function listen(
  request: ClientRequest,
  { body, listener }: { readonly body: Uint8Array | undefined; readonly listener: AnswerListener },
): RunningRequest {
  let over = false;
  let sent = false;
  let reused = false;
  let bytesBefore = 0;
  const tellSent = (): void => {
    if (over || sent) return;
    sent = true;
    listener.sent((request.socket?.bytesWritten ?? bytesBefore) - bytesBefore);
  };
  request.on("socket", (socket) => {
    bytesBefore = socket.bytesWritten;
    reused = request.reusedSocket || !socket.connecting;
  });
  request.on("finish", tellSent);
  request.on("response", (response: IncomingMessage) => {
    // A server may answer before it has read everything.
    tellSent();
    const finish = (): void => {
      if (over) return;
      over = true;
      listener.ended();
    };
    const { statusCode: status = 0, headers } = response;
    if (!over) listener.answered({ status, headers, header: (name) => [headers[name]].flat()[0] });
    response.on("data", (bytes: Buffer) => void (over || listener.data(bytes)));
    for (const event of ["end", "error", "close"]) response.on(event, finish);
  });
  request.on("error", (error) => {
    if (over) return;
    over = true;
    const broken = "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
    listener.failed(error, reused && broken);
  });
  request.end(body);
  return {
    destroy() {
      over = true;
      request.destroy();
    },
  };
}
