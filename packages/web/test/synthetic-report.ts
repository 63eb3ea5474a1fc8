/** Numbers that nobody measured: made from a seed, for tests and for the pictures in the docs, which say so. */
import type { KpiDimensions, KpiName, KpiSample, ReportData, ReportGroup } from "@twolane/protocol/kpis";

const dayMs = 24 * 60 * 60 * 1000;
const start = Date.UTC(2026, 8, 1, 9);

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

/** Around `median`, skewed as waiting times are. */
function waiting(random: Random, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}

interface Period {
  readonly name: string;
  readonly fromDay: number;
  readonly days: number;
  readonly turnsADay: number;
  /** How much longer everything takes than in the later period. */
  readonly slower: number;
}

const workflows = [undefined, undefined, "refactor", "debug", "test"] as const;

function samplesOf(random: Random, { fromDay, days, turnsADay, slower }: Period): readonly KpiSample[] {
  const samples: KpiSample[] = [];
  for (let turn = 0; turn < days * turnsADay; turn++) {
    const at = start + (fromDay + Math.floor(turn / turnsADay)) * dayMs + random() * 8 * 60 * 60 * 1000;
    const isDeep = random() < 0.18;
    const workflow = workflows[Math.floor(random() * workflows.length)];
    const dimensions: KpiDimensions = {
      lane: isDeep ? "deep" : "fast",
      model: isDeep ? "openai/large" : random() < 0.7 ? "cerebras/quick" : "groq/swift",
      repository: random() < 0.8 ? "1" : "2",
      ...(workflow !== undefined && { workflow }),
    };
    samples.push(...turnSamples(random, { dimensions, at, slower: slower * (isDeep ? 4 : 1) }));
  }
  return samples;
}

interface Turn {
  readonly dimensions: KpiDimensions;
  readonly at: number;
  readonly slower: number;
}

function turnSamples(random: Random, { dimensions, at, slower }: Turn): readonly KpiSample[] {
  const timed = (kpi: KpiName, value: number, parts?: Readonly<Record<string, number>>): KpiSample => ({
    ...{ ...dimensions, kpi, at, value },
    ...(parts && { parts }),
  });
  const shared = (kpi: KpiName, hits: number, of: number): KpiSample => ({ ...dimensions, kpi, at, hits, of });
  const isChance = (share: number): boolean => random() < share;
  if (isChance(0.04)) return [{ ...dimensions, kpi: "first-token", at, missing: isChance(0.6) ? "stopped" : "failed" }];
  const parts = {
    ...{ input: waiting(random, 1.4, 0.3), client: waiting(random, 6, 0.4), network: waiting(random, 38, 0.35) },
    ...{ model: waiting(random, 260 * slower, 0.45), screen: waiting(random, 1.1, 0.3) },
    ...(isChance(0.1) && { queue: waiting(random, 420, 0.8) }),
  };
  const first = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const samples = [timed("first-token", first, parts)];
  if (isChance(0.8)) samples.push(timed("first-hunk", first + waiting(random, 240 * slower, 0.5)));
  if (isChance(0.2)) {
    const person = waiting(random, 1900, 0.7);
    const system = waiting(random, 420 * slower, 0.4);
    samples.push(timed("correction", person + system, { person, system }));
    samples.push(isChance(0.5) ? timed("stop", waiting(random, 1.6, 0.4)) : timed("steer", waiting(random, 4.2, 0.4)));
  }
  if (!isChance(0.55)) return samples;
  samples.push(timed("accepted-commit", waiting(random, 310 * slower ** 0.5, 0.9)));
  samples.push(shared("one-loop", isChance(0.68 - 0.1 * (slower - 1)) ? 1 : 0, 1));
  samples.push(timed("lead-time", waiting(random, 4.6 * slower ** 0.5, 1)));
  return [...samples, ...reviewSamples(random, { timed, shared })];
}

interface Making {
  readonly timed: (kpi: KpiName, value: number) => KpiSample;
  readonly shared: (kpi: KpiName, hits: number, of: number) => KpiSample;
}

function reviewSamples(random: Random, { timed, shared }: Making): readonly KpiSample[] {
  const samples: KpiSample[] = [];
  const hunks = 1 + Math.floor(random() * 4);
  for (let hunk = 0; hunk < hunks; hunk++) {
    const lines = 2 + Math.floor(random() * 30);
    const isTaken = random() < 0.86;
    const seconds = waiting(random, 5.5, 0.7);
    samples.push(shared("hunks-accepted", isTaken ? 1 : 0, 1), shared("lines-accepted", isTaken ? lines : 0, lines));
    samples.push(timed("review-hunk", seconds), timed("review-lines", (seconds / lines) * 100));
    if (!isTaken) continue;
    samples.push(shared("lines-edited", random() < 0.12 ? Math.ceil(lines / 3) : 0, lines));
    const alive = (share: number): number => (random() < share ? lines : Math.floor(lines * random()));
    samples.push(shared("survival-1", alive(0.97), lines), shared("survival-7", alive(0.9), lines));
    if (random() < 0.6) samples.push(shared("survival-30", alive(0.82), lines));
  }
  samples.push(shared("fixes", random() < 0.03 ? 1 : 0, 1), shared("reverts", random() < 0.008 ? 1 : 0, 1));
  return samples;
}

const after: Period = { name: "all", fromDay: 30, days: 28, turnsADay: 14, slower: 1 };

/** One person's four weeks. */
export function syntheticReport(seed = 1): ReportData {
  const random = randomFrom(seed);
  return { ...frame, people: 1, sessions: 61, groups: [groupOf(random, after)], verdicts: [], turns: [] };
}

const frame = { version: 1, madeAt: start + 60 * dayMs, from: start + 30 * dayMs, to: start + 58 * dayMs } as const;

function groupOf(random: Random, period: Period): ReportGroup {
  return { name: period.name, samples: samplesOf(random, period), tasks: [], spend: [] };
}
