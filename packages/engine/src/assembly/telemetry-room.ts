/** Makes spans and metrics of a session's events and sends them: the recorder with the network behind it. Loaded with the first batch. */
import type { TwolaneEvent } from "@twolane/protocol";
import packageJson from "../../package.json" with { type: "json" };
import { type CatalogInput, resolveModel } from "../models/catalog.ts";
import { openConnection } from "../models/connection.ts";
import { OtlpSender } from "../telemetry/otlp-sender.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { TelemetrySettings } from "../telemetry/settings.ts";
import { TraceIds, type TraceSeed } from "../telemetry/trace-ids.ts";
import type { SessionParts } from "./session-parts.ts";

export interface TelemetryStart {
  readonly parts: SessionParts;
  readonly input: CatalogInput;
  readonly session: string;
}

interface TelemetryRoomParts extends TelemetryStart {
  readonly settings: TelemetrySettings;
  readonly seed: TraceSeed;
  readonly say: (message: string) => void;
}

export class TelemetryRoom {
  private readonly recorder: Recorder;
  private readonly sender: OtlpSender;

  constructor({ parts, input, session, settings, seed, say }: TelemetryRoomParts) {
    const { policy } = parts;
    const servers = new Map<string, { readonly address: string; readonly port: number } | undefined>();
    this.sender = new OtlpSender({ settings, connect: openConnection, say });
    this.recorder = new Recorder({
      ids: new TraceIds(seed),
      // A trace that its caller does not record is not recorded here.
      traces: settings.traces !== undefined && seed.parent?.sampled !== false,
      metrics: settings.metrics !== undefined,
      content: () => policy.telemetry.content,
      serverOf(model) {
        if (!servers.has(model)) {
          const found = resolveModel(model, input);
          servers.set(model, found.ok ? serverOf(found.value.baseUrl) : undefined);
        }
        return servers.get(model);
      },
      origin: {
        version: packageJson.version,
        resource: {
          ...{ "service.version": packageJson.version, "service.instance.id": session },
          ...{
            "telemetry.sdk.name": "twolane",
            "telemetry.sdk.language": "nodejs",
            "telemetry.sdk.version": packageJson.version,
          },
          ...settings.resource,
        },
      },
    });
  }

  /** `last`: it is over when this is. Never fails. */
  async send(events: readonly TwolaneEvent[], last: AbortSignal | undefined): Promise<void> {
    for (const event of events) this.recorder.take(event);
    await this.sender.send(this.recorder.collect(Date.now(), last !== undefined), last);
  }

  close(): void {
    this.sender.close();
  }
}

function serverOf(baseUrl: string): { readonly address: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(baseUrl);
  return { address: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) };
}
