/**
 * A source of tokens whose requests go only when they can succeed: asks the radar before each, waits where it says so, tells it what
 * came of it, and sends again what a limit refused, once for each time that the provider named. Knows no wire; what it says goes the
 * same way as what the model says.
 */
import { type Failure, type LimitRefusal, type RequestDelay, failure } from "@twolane/protocol";
import { shortId } from "../../std/ids.ts";
import type { ModelEnd, ModelEvent, ModelRequest, ModelRun, ModelSession } from "../models.ts";
import { spanText } from "./budget-text.ts";
import { InFlight } from "./in-flight.ts";
import type { LimitedOptions } from "./limited-options.ts";
import { accountOf, holdsTurn, ticketLife } from "./radar.ts";

export interface LimitedSession extends ModelSession {
  /** The request that waits is tried now, before the time that the provider named; once for each closing. False: none waits. */
  tryNow(): boolean;
  /** A request waits here, and nothing of it has been sent. */
  isWaiting(): boolean;
}

/** How often a request that waits looks again, and where it waits long; ms. */
const lookEvery = 100;
const lookSeldom = 1000;
const longWait = 10_000;
const sayAgainAfter = ticketLife / 3;

export function limitSession(source: ModelSession, options: LimitedOptions): LimitedSession {
  const runs = new Set<LimitedRun>();
  const flying = new InFlight(options);
  return {
    model: source.model,
    capabilities: source.capabilities,
    ...(source.unchanged && { unchanged: () => source.unchanged?.() ?? Promise.resolve(false) }),
    prewarm: (request) => source.prewarm(request),
    respond(request, onEvent) {
      const run = new LimitedRun({ inner: source, flying, request, onEvent, onOver: () => runs.delete(run), ...options });
      runs.add(run);
      run.begin();
      return run;
    },
    tryNow: () => [...runs].some((run) => run.tryNow()),
    isWaiting: () => [...runs].some((run) => run.isWaiting),
    close() {
      for (const run of runs) run.stop();
      options.radar.flush();
      return source.close();
    },
  };
}

interface RunOptions extends LimitedOptions {
  readonly inner: ModelSession;
  readonly flying: InFlight;
  readonly request: ModelRequest;
  readonly onEvent: (event: ModelEvent) => void;
  readonly onOver: () => void;
}

class LimitedRun implements ModelRun {
  private readonly options: RunOptions;
  private inner: ModelRun | undefined;
  private over = false;
  private answered = false;
  /** Set while it waits, or goes in its turn. */
  private ticket: string | undefined;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private said: RequestDelay | undefined;
  private saidAt = 0;
  private waitsSince: number | undefined;

  constructor(options: RunOptions) {
    this.options = options;
  }

  begin(): void {
    const blocked = this.options.blocked?.();
    if (blocked === undefined) return this.look();
    if ("code" in blocked) return queueMicrotask(() => this.fail(blocked));
    void blocked.then((reason) => {
      if (this.over) return;
      if (reason === undefined) this.look();
      else this.fail(reason);
    });
  }

  stop(): void {
    if (this.over) return;
    this.stopped = true;
    if (this.inner !== undefined) return this.inner.stop();
    this.close();
    queueMicrotask(() => this.options.onEvent({ kind: "ended", ending: "interrupted" }));
  }

  steer(text: string): boolean {
    return this.inner?.steer(text) ?? false;
  }

  tryNow(): boolean {
    if (!this.isWaiting) return false;
    this.look(true);
    return true;
  }

  get isWaiting(): boolean {
    return !this.over && this.inner === undefined && this.said !== undefined;
  }

  /** Sends it, or waits and looks again. */
  private look(early = false): void {
    if (this.over || this.inner !== undefined) return;
    const { radar, source, flying, request } = this.options;
    const { ticket } = this;
    const admission = radar.ask({ source, early, ...flying.question(request), ...(ticket !== undefined && { ticket }) });
    if (admission.do === "send") return this.send(admission);
    const { delay } = admission;
    if (!this.mayWait(delay)) return queueMicrotask(() => this.fail(this.waitedOut(delay)));
    this.wait(delay);
  }

  private mayWait(delay: RequestDelay): boolean {
    const { radar, patience } = this.options;
    if (delay.why === "payment") return false;
    const waited = this.waitsSince === undefined ? 0 : performance.now() - this.waitsSince;
    const left = delay.until === undefined ? 0 : delay.until - radar.now();
    return waited + left <= patience;
  }

  private wait(delay: RequestDelay): void {
    const { radar, source } = this.options;
    this.waitsSince ??= performance.now();
    const at = radar.now();
    this.ticket ??= shortId();
    if (Math.abs(at - this.saidAt) > sayAgainAfter) {
      this.saidAt = at;
      radar.tell({ t: "wait", at, source, ticket: this.ticket, owner: radar.owner });
    }
    if (!isSame(this.said, delay)) {
      this.said = delay;
      queueMicrotask(() => void (this.over || this.inner !== undefined || this.options.onEvent({ kind: "delayed", delay })));
    }
    const left = delay.until === undefined ? lookEvery : Math.max(1, delay.until - at);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), Math.min(left, left > longWait ? lookSeldom : lookEvery));
  }

  private send({ first, early }: { readonly first: boolean; readonly early: boolean }): void {
    const { inner, request, flying } = this.options;
    if ((first || this.ticket !== undefined) && !this.takesTurn(early)) return this.wait({ why: "order", place: 1, of: 1 });
    clearTimeout(this.timer);
    this.said = undefined;
    this.answered = false;
    const flight = flying.begin(request);
    this.inner = inner.respond(request, (event) => {
      if (event.kind === "ended") return this.end(flight.end(event));
      flight.observe(event);
      this.take(event);
    });
  }

  /** Two that look at once both want to go; the one whose line stands first in the log goes. */
  private takesTurn(early: boolean): boolean {
    const { radar, source } = this.options;
    const ticket = (this.ticket ??= shortId());
    radar.tell({ t: "go", at: radar.now(), source, ticket, owner: radar.owner, ...(early && { early: true as const }) });
    if (holdsTurn(radar.current, { source, ticket, now: radar.now(), isAlive: (owner) => radar.isAlive(owner) })) return true;
    this.saidAt = 0;
    return false;
  }

  private take(event: Exclude<ModelEvent, ModelEnd>): void {
    if (this.over) return;
    const { radar, source } = this.options;
    switch (event.kind) {
      case "limits":
        radar.tellLeft(source, event.windows);
        break;
      case "started":
        this.opened();
        break;
      case "text":
      case "reasoning":
      case "call.started":
      case "item":
        this.answered = true;
        break;
      default:
    }
    this.options.onEvent(event);
  }

  /** The provider has begun with it: others may follow. */
  private opened(): void {
    const { radar, source } = this.options;
    const state = radar.current;
    const isClosed = state.get(source)?.closed !== undefined || state.get(accountOf(source))?.closed !== undefined;
    if (isClosed) radar.tell({ t: "open", at: radar.now(), source });
    this.leaveQueue();
  }

  private leaveQueue(): void {
    const { radar, source } = this.options;
    if (this.ticket !== undefined) radar.tell({ t: "gone", at: radar.now(), source, ticket: this.ticket });
    this.ticket = undefined;
  }

  private end(end: ModelEnd): void {
    if (this.over) return;
    this.inner = undefined;
    const { refused } = end;
    if (refused !== undefined) this.refused(refused, end);
    else this.finish(end);
  }

  private refused(refused: LimitRefusal, end: ModelEnd): void {
    const { radar, source } = this.options;
    const { why, resetsAt } = refused;
    radar.tell({ t: "closed", at: radar.now(), source, why, ...(resetsAt !== undefined && { until: resetsAt }) });
    if (this.answered || this.stopped) return this.finish(end);
    const { ticket } = this;
    const admission = radar.ask({
      ...{ source, ...this.options.flying.question(this.options.request) },
      ...(ticket !== undefined && { ticket }),
    });
    if (admission.do === "wait" && !this.mayWait(admission.delay)) return this.finish(end);
    this.look();
  }

  private finish(end: ModelEnd): void {
    this.close();
    this.options.onEvent(end);
  }

  private fail(reason: Failure): void {
    if (this.over) return;
    this.finish({ kind: "ended", ending: "failed", failure: reason });
  }

  private close(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.leaveQueue();
    this.options.onOver();
  }

  private waitedOut({ why, until }: RequestDelay): Failure {
    const { provider, radar } = this.options;
    if (why === "payment")
      return failure(
        "PROVIDER_LIMIT",
        `${provider} wants payment; the request was not sent.`,
        "Check plan and credit at the provider.",
      );
    const seconds = until === undefined ? undefined : (until - radar.now()) / 1000;
    const time = seconds === undefined ? "when others are through" : `in ${spanText(seconds)}`;
    return failure(
      "PROVIDER_LIMIT",
      `The limit of ${provider} is reached; the request was not sent.`,
      `It opens ${time}; wait, or use another model (\`twolane limits\`).`,
    );
  }
}

/** So that a place is not said again for a second more or less. */
const isSame = (one: RequestDelay | undefined, other: RequestDelay): boolean =>
  one !== undefined &&
  one.why === other.why &&
  one.place === other.place &&
  one.of === other.of &&
  Math.abs((one.until ?? 0) - (other.until ?? 0)) < 1500;
