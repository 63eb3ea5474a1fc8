/**
 * What a person says of hunks that wait for a yes before they land (mode `step`): decisions that came early are remembered, and while
 * one hunk waits, other work on the same files may be let in between.
 */
import type { HunkId } from "@twolane/protocol";

/** `released`: nobody decided; the model is answered, the hunk stays held. */
export type StepDecision = "accept" | "reject" | "released" | "stopped";

export class StepDecisions {
  private readonly ahead = new Map<HunkId, "accept" | "reject">();
  private waiting: { readonly hunk: HunkId; readonly wake: () => void } | undefined;
  private decision: StepDecision | undefined;
  private released = false;

  decide(hunk: HunkId, decision: "accept" | "reject"): void {
    if (this.waiting?.hunk === hunk) this.settle(decision);
    else this.ahead.set(hunk, decision);
  }

  /** What was decided before the hunk came to wait. */
  early(hunk: HunkId): "accept" | "reject" | undefined {
    return this.ahead.get(hunk);
  }

  /** Whatever waits now and later is left undecided. */
  release(): void {
    this.released = true;
    this.settle("released");
  }

  stop(): void {
    this.settle("stopped");
  }

  /** Looks whether there is other work to do. */
  wake(): void {
    this.waiting?.wake();
  }

  /** Waits for the decision; `meanwhile` runs first and each time when woken. */
  async wait(hunk: HunkId, meanwhile: () => Promise<void>): Promise<StepDecision> {
    const early = this.early(hunk);
    if (early !== undefined) return early;
    if (this.released) return "released";
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
