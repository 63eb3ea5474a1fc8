/** Whether and where telemetry is sent: OpenTelemetry's standard variables, and behind them the section `telemetry` of the configuration. Pure. */
import type { TelemetryConfig } from "../models/config-telemetry.ts";

export type Signal = "traces" | "metrics";

export interface SignalTarget {
  readonly url: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface TelemetrySettings {
  /** Absent: it is not sent. */
  readonly traces?: SignalTarget;
  readonly metrics?: SignalTarget;
  /** What is collected goes out this late, at most. */
  readonly delayMs: number;
  /** Names and values of what runs here, as the person gave them. */
  readonly resource: Readonly<Record<string, string>>;
  /** Which providers are told the trace; absent: all. */
  readonly traceContext: boolean | readonly string[];
  /** What was not understood, a sentence each; for what they name nothing is sent. */
  readonly faults: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultTimeoutMs = 10_000;
const defaultDelayMs = 5000;

export function readTelemetry(env: Environment, config: TelemetryConfig): TelemetrySettings {
  const faults: string[] = [];
  const [traces, metrics] = (["traces", "metrics"] as const).map((signal) => targetOf(signal, { env, config, faults }));
  return {
    ...(traces && { traces }),
    ...(metrics && { metrics }),
    delayMs: milliseconds(env, ["OTEL_BSP_SCHEDULE_DELAY"], { otherwise: defaultDelayMs, faults }),
    resource: resourceOf(env, faults),
    traceContext: config.traceContext ?? true,
    faults: [...new Set(faults)],
  };
}

interface Reading {
  readonly env: Environment;
  readonly config: TelemetryConfig;
  readonly faults: string[];
}

function targetOf(signal: Signal, { env, config, faults }: Reading): SignalTarget | undefined {
  const own = (name: string): string => `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`;
  const both = (name: string): string => `OTEL_EXPORTER_OTLP_${name}`;
  const exporter = set(env, `OTEL_${signal.toUpperCase()}_EXPORTER`) ?? "otlp";
  if (exporter === "none") return undefined;
  const exact = set(env, own("ENDPOINT"));
  const base = set(env, both("ENDPOINT")) ?? config.endpoint;
  const written = exact ?? base;
  if (written === undefined) return undefined;
  if (!exporter.split(",").some((one) => one.trim() === "otlp")) {
    faults.push(`OTEL_${signal.toUpperCase()}_EXPORTER=${exporter} is not understood; known are otlp and none.`);
    return undefined;
  }
  // What the configuration names speaks what we speak.
  const protocolName = [own("PROTOCOL"), both("PROTOCOL")].find((name) => set(env, name) !== undefined);
  if (protocolName !== undefined && set(env, protocolName) !== "http/json") {
    faults.push(`${protocolName}=${set(env, protocolName)} is not spoken here; set it to http/json, for a receiver over HTTP.`);
    return undefined;
  }
  if (!URL.canParse(written) || !/^https?:$/.test(new URL(written).protocol)) {
    faults.push(`${exact === undefined ? both("ENDPOINT") : own("ENDPOINT")} is no http or https address.`);
    return undefined;
  }
  const said = [both("HEADERS"), own("HEADERS")].map((name) => pairs(set(env, name), { name, faults }));
  return {
    url: exact === undefined ? below(written, `v1/${signal}`) : written,
    headers: Object.fromEntries(
      [config.headers ?? {}, ...said].flatMap((one) => Object.entries(one)).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    timeoutMs: milliseconds(env, [own("TIMEOUT"), both("TIMEOUT")], { otherwise: defaultTimeoutMs, faults }),
  };
}

function below(base: string, path: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  return url.href;
}

function resourceOf(env: Environment, faults: string[]): Readonly<Record<string, string>> {
  const name = "OTEL_RESOURCE_ATTRIBUTES";
  const service = set(env, "OTEL_SERVICE_NAME");
  return {
    "service.name": "twolane",
    ...pairs(set(env, name), { name, faults }),
    ...(service !== undefined && { "service.name": service }),
  };
}

/** `a=b,c=d`, percent-encoded. A mistake in it drops all of it, and its message holds no value. */
function pairs(
  text: string | undefined,
  { name, faults }: { readonly name: string; readonly faults: string[] },
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (text ?? "").split(",").filter((one) => one.trim() !== "")) {
    const at = pair.indexOf("=");
    const key = pair.slice(0, Math.max(at, 0)).trim();
    const value = decoded(pair.slice(at + 1).trim());
    if (!/^[!-~]+$/.test(key) || value === undefined || /[\r\n\0]/.test(value)) {
      faults.push(`${name} is not of the form name=value,name=value and is left out.`);
      return {};
    }
    found[key] = value;
  }
  return found;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function milliseconds(
  env: Environment,
  names: readonly string[],
  { otherwise, faults }: { readonly otherwise: number; readonly faults: string[] },
): number {
  const name = names.find((one) => set(env, one) !== undefined);
  if (name === undefined) return otherwise;
  const value = Number(set(env, name));
  if (Number.isFinite(value) && value > 0) return Math.min(value, 3_600_000);
  faults.push(`${name} is no number of milliseconds; ${otherwise} counts.`);
  return otherwise;
}

/** The specification takes an empty variable for one that is not set. */
function set(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
