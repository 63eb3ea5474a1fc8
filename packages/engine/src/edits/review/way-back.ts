/** The way of one hunk back to the disk: by its draft, or by what it did there before. What speaks against it is told. */
import { type Failure, type Hunk, type HunkId, type ReviewedHunk, failure } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import { verdictOf } from "../../guard/allowances.ts";
import type { HunkDraft } from "../edits.ts";
import type { Lander } from "../landing/lander.ts";
import type { ReviewGround } from "./ground.ts";
import { recordedLines } from "./hunk-lines.ts";
import { keptDraft } from "./kept-draft.ts";
import { obstacle } from "./obstacle.ts";
import type { OfferedDesk } from "./offered-desk.ts";
import { landAgain } from "./reland.ts";
import type { ReviewerDeps } from "./review-contract.ts";

interface WayBackParts {
  readonly ground: ReviewGround;
  /** Of what a job has offered. */
  readonly offered: OfferedDesk;
  /** Always false. */
  readonly refuse: (hunk: HunkId, reason: Failure) => false;
  readonly onBack: (known: ReviewedHunk, draft?: HunkDraft) => void;
}

export class WayBack {
  private readonly deps: ReviewerDeps;
  private readonly parts: WayBackParts;

  constructor(deps: ReviewerDeps, parts: WayBackParts) {
    this.deps = deps;
    this.parts = parts;
  }

  /** By its draft, which was kept when it was held; what has been on disk once comes back by what it did there. */
  async land(known: ReviewedHunk, lander: Lander): Promise<boolean> {
    const { hunk } = known;
    const reason = obstacle(known);
    if (reason) return this.parts.refuse(hunk.id, reason);
    if (hunk.job !== undefined) return (await this.parts.offered.land([known], () => {})).has(hunk.id);
    const draft = await this.draftOf(hunk.id);
    const { ledger } = await this.parts.ground.now();
    if (draft) return this.landDraft(known, draft, lander);
    if (ledger.lastSteps(hunk.id).length === 0)
      return this.parts.refuse(hunk.id, failure("HUNK_STATE", "Its text is gone.", "Ask for the change again."));
    const missing = ledger.missingGround(hunk.id);
    if (missing.length > 0) {
      const names = missing.join(", ");
      return this.parts.refuse(hunk.id, failure("HUNK_STATE", `It stands on ${names}, not on disk.`, `Accept ${names} first.`));
    }
    const again = await landAgain(this.deps, { hunk: hunk.id, turn: hunk.turn }, await this.parts.ground.now());
    if (again.ok) {
      this.deps.onEvent({ type: "hunk.landed", hunk, rung: "exact", merged: again.value.merged, dryRun: false });
      this.parts.onBack(known);
      return true;
    }
    if ("refusals" in again) return this.tellRefused(hunk, again.refusals);
    const lines = hunk.operation === "update" ? recordedLines(await this.parts.ground.now(), hunk.id) : undefined;
    if (lines === undefined) return this.parts.refuse(hunk.id, again.failure);
    const found: HunkDraft = { kind: "update", path: hunk.path, anchors: [], lines, endOfFile: false };
    return this.landDraft(known, found, lander);
  }

  async landDraft(known: ReviewedHunk, draft: HunkDraft, lander: Lander): Promise<boolean> {
    const { id, turn } = known.hunk;
    const hasLanded = (await lander.land(id, turn, draft)).state === "landed";
    if (hasLanded) this.parts.onBack(known, draft);
    return hasLanded;
  }

  /** Of one that has not landed since it was kept. */
  async draftOf(hunk: HunkId): Promise<HunkDraft | undefined> {
    const found = keptDraft(await this.parts.ground.now(), this.deps.journal, hunk);
    if (found) return found;
    // It may be on its way into the journal.
    await this.deps.journal.commit(() => []);
    return keptDraft(await this.parts.ground.now(), this.deps.journal, hunk);
  }

  /** Always false: the person has not been asked about this. */
  private tellRefused(hunk: Hunk, refusals: readonly Refusal[]): false {
    this.deps.judge.show(hunk.id, refusals);
    this.deps.onEvent({ type: "hunk.held", hunk, verdict: verdictOf(refusals) });
    return false;
  }
}
