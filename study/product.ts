/**
 * Carries a course out through the product itself: a session of the engine in a real repository, the simulated model on a socket, hunks that
 * land, a stop or steer at the token at which the person would, tests, acceptance, the commit. Nobody is waited for: what the product itself
 * takes is measured, and the line of time is that of the course (stamps.ts).
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type EngineOptions, openEngine } from "@twolane/engine";
import type { EventOf, EventType, HunkId, Session, TwolaneEvent } from "@twolane/protocol";
import { type Sim, startSim } from "@twolane/responses/sim";
import { type Act, type Course, type Stream, landed } from "./course.ts";
import { git } from "./prepare.ts";
import { scenarioOf, wordsFor } from "./scenario.ts";

export interface Place {
  readonly repository: string;
  readonly goodTree: string;
  /** Folder for what a run leaves, and takes away again. */
  readonly room: string;
  /** Starts the process of a job: program and arguments. */
  readonly worker: readonly string[];
}

export interface Outcome {
  /** As they came, each with the number of the act during which it did. */
  readonly events: readonly HeardEvent[];
  /** That the model wrote, as its wire counted; undefined where a connection ended before the count. */
  readonly tokens: number | undefined;
  /** ms of this machine, from what the person does to what comes of it. */
  readonly measured: Readonly<Record<MeasuredName, readonly number[]>>;
}

export interface HeardEvent {
  readonly act: number;
  readonly event: TwolaneEvent;
}

export const measuredNames = ["stop", "steer", "tests", "job", "take", "commit"] as const;
export type MeasuredName = (typeof measuredNames)[number];
export const nothingMeasured = (): Record<MeasuredName, number[]> => ({
  stop: [],
  steer: [],
  tests: [],
  job: [],
  take: [],
  commit: [],
});

/** Rejects where the product did not do what the course says: then the study says nothing. */
export async function carryOut(course: Course, place: Place): Promise<Outcome> {
  const base = mkdtempSync(path.join(place.room, "run-"));
  const holds = new Signal();
  const sim = await startSim({ port: 0, scenario: scenarioOf(course), onHold: () => holds.give() });
  try {
    const run = await openRun({ base, sim, holds, place });
    try {
      for (const [index, act] of course.acts.entries()) await run.do(act, index);
      const outcome = run.outcome();
      // Of an answer that is cut the model has one token ready that never goes out.
      const cuts = course.acts.filter((act) => "stream" in act && act.stream.cutAt !== undefined).length;
      if (outcome.tokens !== undefined && outcome.tokens !== course.tokens + cuts)
        throw new Error(`the model wrote ${outcome.tokens} tokens, not ${course.tokens + cuts}`);
      return outcome;
    } finally {
      await run.close();
    }
  } finally {
    await sim.close();
    removeFolder(base);
  }
}

/** A job writes its last lines behind its end: what it is quicker with goes with the whole room. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch {
    // Whatever the run came to is what is to be told.
  }
}

interface Opening {
  readonly base: string;
  readonly sim: Sim;
  readonly holds: Signal;
  readonly place: Place;
}

async function openRun({ base, sim, holds, place }: Opening): Promise<Run> {
  const work = path.join(base, "work");
  cpSync(place.repository, work, { recursive: true });
  const config = path.join(base, "config/twolane");
  mkdirSync(config, { recursive: true });
  // As the fast providers are: no message goes into a running answer, so a steer cuts it.
  writeFileSync(
    path.join(config, "config.json"),
    JSON.stringify({ providers: { sim: { capabilities: { steer: false, stop: "interrupt" } } } }),
  );
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, TWOLANE_SIM_URL: sim.url, GIT_CONFIG_NOSYSTEM: "1" },
    ...{
      XDG_STATE_HOME: path.join(base, "state"),
      XDG_CONFIG_HOME: path.join(base, "config"),
      XDG_CACHE_HOME: path.join(base, "cache"),
    },
  };
  const options: EngineOptions = {
    ...{ cwd: work, env, model: "sim/scripted", scope: [], landing: "hunk", dryRun: false, asks: true, trust: true },
    worker: place.worker,
  };
  const opened = await openEngine(options);
  if (!opened.ok) throw new Error(`${opened.failure.code}: ${opened.failure.message}`);
  return new Run(opened.value, { holds, work, goodTree: place.goodTree });
}

class Run {
  readonly session: Session;
  private readonly room: { readonly holds: Signal; readonly work: string; readonly goodTree: string };
  private readonly events: TwolaneEvent[] = [];
  private readonly heard: HeardEvent[] = [];
  private act = 0;
  private readonly waiting = new Set<() => void>();
  private readonly measured = nothingMeasured();
  private job: EventOf<"jobs.changed">["jobs"][number] | undefined;

  constructor(session: Session, room: { readonly holds: Signal; readonly work: string; readonly goodTree: string }) {
    this.session = session;
    this.room = room;
    session.subscribe((event) => {
      this.events.push(event);
      this.heard.push({ act: this.act, event });
      if (event.type === "tests.ended") this.measured.tests.push(event.evidence.ms);
      if (event.type === "jobs.changed") this.job = event.jobs[0];
      for (const look of this.waiting) look();
    });
  }

  async do(act: Act, index: number): Promise<void> {
    if (act.act === "prompt") await this.session.idle();
    this.act = index;
    switch (act.act) {
      case "prompt":
        this.session.send({ type: "prompt", text: wordsFor(index) });
        return this.stream(act.stream);
      case "steer": {
        const asked = this.mark();
        this.session.send({ type: "steer", text: wordsFor(index) });
        await this.measure("steer", () => this.until("step.requested", asked));
        return this.stream(act.stream);
      }
      case "stop": {
        const asked = this.mark();
        this.session.send({ type: "stop" });
        await this.measure("stop", () => this.until("stop.finished", asked));
        return this.session.idle();
      }
      case "undo":
        this.session.send({ type: "hunk.undo", hunks: this.undecided() });
        return this.wait("all hunks are undone", () => this.undecided().length === 0);
      case "hand":
        return this.handOver();
      case "take":
        return this.take();
      case "accept":
        return this.accept();
      case "commit":
        return this.commit();
    }
  }

  /** A job that still runs would wait for its model for hours. */
  async close(): Promise<void> {
    if (this.job !== undefined && this.job.endedAt === undefined) {
      this.session.send({ type: "job.stop", job: this.job.job });
      await this.wait("the job is stopped", () => this.job?.endedAt !== undefined).catch(() => {});
    }
    await this.session.close();
  }

  outcome(): Outcome {
    const told = this.events.flatMap((event) => (event.type === "step.ended" ? [event.usage?.output] : []));
    const tokens = told.includes(undefined)
      ? undefined
      : told.reduce<number>((sum, one) => sum + (one ?? 0), 0) + (this.job?.spend.output ?? 0);
    return { events: this.heard, tokens, measured: this.measured };
  }

  /** Until the answer has come to its end, or to the token at which the person cuts it, with all that it has closed on disk. */
  private async stream(stream: Stream): Promise<void> {
    const before = this.count("hunk.landed");
    if (stream.cutAt === undefined) await this.session.idle();
    else await this.room.holds.taken();
    const expected = before + landed(stream);
    await this.wait(`${expected - before} hunks land`, () => this.count("hunk.landed") === expected);
  }

  private async handOver(): Promise<void> {
    await this.session.idle();
    await this.measure("job", () => {
      this.session.send({ type: "job.start", text: wordsFor("job") });
      return this.wait("the job has ended", () => this.job?.endedAt !== undefined);
    });
    if (this.job?.state !== "ready") throw new Error(`the job ended ${this.job?.state}: ${this.job?.doing}`);
  }

  private async take(): Promise<void> {
    const asked = this.mark();
    await this.measure("take", async () => {
      this.session.send({ type: "job.take", job: this.job?.job ?? "" });
      await this.session.idle();
      await this.until("hunk.held", asked);
    });
  }

  /** Yes to all that waits: what a job brought lands with it. */
  private accept(): Promise<void> {
    const open = this.undecided();
    this.session.send({ type: "hunk.accept", hunks: open });
    return this.wait("all hunks are accepted", () => this.undecided().length === 0);
  }

  private async commit(): Promise<void> {
    await this.session.idle();
    const evidence = await this.session.tested();
    if (evidence?.outcome !== "passed")
      throw new Error(
        `the tests: ${evidence === undefined ? "none ran, and twolane doctor says why" : `${evidence.outcome}. ${evidence.reason ?? ""}`}`,
      );
    const made = await this.measure("commit", () => this.session.commit("The change"));
    if (!made.ok) throw new Error(`${made.failure.code}: ${made.failure.message}`);
    const tree = git(this.room.work, ["rev-parse", "HEAD^{tree}"]).trim();
    if (tree !== this.room.goodTree) throw new Error("the commit is not the good change");
  }

  /** Landed or held, and nobody has said yes or no. */
  private undecided(): readonly HunkId[] {
    const open = new Set<HunkId>();
    for (const event of this.events) {
      if (event.type === "hunk.landed" || event.type === "hunk.held") open.add(event.hunk.id);
      if (
        event.type === "hunk.undone" ||
        event.type === "hunk.rejected" ||
        event.type === "hunk.accepted" ||
        event.type === "hunk.superseded"
      )
        open.delete(event.hunk);
    }
    return [...open];
  }

  private async measure<T>(name: MeasuredName, run: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const result = await run();
    this.measured[name].push(performance.now() - from);
    return result;
  }

  private count(type: EventType): number {
    return this.events.filter((event) => event.type === type).length;
  }

  private mark(): number {
    return this.events.length;
  }

  private until(type: EventType, from: number): Promise<void> {
    return this.wait(type, () => this.events.slice(from).some((event) => event.type === type));
  }

  private wait(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds()) return;
        end();
        resolve();
      };
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`waited in vain: ${what}; ${this.lastWords()}`));
      }, patience);
      this.waiting.add(look);
      look();
    });
  }

  private lastWords(): string {
    const told = this.events.flatMap((event) => {
      if (event.type === "hunk.failed") return [`${event.hunk.path}: ${event.failure.message}`];
      if (event.type === "notice.given") return [event.message];
      return event.type === "turn.ended" && event.failure ? [event.failure.message] : [];
    });
    return [
      ...told.slice(-3),
      this.events
        .slice(-5)
        .map(({ type }) => type)
        .join(" "),
    ].join(" · ");
  }
}

/** ms; the machine may be busy. */
const patience = 90_000;

/** Given once, taken once, in any order. */
class Signal {
  private given = 0;
  private waiter: (() => void) | undefined;

  give(): void {
    if (this.waiter === undefined) this.given++;
    else this.waiter();
    this.waiter = undefined;
  }

  taken(): Promise<void> {
    if (this.given === 0) return new Promise((resolve) => void (this.waiter = resolve));
    this.given--;
    return Promise.resolve();
  }
}
