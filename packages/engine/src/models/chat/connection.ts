/**
 * Connections to one provider over HTTP/1.1: kept alive between requests, and one spare opened ahead, so that neither the
 * first request nor the one after a stop waits for TCP and TLS. Knows nothing of what is sent.
 */
import http, { type Agent, type ClientRequest, type RequestOptions } from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import tls from "node:tls";

/** Servers drop a connection that says nothing, after a minute or later. */
const spareLifeMs = 45_000;

export interface Connection {
  /** Opens a spare unless a connection is idle already. Never fails. */
  warm(): void;
  /** Starts a POST; the caller sends the body and listens. */
  post(path: string, headers: Readonly<Record<string, string | number>>): ClientRequest;
  /** Ends every connection. */
  close(): void;
}

/** `baseUrl` without a slash at the end. */
export function openConnection(baseUrl: string): Connection {
  const url = new URL(baseUrl);
  const secure = url.protocol === "https:";
  const agent: Agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (secure ? 443 : 80));
  let spare: { readonly socket: Socket; readonly since: number; readonly forget: () => void } | undefined;
  let closed = false;

  const drop = (): void => {
    spare?.socket.destroy();
    spare = undefined;
  };
  const isFresh = (): boolean => spare !== undefined && !spare.socket.destroyed && Date.now() - spare.since < spareLifeMs;
  const openSpare = (): void => {
    const socket = secure
      ? tls.connect({ host, port, servername: net.isIP(host) === 0 ? host : "", ALPNProtocols: ["http/1.1"] })
      : net.connect({ host, port });
    socket.setNoDelay(true);
    socket.unref();
    // A spare that breaks is forgotten; the request that would have used it opens its own.
    const forget = (): void => {
      if (spare?.socket === socket) spare = undefined;
      socket.destroy();
    };
    for (const event of ["error", "end", "close"]) socket.on(event, forget);
    spare = { socket, since: Date.now(), forget };
  };
  const takeSpare = (): Socket | undefined => {
    if (!isFresh()) drop();
    if (spare === undefined) return undefined;
    const { socket, forget } = spare;
    spare = undefined;
    for (const event of ["error", "end", "close"]) socket.removeListener(event, forget);
    return socket.ref();
  };
  const createFresh = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => takeSpare() ?? createFresh(options, callback);

  return {
    warm() {
      const idle = Object.values(agent.freeSockets).some((sockets) => sockets !== undefined && sockets.length > 0);
      if (closed || idle || isFresh()) return;
      drop();
      openSpare();
    },
    post(path, headers) {
      const options: RequestOptions = { method: "POST", host, port, path: `${url.pathname === "/" ? "" : url.pathname}${path}`, headers, agent };
      return secure ? https.request(options) : http.request(options);
    },
    close() {
      closed = true;
      drop();
      agent.destroy();
    },
  };
}
