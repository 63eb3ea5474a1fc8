/** What is counted and measured, since the process began: from finished spans, from events, and from the folds of the KPIs. */
import type { TwolaneEvent } from "@twolane/protocol";
import { type KpiName, type KpiSample, SessionKpis } from "@twolane/protocol/kpis";
import { type MetricForm, type MetricName, attr, metric, metricForms, modelNames } from "./names.ts";
import type { Attributes, FinishedSpan } from "./span-fold.ts";

/** All values of a metric that have the same attributes. */
export interface MetricPoint {
  readonly attributes: Attributes;
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Of a histogram: one more than bounds. */
  readonly buckets: number[];
}

export interface MetricSeries {
  readonly name: MetricName;
  readonly form: MetricForm;
  readonly points: readonly MetricPoint[];
}

const ofKpi: Readonly<Partial<Record<KpiName, MetricName>>> = {
  ...{ "first-token": metric.firstTokenTime, "first-hunk": metric.firstHunkTime },
  ...{ stop: metric.stopTime, steer: metric.steerTime, correction: metric.correctionTime },
};
const hunkCounts: Readonly<Partial<Record<TwolaneEvent["type"], MetricName>>> = {
  ...{ "hunk.landed": metric.landed, "hunk.accepted": metric.accepted, "hunk.rejected": metric.rejected },
};
const usage = [
  [attr.inputTokens, metric.inputUsed],
  [attr.outputTokens, metric.outputUsed],
  [attr.cacheRead, metric.cacheReadUsed],
  [attr.cacheWrite, metric.cacheWriteUsed],
  [attr.reasoning, metric.reasoningUsed],
] as const;
const chatKeys = [
  ...[attr.operation, attr.provider, attr.requestModel, attr.responseModel, attr.serverAddress, attr.serverPort],
  ...[attr.errorType, attr.lane],
];

export class Meter {
  private readonly series = new SeriesTable();
  private readonly kpis = new SessionKpis();

  take(event: TwolaneEvent): void {
    this.kpis.take(event);
    const name = hunkCounts[event.type];
    if (name === undefined || (event.type === "hunk.landed" && event.dryRun)) return;
    this.series.add(name, 1, { [attr.lane]: event.lane });
  }

  takeSpan(span: FinishedSpan): void {
    const seconds = (span.to - span.from) / 1000;
    const { attributes } = span;
    switch (span.kind) {
      case "chat":
        return this.takeChat(attributes, seconds);
      case "invoke_agent": {
        const few = pick(attributes, [attr.operation, attr.agent, attr.errorType, attr.lane]);
        this.series.add(metric.agentDuration, seconds, few);
        this.series.add(metric.agentInferences, span.steps ?? 0, few);
        return this.series.add(metric.agentTools, span.calls ?? 0, few);
      }
      case "invoke_workflow":
        return this.series.add(
          metric.workflowDuration,
          seconds,
          pick(attributes, [attr.operation, attr.workflow, attr.errorType, attr.lane]),
        );
      case "execute_tool":
        return this.series.add(
          metric.toolDuration,
          seconds,
          pick(attributes, [attr.operation, attr.tool, attr.errorType, attr.lane]),
        );
    }
  }

  /** `now`: ms since 1970. */
  collect(now: number): readonly MetricSeries[] {
    const kpis = new SeriesTable();
    for (const { kpi, value, ...dimensions } of this.kpis.samples(now)) {
      const name = ofKpi[kpi];
      if (name !== undefined && value !== undefined) kpis.add(name, value / 1000, dimensionsOf(dimensions));
    }
    return [...this.series.all(), ...kpis.all()];
  }

  private takeChat(attributes: Attributes, seconds: number): void {
    const all = pick(attributes, chatKeys);
    const { [attr.errorType]: _, ...used } = all;
    this.series.add(metric.chatDuration, seconds, all);
    const first = attributes[attr.firstChunk];
    if (typeof first === "number") this.series.add(metric.firstChunk, first, used);
    for (const [key, name] of usage) {
      const value = attributes[key];
      // Of which kind the tokens are no provider says here.
      if (typeof value === "number") this.series.add(name, value, { ...used, [attr.modality]: "unknown" });
    }
    const [input, output] = [attributes[attr.inputTokens], attributes[attr.outputTokens]];
    if (typeof input === "number") this.series.add(metric.inputTokens, input, used);
    if (typeof output === "number") this.series.add(metric.outputTokens, output, used);
  }
}

class SeriesTable {
  private readonly points = new Map<MetricName, Map<string, MetricPoint>>();

  add(name: MetricName, value: number, attributes: Attributes): void {
    const { bounds = [] } = metricForms[name];
    const points = this.points.get(name) ?? new Map<string, MetricPoint>();
    this.points.set(name, points);
    const key = JSON.stringify(attributes);
    const empty = {
      attributes,
      count: 0,
      sum: 0,
      min: Infinity,
      max: -Infinity,
      buckets: Array<number>(bounds.length + 1).fill(0),
    };
    const point = points.get(key) ?? empty;
    points.set(key, point);
    point.count++;
    point.sum += value;
    point.min = Math.min(point.min, value);
    point.max = Math.max(point.max, value);
    const bucket = bounds.findIndex((bound) => value <= bound);
    const at = bucket < 0 ? bounds.length : bucket;
    point.buckets[at] = (point.buckets[at] ?? 0) + 1;
  }

  all(): readonly MetricSeries[] {
    return [...this.points].map(([name, points]) => ({ name, form: metricForms[name], points: [...points.values()] }));
  }
}

const pick = (attributes: Attributes, keys: readonly string[]): Attributes =>
  Object.fromEntries(keys.flatMap((key) => (attributes[key] === undefined ? [] : [[key, attributes[key]]])));

function dimensionsOf({ lane, model }: Pick<KpiSample, "lane" | "model">): Attributes {
  const names = modelNames(model);
  return { ...(names && { [attr.provider]: names.provider, [attr.requestModel]: names.name }), [attr.lane]: lane };
}
