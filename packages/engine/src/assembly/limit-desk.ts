/**
 * What a session says of limits and of money: budgets that come to their end, a fast lane that is the slower one, each once; and what a
 * person does about a closed limit: try it now, or have what it parked sent when it opens.
 */
import { type Budget, type Command, type EventBody, type Lane, budgetsFor, useOfBudget } from "@twolane/protocol";
import { readModelConfig } from "../models/catalog.ts";
import { spanText } from "../models/limits/budget-text.ts";
import { degraded } from "../models/limits/limits-report.ts";
import { budgetWarning } from "../models/limits/spend-ledger.ts";
import type { SessionCompanion, SessionDoor } from "./companion.ts";
import { type Limits, type OpenedLimits, limitsOf } from "./limits.ts";
import type { LiveParts } from "./live-parts.ts";
import { type Environment, readCatalogInput } from "./place.ts";

interface LimitDeskParts {
  readonly limits: Limits;
  readonly env: Environment;
  readonly lane: Lane;
  /** Real path of the workspace. */
  readonly project: string;
  readonly emit: (event: EventBody) => void;
  readonly send: (command: Command) => void;
  /** Of the source that answers now. */
  readonly source: () => OpenedLimits | undefined;
}

export function openLimitDesk({ parts, emit }: Pick<LiveParts, "parts" | "emit">, door: SessionDoor): SessionCompanion {
  const { workspace, options } = parts;
  const { env, lane = "fast" } = options;
  return new LimitDesk({
    ...{ limits: limitsOf(env), env, lane, project: workspace.root, emit },
    send: door.send,
    source: door.limits,
  });
}

/** How often a limit is looked at whose opening is waited for; ms. */
const lookEvery = 1000;
/** A wait that is shorter is not worth a line; ms. */
const shortWait = 3000;

class LimitDesk implements SessionCompanion {
  private readonly parts: LimitDeskParts;
  private budgets: readonly Budget[] | undefined;
  /** What was said already. */
  private readonly said = new Set<string>();
  /** The last turn came to its end by a limit. */
  private refused = false;
  /** `waits`: for the opening. `runs`: what was cut off goes on, and the queue behind it. */
  private resume: "no" | "waits" | "runs" = "no";
  /** The step of which it was said that it waits. */
  private waitTold: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: LimitDeskParts) {
    this.parts = parts;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "step.ended":
        // Behind what the end of the answer leads to.
        return void setImmediate(() => this.look());
      case "step.delayed":
        return this.tellWait(event);
      case "turn.started":
        if (this.resume === "waits") this.resume = "no";
        return;
      case "turn.ended":
        this.refused = event.failure?.code === "PROVIDER_LIMIT";
        return this.goOn(event.ending === "completed");
      default:
    }
  }

  takes(command: Command): boolean {
    if (command.type === "limit.try") {
      if (this.parts.source()?.session.tryNow() !== true) this.say("LIMIT_TRY", "No request waits for a limit here.");
      return true;
    }
    if (command.type !== "queue.resume" || command.when !== "open") return false;
    this.resume = "waits";
    this.wait();
    return true;
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private say(code: string, message: string): void {
    this.parts.emit({ type: "notice.given", code, message });
  }

  /** Once for each request; a wait that is over at once needs no words. */
  private tellWait({ step, why, until, place, of }: Extract<EventBody, { type: "step.delayed" }>): void {
    const left = until === undefined ? undefined : until - this.parts.limits.radar.now();
    if (step === this.waitTold || (left !== undefined && left < shortWait)) return;
    this.waitTold = step;
    const what = why === "overload" ? "The provider has too much to do" : "The provider's limit is reached";
    const when = left === undefined ? "goes as soon as others are through" : `goes in ${spanText(left / 1000)}`;
    const where = of > 1 ? `, place ${place} of ${of}` : "";
    this.say("LIMIT_WAIT", `${what}; the request waits and ${when}${where}. A stop cancels it, another model takes it over.`);
  }

  private look(): void {
    this.lookAtBudgets();
    if (this.parts.lane === "fast") this.lookAtSpeed();
  }

  private lookAtBudgets(): void {
    const { limits, lane, project } = this.parts;
    const now = limits.radar.now();
    const budgets = budgetsFor(this.configured(), { now, lane, project });
    if (budgets.length === 0) return;
    const rows = [...limits.ledger.rows(now).values()];
    for (const budget of budgets) {
      const use = useOfBudget(budget, rows, now);
      const level = use.used >= use.limit ? "all" : "most";
      const key = `${JSON.stringify(budget)} ${level} ${use.resetsAt}`;
      const text = budgetWarning(use);
      if (text === undefined || this.said.has(key)) continue;
      this.said.add(key);
      this.say(level === "all" ? "BUDGET_REACHED" : "BUDGET_NEAR", text);
    }
  }

  private lookAtSpeed(): void {
    const { limits, source } = this.parts;
    const name = source()?.source;
    if (name === undefined || this.said.has("slow")) return;
    const slow = degraded(limits.radar.current, name, limits.radar.now());
    if (slow === undefined) return;
    this.said.add("slow");
    const [fast, deep] = [Math.round(slow.fast.perSecond), Math.round(slow.deep.perSecond)];
    const message = `The fast lane is slower than the deep one: ${fast} tokens a second, and ${deep} of ${slow.model}. /model takes another.`;
    this.say("LANE_DEGRADED", message);
  }

  private configured(): readonly Budget[] {
    if (this.budgets !== undefined) return this.budgets;
    const config = readModelConfig(readCatalogInput(this.parts.env));
    return (this.budgets = config.ok ? config.value.budgets : []);
  }

  private wait(): void {
    clearTimeout(this.timer);
    if (this.resume !== "waits") return;
    const source = this.parts.source()?.source;
    const closed = source !== undefined && this.parts.limits.radar.ask({ source, need: { input: 0 } }).do === "wait";
    if (closed) return void (this.timer = setTimeout(() => this.wait(), lookEvery).unref());
    this.resume = "runs";
    this.parts.send(this.refused ? { type: "continue" } : { type: "queue.resume" });
  }

  private goOn(completed: boolean): void {
    if (this.resume !== "runs") return;
    this.resume = "no";
    if (completed) this.parts.send({ type: "queue.resume" });
  }
}
