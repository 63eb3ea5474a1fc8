/** What a person and a model do until the accepted commit, on one line of time, before any of it is done. Pure; times in seconds. */
import { type Answer, type ChangeHunk, answerOf, changedLines, mendOf, tokensOf } from "./change.ts";
import { type Assumptions, type Readable, read, typing } from "./person.ts";

/** `restart`: wait for the end, take all back, ask anew. `deep`: steer, and the second half goes to the deep lane. */
export const ways = ["restart", "stop", "steer", "deep"] as const;
export type Way = (typeof ways)[number];

/** What is done with one good change. */
export interface Case {
  /** The good change, in order. */
  readonly right: readonly ChangeHunk[];
  /** What the model writes first; the same objects where it is right. */
  readonly said: readonly ChangeHunk[];
  /** The tests of a job of the deep lane see what is wrong in its half. */
  readonly isCaught: boolean;
}

/** An answer while it streams. */
export interface Stream {
  readonly answer: Answer;
  readonly from: number;
  readonly tokensPerSecond: number;
  readonly firstToken: number;
  /** The person cuts it behind so many tokens; absent: it comes to its end. */
  readonly cutAt?: number;
}

export interface JobPlan {
  readonly plan: string;
  readonly answer: Answer;
  /** What it writes when its tests fail. */
  readonly mend?: Answer;
  readonly report: string;
}

export type Act =
  | { readonly act: "prompt" | "steer"; readonly at: number; readonly stream: Stream }
  | { readonly act: "stop" | "undo" | "take" | "accept" | "commit"; readonly at: number }
  | { readonly act: "hand"; readonly at: number; readonly job: JobPlan };

export interface Course {
  readonly acts: readonly Act[];
  /** From the first prompt. */
  readonly commitAt: number;
  /** The same without the wait for a job while there is nothing else to do. */
  readonly attended: number;
  /** That the model wrote. */
  readonly tokens: number;
  /** Changed lines that the person read. */
  readonly lines: number;
}

/** What the model says behind its edits. */
export const closingText = "Done.";

export const landsAt = ({ from, firstToken, tokensPerSecond }: Stream, closesAt: number): number =>
  from + firstToken + closesAt / tokensPerSecond;
export const endsAt = (stream: Stream): number => landsAt(stream, stream.cutAt ?? stream.answer.tokens);
/** The report on the edits goes back to the model, which closes with some words. */
export const turnEndsAt = (stream: Stream): number =>
  endsAt(stream) + stream.firstToken + tokensOf(closingText) / stream.tokensPerSecond;
export const landed = ({ answer, cutAt = Infinity }: Stream): number =>
  answer.hunks.filter(({ closesAt }) => closesAt <= cutAt).length;

export interface Setting {
  readonly way: Way;
  readonly tokensPerSecond: number;
  readonly assumed: Assumptions;
}

export function courseOf(task: Case, setting: Setting): Course {
  if (setting.way === "restart") return restarted(task, setting);
  if (setting.way === "deep" && task.right.length > 1) return handedOver(task, setting);
  const leg = attendedLeg(task, setting);
  return closed(leg, setting, read(leg.unread, leg.free, setting.assumed).at(-1)?.to ?? 0);
}

function restarted({ right, said }: Case, setting: Setting): Course {
  const { assumed } = setting;
  const first = streamOf(said, 0, setting);
  const wrong = firstWrong({ right, said });
  const whole = said.map((hunk) => ({ at: turnEndsAt(first), lines: changedLines(hunk) }));
  const leg: Leg = {
    acts: [{ act: "prompt", at: 0, stream: first }],
    stream: first,
    free: 0,
    unread: whole,
    read: 0,
    spent: spentOf(first),
  };
  if (wrong < 0) return closed(leg, setting, lastRead(leg, assumed));
  const seen = read(whole.slice(0, wrong + 1), 0, assumed);
  const undoAt = (seen.at(-1)?.to ?? 0) + assumed.reaction;
  const again = streamOf(right, undoAt + typing(assumed.correctionWords, assumed), setting);
  const second: Leg = {
    acts: [...leg.acts, { act: "undo", at: undoAt }, { act: "prompt", at: again.from, stream: again }],
    stream: again,
    free: again.from,
    unread: right.map((hunk, at) => ({
      at: turnEndsAt(again),
      lines: changedLines(hunk) * (at < wrong ? assumed.rereading : 1),
    })),
    read: linesOf(whole.slice(0, wrong + 1)),
    spent: leg.spent + spentOf(again),
  };
  return closed(second, setting, lastRead(second, assumed));
}

/** Until all that was asked of the fast lane is right and on disk, or on its way there; what is not read yet is left. */
interface Leg {
  readonly acts: readonly Act[];
  /** The last answer. */
  readonly stream: Stream;
  /** When the person can read on. */
  readonly free: number;
  readonly unread: readonly Readable[];
  /** Lines that were read. */
  readonly read: number;
  readonly spent: number;
  /** Waited for a job, with nothing else to do. */
  readonly idle?: number;
}

function attendedLeg({ right, said }: Pick<Case, "right" | "said">, setting: Setting): Leg {
  const { assumed, way } = setting;
  const whole = streamOf(said, 0, setting);
  const readable = readables(whole);
  const wrong = firstWrong({ right, said });
  const prompt = (stream: Stream): Act => ({ act: "prompt", at: stream.from, stream });
  if (wrong < 0) return { acts: [prompt(whole)], stream: whole, free: 0, unread: readable, read: 0, spent: spentOf(whole) };
  const seenAt = read(readable.slice(0, wrong + 1), 0, assumed).at(-1)?.to ?? 0;
  const actAt = seenAt + assumed.reaction;
  const typedAt = actAt + typing(assumed.correctionWords, assumed);
  const cutTime = way === "stop" ? actAt : typedAt;
  const isCut = cutTime < endsAt(whole);
  const first = isCut ? { ...whole, cutAt: tokensUntil(whole, cutTime) } : whole;
  const onDisk = landed(first);
  const mends = mendsOf({ right: right.slice(0, onDisk), said });
  const next = streamOf([...mends, ...right.slice(onDisk)], isCut ? typedAt : Math.max(typedAt, turnEndsAt(whole)), setting);
  const unread = readable.flatMap((one, at) => (at > wrong && at < onDisk && said[at] === right[at] ? [one] : []));
  const acts: Act[] = [prompt(first)];
  if (isCut && way === "stop") acts.push({ act: "stop", at: actAt });
  acts.push(isCut && way !== "stop" ? { act: "steer", at: next.from, stream: next } : prompt(next));
  return {
    ...{ acts, stream: next, free: typedAt, unread: [...unread, ...mended(next, { right, said })] },
    ...{ read: linesOf(readable.slice(0, wrong + 1)), spent: spentOf(first) + spentOf(next) },
  };
}

function handedOver({ right, said, isCaught }: Case, setting: Setting): Course {
  const { assumed } = setting;
  const cut = halfOf(right);
  const leg = attendedLeg({ right: right.slice(0, cut), said: said.slice(0, cut) }, setting);
  const halfAt = turnEndsAt(leg.stream);
  const handAt = Math.max(halfAt, leg.free) + typing(assumed.briefWords, assumed);
  const left = unreadAt(leg, halfAt, assumed);
  const half = { right: right.slice(cut), said: said.slice(cut) };
  const wrong = firstWrong(half);
  const mends = mendsOf(half);
  const job = jobOf(half.said, isCaught ? mends : []);
  const readyAt = handAt + jobTime(job, assumed);
  const readAt = read(left, handAt, assumed).at(-1)?.to ?? handAt;
  const takeAt = Math.max(readyAt, readAt) + assumed.reaction;
  const own = (mends.length > 0 && isCaught ? half.right : half.said).map((hunk) => ({ at: takeAt, lines: changedLines(hunk) }));
  const acts: Act[] = [...leg.acts, { act: "hand", at: handAt, job }, { act: "take", at: takeAt }];
  const before = { read: leg.read + linesOf(leg.unread), spent: leg.spent + jobSpent(job) };
  const idle = Math.max(0, readyAt - readAt);
  if (wrong < 0 || isCaught) {
    const acceptAt = (read(own, takeAt, assumed).at(-1)?.to ?? takeAt) + assumed.reaction;
    return ended([...acts, { act: "accept", at: acceptAt }], acceptAt + assumed.tests, {
      ...before,
      read: before.read + linesOf(own),
      idle,
    });
  }
  const actAt = (read(own.slice(0, wrong + 1), takeAt, assumed).at(-1)?.to ?? takeAt) + assumed.reaction;
  const mend = streamOf(mends, actAt + typing(assumed.correctionWords, assumed), setting);
  const last: Leg = {
    acts: [...acts, { act: "accept", at: actAt }, { act: "prompt", at: mend.from, stream: mend }],
    stream: mend,
    free: mend.from,
    unread: [...own.filter((_, at) => at > wrong && half.said[at] === half.right[at]), ...mended(mend, half)],
    read: before.read + linesOf(own.slice(0, wrong + 1)),
    spent: before.spent + spentOf(mend),
  };
  return closed({ ...last, idle }, setting, lastRead(last, assumed));
}

/** What is left to read at a time; a hunk that is being read then is left with the lines behind it. */
function unreadAt({ unread, free }: Leg, at: number, assumed: Assumptions): readonly Readable[] {
  return read(unread, free, assumed).flatMap(({ from, to }, index) => {
    const one = unread[index];
    if (one === undefined || to <= at) return [];
    return [from < at ? { at, lines: (to - at) * assumed.linesPerSecond } : one];
  });
}

/** Yes to all, and the commit, when everything was read and the tests have ended. */
function closed(leg: Leg, { assumed }: Setting, readAt: number): Course {
  const tested = endsAt(leg.stream) + assumed.tests;
  const at = Math.max(readAt, turnEndsAt(leg.stream), tested) + assumed.reaction;
  return ended([...leg.acts, { act: "accept", at }], at, {
    read: leg.read + linesOf(leg.unread),
    spent: leg.spent,
    idle: leg.idle ?? 0,
  });
}

function ended(
  acts: readonly Act[],
  at: number,
  { read: lines, spent, idle }: { readonly read: number; readonly spent: number; readonly idle: number },
): Course {
  return { acts: [...acts, { act: "commit", at }], commitAt: at, attended: at - idle, tokens: spent, lines };
}

function streamOf(hunks: readonly ChangeHunk[], from: number, { tokensPerSecond, assumed }: Setting): Stream {
  return { answer: answerOf(hunks), from, tokensPerSecond, firstToken: assumed.firstToken };
}

const readables = (stream: Stream): readonly Readable[] =>
  stream.answer.hunks.map(({ hunk, closesAt }) => ({ at: landsAt(stream, closesAt), lines: changedLines(hunk) }));

/** What was wrongly landed, made right. */
const mendsOf = ({ right, said }: Pick<Case, "right" | "said">): readonly ChangeHunk[] =>
  right.flatMap((hunk, at) => {
    const wrote = said[at] ?? hunk;
    return wrote === hunk ? [] : [mendOf(wrote, hunk)];
  });

/**
 * What there is to read of an answer that begins with mends: of the hunk in which the mistake was seen only the mend, since the rest was read;
 * of those that were wrong behind it the whole, as nobody had read them.
 */
function mended(stream: Stream, { right, said }: Pick<Case, "right" | "said">): readonly Readable[] {
  const unseen = right.filter((hunk, at) => hunk !== said[at]).slice(1);
  return readables(stream).map((one, at) => {
    const whole = at === 0 ? undefined : unseen[at - 1];
    return whole === undefined ? one : { ...one, lines: changedLines(whole) };
  });
}

const firstWrong = ({ right, said }: Pick<Case, "right" | "said">): number => said.findIndex((hunk, at) => hunk !== right[at]);
const linesOf = (list: readonly Readable[]): number => list.reduce((sum, { lines }) => sum + lines, 0);
const lastRead = (leg: Leg, assumed: Assumptions): number => read(leg.unread, leg.free, assumed).at(-1)?.to ?? leg.free;

/** What is out at a time. */
function tokensUntil({ from, firstToken, tokensPerSecond, answer }: Stream, at: number): number {
  return Math.max(0, Math.min(answer.tokens, Math.floor((at - from - firstToken) * tokensPerSecond)));
}

const spentOf = ({ answer, cutAt }: Stream): number => cutAt ?? answer.tokens + tokensOf(closingText);

/** Where the second half of a change begins: with a file of its own, where that is not far from the middle. */
export function halfOf(hunks: readonly ChangeHunk[]): number {
  const sizes = hunks.map((hunk) => hunk.lines.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let seen = 0;
  const distance = sizes.map((size, at) => {
    const off = Math.abs(seen - total / 2) / total;
    seen += size;
    return at === 0 ? Infinity : off + (hunks[at]?.path === hunks[at - 1]?.path ? 0.2 : 0);
  });
  return distance.indexOf(Math.min(...distance));
}

function jobOf(said: readonly ChangeHunk[], mends: readonly ChangeHunk[]): JobPlan {
  const paths = [...new Set(said.map(({ path }) => path))];
  return {
    plan: `1. ${paths.join(", ")} - the rest of the change - risk: low, it is written down`,
    answer: answerOf(said),
    ...(mends.length > 0 && { mend: answerOf(mends) }),
    report: `The rest of the change is made.\nLook first: ${paths[0] ?? ""}`,
  };
}

/** Plan, step, closing words, tests of the step, all tests, report; and once more where the tests fail. */
function jobTime({ plan, answer, mend, report }: JobPlan, { firstToken, tests, deepTokensPerSecond }: Assumptions): number {
  const says = (tokens: number): number => firstToken + tokens / deepTokensPerSecond;
  const edits = ({ tokens }: Answer): number => says(tokens) + says(tokensOf(closingText)) + tests;
  return says(tokensOf(plan)) + edits(answer) + (mend === undefined ? 0 : edits(mend)) + tests + says(tokensOf(report));
}

const jobSpent = ({ plan, answer, mend, report }: JobPlan): number =>
  tokensOf(plan) +
  tokensOf(report) +
  answer.tokens +
  tokensOf(closingText) +
  (mend === undefined ? 0 : mend.tokens + tokensOf(closingText));
