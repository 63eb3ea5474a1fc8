/**
 * What an error code, an HTTP status, a limit or a close code leads to. The only place that decides it: rows first, then the
 * rules that hold for all of them. Pure; the client carries it out.
 */
import type { ErrorKind, ResponseTransport } from "./outcome.ts";
import type { Trouble } from "./trouble.ts";

export type Reaction =
  /** The same socket, all of the input, no `previous_response_id`. */
  | { readonly do: "resend-full" }
  /** Another connection, all of the input. */
  | { readonly do: "reconnect" }
  /** HTTP from now on. `remember`: this host does not do WebSockets, also not tomorrow. */
  | { readonly do: "fall-back-to-sse"; readonly remember: boolean }
  /** Milliseconds since 1970. */
  | { readonly do: "wait-until"; readonly resetAt: number }
  | { readonly do: "give-up"; readonly kind: ErrorKind }
  /** Keep what came. */
  | { readonly do: "truncate" };

export interface Situation {
  readonly transport: ResponseTransport;
  /** Something of the answer has been delivered, so sending again would say it twice. */
  readonly answered: boolean;
  /** The request has been sent again already. */
  readonly retried: boolean;
}

/** A row: what to do, and as what kind of error it ends when that cannot be done (any more). */
type Row = { readonly do: "resend-full" | "reconnect" | "fall-back" | "refusal" | "wait" | "give-up"; readonly kind: ErrorKind };

const giveUp = (kind: ErrorKind): Row => ({ do: "give-up", kind });
const resendFull: Row = { do: "resend-full", kind: "refused" };
const reconnect: Row = { do: "reconnect", kind: "server" };
const wait: Row = { do: "wait", kind: "limit" };
/** At the time that it names; at once where it names none. */
const busy: Row = { do: "wait", kind: "server" };
/** Works over HTTP perhaps. */
const fallBack: Row = { do: "fall-back", kind: "unreachable" };
/** The same, and known for good. */
const refusal: Row = { do: "refusal", kind: "unreachable" };

/** `error.code` and, where there is none, `error.type`. */
export const codeRows: Readonly<Record<string, Row>> = {
  previous_response_not_found: resendFull,
  websocket_connection_limit_reached: reconnect,
  websocket_stream_limit_reached: reconnect,
  invalid_stream_id: reconnect,
  server_error: reconnect,
  internal_server_error: reconnect,
  server_is_overloaded: busy,
  overloaded_error: busy,
  slow_down: wait,
  rate_limit_exceeded: wait,
  rate_limit_error: wait,
  too_many_requests: wait,
  usage_limit_reached: wait,
  insufficient_quota: giveUp("limit"),
  billing_hard_limit_reached: giveUp("limit"),
  billing_not_active: giveUp("limit"),
  invalid_api_key: giveUp("key"),
  authentication_error: giveUp("key"),
  permission_denied: giveUp("key"),
  context_length_exceeded: giveUp("context"),
  model_not_found: giveUp("refused"),
  invalid_prompt: giveUp("refused"),
  bio_policy: giveUp("refused"),
  misalignment_policy_violation: giveUp("refused"),
  data_residency_mismatch: giveUp("refused"),
  unsupported_parameter: giveUp("refused"),
  invalid_request_error: giveUp("refused"),
};

/** Of the POST's answer, and of error events whose code is not above. All other 4xx are refused, all other 5xx reconnect. */
export const statusRows: Readonly<Record<number, Row>> = {
  401: giveUp("key"),
  402: giveUp("limit"),
  403: giveUp("key"),
  408: reconnect,
  409: reconnect,
  413: giveUp("context"),
  429: wait,
  503: busy,
  529: busy,
};

/** Of the answer to an upgrade. All other 5xx fall back, all others are a refusal. */
export const upgradeRows: Readonly<Record<number, Row>> = {
  301: fallBack,
  302: fallBack,
  303: fallBack,
  307: fallBack,
  308: fallBack,
  401: giveUp("key"),
  402: giveUp("limit"),
  // A proxy that forbids upgrades says the same as a provider that forbids the key; the request over HTTP tells them apart.
  403: refusal,
  407: giveUp("unreachable"),
  408: fallBack,
  429: wait,
  501: refusal,
};

/** Of an open socket. All other 4xxx are refused, all others reconnect. */
export const closeRows: Readonly<Record<number, Row>> = {
  1002: fallBack,
  1003: fallBack,
  1007: fallBack,
  1008: giveUp("refused"),
  1009: fallBack,
  1010: fallBack,
  4401: giveUp("key"),
  4402: giveUp("limit"),
  4403: giveUp("key"),
  4429: giveUp("limit"),
};

/** Of the operating system; all others (a broken handshake, a timeout) fall back: what is in between may spoil upgrades. */
export const connectRows: Readonly<Record<string, Row>> = {
  ECONNREFUSED: giveUp("unreachable"),
  ENOTFOUND: giveUp("unreachable"),
  EAI_AGAIN: giveUp("unreachable"),
  EHOSTUNREACH: giveUp("unreachable"),
  ENETUNREACH: giveUp("unreachable"),
};

export function reactTo(trouble: Trouble, situation: Situation): Reaction {
  const row = rowOf(trouble, situation.transport);
  const lost = trouble.at === "close" || trouble.at === "end" || trouble.at === "half-open";
  // A lost stream says nothing of why; what came before it counts.
  const last: Reaction = lost && row.do !== "give-up" ? { do: "truncate" } : { do: "give-up", kind: row.kind };
  if (situation.answered) return trouble.at === "silence" ? { do: "truncate" } : last;
  // A request that never went out is not sent a second time over HTTP, but for the first time.
  const unsent = situation.transport === "websocket" && (trouble.at === "upgrade" || trouble.at === "connect");
  if (situation.retried && !unsent) return last;
  switch (row.do) {
    case "resend-full":
    case "reconnect":
      return { do: row.do };
    case "fall-back":
    case "refusal":
      return situation.transport === "websocket" ? { do: "fall-back-to-sse", remember: row.do === "refusal" } : last;
    case "wait": {
      const resetAt = "resetAt" in trouble ? trouble.resetAt : undefined;
      if (resetAt !== undefined) return situation.retried ? last : { do: "wait-until", resetAt };
      return row.kind === "server" ? { do: "reconnect" } : last;
    }
    case "give-up":
      return last;
  }
}

function rowOf(trouble: Trouble, transport: ResponseTransport): Row {
  switch (trouble.at) {
    case "event":
      return (
        rowOfError(trouble.error.code, trouble.error.errorType, trouble.error.status) ?? rowOfStatus(trouble.error.status ?? 500)
      );
    case "http":
      return rowOfError(trouble.error.code, trouble.error.errorType, trouble.status) ?? rowOfStatus(trouble.status);
    case "upgrade":
      return upgradeRows[trouble.status] ?? (trouble.status >= 500 ? fallBack : refusal);
    case "close":
      return closeRows[trouble.code] ?? (trouble.code >= 4000 ? giveUp("refused") : reconnect);
    case "connect":
      // A kept-alive connection may break just when it is used again.
      return (
        connectRows[trouble.code] ??
        (transport === "sse" && trouble.code === "ECONNRESET" ? { do: "reconnect", kind: "unreachable" } : fallBack)
      );
    case "end":
    case "half-open":
      return reconnect;
    case "silence":
      return giveUp("silent");
    case "garbage":
      return { do: "reconnect", kind: "broken" };
    case "flood":
      return giveUp("broken");
  }
}

/** A type is coarser than a status that has a row of its own. */
function rowOfError(code: string | undefined, type: string | undefined, status = 0): Row | undefined {
  const row = codeRows[code ?? ""];
  if (row !== undefined || statusRows[status] !== undefined) return row;
  return codeRows[type ?? ""];
}

function rowOfStatus(status: number): Row {
  return statusRows[status] ?? (status >= 500 ? reconnect : giveUp("refused"));
}
