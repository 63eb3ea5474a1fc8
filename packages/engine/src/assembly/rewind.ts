/** Earlier prompts that a session can go back to, on the path that goes on and on those that were left. */
import type { HunkId, Review, ReviewedHunk, RewindPoint } from "@twolane/protocol";
import type { ConversationLog, TurnMark } from "../journal/conversation-log.ts";

export function rewindPoints(log: ConversationLog<object>, review: Review): readonly RewindPoint[] {
  const { current } = log;
  const own = new Set(current.turns.map(({ turn }) => turn));
  const pointsOf = (path: number, turns: readonly TurnMark[]): RewindPoint[] =>
    turns.toReversed().map((mark) => ({
      ...{ turn: mark.turn, point: `${path}:${mark.turn}`, prompt: mark.prompt, at: mark.at, current: path === current.path },
      files: filesSince(review, mark.turn, path === current.path ? own : new Set([mark.turn])),
    }));
  const left = log.paths
    .filter(({ path }) => path !== current.path)
    .flatMap(({ path, turns }) =>
      pointsOf(
        path,
        turns.filter(({ turn }) => !own.has(turn)),
      ),
    );
  return [...pointsOf(current.path, current.turns), ...left];
}

export interface RewindTarget {
  readonly path: number;
  readonly mark: TurnMark;
}

export function rewindTarget(log: ConversationLog<object>, point: string): RewindTarget | undefined {
  const [path, turn] = point.split(":");
  const found = log.paths.find((one) => String(one.path) === path);
  const mark = found?.turns.find((one) => one.turn === turn);
  return found === undefined || mark === undefined ? undefined : { path: found.path, mark };
}

/** Hunks of this turn and of those behind it that are on disk. */
export function hunksSince(review: Review, turn: string, turns: ReadonlySet<string>): HunkId[] {
  return [...review.values()]
    .filter((one) => turns.has(one.hunk.turn) && isSince(one.hunk.turn, turn) && isOnDisk(one))
    .map(({ hunk }) => hunk.id);
}

/** And in no commit: it can still be taken back. */
export const isOnDisk = (one: ReviewedHunk | undefined): boolean =>
  one !== undefined && one.commit === undefined && (one.state === "landed" || one.state === "accepted");

/** Hunks of this turn and of all behind it that wait for a yes, whatever path they are on. */
export const heldSince = (review: Review, turn: string): ReviewedHunk[] =>
  [...review.values()].filter(({ hunk, state }) => state === "held" && isSince(hunk.turn, turn));

const isSince = (turn: string, first: string): boolean => Number(turn.slice(1)) >= Number(first.slice(1));

function filesSince(review: Review, turn: string, turns: ReadonlySet<string>): string[] {
  const hunks = hunksSince(review, turn, turns);
  return [...new Set(hunks.map((id) => review.get(id)?.hunk.path ?? ""))];
}
