/** Why a hunk cannot be put on disk as it stands in the review. Pure. */
import { type Failure, type HunkId, type ReviewedHunk, failure } from "@twolane/protocol";

/** Nothing where it can. */
export function obstacle({ hunk, state, verdict }: ReviewedHunk): Failure | undefined {
  if (verdict?.decision === "block")
    return failure("HUNK_STATE", `The rule ${verdict.rule} blocks it: ${verdict.reason}.`, verdict.wayOut);
  if (state === "held" || state === "rejected" || state === "undone" || state === "landed" || state === "accepted")
    return undefined;
  if (state === "streaming") return failure("HUNK_STATE", `${hunk.id} lands with its whole turn.`, "Wait for its end.");
  return failure("HUNK_STATE", "It has no place in the file.", "Ask for the change again.");
}

export const unknownHunk = (hunk: HunkId): Failure => failure("HUNK_UNKNOWN", `There is no hunk ${hunk} in this session.`);
