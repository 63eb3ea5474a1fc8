/** What the caller of a session is told of one response. Types only. */
import type { RateLimit, Usage, WireItem } from "../wire/events.ts";

/** What kind of error ended a response; the cure hangs on it. */
export type ErrorKind =
  /** The key is missing, wrong or not allowed to do this. */
  | "key"
  /** A rate or spending limit; `resetAt` where the server tells. */
  | "limit"
  /** The input is longer than the model takes. */
  | "context"
  /** The server does not carry out this request: unknown model, bad parameter, policy. */
  | "refused"
  /** No connection came about. */
  | "unreachable"
  /** Connected, but no answer in time. */
  | "silent"
  /** Something that is not the protocol, or more than any answer should be. */
  | "broken"
  /** A fault of the server. */
  | "server";

export interface ResponseError {
  readonly kind: ErrorKind;
  /** One line for a person. */
  readonly message: string;
  /** As the server names it. */
  readonly code?: string;
  /** HTTP status. */
  readonly status?: number;
  /** Milliseconds since 1970. */
  readonly resetAt?: number;
}

/** How a response ended. Every response ends exactly once. */
export type ResponseEnding =
  | { readonly status: "completed"; readonly usage?: Usage }
  /** `reason`: max_output_tokens, content_filter, … */
  | { readonly status: "incomplete"; readonly reason: string; readonly usage?: Usage }
  | { readonly status: "failed"; readonly error: ResponseError }
  /** Only after `stop()`. */
  | { readonly status: "interrupted"; readonly usage?: Usage }
  /** The stream ended without its terminal event. */
  | { readonly status: "truncated"; readonly message: string };

export type ResponseTransport = "websocket" | "sse";

/** Events of one response, in order. `requested` and `started` come again when the request had to be sent again. */
export type ResponseEvent =
  /** The request is on the wire. `continued`: only what is new was sent. */
  | { readonly kind: "requested"; readonly bytesSent: number; readonly transport: ResponseTransport; readonly continued: boolean }
  | { readonly kind: "started"; readonly responseId: string; readonly model: string; readonly serviceTier?: string }
  | { readonly kind: "text"; readonly delta: string }
  /** The text so far is complete; where a server says so, it does well before the `item` with all of it. */
  | { readonly kind: "text.done" }
  | { readonly kind: "reasoning"; readonly delta: string }
  | { readonly kind: "call.started"; readonly callId: string; readonly name: string; readonly freeform: boolean }
  /** Cut anywhere. All deltas of a call together are its input. */
  | { readonly kind: "call.delta"; readonly callId: string; readonly delta: string }
  /** A finished item as it came. `replayOf(item)` is what joins the input of the next request. */
  | { readonly kind: "item"; readonly item: WireItem }
  /** `uncounted`: the answer to the opening of a socket said it; this request does not count in it. */
  | { readonly kind: "limits"; readonly limits: readonly RateLimit[]; readonly uncounted?: true }
  /** The server has the request in its own queue. */
  | { readonly kind: "queued" }
  /** The request will be sent again: at once, or at `at` (milliseconds since 1970). Nothing had been answered yet. `forgotten`: the server did not know what it was to go on with. */
  | { readonly kind: "retrying"; readonly message: string; readonly at?: number; readonly forgotten?: true }
  | SteerEvent
  /** Always the last one. `passedOver`: pieces of the input of a call that nobody followed and that never became whole; about a token each. */
  | { readonly kind: "ended"; readonly ending: ResponseEnding; readonly passedOver?: number };

/**
 * What became of a message that `steer` sent. `accepted`: the server has it. Then one of: `applied` (what follows is written
 * with it), `deferred` (the response ended on calls; the next request of this session carries it with the outputs),
 * `failed` (it did not arrive or was not taken; it is the caller's again).
 */
export interface SteerEvent {
  readonly kind: "steer";
  readonly state: "accepted" | "applied" | "deferred" | "failed";
  readonly text: string;
  /** Why it failed. */
  readonly message?: string;
}
