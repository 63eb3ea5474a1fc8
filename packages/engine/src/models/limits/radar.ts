/**
 * The radar of limits: what was written down → what is left, what is closed and until when, who waits, and whether a request may be
 * sent now. Pure: time, and which processes live, are given. A clock that jumps makes nobody wait longer than the provider said.
 */
import type { Lane, LimitWindow, RefusalReason, RequestDelay } from "@twolane/protocol";
import type { RadarRecord } from "./radar-records.ts";

/** A window, and when it was said. */
export interface SeenWindow {
  readonly window: LimitWindow;
  readonly at: number;
}

export interface Closing {
  readonly at: number;
  readonly until: number;
  readonly why: RefusalReason;
  /** The provider named the time; else it is ours. */
  readonly named: boolean;
  /** Closings in a row without a request that got through. */
  readonly streak: number;
  /** The one request before the time has been sent. */
  readonly tried: boolean;
}

interface Ticket {
  readonly ticket: string;
  readonly owner: string;
  readonly at: number;
}

export interface Speed {
  readonly lane: Lane;
  readonly at: number;
  readonly firstMs: number;
  readonly perSecond: number;
}

export interface SourceState {
  readonly windows: ReadonlyMap<string, SeenWindow>;
  readonly closed?: Closing;
  /** Went in their turn, and it is not known yet what came of them. While it is closed this is one. */
  readonly going: readonly Ticket[];
  /** In the order in which they came. */
  readonly queue: readonly Ticket[];
  /** What admission counted beside the input, the last few times. */
  readonly reserves: readonly number[];
  readonly speeds: readonly Speed[];
}

/** By source. */
export type RadarState = ReadonlyMap<string, SourceState>;

export const emptyRadar: RadarState = new Map();
export const unknownSource: SourceState = { windows: new Map(), going: [], queue: [], reserves: [], speeds: [] };

const second = 1000;
/** Where the provider names no time: so long the first time, twice as long each time after it. */
const firstGuess = 5 * second;
const longestGuess = 10 * 60 * second;
const paymentGuess = 60 * second;
const longestClosing = 40 * 24 * 3600 * second;
/** A ticket that was not said again for so long counts no more, nor a first request that came to nothing. */
export const ticketLife = 60 * second;
const keptSpeeds = 40;
const keptReserves = 5;
/** Sources that nothing was said of for so long are forgotten. */
const keptFor = 40 * 24 * 3600 * second;

/** The account of a source: what is closed for want of payment is closed for all of its models. */
export const accountOf = (source: string): string => source.slice(0, source.indexOf(" ") + 1);

export function foldRadar(state: RadarState, record: RadarRecord): RadarState {
  // What is not paid for is not paid for by another model.
  const source = record.t === "closed" && record.why === "payment" ? accountOf(record.source) : record.source;
  const next = new Map(state);
  next.set(source, sourceAfter(state.get(source) ?? unknownSource, record));
  const account = record.t === "open" ? state.get(accountOf(source)) : undefined;
  if (account !== undefined) next.set(accountOf(source), sourceAfter(account, record));
  return next;
}

function sourceAfter(state: SourceState, record: RadarRecord): SourceState {
  switch (record.t) {
    case "left": {
      const windows = new Map(state.windows);
      for (const window of record.windows) windows.set(window.name, { window, at: record.at });
      return { ...state, windows };
    }
    case "closed":
      // Who was on its way in its turn keeps its place.
      return { ...state, queue: [...state.going, ...state.queue], going: [], closed: closingAfter(state.closed, record) };
    case "open": {
      const { closed: _, ...rest } = state;
      return rest;
    }
    case "wait": {
      const { ticket, owner, at } = record;
      const known = state.queue.some((one) => one.ticket === ticket);
      const queue = known
        ? state.queue.map((one) => (one.ticket === ticket ? { ticket, owner, at } : one))
        : [...state.queue, { ticket, owner, at }];
      return { ...state, queue, going: state.going.filter((one) => one.ticket !== ticket) };
    }
    case "go": {
      const { ticket, owner, at, early } = record;
      const { closed } = state;
      const tried = early === true && closed !== undefined ? { closed: { ...closed, tried: true } } : {};
      const left = without(state, ticket);
      return { ...left, going: [...left.going, { ticket, owner, at }], ...tried };
    }
    case "gone":
      return without(state, record.ticket);
    case "counted":
      return { ...state, reserves: [...state.reserves, record.reserve].slice(-keptReserves) };
    case "speed": {
      const { lane, at, firstMs, perSecond } = record;
      return { ...state, speeds: [...state.speeds, { lane, at, firstMs, perSecond }].slice(-keptSpeeds) };
    }
  }
}

function without(state: SourceState, ticket: string): SourceState {
  const others = (list: readonly Ticket[]): readonly Ticket[] => list.filter((one) => one.ticket !== ticket);
  return { ...state, queue: others(state.queue), going: others(state.going) };
}

function closingAfter(before: Closing | undefined, record: Extract<RadarRecord, { t: "closed" }>): Closing {
  const { at, why } = record;
  const streak = (before?.streak ?? 0) + 1;
  // A time that has passed when it is named says nothing.
  const said = record.until !== undefined && record.until > at ? record.until : undefined;
  // Another request that was on its way already is refused by the same limit: what was tried stays tried.
  const same = before !== undefined && before.named && said !== undefined && before.until > at;
  const guess = Math.min((why === "payment" ? paymentGuess : firstGuess) * 2 ** Math.min(streak - 1, 20), longestGuess);
  const until = Math.min(said ?? at + guess, at + longestClosing);
  return { at, until, why, named: said !== undefined, streak, tried: same && before.tried };
}

/** How long something lasts that was said at `at` to end at `until`; never longer than it was said to, whatever the clock did. */
export const remaining = ({ at, until }: { readonly at: number; readonly until: number }, now: number): number =>
  Math.max(0, Math.min(until - now, until - at));

/** What a request takes. Tokens are estimated low: what would pass must not be held. */
export interface Need {
  readonly input: number;
  /** The most that it may write, where it says so. */
  readonly maxOutput?: number;
}

export interface Question {
  readonly source: string;
  readonly now: number;
  readonly need: Need;
  /** Of requests of this process that are under way and not in the windows yet. */
  readonly inFlight?: readonly Need[];
  /** Its own place in the queue, if it waits already. */
  readonly ticket?: string;
  /** A person wants it tried before the time. */
  readonly early?: boolean;
  readonly isAlive: (owner: string) => boolean;
}

/** `first`: others wait until it is known what became of it. `early`: before the time that was named. */
export type Admission =
  | { readonly do: "send"; readonly first: boolean; readonly early: boolean }
  | { readonly do: "wait"; readonly delay: RequestDelay };

export function admit(state: RadarState, question: Question): Admission {
  const { source, now, ticket, early = false } = question;
  const own = state.get(source) ?? unknownSource;
  const closed = latest(own.closed, state.get(accountOf(source))?.closed);
  const queue = liveTickets(own, question);
  const index = queue.findIndex((one) => one.ticket === ticket);
  const ahead = index === -1 ? queue.length : index;
  const place = { place: ahead + 1, of: Math.max(queue.length, ahead + 1) };
  const wait = (why: RequestDelay["why"], until?: number): Admission => ({
    do: "wait",
    delay: { why, ...(until !== undefined && { until }), ...place },
  });
  const goes = own.going.some((one) => isLive(one, question));
  if (closed !== undefined) {
    const left = remaining(closed, now);
    if (left > 0 && early && !closed.tried && !goes) return { do: "send", first: true, early: true };
    if (left > 0) return wait(closed.why, now + left);
    if (goes) return wait(closed.why);
    return ahead > 0 ? wait("order") : { do: "send", first: true, early: false };
  }
  if (early) return { do: "send", first: false, early: false };
  const short = shortage(own, question);
  if (short !== undefined) return wait("limit", now + short);
  // One after the other until the provider has begun with the one before: those that waited do not come all at once.
  return ahead > 0 || (index === 0 && goes) ? wait("order") : { do: "send", first: false, early: false };
}

/** Whether a request that has said that it goes is the one that does: while it is closed, the first that said so. */
export function holdsTurn(
  state: RadarState,
  question: Pick<Question, "source" | "now" | "isAlive"> & { readonly ticket: string },
): boolean {
  const own = state.get(question.source) ?? unknownSource;
  const closed = latest(own.closed, state.get(accountOf(question.source))?.closed);
  const first = own.going.find((one) => isLive(one, question));
  return closed === undefined || first === undefined || first.ticket === question.ticket;
}

const latest = (one: Closing | undefined, other: Closing | undefined): Closing | undefined =>
  one === undefined || (other !== undefined && other.until > one.until) ? other : one;

const isLive = (one: Ticket, { now, isAlive }: Pick<Question, "now" | "isAlive">): boolean =>
  Math.abs(now - one.at) < ticketLife && isAlive(one.owner);

export const liveTickets = ({ queue }: SourceState, question: Pick<Question, "now" | "isAlive">): readonly Ticket[] =>
  queue.filter((one) => isLive(one, question));

/** Milliseconds until the emptiest window has room for it; undefined: it has. */
function shortage(state: SourceState, { need, inFlight = [], now }: Question): number | undefined {
  let longest: number | undefined;
  for (const seen of state.windows.values()) {
    const others = inFlight.reduce((sum, one) => sum + amountOf(seen.window, one, reserveOf(state)), 0);
    const wait = waitFor(seen, amountOf(seen.window, need, reserveOf(state)), { now, others });
    if (wait > 0) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
}

/** Tokens of output that admission counts with each request, as far as that was seen; the least of the last times. */
export const reserveOf = ({ reserves }: SourceState): number => (reserves.length < 2 ? 0 : Math.min(...reserves));

function amountOf({ what }: LimitWindow, { input, maxOutput = 0 }: Need, reserve: number): number {
  switch (what) {
    case "requests":
      return 1;
    case "tokens":
      return input + Math.min(reserve, maxOutput === 0 ? reserve : maxOutput);
    case "input tokens":
      return input;
    // A request that may write little fits where one that may write much does not; what it will write is not known.
    case "output tokens":
    case "share":
      return 0;
  }
}

interface Moment {
  readonly now: number;
  /** Taken by others since it was said. */
  readonly others: number;
}

function waitFor({ window, at }: SeenWindow, amount: number, { now, others }: Moment): number {
  const { left, limit, resetsAt, leftPercent, steady } = window;
  if (resetsAt === undefined) return 0;
  const rest = remaining({ at, until: resetsAt }, now);
  if (rest === 0) return 0;
  if (window.what === "share" || left === undefined) return leftPercent === 0 ? rest : 0;
  if (left - others >= Math.max(amount, 1)) return 0;
  // More than it ever holds: the provider shall say that, there is nothing to wait for.
  if (limit !== undefined && amount > limit) return 0;
  if (steady !== true || limit === undefined || limit <= left) return rest;
  const span = Math.max(1, resetsAt - at);
  const filledFor = span - rest;
  const wanted = ((Math.max(amount, 1) + others - left) / (limit - left)) * span;
  return Math.min(rest, Math.max(0, Math.ceil(wanted - filledFor)));
}

/** What has to be written down so that a log begins anew with the same state. */
export function recordsOf(state: RadarState, now: number): readonly RadarRecord[] {
  return [...state].flatMap(([source, one]) => {
    const latestAt = Math.max(
      ...[one.closed?.at ?? 0, ...one.speeds.map(({ at }) => at), ...one.queue.map(({ at }) => at)],
      ...Array.from(one.windows.values(), ({ at }) => at),
    );
    if (latestAt < now - keptFor) return [];
    const times = new Set(Array.from(one.windows.values(), ({ at }) => at));
    const records: RadarRecord[] = Array.from(times, (at) => {
      const seen = [...one.windows.values()].filter((window) => window.at === at);
      return { t: "left", at, source, windows: seen.map(({ window }) => window) };
    });
    const { closed, going } = one;
    if (closed !== undefined) {
      const { at, why, until } = closed;
      records.push({ t: "closed", at, source, why, until });
      if (closed.tried) records.push({ t: "go", at, source, ticket: "tried", owner: "none", early: true });
    }
    for (const ticket of going) records.push({ t: "go", source, ...ticket });
    for (const ticket of one.queue) records.push({ t: "wait", source, ...ticket });
    for (const reserve of one.reserves) records.push({ t: "counted", at: latestAt, source, reserve });
    for (const speed of one.speeds) records.push({ t: "speed", source, ...speed });
    return records;
  });
}
