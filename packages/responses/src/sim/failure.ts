/** Refusals as the wires carry them: body and headers over HTTP, an `error` event on a socket or in a stream. */
import type { JsonObject } from "../server/reply.ts";

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string;
  /** When the limit ends, milliseconds from now. */
  readonly resetMs?: number | undefined;
  /** `nested`: the fields stand in `error`; `flat`: beside `type`. */
  readonly envelope?: "nested" | "flat";
}

const CODES: Readonly<Record<number, string>> = {
  401: "invalid_api_key",
  403: "forbidden",
  404: "model_not_found",
  429: "rate_limit_exceeded",
  503: "server_overloaded",
};

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** The code that goes with a status where a scenario names none. */
export function codeOf(status: number): string {
  return CODES[status] ?? (status >= 500 ? "server_error" : "invalid_request");
}

export function badRequest(message: string, code = "invalid_request", param?: string): Failure {
  return { status: 400, code, message, ...(param === undefined ? {} : { param }) };
}

export function failureHeaders(failure: Failure): Record<string, string> {
  if (failure.resetMs === undefined) return {};
  return {
    "retry-after": String(Math.ceil(failure.resetMs / 1000)),
    "retry-after-ms": String(failure.resetMs),
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": `${failure.resetMs}ms`,
  };
}

export function failureBody(failure: Failure): JsonObject {
  const details = detailsOf(failure);
  if (failure.envelope === "flat") return { ...details, type: "error" };
  return { error: details };
}

export function failureEvent(failure: Failure, streamId?: string): JsonObject {
  const details = detailsOf(failure);
  const lane = streamId === undefined ? {} : { stream_id: streamId };
  if (failure.envelope === "flat") return { ...details, type: "error", status: failure.status, ...lane };
  const headers = failureHeaders(failure);
  const error = Object.keys(headers).length > 0 ? { ...details, headers } : details;
  return { type: "error", status: failure.status, ...lane, error };
}

/** The types of the Anthropic Messages wire, which has no codes beside them. */
const MESSAGES_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** Body, or event in a stream, of the Anthropic Messages wire. A code that is one of its types is taken as it is. */
export function messagesFailureBody({ status, code, message }: Failure): JsonObject {
  const usual = MESSAGES_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  const type = Object.values(MESSAGES_TYPES).includes(code) ? code : usual;
  return { type: "error", error: { details: null, type, message }, request_id: "req_scripted" };
}

export function messagesFailureHeaders({ resetMs }: Failure): Record<string, string> {
  if (resetMs === undefined) return {};
  return {
    "retry-after": String(Math.ceil(resetMs / 1000)),
    "anthropic-ratelimit-requests-remaining": "0",
    "anthropic-ratelimit-requests-reset": new Date(Date.now() + resetMs).toISOString(),
  };
}

function detailsOf(failure: Failure): JsonObject {
  const { status, code, message, param = null } = failure;
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { type, code, message, param };
}
