/**
 * What became of every hunk of a session: a fold over its events, the same live, after a resume and in a report.
 * The accumulator is changed in place, so that an event costs the same in a session of any length.
 */
import type { EventBody } from "./events.ts";
import type { Failure } from "./failures.ts";
import type { Hunk, HunkId, HunkState } from "./hunk.ts";
import type { Verdict } from "./verdict.ts";

export interface ReviewedHunk {
  readonly hunk: Hunk;
  readonly state: HunkState;
  /** A person has looked at it. */
  readonly seen: boolean;
  /** Of a held one. */
  readonly verdict?: Extract<Verdict, { reason: string }>;
  /** Of a failed one. */
  readonly failure?: Failure;
  /** The commit that contains it. */
  readonly commit?: string;
}

/** In the order in which the hunks were first seen. */
export type Review = Map<HunkId, ReviewedHunk>;

/** Takes an event in. True if something changed. */
export function reviewEvent(review: Review, event: EventBody): boolean {
  switch (event.type) {
    case "hunk.closed":
      return review.has(event.hunk.id) ? false : put(review, { hunk: event.hunk, state: "streaming" });
    case "hunk.landed":
      return event.dryRun ? false : put(review, { hunk: event.hunk, state: "landed" });
    case "hunk.present":
      return put(review, { hunk: event.hunk, state: "superseded" });
    case "hunk.held":
      return put(review, { hunk: event.hunk, state: "held" }, { verdict: event.verdict });
    case "hunk.failed":
      return put(review, { hunk: event.hunk, state: "failed" }, { failure: event.failure });
    case "hunk.undone":
      return set(review, event.hunk, { state: "undone" });
    case "hunk.accepted":
      return set(review, event.hunk, { state: "accepted", seen: true });
    case "hunk.rejected":
      return set(review, event.hunk, { state: "rejected", seen: true });
    case "hunk.superseded":
      return set(review, event.hunk, { state: "superseded" });
    case "hunk.seen":
      return event.hunks.map((hunk) => set(review, hunk, { seen: true })).includes(true);
    case "commit.made":
      return event.hunks.map((hunk) => set(review, hunk, { commit: event.commit })).includes(true);
    default:
      return false;
  }
}

type Reasons = Pick<ReviewedHunk, "verdict" | "failure" | "commit">;

function put(review: Review, { hunk, state }: Pick<ReviewedHunk, "hunk" | "state">, reasons: Reasons = {}): boolean {
  review.set(hunk.id, reviewed({ hunk, state, seen: review.get(hunk.id)?.seen ?? false }, reasons));
  return true;
}

function set(review: Review, id: HunkId, change: Partial<Pick<ReviewedHunk, "state" | "seen" | "commit">>): boolean {
  const known = review.get(id);
  if (known === undefined) return false;
  const { hunk, state, seen, commit } = { ...known, ...change };
  // Why it was held or failed is over with that state.
  const reasons = change.state === undefined ? known : {};
  review.set(id, reviewed({ hunk, state, seen }, { ...reasons, ...(commit !== undefined && { commit }) }));
  return true;
}

/**
 * Written out: an object that is spread from others of several shapes, or the rest of one, has a hidden class of its own, and a
 * session keeps thousands of these.
 */
function reviewed(
  { hunk, state, seen }: Pick<ReviewedHunk, "hunk" | "state" | "seen">,
  { verdict, failure, commit }: Reasons,
): ReviewedHunk {
  if (verdict === undefined && failure === undefined && commit === undefined) return { hunk, state, seen };
  return { hunk, state, seen, ...(verdict && { verdict }), ...(failure && { failure }), ...(commit !== undefined && { commit }) };
}
