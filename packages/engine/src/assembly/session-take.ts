/**
 * Taking what a job of the deep lane changed, as a running session sees it: the commands for it, and what is written into the job's own log
 * when its hunks come to the disk or leave it. The work is `take-job.ts`, loaded when somebody takes something.
 */
import path from "node:path";
import type { Command, EventBody, HunkId, JobId } from "@twolane/protocol";
import { offeredEvents } from "../edits/review/offered-desk.ts";
import { jobFolder, openJobLog, readJobLog } from "../journal/job-folder.ts";
import { systemClock } from "../std/clock.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";
import { noticeOf } from "./notice.ts";

/** What lands or leaves in one go is written once; ms. */
const gatherMs = 30;

interface Move {
  readonly job: JobId;
  readonly place: string;
  readonly path: string;
  readonly back: boolean;
}

export class SessionTake implements SessionCompanion {
  private readonly live: LiveParts;
  private work: Promise<unknown> = Promise.resolve();
  /** Where the hunks of jobs are that are on disk. */
  private readonly on = new Map<HunkId, Omit<Move, "back">>();
  private moves: Move[] = [];
  /** Hunks whose lines the person had changed as well, and of those the ones that the person takes back. */
  private readonly contested = new Set<HunkId>();
  private readonly takenBack = new Set<HunkId>();
  private timer: NodeJS.Timeout | undefined;

  constructor(live: LiveParts) {
    this.live = live;
    for (const event of live.history ?? []) this.follow(event);
    this.moves = [];
    if (this.contested.size > 0) this.behind(() => this.showAgain());
  }

  takes(command: Command): boolean {
    if (command.type === "hunk.undo") for (const hunk of command.hunks) if (this.contested.has(hunk)) this.takenBack.add(hunk);
    if (command.type === "job.take") this.behind(() => this.take(command.job));
    else if (command.type === "conflict.resolve") this.behind(() => this.resolve(command));
    else return false;
    return true;
  }

  observe(event: EventBody): void {
    this.follow(event);
    if (event.type === "hunk.undone" && this.takenBack.delete(event.hunk)) this.behind(() => this.lookAgain(event.hunk));
    if (this.moves.length > 0) this.timer ??= setTimeout(() => this.behind(() => this.flush()), gatherMs).unref();
  }

  async idle(): Promise<void> {
    await this.work;
    await this.flush();
  }

  async close(): Promise<void> {
    await this.work;
    await this.flush();
  }

  private async take(job: JobId): Promise<void> {
    const { takeJob } = await import("./take-job.ts");
    const taken = await takeJob(this.live, job);
    if (!taken.ok) this.live.emit(noticeOf(taken.failure));
  }

  private async resolve({ hunk, with: answer, text = "" }: Extract<Command, { type: "conflict.resolve" }>): Promise<void> {
    const { reviewer, screen } = this.live;
    if (answer === "yours") return reviewer.reject([hunk]);
    return reviewer.resolve(hunk, answer === "text" ? { with: answer, text: screen.restore(text) } : { with: answer });
  }

  /** Who takes an answer to a conflict back is asked again; a file that it fits by now makes it one that is undone. */
  private async lookAgain(id: HunkId): Promise<void> {
    const { reviewer, emit } = this.live;
    const isUndone = (): boolean => reviewer.review.get(id)?.state === "undone";
    const hunk = reviewer.review.get(id)?.hunk;
    if (hunk === undefined || !isUndone()) return;
    const outcome = (await reviewer.foresee([hunk])).get(id);
    if (outcome?.state !== "conflict" || !isUndone()) return;
    for (const event of offeredEvents(hunk, outcome)) emit(event);
  }

  /** The texts of conflicts that an earlier process has left open, as they are now. */
  private async showAgain(): Promise<void> {
    const { reviewer, emit } = this.live;
    const isOpen = (id: HunkId): boolean => {
      const known = reviewer.review.get(id);
      return known?.state === "held" && known.verdict?.rule === "conflict";
    };
    const hunks = [...this.contested].filter(isOpen).flatMap((id) => reviewer.review.get(id)?.hunk ?? []);
    if (hunks.length === 0) return;
    const outcomes = await reviewer.foresee(hunks);
    for (const hunk of hunks) {
      const outcome = outcomes.get(hunk.id);
      if (outcome?.state !== "conflict" || !isOpen(hunk.id)) continue;
      for (const event of offeredEvents(hunk, outcome)) if (event.type === "hunk.conflicted") emit(event);
    }
  }

  private behind(work: () => Promise<void>): void {
    this.work = this.work.then(work).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.live.emit({ type: "notice.given", code: "INTERNAL", message });
    });
  }

  private follow(event: EventBody): void {
    // The texts of a conflict are not kept, that there was one is.
    if (event.type === "hunk.held" && event.verdict.rule === "conflict") this.contested.add(event.hunk.id);
    if (event.type === "hunk.landed" && !event.dryRun) {
      const { id, job, path: file, line } = event.hunk;
      if (job === undefined || this.on.has(id)) return;
      const move = { job, path: file, place: line > 0 ? `${file}:${line}` : file };
      this.on.set(id, move);
      this.moves.push({ ...move, back: false });
    } else if (event.type === "hunk.undone" || event.type === "hunk.rejected") {
      const known = this.on.get(event.hunk);
      if (known === undefined) return;
      this.on.delete(event.hunk);
      this.moves.push({ ...known, back: true });
    }
  }

  /** The job's log says what became of it, and the model that what it knows of these files is old. */
  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const moves = this.moves.splice(0);
    if (moves.length === 0) return;
    const files = [...new Set(moves.map((move) => move.path))];
    const named = files.slice(0, 20).join(", ");
    this.live.loop.note(
      `[The person took a background job's changes in ${named}${files.length > 20 ? ", …" : ""}; read them again first.]`,
    );
    for (const job of new Set(moves.map((move) => move.job))) {
      const own = moves.filter((move) => move.job === job);
      for (const back of [false, true]) {
        const hunks = own.filter((move) => move.back === back).map(({ place }) => place);
        if (hunks.length > 0) await this.write(job, hunks, back);
      }
    }
  }

  private async write(job: JobId, hunks: readonly string[], back: boolean): Promise<void> {
    const folder = jobFolder(this.live.parts.state, job);
    // It may be dropped by now.
    if (path.basename(folder.path) !== job || readJobLog(folder).length === 0) return;
    const log = await openJobLog(folder);
    const stamp = { at: systemClock.wall(), mono: systemClock.mono(), lane: "deep" as const, session: job };
    await log.keep({ type: "job.taken", hunks, ...(back && { back }), ...stamp });
    await log.close();
  }
}
