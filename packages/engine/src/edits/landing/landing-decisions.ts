/**
 * What a person says of hunks that have not landed: decisions that came early are remembered, and while one hunk waits for its yes
 * (mode `step`), other work on the same files may be let in between.
 */
import type { HunkId } from "@twolane/protocol";
import type { HunkDraft } from "../edits.ts";

export type Decision =
  /** `revise`: the person's words instead of the author's. */
  | { readonly kind: "accept"; readonly revise?: (draft: HunkDraft) => HunkDraft }
  | { readonly kind: "reject"; readonly reason: string };

/** `undecided`: nobody said anything; the model is answered, the hunk stays held. */
export type StepDecision = Decision | { readonly kind: "undecided" };

export class StepDecisions {
  private readonly ahead = new Map<HunkId, Decision>();
  private waiting: { readonly hunk: HunkId; readonly wake: () => void } | undefined;
  private decision: StepDecision | undefined;

  /** True while a hunk waits for its yes. */
  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Of a hunk that waits, or is behind one that does. */
  decide(hunk: HunkId, decision: Decision): void {
    if (this.waiting?.hunk === hunk) this.settle(decision);
    else this.ahead.set(hunk, decision);
  }

  isAtHead(hunk: HunkId): boolean {
    return this.waiting?.hunk === hunk && this.decision === undefined;
  }

  /** What was decided before the hunk's turn came; asked once. */
  takeEarly(hunk: HunkId): Decision | undefined {
    const early = this.ahead.get(hunk);
    this.ahead.delete(hunk);
    return early;
  }

  /** The hunk that waits is left undecided. */
  release(): void {
    this.settle({ kind: "undecided" });
  }

  /** Looks whether there is other work to do. */
  wake(): void {
    this.waiting?.wake();
  }

  /** Waits for the decision; `meanwhile` runs first and each time when woken. */
  async wait(hunk: HunkId, meanwhile: () => Promise<void>): Promise<StepDecision> {
    const early = this.takeEarly(hunk);
    if (early !== undefined) return early;
    this.decision = undefined;
    for (;;) {
      let wake = (): void => {};
      const woken = new Promise<void>((resolve) => void (wake = resolve));
      this.waiting = { hunk, wake };
      await meanwhile();
      if (this.decision === undefined) await woken;
      if (this.decision === undefined) continue;
      this.waiting = undefined;
      return this.decision;
    }
  }

  private settle(decision: StepDecision): void {
    if (this.waiting === undefined) return;
    this.decision ??= decision;
    this.waiting.wake();
  }
}
