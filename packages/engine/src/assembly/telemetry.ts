/** Whether a session tells OpenTelemetry anything. Off, which it is unless somebody says where to, nothing more of it is loaded. */
import { type Environment, readCatalogInput } from "./place.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionTelemetry } from "./session-telemetry.ts";

export async function openTelemetry(parts: SessionParts, session: string): Promise<SessionTelemetry | undefined> {
  const { env } = parts.options;
  const input = parts.choice?.input ?? readCatalogInput(env);
  if (!isWanted(env, input.configText)) return undefined;
  const { startTelemetry } = await import("./session-telemetry.ts");
  return startTelemetry({ parts, input, session });
}

/** What they say exactly is looked at by `telemetry/settings.ts`. */
function isWanted(env: Environment, configText: string | undefined): boolean {
  if (env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") return false;
  const isNamed = ["", "TRACES_", "METRICS_"].some((signal) => (env[`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`] ?? "").trim() !== "");
  return isNamed || configText?.includes('"telemetry"') === true;
}
