/** The study as Markdown: what is simulated, the table, what it shows, the sensitivity, what was measured beside it. Pure. */
import { medianOf } from "@twolane/protocol/kpis";
import { type Way, ways } from "./course.ts";
import { type Row, type Variation, type Longer, fewSaved, rowOf, rowsOf, saved, speedSuffices } from "./figures.ts";
import { stated, typing } from "./person.ts";
import { measuredNames } from "./product.ts";
import { type StudyResult, speeds } from "./study.ts";

export const wayNames: Readonly<Record<Way, string>> = {
  restart: "wait and restart",
  stop: "stop and correct",
  steer: "steer in motion",
  deep: "steer, then deep",
};

export const firstSentence =
  "The person, the model and the clock are simulated (a model that plays known changes at a stated speed, a person who reads, reacts and types at stated rates); the edits, the stops and steers, the tests, the job of the deep lane and the commits are real and go through the product.";

export interface Report {
  readonly result: StudyResult;
  readonly variations: readonly Variation[];
  readonly longer: readonly Longer[];
  /** The lowest speed that suffices, between those of the table. */
  readonly finer: Readonly<Record<Way, number>>;
  readonly seed: number;
}

export function reportOf(report: Report): string {
  const rows = rowsOf(report.result.cells, stated.driftRate);
  return [
    firstSentence,
    ...headOf(report),
    tableOf(rows, report.result.tasks.length),
    findingsOf(rows, report),
    ...sensitivityOf(rows, report.variations),
    ...longerTable(report.longer),
    tasksOf(report.result),
  ].join("\n\n");
}

function headOf({ result, seed }: Report): string[] {
  const {
    driftRate,
    driftPoint,
    linesPerSecond,
    reaction,
    wordsPerMinute,
    correctionWords,
    briefWords,
    firstToken,
    tests,
    deepTokensPerSecond,
  } = stated;
  return [
    `${result.tasks.length} changes between published versions of packages, four ways, ${speeds.length} speeds, seed ${seed}; ${result.runs} runs of the product.`,
    `Assumed: in ${percent(driftRate)} of tasks the model begins a wrong course, on average behind ${percent(driftPoint)} of the change; ${linesPerSecond} changed lines are read in a second, after a restart all of them again; ${reaction} s to react; a correction has ${correctionWords} words and a brief ${briefWords}, typed at ${wordsPerMinute} words a minute (${typing(correctionWords, stated)} s, ${typing(briefWords, stated)} s); ${firstToken} s to the first token; tests take ${tests} s; the deep lane's model writes ${deepTokensPerSecond} tokens/s.`,
  ];
}

function tableOf(rows: readonly Row[], tasks: number): string {
  const head = [
    "tokens/s",
    "way",
    "to accepted commit, s",
    "person there, s",
    "tokens",
    "lines reviewed",
    "interruption to correction, s",
    `first of ${tasks}`,
  ];
  return markdown(
    head,
    rows.map((row) => [
      String(row.tokensPerSecond),
      wayNames[row.way],
      row.commitAt.toFixed(1),
      row.attended.toFixed(1),
      row.tokens.toFixed(0),
      row.lines.toFixed(0),
      row.correction === undefined ? "–" : `${row.correction.toFixed(1)} (${row.corrections})`,
      String(row.first),
    ]),
  );
}

function findingsOf(rows: readonly Row[], { result, finer }: Report): string {
  const tasks = result.tasks.length;
  const perLine = tokensPerLine(result);
  const [slow, fast] = [speeds[0], speeds[speeds.length - 1] ?? 0];
  const gain = (way: Way): string => percent(1 - rowOf(rows, way, fast).commitAt / rowOf(rows, way, slow).commitAt);
  const caught = (way: Way): string => speeds.map((speed) => `${rowOf(rows, way, speed).corrections} at ${speed}`).join(", ");
  const wins = (pick: (row: Row) => number): string =>
    speeds.map((speed) => `${pick(rowOf(rows, "deep", speed))} at ${speed}`).join(", ");
  return [
    "Of these assumptions, and of nothing else, it follows:",
    ...ways.map(
      (way) =>
        `- ${wayNames[way]}: from ${slow} to ${fast} tokens/s saves ${gain(way)} of the time; from ${speedSuffices(rows, way)} tokens/s on the rest saves less than ${percent(fewSaved)}.`,
    ),
    `- Computed between these speeds, the rest saves less than ${percent(fewSaved)} from ${ways.map((way) => `${finer[way]} tokens/s on (${wayNames[way]})`).join(", ")}. A changed line is ${perLine.toFixed(0)} tokens here, so ${stated.linesPerSecond} lines a second are read at the pace of ${(perLine * stated.linesPerSecond).toFixed(0)} tokens/s.`,
    `- Control: against waiting and restarting, at the same speed, steering saves ${speeds.map((at) => `${percent(saved(rows, "steer", { than: "restart", at }))} at ${at}`).join(", ")}; stopping ${speeds.map((at) => `${percent(saved(rows, "stop", { than: "restart", at }))} at ${at}`).join(", ")}.`,
    `- While the model still wrote, the stop came in ${caught("stop")} of ${tasks} wrong courses, the steer in ${caught("steer")}; else all was there before the mistake was read, and the correction is a second prompt.`,
    `- Steering at ${slow} tokens/s takes ${rowOf(rows, "steer", slow).commitAt.toFixed(1)} s, waiting and restarting at ${fast} tokens/s ${rowOf(rows, "restart", fast).commitAt.toFixed(1)} s.`,
    `- The deep lane is first to the commit in ${wins(({ first }) => first)} of ${tasks} tasks, and needs the person for the least time in ${wins(({ firstAttended }) => firstAttended)}.`,
  ].join("\n");
}

/** Of a change that comes without a wrong course, context and paths with it. */
function tokensPerLine({ cells }: StudyResult): number {
  const clean = cells.filter(({ drifts, way, tokensPerSecond }) => !drifts && way === "steer" && tokensPerSecond === speeds[0]);
  const sum = (of: (cell: (typeof clean)[number]) => number): number => clean.reduce((total, cell) => total + of(cell), 0);
  return sum(({ tokens }) => tokens) / sum(({ lines }) => lines);
}

const units: Readonly<Record<Variation["assumption"], string>> = {
  driftRate: "drift: share of tasks",
  driftPoint: "drift: where, share of the change",
  linesPerSecond: "reading, lines/s",
  rereading: "read again after a restart, share",
  reaction: "reaction, s",
  wordsPerMinute: "typing, words/min",
  correctionWords: "correction, words",
  briefWords: "brief, words",
  firstToken: "first token, s",
  tests: "tests, s",
  deepTokensPerSecond: "deep lane, tokens/s",
  bytesPerToken: "a token, bytes",
  caught: "wrong courses that a job's tests see",
};

/** Where the sensitivity is told: where nearly all is there before it is read, and where the model is still writing. */
const toldAt = [1000, 65] as const;

function sensitivityOf(base: readonly Row[], variations: readonly Variation[]): string[] {
  const [first, ...others] = toldAt;
  return [
    `Sensitivity, each assumption halved and doubled, one at a time, at ${first} tokens/s; reading is told at an eighth as well, reading again after a restart at nothing, and the tests of a job as if they saw each wrong course, or none. The first row went through the product; the others are computed on the same line of time, with the stops and steers at the tokens to which the other value leads, and the product did not run again for them.`,
    sensitivityTable(base, variations, first),
    ...others.flatMap((at) => [`The same at ${at} tokens/s.`, sensitivityTable(base, variations, at)]),
  ];
}

function sensitivityTable(base: readonly Row[], variations: readonly Variation[], at: number): string {
  const line = (name: string, value: string, rows: readonly Row[]): string[] => [
    ...[name, value],
    ...ways.map((way) => rowOf(rows, way, at).commitAt.toFixed(1)),
    percent(saved(rows, "steer", { than: "restart", at })),
    ...[String(speedSuffices(rows, "restart")), String(speedSuffices(rows, "steer"))],
    `${rowOf(rows, "deep", at).first} / ${rowOf(rows, "deep", at).firstAttended}`,
  ];
  const head = [
    "assumption",
    "value",
    ...ways.map((way) => `${wayNames[way]}, s`),
    "steering saves",
    "speed suffices: restart",
    "speed suffices: steer",
    "deep first: time / person",
  ];
  return markdown(head, [
    line("as stated", "", base),
    ...variations.map(({ assumption, value, rows }) =>
      line(units[assumption], typeof value === "number" ? String(Number(value.toFixed(3))) : value, rows),
    ),
  ]);
}

function longerTable(longer: readonly Longer[]): string[] {
  const reading = [...new Set(longer.map(({ linesPerSecond }) => linesPerSecond))];
  const columns = [...new Map(longer.map((one) => [`${one.tokensPerSecond} ${one.times}`, one])).values()];
  const cell = (lines: number, column: Longer): string => {
    const { tokensPerSecond, times } = column;
    const rows = longer.find(
      (one) => one.linesPerSecond === lines && one.tokensPerSecond === tokensPerSecond && one.times === times,
    )?.rows;
    if (rows === undefined) return "";
    return [
      1 - rowOf(rows, "deep", tokensPerSecond).commitAt / rowOf(rows, "steer", tokensPerSecond).commitAt,
      1 - rowOf(rows, "deep", tokensPerSecond).attended / rowOf(rows, "steer", tokensPerSecond).attended,
    ]
      .map(percent)
      .join(" / ");
  };
  return [
    "What handing the second half to the deep lane saves against steering all of it, of the time to the commit / of the person's time, for readers of other speeds and changes so many times as long (computed as above; below zero it costs):",
    markdown(
      ["lines read in a second", ...columns.map(({ tokensPerSecond, times }) => `${tokensPerSecond} tokens/s, × ${times}`)],
      reading.map((lines) => [String(lines), ...columns.map((column) => cell(lines, column))]),
    ),
  ];
}

function tasksOf({ tasks }: StudyResult): string {
  return markdown(
    ["change", "hunks", "changed lines", "wrong course: written for", "wrong hunks", "seen by the check"],
    tasks.map(({ name, hunks, lines, wrote, meant, wrong, isCaught }) => [
      ...[name, String(hunks), String(lines), `\`${wrote}\` for \`${meant}\``, String(wrong), isCaught ? "yes" : "no"],
    ]),
  );
}

/** What differs from run to run, so it stands apart. */
export function measuredText({ measured }: StudyResult): string {
  const words = {
    stop: "stop → quiet",
    steer: "steer → next request",
    tests: "tests",
    job: "deep job, start → ready",
    take: "take",
    commit: "commit",
  };
  const lines = measuredNames.flatMap((name) => {
    const times = measured[name].toSorted((one, other) => one - other);
    return times.length === 0
      ? []
      : [[words[name], medianOf(times).toFixed(0), (times.at(-1) ?? 0).toFixed(0), String(times.length)]];
  });
  return [
    "Measured on this machine during the run, not part of the table (tests of several runs went side by side):",
    markdown(["what", "median, ms", "most, ms", "times"], lines),
  ].join("\n\n");
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const isNumber = (column: number): boolean => rows.every((row) => /^[\d.,–]/.test(row[column] ?? ""));
  return [line(head), line(head.map((_, column) => (isNumber(column) ? "--:" : "---"))), ...rows.map(line)].join("\n");
}
