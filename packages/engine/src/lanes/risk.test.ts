/** What speaks for a second look at a hunk, and what does not. */
import type { EventBody, Hunk, ReviewedHunk } from "@twolane/protocol";
import { expect, it } from "vitest";
import { noRisks, noteRisk, riskOf } from "./risk.ts";

const hunk: Hunk = { id: "h1", turn: "t1", operation: "update", path: "src/a.ts", line: 3, linesRemoved: 1, linesAdded: 2 };
const landed = (changed: Partial<Hunk> = {}): ReviewedHunk => ({ hunk: { ...hunk, ...changed }, state: "landed", seen: false });
const nobody = (): readonly string[] => [];

function risk(one: ReviewedHunk, events: readonly EventBody[] = [], rules = nobody): string | undefined {
  const facts = noRisks();
  for (const event of events) noteRisk(facts, event);
  return riskOf(one, facts, rules);
}

it("is nothing of a small hunk that was placed exactly", () => {
  expect(risk(landed())).toBeUndefined();
  expect(risk(landed(), [{ type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false }])).toBeUndefined();
  expect(risk(landed(), [{ type: "hunk.landed", hunk, rung: "trailing-blanks", merged: false, dryRun: false }])).toBeUndefined();
});

it("is a rule that wants a person, a rule that holds, size, a low rung, unsure words, the first of them", () => {
  expect(risk(landed(), [], () => ["auth"])).toBe("rule auth wants a person for it");
  const verdict = { decision: "hold", rule: "diff-1", reason: "large", wayOut: "Say yes." } as const;
  expect(risk({ ...landed(), state: "held", verdict })).toBe("held by diff-1");
  expect(risk({ ...landed(), state: "held", verdict: { ...verdict, rule: "step" } })).toBeUndefined();
  expect(risk(landed({ linesAdded: 61 }))).toBe("62 lines");
  expect(risk(landed(), [{ type: "hunk.landed", hunk, rung: "indentation", merged: false, dryRun: false }])).toBe(
    "its old lines were found by indentation only",
  );
  const said = (turn: string, text: string): readonly EventBody[] => [
    { type: "turn.started", turn, prompt: "x" },
    { type: "text.finished", text },
  ];
  expect(risk(landed(), said("t1", "Done, but I could not verify the last case."))).toBe("the model was unsure");
  expect(risk(landed(), said("t1", "Done."))).toBeUndefined();
  expect(risk(landed(), said("t2", "I am not sure."))).toBeUndefined();
});
