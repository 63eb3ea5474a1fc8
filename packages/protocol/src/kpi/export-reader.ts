/** Checks that a value is an export, and takes from it what an export has: nothing else that somebody wrote into it goes on. Pure. */
import type { Cost } from "../spend.ts";
import type { Ending, TokenUsage } from "../events.ts";
import { type Lane, lanes } from "../lane.ts";
import type { KpiExport, VerdictCount, WorkSpend } from "./report-data.ts";
import { type KpiDimensions, type KpiSample, type MissingReason, kpiNames, missingReasons } from "./sample.ts";
import type { TaskRecord } from "./tasks.ts";
import type { SpanKind, TraceMark, TurnTrace } from "./turn-traces.ts";

/** What is wrong, at its place. Never leaves this file. */
class Wrong extends Error {}

/** The export, or what is wrong with it. */
export function exportReader(value: unknown): KpiExport | string {
  try {
    const top = new Reading(value, "it");
    if (top.text("type") !== "kpi.export") return "its `type` is not `kpi.export`";
    if (top.number("version") !== 1) return "another version of twolane wrote it";
    return {
      ...{ type: "kpi.export", version: 1, from: top.number("from"), to: top.number("to"), sessions: top.number("sessions") },
      samples: top.list("samples").map(sampleOf),
      tasks: top.list("tasks").map(taskOf),
      spend: top.list("spend").map(spendOf),
      verdicts: top.list("verdicts").map(verdictOf),
      turns: top.has("turns") ? top.list("turns").map(turnOf) : [],
    };
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

class Reading {
  private readonly fields: ReadonlyMap<string, unknown>;
  private readonly place: string;

  constructor(value: unknown, place: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Wrong(`${place} is no object`);
    this.fields = new Map(Object.entries(value));
    this.place = place;
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  text(name: string): string {
    const value = this.fields.get(name);
    return typeof value === "string" && value.length <= 200 ? value : this.wrong(name, "a text");
  }

  /** None of an export's numbers is below zero. */
  number(name: string): number {
    const value = this.fields.get(name);
    return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : this.wrong(name, "a number");
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value {
    const text = this.text(name);
    return (
      values.find((value) => value === text) ??
      this.wrong(name, `one of ${values.slice(0, 6).join(", ")}${values.length > 6 ? ", …" : ""}`)
    );
  }

  inside(name: string): Reading {
    return new Reading(this.fields.get(name), `\`${name}\` of ${this.place}`);
  }

  list(name: string): readonly Reading[] {
    const value = this.fields.get(name);
    if (!Array.isArray(value)) return this.wrong(name, "a list");
    return value.map((each: unknown, index) => new Reading(each, `number ${index + 1} of \`${name}\``));
  }

  numbers(name: string): Readonly<Record<string, number>> {
    const inside = this.inside(name);
    return Object.fromEntries([...inside.fields.keys()].map((key) => [key, inside.number(key)]));
  }

  private wrong(name: string, expected: string): never {
    throw new Wrong(`\`${name}\` of ${this.place} is not ${expected}`);
  }
}

const reasons = Object.keys(missingReasons).filter((key): key is MissingReason => key in missingReasons);
const outcomes = ["open", "accepted", "committed", "abandoned", "handed", "answered"] as const;

const workflowOf = (reading: Reading): { readonly workflow?: string } =>
  reading.has("workflow") ? { workflow: reading.text("workflow") } : {};
const laneOf = (reading: Reading): Lane => reading.oneOf("lane", lanes);
const dimensionsOf = (reading: Reading): KpiDimensions => ({
  ...{ lane: laneOf(reading), model: reading.text("model"), repository: reading.text("repository") },
  ...workflowOf(reading),
});

const sampleOf = (reading: Reading): KpiSample => ({
  ...dimensionsOf(reading),
  ...{ kpi: reading.oneOf("kpi", kpiNames), at: reading.number("at") },
  ...(reading.has("value") && { value: reading.number("value") }),
  ...(reading.has("missing") && { missing: reading.oneOf("missing", reasons) }),
  ...(reading.has("parts") && { parts: reading.numbers("parts") }),
  ...(reading.has("of") && { hits: reading.number("hits"), of: reading.number("of") }),
});

const taskOf = (reading: Reading): TaskRecord => ({
  ...dimensionsOf(reading),
  ...{ outcome: reading.oneOf("outcome", outcomes), startedAt: reading.number("startedAt"), endedAt: reading.number("endedAt") },
  ...{ prompts: reading.number("prompts"), steers: reading.number("steers"), takenBack: reading.number("takenBack") },
  ...{ hunks: [], commits: [] },
});

const usageOf = (reading: Reading): TokenUsage => ({
  ...{ input: reading.number("input"), cachedInput: reading.number("cachedInput") },
  ...{ output: reading.number("output"), reasoning: reading.number("reasoning") },
});

const costOf = (reading: Reading): Cost => ({
  ...{ input: reading.number("input"), cachedInput: reading.number("cachedInput"), output: reading.number("output") },
});

const spendOf = (reading: Reading): WorkSpend => ({
  ...{ day: reading.text("day"), lane: laneOf(reading), model: reading.text("model"), project: reading.text("project") },
  ...{ requests: reading.number("requests"), usage: usageOf(reading.inside("usage")), cost: costOf(reading.inside("cost")) },
  ...{ unpriced: reading.number("unpriced"), unpricedTokens: reading.number("unpricedTokens") },
  ...{ estimated: reading.number("estimated"), estimatedDollars: reading.number("estimatedDollars") },
  ...workflowOf(reading),
});

const verdictOf = (reading: Reading): VerdictCount => ({
  ...{ rule: reading.text("rule"), lane: reading.text("lane"), told: reading.number("told") },
  ...{ allowed: reading.number("allowed"), rejected: reading.number("rejected") },
});

const endings = ["completed", "incomplete", "failed", "interrupted", "truncated"] as const satisfies readonly Ending[];
const spanKinds = [
  "input",
  "client",
  "queue",
  "network",
  "model",
  "stream",
  "tool",
  "tests",
  "screen",
] as const satisfies readonly SpanKind[];
const markKinds = ["first-token", "hunk", "stop", "steer", "tests", "end"] as const satisfies readonly TraceMark["kind"][];

const turnOf = (reading: Reading): TurnTrace => ({
  ...dimensionsOf(reading),
  ...{ session: "", turn: "", startedAt: reading.number("startedAt"), ending: reading.oneOf("ending", endings) },
  ...{ tokens: reading.number("tokens") },
  spans: reading.list("spans").map((span) => ({
    ...{ kind: span.oneOf("kind", spanKinds), name: span.text("name"), from: span.number("from"), to: span.number("to") },
  })),
  marks: reading.list("marks").map((mark) => ({ kind: mark.oneOf("kind", markKinds), at: mark.number("at") })),
});
