/** What the person's way of reviewing says of a hunk before it lands. Pure. */
import type { Verdict } from "@twolane/protocol";
import type { HunkDraft } from "../edits.ts";
import type { Judge } from "./landing-admit.ts";
import type { LandingReview } from "./lander.ts";

export type ReviewHold = Extract<Verdict, { reason: string }>;

export const stepHold: ReviewHold = {
  decision: "hold",
  rule: "step",
  reason: "it waits for your yes",
  wayOut: "Accept or reject it in the review list.",
};
export const planHold: ReviewHold = {
  decision: "hold",
  rule: "plan",
  reason: "nothing lands in plan mode",
  wayOut: "Carry the plan out, or accept the hunk.",
};
const againHold: ReviewHold = {
  decision: "hold",
  rule: "rejected-before",
  reason: "you rejected the same change before",
  wayOut: "Accept it if you have changed your mind.",
};

/** Undefined: it may land. */
export function reviewVerdict(review: LandingReview, draft: HunkDraft): ReviewHold | undefined {
  if (review.wasRejected(draft)) return againHold;
  const mode = review.mode();
  if (mode === "flow") return undefined;
  return mode === "step" ? stepHold : planHold;
}

/** A person has said yes: what would be held may land, what is blocked may not. */
export function approvedJudge(judge: Judge): Judge {
  return (facts) => {
    const verdict = judge(facts);
    return verdict.decision === "block" ? verdict : { decision: "allow" };
  };
}
