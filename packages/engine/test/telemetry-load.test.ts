/** What of telemetry is loaded when: nothing while it is off, and what makes and sends spans only with the first batch. */
import { expect, it, vi } from "vitest";
import { openTelemetryStage, startReceiver } from "./telemetry-stage.ts";

const loaded = vi.hoisted(() => new Set<string>());
const heard = vi.hoisted(() => (name: string) => async (original: () => Promise<object>) => {
  loaded.add(name);
  return original();
});
vi.mock("../src/assembly/session-telemetry.ts", heard("session-telemetry"));
vi.mock("../src/assembly/telemetry-room.ts", heard("telemetry-room"));
vi.mock("../src/telemetry/settings.ts", heard("settings"));
vi.mock("../src/telemetry/trace-ids.ts", heard("trace-ids"));
vi.mock("../src/telemetry/names.ts", heard("names"));
vi.mock("../src/telemetry/span-fold.ts", heard("span-fold"));
vi.mock("../src/telemetry/meter.ts", heard("meter"));
vi.mock("../src/telemetry/otlp.ts", heard("otlp"));
vi.mock("../src/telemetry/otlp-sender.ts", heard("otlp-sender"));
vi.mock("../src/telemetry/recorder.ts", heard("recorder"));

const scenario = { answers: [{ reply: [{ text: "Said." }] }] };

it("loads nothing while it is off", async () => {
  for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_SDK_DISABLED: "true" }]) {
    const at = await openTelemetryStage({ scenario, env });
    await at.turn("hello");
    await at.close();
    expect([...loaded]).toEqual([]);
  }
});

it("loads what makes and sends spans behind the turn", async () => {
  const otlp = await startReceiver();
  const at = await openTelemetryStage({ scenario, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
  await at.heard.wait("session.started", (all) => all.at(0));
  await at.turn("hello");
  expect([...loaded].sort()).toEqual(["session-telemetry", "settings", "trace-ids"]);
  await at.close();
  expect(loaded.size).toBe(10);
  expect(otlp.payloads).toHaveLength(2);
  await otlp.close();
});
