/** Numbers that nobody measured: made from a seed, for tests and for the pictures in the docs, which say so. */
import type { Lane, LimitsReport } from "@twolane/protocol";
import type {
  KpiDimensions,
  KpiName,
  KpiSample,
  ReportData,
  ReportGroup,
  TaskRecord,
  TraceSpan,
  TurnTrace,
  WorkSpend,
} from "@twolane/protocol/kpis";

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
  let taken = 0;
  for (let hunk = 0; hunk < hunks; hunk++) {
    const lines = 2 + Math.floor(random() * 30);
    const isTaken = random() < 0.86;
    const seconds = waiting(random, 5.5, 0.7);
    samples.push(shared("hunks-accepted", isTaken ? 1 : 0, 1), shared("lines-accepted", isTaken ? lines : 0, lines));
    samples.push(timed("review-hunk", seconds), timed("review-lines", (seconds / lines) * 100));
    if (!isTaken) continue;
    samples.push(shared("lines-edited", random() < 0.12 ? Math.ceil(lines / 3) : 0, lines));
    taken += lines;
  }
  // What is gone stays gone.
  const left = (lines: number): number => Math.round(lines * (random() < 0.75 ? 1 : 0.6 + 0.4 * random()));
  const day = left(taken);
  const week = left(day);
  for (const [kpi, alive] of [
    ["survival-1", day],
    ["survival-7", week],
    ["survival-30", left(week)],
  ] as const)
    if (taken > 0) samples.push(shared(kpi, alive, taken));
  samples.push(shared("fixes", random() < 0.03 ? 1 : 0, 1), shared("reverts", random() < 0.008 ? 1 : 0, 1));
  return samples;
}

const before: Period = { name: "before", fromDay: 0, days: 28, turnsADay: 9, slower: 2.1 };
const after: Period = { name: "pilot", fromDay: 30, days: 28, turnsADay: 14, slower: 1 };

/** One person's four weeks. */
export function syntheticReport(seed = 1): ReportData {
  const random = randomFrom(seed);
  const group = groupOf(random, { ...after, name: "all" });
  return { ...frame, people: 1, sessions: 61, groups: [group], verdicts, turns: turnsOf(random), limits };
}

const turnsOf = (random: Random): readonly TurnTrace[] =>
  (["fast", "fast", "deep"] as const).map((lane, index) => traceOf(random, { lane, index }));

/** A team of nine, four weeks before a pilot and four weeks of it. */
export function syntheticPilot(seed = 2): ReportData {
  const random = randomFrom(seed);
  const groups = [before, after].map((period) => groupOf(random, period));
  // Late enough that what became of the pilot's lines after a month is known.
  const turns = turnsOf(random).map((turn) => ({ ...turn, session: "", turn: "" }));
  return { ...frame, madeAt: start + 95 * dayMs, from: start, people: 9, sessions: 143, groups, verdicts, turns };
}

/** A first day: hardly anything is known. */
export function syntheticFirstDay(seed = 3): ReportData {
  const group = groupOf(randomFrom(seed), { name: "all", fromDay: 57, days: 1, turnsADay: 4, slower: 1 });
  return { ...frame, from: frame.to, people: 1, sessions: 1, groups: [group], verdicts: [], turns: [] };
}

/** Nothing at all. */
export const emptyReport = (): ReportData => ({
  ...{ ...frame, people: 1, sessions: 0, verdicts: [], turns: [] },
  groups: [{ name: "all", samples: [], tasks: [], spend: [] }],
});

const frame = { version: 1, madeAt: start + 60 * dayMs, from: start + 30 * dayMs, to: start + 58 * dayMs } as const;

const verdicts: ReportData["verdicts"] = [
  { rule: "scope", lane: "fast", told: 23, allowed: 6, rejected: 15 },
  { rule: "dependencies", lane: "fast", told: 11, allowed: 8, rejected: 3 },
  { rule: "commands", lane: "deep", told: 9, allowed: 7, rejected: 1 },
  { rule: "review", lane: "deep", told: 5, allowed: 5, rejected: 0 },
  { rule: "secrets", lane: "fast", told: 2, allowed: 0, rejected: 2 },
];

const limits: LimitsReport = {
  at: frame.madeAt,
  models: [
    {
      ...{ account: "a1", host: "api.example.com", model: "cerebras/quick", waiting: 0 },
      windows: [
        { name: "tokens per minute", what: "tokens", perMs: 60_000, limit: 300_000, left: 212_000, leftPercent: 71 },
        { name: "requests per day", what: "requests", perMs: dayMs, limit: 14_400, left: 1_900, leftPercent: 13 },
      ],
      speeds: [{ lane: "fast", firstMs: 310, perSecond: 1840, answers: 240 }],
    },
  ],
  spend: [],
  budgets: [
    {
      budget: { per: "week", dollars: 40, hard: true },
      used: 22.4,
      limit: 40,
      resetsAt: frame.madeAt + 2 * dayMs,
      unpricedTokens: 0,
    },
  ],
  lanes: { fast: "cerebras/quick", deep: "openai/large" },
};

function groupOf(random: Random, period: Period): ReportGroup {
  const samples = samplesOf(random, period);
  const tasks = samples.filter(({ kpi }) => kpi === "first-token").map((sample) => taskOf(random, sample));
  return { name: period.name, samples, tasks, spend: spendOf(random, tasks) };
}

function taskOf(random: Random, { at, lane, model, workflow, repository }: KpiSample): TaskRecord {
  const works = lane === "deep" ? 0.74 : workflow === "debug" ? 0.42 : 0.7;
  const chance = random();
  const outcome = chance < works ? "committed" : chance < works + 0.05 ? "accepted" : chance < 0.9 ? "abandoned" : "answered";
  return {
    ...{ lane, model, repository, outcome, startedAt: at, endedAt: at + 300_000 },
    ...{ prompts: 1, steers: 0, takenBack: 0, hunks: [], commits: [] },
    ...(workflow !== undefined && { workflow }),
  };
}

function spendOf(random: Random, tasks: readonly TaskRecord[]): readonly WorkSpend[] {
  const prices: Readonly<Record<string, number>> = { "openai/large": 0.42, "cerebras/quick": 0.021 };
  return tasks.map(({ startedAt, lane, model, repository: project, workflow }) => {
    const price = prices[model];
    const output = Math.round(waiting(random, 1400, 0.6));
    const usage = { input: output * 9, cachedInput: output * 6, output, reasoning: 0 };
    const cost = price === undefined ? 0 : price * (0.6 + 0.8 * random());
    return {
      ...{ day: new Date(startedAt).toISOString().slice(0, 10), lane, model, project, requests: 3, usage },
      ...{ cost: { input: cost / 2, cachedInput: 0, output: cost / 2 }, estimated: 0, estimatedDollars: 0 },
      ...{ unpriced: price === undefined ? 3 : 0, unpricedTokens: price === undefined ? output * 10 : 0 },
      ...(workflow !== undefined && { workflow }),
    };
  });
}

function traceOf(random: Random, { lane, index }: { readonly lane: Lane; readonly index: number }): TurnTrace {
  const slow = lane === "deep" ? 5 : 1 + index;
  const spans: TraceSpan[] = [];
  let at = 0;
  const wait = (kind: TraceSpan["kind"], median: number, name = ""): number => {
    const from = at;
    at += waiting(random, median, 0.3);
    spans.push({ kind, name, from, to: at });
    return from;
  };
  wait("input", 1.3);
  wait("client", 7);
  if (index === 1) wait("queue", 380);
  wait("network", 36);
  wait("model", 210 * slow);
  const first = wait("stream", 420 * slow);
  const hunks = [first + (at - first) * 0.4, first + (at - first) * 0.9];
  wait("client", 2);
  wait("tool", 48, "read");
  wait("client", 2);
  wait("network", 35);
  wait("model", 190 * slow);
  const second = wait("stream", 610 * slow);
  hunks.push(second + (at - second) * 0.5);
  const end = at;
  wait("tests", 900);
  const model = lane === "deep" ? "openai/large" : "cerebras/quick";
  return {
    ...{ session: "s1", turn: `t${index + 1}`, startedAt: frame.to - (index + 4) * 7 * 60 * 60 * 1000, ending: "completed" },
    ...{ lane, model, repository: "1", spans, tokens: 900 * slow },
    marks: [
      { kind: "first-token", at: first },
      ...hunks.map((hunk) => ({ kind: "hunk" as const, at: hunk })),
      { kind: "end", at: end },
      { kind: "tests", at },
    ],
  };
}
