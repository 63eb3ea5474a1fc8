/** Keys in the review list. An answer counts only when its hunk was there long enough to be meant. */
import { type AllowFor, type HunkId, type ReviewedHunk, fixRequest } from "@twolane/protocol";
import type { ActionName } from "./actions.ts";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { answered, editConflict, resolve } from "./app-conflict.ts";
import { checkHunks } from "./app-jobs.ts";
import { compose } from "./app-line.ts";
import { say } from "./app-print.ts";
import { noPanel } from "./panel.ts";
import {
  type ListedComment,
  type Said,
  answerCounts,
  appear,
  askedFor,
  commentUnderCursor,
  goOn,
  isHeldByRule,
  isHit,
  isInConflict,
  isWaiting,
  listed,
  moveCursor,
  nextOpen,
  nowSeen,
  scrollLines,
  underCursor,
  withoutComment,
} from "./review-list.ts";

/** Lines by which an open hunk is moved: about as many as are shown of it. */
const pageLines = ({ rows }: AppState): number => Math.max(1, Math.floor(rows * 0.6) - 9);

export function actInReview(state: AppState, name: ActionName, at: number): AppStep {
  const context = { review: state.session.review, at };
  const move = (by: number): AppStep => seen({ ...state, review: moveCursor(state.review, by, context) }, at);
  const scroll = (by: number): AppStep => stay({ ...state, review: scrollLines(state.review, by) });
  switch (name) {
    case "next":
      return move(1);
    case "previous":
      return move(-1);
    case "next-open": {
      const next = nextOpen(state.review, state.session.review);
      return next === undefined
        ? stay({ ...state, hint: "Nothing waits for an answer" })
        : seen({ ...state, review: goOn(state.review, next, at) }, at);
    }
    case "open":
      return stay({ ...state, review: { ...state.review, open: !state.review.open, firstLine: 0 } });
    case "page-down":
      return scroll(pageLines(state));
    case "page-up":
      return scroll(-pageLines(state));
    case "commit-accepted":
      return { state: { ...state, panel: noPanel }, effects: [{ type: "draft-commit" }] };
    case "take-plan":
      return takePlan(state);
    case "tell-problems":
      return tellProblems(state);
    default: {
      const remark = commentUnderCursor(state.review);
      return remark === undefined ? decide(state, name, at) : decideRemark(state, remark, { name, at });
    }
  }
}

/** Of a remark: a fix of exactly what it is about, or nothing. */
function decideRemark(
  state: AppState,
  { comment, asked }: ListedComment,
  { name, at }: { readonly name: ActionName; readonly at: number },
): AppStep {
  if (!answerCounts(state.review, at)) return stay({ ...state, hint: `${comment.id} has only just appeared; press again` });
  switch (name) {
    case "fix":
      if (state.session.phase !== "idle") return stay({ ...state, hint: "One thing at a time: the turn that runs comes first" });
      if (asked) return stay({ ...state, hint: `A fix of ${comment.id} was asked for already` });
      return send({ ...state, review: askedFor(state.review, comment.id) }, { type: "prompt", ...fixRequest(comment) });
    case "reject":
      return stay({ ...state, review: withoutComment(state.review, comment.id, { review: state.session.review, at }) });
    default:
      return stay({ ...state, hint: `${comment.id} is a remark: it can be mended or put away` });
  }
}

function tellProblems(state: AppState): AppStep {
  const hunk = underCursor(state.review, state.session.review)?.hunk.id;
  if (hunk === undefined || !state.session.broken.has(hunk))
    return stay({ ...state, hint: "Nothing is known that this hunk broke" });
  return send(say(state, `${hunk}: the model is told what it broke`), { type: "diagnostics.tell", hunk });
}

/** A turn of the plan: the mode is left, and the model is told to do what it said. */
function takePlan(state: AppState): AppStep {
  if (state.session.mode !== "plan") return stay({ ...state, hint: "There is no plan to carry out: /mode plan asks for one" });
  if (state.session.figures.turn === undefined)
    return stay({ ...state, hint: "Nothing is planned yet: ask for something first" });
  const closed = { ...state, panel: noPanel };
  return send(closed, { type: "plan.take" });
}

/** Answers to the hunk under the cursor. */
const answersOne: ReadonlySet<ActionName> = new Set([
  ...(["accept", "reject", "allow-session", "allow-never", "take-theirs", "take-both"] as const),
]);

function decide(state: AppState, name: ActionName, at: number): AppStep {
  const current = underCursor(state.review, state.session.review);
  if (current === undefined) return stay(state);
  const { id } = current.hunk;
  if (answersOne.has(name) && !isHit(state.review, state.session.review)) return missed(state, id, at);
  if (!answerCounts(state.review, at)) return stay({ ...state, hint: `${id} has only just appeared; press again` });
  switch (name) {
    case "accept":
      return answered(send(state, { type: "hunk.accept", hunks: [id] }), new Map([[id, "yes"]]), at);
    case "reject":
      return answered(send(state, { type: "hunk.reject", hunks: [id] }), new Map([[id, "no"]]), at);
    case "allow-session":
    case "allow-never":
      return allow(state, current, { answer: name === "allow-never" ? "never" : "session", at });
    case "undo-hunk":
      return send({ ...state, review: { ...state.review, chosen: true } }, { type: "hunk.undo", hunks: [id] });
    case "accept-file":
      return accept(state, restOfFile(state, current), at);
    case "accept-all":
      return accept(
        state,
        listed(state.session.review).filter((one) => isWaiting(state.review, one)),
        at,
      );
    case "take-theirs":
    case "take-both":
      return resolve(state, current, { name, at });
    case "check":
      return checkHunks(state, [id]);
    case "comment":
      return stay(compose(state, { kind: "comment", hunk: id }, ""));
    case "edit":
      return isInConflict(current) ? editConflict(state, current) : edit(state, current);
    case "fix":
      return stay({ ...state, hint: "There is no remark here to be mended; /review REF makes some" });
    default:
      return stay(state);
  }
}

/** What is decided already is left alone by a key that was meant for the next hunk. */
function missed(state: AppState, id: HunkId, at: number): AppStep {
  const next = nextOpen(state.review, state.session.review);
  if (next === undefined) return stay({ ...state, hint: "Nothing waits for an answer; move to a hunk to change what you said" });
  return stay({ ...state, review: appear(state.review, next, at), hint: `${id} is decided already; ${next} waits` });
}

/** Undecided hunks of the same file, from the cursor on. */
function restOfFile(state: AppState, current: ReviewedHunk): readonly ReviewedHunk[] {
  const all = listed(state.session.review);
  const from = all.findIndex(({ hunk }) => hunk.id === current.hunk.id);
  return all.slice(from).filter((one) => isWaiting(state.review, one) && one.hunk.path === current.hunk.path);
}

/** An answer to the rules that hold the hunk, for the rest of the session. */
function allow(state: AppState, one: ReviewedHunk, { answer, at }: { readonly answer: AllowFor; readonly at: number }): AppStep {
  const { id } = one.hunk;
  if (!isHeldByRule(one)) return stay({ ...state, hint: `No rule holds ${id}` });
  const said: Said = new Map([[id, answer === "never" ? "no" : "yes"]]);
  return answered(send(state, { type: "hunk.allow", hunks: [id], for: answer }), said, at);
}

/** What a rule holds wants its own answer. */
function accept(state: AppState, all: readonly ReviewedHunk[], at: number): AppStep {
  const hunks = all.filter((one) => !isHeldByRule(one) && !isInConflict(one));
  if (all.length > 0 && hunks.length === 0)
    return stay({ ...state, hint: "What is left is held by rules or in conflict: each wants its own answer" });
  if (hunks.length === 0) return stay({ ...state, hint: "Nothing is left to decide there" });
  const ids = hunks.map(({ hunk }) => hunk.id);
  const said: Said = new Map(ids.map((id) => [id, "yes"]));
  return answered(send(say(state, yesText(hunks), "good"), { type: "hunk.accept", hunks: ids }), said, at);
}

/** What was said, not what comes of it: that is told hunk by hunk. */
function yesText(hunks: readonly ReviewedHunk[]): string {
  const turns = new Set(hunks.map(({ hunk }) => hunk.turn)).size;
  const unseen = hunks.filter(({ seen: looked }) => !looked).length;
  const what = `Yes to ${hunks.length} ${hunks.length === 1 ? "hunk" : "hunks"}${turns > 1 ? ` of ${turns} turns` : ""}`;
  return unseen > 0 ? `${what}, ${unseen} never seen` : what;
}

function edit(state: AppState, { hunk }: ReviewedHunk): AppStep {
  const lines = state.review.lines.get(hunk.id);
  if (lines === undefined) return stay({ ...state, hint: "The text of this hunk is not here any more" });
  const text = lines
    .filter(({ op }) => op !== "remove")
    .map((line) => `${line.text}\n`)
    .join("");
  return { state, effects: [{ type: "edit-outside", purpose: { kind: "hunk", hunk: hunk.id }, text, path: hunk.path }] };
}

/** What came of the editor; what was changed there is a yes as well. */
export function takeEditedHunk(
  state: AppState,
  { hunk, text }: { readonly hunk: HunkId; readonly text?: string },
  at: number,
): AppStep {
  const before = state.session.review.get(hunk)?.state ?? "gone";
  if (text === undefined) return stay(say(state, `${hunk} was left unchanged: it is ${before} as before.`));
  return answered(send(state, { type: "hunk.edit", hunk, text }), new Map([[hunk, "yes"]]), at);
}

/** Whoever leaves a hunk after a while has seen it. */
function seen(state: AppState, at: number): AppStep {
  const step = reviewTime(state, at);
  return { state, effects: step.effects };
}

/** What time alone does: the hunk under the cursor of the open list counts as seen. */
export function reviewTime(state: AppState, at: number): AppStep {
  if (state.panel.kind !== "review") return stay(state);
  const hunk: HunkId | undefined = nowSeen(state.review, { review: state.session.review, at });
  return hunk === undefined ? stay(state) : send(state, { type: "hunk.see", hunks: [hunk] });
}
