/** The deep lane as a session of the fast one sees it: its jobs as they change, what the person says to them, and what is handed over. */
import path from "node:path";
import {
  type Command,
  type EventBody,
  type JobBrief,
  type JobCommand,
  type JobId,
  type JobSummary,
  type Result,
  type TwolaneEvent,
  fail,
  isJobCommand,
  succeed,
} from "@twolane/protocol";
import { diskFiles } from "../host/disk.ts";
import { isThere } from "../host/user-files.ts";
import { watchFolder } from "../host/watch.ts";
import { jobsPath } from "../journal/job-folder.ts";
import { heardText, readyText } from "../lanes/job-words.ts";
import { systemClock } from "../std/clock.ts";
import type { SessionCompanion } from "./companion.ts";
import type { JobSizes } from "./job-sizes.ts";
import type { Jobs } from "./jobs.ts";
import type { LiveParts } from "./live-parts.ts";
import { noticeOf } from "./notice.ts";

type OwnCommand = Exclude<JobCommand, { type: "job.take" | "job.check" }>;

/** The first request goes before the look; ms. */
const lookAfterMs = 150;
/** While a job runs its log grows without the folder of all jobs being another; ms. */
const lookEveryMs = 1000;
/** A process has so long to come up; ms. */
const startMs = 6000;

export class SessionJobs implements SessionCompanion {
  private readonly live: LiveParts;
  private opened: Promise<Jobs | undefined> | undefined;
  private endWatch: (() => void) | undefined;
  private readonly tails = new Map<JobId, AbortController>();
  private sizes: JobSizes | undefined;
  private looking: Promise<void> = Promise.resolve();
  private waiting = false;
  /** A process that was started just now does not say so at once; monotonic ms. */
  private expectUntil = 0;
  private known: readonly JobSummary[] = [];
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** What a brief is made of, since the session began. */
  private readonly events: EventBody[] = [];

  constructor(live: LiveParts) {
    this.live = live;
    for (const event of live.history ?? []) this.observe(event);
    this.timer = setTimeout(() => this.look(), lookAfterMs).unref();
  }

  observe(event: EventBody): void {
    if (telling.has(event.type)) this.events.push(event);
    // Another terminal may have begun one.
    if (event.type === "turn.ended" || (event.type === "notice.given" && event.code === "JOB_STARTED")) this.look();
  }

  takes(command: Command): boolean {
    if (!isJobCommand(command) || command.type === "job.take" || command.type === "job.check") return false;
    if (command.type === "job.resume" || command.type === "job.start") this.expectUntil = systemClock.mono() + startMs;
    void this.carryOut(command).then(() => this.look());
    return true;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const tail of this.tails.values()) tail.abort();
    this.endWatch?.();
  }

  /** One after the other; what is asked for while it looks is one more look. */
  private look(): void {
    if (this.waiting || this.closed) return;
    this.waiting = true;
    this.looking = this.looking.then(async () => {
      this.waiting = false;
      await this.lookNow();
    });
  }

  private async lookNow(): Promise<void> {
    const folder = jobsPath(this.live.parts.state);
    clearTimeout(this.timer);
    // Nobody has begun a job here yet: nothing is loaded for that.
    if (this.opened === undefined && !isThere(folder)) return;
    this.endWatch ??= watchFolder(folder, () => this.look());
    const desk = await this.jobs();
    if (desk === undefined) return;
    this.sizes ??= new (await import("./job-sizes.ts")).JobSizes();
    const jobs = await this.sizes.with(desk, desk.list());
    if (this.closed) return;
    const changes = jobs.some(({ state }) => state === "running") || systemClock.mono() < this.expectUntil;
    if (changes) this.timer = setTimeout(() => this.look(), lookEveryMs).unref();
    if (JSON.stringify(jobs) === JSON.stringify(this.known)) return;
    const before = new Map(this.known.map((job) => [job.job, job.state]));
    this.known = jobs;
    this.live.emit({ type: "jobs.changed", jobs });
    for (const job of jobs)
      if (before.has(job.job) && before.get(job.job) !== job.state && job.state !== "running")
        this.live.emit({
          type: "notice.given",
          code: job.state === "ready" ? "JOB_READY" : "JOB_ENDED",
          message: readyText(job),
        });
  }

  private async carryOut(command: OwnCommand): Promise<void> {
    const jobs = await this.jobs();
    const done =
      jobs === undefined ? fail("JOB_MISSING", "The deep lane cannot be reached from here.") : await this.say(jobs, command);
    if (!done.ok) this.live.emit(noticeOf(done.failure));
  }

  private async say(jobs: Jobs, command: OwnCommand): Promise<Result<unknown>> {
    switch (command.type) {
      case "job.brief": {
        const { writeBrief } = await import("../lanes/brief-text.ts");
        const brief = await this.briefFor(command.text);
        if (brief.goal === "")
          return fail("REQUEST_EMPTY", "It is not said what is wanted.", "Say it: /deep move the store to SQLite");
        this.live.emit({
          type: "brief.drafted",
          kind: command.kind ?? "change",
          text: this.live.screen.hide(writeBrief(brief), "the brief"),
        });
        return succeed(undefined);
      }
      case "job.start":
        return this.start(jobs, command);
      case "job.show": {
        const detail = jobs.detail(command.job);
        if (detail.ok) this.live.emit({ type: "jobs.shown", detail: detail.value });
        return detail;
      }
      case "job.tail":
        return this.tail(jobs, command.job);
      case "job.steer":
        return jobs.steer(command.job, command.text);
      case "job.stop":
        return jobs.stop(command.job);
      case "job.resume":
        return jobs.resume(command.job);
      case "job.drop":
        return jobs.drop(command.job);
    }
  }

  /** From now on; what was before is on its page. */
  private tail(jobs: Jobs, job: JobId): Result<unknown> {
    const running = this.tails.get(job);
    running?.abort();
    if (this.tails.delete(job)) return succeed(undefined);
    const detail = jobs.detail(job);
    if (!detail.ok) return detail;
    const ending = new AbortController();
    this.tails.set(job, ending);
    const from = systemClock.wall();
    const hear = (event: TwolaneEvent): void => {
      const text = event.at < from || ending.signal.aborted ? undefined : heardText(event);
      if (text !== undefined) this.live.emit({ type: "job.heard", job, text });
    };
    void jobs.follow(job, hear, ending.signal).finally(() => this.tails.delete(job));
    return succeed(undefined);
  }

  private async start(jobs: Jobs, command: Extract<JobCommand, { type: "job.start" }>): Promise<Result<unknown>> {
    const { text, written = false, kind = "change", budget = {} } = command;
    const { readBrief } = await import("../lanes/brief-text.ts");
    const given = command.brief ?? (written ? readBrief(text) : await this.briefFor(text));
    if (given === undefined || given.goal === "") return fail("REQUEST_EMPTY", "The brief has no goal.");
    const { hiddenBrief } = await import("../lanes/brief.ts");
    const brief = hiddenBrief(given, (words) => this.live.screen.hide(words, "the brief"));
    const started = await jobs.start({ kind, brief, budget, otherwise: this.live.parts.source.session.model });
    if (started.ok) {
      this.live.emit({ type: "job.handed", job: started.value });
      const message = `${started.value} works in the background; /jobs shows it, and you go on here.`;
      this.live.emit({ type: "notice.given", code: "JOB_STARTED", message });
    }
    return started;
  }

  private async briefFor(goal: string): Promise<JobBrief> {
    const { live } = this;
    const [{ briefOf, noFacts, noteForBrief }, { constraintsIn }, { mentionedPaths }] = await Promise.all([
      import("../lanes/brief.ts"),
      import("@twolane/policy"),
      import("../context/mentions.ts"),
    ]);
    const facts = noFacts();
    for (const event of this.events) noteForBrief(facts, event);
    const words = goal.trim() === "" ? (facts.said.at(-1) ?? "") : goal;
    const named = mentionedPaths(words).filter(live.mayTell);
    const open = [...live.reviewer.review.values()].map(({ hunk }) => hunk.movedTo ?? hunk.path);
    const hashes = new Map<string, string>();
    for (const file of new Set([...named, ...open])) {
      const read = await diskFiles.read(path.join(live.parts.workspace.root, ...file.split("/")));
      if (read.ok) hashes.set(file, read.value.hash);
    }
    return briefOf({ goal: words, constraints: constraintsIn(words) }, facts, {
      ...{ review: live.reviewer.review, named },
      lines: (hunk) => live.reviewer.lines(hunk),
      hash: (file) => hashes.get(file),
    });
  }

  private jobs(): Promise<Jobs | undefined> {
    const { options } = this.live.parts;
    return (this.opened ??= import("./jobs.ts").then(({ openJobs }) => {
      const opened = openJobs({ ...options, worker: options.worker ?? [] });
      return opened.ok ? opened.value : undefined;
    }));
  }
}

const telling: ReadonlySet<EventBody["type"]> = new Set([
  ...([
    "turn.started",
    "turn.steered",
    "constraints.set",
    "scope.changed",
    "hunk.rejected",
    "tests.ended",
    "workflow.answered",
  ] as const),
]);
