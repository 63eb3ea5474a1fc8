import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeError, decodeServerEvent, encodeClientEvent, encodePost } from "./codec.ts";

const decode = (value: unknown) => decodeServerEvent(JSON.stringify(value));

describe("events", () => {
  test.each([
    ["response.output_text.delta", "text"],
    ["response.refusal.delta", "text"],
    ["response.reasoning_summary_text.delta", "reasoning"],
    ["response.reasoning_text.delta", "reasoning"],
    ["response.function_call_arguments.delta", "arguments"],
    ["response.custom_tool_call_input.delta", "input"],
  ])("%s", (type, channel) => {
    expect(decode({ type, output_index: 2, delta: "x", obfuscation: "…" })).toEqual({
      kind: "delta",
      channel,
      index: 2,
      delta: "x",
    });
    expect(decode({ type, delta: "x" })).toEqual({ kind: "delta", channel, delta: "x" });
    expect(decode({ type, delta: 5 })).toMatchObject({ kind: "garbage" });
  });

  test("items as they are", () => {
    const item = { type: "function_call", call_id: "c", name: "read", arguments: "{}", extra: [1] };
    expect(decode({ type: "response.output_item.added", output_index: 0, item })).toEqual({ kind: "item.added", index: 0, item });
    expect(decode({ type: "response.output_item.done", item })).toEqual({ kind: "item.done", item });
    expect(decode({ type: "response.output_item.done", item: { name: "no type" } })).toMatchObject({ kind: "garbage" });
  });

  test("the head of a response with usage, service tier and reason", () => {
    const response = {
      id: "r",
      model: "m",
      service_tier: "priority",
      output: [{ type: "message" }, 5],
      incomplete_details: { reason: "max_output_tokens" },
      usage: {
        input_tokens: 9,
        input_tokens_details: { cached_tokens: 8 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 6 },
        total_tokens: 16,
      },
    };
    expect(decode({ type: "response.incomplete", response, stream_id: "lane-1" })).toEqual({
      kind: "terminal",
      status: "incomplete",
      lane: "lane-1",
      response: {
        ...{ id: "r", model: "m", serviceTier: "priority", output: [{ type: "message" }] },
        ...{ incompleteReason: "max_output_tokens", usage: { input: 9, cachedInput: 8, output: 7, reasoning: 6 } },
      },
    });
  });

  test("a sparse terminal event", () => {
    expect(decode({ type: "response.completed", response: { id: "r" } })).toEqual({
      kind: "terminal",
      status: "completed",
      response: { id: "r", model: "", output: [] },
    });
    expect(decode({ type: "response.completed" })).toMatchObject({ kind: "garbage" });
  });

  test("a failed response", () => {
    const response = { id: "r", model: "m", error: { code: "server_error", message: "sorry" } };
    expect(decode({ type: "response.failed", response })).toMatchObject({
      kind: "terminal",
      status: "failed",
      response: { error: { code: "server_error", message: "sorry" } },
    });
  });

  test("steers", () => {
    const steer = { id: "s", previous_response_id: "r" };
    expect(decode({ type: "response.steer.accepted", steer })).toEqual({ kind: "steer.accepted", responseId: "r", steerId: "s" });
    expect(decode({ type: "response.steer.pending", steer, reason: "x", required_input: [] })).toEqual({
      kind: "steer.pending",
      responseId: "r",
      steerId: "s",
    });
    expect(
      decode({
        type: "response.steer.failed",
        steer: { previous_response_id: "r", input: "hi" },
        error: { code: "c", message: "m" },
      }),
    ).toEqual({
      ...{ kind: "steer.failed", responseId: "r", error: { code: "c", message: "m" } },
    });
    expect(decode({ type: "response.steer.accepted" })).toMatchObject({ kind: "garbage" });
  });

  test("limits of a plan", () => {
    const rate_limits = { primary: { used_percent: 40, reset_at: 1000 }, secondary: { used_percent: 5 }, credits: null };
    expect(decode({ type: "codex.rate_limits", rate_limits })).toEqual({
      kind: "limits",
      limits: [
        { name: "primary", usedPercent: 40, resetAt: 1_000_000 },
        { name: "secondary", usedPercent: 5 },
      ],
    });
  });

  test.each(["output_text.done", "refusal.done"])(
    "the end of a text: %s, whatever stands in it and in whatever order",
    (name) => {
      const type = `response.${name}`;
      const text = 'of "stream_id" and }';
      expect(decode({ type, text })).toEqual({ kind: "text.done" });
      expect(decode({ text, type })).toEqual({ kind: "text.done" });
      expect(decode({ type, text, stream_id: "a" })).toEqual({ kind: "text.done", lane: "a" });
      expect(decodeServerEvent(JSON.stringify({ type, text }).slice(0, -1))).toMatchObject({ kind: "garbage" });
    },
  );

  test("types that nobody needs, and types that nobody knows", () => {
    expect(decode({ type: "response.in_progress", response: {} })).toEqual({ kind: "ignored", type: "response.in_progress" });
    expect(decode({ type: "response.from_the_future", stream_id: "a" })).toEqual({
      kind: "ignored",
      type: "response.from_the_future",
      lane: "a",
    });
  });

  test.each(["", "{", "null", "[]", "5", '"x"', "{}", '{"type":5}', "data: x"])("garbage: %s", (text) => {
    expect(decodeServerEvent(text)).toMatchObject({ kind: "garbage" });
  });

  test("nothing that a server sends throws", () => {
    const types = [
      "created",
      "completed",
      "failed",
      "output_item.done",
      "output_text.delta",
      "steer.accepted",
      "steer.failed",
    ].map((name) => `response.${name}`);
    const field = fc.oneof(
      fc.jsonValue(),
      fc.record({ id: fc.jsonValue(), output: fc.jsonValue(), usage: fc.jsonValue(), error: fc.jsonValue() }),
    );
    const event = fc.record({
      type: fc.constantFrom(...types, "error", "codex.rate_limits"),
      response: field,
      item: field,
      delta: field,
      error: field,
      steer: field,
      stream_id: field,
    });
    fc.assert(
      fc.property(event, (value) => {
        expect(decode(value).kind).toBeTypeOf("string");
      }),
      { numRuns: 200 * Number(process.env.TWOLANE_TEST_SCALE ?? 1) },
    );
  });
});

describe("errors", () => {
  test("of the socket: an envelope with a status and headers", () => {
    const error = {
      type: "invalid_request_error",
      code: "previous_response_not_found",
      message: "gone",
      param: "previous_response_id",
      headers: { "Retry-After": "3" },
    };
    expect(decode({ type: "error", status: 400, error, stream_id: "l" })).toEqual({
      kind: "error",
      lane: "l",
      error: {
        code: "previous_response_not_found",
        errorType: "invalid_request_error",
        message: "gone",
        param: "previous_response_id",
        status: 400,
        headers: { "retry-after": "3" },
      },
    });
  });
  test.each([
    [
      "of the stream: flat",
      { type: "error", code: "server_error", message: "m", param: null, sequence_number: 3 },
      { code: "server_error", message: "m" },
    ],
    ["of HTTP", { error: { type: "rate_limit_error", message: "m" } }, { errorType: "rate_limit_error", message: "m" }],
    ["a status as code", { error: { code: 429, message: "m" } }, { status: 429, message: "m" }],
    ["a text", { error: "m" }, { message: "m" }],
    ["a detail", { detail: "m" }, { message: "m" }],
    [
      "with its reset",
      { error: { type: "usage_limit_reached", message: "m", resets_at: 7 } },
      { errorType: "usage_limit_reached", message: "m", resetAt: 7000 },
    ],
    ["nothing", null, { message: "no message" }],
  ])("%s", (_name, body, error) => {
    expect(decodeError(body)).toEqual(error);
  });
  test("streamed without an event type", () => {
    expect(decode({ error: { message: "m" } })).toEqual({ kind: "error", error: { message: "m" } });
  });
});

test("tools are the same bytes each time, and are written once", () => {
  let written = 0;
  const tool = { type: "function", name: "read", toJSON: () => ({ type: "function", name: "read", nth: ++written }) };
  const sent = [1, 2].map((nth) => encodeClientEvent({ type: "response.create", model: "m", input: [], tools: [tool], nth }));
  expect(sent.map((text) => JSON.parse(text))).toEqual(
    [1, 2].map((nth) => ({
      type: "response.create",
      model: "m",
      input: [],
      nth,
      tools: [{ type: "function", name: "read", nth: 1 }],
    })),
  );
  expect(JSON.parse(encodePost({ model: "m", input: [], tools: [] }, {}))).toMatchObject({ tools: [] });
});

test("what a client sends", () => {
  const input = [{ type: "message", role: "user" }];
  expect(JSON.parse(encodeClientEvent({ type: "response.create", model: "m", input, generate: false }))).toEqual({
    type: "response.create",
    model: "m",
    input,
    generate: false,
  });
  expect(JSON.parse(encodePost({ model: "m", input }, { store: false }))).toEqual({
    model: "m",
    input,
    store: false,
    stream: true,
    stream_options: { include_obfuscation: false },
  });
});
