/** Which hunks of the fast lane deserve a second, slower look, and why: rules, size, how they were placed, what was said of them. Pure. */
import type { EventBody, HunkId, MatchRung, ReviewedHunk, TurnId } from "@twolane/protocol";

/** Changed in place. */
export interface RiskFacts {
  readonly rungs: Map<HunkId, MatchRung>;
  /** Turns whose closing words were unsure. */
  readonly unsure: Set<TurnId>;
  turn: TurnId;
}

export const noRisks = (): RiskFacts => ({ rungs: new Map(), unsure: new Set(), turn: "" });

const unsureWords =
  /\b(?:not (?:entirely |completely |fully |quite )?sure|unsure|uncertain|i (?:think|guess|believe|assume)|i assumed|assuming|might (?:break|not)|may (?:break|not)|could not (?:verify|test|check)|couldn't (?:verify|test|check)|untested|not tested|should be (?:checked|verified|reviewed)|please (?:check|verify)|double.check)\b/i;

export function noteRisk(facts: RiskFacts, event: EventBody): void {
  if (event.type === "turn.started") facts.turn = event.turn;
  else if (event.type === "hunk.landed" && event.rung !== "exact") facts.rungs.set(event.hunk.id, event.rung);
  else if (event.type === "text.finished" && unsureWords.test(event.text)) facts.unsure.add(facts.turn);
}

const manyLines = 60;

/** Undefined: nothing speaks for it. `reviewedBy`: names of the rules that want a person for a path. */
export function riskOf(
  { hunk, state, verdict }: ReviewedHunk,
  facts: RiskFacts,
  reviewedBy: (path: string) => readonly string[],
): string | undefined {
  const [rule] = reviewedBy(hunk.movedTo ?? hunk.path);
  if (rule !== undefined) return `rule ${rule} wants a person for it`;
  if (state === "held" && verdict !== undefined && verdict.rule !== "step") return `held by ${verdict.rule}`;
  const size = hunk.linesAdded + hunk.linesRemoved;
  if (size > manyLines) return `${size} lines`;
  const rung = facts.rungs.get(hunk.id);
  if (rung !== undefined && rung !== "trailing-blanks") return `its old lines were found by ${rung} only`;
  return facts.unsure.has(hunk.turn) ? "the model was unsure" : undefined;
}
