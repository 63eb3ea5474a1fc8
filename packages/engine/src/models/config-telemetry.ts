/** The section `telemetry` of the user's configuration: where spans and metrics go. OpenTelemetry's own variables come before it. */
import { type Check, ConfigMistake, address, nameOf, readKeys, text } from "./config-checks.ts";
import type { JsonPath } from "./json-lines.ts";

export interface TelemetryConfig {
  /** Of a receiver of OTLP over HTTP; `/v1/traces` and `/v1/metrics` are below it. */
  readonly endpoint?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether requests say which trace they belong to, or to which providers they do. Absent: they do. */
  readonly traceContext?: boolean | readonly string[];
}

const traceContext: Check<boolean | readonly string[]> = (value, path) => {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((one: unknown, index) => text(one, [...path, index]));
  throw new ConfigMistake(`${nameOf(path)} must be true, false or a list of providers`, path);
};

export function telemetryReader(headers: Check<Readonly<Record<string, string>>>) {
  return (value: unknown, path: JsonPath): TelemetryConfig => readKeys(value, path, { endpoint: address, headers, traceContext });
}
