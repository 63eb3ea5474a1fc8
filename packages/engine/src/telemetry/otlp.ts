/** Spans and metrics as OTLP in its JSON encoding: opentelemetry-proto 1, ids in hexadecimal, 64-bit numbers as text. Pure. */
import type { MetricSeries } from "./meter.ts";
import { attr, doubles } from "./names.ts";
import type { Attributes, FinishedSpan } from "./span-fold.ts";

/** Who tells it. */
export interface Origin {
  readonly resource: Attributes;
  readonly version: string;
}

const scopeOf = ({ version }: Origin): object => ({ name: "twolane", version });
const kinds = { chat: 3, invoke_agent: 1, invoke_workflow: 1, execute_tool: 1 } as const;
const cumulative = 2;

export function encodeSpans(spans: readonly FinishedSpan[], origin: Origin): string {
  const scopeSpans = [{ scope: scopeOf(origin), spans: spans.map(spanOf) }];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: attributesOf(origin.resource) }, scopeSpans }] });
}

/** `from`: when counting began, ms since 1970. */
export function encodeMetrics(
  series: readonly MetricSeries[],
  { from, to, ...origin }: Origin & { readonly from: number; readonly to: number },
): string {
  const times = { startTimeUnixNano: nanos(from), timeUnixNano: nanos(to) };
  const metrics = series.map(({ name, form: { unit, bounds }, points }) => {
    const head = { name, unit };
    if (bounds === undefined) {
      const dataPoints = points.map(({ attributes, sum }) => ({
        ...{ attributes: attributesOf(attributes), ...times, asInt: `${sum}` },
      }));
      return { ...head, sum: { dataPoints, aggregationTemporality: cumulative, isMonotonic: true } };
    }
    const dataPoints = points.map(({ attributes, count, sum, min, max, buckets }) => ({
      ...{ attributes: attributesOf(attributes), ...times, count: `${count}`, sum, min, max },
      ...{ bucketCounts: buckets.map(String), explicitBounds: bounds },
    }));
    return { ...head, histogram: { dataPoints, aggregationTemporality: cumulative } };
  });
  const scopeMetrics = [{ scope: scopeOf(origin), metrics }];
  return JSON.stringify({ resourceMetrics: [{ resource: { attributes: attributesOf(origin.resource) }, scopeMetrics }] });
}

function spanOf({ kind, name, trace, span, parent, from, to, attributes, marks }: FinishedSpan): object {
  return {
    ...{ traceId: trace, spanId: span, ...(parent !== undefined && { parentSpanId: parent }), name, kind: kinds[kind] },
    ...{ startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to), attributes: attributesOf(attributes) },
    ...(marks.length > 0 && { events: marks.map((mark) => ({ name: mark.name, timeUnixNano: nanos(mark.at) })) }),
    // Without a message: it could hold what people wrote.
    ...(attributes[attr.errorType] !== undefined && { status: { code: 2 } }),
  };
}

function attributesOf(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(key, value) }]));
}

function valueOf(key: string, value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) && !doubles.has(key) ? { intValue: `${value}` } : { doubleValue: value };
}

/** More digits than a number holds. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return `${BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))}`;
}
