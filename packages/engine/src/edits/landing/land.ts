/**
 * Lands hunks: decides in which order they are placed and when they are written (`LandingMode`), tells what became of
 * each, and stops. One hunk after the other; hunks of one file that are waiting together are one write.
 *
 * Finding places is `landing-admit.ts`, writing is `landing-unit.ts`.
 */
import { type Failure, type Hunk, type HunkId, type Result, type TurnId, failure, succeed } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import type { Clock } from "../../std/clock.ts";
import { sha256 } from "../../std/hash.ts";
import type { HunkDraft } from "../edits.ts";
import { readSettled } from "./landing-absorb.ts";
import { type Admitted, type Judge, admit, unplacedHunk } from "./landing-admit.ts";
import { StepDecisions } from "./landing-decisions.ts";
import { type LandingFile, forgetCall, landingFile, sameContent, takeUp } from "./landing-files.ts";
import { type ReviewHold, approvedJudge, reviewVerdict, stepHold } from "./landing-review.ts";
import { type HunkResult, type UnitDeps, landUnit, settleFile } from "./landing-unit.ts";
import { SaveWatch } from "./landing-watch.ts";
import { createLocator } from "../placing/locate-tentative.ts";
import type { LandOutcome, Lander, LanderOptions } from "./lander.ts";

export interface LanderDeps extends UnitDeps {
  /** A path as a model wrote it → the file that it means, or why it may not be written. */
  readonly resolve: (path: string) => Result<Target>;
  readonly judge: Judge;
  readonly clock: Clock;
}

/** Hunks that may wait at once. One more fails; a model that writes faster than a disk for so long is out of control. */
const maxWaiting = 10_000;

interface HunkJob {
  readonly kind: "hunk";
  readonly hunk: HunkId;
  readonly turn: TurnId;
  readonly draft: HunkDraft;
  readonly settle: (outcome: LandOutcome) => void;
}

type Job = HunkJob | { readonly kind: "end-call" } | { readonly kind: "finish"; readonly settle: () => void };

/** A hunk that has its place and waits to be written. */
interface Waiting {
  readonly job: HunkJob;
  readonly admitted: Extract<Admitted, { state: "pending" }>;
}

const stoppedFailure = (): Failure => failure("STOPPED", "The turn was stopped before this hunk was written.");

export function createLander(deps: LanderDeps, options: LanderOptions): Lander {
  return new QueuedLander(deps, options);
}

class QueuedLander implements Lander {
  private readonly deps: LanderDeps;
  private readonly options: LanderOptions;
  private readonly files = new Map<string, Promise<Result<LandingFile>>>();
  private readonly loaded = new Map<string, LandingFile>();
  private readonly locator = createLocator();
  private jobs: Job[] = [];
  private waiting: Waiting[] = [];
  private readonly watch: SaveWatch;
  /** Mode `turn`: hunks that were not placed and have not been made good. */
  private unresolved: string[] = [];
  /** Work on files of this turn by others, let in between two hunks. */
  private urgent: (() => Promise<void>)[] = [];
  private readonly decisions = new StepDecisions();
  /** Hunks that were handed in and have no outcome. */
  private readonly undecided = new Set<HunkId>();
  private running = false;
  private stopped = false;

  constructor(deps: LanderDeps, options: LanderOptions) {
    this.deps = deps;
    this.options = options;
    this.watch = new SaveWatch(deps, { settled: (path, now) => this.settleRead(path, now), onEvent: options.onEvent });
  }

  open(path: string): void {
    const target = this.deps.resolve(path);
    if (target.ok) void this.load(target.value);
  }

  locate(draft: HunkDraft): number {
    if (draft.kind !== "update" && draft.kind !== "substitute") return 0;
    const target = this.deps.resolve(draft.path);
    const file = target.ok ? this.loaded.get(target.value.real) : undefined;
    if (!file?.text) return 0;
    return this.locator.tentative(draft, file.text, file.cursor);
  }

  land(hunk: HunkId, turn: TurnId, draft: HunkDraft): Promise<LandOutcome> {
    return new Promise((settle) => {
      this.undecided.add(hunk);
      const job: HunkJob = { kind: "hunk", hunk, turn, draft, settle };
      if (this.stopped) this.fail(job, stoppedFailure());
      else if (this.jobs.length >= maxWaiting)
        this.fail(job, failure("TOOL_FAILED", `More than ${maxWaiting} hunks wait to be written.`));
      else this.enqueue(job);
    });
  }

  pending(path: string): Uint8Array | undefined {
    const file = this.loaded.get(path);
    return file && file.pending.length > 0 ? file.text?.bytes : undefined;
  }

  endCall(): void {
    this.enqueue({ kind: "end-call" });
  }

  finish(): Promise<void> {
    return new Promise((settle) => this.enqueue({ kind: "finish", settle }));
  }

  decide(hunk: HunkId, decision: "accept" | "reject"): boolean {
    if (!this.undecided.has(hunk)) return false;
    this.decisions.decide(hunk, decision);
    return true;
  }

  release(): void {
    this.decisions.release();
  }

  exclusive(action: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.urgent.push(() => action().then(resolve, reject));
      this.decisions.wake();
      this.start();
    });
  }

  stop(): void {
    this.stopped = true;
    this.decisions.stop();
    const dropped = this.jobs;
    this.jobs = dropped.filter((job) => job.kind !== "hunk");
    const waiting = this.waiting;
    this.waiting = [];
    this.giveUp(waiting, stoppedFailure());
    for (const job of dropped) if (job.kind === "hunk") this.fail(job, stoppedFailure());
  }

  private enqueue(job: Job): void {
    this.jobs.push(job);
    this.start();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    // After the current piece of input: hunks that it closes together are written together.
    queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    while (this.jobs.length > 0 || this.urgent.length > 0) {
      await this.letIn();
      const job = this.jobs.shift();
      if (job?.kind === "hunk") await this.take(job);
      else if (job?.kind === "end-call") await this.endOfCall();
      else if (job?.kind === "finish") {
        await this.write();
        await this.watch.finish();
        job.settle();
      }
    }
    this.running = false;
  }

  /** Others' work on our files, and then the files as they are after it. */
  private async letIn(): Promise<void> {
    if (this.urgent.length === 0) return;
    await this.write();
    for (let action = this.urgent.shift(); action; action = this.urgent.shift()) await action();
    for (const file of this.loaded.values()) {
      if (file.pending.length > 0) continue;
      const read = await this.deps.files.read(file.target.absolute);
      takeUp(file, read.ok ? read.value : undefined);
    }
  }

  private async take(job: HunkJob): Promise<void> {
    const { mode, dryRun } = this.options;
    const together = mode === "turn" || dryRun;
    const path = this.realPath(job.draft.path);
    // A move concerns two files at once and is written for itself.
    const lone = job.draft.kind === "move";
    if (
      !together &&
      this.waiting.length > 0 &&
      (lone || !this.waiting.every(({ admitted }) => admitted.files.every((file) => file.target.real === path)))
    ) {
      await this.write();
    }
    const admitted = await this.reviewed(job);
    if (admitted !== undefined) this.receive(job, admitted);
    if (together) return;
    const next = this.jobs[0];
    const more = next?.kind === "hunk" && next.draft.kind !== "move" && this.realPath(next.draft.path) === path;
    if (lone || (mode === "hunk" && !more)) await this.write();
  }

  private receive(job: HunkJob, admitted: Admitted): void {
    if (this.stopped) return this.fail(job, stoppedFailure(), admitted.hunk);
    switch (admitted.state) {
      case "held":
        return this.hold(job, admitted.hunk, admitted.verdict);
      case "failed":
        this.unresolved.push(admitted.hunk.path);
        return this.report(job, failedOutcome(admitted));
      case "pending":
        this.unresolved = this.unresolved.filter((other) => other !== admitted.hunk.path);
        this.waiting.push({ job, admitted });
        if (this.options.mode !== "hunk" || this.options.dryRun) this.answerEarly(job, admitted);
    }
  }

  /** With a yes in mode `step`; undefined when the person said no. */
  private async reviewed(job: HunkJob): Promise<Admitted | undefined> {
    const { review, approved } = this.options;
    if (approved === true) return this.admit(job, approvedJudge(this.deps.judge));
    const refused = this.decisions.early(job.hunk) === "reject";
    const verdict = refused ? stepHold : review && reviewVerdict(review, job.draft);
    if (verdict === undefined) return this.admit(job, this.deps.judge);
    const held = await this.admit(job, this.deps.judge, verdict);
    if (refused) return void this.reject(job, held.hunk);
    // What is decided on before it lands must be on disk before what waits: the person looks at the files meanwhile.
    if (verdict.rule === "step") await this.write();
    if (verdict.rule !== "step" || held.state !== "held" || held.verdict.rule !== "step" || this.stopped) return held;
    this.tellHeld(job, held.hunk, verdict);
    const decision = await this.decisions.wait(job.hunk, () => this.letIn());
    if (decision === "accept") return this.admit(job, this.deps.judge);
    if (decision === "stopped") return held;
    if (decision === "released") this.settle(job, { state: "held", hunk: held.hunk, verdict });
    else this.reject(job, held.hunk);
    return undefined;
  }

  private reject(job: HunkJob, hunk: Hunk): void {
    this.options.review?.onRejected(hunk, job.draft);
    this.options.onEvent({ type: "hunk.rejected", hunk: hunk.id, path: hunk.path });
    this.settle(job, { state: "rejected", hunk });
  }

  /** Once more on the file as it is now, if it is another one than the hunk was placed in. */
  private async admit(job: HunkJob, judge: Judge, review?: ReviewHold): Promise<Admitted> {
    const deps = { judge, ...(review && { review }), resolve: this.deps.resolve, load: (target: Target) => this.load(target) };
    const first = await admit(deps, job);
    if (first.state !== "failed" || !first.file || this.options.mode === "turn" || this.options.dryRun) return first;
    if (!(await this.refresh(first.file))) return first;
    return admit(deps, job);
  }

  /** Takes up what is on disk; false if that is what we knew. */
  private async refresh(file: LandingFile): Promise<boolean> {
    await this.write();
    const now = await readSettled(this.deps.files, file.target.absolute);
    if (sameContent(file.disk?.bytes, now?.bytes)) return false;
    settleFile(file, now);
    return true;
  }

  private settleRead(path: string, now: FileSnapshot | undefined): void {
    const file = this.loaded.get(path);
    if (file) settleFile(file, now);
  }

  private load(target: Target): Promise<Result<LandingFile>> {
    const known = this.files.get(target.real);
    if (known) return known;
    const loading = this.deps.files.read(target.absolute).then((read): Result<LandingFile> => {
      if (!read.ok && read.failure.code !== "FILE_MISSING") {
        this.files.delete(target.real);
        return read;
      }
      const file = landingFile(target, read.ok ? read.value : undefined);
      this.loaded.set(target.real, file);
      return succeed(file);
    });
    this.files.set(target.real, loading);
    return loading;
  }

  private realPath(path: string): string {
    const target = this.deps.resolve(path);
    return target.ok ? target.value.real : path;
  }

  private async endOfCall(): Promise<void> {
    if (this.options.mode === "file" && !this.options.dryRun) await this.write();
    for (const file of this.loaded.values()) forgetCall(file);
  }

  /** Puts everything that waits on disk and tells its outcome. */
  private async write(): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    if (waiting.length === 0 || this.options.dryRun) return;
    const turn = this.options.mode === "turn";
    if (this.stopped) return this.giveUp(waiting, stoppedFailure());
    if (turn && this.unresolved.length > 0) {
      return this.giveUp(waiting, failure("TURN_INCOMPLETE", `${this.unresolved[0]} did not get all hunks of this turn.`));
    }
    const files = [...new Set(waiting.flatMap(({ admitted }) => admitted.files))];
    const results = await landUnit(this.deps, files, {
      allOrNothing: turn || files.length > 1,
      refusal: () => (this.stopped ? stoppedFailure() : undefined),
      watch: (written, hunks) => this.watch.add(written, hunks),
    });
    for (const item of waiting) this.conclude(item, results.get(item.job.hunk));
    await this.watch.trim();
  }

  private conclude({ job, admitted }: Waiting, result: HunkResult | undefined): void {
    const { hunk, rung } = admitted;
    if (result?.state === "landed") this.report(job, { ...result, state: "landed", hunk, rung });
    else if (result?.state === "held") this.hold(job, hunk, result.verdict);
    else this.fail(job, result?.failure ?? failure("INTERNAL", "A hunk was lost on its way to the disk."), hunk);
  }

  private giveUp(waiting: readonly Waiting[], reason: Failure): void {
    for (const { job, admitted } of waiting) this.fail(job, reason, admitted.hunk);
    for (const file of new Set(waiting.flatMap(({ admitted }) => admitted.files))) {
      file.pending = [];
      file.text = landingFile(file.target, file.disk).text;
      forgetCall(file);
    }
  }

  /** What is held back from the disk is answered at once; the author must be able to go on. */
  private answerEarly(job: HunkJob, { hunk, rung, files }: Extract<Admitted, { state: "pending" }>): void {
    const text = files[0]?.text;
    const outcome = { state: "landed" as const, hunk, rung, merged: false, hash: text ? sha256(text.bytes) : "" };
    if (this.options.dryRun) this.report(job, outcome);
    else job.settle(outcome);
  }

  private fail(job: HunkJob, reason: Failure, hunk: Hunk = unplacedHunk(job)): void {
    this.report(job, { state: "failed", hunk, failure: reason, candidates: [], excerpt: "" });
  }

  private hold(job: HunkJob, hunk: Hunk, verdict: Extract<LandOutcome, { state: "held" }>["verdict"]): void {
    this.unresolved.push(hunk.path);
    this.tellHeld(job, hunk, verdict);
    this.settle(job, { state: "held", hunk, verdict });
  }

  private tellHeld(job: HunkJob, hunk: Hunk, verdict: Extract<LandOutcome, { state: "held" }>["verdict"]): void {
    if (!this.options.dryRun) void this.keepDraft(job);
    this.options.onEvent({ type: "hunk.held", hunk, verdict });
  }

  /** A held hunk's text outlives the session, so that a person can still say yes. */
  private async keepDraft({ hunk, draft }: HunkJob): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(draft), "utf8");
    await this.deps.journal.commit((blobs) => [{ type: "hunk.kept", hunk, path: draft.path, draft: blobs.add(bytes) }]);
  }

  private report(job: HunkJob, outcome: Extract<LandOutcome, { state: "landed" | "failed" }>): void {
    const { onEvent, dryRun } = this.options;
    const { hunk } = outcome;
    if (outcome.state === "landed") onEvent({ type: "hunk.landed", hunk, rung: outcome.rung, merged: outcome.merged, dryRun });
    else onEvent({ type: "hunk.failed", hunk, failure: outcome.failure, candidates: outcome.candidates });
    this.settle(job, outcome);
  }

  private settle(job: HunkJob, outcome: LandOutcome): void {
    this.undecided.delete(job.hunk);
    job.settle(outcome);
  }
}

function failedOutcome({ hunk, failed }: Extract<Admitted, { state: "failed" }>): Extract<LandOutcome, { state: "failed" }> {
  return { state: "failed", hunk, failure: failed.failure, candidates: failed.candidates, excerpt: failed.excerpt };
}
