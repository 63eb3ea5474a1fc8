/** The door to the deep lane's jobs of a workspace: begin one, list them, speak to one that runs, let one go on, drop one. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type JobBrief,
  type JobBudget,
  type JobAsker,
  type JobDetail,
  type JobId,
  type JobKind,
  type JobSummary,
  type Result,
  type TwolaneEvent,
  fail,
  succeed,
} from "@twolane/protocol";
import { startDetached } from "../host/detached.ts";
import { type LineLink, openLink, socketOf } from "../host/local-socket.ts";
import {
  type JobFolder,
  isWorkedOn,
  jobFolder,
  jobLogStamp,
  listJobs,
  makeJobFolder,
  markStarting,
  removeJob,
  treesPath,
  openJobLog,
  readJobLog,
  workedOnSince,
} from "../journal/job-folder.ts";
import { openStateFolder, removeStateFolder, stateHome } from "../journal/state-folder.ts";
import { type KnownJob, detailOf, knownJob, summaryOf } from "../lanes/job-summary.ts";
import { systemClock } from "../std/clock.ts";
import { type ChangedFile, type JobChanges, changedFiles, readJobChanges } from "./job-changes.ts";
import { type Place, type PlaceOptions, openPlace, readCatalogInput } from "./place.ts";
import { choose } from "./sources.ts";
import { readModelConfig, resolveModel } from "../models/catalog.ts";
import type { DeepLaneConfig } from "../models/config-lanes.ts";

export { readBrief } from "../lanes/brief-text.ts";
export { JobSizes } from "./job-sizes.ts";

export interface JobsOptions extends PlaceOptions {
  /** What starts a worker: program and arguments, the job's folder is added. */
  readonly worker: readonly string[];
}

export interface JobWish {
  readonly kind: JobKind;
  readonly brief: JobBrief;
  readonly budget: JobBudget;
  readonly asker?: JobAsker;
  /** `provider/name`; absent: what the configuration says of the deep lane, then `otherwise`, then what is configured or found. */
  readonly model?: string;
  readonly otherwise?: string;
}

export interface Jobs {
  /** Real path of the work tree that they work for. */
  readonly workspace: string;
  /** JOB_LIMIT, JOB_MODEL, MODEL_UNKNOWN, PRICE_UNKNOWN. */
  start(wish: JobWish): Promise<Result<JobId>>;
  /** The newest first. */
  list(): readonly JobSummary[];
  detail(job: JobId): Result<JobDetail>;
  /** Kept events; JOB_MISSING. */
  events(job: JobId): Result<readonly TwolaneEvent[]>;
  /** What its copies differ from the trees that they were made of; JOB_MISSING. */
  changes(job: JobId): Promise<Result<JobChanges>>;
  /** The same as a list for a person; JOB_MISSING. */
  changedFiles(job: JobId): Promise<Result<readonly ChangedFile[]>>;
  /** Kept events, then those that happen, until it ends or `signal`. */
  follow(job: JobId, onEvent: (event: TwolaneEvent) => void, signal: AbortSignal): Promise<Result<void>>;
  steer(job: JobId, text: string): Promise<Result<void>>;
  stop(job: JobId): Promise<Result<void>>;
  /** JOB_RUNNING, JOB_LIMIT. */
  resume(job: JobId): Result<void>;
  /** JOB_RUNNING while it runs. */
  drop(job: JobId): Result<void>;
}

export function openJobs(options: JobsOptions): Result<Jobs> {
  const place = openPlace(options);
  return place.ok ? succeed(new JobDesk(place.value, options)) : place;
}

const keptMs = 30 * 24 * 3600_000;
/** Jobs that run side by side. */
const atOnceByDefault = 2;
/** A worker has so long to come up. */
const startMs = 5000;
const lookMs = 50;

class JobDesk implements Jobs {
  readonly workspace: string;
  private readonly place: Place;
  private readonly options: JobsOptions;
  private readonly read = new Map<JobId, { readonly stamp: string; readonly known: KnownJob | undefined }>();

  constructor(place: Place, options: JobsOptions) {
    this.place = place;
    this.workspace = place.workspace.root;
    this.options = options;
  }

  async start(wish: JobWish): Promise<Result<JobId>> {
    const { kind, brief, asker } = wish;
    const { workspace, state, isTrusted } = this.place;
    if (workspace.kind === "bare") return fail("NO_REPOSITORY", `${workspace.root} has no work tree.`, "Work in a clone of it.");
    const room = this.room();
    if (!room.ok) return room;
    const { model: _, atOnce: __, bind: ___, ...limits } = room.value;
    const budget = { ...limits, ...wish.budget };
    const model = await this.modelFor(wish, room.value.model);
    if (!model.ok) return model;
    if (budget.dollars !== undefined && !this.isPriced(model.value))
      return fail("PRICE_UNKNOWN", `The price of ${model.value} is not known, so dollars would limit nothing.`);
    const made = makeJobFolder(state);
    if (!made.ok) return made;
    const folder = made.value;
    const log = await openJobLog(folder);
    await log.keep({
      ...{ type: "job.started", job: folder.job, kind, brief, budget, model: model.value, workspace: workspace.root },
      ...(asker && { asker }),
      ...{ trusted: isTrusted(), at: systemClock.wall(), mono: systemClock.mono(), lane: "deep", session: folder.job },
    });
    await log.close();
    this.work(folder);
    this.clear();
    return succeed(folder.job);
  }

  /** Old jobs whose changes somebody has taken go with their copies; one that nobody has taken stays. */
  private clear(): void {
    const before = systemClock.wall() - keptMs;
    for (const { job, taken, endedAt } of this.list())
      if (taken === true && endedAt !== undefined && endedAt < before) this.drop(job);
  }

  list(): readonly JobSummary[] {
    return listJobs(this.place.state).flatMap((folder) => {
      const known = this.known(folder);
      return known === undefined ? [] : [summaryOf(known, workedOnSince(folder))];
    });
  }

  /** A log that has not grown is not read again: who shows jobs asks every second. */
  private known(folder: JobFolder): KnownJob | undefined {
    const stamp = jobLogStamp(folder);
    const before = this.read.get(folder.job);
    if (before?.stamp === stamp) return before.known;
    const known = knownJob(readJobLog(folder));
    this.read.set(folder.job, { stamp, known });
    return known;
  }

  detail(job: JobId): Result<JobDetail> {
    const folder = jobFolder(this.place.state, job);
    const events = readJobLog(folder);
    const known = knownJob(events);
    return known === undefined ? missing(job) : succeed(detailOf(known, events, workedOnSince(folder)));
  }

  events(job: JobId): Result<readonly TwolaneEvent[]> {
    const events = readJobLog(jobFolder(this.place.state, job));
    return events.length === 0 ? missing(job) : succeed(events);
  }

  changes(job: JobId): Promise<Result<JobChanges>> {
    return readJobChanges(jobFolder(this.place.state, job));
  }

  async changedFiles(job: JobId): Promise<Result<readonly ChangedFile[]>> {
    const changes = await this.changes(job);
    return changes.ok ? succeed(changedFiles(changes.value)) : changes;
  }

  async follow(job: JobId, onEvent: (event: TwolaneEvent) => void, signal: AbortSignal): Promise<Result<void>> {
    const folder = jobFolder(this.place.state, job);
    const heard: TwolaneEvent[] = [];
    let kept: ReadonlySet<string> | undefined;
    const tell = (event: TwolaneEvent): void => {
      if (kept === undefined) heard.push(event);
      // One that was kept and told in the same moment comes once.
      else if (!kept.has(JSON.stringify(event))) onEvent(event);
    };
    const link = await this.link(folder, (value) => void (isEvent(value) && tell(value)));
    const events = readJobLog(folder);
    if (events.length === 0) {
      link?.close();
      return missing(job);
    }
    for (const event of events) onEvent(event);
    kept = new Set(events.map((event) => JSON.stringify(event)));
    for (const event of heard) tell(event);
    if (link === undefined) return succeed(undefined);
    signal.addEventListener("abort", () => link.close(), { once: true });
    await link.ended;
    return succeed(undefined);
  }

  steer(job: JobId, text: string): Promise<Result<void>> {
    return this.say(job, { type: "steer", text });
  }

  stop(job: JobId): Promise<Result<void>> {
    return this.say(job, { type: "stop" });
  }

  resume(job: JobId): Result<void> {
    const folder = jobFolder(this.place.state, job);
    const known = knownJob(readJobLog(folder));
    if (known === undefined) return missing(job);
    if (isWorkedOn(folder)) return fail("JOB_RUNNING", `${job} runs.`, `\`twolane deep tail ${job}\` shows it.`);
    if (known.ended?.ending === "ready") return fail("JOB_DONE", `${job} is done; there is nothing to go on with.`);
    const room = this.room();
    if (!room.ok) return room;
    this.work(folder);
    return succeed(undefined);
  }

  drop(job: JobId): Result<void> {
    const folder = jobFolder(this.place.state, job);
    const known = knownJob(readJobLog(folder));
    if (known === undefined) return missing(job);
    if (isWorkedOn(folder))
      return fail("JOB_RUNNING", `${job} runs.`, `\`twolane deep stop ${job}\`, then \`twolane deep drop ${job}\`.`);
    // The copies are workspaces too, with sessions of their own.
    for (const { tree } of known.prepared) {
      const own = openStateFolder(stateHome(this.options.env), path.join(treesPath(folder), tree));
      if (own.ok) removeStateFolder(own.value);
    }
    removeJob(folder);
    return succeed(undefined);
  }

  /** The configuration of the lane, where one more may run. */
  private room(): Result<DeepLaneConfig> {
    const config = readModelConfig(readCatalogInput(this.options.env));
    if (!config.ok) return config;
    const { deep } = config.value.lanes;
    const running = this.list().filter((job) => job.state === "running").length;
    if (running < (deep.atOnce ?? atOnceByDefault)) return succeed(deep);
    return fail("JOB_LIMIT", `${running} ${running === 1 ? "job runs" : "jobs run"} here already, and that is the limit.`);
  }

  private async modelFor({ model, otherwise }: JobWish, configured: string | undefined): Promise<Result<string>> {
    const input = readCatalogInput(this.options.env);
    const chosen = await choose(input, model ?? configured ?? otherwise);
    if (!chosen.ok) return chosen;
    if (chosen.value === "instant") return fail("JOB_MODEL", "No model is set for the deep lane.");
    const known = resolveModel(chosen.value, input);
    return known.ok ? chosen : known;
  }

  private isPriced(model: string): boolean {
    const known = resolveModel(model, readCatalogInput(this.options.env));
    return known.ok && known.value.capabilities.price !== undefined;
  }

  /** A worker that was started just now is waited for. */
  private async link(folder: JobFolder, onLine: (value: unknown) => void): Promise<LineLink | undefined> {
    for (let waited = 0; ; waited += lookMs) {
      const link = await openLink(socketOf(folder.path), onLine);
      if (link !== undefined || waited > startMs || !isWorkedOn(folder)) return link;
      await sleep(lookMs);
    }
  }

  private async say(job: JobId, message: object): Promise<Result<void>> {
    const folder = jobFolder(this.place.state, job);
    if (readJobLog(folder).length === 0) return missing(job);
    const link = await this.link(folder, () => {});
    if (link === undefined) return fail("JOB_MISSING", `${job} does not run.`, `\`twolane deep resume ${job}\` lets it go on.`);
    link.send(message);
    link.close();
    await link.ended;
    return succeed(undefined);
  }

  private work(folder: JobFolder): void {
    const { worker, env } = this.options;
    markStarting(folder);
    startDetached({ argv: [...worker, folder.path], cwd: folder.path, logFile: path.join(folder.path, "log"), env });
  }
}

const missing = (job: JobId): Result<never> => fail("JOB_MISSING", `There is no job ${job}.`);

const isEvent = (value: unknown): value is TwolaneEvent =>
  typeof value === "object" && value !== null && "type" in value && "at" in value;
