/** Why a hunk cannot be put on disk as it stands in the review. Pure. */
import { isDeepStrictEqual } from "node:util";
import { type Failure, type HunkId, type HunkLine, type Review, type ReviewedHunk, failure } from "@twolane/protocol";

/** Nothing where it can. */
export function obstacle({ hunk, state, verdict }: ReviewedHunk): Failure | undefined {
  if (verdict?.decision === "block")
    return failure("HUNK_STATE", `The rule ${verdict.rule} blocks it: ${verdict.reason}.`, verdict.wayOut);
  if (state === "held" || state === "rejected" || state === "undone" || state === "landed" || state === "accepted")
    return undefined;
  if (state === "streaming") return failure("HUNK_STATE", `${hunk.id} lands with its whole turn.`, "Wait for its end.");
  return failure("HUNK_STATE", "It has no place in the file.", "Ask for the change again.");
}

/** A part of a plan that finds no place yet stays one while others wait in the same file; nothing for all others. */
export function notYetPlaced(review: Review, id: HunkId, { message }: Failure): Failure | undefined {
  const known = review.get(id);
  const others = [...review.values()].some(
    ({ hunk, state }) => state === "held" && hunk.id !== id && hunk.path === known?.hunk.path,
  );
  if (known?.state !== "held" || !others) return undefined;
  return failure("HUNK_STATE", message, "Accept what comes before it in the same file first.");
}

type Lines = readonly HunkLine[] | undefined;

/** Why its lines cannot be edited. `seen`: as they were shown to whoever did. */
export function editObstacle(known: ReviewedHunk, seen: Lines, now: Lines): Failure | undefined {
  const { operation } = known.hunk;
  const other = isDeepStrictEqual(seen, now)
    ? undefined
    : failure("HUNK_CONFLICT", "Its lines were changed since they were shown.", "Edit it again.");
  const isTextless = operation === "delete" || operation === "move" || now === undefined;
  return obstacle(known) ?? (isTextless ? failure("HUNK_STATE", "It has no lines to edit.", "Edit the file.") : other);
}

export const unknownHunk = (hunk: HunkId): Failure => failure("HUNK_UNKNOWN", `There is no hunk ${hunk} in this session.`);

export const noRuleHolds: Failure = failure("HUNK_STATE", "No rule holds it that could be answered.", "Accept or reject it.");
