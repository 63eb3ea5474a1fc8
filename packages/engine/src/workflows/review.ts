/** Review: a diff read in pieces, comments as they are written, and at its end how many of each kind and what was not looked at. */
import type { Constraint } from "@twolane/protocol";
import { commentForm, commentIn, commentKey, type MadeComment, wholeLines } from "./review-comments.ts";
import type { LeftOut, ReviewDiff, ReviewedFile } from "./review-diff.ts";
import { type ReviewPiece, cutPieces, mostPieces } from "./review-pieces.ts";
import type { DiffWish, TurnResult, Workflow, WorkflowEffect, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

interface ReviewState {
  readonly start: WorkflowStart;
  readonly from: DiffWish;
  /** What it is to look for; empty: anything. */
  readonly focus: string;
  readonly files: readonly ReviewedFile[];
  readonly leftOut: readonly LeftOut[];
  readonly pieces: readonly ReviewPiece[];
  /** Index of the piece that is read. */
  readonly at: number;
  /** Of the answer, behind its last line ending. */
  readonly rest: string;
  readonly made: readonly MadeComment[];
  /** Lines in the form of comments on files that are not in the diff. */
  readonly unknown: number;
}

type Step = WorkflowStep<ReviewState>;

export const review: Workflow<ReviewState> = {
  begin(start) {
    const { from, focus } = wishOf(start);
    const state: ReviewState = {
      ...{ start, from, focus, files: [], leftOut: [], pieces: [], at: 0, rest: "", made: [], unknown: 0 },
    };
    return go(state, { type: "move", stage: "diff", text: "reading the diff" }, { type: "read-diff", from });
  },
  take(state, input) {
    switch (input.type) {
      case "diff.read":
        return opened(state, input);
      case "text.arrived":
        return heard(state, input.text);
      case "turn.ended":
        return ended(state, input.turn);
      default:
        return go(state);
    }
  },
};

const go = (state: ReviewState, ...effects: readonly WorkflowEffect[]): Step => ({ state, effects });

/** `--staged`, a ref, words to look for, or a ref with words behind it. */
function wishOf({ text, input }: WorkflowStart): Pick<ReviewState, "from" | "focus"> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (input !== undefined) {
    // Pasted behind the command, its first line is no words of the person's own.
    const focus = text !== "" && input.startsWith(text) ? "" : words.join(" ");
    return { from: { kind: "text", text: input }, focus };
  }
  const others = words.filter((word) => word !== "--staged");
  if (others.length < words.length) return { from: { kind: "staged" }, focus: others.join(" ") };
  const [ref, ...rest] = words;
  return ref === undefined ? { from: { kind: "work-tree" }, focus: "" } : { from: { kind: "since", ref }, focus: rest.join(" ") };
}

function opened(state: ReviewState, { diff, failure }: Extract<WorkflowInput, { type: "diff.read" }>): Step {
  const { from, focus, start } = state;
  // The first of several words may be no ref but what to look for.
  if (failure?.code === "BASE_MISSING" && from.kind === "since" && focus !== "") {
    const wish: DiffWish = { kind: "work-tree" };
    return go({ ...state, from: wish, focus: start.text }, { type: "read-diff", from: wish });
  }
  if (failure !== undefined) return end(state, "failed", [`${failure.message} ${failure.cure}`.trim()]);
  if (from.kind === "text" && from.text.trim() !== "" && diff.files.length + diff.leftOut.length === 0)
    return end(state, "failed", ["The text holds no diff: no line like `diff --git a/file b/file`."]);
  const pieces = cutPieces(diff);
  const next = {
    ...state,
    files: diff.files,
    leftOut: [...diff.leftOut, ...beyond(pieces)],
    pieces: pieces.slice(0, mostPieces),
  };
  if (pieces.length === 0) return end(next, "done", [nothingRead(diff, from), ...leftOutLines(next)]);
  return ask(next);
}

const nothingIn: Readonly<Record<DiffWish["kind"], string>> = {
  text: "the diff that was given is empty.",
  "work-tree": "nothing differs from the last commit.",
  staged: "nothing is staged.",
  since: "nothing was committed there; `all` takes what is not committed.",
};

function nothingRead({ leftOut }: ReviewDiff, { kind }: DiffWish): string {
  if (leftOut.length > 0) return "There is nothing to review.";
  return `There is nothing to review: ${nothingIn[kind]}`;
}

function beyond(pieces: readonly ReviewPiece[]): readonly LeftOut[] {
  const read = new Set(pieces.slice(0, mostPieces).flatMap(({ paths }) => paths));
  const rest = new Set(pieces.slice(mostPieces).flatMap(({ paths }) => paths));
  return [...rest].map((path) => ({ path, reason: read.has(path) ? "too large, read in part" : "too large a diff" }));
}

function ask(state: ReviewState): Step {
  const { pieces, at, start, focus } = state;
  const piece = pieces[at];
  if (piece === undefined) return finish(state, "done");
  const of = pieces.length;
  const count = of === 1 ? "" : ` ${at + 1}/${of}`;
  const files = piece.paths.length === 1 ? (piece.paths[0] ?? "") : `${piece.paths.length} files`;
  const text = [
    `Review this diff${of === 1 ? "" : `, piece ${at + 1} of ${of}`}. Each line of the new side has its number; + is added, - removed.`,
    ...(focus === "" ? [] : [`Look for this above all: ${focus}`]),
    commentForm,
    piece.text,
  ].join("\n\n");
  const constraints: readonly Constraint[] = [...start.constraints, { kind: "no-edits" }];
  return go(
    { ...state, rest: "" },
    { type: "move", stage: "review", text: `${files}, ${piece.lines} changed lines`, step: at + 1, of },
    { type: "ask", text, shown: `${shownOf(state)}${count}`, constraints },
  );
}

function shownOf({ from, focus }: ReviewState): string {
  const what = { text: "", staged: "--staged", "work-tree": "", since: from.kind === "since" ? from.ref : "" }[from.kind];
  return ["/review", what, focus].filter((word) => word !== "").join(" ");
}

function heard(state: ReviewState, text: string): Step {
  const { lines, rest } = wholeLines(state.rest, text);
  const made = [...state.made];
  const known = new Set(made.map(commentKey));
  let { unknown } = state;
  const effects: WorkflowEffect[] = [];
  for (const line of lines) {
    const comment = commentIn(line, state.files);
    if (comment === "unknown") unknown++;
    else if (comment !== undefined && !known.has(commentKey(comment))) {
      known.add(commentKey(comment));
      made.push(comment);
      effects.push({ type: "comment", comment });
    }
  }
  return go({ ...state, rest, made, unknown }, ...effects);
}

function ended(state: ReviewState, turn: TurnResult): Step {
  if (turn.ending === "completed") return ask({ ...state, at: state.at + 1 });
  if (turn.ending === "interrupted") return finish(state, "stopped", ["It was stopped before its end."]);
  return finish(state, "failed", [whyFailed(turn)]);
}

function whyFailed({ failure }: TurnResult): string {
  if (failure?.code === "INSTANT_UNKNOWN") return "A review needs a model: -m, or /model in the terminal, takes one.";
  return failure?.message ?? "The answer did not come to its end.";
}

function finish(state: ReviewState, ending: "done" | "stopped" | "failed", why: readonly string[] = []): Step {
  const { made, pieces, at, unknown } = state;
  const counts = (["must", "should", "note"] as const).flatMap((severity) => {
    const count = made.filter((comment) => comment.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const total = made.length === 0 ? "no comments" : `${counted(made.length, "comment")}: ${counts.join(", ")}`;
  const read = pieces.slice(0, at);
  const files = new Set(read.flatMap(({ paths }) => paths)).size;
  const looked = `read: ${counted(files, "file")}${pieces.length > 1 ? ` in ${at === pieces.length ? "" : `${at} of `}${counted(pieces.length, "piece")}` : ""}`;
  const strangers = unknown === 0 ? [] : [`${counted(unknown, "comment")} on files that are not in the diff: left out`];
  // Where nothing was read, that there are no comments says nothing.
  if (ending !== "done" && at === 0 && made.length === 0) return end(state, ending, why);
  return end(state, ending, [total, ...why, looked, ...leftOutLines(state), ...strangers]);
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Names in a line of the report. */
const mostNames = 5;

function leftOutLines({ leftOut }: Pick<ReviewState, "leftOut">): readonly string[] {
  return [...new Set(leftOut.map(({ reason }) => reason))].map((reason) => {
    const of = leftOut.filter((one) => one.reason === reason);
    const names = [...new Set(of.map(({ path }) => (path === "" ? "a part without a name" : path)))];
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
    return `left out (${reason}): ${names.slice(0, mostNames).join(", ")}${more}`;
  });
}

const end = (state: ReviewState, ending: "done" | "stopped" | "failed", report: readonly string[]): Step =>
  go(state, { type: "end", ending, report });
