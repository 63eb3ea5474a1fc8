/**
 * Scout and finish: hunks of the fast lane that somebody wants a second look at go to a job that only reads, and its answer comes back as
 * comments on them. Also when the session was closed meanwhile: the job's log says who asked, and that it was told.
 */
import { type Command, type EventBody, type HunkId, type JobSummary, type Result, fail, succeed } from "@twolane/protocol";
import { jobFolder, openJobLog, readJobLog } from "../journal/job-folder.ts";
import type { CheckedHunk } from "../lanes/check-request.ts";
import { hiddenBrief, noFacts, noteForBrief } from "../lanes/brief.ts";
import { noRisks, noteRisk, riskOf } from "../lanes/risk.ts";
import { systemClock } from "../std/clock.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";
import { noticeOf } from "./notice.ts";

export class SessionChecks implements SessionCompanion {
  private readonly live: LiveParts;
  private readonly risks = noRisks();
  private readonly facts = noFacts();
  private readonly told = new Set<string>();
  private work: Promise<unknown> = Promise.resolve();

  constructor(live: LiveParts) {
    this.live = live;
    for (const event of live.history ?? []) this.note(event);
  }

  observe(event: EventBody): void {
    this.note(event);
    if (event.type !== "jobs.changed") return;
    for (const job of event.jobs) if (this.isAnswer(job)) this.behind(() => this.deliver(job));
  }

  takes(command: Command): boolean {
    if (command.type !== "job.check") return false;
    this.behind(async () => {
      const sent = await this.check(command.hunks);
      if (!sent.ok) this.live.emit(noticeOf(sent.failure));
    });
    return true;
  }

  idle(): Promise<unknown> {
    return this.work;
  }

  close(): Promise<unknown> {
    return this.work;
  }

  private note(event: EventBody): void {
    noteRisk(this.risks, event);
    noteForBrief(this.facts, event);
  }

  private isAnswer({ job, asker, state, taken }: JobSummary): boolean {
    const isOwn = asker?.session === this.live.journal.id && state === "ready" && taken !== true && !this.told.has(job);
    if (isOwn) this.told.add(job);
    return isOwn;
  }

  private behind(work: () => Promise<unknown>): void {
    this.work = this.work.then(work).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.live.emit({ type: "notice.given", code: "INTERNAL", message });
    });
  }

  private async check(wanted: readonly HunkId[]): Promise<Result<void>> {
    const chosen = wanted.length === 0 ? this.risky() : this.chosen(wanted);
    if (chosen.length === 0)
      return wanted.length === 0
        ? fail("JOB_UNCHANGED", "No open hunk looks risky.", "/check h1 has one looked at all the same.")
        : fail("JOB_UNCHANGED", `Nothing of ${wanted.join(", ")} stands or waits.`, "/review lists the hunks.");
    const [{ openJobs }, { checkBrief }] = await Promise.all([import("./jobs.ts"), import("../lanes/check-request.ts")]);
    const { parts, journal, screen, emit } = this.live;
    const jobs = openJobs({ ...parts.options, worker: parts.options.worker ?? [] });
    if (!jobs.ok) return jobs;
    const brief = hiddenBrief(checkBrief(chosen, this.facts), (text) => screen.hide(text, "the brief"));
    const hunks = chosen.map(({ id }) => id);
    const asker = { session: journal.id, hunks };
    const started = await jobs.value.start({ kind: "research", brief, budget: {}, otherwise: parts.source.session.model, asker });
    if (!started.ok) return started;
    const why = chosen.flatMap(({ id, risk }) => (risk === undefined ? [] : [`${id}: ${risk}`]));
    const message = `${started.value} looks at ${hunks.join(", ")}${why.length === 0 ? "" : ` (${why.join("; ")})`}; its remarks come to the review.`;
    emit({ type: "notice.given", code: "JOB_STARTED", message });
    return succeed(undefined);
  }

  private risky(): readonly CheckedHunk[] {
    const { reviewer, parts } = this.live;
    const rules = (path: string): readonly string[] => parts.policy.review(path).map(({ name }) => name);
    return [...reviewer.review.values()].flatMap((one) => {
      const isOpen = one.commit === undefined && (one.state === "landed" || one.state === "held") && one.hunk.job === undefined;
      const risk = isOpen ? riskOf(one, this.risks, rules) : undefined;
      return risk === undefined ? [] : this.withLines(one.hunk.id, risk);
    });
  }

  private chosen(wanted: readonly HunkId[]): readonly CheckedHunk[] {
    return wanted.flatMap((id) => this.withLines(id));
  }

  /** Of what was refused no request carries the text. */
  private withLines(id: HunkId, risk?: string): readonly CheckedHunk[] {
    const { reviewer, mayTell } = this.live;
    const one = reviewer.review.get(id);
    const lines = reviewer.lines(id);
    if (one === undefined || lines === undefined || !["landed", "accepted", "held"].includes(one.state)) return [];
    const path = one.hunk.movedTo ?? one.hunk.path;
    return mayTell(path) ? [{ id, path, line: one.hunk.line, lines, ...(risk !== undefined && { risk }) }] : [];
  }

  /** The log says that it was told, so that it is told once, whoever is open. */
  private async deliver({ job, asker }: JobSummary): Promise<void> {
    const { parts, emit } = this.live;
    const folder = jobFolder(parts.state, job);
    const reported = readJobLog(folder).findLast((event) => event.type === "job.reported");
    if (reported?.type !== "job.reported" || asker === undefined) return;
    const { commentsOf } = await import("../lanes/check-request.ts");
    const comments = commentsOf(reported.report.text, this.chosen(asker.hunks), job);
    for (const comment of comments) emit({ type: "comment.made", comment });
    const of = asker.hunks.join(", ");
    const message =
      comments.length === 0
        ? `${job} has looked at ${of} and has no remark that fits a line; /jobs ${job} shows its words.`
        : `${job} has looked at ${of}: ${comments.length} ${comments.length === 1 ? "remark" : "remarks"} in the review.`;
    emit({ type: "notice.given", code: "JOB_CHECKED", message });
    const log = await openJobLog(folder);
    const stamp = { at: systemClock.wall(), mono: systemClock.mono(), lane: "deep" as const, session: job };
    await log.keep({ type: "job.taken", hunks: [], ...stamp });
    await log.close();
  }
}
