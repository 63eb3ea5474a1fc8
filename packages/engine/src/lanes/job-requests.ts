/** What a job asks its model, in words: the brief as it was written, one step at a time, what the tests said, the report. */
import type { Evidence, JobBrief, PlannedStep } from "@twolane/protocol";
import type { JobAsk } from "./job.ts";

/** How a plan is asked for; `plannedSteps` reads the answer. */
const planForm = [
  "Read what you need first. Then answer with the plan alone, without edits: one line for each step, at most eight, each a change that can be",
  "checked by itself, in exactly this form:",
  "1. path/one.ts, path/two.ts — what changes — risk: low, because …",
].join("\n");

const reportForm = [
  "All steps are done. Change nothing more. Write the report for the person who will take your changes hunk by hunk:",
  "what was done, why so, what shows that it is right, what you are unsure of or left out. Short sentences, no praise.",
  "End with one line: `Look first: path, path` with the places that deserve a reader's attention most.",
].join("\n");

const answerForm = [
  "You can only read. Answer the question with what the files say, and name the place of each statement as path:line.",
  "Say what you could not find.",
].join("\n");

function briefText(brief: JobBrief): string {
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [[`${title}:`, ...lines.map((line) => `- ${line}`)].join("\n")];
  return [
    `Goal: ${brief.goal}`,
    ...list("It is done when", brief.criteria),
    ...list("Held to", brief.constraints),
    ...list("Decided already", brief.decisions),
    ...list(
      "Where to begin",
      brief.files.map(({ path }) => path),
    ),
    ...(brief.openHunks === ""
      ? []
      : [`Changes that are on disk and not decided yet; they are the person's business:\n${brief.openHunks}`]),
    ...(brief.evidence === "" ? [] : [`What fails now:\n${brief.evidence}`]),
  ].join("\n\n");
}

export interface AskContext {
  readonly brief: JobBrief;
  readonly steps: readonly PlannedStep[];
  /** It was begun by an earlier process; what was said and done stands in the conversation. */
  readonly again: boolean;
}

export function askText(ask: JobAsk, { brief, steps, again }: AskContext): string {
  const resumed = again
    ? ["You were interrupted. What is above was done; commands that have an output ran, so do not run them again."]
    : [];
  switch (ask.kind) {
    case "plan":
      return [...resumed, briefText(brief), planForm].join("\n\n");
    case "answer":
      return [...resumed, briefText(brief), answerForm].join("\n\n");
    case "step":
      return [...resumed, stepText(ask.step, steps)].join("\n\n");
    case "mend":
      return [...resumed, mendText(ask.evidence, ask.whole)].join("\n\n");
    case "report":
      return [...resumed, resultText(ask), reportForm].join("\n\n");
  }
}

function stepText(step: number, steps: readonly PlannedStep[]): string {
  const { title = "", files = [] } = steps[step - 1] ?? {};
  const where = files.length === 0 ? "" : ` (${files.join(", ")})`;
  return [
    `Do step ${step} of ${steps.length}: ${title}${where}. Only this step; do it whole.`,
    "Check it yourself with a command where that is quick. End with one or two sentences: what is done, what you are unsure of.",
  ].join("\n");
}

function mendText({ counts, failure }: Evidence, whole: boolean): string {
  const which = whole ? "All tests ran" : "The tests that your changes reach ran";
  const first =
    failure === undefined
      ? ""
      : `\n\nThe first:\n${failure.path}${failure.line === undefined ? "" : `:${failure.line}`} ${failure.name}\n${failure.message}`;
  return `${which}: ${counts.failed} failed, ${counts.passed} passed.${first}\n\nMend the cause. Tests are changed only where the goal changes what they say.`;
}

function resultText({ missed, ...result }: Extract<JobAsk, { kind: "report" }>): string {
  const lines = missed.map(({ path, line, reason = "" }) => `- ${line > 0 ? `${path}:${line}` : path}: ${reason}`);
  const lost =
    lines.length === 0 ? [] : ["", "These edits of yours are not in the files; say what that leaves undone:", ...lines];
  return [testsText(result), ...lost].join("\n");
}

function testsText({ evidence, untested }: Pick<Extract<JobAsk, { kind: "report" }>, "evidence" | "untested">): string {
  if (evidence === undefined) return `No tests ran at the end: ${untested ?? "there are none"}.`;
  const { passed, failed, skipped } = evidence.counts;
  return `At the end all tests ran: ${passed} passed, ${failed} failed, ${skipped} skipped.`;
}
