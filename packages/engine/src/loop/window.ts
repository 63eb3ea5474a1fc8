/**
 * The model's window: how full it is, that no request goes out which cannot fit, and that what is too much becomes shorter before anybody
 * waits for it. Between two requests a summary that was prepared meanwhile takes its place; where none is ready, rules shorten at once.
 */
import { type EventBody, type Failure, type ModelCapabilities, failure } from "@twolane/protocol";
import { shortened } from "../context/compaction.ts";
import { type TokenRatio, calibrated, itemTokens, sumTokens, textTokens } from "../context/tokens.ts";
import type { ModelEvent, ModelRequest, ModelRun, ModelSession, ToolDefinition } from "../models/models.ts";
import { BackgroundSummary, type SummaryDeps } from "./background-summary.ts";
import type { Conversation } from "./conversation.ts";

export interface WindowDeps {
  readonly conversation: Conversation;
  readonly emit: (event: EventBody) => void;
  /** Absent: only rules shorten. */
  readonly summary?: SummaryDeps;
  /** What was learned of models in an earlier process. */
  readonly ratios?: ReadonlyMap<string, TokenRatio>;
}

/** In true tokens, as far as is known. */
export interface WindowLimits {
  readonly window: number;
  /** Kept free for the answer. */
  readonly usable: number;
  /** From here on a summary is prepared; */
  readonly prepareAt: number;
  /** from here on it takes its place. */
  readonly swapAt: number;
}

/** Sources without a window of their own: what is asked of them is never counted. */
const unlimited = 20_000_000;
const answerAtMost = 16_384;
/** What is left between the beginning of a summary and its end, for the answers that come meanwhile. */
const headroomAtMost = 48_000;
/** Rules leave so much of what is usable, so that they are not needed again at once. */
const left = 0.5;

function limitsOf(contextWindow: number): WindowLimits | undefined {
  if (contextWindow <= 0 || contextWindow > unlimited) return undefined;
  const usable = contextWindow - Math.min(answerAtMost, Math.floor(contextWindow / 8));
  const headroom = Math.min(headroomAtMost, Math.floor(usable / 4));
  return { window: contextWindow, usable, prepareAt: usable - headroom, swapAt: usable - Math.floor(headroom / 3) };
}

interface Asked extends Omit<ModelRequest, "items"> {
  readonly model: ModelSession;
}

export class ContextWindow {
  private readonly deps: WindowDeps;
  private readonly summary: BackgroundSummary | undefined;
  private readonly ratios: Map<string, TokenRatio>;
  /** Smaller windows than were declared, as refusals have shown. */
  private readonly learned = new Map<string, number>();
  private readonly toolSizes = new WeakMap<ToolDefinition, number>();
  private version = -1;
  private counted = 0;
  private said = 0;
  /** Below this size nothing is asked for again. */
  private askAgainAt = 0;
  private toldTenth = 0;
  /** Of the last answer. */
  cached = 0;

  constructor(deps: WindowDeps) {
    this.deps = deps;
    this.ratios = new Map(deps.ratios);
    this.summary = deps.summary && new BackgroundSummary(deps.conversation, deps.summary);
  }

  ratio(model: string): TokenRatio {
    return this.ratios.get(model) ?? 1;
  }

  limits({
    model,
    capabilities,
  }: {
    readonly model: string;
    readonly capabilities: ModelCapabilities;
  }): WindowLimits | undefined {
    return limitsOf(Math.min(capabilities.contextWindow, this.learned.get(model) ?? Infinity));
  }

  /** Guessed tokens of what would go now. */
  guessed(tools: readonly ToolDefinition[]): number {
    const { list, version } = this.deps.conversation.sent;
    if (version !== this.version || list.length < this.counted) [this.version, this.counted, this.said] = [version, 0, 0];
    for (; this.counted < list.length; this.counted++) this.said += itemTokens(list[this.counted]!);
    return this.said + this.toolTokens(tools);
  }

  /** Asks the model, with what fits; where it says that it was too much, once more with less. */
  respond({ model, ...request }: Asked, onEvent: (event: ModelEvent) => void): ModelRun {
    const { tools } = request;
    const full = this.makeRoom(model, tools);
    if (full !== undefined) return refusal(full, onEvent);
    return new FittedRun({
      ask: (hear) => this.ask({ model, ...request }, hear),
      again: () => this.lessThan(model, tools),
      onEvent,
    });
  }

  /** Nothing prepared is of use any more: another model answers, or the session ends. */
  drop(): void {
    this.summary?.drop();
    this.askAgainAt = 0;
  }

  private ask({ model, ...request }: Asked, onEvent: (event: ModelEvent) => void): ModelRun {
    const { tools } = request;
    const guessed = this.guessed(tools);
    const run = model.respond({ items: this.deps.conversation.sent.list, ...request } satisfies ModelRequest, (event) => {
      if (event.kind === "ended" && event.usage !== undefined) {
        this.ratios.set(model.model, calibrated(this.ratio(model.model), guessed, event.usage));
        this.cached = event.usage.cachedInput;
        this.tell(model, guessed);
      }
      onEvent(event);
    });
    this.prepareSoon(model, tools, guessed);
    return run;
  }

  /** Behind the request, which is on its way. */
  private prepareSoon(model: ModelSession, tools: readonly ToolDefinition[], guessed: number): void {
    const limits = this.limits(model);
    const { summary } = this;
    if (limits === undefined || summary === undefined || summary.isBusy) return;
    const ratio = this.ratio(model.model);
    if (guessed * ratio < Math.max(limits.prepareAt, this.askAgainAt)) return;
    // A summary that fails is not asked for with every request.
    this.askAgainAt = guessed * ratio + (limits.usable - limits.prepareAt) / 3;
    const part = limits.usable / ratio;
    setImmediate(() => summary.begin(tools, { tail: part * 0.15, files: part * 0.15, words: part * 0.15 }));
  }

  private makeRoom(model: ModelSession, tools: readonly ToolDefinition[]): Failure | undefined {
    const limits = this.limits(model);
    if (limits === undefined) return undefined;
    const ratio = this.ratio(model.model);
    let now = this.guessed(tools) * ratio;
    if (now < limits.swapAt) return undefined;
    if (this.takeSummary(model, tools)) now = this.guessed(tools) * ratio;
    if (now <= limits.usable) return undefined;
    this.shorten(model, tools, limits.usable);
    now = this.guessed(tools) * ratio;
    if (now <= limits.window - Math.min(1024, limits.window / 32)) return undefined;
    const needs = Math.round(now).toLocaleString("en");
    return failure("CONTEXT_FULL", `What has to be said (${needs} tokens) does not fit ${model.model}; nothing was sent.`);
  }

  private takeSummary(model: ModelSession, tools: readonly ToolDefinition[]): boolean {
    const { summary, deps } = this;
    if (summary?.isReady !== true) return false;
    const before = this.guessed(tools);
    const taken = summary.take();
    this.askAgainAt = 0;
    if (taken === undefined || sumTokens(taken.items) >= 0.8 * before) return false;
    deps.conversation.shorten({ by: taken.by, head: taken.items, ...(taken.by === "provider" && { model: model.model }) });
    this.tellCompacted(model, { by: taken.by, before, tools, ...(taken.usage && { usage: taken.usage }) });
    return true;
  }

  /** By rules, to half of `usable` true tokens. */
  private shorten(model: ModelSession, tools: readonly ToolDefinition[], usable: number): void {
    const { conversation } = this.deps;
    const before = this.guessed(tools);
    conversation.openUp();
    const { list } = conversation.sent;
    const fixed = sumTokens(list.slice(0, conversation.pinned)) + this.toolTokens(tools);
    const part = usable / this.ratio(model.model);
    const items = list.slice(conversation.pinned);
    const room = { target: Math.max(200, part * left - fixed), tail: part * 0.2, files: part * 0.2 };
    const shorter = shortened(items, room);
    if (shorter.every((item, at) => item === items[at]) && shorter.length === items.length) return;
    conversation.shorten({ by: "rules", head: shorter });
    this.tellCompacted(model, { by: "rules", before, tools });
  }

  /** After a refusal: what was sent was too much, whatever was declared. False where it cannot be less. */
  private lessThan(model: ModelSession, tools: readonly ToolDefinition[]): boolean {
    const before = this.guessed(tools);
    const refused = before * this.ratio(model.model);
    this.learned.set(model.model, Math.floor(Math.min(refused * 0.9, this.learned.get(model.model) ?? Infinity)));
    this.shorten(model, tools, refused * 0.9);
    return this.guessed(tools) < before * 0.95;
  }

  private tellCompacted(
    { model }: ModelSession,
    {
      by,
      before,
      tools,
      usage,
    }: Pick<Extract<EventBody, { type: "context.compacted" }>, "by" | "before" | "usage"> & {
      readonly tools: readonly ToolDefinition[];
    },
  ): void {
    const ratio = this.ratio(model);
    const after = Math.round(this.guessed(tools) * ratio);
    this.toldTenth = 0;
    this.deps.emit({ type: "context.compacted", by, before: Math.round(before * ratio), after, ...(usage && { usage }) });
  }

  /** At every tenth of the window that is filled. */
  private tell(model: ModelSession, guessed: number): void {
    const limits = this.limits(model);
    const ratio = this.ratio(model.model);
    if (limits === undefined) return;
    const tenth = Math.floor((guessed * ratio * 10) / limits.window);
    if (tenth <= this.toldTenth) return;
    this.toldTenth = tenth;
    const tokens = Math.round(guessed * ratio);
    this.deps.emit({
      type: "context.filled",
      model: model.model,
      tokens,
      window: limits.window,
      ratio: Number(ratio.toFixed(3)),
    });
  }

  toolTokens(tools: readonly ToolDefinition[]): number {
    return tools.reduce((sum, tool) => {
      const size = this.toolSizes.get(tool) ?? textTokens(JSON.stringify(tool));
      this.toolSizes.set(tool, size);
      return sum + size;
    }, 0);
  }
}

/** Items that are said to nobody: the answer is that it cannot be asked. */
function refusal(full: Failure, onEvent: (event: ModelEvent) => void): ModelRun {
  let stopped = false;
  const end = (): void =>
    onEvent({ kind: "ended", ...(stopped ? { ending: "interrupted" } : { ending: "failed", failure: full }) });
  queueMicrotask(end);
  return { stop: () => void (stopped = true), steer: () => false };
}

interface FittedOptions {
  readonly ask: (onEvent: (event: ModelEvent) => void) => ModelRun;
  /** Makes it shorter; false where that is not possible. */
  readonly again: () => boolean;
  readonly onEvent: (event: ModelEvent) => void;
}

/** An answer that is asked for once more where the first request was too long. */
class FittedRun implements ModelRun {
  private readonly options: FittedOptions;
  private run: ModelRun;
  private answered = false;
  private repeated = false;
  private stopped = false;

  constructor(options: FittedOptions) {
    this.options = options;
    this.run = options.ask((event) => this.hear(event));
  }

  stop(): void {
    this.stopped = true;
    this.run.stop();
  }

  steer(text: string): boolean {
    return this.run.steer(text);
  }

  private hear(event: ModelEvent): void {
    const isFull = event.kind === "ended" && event.failure?.code === "CONTEXT_FULL";
    if (isFull && !this.answered && !this.repeated && !this.stopped && this.options.again()) return this.repeat();
    if (event.kind === "text" || event.kind === "item" || event.kind === "call.started") this.answered = true;
    this.options.onEvent(event);
  }

  /** Whoever answered has to be done with it first. */
  private repeat(): void {
    this.repeated = true;
    queueMicrotask(() => {
      if (this.stopped) return this.options.onEvent({ kind: "ended", ending: "interrupted" });
      this.run = this.options.ask((event) => this.hear(event));
    });
  }
}
