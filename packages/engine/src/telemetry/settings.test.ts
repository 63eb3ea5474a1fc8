import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTelemetry } from "./settings.ts";
import { TraceIds, readTraceParent } from "./trace-ids.ts";

const endpoint = "http://otlp.example:4318";
const base = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
const urls = (env: Record<string, string>, config = {}) => {
  const { traces, metrics, faults } = readTelemetry(env, config);
  return [traces?.url, metrics?.url, faults];
};

describe("where telemetry goes", () => {
  it.each([
    [{}, {}, undefined, undefined],
    [base, {}, `${endpoint}/v1/traces`, `${endpoint}/v1/metrics`],
    [{}, { endpoint }, `${endpoint}/v1/traces`, `${endpoint}/v1/metrics`],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/a/` }, {}, `${endpoint}/a/v1/traces`, `${endpoint}/a/v1/metrics`],
    [base, { endpoint: "http://config" }, `${endpoint}/v1/traces`, `${endpoint}/v1/metrics`],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x?y=1" }, {}, "http://t/x?y=1", undefined],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://m/" }, { endpoint }, `${endpoint}/v1/traces`, "http://m/"],
    [{ ...base, OTEL_TRACES_EXPORTER: "none" }, {}, undefined, `${endpoint}/v1/metrics`],
    [{ ...base, OTEL_METRICS_EXPORTER: "none" }, {}, `${endpoint}/v1/traces`, undefined],
    [
      { ...base, OTEL_TRACES_EXPORTER: "console,otlp", OTEL_EXPORTER_OTLP_PROTOCOL: " http/json " },
      {},
      `${endpoint}/v1/traces`,
      `${endpoint}/v1/metrics`,
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "  " }, {}, undefined, undefined],
  ])("%j and %j", (env, config, traces, metrics) => {
    expect(urls(env, config)).toEqual([traces, metrics, []]);
  });

  it.each([
    [{ ...base, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, [undefined, undefined], /OTEL_EXPORTER_OTLP_PROTOCOL=grpc/],
    [{ ...base, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf" }, [undefined, `${endpoint}/v1/metrics`], /TRACES_PROTOCOL/],
    [{ ...base, OTEL_TRACES_EXPORTER: "zipkin" }, [undefined, `${endpoint}/v1/metrics`], /known are otlp and none/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }, [undefined, undefined], /no http or https address/],
    [
      { ...base, OTEL_EXPORTER_OTLP_TIMEOUT: "soon" },
      [`${endpoint}/v1/traces`, `${endpoint}/v1/metrics`],
      /TIMEOUT is no number/,
    ],
    [{ ...base, OTEL_RESOURCE_ATTRIBUTES: "a" }, [`${endpoint}/v1/traces`, `${endpoint}/v1/metrics`], /not of the form/],
  ])("%j is said once", (env, expected, message) => {
    const [traces, metrics, faults] = urls(env);
    expect([traces, metrics]).toEqual(expected);
    expect(faults).toEqual([expect.stringMatching(message)]);
  });

  it("takes headers and attributes as the specification writes them, and repeats no value that it refuses", () => {
    const { traces } = readTelemetry(
      { ...base, OTEL_EXPORTER_OTLP_HEADERS: " Api-Key = a%3Db , x=,y=1" },
      { headers: { "api-key": "old" } },
    );
    expect(traces?.headers).toEqual({ "api-key": "a=b", x: "", y: "1" });
    for (const wrong of ["secret", "=secret", "a=%zz secret", "a=secret%0d%0ab: c", "a b=secret"]) {
      const { faults, traces: kept } = readTelemetry({ ...base, OTEL_EXPORTER_OTLP_HEADERS: wrong }, {});
      expect([kept?.headers, faults.join().includes("secret"), faults.length]).toEqual([{}, false, 1]);
    }
  });

  it("never throws, whatever stands in the variables", () => {
    const names = fc.constantFrom(
      ...["ENDPOINT", "TRACES_ENDPOINT", "HEADERS", "TIMEOUT", "PROTOCOL", "METRICS_HEADERS"].map(
        (name) => `OTEL_EXPORTER_OTLP_${name}`,
      ),
      ...["OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_TRACES_EXPORTER"],
    );
    const value = fc.oneof(fc.string(), fc.constantFrom(endpoint, "http://[::1]:1", "a=b", "%", "0", "-1", "1e9", "none"));
    fc.assert(
      fc.property(fc.dictionary(names, value), (env) => {
        const { traces, delayMs } = readTelemetry(env, {});
        expect(traces === undefined || /^https?:$/.test(new URL(traces.url).protocol)).toBe(true);
        expect(delayMs).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a trace from outside", () => {
  const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

  it.each([
    [`00-${trace}-${span}-01`, { trace, span, sampled: true }],
    [`00-${trace}-${span}-00`, { trace, span, sampled: false }],
    [`01-${trace}-${span}-03-more`, { trace, span, sampled: true }],
    [`00-${trace}-${span}-01-more`, undefined],
    [`ff-${trace}-${span}-01`, undefined],
    [`00-${"0".repeat(32)}-${span}-01`, undefined],
    [`00-${trace}-${"0".repeat(16)}-01`, undefined],
    [`00-${trace.toUpperCase()}-${span}-01`, undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s", (text, expected) => {
    expect(readTraceParent(text)).toEqual(expected);
  });

  it("is what is said again, with spans of ours", () => {
    const ids = new TraceIds({ seed: "s", parent: { trace, span, sampled: false } });
    ids.take({ type: "turn.started", turn: "t1", prompt: "" });
    expect(readTraceParent(ids.traceparent(ids.step(1)))).toEqual({ trace, span: ids.step(1), sampled: false });
  });
});

describe("ids", () => {
  it("are the same for whoever hears the same, and others for each turn, step, call and process", () => {
    const idsOf = (seed: string): string[] => {
      const ids = new TraceIds({ seed });
      return ["t1", "t2"].flatMap((turn) => {
        ids.take({ type: "turn.started", turn, prompt: "" });
        return [ids.trace, ids.turn, ids.step(1), ids.step(2), ids.call("c1")];
      });
    };
    expect(idsOf("a")).toEqual(idsOf("a"));
    expect(new Set([...idsOf("a"), ...idsOf("b")]).size).toBe(20);
  });

  it("make one trace of a workflow and of its turns", () => {
    const ids = new TraceIds({ seed: "s" });
    ids.take({ type: "workflow.started", workflow: "refactor", text: "" });
    const { trace, workflow } = ids;
    ids.take({ type: "turn.started", turn: "t1", prompt: "" });
    expect([ids.trace, ids.workflow]).toEqual([trace, workflow]);
    ids.take({ type: "workflow.ended", workflow: "refactor", ending: "done", report: [] });
    expect([ids.trace === trace, ids.workflow]).toEqual([false, undefined]);
  });
});
