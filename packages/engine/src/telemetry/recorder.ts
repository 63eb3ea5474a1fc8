/** Events in, payloads of OTLP out, as often as somebody asks. Spans are given once and taken back where they did not get through. */
import type { TwolaneEvent } from "@twolane/protocol";
import { Meter } from "./meter.ts";
import { type Origin, encodeMetrics, encodeSpans } from "./otlp.ts";
import { type FinishedSpan, SpanFold, type SpanOptions } from "./span-fold.ts";

export interface RecorderOptions extends Omit<SpanOptions, "onSpan"> {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly origin: Origin;
}

export interface Batch {
  readonly traces?: string;
  readonly metrics?: string;
  /** The spans did not arrive, and may later. */
  readonly giveBack: () => void;
}

/** The oldest ones are dropped. */
const mostSpans = 2048;

export class Recorder {
  private readonly options: RecorderOptions;
  private readonly fold: SpanFold;
  private readonly meter = new Meter();
  private spans: FinishedSpan[] = [];
  private begun: number | undefined;
  private isNew = false;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.fold = new SpanFold({
      ...options,
      onSpan: (span) => {
        if (options.traces) this.spans.push(span);
        this.meter.takeSpan(span);
      },
    });
  }

  take(event: TwolaneEvent): void {
    this.begun ??= event.at;
    this.isNew = true;
    this.fold.take(event);
    this.meter.take(event);
  }

  /** `now`: ms since 1970. `isLast`: what is open ends here. */
  collect(now: number, isLast: boolean): Batch {
    if (isLast) this.fold.end(now);
    const { origin, metrics } = this.options;
    const spans = this.spans.slice(-mostSpans);
    this.spans = [];
    const series = metrics && this.isNew ? this.meter.collect(now) : [];
    this.isNew = false;
    const from = this.begun ?? now;
    return {
      ...(spans.length > 0 && { traces: encodeSpans(spans, origin) }),
      ...(series.length > 0 && { metrics: encodeMetrics(series, { ...origin, from, to: now }) }),
      giveBack: () => void (this.spans = [...spans, ...this.spans]),
    };
  }
}
