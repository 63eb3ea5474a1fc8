/**
 * Carries a job out, in a process of its own: the private copy, a session in it, one turn after the other as `lanes/job.ts` says. Everything
 * is in the job's log before the next thing begins, so that another process can go on where this one was killed.
 */
import path from "node:path";
import {
  type EventBody,
  type FailureCode,
  type JobSpend,
  type ModelPrice,
  type Result,
  type Session,
  type TwolaneEvent,
  fail,
  isTransient,
  succeed,
} from "@twolane/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import { diskFiles } from "../host/disk.ts";
import { type LineDoor, openDoor, socketOf } from "../host/local-socket.ts";
import type { BoundPlace } from "../host/sandbox/confinement.ts";
import { type JobFolder, type JobLog, claimJob, openJobLog, readJobLog, releaseJob, treesPath } from "../journal/job-folder.ts";
import { jobEdit } from "../lanes/job-edits.ts";
import { askText } from "../lanes/job-requests.ts";
import { type KnownJob, knownJob } from "../lanes/job-summary.ts";
import {
  type JobAsk,
  type JobEffect,
  type JobEvent,
  type JobInput,
  type JobState,
  foldJob,
  goOn,
  moveJob,
} from "../lanes/job.ts";
import { systemClock } from "../std/clock.ts";
import { plannedSteps } from "../workflows/planned-steps.ts";
import { namedPlaces } from "../lanes/places.ts";
import { textOf } from "../std/text.ts";
import { testsTool } from "../tools/tests.ts";
import { boundIn, prepareCopy } from "./job-copy.ts";
import { type JobTestResult, testJob } from "./job-tests.ts";
import { resolveModel } from "../models/catalog.ts";
import { opensAt } from "./limits.ts";
import { type LandingOptions, type PlaceOptions, openLandingPlace, readCatalogInput } from "./place.ts";

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
  if (!(await claimJob(folder))) return fail("JOB_RUNNING", `Another process works on ${folder.job}.`);
  try {
    const log = await openJobLog(folder);
    const runner = new JobRunner({ folder, env, open, known, log, price: priceOf(known.started.model, env) });
    await runner.run();
    await log.close();
    return succeed(undefined);
  } finally {
    releaseJob(folder);
  }
}

function priceOf(model: string, env: PlaceOptions["env"]): ModelPrice | undefined {
  const resolved = resolveModel(model, readCatalogInput(env));
  return resolved.ok ? resolved.value.capabilities.price : undefined;
}

interface RunnerParts extends JobRunOptions {
  /** Dollars for a million tokens; undefined where none is known, and then none is made up. */
  readonly price: ModelPrice | undefined;
  readonly known: KnownJob;
  readonly log: JobLog;
}

class JobRunner {
  private readonly parts: RunnerParts;
  private state: JobState;
  private door: LineDoor | undefined;
  private session: Session | undefined;
  private copy: { readonly cwd: string; readonly base: string; readonly bound: readonly BoundPlace[] } = {
    cwd: "",
    base: "",
    bound: [],
  };
  /** Effects one after the other; what is asked and checked goes on beside. */
  private chain: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private again: boolean;
  private lastText = "";
  /** What it told last that it does. */
  private doing = "";
  private isDelayed = false;
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
    // Before anybody can say anything to it: a stop is meant for a job that goes on.
    if (known.ended !== undefined || this.again) {
      await this.tell({ type: "job.resumed" });
      this.state = foldJob(this.state, { type: "job.resumed" });
    }
    this.door = await openDoor(socketOf(folder.path), (value) => this.hear(value));
    const opened = await this.open();
    if (opened.ok && this.state.ending === undefined) this.take(goOn(this.state));
    else if (!opened.ok) this.input({ type: "failed", reason: opened.failure.message });
    const ticking = setInterval(() => this.tick(), tickMs);
    await this.done;
    clearInterval(ticking);
    await this.chain;
    await this.session?.close();
    await this.door.close();
  }

  /** The copy, and the session in it. */
  private async open(): Promise<Result<void>> {
    const { folder, known, env, open } = this.parts;
    const { model, trusted, kind } = known.started;
    const prepared =
      known.prepared[0] === undefined ? await prepareCopy({ folder, env, started: known.started }) : succeed(known.prepared[0]);
    if (!prepared.ok) return prepared;
    if (known.prepared.length === 0) await this.tell(prepared.value);
    const cwd = path.join(treesPath(folder), prepared.value.tree);
    this.copy = { cwd, base: prepared.value.base, bound: boundIn(cwd, prepared.value) };
    const isResearch = kind === "research";
    const opened = await open({
      ...{ cwd, env, model, scope: [], landing: "hunk", dryRun: isResearch, asks: false, lane: "deep", bound: this.copy.bound },
      ...{
        trust: trusted,
        copyOf: known.started.workspace,
        edits: !isResearch,
        tools: isResearch ? [] : [testsTool((scope, signal) => this.test(scope, signal))],
      },
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
      case "wait":
        void this.wait(effect.ms);
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
    this.input({ type: "checked", ...(await this.test(scope, this.stopping.signal)) });
  }

  private async test(scope: "impacted" | "whole", signal: AbortSignal): Promise<JobTestResult> {
    const { env, known } = this.parts;
    const { cwd, base, bound } = this.copy;
    const options = { cwd, env, scope: [], landing: "hunk", dryRun: false, trust: known.started.trusted, lane: "deep" } as const;
    const place = await openLandingPlace(options);
    return place.ok ? testJob({ place: place.value, env, base, signal, bound }, scope) : { untested: place.failure.message };
  }

  private async wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.stopping.signal });
    } catch {
      return;
    }
    this.again = true;
    this.input({ type: "again" });
  }

  private observe(event: TwolaneEvent): void {
    this.door?.tell(event);
    const edit = jobEdit(event, this.state);
    if (edit !== undefined) this.input({ type: "edited", edit });
    if (event.type === "text.finished") this.lastText = event.text;
    if (event.type === "step.ended") this.spend(event);
    if (event.type === "turn.ended") void this.ended(event);
    if (event.type === "step.delayed") this.delayed(event);
    if (event.type === "step.started" && this.isDelayed) {
      this.isDelayed = false;
      this.say(this.doing);
    }
  }

  /** The session itself waits until it may send. */
  private delayed({ why, until }: Extract<EventBody, { type: "step.delayed" }>): void {
    this.isDelayed = true;
    this.say(
      `waiting for the provider: ${why}${until === undefined ? "" : `, until ${new Date(until).toTimeString().slice(0, 5)}`}`,
    );
  }

  private say(doing: string): void {
    const { stage, whole } = this.state;
    void this.tell({ type: "job.moved", stage, doing, ...(whole && { whole }) });
  }

  private async ended({ ending, failure }: Extract<EventBody, { type: "turn.ended" }>): Promise<void> {
    const { session, lastText: text } = this;
    // What it lands and keeps behind its last word is done before it counts as answered.
    await session?.idle();
    if (ending === "completed") {
      const unknown = this.parts.known.started.kind === "research" ? await this.unknownPlaces(text) : [];
      this.input({ type: "answered", text, steps: plannedSteps(text), unknown });
    } else if (failure !== undefined && passing.has(failure.code)) {
      const until = failure.code === "PROVIDER_LIMIT" ? opensAt(this.parts.env, session?.model ?? "") : undefined;
      this.input({ type: "held", failure, at: systemClock.wall(), ...(until !== undefined && { until }) });
    } else if (failure?.code === "BUDGET_SPENT") this.input({ type: "barred", reason: failure.message });
    else if (ending !== "interrupted") this.input({ type: "failed", reason: failure?.message ?? `the answer was ${ending}` });
  }

  /** Places that an answer names and that are not there. */
  private async unknownPlaces(text: string): Promise<readonly string[]> {
    const looked = namedPlaces(text).map(async ({ path: name, line, text: place }) => {
      const read = await diskFiles.read(path.resolve(this.copy.cwd, name));
      return read.ok && line >= 1 && line <= textOf(read.value.bytes).split("\n").length ? [] : [place];
    });
    return (await Promise.all(looked)).flat();
  }

  private spend({ usage }: Extract<EventBody, { type: "step.ended" }>): void {
    const { dollars, ...spend } = this.spentUntilNow();
    const { input = 0, cachedInput = 0, output = 0 } = usage ?? {};
    const { price } = this.parts;
    this.since = systemClock.mono();
    this.input({
      type: "spent",
      spend: {
        ...spend,
        input: spend.input + input,
        cachedInput: spend.cachedInput + cachedInput,
        output: spend.output + output,
        steps: spend.steps + 1,
        ...(price && {
          dollars:
            (dollars ?? 0) +
            ((input - cachedInput) * price.input + cachedInput * price.cachedInput + output * price.output) / 1e6,
        }),
      },
    });
  }

  private spentUntilNow(): JobSpend {
    const { spend } = this.state;
    return { ...spend, ms: spend.ms + Math.round(systemClock.mono() - this.since) };
  }

  /** A command or a wait may take longer than the job has. */
  private tick(): void {
    const spend = this.spentUntilNow();
    const [next] = moveJob(this.state, { type: "spent", spend });
    if (next.ending !== undefined) this.input({ type: "spent", spend });
  }

  private async tell(body: JobEvent): Promise<void> {
    if (body.type === "job.moved" && !this.isDelayed) this.doing = body.doing;
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

/** May be otherwise when it is tried again. */
const passing: ReadonlySet<FailureCode> = new Set([
  ...([
    "PROVIDER_UNREACHABLE",
    "PROVIDER_SILENT",
    "PROVIDER_LIMIT",
    "PROVIDER_BROKEN",
    "STREAM_TRUNCATED",
    "OUTPUT_LIMIT",
  ] as const),
]);
/** How often the time is looked at. */
const tickMs = 2000;
