/** A person's decisions on hunks that a job has offered: carried out many at once, and told hunk by hunk. What they do is `land-offered.ts`. */
import {
  type EventBody,
  type Failure,
  type Hunk,
  type HunkConflict,
  type HunkId,
  type Review,
  type ReviewedHunk,
  type Verdict,
  failure,
} from "@twolane/protocol";
import { verdictOf } from "../../guard/allowances.ts";
import { textOf } from "../../std/text.ts";
import { isReadable } from "../adopt/split.ts";
import { obstacle } from "./obstacle.ts";
import type { ReviewGround } from "./ground.ts";
import { type OfferedOutcome, type OfferedOutcomes, landOffered } from "./land-offered.ts";
import type { Conflict, Resolution } from "./offered-file.ts";
import type { ReviewerDeps } from "./review-contract.ts";

interface OfferedDeskParts {
  readonly ground: ReviewGround;
  /** Always false. */
  readonly refuse: (hunk: HunkId, reason: Failure) => false;
  readonly onBack: (known: ReviewedHunk) => void;
}

export class OfferedDesk {
  private readonly deps: ReviewerDeps;
  private readonly parts: OfferedDeskParts;

  constructor(deps: ReviewerDeps, parts: OfferedDeskParts) {
    this.deps = deps;
    this.parts = parts;
  }

  /** What would become of them now; nothing is written or told. Whoever asks shows it to the person. */
  async foresee(hunks: readonly Hunk[]): Promise<OfferedOutcomes> {
    const ground = await this.parts.ground.now();
    const outcomes = await landOffered(this.deps, { ground, wishes: hunks.map((hunk) => ({ hunk })) }, { dryRun: true });
    for (const [hunk, outcome] of outcomes) if (outcome.state === "refused") this.deps.judge.show(hunk, outcome.refusals);
    return outcomes;
  }

  /** Those of a job among the wanted ones; gives the others. A block takes no yes. */
  async landAmong(review: Review, wanted: readonly HunkId[], onLanded: (hunk: HunkId) => void): Promise<readonly HunkId[]> {
    const own = wanted.flatMap((id) => {
      const known = review.get(id);
      return known?.hunk.job === undefined || obstacle(known) !== undefined ? [] : [known];
    });
    if (own.length > 0) await this.land(own, onLanded);
    return wanted.filter((id) => !own.some(({ hunk }) => hunk.id === id));
  }

  /** Gives those that are on disk now; `onLanded` is called right behind the event of each. */
  async land(
    list: readonly ReviewedHunk[],
    onLanded: (hunk: HunkId) => void,
    resolution?: Resolution,
  ): Promise<ReadonlySet<HunkId>> {
    const ground = await this.parts.ground.now();
    const wishes = list.map(({ hunk }) => ({ hunk, ...(resolution && { resolution }) }));
    const outcomes = await landOffered(this.deps, { ground, wishes });
    const landed = new Set<HunkId>();
    for (const known of list) {
      const { hunk } = known;
      const outcome = outcomes.get(hunk.id);
      if (outcome === undefined) this.parts.refuse(hunk.id, failure("HUNK_STATE", "Its text is gone.", "Take the job again."));
      else if (outcome.state === "failed") this.parts.refuse(hunk.id, outcome.failure);
      else this.tell(known, outcome);
      if (outcome?.state !== "landed") continue;
      landed.add(hunk.id);
      onLanded(hunk.id);
    }
    return landed;
  }

  private tell(known: ReviewedHunk, outcome: Exclude<OfferedOutcome, { state: "failed" }>): void {
    const { deps, parts } = this;
    if (outcome.state === "refused") deps.judge.show(known.hunk.id, outcome.refusals);
    for (const event of offeredEvents(known.hunk, outcome)) deps.onEvent(event);
    if (outcome.state === "landed") parts.onBack(known);
  }
}

/** How it is told what became of an offered hunk, or would. */
export function offeredEvents(hunk: Hunk, outcome: Exclude<OfferedOutcome, { state: "failed" }>): readonly EventBody[] {
  switch (outcome.state) {
    case "landed":
      return [{ type: "hunk.landed", hunk: outcome.hunk, rung: "exact", merged: outcome.merged, dryRun: false }];
    case "present":
      return [{ type: "hunk.present", hunk }];
    case "refused":
      return [{ type: "hunk.held", hunk, verdict: verdictOf(outcome.refusals) }];
    case "conflict":
      return conflictEvents(hunk, outcome.conflict);
  }
}

export function waitsFor({ job = "" }: Hunk): Extract<Verdict, { reason: string }> {
  return {
    decision: "hold",
    rule: "deep",
    reason: `from job ${job}; yes takes it`,
    wayOut: "Accept it to take it, reject it to leave it.",
  };
}

function conflictEvents(hunk: Hunk, { line, base, yours, theirs }: Conflict): readonly EventBody[] {
  const where = line === 0 ? "" : ` at line ${line}`;
  const reason = `${hunk.path}${where} was changed as well since the job began; from job ${hunk.job ?? ""}`;
  const wayOut = "Take yours or theirs, or write what is to stand there.";
  const verdict = { decision: "hold", rule: "conflict", reason, wayOut } as const;
  const conflict: HunkConflict = { line, base: linesOf(base), yours: linesOf(yours), theirs: linesOf(theirs) };
  return [
    { type: "hunk.held", hunk, verdict },
    { type: "hunk.conflicted", hunk: hunk.id, path: hunk.path, conflict },
  ];
}

const linesShown = 200;

function linesOf(bytes: Uint8Array): readonly string[] {
  if (!isReadable(bytes)) return [`(no text, ${bytes.length} bytes)`];
  const lines = textOf(bytes)
    .split("\n")
    .map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines.length <= linesShown ? lines : [...lines.slice(0, linesShown), `… and ${lines.length - linesShown} more lines`];
}
