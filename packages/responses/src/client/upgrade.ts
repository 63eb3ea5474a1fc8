/** The opening handshake of a WebSocket (RFC 6455 §4): one HTTP request, whose answer turns the connection into one for frames. */
import { createHash, randomBytes } from "node:crypto";
import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { Socket } from "node:net";
import type { Headers } from "./limits.ts";

export interface UpgradeHandlers {
  /** `head`: what came behind the answer already. */
  readonly onUpgrade: (socket: Socket, head: Buffer, headers: Headers) => void;
  /** Answered as if it were a plain request. */
  readonly onRefused: (response: IncomingMessage) => void;
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

/** Part of every right answer (RFC 6455 §1.3). */
const known = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Asks for it. Redirects are not followed, and nothing is offered beyond plain frames. `url`: http(s). Throws what `http.request` throws. */
export function requestUpgrade(url: string, headers: Readonly<Record<string, string>>, handlers: UpgradeHandlers): ClientRequest {
  const key = randomBytes(16).toString("base64");
  const request = (url.startsWith("https:") ? https : http).request(url, {
    agent: false,
    headers: {
      ...headers,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
    },
  });
  request.on("upgrade", (response, socket, head) => {
    const wrong = wrongIn(response, key);
    // Node says a stream; without an agent of somebody else it is the socket.
    if (wrong === undefined && socket instanceof Socket) return handlers.onUpgrade(socket, head, response.headers);
    socket.destroy();
    handlers.onError(new Error(wrong ?? "no socket"));
  });
  request.on("response", handlers.onRefused);
  request.on("error", handlers.onError);
  request.end();
  return request;
}

function wrongIn({ headers }: IncomingMessage, key: string): string | undefined {
  const accept = createHash("sha1")
    .update(key + known)
    .digest("base64");
  if (headers.upgrade?.toLowerCase() !== "websocket" || headers["sec-websocket-accept"] !== accept)
    return "what answered the upgrade speaks no WebSocket";
  if (headers["sec-websocket-extensions"] !== undefined || headers["sec-websocket-protocol"] !== undefined)
    return "the server speaks an extension of WebSocket that it was not asked for";
  return undefined;
}
