/**
 * The list of hunks to decide on: a cursor pinned to a hunk, so that arrivals never move what a key hits; which one is open; what
 * was looked at. Pure; time comes with the input. What the keys do is `app-review.ts`.
 */
import type { HunkId, HunkLine, Review, ReviewedHunk, TwolaneEvent } from "@twolane/protocol";

export interface ReviewList {
  readonly cursor?: HunkId;
  /** Lines of the hunk under the cursor are shown, from this one on. */
  readonly open: boolean;
  readonly firstLine: number;
  /** When the hunk under the cursor came under it, or changed its state there; ms. */
  readonly since: number;
  /** The text of the newest hunks; of older ones it is asked for again. */
  readonly lines: ReadonlyMap<HunkId, readonly HunkLine[]>;
}

/** An answer sooner than this after a hunk has appeared under the cursor was meant for something else; ms. */
const answerAfterMs = 300;
/** A hunk that was under the cursor for so long counts as seen; ms. */
const seenAfterMs = 300;
const linesKept = 2000;

export const emptyReviewList: ReviewList = { open: true, firstLine: 0, since: 0, lines: new Map() };

export interface ReviewContext {
  readonly review: Review;
  /** Monotonic ms. */
  readonly at: number;
}

export function reduceReviewList(list: ReviewList, event: TwolaneEvent, { review, at }: ReviewContext): ReviewList {
  switch (event.type) {
    case "hunk.closed": {
      const next = { ...list, lines: withLines(list.lines, event.hunk.id, event.lines) };
      return next.cursor === undefined ? goTo(next, event.hunk.id, at) : next;
    }
    case "hunk.landed":
    case "hunk.held":
    case "hunk.failed":
      if (list.cursor === undefined) return goTo(list, event.hunk.id, at);
      // What is under the cursor is something else now: an answer that was on its way is not for it.
      return settle(list.cursor === event.hunk.id ? { ...list, since: at } : list, review, at);
    case "hunk.superseded":
      return settle(list, review, at);
    default:
      return list;
  }
}

/** From a hunk that is listed no more to the next one that is, else the one before it. */
function settle(list: ReviewList, review: Review, at: number): ReviewList {
  const current = list.cursor === undefined ? undefined : review.get(list.cursor);
  if (current !== undefined && isListed(current)) return list;
  const all = [...review.values()];
  const from = all.findIndex(({ hunk }) => hunk.id === list.cursor);
  const next = all.slice(from + 1).find(isListed) ?? all.slice(0, Math.max(0, from)).findLast(isListed);
  const { cursor: _, ...rest } = list;
  return next === undefined ? rest : goTo(rest, next.hunk.id, at);
}

/** An empty map is the one of `emptyReviewList`; every other is this list's alone, and copying it would cost with the session. */
function withLines(
  lines: ReviewList["lines"],
  hunk: HunkId,
  text: readonly HunkLine[],
): ReadonlyMap<HunkId, readonly HunkLine[]> {
  const next = lines.size > 0 && lines instanceof Map ? lines : new Map<HunkId, readonly HunkLine[]>(lines);
  next.delete(hunk);
  next.set(hunk, text);
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

/** The hunk that a key hits. */
export function underCursor(list: ReviewList, review: Review): ReviewedHunk | undefined {
  return list.cursor === undefined ? undefined : review.get(list.cursor);
}

/** The list as it is opened: at what waits for the person, else at the first that is undecided, else where it was. */
export function openList(list: ReviewList, { review, at }: ReviewContext): ReviewList {
  const all = listed(review);
  const current = list.cursor === undefined ? undefined : review.get(list.cursor);
  const waiting = all.find(({ state, verdict }) => state === "held" && verdict?.rule === "step");
  const wanted = waiting ?? (current !== undefined && isOpen(current) ? current : (all.find(isOpen) ?? current ?? all[0]));
  // Only now the person sees what is under the cursor.
  return wanted === undefined ? list : { ...goTo(list, wanted.hunk.id, at), since: at };
}

export function goTo(list: ReviewList, hunk: HunkId, at: number): ReviewList {
  return { ...list, cursor: hunk, since: list.cursor === hunk ? list.since : at, firstLine: 0 };
}

/** `by` lines down in the open hunk, and up where it is negative; the last line stays in sight. */
export function scrollLines(list: ReviewList, by: number): ReviewList {
  const lines = list.cursor === undefined ? undefined : list.lines.get(list.cursor);
  return { ...list, firstLine: Math.max(0, Math.min((lines?.length ?? 1) - 1, list.firstLine + by)) };
}

/** `by` hunks up or down; stops at the ends. */
export function moveCursor(list: ReviewList, by: number, { review, at }: ReviewContext): ReviewList {
  const all = listed(review);
  const from = all.findIndex(({ hunk }) => hunk.id === list.cursor);
  const target = all[Math.max(0, Math.min(all.length - 1, (from < 0 ? 0 : from) + by))];
  return target === undefined ? list : goTo(list, target.hunk.id, at);
}

/** The next undecided one behind the cursor, else the first before it; undefined where all are decided. */
export function nextOpen(list: ReviewList, review: Review): HunkId | undefined {
  const all = listed(review);
  const from = all.findIndex(({ hunk }) => hunk.id === list.cursor);
  const behind = all.slice(from + 1).find(isOpen);
  return (behind ?? all.slice(0, Math.max(0, from)).find(isOpen))?.hunk.id;
}

/** True once the hunk has been under the cursor long enough to be meant. */
export const answerCounts = (list: ReviewList, at: number): boolean => at - list.since >= answerAfterMs;

/** The hunk that counts as seen from now on, if there is one. */
export function nowSeen(list: ReviewList, { review, at }: ReviewContext): HunkId | undefined {
  const current = underCursor(list, review);
  return current !== undefined && !current.seen && at - list.since >= seenAfterMs ? current.hunk.id : undefined;
}
