/** A plan that is carried out: what it asked for, and what of it only waited. */
import { type HunkId, type Review, type TurnId, planPrompt } from "@twolane/protocol";
import type { TurnMark } from "../journal/conversation-log.ts";

export const planMode =
  "[The user switched to plan mode: nothing you edit lands. Answer with a plan of at most three bullets, without edits.]";
export const planLeft = "[The user left plan mode: edits land again.]";

/** Held by the plan mode alone: the model writes them again when it carries the plan out. */
export const plannedHunks = (review: Review): HunkId[] =>
  [...review.values()].filter(({ state, verdict }) => state === "held" && verdict?.rule === "plan").map(({ hunk }) => hunk.id);

/** What a person asked for with the turn; of one that carries a plan out, what the plan was for. */
export function requestOf(turns: readonly TurnMark[], turn: TurnId): string | undefined {
  const at = turns.findIndex((mark) => mark.turn === turn);
  return turns.slice(0, at + 1).findLast(({ prompt }) => prompt !== planPrompt)?.prompt ?? turns[at]?.prompt;
}
