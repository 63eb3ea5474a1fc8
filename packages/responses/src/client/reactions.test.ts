import { describe, expect, test } from "vitest";
import { closeRows, codeRows, connectRows, reactTo, statusRows, upgradeRows } from "./reactions.ts";
import type { Reaction, Situation } from "./reactions.ts";
import { type Trouble, describeTrouble } from "./trouble.ts";

const fresh: Situation = { transport: "websocket", answered: false, retried: false };
const message = "no";
const event = (code: string): Trouble => ({ at: "event", error: { message, code } });
const http = (status: number, resetAt?: number): Trouble => ({
  at: "http",
  status,
  error: { message },
  ...(resetAt !== undefined && { resetAt }),
});
const upgrade = (status: number): Trouble => ({ at: "upgrade", status, error: { message } });
const close = (code: number): Trouble => ({ at: "close", code, reason: "" });
const connect = (code: string): Trouble => ({ at: "connect", code, message });

/** A reaction in one word or two. */
const short = (reaction: Reaction): string => {
  if (reaction.do === "give-up") return `give-up ${reaction.kind}`;
  return reaction.do === "fall-back-to-sse" && reaction.remember ? "fall-back-to-sse remember" : reaction.do;
};
const react = (trouble: Trouble, situation: Partial<Situation> = {}): string =>
  short(reactTo(trouble, { ...fresh, ...situation }));

/** Every row of the table, with what it leads to at first. */
const codes: Readonly<Record<string, string>> = {
  previous_response_not_found: "resend-full",
  websocket_connection_limit_reached: "reconnect",
  websocket_stream_limit_reached: "reconnect",
  invalid_stream_id: "reconnect",
  server_error: "reconnect",
  internal_server_error: "reconnect",
  server_is_overloaded: "reconnect",
  overloaded_error: "reconnect",
  slow_down: "give-up limit",
  rate_limit_exceeded: "give-up limit",
  rate_limit_error: "give-up limit",
  too_many_requests: "give-up limit",
  usage_limit_reached: "give-up limit",
  insufficient_quota: "give-up limit",
  billing_hard_limit_reached: "give-up limit",
  billing_not_active: "give-up limit",
  invalid_api_key: "give-up key",
  authentication_error: "give-up key",
  permission_denied: "give-up key",
  context_length_exceeded: "give-up context",
  model_not_found: "give-up refused",
  invalid_prompt: "give-up refused",
  bio_policy: "give-up refused",
  misalignment_policy_violation: "give-up refused",
  data_residency_mismatch: "give-up refused",
  unsupported_parameter: "give-up refused",
  invalid_request_error: "give-up refused",
};
const statuses: Readonly<Record<number, string>> = {
  ...{ 401: "give-up key", 402: "give-up limit", 403: "give-up key", 408: "reconnect", 409: "reconnect", 413: "give-up context" },
  ...{ 429: "give-up limit", 503: "reconnect", 529: "reconnect" },
};
const upgrades: Readonly<Record<number, string>> = {
  ...{
    301: "fall-back-to-sse",
    302: "fall-back-to-sse",
    303: "fall-back-to-sse",
    307: "fall-back-to-sse",
    308: "fall-back-to-sse",
  },
  ...{
    401: "give-up key",
    402: "give-up limit",
    403: "fall-back-to-sse remember",
    407: "give-up unreachable",
    408: "fall-back-to-sse",
  },
  ...{ 429: "give-up limit", 501: "fall-back-to-sse remember" },
};
const closes: Readonly<Record<number, string>> = {
  ...{
    1002: "fall-back-to-sse",
    1003: "fall-back-to-sse",
    1007: "fall-back-to-sse",
    1008: "give-up refused",
    1009: "fall-back-to-sse",
  },
  ...{ 1010: "fall-back-to-sse", 4401: "give-up key", 4402: "give-up limit", 4403: "give-up key", 4429: "give-up limit" },
};
const connects: Readonly<Record<string, string>> = {
  ...{ ECONNREFUSED: "give-up unreachable", ENOTFOUND: "give-up unreachable", EAI_AGAIN: "give-up unreachable" },
  ...{ EHOSTUNREACH: "give-up unreachable", ENETUNREACH: "give-up unreachable" },
};

test("a server that has too much to do is asked again at the time that it names, whatever it calls that", () => {
  const busy = (error: { readonly code?: string; readonly errorType?: string; readonly status?: number }): Reaction =>
    reactTo({ at: "event", error: { message, ...error }, resetAt: 9 }, fresh);
  for (const error of [
    { code: "server_is_overloaded" },
    { code: "overloaded_error" },
    { errorType: "server_error", status: 503 },
    { code: "of its own", errorType: "server_error", status: 529 },
  ])
    expect(busy(error)).toEqual({ do: "wait-until", resetAt: 9 });
  expect(busy({ errorType: "server_error", status: 500 })).toEqual({ do: "reconnect" });
});

describe("each row", () => {
  test("is tried here", () => {
    expect(Object.keys(codes)).toEqual(Object.keys(codeRows));
    expect(Object.keys(statuses)).toEqual(Object.keys(statusRows));
    expect(Object.keys(upgrades)).toEqual(Object.keys(upgradeRows));
    expect(Object.keys(closes)).toEqual(Object.keys(closeRows));
    expect(Object.keys(connects)).toEqual(Object.keys(connectRows));
  });
  test.each(Object.entries(codes))("code %s", (code, expected) => expect(react(event(code))).toBe(expected));
  test.each(Object.entries(statuses))("status %s", (status, expected) =>
    expect(react(http(Number(status)), { transport: "sse" })).toBe(expected),
  );
  test.each(Object.entries(upgrades))("upgrade %s", (status, expected) => expect(react(upgrade(Number(status)))).toBe(expected));
  test.each(Object.entries(closes))("close %s", (code, expected) => expect(react(close(Number(code)))).toBe(expected));
  test.each(Object.entries(connects))("connect %s", (code, expected) => expect(react(connect(code))).toBe(expected));
});

describe("what has no row", () => {
  test.each<[string, Trouble, string]>([
    ["an unknown code with a status", { at: "event", error: { message, code: "x", status: 401 } }, "give-up key"],
    ["an unknown code without one", event("x"), "reconnect"],
    ["a type where there is no code", { at: "event", error: { message, errorType: "rate_limit_error" } }, "give-up limit"],
    [
      "a status before a coarse type",
      { at: "http", status: 401, error: { message, errorType: "invalid_request_error" } },
      "give-up key",
    ],
    [
      "a code before a status",
      { at: "http", status: 400, error: { message, code: "context_length_exceeded" } },
      "give-up context",
    ],
    ["HTTP 400", http(400), "give-up refused"],
    ["HTTP 404", http(404), "give-up refused"],
    ["HTTP 302", http(302), "give-up refused"],
    ["HTTP 500", http(500), "reconnect"],
    ["upgrade 200", upgrade(200), "fall-back-to-sse remember"],
    ["upgrade 404", upgrade(404), "fall-back-to-sse remember"],
    ["upgrade 405", upgrade(405), "fall-back-to-sse remember"],
    ["upgrade 426", upgrade(426), "fall-back-to-sse remember"],
    ["upgrade 502", upgrade(502), "fall-back-to-sse"],
    ["close 1000", close(1000), "reconnect"],
    ["close 1001", close(1001), "reconnect"],
    ["close 1006", close(1006), "reconnect"],
    ["close 1011", close(1011), "reconnect"],
    ["close 4999", close(4999), "give-up refused"],
    ["a broken handshake", connect("ECONNRESET"), "fall-back-to-sse"],
    ["a handshake that takes too long", connect("ETIMEDOUT"), "fall-back-to-sse"],
    ["half-open", { at: "half-open" }, "reconnect"],
    ["the end of a stream", { at: "end", message }, "reconnect"],
    ["silence", { at: "silence", ms: 5 }, "give-up silent"],
    ["garbage", { at: "garbage", reason: message }, "reconnect"],
    ["a flood", { at: "flood", limit: 5 }, "give-up broken"],
  ])("%s", (_name, trouble, expected) => {
    expect(react(trouble)).toBe(expected);
    expect(describeTrouble(trouble)).toMatch(/^\S.*\.$/);
  });
});

describe("rules for all rows", () => {
  test("a limit with a reset is waited for, once", () => {
    expect(reactTo(http(429, 99), fresh)).toEqual({ do: "wait-until", resetAt: 99 });
    expect(reactTo(http(503, 99), fresh)).toEqual({ do: "wait-until", resetAt: 99 });
    expect(react(http(429, 99), { retried: true })).toBe("give-up limit");
  });
  test.each<[Trouble, string]>([
    [event("previous_response_not_found"), "give-up refused"],
    [event("websocket_connection_limit_reached"), "give-up server"],
    [event("server_error"), "give-up server"],
    [{ at: "garbage", reason: message }, "give-up broken"],
    [close(1006), "truncate"],
    [{ at: "end", message }, "truncate"],
    [{ at: "half-open" }, "truncate"],
  ])("no second retry, and none after the answer has begun: %o", (trouble, expected) => {
    expect(react(trouble, { retried: true })).toBe(expected);
    expect(react(trouble, { answered: true })).toBe(expected);
  });
  test("silence keeps what came before it", () => {
    expect(react({ at: "silence", ms: 5 }, { answered: true })).toBe("truncate");
  });
  test("a request that never went out may still go over HTTP", () => {
    expect(react(upgrade(404), { retried: true })).toBe("fall-back-to-sse remember");
    expect(react(connect("ECONNRESET"), { retried: true })).toBe("fall-back-to-sse");
    expect(react(close(1009), { retried: true })).toBe("truncate");
  });
  test("over HTTP there is nothing to fall back to", () => {
    expect(react(connect("EPROTO"), { transport: "sse" })).toBe("give-up unreachable");
    expect(react(connect("ECONNRESET"), { transport: "sse" })).toBe("reconnect");
    expect(react(connect("ECONNRESET"), { transport: "sse", retried: true })).toBe("give-up unreachable");
  });
});
