/**
 * The list of hunks to decide on: a cursor pinned to a hunk, so that arrivals never move what a key hits; which one is open; what
 * was looked at. Pure; time comes with the input. What the keys do is `app-review.ts`.
 */
import type { HunkConflict, HunkId, HunkLine, Review, ReviewComment, ReviewedHunk, TwolaneEvent } from "@twolane/protocol";

export interface ReviewList {
  readonly cursor?: HunkId;
  /** The person went to this hunk, so that a key hits it although it is decided. */
  readonly chosen: boolean;
  /** Lines of the hunk under the cursor are shown, from this one on. */
  readonly open: boolean;
  readonly firstLine: number;
  /** When the hunk under the cursor came under it; ms. */
  readonly since: number;
  /** An answer before this moment was meant for something else; ms. */
  readonly answersFrom: number;
  /** What was said to hunks, as long as nothing has come of it. */
  readonly answered: Said;
  /** The text of the newest hunks; of older ones it is asked for again. */
  readonly lines: ReadonlyMap<HunkId, readonly HunkLine[]>;
  /** Of hunks of jobs: what the person has changed as well. */
  readonly conflicts: ReadonlyMap<HunkId, HunkConflict>;
  /** When these appeared in the list; ms. */
  readonly appeared: ReadonlyMap<HunkId, number>;
  /** Remarks of reviews that nobody has put away, by their ids; they stand behind the hunks, and the cursor goes there as well. */
  readonly comments: ReadonlyMap<string, ListedComment>;
  /** The turn that a job's hunks have come with, until the list is opened at them. */
  readonly offered?: string;
}

export interface ListedComment {
  readonly comment: ReviewComment;
  /** A fix of it was asked for. */
  readonly asked: boolean;
}

export type Said = ReadonlyMap<HunkId, "yes" | "no">;

/** An answer sooner than this after a hunk has appeared was meant for something else; ms. */
const answerAfterMs = 300;
/** A hunk that was under the cursor for so long counts as seen; ms. */
const seenAfterMs = 300;
const linesKept = 2000;

export const emptyReviewList: ReviewList = {
  ...{ chosen: false, open: true, firstLine: 0, since: 0, answersFrom: 0 },
  ...{ answered: new Map(), lines: new Map(), conflicts: new Map(), appeared: new Map(), comments: new Map() },
};

export interface ReviewContext {
  readonly review: Review;
  /** Monotonic ms. */
  readonly at: number;
}

export function reduceReviewList(list: ReviewList, event: TwolaneEvent, { review, at }: ReviewContext): ReviewList {
  switch (event.type) {
    case "turn.started":
      return withoutOffered(list);
    case "hunk.closed": {
      const { id, job, turn } = event.hunk;
      const texts = { lines: kept(list.lines, id, event.lines), appeared: kept(list.appeared, id, at) };
      const next = { ...list, ...texts, ...(job !== undefined && { offered: turn }) };
      return isHit(next, review) || commentUnderCursor(next) !== undefined ? next : appear(next, id, at);
    }
    case "comment.made":
      return { ...list, comments: new Map(list.comments).set(event.comment.id, { comment: event.comment, asked: false }) };
    case "session.started":
    case "session.resumed":
      return list.comments.size === 0 ? list : { ...list, comments: new Map() };
    case "hunk.conflicted":
      return { ...list, conflicts: kept(list.conflicts, event.hunk, event.conflict) };
    case "hunk.revised":
      return { ...list, lines: kept(list.lines, event.hunk, event.lines) };
    case "hunk.landed":
    case "hunk.held":
    case "hunk.failed": {
      const { id } = event.hunk;
      // A yes that makes it land is told to be one right after.
      const next = event.type === "hunk.landed" ? list : withoutAnswer(list, id);
      if (commentUnderCursor(next) !== undefined) return next;
      if (event.type !== "hunk.failed" && !next.answered.has(id) && !isHit(next, review)) return appear(next, id, at);
      // What is under the cursor is something else now: an answer that was on its way is not for it.
      return settle(next.cursor === id && isNews(event) ? { ...next, answersFrom: at + answerAfterMs } : next, review, at);
    }
    case "hunk.accepted":
    case "hunk.rejected":
    case "hunk.undone":
      return withoutAnswer(list, event.hunk);
    case "hunk.present":
      return settle(withoutAnswer(list, event.hunk.id), review, at);
    case "hunk.superseded":
      return settle(withoutAnswer(list, event.hunk), review, at);
    case "notice.given":
      // It may say that nothing came of an answer; what is still on its way is heard when it is there.
      return onlyAnswered(list, (hunk) => review.get(hunk)?.state === "streaming");
    case "turn.ended":
      return onlyAnswered(list, () => false);
    default:
      return list;
  }
}

/** That a hunk lands or waits for its yes is what whoever answers expects of it; that it cannot, or why else it is held, is not. */
const isNews = (event: Extract<TwolaneEvent, { type: "hunk.landed" | "hunk.held" | "hunk.failed" }>): boolean =>
  event.type === "hunk.failed" || (event.type === "hunk.held" && event.verdict.rule !== "step" && event.verdict.rule !== "plan");

/** The cursor comes to a hunk that the person did not ask for: answers count after a moment. */
export function appear(list: ReviewList, hunk: HunkId, at: number): ReviewList {
  return { ...goTo(list, hunk, at), answersFrom: at + answerAfterMs };
}

const withoutAnswer = (list: ReviewList, hunk: HunkId): ReviewList => onlyAnswered(list, (other) => other !== hunk);

function onlyAnswered(list: ReviewList, stays: (hunk: HunkId) => boolean): ReviewList {
  if (list.answered.size === 0) return list;
  return { ...list, answered: new Map([...list.answered].filter(([hunk]) => stays(hunk))) };
}

/** From a hunk that is listed no more to the next one that is, else the one before it. */
function settle(list: ReviewList, review: Review, at: number): ReviewList {
  const current = underCursor(list, review);
  if ((current !== undefined && isListed(current)) || commentUnderCursor(list) !== undefined) return list;
  const all = [...review.values()];
  const from = all.findIndex(({ hunk }) => hunk.id === list.cursor);
  const next = all.slice(from + 1).find(isListed) ?? all.slice(0, Math.max(0, from)).findLast(isListed);
  const { cursor: _, ...rest } = list;
  return next === undefined ? { ...rest, chosen: false } : appear(rest, next.hunk.id, at);
}

/** An empty map is the one of `emptyReviewList`; every other is this list's alone, and copying it would cost with the session. */
function kept<T>(known: ReadonlyMap<HunkId, T>, hunk: HunkId, value: T): ReadonlyMap<HunkId, T> {
  const next = known.size > 0 && known instanceof Map ? known : new Map<HunkId, T>(known);
  next.delete(hunk);
  next.set(hunk, value);
  const [oldest] = next.keys();
  if (next.size > linesKept && oldest !== undefined) next.delete(oldest);
  return next;
}

/** Hunks that are listed, in their order: all but those that were made good by a later one, and what a stop cut off. */
export const listed = (review: Review): readonly ReviewedHunk[] => [...review.values()].filter(isListed);

const isListed = ({ state, failure }: ReviewedHunk): boolean => state !== "superseded" && failure?.code !== "STOPPED";

/** Somebody still has to decide. */
export const isOpen = ({ state, commit }: ReviewedHunk): boolean =>
  commit === undefined && (state === "landed" || state === "held");

/** Holds that are no rule of the policy's: the mode, and what the loop itself has found out. */
const ownHolds: ReadonlySet<string> = new Set([
  "step",
  "plan",
  "depends",
  "rejected-before",
  "concurrent-edit",
  "deep",
  "conflict",
]);

/** A rule of the policy holds it: it wants its own answer, and no yes to many is one. */
export const isHeldByRule = ({ state, verdict }: ReviewedHunk): boolean =>
  state === "held" && verdict !== undefined && !ownHolds.has(verdict.rule);

/** A job and the person have changed the same lines: one of both has to give way. */
export const isInConflict = ({ state, verdict }: ReviewedHunk): boolean => state === "held" && verdict?.rule === "conflict";

/** Somebody still has to decide, or will have to: it is not told yet where it lands. */
export const isWaiting = ({ answered }: ReviewList, one: ReviewedHunk): boolean =>
  !answered.has(one.hunk.id) && (isOpen(one) || one.state === "streaming");

/** The hunk under the cursor. */
export function underCursor(list: ReviewList, review: Review): ReviewedHunk | undefined {
  return list.cursor === undefined ? undefined : review.get(list.cursor);
}

/** The remark under the cursor. */
export const commentUnderCursor = ({ cursor, comments }: ReviewList): ListedComment | undefined =>
  cursor === undefined ? undefined : comments.get(cursor);

/** It is not listed any more; the cursor goes on to the next one. */
export function withoutComment(list: ReviewList, id: string, { review, at }: ReviewContext): ReviewList {
  const ids = entryIds(list, review);
  const from = ids.indexOf(id);
  const next = ids[from + 1] ?? ids[from - 1];
  const comments = new Map(list.comments);
  comments.delete(id);
  const { cursor: _, ...rest } = { ...list, comments };
  return next === undefined ? rest : goOn(rest, next, at);
}

export const askedFor = (list: ReviewList, id: string): ReviewList => {
  const one = list.comments.get(id);
  return one === undefined ? list : { ...list, comments: new Map(list.comments).set(id, { ...one, asked: true }) };
};

/** Hunks, then remarks. */
export const entryIds = ({ comments }: ReviewList, review: Review): readonly string[] => [
  ...listed(review).map(({ hunk }) => hunk.id),
  ...comments.keys(),
];

/** A yes or no goes to the hunk under the cursor: it is undecided, or the person went there to change a decision. */
export function isHit(list: ReviewList, review: Review): boolean {
  const current = underCursor(list, review);
  return current !== undefined && (list.chosen || isWaiting(list, current));
}

function withoutOffered(list: ReviewList): ReviewList {
  if (list.offered === undefined) return list;
  const { offered: _, ...rest } = list;
  return rest;
}

/** The list as it is opened: at what waits for the person, else at the first of a job that was just taken, else at the first that is undecided, else where it was. */
export function openList(list: ReviewList, { review, at }: ReviewContext): ReviewList {
  const all = listed(review);
  const current = underCursor(list, review);
  const waiting = all.find(({ state, verdict }) => state === "held" && verdict?.rule === "step");
  const offered = all.find((one) => one.hunk.turn === list.offered && isOpen(one));
  const open = waiting ?? offered ?? (current !== undefined && isOpen(current) ? current : all.find(isOpen));
  const [remark] = list.comments.keys();
  const wanted = open?.hunk.id ?? commentUnderCursor(list)?.comment.id ?? remark ?? current?.hunk.id ?? all[0]?.hunk.id;
  // Only now the person sees what is under the cursor.
  return wanted === undefined ? list : { ...appear(withoutOffered(list), wanted, at), since: at };
}

function goTo(list: ReviewList, hunk: HunkId, at: number): ReviewList {
  return { ...list, cursor: hunk, chosen: false, since: list.cursor === hunk ? list.since : at, firstLine: 0 };
}

/** A key of the person's leads to a hunk: answers count at once, unless the hunk itself has only just appeared. */
export function goOn(list: ReviewList, hunk: HunkId, at: number): ReviewList {
  return { ...goTo(list, hunk, at), answersFrom: (list.appeared.get(hunk) ?? Number.NEGATIVE_INFINITY) + answerAfterMs };
}

/** The cursor goes on to what waits; where nothing does, no key hits what has just been decided. */
export function answer(list: ReviewList, said: Said, { review, at }: ReviewContext): ReviewList {
  const answered = new Map([...list.answered, ...said]);
  const next: ReviewList = { ...list, answered, chosen: false };
  const following = nextOpen(next, review);
  return following === undefined ? next : goOn(next, following, at);
}

/** `by` lines down in the open hunk, and up where it is negative; the last line stays in sight. */
export function scrollLines(list: ReviewList, by: number): ReviewList {
  const lines = list.cursor === undefined ? undefined : list.lines.get(list.cursor);
  return { ...list, firstLine: Math.max(0, Math.min((lines?.length ?? 1) - 1, list.firstLine + by)) };
}

/** `by` hunks up or down; stops at the ends. */
export function moveCursor(list: ReviewList, by: number, { review, at }: ReviewContext): ReviewList {
  const ids = entryIds(list, review);
  const from = list.cursor === undefined ? -1 : ids.indexOf(list.cursor);
  const target = ids[Math.max(0, Math.min(ids.length - 1, (from < 0 ? 0 : from) + by))];
  return target === undefined ? list : { ...goOn(list, target, at), chosen: true };
}

/** The next undecided one behind the cursor, else the first before it; undefined where all are decided. */
export function nextOpen(list: ReviewList, review: Review): HunkId | undefined {
  const all = listed(review);
  const from = all.findIndex(({ hunk }) => hunk.id === list.cursor);
  const waits = (one: ReviewedHunk): boolean => isWaiting(list, one);
  const behind = all.slice(from + 1).find(waits);
  return (behind ?? all.slice(0, Math.max(0, from)).find(waits))?.hunk.id;
}

/** True once the hunk has been there long enough to be meant. */
export const answerCounts = (list: ReviewList, at: number): boolean => at >= list.answersFrom;

/** The hunk that counts as seen from now on, if there is one. */
export function nowSeen(list: ReviewList, { review, at }: ReviewContext): HunkId | undefined {
  const current = underCursor(list, review);
  return current !== undefined && !current.seen && at - list.since >= seenAfterMs ? current.hunk.id : undefined;
}
