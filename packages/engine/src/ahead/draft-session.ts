/**
 * A source of tokens that can be asked before Enter: what comes of the draft is kept in memory, and the request that asks for exactly the
 * same takes it over, finished or still running. For everything else it is the source itself. Runs no tool and lands nothing.
 */
import { isDeepStrictEqual } from "node:util";
import type { ModelEvent, ModelRequest, ModelRun, ModelSession } from "../models/models.ts";

/** What became of a draft. `tokens`: read and written for nothing; 0 for one that was used. */
export interface DraftOutcome {
  readonly used: boolean;
  readonly tokens: number;
}

export interface DraftSession extends ModelSession {
  /** In the place of an earlier draft, which is thrown away. `onEvent` hears of it until it is taken over or thrown away. */
  draft(request: ModelRequest, onEvent: (event: ModelEvent) => void): void;
  throwAway(): void;
}

/** Characters that are kept of one draft; of more nothing is kept. */
const keptLimit = 4 * 1024 * 1024;

export function createDraftSession(source: ModelSession, onOutcome: (outcome: DraftOutcome) => void): DraftSession {
  let current: Draft | undefined;
  const throwAway = (): void => {
    current?.leave();
    current = undefined;
  };
  return {
    model: source.model,
    capabilities: source.capabilities,
    prewarm: (request) => source.prewarm(request),
    ...(source.unchanged && { unchanged: () => source.unchanged?.() ?? Promise.resolve(false) }),
    close: () => {
      throwAway();
      return source.close();
    },
    throwAway,
    draft(request, onEvent) {
      throwAway();
      const draft = new Draft(source, { request, onOutcome, onEvent, onFull: () => void (current === draft && throwAway()) });
      current = draft;
    },
    respond(request, onEvent) {
      const draft = current;
      current = undefined;
      if (draft?.answers(request) === true) return new Adoption(source, { draft, request, onEvent });
      draft?.leave();
      return source.respond(request, onEvent);
    },
  };
}

type Ended = Extract<ModelEvent, { kind: "ended" }>;

interface DraftOptions {
  readonly request: ModelRequest;
  readonly onOutcome: (outcome: DraftOutcome) => void;
  readonly onEvent: (event: ModelEvent) => void;
  readonly onFull: () => void;
}

/** One answer that nobody has asked for yet. */
class Draft {
  readonly run: ModelRun;
  readonly ended: Promise<void>;
  private readonly source: ModelSession;
  private readonly options: DraftOptions;
  private events: ModelEvent[] = [];
  private end: Ended | undefined;
  private sink: ((event: ModelEvent) => void) | undefined;
  private state: "kept" | "used" | "left" = "kept";
  private settle = (): void => {};
  private sent = 0;
  private received = 0;

  constructor(source: ModelSession, options: DraftOptions) {
    this.source = source;
    this.options = options;
    this.ended = new Promise((resolve) => void (this.settle = resolve));
    this.run = source.respond({ ...options.request, draft: true }, (event) => this.take(event));
  }

  /** True where it is the answer to this; one that failed is asked for again. */
  answers(request: ModelRequest): boolean {
    const isBroken = this.end !== undefined && this.end.ending !== "completed" && this.end.ending !== "incomplete";
    return !isBroken && isSame(this.options.request, request);
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** What has come until now, and from now on what comes. */
  pour(sink: (event: ModelEvent) => void): void {
    this.sink = sink;
    for (const event of this.events.splice(0)) sink(event);
  }

  use(): void {
    this.state = "used";
    this.options.onOutcome({ used: true, tokens: 0 });
  }

  leave(): void {
    if (this.state === "left") return;
    this.state = "left";
    this.events = [];
    if (this.isOver) return this.tellWaste();
    // A plan from files on this machine is given up for the next one; to stop it would cost what is known of the files.
    if (this.source.unchanged === undefined) this.run.stop();
    else this.options.onOutcome({ used: false, tokens: 0 });
  }

  private take(event: ModelEvent): void {
    this.count(event);
    if (event.kind === "ended") {
      this.end = event;
      this.settle();
    }
    if (this.state === "left")
      return event.kind === "ended" && this.source.unchanged === undefined ? this.tellWaste() : undefined;
    if (this.sink !== undefined) return this.sink(event);
    this.events.push(event);
    if (this.state === "kept") this.options.onEvent(event);
    if (this.received > keptLimit) this.options.onFull();
  }

  private count(event: ModelEvent): void {
    if (event.kind === "requested") this.sent += event.bytesSent;
    if (event.kind === "text" || event.kind === "reasoning" || event.kind === "call.delta") this.received += event.text.length;
  }

  private tellWaste(): void {
    const usage = this.end?.usage;
    // Of an answer that was cut off, not every provider tells the usage; four characters are about a token.
    const tokens = usage === undefined ? Math.ceil((this.sent + this.received) / 4) : usage.input + usage.output;
    this.options.onOutcome({ used: false, tokens });
  }
}

interface AdoptionOptions {
  readonly draft: Draft;
  readonly request: ModelRequest;
  readonly onEvent: (event: ModelEvent) => void;
}

/** The draft as the running answer, or a new answer where it does not hold any more. */
class Adoption implements ModelRun {
  private readonly source: ModelSession;
  private readonly options: AdoptionOptions;
  /** What runs, once it is known. */
  private run: ModelRun | undefined;
  private stopped = false;
  private over = false;

  constructor(source: ModelSession, options: AdoptionOptions) {
    this.source = source;
    this.options = options;
    if (source.unchanged === undefined) queueMicrotask(() => this.take());
    else void this.takeIfUnchanged(() => source.unchanged?.() ?? Promise.resolve(false));
  }

  stop(): void {
    if (this.stopped || this.over) return;
    this.stopped = true;
    const { draft } = this.options;
    if (this.run !== undefined && !(this.run === draft.run && draft.isOver)) return this.run.stop();
    if (!draft.isOver) draft.run.stop();
    queueMicrotask(() => this.emit({ kind: "ended", ending: "interrupted" }));
  }

  steer(text: string): boolean {
    return !this.stopped && !this.over && (this.run?.steer(text) ?? false);
  }

  private async takeIfUnchanged(unchanged: () => Promise<boolean>): Promise<void> {
    const { draft, request } = this.options;
    await draft.ended;
    const holds = draft.answers(request) && (await unchanged());
    if (this.stopped) return draft.leave();
    if (holds) return this.take();
    draft.leave();
    this.run = this.source.respond(request, (event) => this.emit(event));
  }

  private take(): void {
    const { draft } = this.options;
    if (this.stopped) return draft.leave();
    draft.use();
    this.run = draft.run;
    draft.pour((event) => this.emit(event.kind === "requested" ? { ...event, ahead: true } : event));
  }

  private emit(event: ModelEvent): void {
    if (this.over || (this.stopped && event.kind !== "ended")) return;
    if (event.kind === "ended") this.over = true;
    this.options.onEvent(event);
  }
}

/** The same conversation, to its last word: what was said before are the same objects. */
function isSame(one: ModelRequest, other: ModelRequest): boolean {
  if (one.items.length !== other.items.length || one.maxOutputTokens !== other.maxOutputTokens) return false;
  const items = one.items.every((item, at) => item === other.items[at] || isDeepStrictEqual(item, other.items[at]));
  return items && isDeepStrictEqual(one.tools, other.tools);
}
