/** Tells what became of a hunk: as an event, to whoever waits for its outcome, and to the person's review. Decides nothing. */
import { type Failure, type Hunk, type HunkId, type TurnId, failure } from "@twolane/protocol";
import type { HunkJudge } from "../../guard/hunk-judge.ts";
import type { Journal } from "../../journal/journal.ts";
import type { WithdrawalNote } from "../../journal/records.ts";
import type { HunkDraft } from "../edits.ts";
import { draftFingerprint } from "../review/fingerprint.ts";
import { withdrawalEvent } from "../review/withdrawn.ts";
import type { LandOutcome, LanderOptions } from "./lander.ts";
import { type Admitted, unplacedHunk } from "./landing-admit.ts";
import { keepDraft } from "./landing-kept.ts";

/** A hunk on its way. */
export interface HunkJob {
  readonly kind: "hunk";
  readonly hunk: HunkId;
  readonly turn: TurnId;
  readonly draft: HunkDraft;
  readonly settle: (outcome: LandOutcome) => void;
}

export type HeldVerdict = Extract<LandOutcome, { state: "held" }>["verdict"];

export const stoppedFailure = (): Failure => failure("STOPPED", "The turn was stopped before this hunk was written.");

interface OutcomesDeps {
  readonly journal: Journal;
  readonly judge: HunkJudge;
}

export class Outcomes {
  private readonly journal: Journal;
  private readonly judge: HunkJudge;
  private readonly options: LanderOptions;

  constructor({ journal, judge }: OutcomesDeps, options: LanderOptions) {
    this.journal = journal;
    this.judge = judge;
    this.options = options;
  }

  fail(job: HunkJob, reason: Failure, hunk: Hunk = unplacedHunk(job)): void {
    this.report(job, { state: "failed", hunk, failure: reason, candidates: [], excerpt: "" });
  }

  hold(job: HunkJob, hunk: Hunk, verdict: HeldVerdict): void {
    this.tellHeld(job, hunk, verdict);
    job.settle({ state: "held", hunk, verdict });
  }

  /** What the person never wants to be asked about is rejected at once. */
  refuse(job: HunkJob, { hunk, verdict, refusals = [] }: Extract<Admitted, { state: "held" }>): void {
    const never = this.judge.neverOf(refusals);
    if (refusals.length > 0) this.judge.show(hunk.id, refusals);
    if (never === undefined) {
      const again = refusals.length > 0 && this.judge.wasHeld(draftFingerprint(job.draft));
      this.tellHeld(job, hunk, verdict);
      return job.settle({ state: "held", hunk, verdict, again });
    }
    this.reject(job, hunk, `${never.reason}, and the user makes no exception from the rule ${never.rule}`);
  }

  /** Whoever waits for the outcome goes on waiting. */
  tellHeld(job: HunkJob, hunk: Hunk, verdict: HeldVerdict): void {
    if (!this.options.dryRun) void keepDraft(this.journal, job.hunk, job.draft);
    this.options.onEvent({ type: "hunk.held", hunk, verdict });
  }

  reject(job: HunkJob, hunk: Hunk, reason: string): void {
    this.withdraw(job, hunk, { hunk: hunk.id, state: "rejected", ...(reason !== "" && { reason }) });
    job.settle({ state: "rejected", hunk });
  }

  /** Its ground has gone before it was written; the model has been told that it landed. */
  holdBack(job: HunkJob, hunk: Hunk, on: HunkId): void {
    this.withdraw(job, hunk, { hunk: hunk.id, state: "held", on });
  }

  private withdraw(job: HunkJob, hunk: Hunk, note: WithdrawalNote): void {
    void keepDraft(this.journal, job.hunk, job.draft);
    this.options.review?.onGone(hunk, job.draft, note);
    this.options.onEvent(withdrawalEvent(hunk, note));
  }

  report(job: HunkJob, outcome: Extract<LandOutcome, { state: "landed" | "failed" | "present" }>): void {
    const { onEvent, dryRun } = this.options;
    const { state, hunk } = outcome;
    if (state === "landed") onEvent({ type: "hunk.landed", hunk, rung: outcome.rung, merged: outcome.merged, dryRun });
    else if (state === "present") onEvent({ type: "hunk.present", hunk });
    else onEvent({ type: "hunk.failed", hunk, failure: outcome.failure, candidates: outcome.candidates });
    job.settle(outcome);
  }
}
