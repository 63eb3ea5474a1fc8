/** What a session tells OpenTelemetry, over real sockets: spans of turns that end in every way, metrics, the trace in requests, and no word of what was said. */
import proto from "@opentelemetry/otlp-transformer/build/src/generated/root.js";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { hasSandbox } from "./command-place.ts";
import {
  type Receiver,
  type TelemetryOptions,
  type TelemetryStage,
  openTelemetryStage,
  startReceiver,
} from "./telemetry-stage.ts";

// A session that ends waits a second for it, and the sources are compiled on their way.
beforeAll(async () => void (await import("../src/assembly/telemetry-room.ts")));

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receiver(...given: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...given);
  closers.push(() => started.close());
  return started;
}

async function stage(options: TelemetryOptions): Promise<TelemetryStage> {
  const opened = await openTelemetryStage(options);
  closers.push(() => opened.close());
  return opened;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}
interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events?: readonly { readonly name: string }[];
  readonly status?: { readonly code: number };
}
interface WirePoint {
  readonly attributes: readonly KeyValue[];
  readonly count?: string;
  readonly asInt?: string;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
}
interface WireMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] };
}

const valuesOf = (attributes: readonly KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? doubleValue ?? boolValue ?? Number(intValue),
    ]),
  );

function spansOf({ payloads }: Receiver): WireSpan[] {
  return payloads
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ text }) => JSON.parse(text).resourceSpans[0].scopeSpans[0].spans as WireSpan[]);
}

/** The last payload has all of it. */
function metricsOf({ payloads }: Receiver): Record<string, readonly WirePoint[]> {
  const last = payloads.findLast(({ path }) => path === "/v1/metrics");
  const metrics: WireMetric[] = last === undefined ? [] : JSON.parse(last.text).resourceMetrics[0].scopeMetrics[0].metrics;
  return Object.fromEntries(metrics.map(({ name, sum, histogram }) => [name, (sum ?? histogram)?.dataPoints ?? []]));
}

const named = (spans: readonly WireSpan[], name: string): WireSpan => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name}; there are ${spans.map((span) => span.name).join(", ")}`);
  return found;
};

const notices = ({ heard }: TelemetryStage): string[] =>
  heard.events.flatMap((event) => (event.type === "notice.given" && event.code === "TELEMETRY" ? [event.message] : []));

const patch =
  "*** Begin Patch\n*** Update File: src/canary_path.ts\n@@\n-export const canary_old = 1;\n+export const canary_new = 2;\n*** End Patch\n";
const files = { "src/canary_path.ts": "export const canary_old = 1;\n" };
const editing: TelemetryOptions["scenario"] = {
  answers: [
    { when: { toolOutput: "." }, reply: [{ text: "canary_answer done." }] },
    { reply: [{ call: { name: "edit", input: patch } }] },
  ],
};

describe("the spans of a turn", () => {
  it("are its steps and its tools below it, with what they used, in one trace", async () => {
    const otlp = await receiver();
    const at = await stage({ scenario: editing, files, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    expect((await at.turn("canary_prompt")).ending).toBe("completed");
    await at.session.close();
    const spans = spansOf(otlp);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ["chat scripted", 3],
      ["execute_tool edit", 1],
      ["chat scripted", 3],
      ["invoke_agent twolane", 1],
    ]);
    const agent = named(spans, "invoke_agent twolane");
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(agent.parentSpanId).toBeUndefined();
    expect(spans.slice(0, 3).map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(agent.spanId));
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
    expect(agent.events?.map(({ name }) => name)).toEqual(["twolane.hunk.first"]);
    expect(valuesOf(agent.attributes)).toEqual({
      ...{ "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "twolane", "gen_ai.conversation.id": at.session.id },
      ...{ "twolane.turn": "t1", "twolane.lane": "fast", "twolane.ending": "completed", "twolane.hunks.landed": 1 },
    });
    expect(valuesOf(named(spans, "chat scripted").attributes)).toEqual({
      ...{ "gen_ai.operation.name": "chat", "gen_ai.provider.name": "sim", "gen_ai.request.model": "scripted" },
      ...{ "gen_ai.response.model": "scripted", "gen_ai.request.stream": true, "gen_ai.conversation.id": at.session.id },
      ...{ "gen_ai.usage.input_tokens": expect.any(Number), "gen_ai.usage.output_tokens": expect.any(Number) },
      ...{ "gen_ai.usage.cache_read.input_tokens": expect.any(Number), "gen_ai.usage.reasoning.output_tokens": 0 },
      ...{ "gen_ai.response.time_to_first_chunk": expect.any(Number), "openai.response.service_tier": "default" },
      ...{ "server.address": "127.0.0.1", "server.port": Number(new URL(at.sim.url).port) },
      ...{ "twolane.lane": "fast", "twolane.ending": "completed", "twolane.request.transport": "websocket" },
      ...{ "twolane.request.continued": expect.any(Boolean), "twolane.request.bytes": expect.any(Number) },
    });
    expect(valuesOf(named(spans, "execute_tool edit").attributes)).toEqual({
      ...{ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "edit", "gen_ai.tool.type": "function" },
      ...{ "gen_ai.tool.call.id": expect.any(String), "gen_ai.conversation.id": at.session.id, "twolane.lane": "fast" },
    });
  });

  it("say how it was stopped, steered, and why it failed", async () => {
    const otlp = await receiver();
    const slow = { ttftMs: 0, tokensPerSecond: 20 };
    const scenario: TelemetryOptions["scenario"] = {
      answers: [
        { when: { prompt: "fail" }, reply: [{ text: "x" }], fault: { kind: "status", status: 400, message: "canary_refusal" } },
        { when: { prompt: "stop|steer" }, pace: slow, reply: [{ text: "word ".repeat(400) }] },
        { reply: [{ text: "Said." }] },
      ],
    };
    const config = { providers: { sim: { capabilities: { steer: false } } } };
    const at = await stage({ scenario, config, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    at.session.send({ type: "prompt", text: "stop" });
    await at.heard.wait("step.answered", (all) => all.at(0));
    at.session.send({ type: "stop" });
    await at.heard.wait("turn.ended", (all) => all.at(0));
    at.session.send({ type: "prompt", text: "steer" });
    await at.heard.wait("step.answered", (all) => all.at(1));
    at.session.send({ type: "steer", text: "now" });
    await at.heard.wait("turn.ended", (all) => all.at(1));
    await at.turn("fail");
    await at.session.close();
    const spans = spansOf(otlp);
    const agents = spans.filter(({ name }) => name.startsWith("invoke_agent"));
    const wordsOf = ({ attributes }: WireSpan): unknown[] =>
      ["twolane.ending", "error.type"].map((key) => valuesOf(attributes)[key]);
    expect(agents.map(({ events = [] }) => events.map(({ name }) => name))).toEqual([["twolane.stop"], ["twolane.steer"], []]);
    // A stop is no error.
    expect(agents.map(({ status }) => status?.code)).toEqual([undefined, undefined, 2]);
    expect(agents.map(wordsOf)).toEqual([
      ["interrupted", undefined],
      ["completed", undefined],
      ["failed", "PROVIDER_REFUSED"],
    ]);
    const failed = spans.filter(({ name, status }) => name.startsWith("chat") && status !== undefined);
    expect(failed.map(wordsOf)).toEqual([["failed", "PROVIDER_REFUSED"]]);
    expect(new Set(agents.map(({ traceId }) => traceId)).size).toBe(3);
    const metrics = metricsOf(otlp);
    expect(metrics["twolane.stop.duration"]?.[0]?.count).toBe("1");
    expect(metrics["twolane.steer.duration"]?.[0]?.count).toBe("1");
    const inError = metrics["gen_ai.client.operation.duration"]?.filter((point) => valuesOf(point.attributes)["error.type"]);
    expect(inError?.map(({ count }) => count)).toEqual(["1"]);
  });

  it("belong to a trace that was there before, and none are sent of one that is not recorded", async () => {
    const otlp = await receiver();
    const parent = `00-${"a".repeat(32)}-${"b".repeat(16)}`;
    for (const flags of ["01", "00"]) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, TRACEPARENT: `${parent}-${flags}` };
      const at = await stage({ scenario: { answers: [{ reply: [{ text: "Said." }] }] }, env });
      await at.turn("hello");
      await at.session.close();
    }
    const [chat, agent, ...more] = spansOf(otlp);
    expect(more).toEqual([]);
    expect([chat?.traceId, agent?.traceId, agent?.parentSpanId]).toEqual(["a".repeat(32), "a".repeat(32), "b".repeat(16)]);
    expect(otlp.payloads.filter(({ path }) => path === "/v1/metrics")).toHaveLength(2);
  });
});

describe("metrics", () => {
  it("are those of the conventions with their buckets, and our own", async () => {
    const otlp = await receiver();
    const at = await stage({ scenario: editing, files, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    await at.turn("change it");
    const { hunk } = await at.heard.wait("hunk.landed", (all) => all.at(0));
    at.session.send({ type: "hunk.accept", hunks: [hunk.id] });
    await at.heard.wait("hunk.accepted", (all) => all.at(0));
    await at.session.close();
    const metrics = metricsOf(otlp);
    expect(Object.keys(metrics).sort()).toEqual([
      "gen_ai.client.inference.operation.input_tokens",
      "gen_ai.client.inference.operation.output_tokens",
      "gen_ai.client.inference.usage.cache_read.input_tokens",
      "gen_ai.client.inference.usage.input_tokens",
      "gen_ai.client.inference.usage.output_tokens",
      "gen_ai.client.inference.usage.reasoning.output_tokens",
      "gen_ai.client.operation.duration",
      "gen_ai.client.operation.time_to_first_chunk",
      "gen_ai.execute_tool.duration",
      "gen_ai.invoke_agent.duration",
      "gen_ai.invoke_agent.inference_calls",
      "gen_ai.invoke_agent.tool_calls",
      "twolane.first_hunk.duration",
      "twolane.first_token.duration",
      "twolane.hunks.accepted",
      "twolane.hunks.landed",
    ]);
    const duration = metrics["gen_ai.client.operation.duration"]?.[0];
    expect(duration?.count).toBe("2");
    const bounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    expect(duration?.explicitBounds).toEqual(bounds);
    expect(duration?.bucketCounts?.reduce((sum, count) => sum + Number(count), 0)).toBe(2);
    expect(metrics["gen_ai.client.inference.operation.input_tokens"]?.[0]?.explicitBounds?.at(-1)).toBe(67_108_864);
    expect(metrics["twolane.hunks.landed"]?.map(({ asInt, attributes }) => [asInt, valuesOf(attributes)])).toEqual([
      ["1", { "twolane.lane": "fast" }],
    ]);
    const used = at.heard.events.flatMap((event) => (event.type === "step.ended" ? [event.usage?.input ?? 0] : []));
    const told = metrics["gen_ai.client.inference.usage.input_tokens"]?.map(({ asInt }) => Number(asInt));
    expect(told).toEqual([used.reduce((sum, one) => sum + one, 0)]);
  });
});

/** As protobufjs makes them of the published schema. */
interface MessageType {
  verify(message: object): string | null;
  fromObject(object: object): object;
  toObject(message: object, options: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

describe("what is sent", () => {
  it("is what the published schema of OTLP has, no field more and none of another kind", async () => {
    const { trace, metrics } = Reflect.get(proto, "opentelemetry").proto.collector;
    const types: Readonly<Record<string, MessageType>> = {
      "/v1/traces": trace.v1.ExportTraceServiceRequest,
      "/v1/metrics": metrics.v1.ExportMetricsServiceRequest,
    };
    const otlp = await receiver();
    const at = await stage({ scenario: editing, files, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    await at.turn("change it");
    await at.session.close();
    expect(otlp.payloads.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"]);
    for (const { path, text } of otlp.payloads) {
      const type = types[path];
      if (type === undefined) throw new Error(path);
      const sent = JSON.parse(text);
      const message = type.fromObject(sent);
      expect(type.verify(message)).toBeNull();
      const there = type.decode(type.encode(message).finish());
      // The table's own JSON takes ids for base64; as text they are the same.
      expect(type.toObject(there, { longs: String, bytes: String })).toEqual(sent);
    }
  });

  it("holds no word of what people, models and files say, unless the policy lets it", async () => {
    const otlp = await receiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url };
    for (const policy of [undefined, "version: 1\ntelemetry: { content: true }\n"]) {
      const at = await stage({ scenario: editing, files, env, ...(policy && { policy }) });
      await at.turn("canary_prompt");
      await at.turn("canary_prompt again, and @src/canary_path.ts");
      await at.session.close();
      const all = otlp.payloads.map(({ text }) => text).join("\n");
      if (policy === undefined) {
        expect(all).not.toMatch(/canary|Begin Patch/);
        expect(all).not.toContain(at.base);
      } else {
        const agent = named(spansOf(otlp).slice(-4), "invoke_agent twolane");
        expect(valuesOf(agent.attributes)["gen_ai.input.messages"]).toContain("canary_prompt again");
        expect(valuesOf(agent.attributes)["gen_ai.output.messages"]).toContain("canary_answer done.");
      }
    }
  });

  it("says who sends it, in the person's own words where there are any", async () => {
    const otlp = await receiver();
    const at = await stage({
      scenario: editing,
      config: { telemetry: { endpoint: `${otlp.url}/below/`, headers: { "X-Tenant": "config", "x-both": "config" } } },
      env: {
        ...{ OTEL_SERVICE_NAME: "loop", OTEL_RESOURCE_ATTRIBUTES: "team=blue%20one,service.name=other" },
        OTEL_EXPORTER_OTLP_HEADERS: "x-both=env",
      },
    });
    await at.turn("hello");
    await at.session.close();
    const [first] = otlp.payloads;
    expect(first?.path).toMatch(/^\/below\/v1\/(traces|metrics)$/);
    expect(first?.headers).toMatchObject({ "x-tenant": "config", "x-both": "env", "content-type": "application/json" });
    const body = JSON.parse(first?.text ?? "{}");
    const [{ resource }] = body.resourceSpans ?? body.resourceMetrics;
    expect(valuesOf(resource.attributes)).toMatchObject({
      ...{ "service.name": "loop", team: "blue one", "service.instance.id": at.session.id },
    });
  });
});

describe("the trace in requests", () => {
  const traces = (otlp: Receiver): string[] =>
    spansOf(otlp).flatMap(({ name, traceId, spanId }) => (name.startsWith("chat") ? [`00-${traceId}-${spanId}-01`] : []));

  it("is in the metadata of each request over a socket", async () => {
    const otlp = await receiver();
    const at = await stage({ scenario: editing, files, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    await at.turn("change it");
    await at.session.close();
    const told = at.sim.requests.flatMap(({ kind, body }) =>
      kind === "responses" && body?.["generate"] !== false ? [body?.["client_metadata"]] : [],
    );
    expect(told).toEqual(traces(otlp).map((traceparent) => ({ traceparent })));
    expect(told).toHaveLength(2);
  });

  it.each([
    ["sim/scripted", "responses"],
    ["sim-chat/scripted", "chat"],
    ["sim-messages/scripted", "messages"],
  ])("is a header over HTTP: %s", async (model, kind) => {
    const otlp = await receiver();
    const scenario = { ...editing, features: { websocket: false } };
    const at = await stage({ scenario, files, model, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    await at.turn("change it");
    await at.session.close();
    const told = at.sim.requests.flatMap((request) => (request.kind === kind && request.body !== undefined ? [request] : []));
    expect(told.map(({ headers }) => headers["traceparent"])).toEqual(traces(otlp));
    expect(told.map(({ body }) => body?.["client_metadata"])).toEqual(told.map(() => undefined));
  });

  it("is not there when it is off, or is for others", async () => {
    const otlp = await receiver();
    for (const [env, config] of [
      [{}, {}],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url }, { telemetry: { traceContext: ["openai"] } }],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_TRACES_EXPORTER: "none" }, {}],
    ] as const) {
      const at = await stage({ scenario: editing, env, config });
      await at.turn("hello");
      await at.session.close();
      expect(JSON.stringify(at.sim.requests.map(({ headers, body }) => [headers, body]))).not.toContain("traceparent");
    }
  });

  it.runIf(hasSandbox)("is in the environment of a command, as the span of its tool", async () => {
    const otlp = await receiver();
    const run = { call: { name: "run", arguments: { command: "printenv TRACEPARENT OTEL_EXPORTER_OTLP_HEADERS" } } };
    const scenario = { answers: [{ when: { toolOutput: "." }, reply: [{ text: "Done." }] }, { reply: [run] }] };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_EXPORTER_OTLP_HEADERS: "x-a=b" };
    const at = await stage({ scenario, env, policy: "version: 1\ncommands:\n  - allow: [printenv **]\n" });
    await at.turn("run it");
    const printed = at.heard.events.flatMap((event) => (event.type === "command.output" ? [event.text] : [])).join("");
    await at.session.close();
    const tool = named(spansOf(otlp), "execute_tool run");
    expect(printed.trim()).toBe(`00-${tool.traceId}-${tool.spanId}-01`);
    expect(valuesOf(tool.attributes)["process.exit.code"]).toBe(1);
  });
});

describe("a receiver that does not receive", () => {
  const scenario: TelemetryOptions["scenario"] = { answers: [{ reply: [{ text: "Said." }] }] };

  it("costs one line and nothing else", async () => {
    const gone = await startReceiver();
    await gone.close();
    const at = await stage({ scenario, env: { OTEL_EXPORTER_OTLP_ENDPOINT: gone.url, OTEL_BSP_SCHEDULE_DELAY: "20" } });
    for (const text of ["one", "two", "three"]) expect((await at.turn(text)).ending).toBe("completed");
    await at.session.close();
    expect(notices(at)).toEqual([
      `Telemetry does not reach ${gone.url}/v1/traces: nobody listens there. The session goes on; this is said once.`,
    ]);
  });

  it("is left behind at the end, however slow it is", async () => {
    const otlp = await receiver(() => "silence");
    const at = await stage({ scenario, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    await at.turn("hello");
    // It would be waited for ten seconds; a timer of the test would say more of the machine than of this.
    await at.session.close();
    expect(notices(at)).toEqual([expect.stringContaining("no answer in time")]);
  });

  it("gets the spans again that it could not take, and not those that it would not", async () => {
    for (const [status, times] of [
      [503, 2],
      [400, 1],
    ] as const) {
      let answers = 0;
      const otlp = await receiver(({ path }) => (path === "/v1/traces" && answers++ === 0 ? status : 200));
      const at = await stage({ scenario, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_BSP_SCHEDULE_DELAY: "20" } });
      await at.turn("hello");
      await vi.waitFor(() => expect(answers).toBeGreaterThan(0), 5000);
      await at.session.close();
      const ids = spansOf(otlp).map(({ spanId }) => spanId);
      expect(ids.filter((id) => id === ids[0])).toHaveLength(times);
      expect(notices(at)).toEqual([expect.stringContaining(`it answered ${status}`)]);
    }
  });
});

describe("what is not understood", () => {
  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken here; set it to http\/json/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://x" }, /OTEL_EXPORTER_OTLP_ENDPOINT is no http or https address/],
  ])("is said in one line, and nothing is sent: %j", async (wrong, message) => {
    const otlp = await receiver();
    const at = await stage({ scenario: editing, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, ...wrong } });
    expect((await at.turn("hello")).ending).toBe("completed");
    await at.session.close();
    expect(notices(at)).toEqual([expect.stringMatching(message)]);
    expect(otlp.payloads).toEqual([]);
  });
});
