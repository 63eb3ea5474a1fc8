/**
 * Carries a job out, in a process of its own: the private copy, a session in it, one turn after the other as `lanes/job.ts` says. Everything
 * is in the job's log before the next thing begins, so that another process can go on where this one was killed.
 */
import path from "node:path";
import {
  type EventBody,
  type Failure,
  type JobSpend,
  type Result,
  type Session,
  type TwolaneEvent,
  fail,
  isTransient,
  succeed,
} from "@twolane/protocol";
import { boundByDefault } from "../host/bound-folders.ts";
import { type LineDoor, openDoor, socketOf } from "../host/local-socket.ts";
import { systemProcesses } from "../host/process.ts";
import { copyTree } from "../host/tree-copy.ts";
import { type JobFolder, type JobLog, claimJob, openJobLog, readJobLog, releaseJob, treesPath } from "../journal/job-folder.ts";
import { askText } from "../lanes/job-requests.ts";
import { type KnownJob, knownJob } from "../lanes/job-summary.ts";
import { type JobAsk, type JobEffect, type JobEvent, type JobInput, type JobState, goOn, moveJob } from "../lanes/job.ts";
import { systemClock } from "../std/clock.ts";
import { plannedSteps } from "../workflows/planned-steps.ts";
import { testJob } from "./job-tests.ts";
import { type LandingOptions, type PlaceOptions, openLandingPlace } from "./place.ts";

export interface JobRunOptions {
  /** `jobs/<id>` in the state folder of the workspace. */
  readonly folder: JobFolder;
  readonly env: PlaceOptions["env"];
  /** Opens the session in the copy. */
  readonly open: (options: LandingOptions & { readonly model: string; readonly resume?: string }) => Promise<Result<Session>>;
}

/** Resolves when the job has ended or was stopped. JOB_RUNNING while another process works on it, JOB_MISSING. */
export async function runJob({ folder, env, open }: JobRunOptions): Promise<Result<void>> {
  const known = knownJob(readJobLog(folder));
  if (known === undefined) return fail("JOB_MISSING", `There is no job ${folder.job}.`);
  if (!claimJob(folder)) return fail("JOB_RUNNING", `Another process works on ${folder.job}.`);
  try {
    const log = await openJobLog(folder);
    const runner = new JobRunner({ folder, env, open, known, log });
    await runner.run();
    await log.close();
    return succeed(undefined);
  } finally {
    releaseJob(folder);
  }
}

interface RunnerParts extends JobRunOptions {
  readonly known: KnownJob;
  readonly log: JobLog;
}

class JobRunner {
  private readonly parts: RunnerParts;
  private state: JobState;
  private door: LineDoor | undefined;
  private session: Session | undefined;
  private base = "";
  /** Effects one after the other; what is asked and checked goes on beside. */
  private chain: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private again: boolean;
  private lastText = "";
  private since = systemClock.mono();
  private readonly done: Promise<void>;
  private finish: () => void = () => {};

  constructor(parts: RunnerParts) {
    this.parts = parts;
    this.state = parts.known.state;
    this.again = parts.known.prepared.length > 0;
    this.done = new Promise((resolve) => (this.finish = resolve));
  }

  async run(): Promise<void> {
    const { folder, known } = this.parts;
    this.door = await openDoor(socketOf(folder.path), (value) => this.hear(value));
    if (known.ended !== undefined || this.again) {
      await this.tell({ type: "job.resumed" });
      const { ending: _, ...rest } = this.state;
      this.state = rest;
    }
    const opened = await this.open();
    if (opened.ok) this.take(goOn(this.state));
    else this.input({ type: "failed", reason: opened.failure.message });
    await this.done;
    await this.chain;
    await this.session?.close();
    await this.door.close();
  }

  /** The copy, and the session in it. */
  private async open(): Promise<Result<void>> {
    const { folder, known, env, open } = this.parts;
    const { workspace, model, trusted } = known.started;
    const tree = path.join(treesPath(folder), path.basename(workspace));
    const [prepared] = known.prepared;
    if (prepared === undefined) {
      const started = systemClock.mono();
      const copied = await copyTree({ source: workspace, folder: tree, processes: systemProcesses, binds: boundByDefault });
      if (!copied.ok) return copied;
      const { base, files, left, bound } = copied.value;
      const ms = Math.round(systemClock.mono() - started);
      await this.tell({ type: "job.prepared", workspace, tree: path.basename(tree), base, files, left, bound, ms });
      this.base = base;
    } else this.base = prepared.base;
    const opened = await open({
      ...{ cwd: tree, env, model, scope: [], landing: "hunk", dryRun: false, asks: false, lane: "deep" },
      ...{ trust: trusted, copyOf: workspace },
      ...(known.work !== undefined && { resume: known.work }),
    });
    if (!opened.ok) return opened;
    this.session = opened.value;
    await this.tell({ type: "job.opened", work: opened.value.id });
    opened.value.subscribe((event) => this.observe(event));
    return succeed(undefined);
  }

  private input(input: JobInput): void {
    this.take(moveJob(this.state, input));
  }

  private take([state, effects]: readonly [JobState, readonly JobEffect[]]): void {
    this.state = state;
    for (const effect of effects) this.chain = this.chain.then(() => this.carryOut(effect));
  }

  private async carryOut(effect: JobEffect): Promise<void> {
    switch (effect.type) {
      case "tell":
        return this.tell(effect.event);
      case "ask":
        return this.ask(effect.ask);
      case "check":
        void this.check(effect.scope);
        return;
      case "halt":
        this.session?.send({ type: "stop" });
        this.stopping.abort();
        return this.finish();
    }
  }

  private ask(ask: JobAsk): void {
    const { known } = this.parts;
    const text = askText(ask, { brief: known.started.brief, steps: this.state.steps, again: this.again });
    this.again = false;
    this.lastText = "";
    const onlyTalks = ask.kind !== "step" && ask.kind !== "mend";
    this.session?.send({ type: "prompt", text, constraints: onlyTalks ? [{ kind: "no-edits" }] : [] });
  }

  private async check(scope: "impacted" | "whole"): Promise<void> {
    const { env, known } = this.parts;
    const place = await openLandingPlace({
      ...{
        cwd: this.session?.workspace ?? "",
        env,
        scope: [],
        landing: "hunk",
        dryRun: false,
        trust: known.started.trusted,
        lane: "deep",
      },
    });
    const result = place.ok
      ? await testJob({ place: place.value, env, base: this.base, signal: this.stopping.signal }, scope)
      : { untested: place.failure.message };
    this.input({ type: "checked", ...result });
  }

  private observe(event: TwolaneEvent): void {
    this.door?.tell(event);
    if (event.type === "text.finished") this.lastText = event.text;
    if (event.type === "step.ended") this.spend(event);
    if (event.type !== "turn.ended") return;
    if (event.ending === "completed") this.input({ type: "answered", text: this.lastText, steps: plannedSteps(this.lastText) });
    else if (event.ending !== "interrupted") this.input({ type: "failed", reason: reasonOf(event.failure, event.ending) });
  }

  private spend({ usage }: Extract<EventBody, { type: "step.ended" }>): void {
    const now = systemClock.mono();
    const { spend } = this.state;
    const next: JobSpend = {
      ...spend,
      ms: spend.ms + Math.round(now - this.since),
      input: spend.input + (usage?.input ?? 0),
      cachedInput: spend.cachedInput + (usage?.cachedInput ?? 0),
      output: spend.output + (usage?.output ?? 0),
      steps: spend.steps + 1,
    };
    this.since = now;
    this.input({ type: "spent", spend: next });
  }

  private async tell(body: JobEvent): Promise<void> {
    const { folder, log } = this.parts;
    const event: TwolaneEvent = { ...body, at: systemClock.wall(), mono: systemClock.mono(), lane: "deep", session: folder.job };
    if (!isTransient(event.type)) await log.keep(event);
    this.door?.tell(event);
  }

  private hear(value: unknown): void {
    if (typeof value !== "object" || value === null || !("type" in value)) return;
    if (value.type === "stop") this.input({ type: "stop" });
    if (value.type === "steer" && "text" in value && typeof value.text === "string") {
      void this.tell({ type: "job.steered", text: value.text });
      this.session?.send({ type: "steer", text: value.text });
    }
  }
}

const reasonOf = (failure: Failure | undefined, ending: string): string => failure?.message ?? `the answer was ${ending}`;
