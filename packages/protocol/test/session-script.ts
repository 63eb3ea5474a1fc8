/** Writes the events of a made-up session at chosen times, so that what its KPIs must be is known. Both clocks run in ms. */
import type { Ending, EventBody, Hunk, HunkId, JobId, TurnId, TwolaneEvent } from "@twolane/protocol";
import {
  type CommitFound,
  type JobKnown,
  type KpiFigure,
  type KpiName,
  type KpiSample,
  SessionKpis,
  type TaskRecord,
  figureOf,
  kpiDefinitions,
} from "@twolane/protocol/kpis";

export const dayMs = 24 * 3600_000;
const opening = { workspace: "/shop", model: "acme/quick", version: "0" };

interface HunkWishes {
  readonly path?: string;
  readonly lines?: number;
  readonly job?: JobId;
  readonly dryRun?: boolean;
}

export class SessionScript {
  readonly events: (TwolaneEvent | CommitFound)[] = [];
  wall = Date.UTC(2026, 0, 7, 12);
  mono = 1000;
  private lastTurn = 0;
  private lastStep = 0;
  private lastHunk = 0;
  /** What the logs of jobs say. */
  jobs: readonly JobKnown[] = [];
  private readonly hunks = new Map<HunkId, Hunk>();

  constructor(model = opening.model) {
    this.say({ type: "session.started", ...opening, model });
  }

  say(...bodies: readonly EventBody[]): this {
    const stamp = { at: this.wall, mono: this.mono, lane: "fast", session: "s1" } as const;
    this.events.push(...bodies.map((body) => ({ ...body, ...stamp })));
    return this;
  }

  after(ms: number): this {
    this.wall += ms;
    this.mono += ms;
    return this;
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): this {
    this.wall += ms;
    return this;
  }

  /** The process is gone, and another has the session: its monotonic clock begins anew. */
  resume(ms = 60_000): this {
    this.wall += ms;
    this.mono = 7;
    return this.say({ type: "session.resumed", ...opening });
  }

  get turn(): TurnId {
    return `t${this.lastTurn}`;
  }

  /** `key`: so many ms before it the key was pressed. */
  prompt(text = "make it so", key?: number): this {
    this.lastTurn++;
    this.say({ type: "turn.started", turn: this.turn, prompt: text });
    return key === undefined ? this : this.key("prompt", key);
  }

  key(what: "prompt" | "steer" | "stop", ms: number): this {
    return this.say({ type: "key.pressed", turn: this.turn, for: what, pressedAt: this.mono - ms });
  }

  request(more: { readonly ahead?: true } = {}): this {
    const step = ++this.lastStep;
    return this.say({ type: "step.requested", step, bytesSent: 100, transport: "websocket", continued: false, ...more });
  }

  /** The provider's first word after `network` ms, the first visible output after `model` more. */
  answer(network = 20, model = 100, name = "quick-1"): this {
    const step = this.lastStep;
    this.after(network).say({ type: "step.started", step, model: name });
    return this.after(model).say({ type: "step.answered", step });
  }

  shown(ms: number): this {
    return this.say({ type: "output.shown", turn: this.turn, shownAt: this.mono + ms });
  }

  stepEnds(ending: Ending = "completed"): this {
    const usage = { input: 100, cachedInput: 0, output: 50, reasoning: 0 };
    return this.say({ type: "step.ended", step: this.lastStep, ending, usage });
  }

  end(ending: Ending = "completed"): this {
    return this.say({ type: "turn.ended", turn: this.turn, ending });
  }

  private hunk({ path = "src/a.ts", lines = 10, job }: HunkWishes): Hunk {
    const id = `h${++this.lastHunk}`;
    const place = { path, line: 1, operation: "update" } as const;
    const hunk: Hunk = { id, turn: this.turn, ...place, linesAdded: lines, linesRemoved: 0, ...(job !== undefined && { job }) };
    this.hunks.set(id, hunk);
    return hunk;
  }

  land(wishes: HunkWishes = {}): HunkId {
    const hunk = this.hunk(wishes);
    this.say({ type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: wishes.dryRun === true });
    return hunk.id;
  }

  landAgain(id: HunkId): this {
    return this.say({ type: "hunk.landed", hunk: this.hunks.get(id)!, rung: "exact", merged: false, dryRun: false });
  }

  hold(wishes: HunkWishes = {}, rule = "task"): HunkId {
    const hunk = this.hunk(wishes);
    this.say({ type: "hunk.held", hunk, verdict: { decision: "hold", rule, reason: "no", wayOut: "yes" } });
    return hunk.id;
  }

  fail(wishes: HunkWishes = {}): HunkId {
    const hunk = this.hunk(wishes);
    this.say({ type: "hunk.failed", hunk, failure: { code: "HUNK_MISSING", message: "m", cure: "c" }, candidates: [] });
    return hunk.id;
  }

  accept(...ids: readonly HunkId[]): this {
    return this.say(...ids.map((hunk) => ({ type: "hunk.accepted", hunk, by: "person" }) as const));
  }

  undo(...ids: readonly HunkId[]): this {
    return this.say(...ids.map((hunk) => ({ type: "hunk.undone", hunk, path: this.hunks.get(hunk)!.path }) as const));
  }

  reject(...ids: readonly HunkId[]): this {
    return this.say(...ids.map((hunk) => ({ type: "hunk.rejected", hunk, path: this.hunks.get(hunk)!.path }) as const));
  }

  commit(commit: string, ...hunks: readonly HunkId[]): this {
    return this.say({ type: "commit.made", commit, subject: "s", hunks });
  }

  found(commit: string, at: number, ...hunks: readonly HunkId[]): this {
    this.events.push({ type: "commit.found", commit, at, hunks });
    return this;
  }

  /** A turn without surprises that lands these files: 130 ms, and one after the other 10 ms later. */
  lands(...paths: readonly string[]): HunkId[] {
    this.prompt().after(10).request().answer();
    const ids = paths.map((path) => this.after(10).land({ path }));
    this.stepEnds().end();
    return ids;
  }

  kpis(): SessionKpis {
    const kpis = new SessionKpis(this.jobs);
    for (const event of this.events) kpis.take(event);
    return kpis;
  }

  /** Of one KPI, told two days later. */
  samples(kpi: KpiName, now = this.wall + 2 * dayMs): readonly KpiSample[] {
    return this.kpis()
      .samples(now)
      .filter((sample) => sample.kpi === kpi);
  }

  /** What was measured of one KPI, or why it was not. */
  told(kpi: KpiName, now?: number): readonly (number | string | undefined)[] {
    return this.samples(kpi, now).map(({ value, missing, hits }) => value ?? missing ?? hits);
  }

  figure(kpi: KpiName): KpiFigure {
    return figureOf(
      kpiDefinitions.find((definition) => definition.kpi === kpi)!,
      this.samples(kpi),
    );
  }

  tasks(now = this.wall + 2 * dayMs): readonly TaskRecord[] {
    return this.kpis().taskRecords(now);
  }

  outcomes(now?: number): readonly string[] {
    return this.tasks(now).map(({ outcome, prompts }) => `${outcome} ${prompts}`);
  }
}
