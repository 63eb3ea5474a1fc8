/**
 * What a provider's refusal, or the network's, means in our codes: from an HTTP status and body, from an error object in
 * the middle of a stream, from a socket error. The provider's own words are shown on one line, without the key.
 */
import { type Failure, type LimitRefusal, failure } from "@twolane/protocol";
import { sentence } from "../std/text.ts";
import type { ResolvedModel } from "./catalog.ts";

export interface Refusal {
  readonly status?: number;
  /** `code` or `type` of the error object. */
  readonly code?: string;
  /** The provider's words; may be empty. */
  readonly message: string;
  /** Milliseconds until the provider takes requests again, when it said so. */
  readonly retryAfterMs?: number;
}

const messageLimit = 300;
const fullContext =
  /context[ _-]?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long|exceeds? (the )?(available )?context|reduce the length/i;
const unknownModelWords =
  /^model: \S+$|model[^.]{0,80}(not found|does not exist|not exist|is not available|unknown|not supported|invalid)|(unknown|invalid|no such) model|try pulling it|model_not_found/i;

/** The failure that a refusal is. Fails closed: what is not known is PROVIDER_REFUSED or PROVIDER_BROKEN by its status. */
export function failureOfRefusal(refusal: Refusal, model: ResolvedModel): Failure {
  const { status } = refusal;
  const code = refusal.code ?? "";
  const who = model.provider;
  const words = oneLine(refusal.message, model.key);
  const say = (what: string): string =>
    sentence(`${who} ${what}${status === undefined ? "" : ` (${status})`}${words === "" ? "" : `: ${words}`}`);

  if (
    /context_length_exceeded|string_above_max_length|request_too_large/.test(code) ||
    status === 413 ||
    ((status === 400 || status === undefined) && fullContext.test(refusal.message))
  ) {
    return failure("CONTEXT_FULL", say(`takes no conversation of this length with ${model.name}`));
  }
  if (
    status === 429 ||
    status === 402 ||
    (status === 503 ? refusal.retryAfterMs !== undefined : status === 529) ||
    /rate_limit|capacity_exceeded|insufficient_quota|quota_exceeded|overloaded|too_many_requests|billing_error/.test(code) ||
    (status === 400 && /credit balance/i.test(refusal.message))
  )
    return limitFailure(refusal, say);
  if (
    status === 401 ||
    (status === 403 && !unknownModelWords.test(refusal.message)) ||
    /invalid_api_key|authentication_error|permission_error/.test(code)
  ) {
    const variable = model.keySource?.name ?? model.keyEnv ?? "the key's variable";
    if (model.key === undefined)
      return failure(
        "KEY_MISSING",
        say("wants a key"),
        model.keyEnv === undefined ? undefined : `Set ${variable} in the environment.`,
      );
    return failure("KEY_REFUSED", say(`refused the key in ${variable}`), `Check ${variable}.`);
  }
  if (
    /model_not_found|model_not_available|DeploymentNotFound/.test(code) ||
    ((status === 404 || status === 400 || status === 403) && unknownModelWords.test(refusal.message))
  ) {
    return failure(
      "MODEL_UNKNOWN",
      say(`does not have the model ${model.name}`),
      "Check the model's name; `twolane doctor` lists what local servers have.",
    );
  }
  if (code === "tool_use_failed")
    return failure(
      "PROVIDER_BROKEN",
      say(`could not read a call that ${model.name} wrote`),
      "Send it again, or use another model.",
    );
  if (/content_filter|content_policy|ResponsibleAIPolicyViolation/i.test(code))
    return failure("PROVIDER_REFUSED", say("stopped the request in its content filter"), "Say it in other words.");
  if (status === 404 || status === 405) {
    return failure(
      "PROVIDER_UNREACHABLE",
      say(`has nothing that answers at ${model.baseUrl}`),
      "Check the base URL; it usually ends in /v1.",
    );
  }
  if (status !== undefined && status >= 300 && status < 400) {
    return failure("PROVIDER_UNREACHABLE", say("points to another address"), "Set the base URL to the address it points to.");
  }
  if ((status !== undefined && status >= 500) || /server_error|internal_error|api_error|timeout_error|upstream/.test(code)) {
    return failure("PROVIDER_BROKEN", say("failed"), "Try again in a moment, or use another model.");
  }
  return failure("PROVIDER_REFUSED", say("refused the request"));
}

const wantsPayment = ({ code, status, message }: Refusal): boolean =>
  status === 402 ||
  code === "insufficient_quota" ||
  code === "billing_error" ||
  (status !== 503 && /billing|credit/i.test(message));

/** The limit that a refusal is, for which the same request can wait; undefined for every other. `now`: milliseconds since 1970. */
export function limitOfRefusal(refusal: Refusal, now: number): LimitRefusal | undefined {
  const { status, code = "", message, retryAfterMs } = refusal;
  // More than the window holds when it is full: no reset helps.
  if (/request too large|larger than the limit/i.test(message)) return undefined;
  const resets = retryAfterMs === undefined ? {} : { resetsAt: now + retryAfterMs };
  if (status === 529 || /overloaded|slow_down/.test(code) || (status === 503 && retryAfterMs !== undefined))
    return { why: "overload", ...resets };
  if (status === 402 || code === "insufficient_quota" || code === "billing_error" || /credit balance/i.test(message))
    return { why: "payment", ...resets };
  if (status !== 429 && !/rate_limit|quota_exceeded|too_many_requests|usage_limit/.test(code)) return undefined;
  return { why: wantsPayment(refusal) ? "payment" : "limit", ...resets };
}

function limitFailure(refusal: Refusal, say: (what: string) => string): Failure {
  const { retryAfterMs } = refusal;
  if (wantsPayment(refusal))
    return failure("PROVIDER_LIMIT", say("wants payment"), "Check plan and credit at the provider, or use another model.");
  const { status } = refusal;
  const what = say(status === 503 || status === 529 ? "has too much to do" : "has reached its limit");
  if (retryAfterMs === undefined) return failure("PROVIDER_LIMIT", what);
  return failure("PROVIDER_LIMIT", what, `Wait ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s, or use another model.`);
}

/** A connection that could not be made, or ended before any answer. */
export function failureOfNetwork(error: unknown, model: ResolvedModel): Failure {
  const code = errorCode(error);
  const { host } = new URL(model.baseUrl);
  const say = (what: string): Failure => failure("PROVIDER_UNREACHABLE", `${model.provider} at ${host} ${what}.`);
  switch (code) {
    case "ECONNREFUSED":
      return say("refuses connections; nothing runs there");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return say("has no address; the name is wrong or there is no network");
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
      return say("closed the connection without an answer");
    default:
      if (code?.startsWith("HPE_") === true)
        return failure("PROVIDER_BROKEN", `${model.provider} at ${host} does not speak HTTP (${code}).`);
      return say(`cannot be reached (${code ?? oneLine(error instanceof Error ? error.message : String(error), model.key)})`);
  }
}

/** Code of a system error; the first one inside when several addresses were tried. */
function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if ("errors" in error && Array.isArray(error.errors)) return errorCode(error.errors[0]);
  return undefined;
}

/**
 * The refusal in an error object of any of the shapes in use: `{error: {message, code, type}}`, `{error: "text"}`,
 * `{message, code}`, `{detail}`, `{type: "error", …}`, a list with one of these. Undefined: it holds no error.
 */
export function readRefusal(body: unknown): Refusal | undefined {
  const object = Array.isArray(body) ? body[0] : body;
  if (typeof object !== "object" || object === null) return undefined;
  const fields: Record<string, unknown> = { ...object };
  const { error } = fields;
  if (typeof error === "string" && error !== "") return { message: error };
  if (typeof error === "object" && error !== null) return { ...readFields({ ...error }) };
  const own = readFields(fields);
  return own.message !== "" &&
    (fields["type"] === "error" || fields["object"] === "error" || "detail" in fields || "code" in fields)
    ? own
    : undefined;
}

function readFields(fields: Record<string, unknown>): Refusal {
  const text = (name: string): string | undefined =>
    typeof fields[name] === "string" && fields[name] !== "" ? fields[name] : undefined;
  const number = (name: string): number | undefined => {
    const value = Number(fields[name]);
    return fields[name] !== null && Number.isInteger(value) && value >= 300 && value < 600 ? value : undefined;
  };
  const status = number("status") ?? number("status_code") ?? number("code");
  const code = number("code") === undefined ? (text("code") ?? text("type")) : text("type");
  const detail = fields["detail"];
  const message = text("message") ?? text("detail") ?? (detail === undefined ? "" : JSON.stringify(detail));
  return { message, ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
}

/** A provider's words as one harmless line: no control characters, no markup, never the key. */
export function oneLine(text: string, key?: string): string {
  const hidden = key === undefined || key.length < 4 ? text : text.replaceAll(key, "…");
  const line = hidden
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > messageLimit ? `${line.slice(0, messageLimit)}…` : line;
}
