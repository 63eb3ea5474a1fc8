/** Everything that can go wrong between a request and its end, as one value; and how it is said to a person. */
import type { WireError } from "../wire/events.ts";
import type { ErrorKind, ResponseError } from "./outcome.ts";

export type Trouble =
  /** An error event, or a response that the server ended as failed. */
  | { readonly at: "event"; readonly error: WireError; readonly resetAt?: number }
  /** The POST was answered without a stream. */
  | { readonly at: "http"; readonly status: number; readonly error: WireError; readonly resetAt?: number }
  /** The upgrade to a WebSocket was answered as a plain request. */
  | { readonly at: "upgrade"; readonly status: number; readonly error: WireError; readonly resetAt?: number }
  /** No connection. `code`: of the operating system, e.g. ECONNREFUSED. */
  | { readonly at: "connect"; readonly code: string; readonly message: string }
  /** An open socket was closed; 1006 when it just broke. */
  | { readonly at: "close"; readonly code: number; readonly reason: string }
  /** An HTTP stream ended or broke before the response had. */
  | { readonly at: "end"; readonly message: string }
  /** The socket answers no pings. */
  | { readonly at: "half-open" }
  /** Connected, but nothing of this response came for so long. */
  | { readonly at: "silence"; readonly ms: number }
  | { readonly at: "garbage"; readonly reason: string }
  /** More bytes than one event or response may have. */
  | { readonly at: "flood"; readonly limit: number };

/** One line, with a full stop, that says what happened. */
export function describeTrouble(trouble: Trouble): string {
  switch (trouble.at) {
    case "event":
      return sentence(trouble.error.message);
    case "http":
    case "upgrade":
      return sentence(`${trouble.error.message.replace(/[.\s]+$/, "")} (HTTP ${trouble.status})`);
    case "connect":
      return sentence(`No connection: ${trouble.message}`);
    case "close":
      return sentence(`The connection was closed (${trouble.code}${trouble.reason === "" ? "" : `: ${trouble.reason}`})`);
    case "end":
      return sentence(trouble.message);
    case "half-open":
      return "The connection is dead: nothing came back any more.";
    case "silence":
      return `No answer for ${trouble.ms / 1000} s.`;
    case "garbage":
      return sentence(`The server broke its protocol: ${trouble.reason}`);
    case "flood":
      return `The server sent more than ${trouble.limit} bytes.`;
  }
}

function sentence(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim().slice(0, 500);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** The trouble as the error that ends a response. */
export function errorOfTrouble(trouble: Trouble, kind: ErrorKind): ResponseError {
  const error = "error" in trouble ? trouble.error : undefined;
  const status = "status" in trouble ? trouble.status : error?.status;
  const code = trouble.at === "connect" ? trouble.code : error?.code;
  const resetAt = "resetAt" in trouble ? trouble.resetAt : undefined;
  return {
    kind,
    message: describeTrouble(trouble),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(resetAt !== undefined && { resetAt }),
  };
}
