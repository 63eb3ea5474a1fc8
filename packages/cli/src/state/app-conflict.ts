/** Answers to a hunk of a job whose lines the person has changed as well. Which key it was is known before. */
import type { HunkConflict, HunkId, ReviewedHunk } from "@twolane/protocol";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { say } from "./app-print.ts";
import { type Said, answer, isInConflict } from "./review-list.ts";

interface Answering {
  readonly name: "take-theirs" | "take-both";
  readonly at: number;
}

export function resolve(state: AppState, one: ReviewedHunk, { name, at }: Answering): AppStep {
  const { id } = one.hunk;
  if (!isInConflict(one)) return stay({ ...state, hint: `${id} is in no conflict` });
  const answer = name === "take-both" ? "both" : "theirs";
  return answered(send(state, { type: "conflict.resolve", hunk: id, with: answer }), new Map([[id, "yes"]]), at);
}

const marks = { yours: "<<<<<<< yours", base: "||||||| before the job began", theirs: "=======", end: ">>>>>>> theirs" } as const;

/** All three in the editor, between the marks that git uses. */
export function editConflict(state: AppState, { hunk }: ReviewedHunk): AppStep {
  const conflict = state.review.conflicts.get(hunk.id);
  if (conflict === undefined)
    return stay({ ...state, hint: "Its texts are not at hand: press yes, and they are looked at anew" });
  const text = markedText(conflict);
  return { state, effects: [{ type: "edit-outside", purpose: { kind: "conflict", hunk: hunk.id }, text, path: hunk.path }] };
}

function markedText({ yours, base, theirs }: HunkConflict): string {
  return [marks.yours, ...yours, marks.base, ...base, marks.theirs, ...theirs, marks.end].map((line) => `${line}\n`).join("");
}

/** What came of the editor takes the place of the lines. */
export function takeEditedConflict(
  state: AppState,
  { hunk, text }: { readonly hunk: HunkId; readonly text?: string },
  at: number,
): AppStep {
  const isOpen = text?.split("\n").some((line) => Object.values(marks).some((mark) => mark === line.trimEnd()));
  if (text === undefined || isOpen === true)
    return stay(say(state, `${hunk} is in conflict as before${isOpen === true ? ": marks were left in the text" : ""}.`));
  return answered(send(state, { type: "conflict.resolve", hunk, with: "text", text }), new Map([[hunk, "yes"]]), at);
}

/** On to the next hunk that waits. */
export function answered(step: AppStep, said: Said, at: number): AppStep {
  const { state } = step;
  return { ...step, state: { ...state, review: answer(state.review, said, { review: state.session.review, at }) } };
}
