/** The radar in words for a person: what is left of each model's limits, how quick each lane was, and whether the fast one is the slower. Pure. */
import { type Lane, type LaneSpeed, type LimitsReport, type ModelLimits, lanes } from "@twolane/protocol";
import { type RadarState, type SourceState, type Speed, accountOf, liveTickets, remaining, reserveOf } from "./radar.ts";

export interface ReportContext {
  readonly now: number;
  readonly isAlive: (owner: string) => boolean;
}

/** Speeds older than this say nothing of now. */
const speedLife = 7 * 24 * 3600_000;
/** The fast lane is judged by what it did in this time, and by no fewer answers; the deep one by fewer, for it has fewer. */
const recently = 30 * 60_000;
const fastAnswers = 5;
const deepAnswers = 3;

export function modelLimits(state: RadarState, context: ReportContext): LimitsReport["models"] {
  const all = [...state].map(([source, one]) => limitsOfSource(source, one, context));
  return all.filter((one) => one.windows.length + one.speeds.length + one.waiting > 0 || one.closed !== undefined);
}

function limitsOfSource(source: string, one: SourceState, context: ReportContext): ModelLimits {
  const { now } = context;
  const seen = [...one.windows.values()];
  const lasting = seen.filter(
    ({ at, window }) => window.resetsAt === undefined || remaining({ at, until: window.resetsAt }, now) > 0,
  );
  const { closed } = one;
  const left = closed === undefined ? 0 : remaining(closed, now);
  const reserve = reserveOf(one);
  const [account = "", host] = accountOf(source).trim().split("@");
  return {
    account,
    ...(host !== undefined && { host }),
    model: source.slice(accountOf(source).length),
    windows: lasting.map(({ window }) => window),
    ...(closed !== undefined && left > 0 && { closed: { why: closed.why, until: now + left, named: closed.named } }),
    waiting: liveTickets(one, context).length,
    ...(reserve > 0 && { reserve }),
    speeds: lanes.flatMap((lane) => speedOf(one.speeds, { lane, since: now - speedLife }) ?? []),
  };
}

interface SpeedQuestion {
  readonly lane: Lane;
  readonly since: number;
}

function speedOf(speeds: readonly Speed[], { lane, since }: SpeedQuestion): LaneSpeed | undefined {
  const counted = speeds.filter((one) => one.lane === lane && one.at >= since);
  if (counted.length === 0) return undefined;
  const perSecond = median(counted.map((one) => one.perSecond));
  return { lane, perSecond, firstMs: median(counted.map((one) => one.firstMs)), answers: counted.length };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export interface Degraded {
  readonly fast: LaneSpeed;
  /** `provider/name` of the deep lane. */
  readonly model: string;
  readonly deep: LaneSpeed;
}

/** The model of the fast lane writes slower now than one that the deep lane uses; undefined: it does not, or too little is known. */
export function degraded(state: RadarState, source: string, now: number): Degraded | undefined {
  const fast = speedOf(state.get(source)?.speeds ?? [], { lane: "fast", since: now - recently });
  if (fast === undefined || fast.answers < fastAnswers) return undefined;
  for (const [other, one] of state) {
    const deep = speedOf(one.speeds, { lane: "deep", since: now - speedLife });
    if (other === source || deep === undefined || deep.answers < deepAnswers) continue;
    if (fast.perSecond < deep.perSecond) return { fast, deep, model: other.slice(accountOf(other).length) };
  }
  return undefined;
}
