/**
 * What requests take while nobody has counted it yet: their size before they go, who else is under way, how much admission reserved
 * for the answer, how quick the answer was, and what it took when it was cut off. Estimates are marked as such.
 */
import type { TokenUsage } from "@twolane/protocol";
import type { ConversationItem, ModelEnd, ModelEvent, ModelRequest } from "../models.ts";
import type { LimitedOptions } from "./limited-options.ts";
import type { Need, SeenWindow } from "./radar.ts";

/** Of English and code a token is about four characters. */
const charactersPerToken = 4;
/** Held is only what is too large by a low estimate. */
const lowCharactersPerToken = 5;
/** Less than this says nothing of the speed: tokens, ms. */
const tellingTokens = 40;
const tellingMs = 50;
/** Reserves below this are the error of the estimate. */
const tellingReserve = 1000;

export class InFlight {
  private readonly options: LimitedOptions;
  private readonly flights = new Map<Flight, Need>();
  private readonly before = new Map<string, SeenWindow>();

  constructor(options: LimitedOptions) {
    this.options = options;
  }

  question(request: ModelRequest): { readonly need: Need; readonly inFlight: readonly Need[] } {
    return { need: this.needOf(request), inFlight: [...this.flights.values()] };
  }

  begin(request: ModelRequest): Flight {
    const need = this.needOf(request);
    const flight = new Flight(this.options, {
      characters: this.charactersOf(request),
      alone: this.flights.size === 0,
      before: this.before,
      ended: () => this.flights.delete(flight),
    });
    this.flights.set(flight, need);
    return flight;
  }

  private needOf(request: ModelRequest): Need {
    const input = Math.floor(this.charactersOf(request) / lowCharactersPerToken);
    return { input, ...(request.maxOutputTokens !== undefined && { maxOutput: request.maxOutputTokens }) };
  }

  private charactersOf({ items }: ModelRequest): number {
    let sum = 0;
    for (const item of items) sum += sizeOf(item);
    return sum;
  }
}

const sizeOf = (item: ConversationItem): number =>
  item.kind === "call" ? item.input.length : item.kind === "reasoning" ? 0 : item.text.length;

type Windows = Extract<ModelEvent, { kind: "limits" }>["windows"];

interface FlightOptions {
  readonly characters: number;
  /** No other request of this process was under way. */
  readonly alone: boolean;
  /** What earlier answers of this process said last. */
  readonly before: Map<string, SeenWindow>;
  readonly ended: () => void;
}

/** One request that is under way. */
export class Flight {
  private readonly options: LimitedOptions;
  private readonly flight: FlightOptions;
  private requestedAt: number | undefined;
  private firstAt: number | undefined;
  private received = 0;

  constructor(options: LimitedOptions, flight: FlightOptions) {
    this.options = options;
    this.flight = flight;
  }

  observe(event: Exclude<ModelEvent, ModelEnd>): void {
    switch (event.kind) {
      case "requested":
        this.requestedAt = performance.now();
        return;
      case "limits":
        if (event.uncounted === true) return this.remember(event.windows);
        this.flight.ended();
        return this.learnReserve(event.windows);
      case "text":
      case "reasoning":
      case "call.delta":
        this.firstAt ??= performance.now();
        this.received += event.text.length;
        return;
      case "call.started":
        this.firstAt ??= performance.now();
        return;
      default:
    }
  }

  /** The end with what it took. */
  end(end: ModelEnd): ModelEnd {
    this.flight.ended();
    if (end.usage !== undefined) {
      this.counted(end.usage);
      return end;
    }
    // A request that never went out, or was refused, has cost nothing.
    const isEmpty = this.received === 0 && end.untold === undefined;
    const isFree = this.requestedAt === undefined || end.refused !== undefined || (end.ending === "failed" && isEmpty);
    return isFree ? end : { ...end, estimated: this.estimate(end.untold) };
  }

  private counted(usage: TokenUsage): void {
    const { radar, source, lane, onSpent } = this.options;
    onSpent?.({ usage, estimated: false });
    const { requestedAt, firstAt } = this;
    if (requestedAt === undefined || firstAt === undefined) return;
    const ms = performance.now() - firstAt;
    const tokens = usage.output - usage.reasoning;
    if (tokens < tellingTokens || ms < tellingMs) return;
    const firstMs = Math.round(firstAt - requestedAt);
    const perSecond = Math.round((tokens * 1000) / ms);
    radar.tellLater({ t: "speed", at: radar.now(), source, lane, firstMs, perSecond });
  }

  private estimate(untold = 0): TokenUsage {
    const input = Math.ceil(this.flight.characters / charactersPerToken);
    const output = Math.ceil(this.received / charactersPerToken) + untold;
    const usage = { input, cachedInput: 0, output, reasoning: 0 };
    this.options.onSpent?.({ usage, estimated: true });
    return usage;
  }

  private remember(windows: Windows): void {
    for (const window of windows) this.flight.before.set(window.name, { window, at: this.options.radar.now() });
  }

  /** What a window of tokens has lost by this request beyond its input was reserved for the answer. */
  private learnReserve(windows: Windows): void {
    const { radar, source } = this.options;
    const { alone, before } = this.flight;
    const at = radar.now();
    for (const window of windows) {
      const seen = before.get(window.name);
      if (!alone) continue;
      if (window.what !== "tokens" || window.left === undefined || !isSameWindow(seen, at)) continue;
      const reserve = (seen?.window.left ?? 0) - window.left - Math.ceil(this.flight.characters / charactersPerToken);
      if (reserve >= tellingReserve) radar.tellLater({ t: "counted", at, source, reserve });
    }
    this.remember(windows);
  }
}

/** It has not been filled again since. */
const isSameWindow = (seen: SeenWindow | undefined, now: number): boolean =>
  seen?.window.resetsAt !== undefined && now < seen.window.resetsAt && now >= seen.at;
