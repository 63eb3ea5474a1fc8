/**
 * Lands hunks: decides in which order they are placed and when they are written (`LandingMode`), tells what became of
 * each, and stops. One hunk after the other; hunks of one file that are waiting together are one write.
 *
 * Finding places is `landing-admit.ts`, writing is `landing-unit.ts`.
 */
import { type Failure, type Hunk, type HunkId, type Result, type TurnId, failure } from "@twolane/protocol";
import type { HunkJudge } from "../../guard/hunk-judge.ts";
import type { FileSnapshot } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import type { Clock } from "../../std/clock.ts";
import { sha256 } from "../../std/hash.ts";
import type { HunkDraft } from "../edits.ts";
import { readSettled } from "./landing-absorb.ts";
import { type AdmitDeps, type Admitted, admit, countedHunk, failedOutcome } from "./landing-admit.ts";
import { type Decision, type StepDecision, StepDecisions } from "./landing-decisions.ts";
import { type Foresight, Lookahead } from "./landing-foresee.ts";
import { type LandingFile, forgetCall, landingFile, sameContent, takeUp } from "./landing-files.ts";
import { LoadedFiles, prepareMemory } from "./landing-loaded.ts";
import { type HeldVerdict, type HunkJob, Outcomes, stoppedFailure } from "./landing-outcomes.ts";
import { planHold, reviewVerdict, stepHold } from "./landing-review.ts";
import { type HunkResult, type UnitDeps, landUnit, settleFile } from "./landing-unit.ts";
import { type Waiting, takeOut } from "./landing-take-out.ts";
import { SaveWatch } from "./landing-watch.ts";
import type { LandOutcome, Lander, LanderOptions } from "./lander.ts";

export interface LanderDeps extends UnitDeps {
  /** A path as a model wrote it → the file that it means, or why it may not be written. */
  readonly resolve: (path: string) => Result<Target>;
  readonly judge: HunkJudge;
  /** Reads what the judge may ask about a path (real path), beside the file itself. */
  readonly prepare?: (path: string) => Promise<void>;
  readonly clock: Clock;
}

/** Hunks that may wait at once; one more fails. */
const maxWaiting = 10_000;

type Job = HunkJob | { readonly kind: "end-call" } | { readonly kind: "finish"; readonly settle: () => void };

interface Urgent {
  readonly action: () => Promise<readonly string[]>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export function createLander(deps: LanderDeps, options: LanderOptions): Lander {
  return new QueuedLander(deps, options);
}

class QueuedLander implements Lander {
  private readonly deps: LanderDeps;
  private readonly options: LanderOptions;
  private readonly loaded: LoadedFiles;
  private readonly ahead: Lookahead;
  private jobs: Job[] = [];
  private waiting: Waiting[] = [];
  private readonly watch: SaveWatch;
  /** Mode `turn`: hunks that were not placed and have not been made good. */
  private unresolved: string[] = [];
  private urgent: Urgent[] = [];
  private readonly decisions = new StepDecisions();
  private readonly outcomes: Outcomes;
  /** Hunks for which nobody is asked any more. */
  private readonly released = new Set<HunkId>();
  private current: Job | undefined;
  private running = false;
  private stopped = false;

  constructor(deps: LanderDeps, options: LanderOptions) {
    this.deps = deps;
    this.options = options;
    this.outcomes = new Outcomes(deps, options);
    this.loaded = new LoadedFiles(deps.files, deps.prepare);
    this.ahead = new Lookahead(deps, this.loaded);
    this.watch = new SaveWatch(deps, { settled: (path, now) => this.settleRead(path, now), onEvent: options.onEvent });
  }

  open(path: string): Promise<void> {
    return this.ahead.open(path);
  }

  locate(draft: HunkDraft): number {
    return this.ahead.locate(draft);
  }

  foresee(turn: TurnId, path: string): Foresight | undefined {
    return this.ahead.foresee(turn, path);
  }

  land(hunk: HunkId, turn: TurnId, draft: HunkDraft): Promise<LandOutcome> {
    return new Promise((settle) => {
      const job: HunkJob = {
        kind: "hunk",
        hunk,
        turn,
        draft,
        settle: (outcome) => {
          this.released.delete(hunk);
          settle(outcome);
        },
      };
      if (this.stopped) this.outcomes.fail(job, stoppedFailure());
      else if (this.jobs.length >= maxWaiting)
        this.outcomes.fail(job, failure("TOOL_FAILED", `More than ${maxWaiting} hunks wait to be written.`));
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

  decide(hunk: HunkId, decision: Decision): boolean {
    const isAhead = this.decisions.isAtHead(hunk) || this.jobs.some((job) => job.kind === "hunk" && job.hunk === hunk);
    if (isAhead) this.decisions.decide(hunk, decision);
    return isAhead || this.decideWaiting(hunk, decision);
  }

  release(): void {
    for (const job of [this.current, ...this.jobs]) if (job?.kind === "hunk") this.released.add(job.hunk);
    this.decisions.release();
  }

  exclusive(action: () => Promise<readonly string[]>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.urgent.push({ action, resolve, reject });
      this.decisions.wake();
      this.start();
    });
  }

  stop(): void {
    this.stopped = true;
    // What waits for a person is finished: it stays in the review, and may land when the person says so.
    const isAsking = this.decisions.isWaiting || this.options.review?.mode() === "step";
    const dropped = this.jobs;
    this.jobs = dropped.filter((job) => job.kind !== "hunk");
    const waiting = this.waiting;
    this.waiting = [];
    this.giveUp(waiting, stoppedFailure());
    this.decisions.release();
    for (const job of dropped) {
      if (job.kind !== "hunk") continue;
      const early = this.decisions.takeEarly(job.hunk);
      if (early?.kind === "reject") this.outcomes.reject(job, countedHunk(job), early.reason);
      else if (isAsking) this.hold(job, countedHunk(job), stepHold);
      else this.outcomes.fail(job, stoppedFailure());
    }
  }

  /** What the mode holds back has its place already: a no takes it out again. */
  private decideWaiting(hunk: HunkId, decision: Decision): boolean {
    const isHeldBack = this.options.mode !== "hunk" && !this.options.dryRun;
    if (!isHeldBack || !this.waiting.some(({ job }) => job.hunk === hunk)) return false;
    // Other words would need another place.
    if (decision.kind === "accept") return decision.revise === undefined;
    const { rest, taken } = takeOut(this.waiting, [...this.loaded.all()], hunk);
    this.waiting = rest;
    for (const { job, admitted } of taken) {
      if (job.hunk === hunk) this.outcomes.reject(job, admitted.hunk, decision.reason);
      else {
        this.unresolved.push(admitted.hunk.path);
        this.outcomes.holdBack(job, admitted.hunk, hunk);
      }
    }
    return true;
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
      this.current = job;
      if (job?.kind === "hunk") await this.take(job);
      else if (job?.kind === "end-call") await this.endOfCall();
      else if (job?.kind === "finish") {
        await this.write();
        await this.watch.finish();
        job.settle();
      }
      this.current = undefined;
    }
    this.running = false;
  }

  /** Others' work on our files, and then those files as they are after it. */
  private async letIn(): Promise<void> {
    if (this.urgent.length === 0) return;
    if (this.options.mode === "hunk") await this.write();
    for (let urgent = this.urgent.shift(); urgent; urgent = this.urgent.shift()) {
      try {
        for (const path of await urgent.action()) await this.takeUpFile(path);
        urgent.resolve();
      } catch (error) {
        urgent.reject(error);
      }
    }
  }

  private async takeUpFile(path: string): Promise<void> {
    const file = this.loaded.get(path);
    // What is held back is joined with the file when it is written.
    if (!file || file.pending.length > 0) return;
    const read = await this.deps.files.read(file.target.absolute);
    takeUp(file, read.ok ? read.value : undefined);
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
    if (this.stopped) return this.outcomes.fail(job, stoppedFailure(), admitted.hunk);
    switch (admitted.state) {
      case "held":
        this.unresolved.push(admitted.hunk.path);
        return this.outcomes.refuse(job, admitted);
      case "failed":
        this.unresolved.push(admitted.hunk.path);
        return this.outcomes.report(job, failedOutcome(admitted));
      case "present":
        this.resolve(admitted.hunk.path);
        return this.outcomes.report(job, admitted);
      case "pending":
        this.resolve(admitted.hunk.path);
        this.waiting.push({ job, admitted });
        if (this.options.mode !== "hunk" || this.options.dryRun) this.answerEarly(job, admitted);
    }
  }

  private resolve(path: string): void {
    this.unresolved = this.unresolved.filter((other) => other !== path);
  }

  /** Undefined when nothing of it lands now: a person said no, or has not said yes. */
  private async reviewed(job: HunkJob): Promise<Admitted | undefined> {
    const { review, approved } = this.options;
    const early = this.decisions.takeEarly(job.hunk);
    if (approved === true || early?.kind === "accept")
      return this.admitRevised(job, early?.kind === "accept" ? early.revise : undefined);
    const verdict = early ? stepHold : review && !this.options.dryRun ? reviewVerdict(review, job.draft) : undefined;
    if (verdict === undefined) return this.admit(job);
    const placed = await this.admit(job, { review: verdict });
    if (early) this.outcomes.reject(job, placed.hunk, early.reason);
    if (early) return undefined;
    // A plan stands on what is only planned: without a place it is still part of it.
    if (verdict === planHold && placed.state === "failed" && placed.file)
      return { state: "held", hunk: { ...countedHunk(job), path: placed.hunk.path }, verdict };
    const isOpen = verdict === stepHold && placed.state === "held" && placed.verdict === verdict;
    return isOpen ? this.ask(job, placed.hunk) : placed;
  }

  private async ask(job: HunkJob, hunk: Hunk): Promise<Admitted | undefined> {
    // The person looks at the files meanwhile: what is decided on before must be on disk.
    if (this.options.mode === "hunk") await this.write();
    this.outcomes.tellHeld(job, hunk, stepHold);
    const isOver = this.stopped || this.released.has(job.hunk);
    const decision: StepDecision = isOver ? { kind: "undecided" } : await this.decisions.wait(job.hunk, () => this.letIn());
    if (decision.kind === "accept") return this.admitRevised(job, decision.revise);
    if (decision.kind === "reject") this.outcomes.reject(job, hunk, decision.reason);
    else job.settle({ state: "held", hunk, verdict: stepHold });
    return undefined;
  }

  /** With a person's yes to what was shown of it; other words are judged anew. */
  private admitRevised(job: HunkJob, revise?: (draft: HunkDraft) => HunkDraft): Promise<Admitted> {
    return revise ? this.admit({ ...job, draft: revise(job.draft) }) : this.admit(job, { isApproved: true });
  }

  /** Once more on the file as it is now, if it is another one than the hunk was placed in. */
  private async admit(job: HunkJob, how: Pick<AdmitDeps, "review" | "isApproved"> = {}): Promise<Admitted> {
    const deps = {
      ...how,
      judge: this.deps.judge,
      resolve: this.deps.resolve,
      load: (target: Target) => this.loaded.load(target),
      loaded: (path: string) => this.loaded.get(path),
      all: () => this.loaded.all(),
    };
    const first = await admit(deps, job);
    if (first.state !== "failed" || !first.file || this.options.mode === "turn" || this.options.dryRun) return first;
    // What waits is written then, and may be what this one asks for.
    const waited = first.file.pending.length > 0;
    const isOther = await this.refresh(first.file);
    return isOther || waited ? admit(deps, job) : first;
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

  private realPath(path: string): string {
    const target = this.deps.resolve(path);
    return target.ok ? target.value.real : path;
  }

  private async endOfCall(): Promise<void> {
    if (this.options.mode === "file" && !this.options.dryRun) await this.write();
    for (const file of this.loaded.all()) forgetCall(file);
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
    prepareMemory(files);
    await this.watch.trim();
  }

  private conclude({ job, admitted }: Waiting, result: HunkResult | undefined): void {
    const { hunk, rung } = admitted;
    if (result?.state === "landed") this.outcomes.report(job, { ...result, state: "landed", hunk, rung });
    else if (result?.state === "held") this.hold(job, hunk, result.verdict);
    else this.outcomes.fail(job, result?.failure ?? failure("INTERNAL", "A hunk was lost on its way to the disk."), hunk);
  }

  private hold(job: HunkJob, hunk: Hunk, verdict: HeldVerdict): void {
    this.unresolved.push(hunk.path);
    this.outcomes.hold(job, hunk, verdict);
  }

  private giveUp(waiting: readonly Waiting[], reason: Failure): void {
    for (const { job, admitted } of waiting) this.outcomes.fail(job, reason, admitted.hunk);
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
    if (this.options.dryRun) this.outcomes.report(job, outcome);
    else job.settle(outcome);
  }
}
