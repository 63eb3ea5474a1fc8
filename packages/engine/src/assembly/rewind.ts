/** Back to earlier prompts of a session, and on again to the ends of paths that were left. */
import {
  type EventBody,
  type HunkId,
  type Result,
  type Review,
  type ReviewedHunk,
  type RewindPoint,
  type RewindReport,
  type RewindWish,
  type TurnId,
  fail,
  succeed,
} from "@twolane/protocol";
import type { Reviewer } from "../edits/review/reviewer.ts";
import type { ConversationLog, ConversationPath, TurnMark } from "../journal/conversation-log.ts";
import type { Loop } from "../loop/loop.ts";
import type { ConversationItem } from "../models/models.ts";

export interface RewinderParts {
  readonly log: ConversationLog<ConversationItem>;
  readonly loop: Loop;
  readonly reviewer: Reviewer;
  readonly emit: (event: EventBody) => void;
}

/** Where to, and what of the two paths is not the same. */
interface Way {
  readonly path: ConversationPath<ConversationItem>;
  readonly mark: TurnMark;
  /** It was left, and is taken to its end. */
  readonly forward: boolean;
  readonly leaving: ReadonlySet<TurnId>;
  readonly coming: ReadonlySet<TurnId>;
}

export class Rewinder {
  private readonly parts: RewinderParts;
  /** Hunks that a rewind took off the disk, and nothing has put there since. */
  private readonly takenBack = new Set<HunkId>();

  /** `history`: of the earlier processes of the session. */
  constructor(parts: RewinderParts, history: readonly EventBody[]) {
    this.parts = parts;
    for (const event of history) this.observe(event);
  }

  observe(event: EventBody): void {
    if (event.type === "turn.rewound") for (const hunk of event.undone ?? []) this.takenBack.add(hunk);
    else if (event.type === "hunk.landed") this.takenBack.delete(event.hunk.id);
    else if (event.type === "hunk.rejected") this.takenBack.delete(event.hunk);
  }

  points(): readonly RewindPoint[] {
    const { current } = this.parts.log;
    const { review } = this.parts.reviewer;
    const own = turnsOf(current);
    const pointOf = (path: number, { turn, prompt, at }: TurnMark, hunks: readonly HunkId[]) => ({
      ...{ turn, point: `${path}:${turn}`, prompt, at, hunks: hunks.length },
      files: [...new Set(hunks.map((id) => review.get(id)?.hunk.path ?? ""))],
    });
    const back = current.turns.toReversed().map((mark) => ({
      ...pointOf(current.path, mark, onDiskOf(review, since(current, mark))),
      current: true,
    }));
    return [
      ...back,
      ...this.ends().map(({ path, mark }) => ({
        ...pointOf(path.path, mark, this.backOf(except(turnsOf(path), own))),
        current: false,
      })),
    ];
  }

  async rewind({ point, conversation, files }: RewindWish): Promise<Result<RewindReport>> {
    const { log, loop, reviewer, emit } = this.parts;
    const way = this.wayTo(point);
    if (way === undefined) return fail("REWIND_UNKNOWN", `There is no prompt ${point} to go back to.`);
    if (!loop.isIdle) return fail("HUNK_STATE", "A turn is still running.", "Stop it first (Ctrl-C), then rewind.");
    const { mark, path, forward } = way;
    const hunks = files ? onDiskOf(reviewer.review, way.leaving) : [];
    const undone = hunks.length > 0 ? await reviewer.undo(hunks) : [];
    // What only waits for a yes is gone with the prompt that it belongs to.
    for (const { hunk } of heldOf(reviewer.review, way)) emit({ type: "hunk.undone", hunk: hunk.id, path: hunk.path });
    if (conversation) {
      log.fork(path.path, forward ? path.items.length : mark.length);
      loop.goBack(log.current.items, log.current.compaction);
    }
    emit({ type: "turn.rewound", turn: mark.turn, conversation, files, undone, ...(forward && { forward }) });
    const back = this.backOf(way.coming);
    if (files && back.length > 0) await reviewer.accept(back, false);
    const missing = this.backOf(way.coming);
    if (conversation && missing.length > 0) loop.note(notOnDisk(missing, reviewer.review));
    const keptFor = (reason: string) => (id: HunkId) => ({ path: reviewer.review.get(id)?.hunk.path ?? id, reason });
    return succeed({
      ...{ undone, landed: back.filter((hunk) => !missing.includes(hunk)), prompt: forward ? "" : mark.prompt },
      kept: [
        ...hunks.filter((hunk) => !undone.includes(hunk)).map(keptFor("its lines were changed since")),
        ...(files ? missing.map(keptFor("the hunk does not fit any more")) : []),
      ],
    });
  }

  private wayTo(point: string): Way | undefined {
    const { current, paths } = this.parts.log;
    const end = this.ends().find(({ path, mark }) => `${path.path}:${mark.turn}` === point);
    if (end !== undefined) {
      const [own, theirs] = [turnsOf(current), turnsOf(end.path)];
      return { ...end, forward: true, leaving: except(own, theirs), coming: except(theirs, own) };
    }
    const path = paths.find((one) => point.startsWith(`${one.path}:`));
    const mark = current.turns.find(({ turn }) => point === `${path?.path}:${turn}`);
    if (path !== current || mark === undefined) return undefined;
    return { path, mark, forward: false, leaving: since(current, mark), coming: new Set() };
  }

  /** The last turns of the paths that were left, newest first; each once, however often it was come by. */
  private ends(): { readonly path: ConversationPath<ConversationItem>; readonly mark: TurnMark }[] {
    const { current, paths } = this.parts.log;
    const known = turnsOf(current);
    return paths.toReversed().flatMap((path) => {
      const mark = path.turns.at(-1);
      if (mark === undefined || known.has(mark.turn)) return [];
      known.add(mark.turn);
      return [{ path, mark }];
    });
  }

  /** What would land again: of these turns, what a rewind has taken back. */
  private backOf(turns: ReadonlySet<TurnId>): HunkId[] {
    const { review } = this.parts.reviewer;
    return [...review.values()]
      .filter(({ hunk, state }) => state === "undone" && turns.has(hunk.turn) && this.takenBack.has(hunk.id))
      .map(({ hunk }) => hunk.id);
  }
}

const turnsOf = ({ turns }: Pick<ConversationPath<object>, "turns">): Set<TurnId> => new Set(turns.map(({ turn }) => turn));
const except = (some: ReadonlySet<TurnId>, others: ReadonlySet<TurnId>): ReadonlySet<TurnId> =>
  new Set([...some].filter((turn) => !others.has(turn)));
const since = ({ turns }: ConversationPath<object>, mark: TurnMark): ReadonlySet<TurnId> =>
  turnsOf({ turns: turns.slice(turns.indexOf(mark)) });

/** And in no commit: it can still be taken back. */
export const isOnDisk = (one: ReviewedHunk | undefined): boolean =>
  one !== undefined && one.commit === undefined && (one.state === "landed" || one.state === "accepted");

const onDiskOf = (review: Review, turns: ReadonlySet<TurnId>): HunkId[] =>
  [...review.values()].filter((one) => turns.has(one.hunk.turn) && isOnDisk(one)).map(({ hunk }) => hunk.id);

/** Back from a prompt everything behind it goes, whatever path it is on. */
function heldOf(review: Review, { forward, leaving, mark }: Way): ReviewedHunk[] {
  const number = (turn: TurnId): number => Number(turn.slice(1));
  return [...review.values()].filter(
    ({ hunk, state }) => state === "held" && (forward ? leaving.has(hunk.turn) : number(hunk.turn) >= number(mark.turn)),
  );
}

function notOnDisk(hunks: readonly HunkId[], review: Review): string {
  const lines = hunks.flatMap((id) => {
    const hunk = review.get(id)?.hunk;
    return hunk === undefined ? [] : [`${hunk.movedTo ?? hunk.path}:${hunk.line} +${hunk.linesAdded} -${hunk.linesRemoved}`];
  });
  return `[The user came back to this conversation. Of your changes in it these are not on disk any more:]\n${lines.join("\n")}`;
}
