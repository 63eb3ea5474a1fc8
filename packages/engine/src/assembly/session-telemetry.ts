/**
 * Telemetry of a running session: hears every event, tells requests and commands which trace they belong to, and hands what was heard to
 * the recorder in the background. What makes spans of it and sends them is loaded with the first batch (`telemetry-room.ts`).
 */
import { type EventBody, type TwolaneEvent, isTransient } from "@twolane/protocol";
import { readModelConfig } from "../models/catalog.ts";
import type { ModelRequest } from "../models/models.ts";
import { shortId } from "../std/ids.ts";
import { type TelemetrySettings, readTelemetry } from "../telemetry/settings.ts";
import { TraceIds, type TraceSeed, readTraceParent } from "../telemetry/trace-ids.ts";
import type { SessionTracing } from "../telemetry/tracing.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";
import type { TelemetryRoom, TelemetryStart } from "./telemetry-room.ts";

/** Whoever leaves does not wait longer for a receiver; ms. */
const leaveMs = 1000;
/** So many events are not kept waiting. */
const mostPending = 5000;

/** Undefined: what is configured leaves nothing to send. */
export function startTelemetry(start: TelemetryStart): SessionTelemetry | undefined {
  const config = readModelConfig(start.input);
  const settings = readTelemetry(start.parts.options.env, config.ok ? config.value.telemetry : {});
  const isIdle = settings.traces === undefined && settings.metrics === undefined && settings.faults.length === 0;
  return isIdle ? undefined : new SessionTelemetry(start, settings);
}

export class SessionTelemetry implements SessionCompanion, SessionTracing {
  private readonly start: TelemetryStart;
  private readonly settings: TelemetrySettings;
  private readonly seed: TraceSeed;
  private readonly ids: TraceIds;
  private live: LiveParts | undefined;
  private leave: (() => void) | undefined;
  private pending: TwolaneEvent[] = [];
  private timer: NodeJS.Timeout | undefined;
  private loading: Promise<TelemetryRoom> | undefined;
  private sending = Promise.resolve();
  private isClosed = false;
  private isOver = false;

  constructor(start: TelemetryStart, settings: TelemetrySettings) {
    this.start = start;
    this.settings = settings;
    const parent = readTraceParent(start.parts.options.env["TRACEPARENT"]);
    this.seed = { seed: `${start.session} ${shortId()}`, ...(parent && { parent }) };
    this.ids = new TraceIds(this.seed);
  }

  traced(step: number, model: string): Pick<ModelRequest, "traceparent"> {
    const { traces, traceContext } = this.settings;
    const [provider = ""] = model.split("/");
    const isTold = typeof traceContext === "boolean" ? traceContext : traceContext.includes(provider);
    return isTold && traces !== undefined ? { traceparent: this.ids.traceparent(this.ids.step(step)) } : {};
  }

  environmentOf(call: string): Readonly<Record<string, string>> {
    return this.settings.traces === undefined ? {} : { TRACEPARENT: this.ids.traceparent(this.ids.call(call)) };
  }

  join(live: LiveParts): this {
    this.live = live;
    for (const message of this.settings.faults) this.say(`${message} (docs/telemetry.md)`);
    this.leave = live.hub.subscribe((event) => this.hear(event));
    return this;
  }

  observe(event: EventBody): void {
    this.ids.take(event);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    // The turn that the end of the session stops is told as well.
    await new Promise(setImmediate);
    await this.live?.loop.idle();
    this.isClosed = true;
    clearTimeout(this.timer);
    this.leave?.();
    await this.send(leaveMs);
    this.isOver = true;
    (await this.loading)?.close();
  }

  private hear(event: TwolaneEvent): void {
    if (this.isClosed || isTransient(event.type)) return;
    this.pending.push(event);
    if (this.pending.length >= mostPending) void this.send();
    else this.timer ??= setTimeout(() => void this.send(), this.settings.delayMs).unref();
  }

  /** One batch after the other. `within`: the last one, and it may not take longer; ms. */
  private send(within?: number): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.pending;
    this.pending = [];
    const late = within === undefined ? undefined : AbortSignal.timeout(within);
    this.sending = this.sending.then(async () => (await this.room()).send(events, late));
    return late === undefined ? this.sending : Promise.race([this.sending, aborted(late)]);
  }

  private room(): Promise<TelemetryRoom> {
    this.loading ??= import("./telemetry-room.ts").then(({ TelemetryRoom: Room }) => {
      const { start, settings, seed } = this;
      return new Room({ ...start, settings, seed, say: (message) => this.say(message) });
    });
    return this.loading;
  }

  private say(message: string): void {
    if (!this.isOver) this.live?.emit({ type: "notice.given", code: "TELEMETRY", message });
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
