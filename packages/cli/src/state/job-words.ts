/** Jobs of the deep lane in words for a person, without colour, so that they read the same everywhere. Pure. */
import type { JobBudget, JobDetail, JobEdit, JobId, JobReport, JobSpend, JobSummary } from "@twolane/protocol";
import { counted, grouped } from "./grouped.ts";

/** ` 2/5`; empty before there is a plan. */
export const jobPlace = ({ step, of }: Pick<JobSummary, "step" | "of">): string => (of > 0 ? ` ${step}/${of}` : "");

/** `4 of 60 min · 12 of 40 answers · 31,200 tokens (28,000 cached) · $0.12 of $2`; a price that is not known is not made up. */
export function spendText(spend: JobSpend, budget: JobBudget = {}): string {
  const { ms, input, cachedInput, output, dollars, steps } = spend;
  const time = budget.minutes === undefined ? timeText(ms) : `${timeText(ms)} of ${budget.minutes} min`;
  const answers = budget.steps === undefined ? counted(steps, "answer") : `${steps} of ${counted(budget.steps, "answer")}`;
  const known = dollars === undefined ? "cost unknown" : `$${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`;
  const cost = budget.dollars === undefined ? known : `${known} of $${budget.dollars}`;
  // The limit counts what was not cached.
  const limit =
    budget.tokens === undefined ? [] : [`${grouped(input - cachedInput + output)} of ${grouped(budget.tokens)} count`];
  const of = [...(cachedInput > 0 ? [`${grouped(cachedInput)} cached`] : []), ...limit].join(", ");
  return `${time} · ${answers} · ${grouped(input + output)} tokens${of === "" ? "" : ` (${of})`} · ${cost}`;
}

export interface JobsInSight {
  readonly jobs: readonly JobSummary[];
  /** Whose page was looked at. */
  readonly shownJobs: ReadonlySet<JobId>;
  /** Whose hunks are in the review. */
  readonly offeredJobs: ReadonlySet<JobId>;
}

/** One line for all jobs: what runs, the newest that waits for the person, and how many wait beside it. Undefined: there is nothing to say. */
export function jobsLine({ jobs, shownJobs, offeredJobs }: JobsInSight): string | undefined {
  // Looking at one that changed nothing is all that can be done with it.
  const waits = (one: JobSummary): boolean => (hasHunks(one) ? !offeredJobs.has(one.job) : !shownJobs.has(one.job));
  const ready = jobs.filter((one) => one.state === "ready" && one.taken !== true && waits(one));
  const newest = ready.toSorted((a, b) => (b.endedAt ?? b.startedAt) - (a.endedAt ?? a.startedAt)).slice(0, 1);
  const parts = [
    ...jobs.filter(({ state }) => state === "running").map(runningText),
    ...newest.map(waitingText),
    ...(ready.length > 1 ? [`+${ready.length - 1}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join("   ");
}

/** There may be something to take: while it is not counted, that is not ruled out. */
export const hasHunks = ({ kind, changed }: JobSummary): boolean => kind === "change" && changed?.hunks !== 0;

/** What there is to take, and what its tests said, as far as it is known. */
export function foundText({ changed, tests, missed }: JobSummary): string {
  return [
    ...(changed === undefined ? [] : [`${counted(changed.hunks, "hunk")} in ${counted(changed.files, "file")}`]),
    ...(tests === undefined ? [] : [tests === "none" ? "no tests ran" : `tests ${tests}`]),
    ...(missed === undefined ? [] : [`${counted(missed, "edit")} not made`]),
  ].join(", ");
}

function waitingText(waiting: JobSummary): string {
  const { job, kind, changed } = waiting;
  if (kind === "research") return `${job} has an answer · /jobs ${job}`;
  if (changed?.hunks === 0) return `${job} has ended and changed nothing · /jobs ${job}`;
  const found = foundText(waiting);
  return `${job} is ready${found === "" ? "" : `: ${found}`} · /take ${job}`;
}

/** `d3 step 2/5 · 4 min · 31k tokens`. */
function runningText({ job, stage, step, of, spend }: JobSummary): string {
  const tokens = spend.input + spend.output;
  const size = tokens < 1000 ? `${tokens}` : `${grouped(Math.round(tokens / 1000))}k`;
  const place = of > 0 ? `step ${step}/${of}${stage === "working" ? "" : ` ${stage}`}` : stage;
  return [`${job} ${place}`, ...(spend.ms > 0 ? [timeText(spend.ms)] : []), ...(tokens > 0 ? [`${size} tokens`] : [])].join(
    " · ",
  );
}

const timeText = (ms: number): string => (ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`);

const list = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)];

/** A job's own page: brief, plan, tests, spend, report. */
export function jobDetailText(job: JobDetail): string {
  const { brief, steps, step, state } = job;
  return [
    `${job.job} · ${state}${jobPlace(job)}${job.doing === "" ? "" : ` · ${job.doing}`} · ${job.model}`,
    `Goal: ${brief.goal}`,
    ...list("Done when", brief.criteria),
    ...list("Held to", brief.constraints),
    ...list("Decided already", brief.decisions),
    ...(steps.length === 0 ? [] : ["Plan:"]),
    ...steps.map((one, index) => `  ${planMark(job, index + 1, step)} ${index + 1}. ${one.title}`),
    ...testLines(job),
    `Spent: ${spendText(job.spend, job.budget)}`,
    ...list(
      "Not in its copy",
      job.left.slice(0, 10).map(({ path, why }) => `${path}: ${why}`),
    ),
    ...list("Told meanwhile", job.steered),
    ...(job.report === undefined ? list("Edits that were not made", job.missedEdits.map(missedText)) : []),
    ...(job.report === undefined ? [] : ["", reportText(job.report)]),
    ...(job.takenHunks.length === 0 ? [] : [`Taken: ${job.takenHunks.length} hunks`]),
  ].join("\n");
}

/** The model's words, which places it names that are not there, and what it did not get done. */
export function reportText({ text, unknown = [], missed = [] }: JobReport): string {
  return [
    text.trim(),
    ...(unknown.length === 0 ? [] : [`Not there (looked up by twolane): ${unknown.join(", ")}`]),
    ...(missed.length === 0 ? [] : [list("Edits that were not made (counted by twolane)", missed.map(missedText)).join("\n")]),
  ].join("\n\n");
}

/** What has no place has no line. */
export const editPlace = ({ path, line }: JobEdit): string => (line > 0 ? `${path}:${line}` : path);

/** `a.txt:3 was not changed, in step 2: …`. */
export function missedText(edit: JobEdit): string {
  const { step, reason = "" } = edit;
  return `${editPlace(edit)} was not changed, in step ${step}: ${reason}`;
}

function planMark({ state, missedEdits }: JobDetail, number: number, step: number): string {
  if (missedEdits.some((edit) => edit.step === number)) return "!";
  if (number < step || state === "ready") return "✓";
  return number === step ? "›" : " ";
}

function testLines({ evidence, untested }: JobDetail): readonly string[] {
  if (evidence === undefined) return untested === undefined ? [] : [`Tests: none ran, ${untested}`];
  const { passed, failed, skipped } = evidence.counts;
  return [`Tests: ${evidence.outcome}, ${passed} passed, ${failed} failed, ${skipped} skipped`];
}
