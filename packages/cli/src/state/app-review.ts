/** Keys in the review list. An answer counts only when its hunk was there long enough to be meant. */
import type { HunkId, ReviewedHunk } from "@twolane/protocol";
import type { ActionName } from "./actions.ts";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { compose } from "./app-line.ts";
import { say } from "./app-print.ts";
import { noPanel } from "./panel.ts";
import { answerCounts, goTo, isOpen, listed, moveCursor, nextOpen, nowSeen, scrollLines, underCursor } from "./review-list.ts";

/** Lines by which an open hunk is moved. */
const pageLines = 8;

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
        ? stay({ ...state, hint: "Every hunk is decided" })
        : seen({ ...state, review: goTo(state.review, next, at) }, at);
    }
    case "open":
      return stay({ ...state, review: { ...state.review, open: !state.review.open, firstLine: 0 } });
    case "page-down":
      return scroll(pageLines);
    case "page-up":
      return scroll(-pageLines);
    case "commit-accepted":
      return { state: { ...state, panel: noPanel }, effects: [{ type: "draft-commit" }] };
    case "take-plan":
      return takePlan(state);
    default:
      return decide(state, name, at);
  }
}

/** A turn of the plan: the mode is left, and the model is told to do what it said. */
function takePlan(state: AppState): AppStep {
  if (state.session.mode !== "plan") return stay({ ...state, hint: "There is no plan; Shift-Tab goes to plan mode" });
  const closed = { ...state, panel: noPanel };
  return send(closed, { type: "mode.set", mode: "flow" }, { type: "prompt", text: "Carry out the plan." });
}

function decide(state: AppState, name: ActionName, at: number): AppStep {
  const current = underCursor(state.review, state.session.review);
  if (current === undefined) return stay(state);
  if (!answerCounts(state.review, at)) return stay({ ...state, hint: `${current.hunk.id} has only just appeared; press again` });
  const { id } = current.hunk;
  switch (name) {
    case "accept":
      return advance(send(state, { type: "hunk.accept", hunks: [id] }), at);
    case "reject":
      return advance(send(state, { type: "hunk.reject", hunks: [id] }), at);
    case "undo-hunk":
      return send(state, { type: "hunk.undo", hunks: [id] });
    case "accept-file":
      return accept(state, restOfFile(state, current), at);
    case "accept-all":
      return accept(state, listed(state.session.review).filter(isOpen), at);
    case "comment":
      return stay(compose(state, { kind: "comment", hunk: id }, ""));
    case "edit":
      return edit(state, current);
    default:
      return stay(state);
  }
}

/** Undecided hunks of the same file, from the cursor on. */
function restOfFile(state: AppState, current: ReviewedHunk): readonly ReviewedHunk[] {
  const all = listed(state.session.review);
  const from = all.findIndex(({ hunk }) => hunk.id === current.hunk.id);
  return all.slice(from).filter((one) => isOpen(one) && one.hunk.path === current.hunk.path);
}

function accept(state: AppState, hunks: readonly ReviewedHunk[], at: number): AppStep {
  if (hunks.length === 0) return stay({ ...state, hint: "Nothing is left to decide there" });
  const unseen = hunks.filter(({ seen: looked }) => !looked).length;
  const told = say(state, `Accepted ${hunks.length} hunks${unseen > 0 ? `, ${unseen} of them never seen` : ""}`, "good");
  return advance(send(told, { type: "hunk.accept", hunks: hunks.map(({ hunk }) => hunk.id) }), at);
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

/** To the next hunk that needs a decision; stays where there is none. */
function advance(step: AppStep, at: number): AppStep {
  const next = nextOpen(step.state.review, step.state.session.review);
  return next === undefined ? step : { ...step, state: { ...step.state, review: goTo(step.state.review, next, at) } };
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
