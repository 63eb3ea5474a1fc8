/** What the person's way of reviewing says of a hunk before it lands. Pure. */
import type { Refusal } from "@twolane/policy";
import type { HunkDraft } from "../edits.ts";
import type { LandingReview } from "./lander.ts";

export const stepHold: Refusal = {
  decision: "hold",
  rule: "step",
  reason: "it waits for your yes",
  wayOut: "Accept or reject it in the review list.",
};
export const planHold: Refusal = {
  decision: "hold",
  rule: "plan",
  reason: "nothing lands in plan mode",
  wayOut: "Carry the plan out, or accept the hunk.",
};
const againHold: Refusal = {
  decision: "hold",
  rule: "rejected-before",
  reason: "you rejected the same change before",
  wayOut: "Accept it if you have changed your mind.",
};

/** Undefined: it may land. */
export function reviewVerdict(review: LandingReview, draft: HunkDraft): Refusal | undefined {
  if (review.wasRejected(draft)) return againHold;
  const mode = review.mode();
  if (mode === "flow") return undefined;
  return mode === "step" ? stepHold : planHold;
}
