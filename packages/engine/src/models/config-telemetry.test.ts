import { describe, expect, it } from "vitest";
import { parseModelConfig } from "./config.ts";

const parse = (telemetry: unknown) => parseModelConfig(JSON.stringify({ telemetry }, undefined, 1), "config.json");

describe("telemetry in the configuration", () => {
  it.each([
    [{}, {}],
    [
      { endpoint: "https://otlp.example:4318", headers: { "X-Key": "a" } },
      { endpoint: "https://otlp.example:4318", headers: { "x-key": "a" } },
    ],
    [{ traceContext: false }, { traceContext: false }],
    [{ traceContext: ["openai"] }, { traceContext: ["openai"] }],
  ])("takes %j", (written, telemetry) => {
    expect(parse(written)).toMatchObject({ ok: true, value: { telemetry } });
  });

  it.each([
    ["http://x", /"telemetry" must be an object/],
    [{ endpoint: "localhost:4318" }, /"telemetry\.endpoint" must be an http or https address/],
    [{ url: "http://x" }, /the key "url" is unknown; known are endpoint, headers, traceContext/],
    [{ headers: { "a b": "c" } }, /"a b" is not the name of a header/],
    [{ headers: { a: "b\r\nc: d" } }, /must be a text without control characters/],
    [{ traceContext: "openai" }, /"telemetry\.traceContext" must be true, false or a list of providers/],
    [{ traceContext: [1] }, /"telemetry\.traceContext\.0" must be a text/],
  ])("refuses %j", (written, message) => {
    expect(parse(written)).toMatchObject({
      ok: false,
      failure: { code: "CONFIG_INVALID", message: expect.stringMatching(message) },
    });
  });
});
