/** A job's end in one line for the person who works in the fast lane. Pure. */
import type { EventBody, JobEdit, JobSummary } from "@twolane/protocol";

export function readyText({ job, kind, title, state, doing, changed, tests, asker, missed }: JobSummary): string {
  const what = title.length > 60 ? `${title.slice(0, 60).trimEnd()}…` : title;
  switch (state) {
    case "ready":
      return kind === "research"
        ? `${job} has an answer: ${asker === undefined ? what : `about ${asker.hunks.join(", ")}`}. /jobs ${job} shows it.`
        : `${job} is ready: ${[...sizeText(changed), ...testsText(tests), ...missedText(missed), what].join(", ")} · /take ${job}, /jobs ${job}`;
    case "stopped":
    case "spent":
    case "failed":
      return `${job} ended before it was done (${doing}): ${what}. /jobs ${job} says more; what it did can be taken all the same.`;
    case "crashed":
    case "running":
      return `The process of ${job} is gone: ${what}. \`twolane deep resume ${job}\`, or /jobs ${job}, lets it go on.`;
  }
}

function editText({ path, line, added, removed, state, reason = "" }: JobEdit): string {
  const place = line > 0 ? `${path}:${line}` : path;
  switch (state) {
    case "landed":
      return `${place} +${added} -${removed}`;
    case "superseded":
      return `${place} is made good`;
    case "held":
    case "failed":
      return `${place} was not changed: ${reason}`;
  }
}

function sizeText(changed: JobSummary["changed"]): readonly string[] {
  if (changed === undefined) return [];
  const { hunks, files } = changed;
  return [`${hunks} ${hunks === 1 ? "hunk" : "hunks"} in ${files} ${files === 1 ? "file" : "files"}`];
}

const missedText = (missed = 0): readonly string[] =>
  missed === 0 ? [] : [`${missed} ${missed === 1 ? "edit" : "edits"} not made`];

const testsText = (tests: JobSummary["tests"]): readonly string[] =>
  tests === undefined ? [] : [tests === "none" ? "no tests ran" : `tests ${tests}`];

/** What a job does, as it is told to who follows it; undefined for what says nothing to a person. */
export function heardText(event: EventBody): string | undefined {
  switch (event.type) {
    case "job.moved":
      return event.doing;
    case "job.planned":
      return event.steps.map((step, at) => `${at + 1}. ${step.title}`).join("\n");
    case "job.step.ended":
      return event.summary;
    case "tool.started":
      return event.summary === "edit" ? undefined : event.summary;
    case "job.edited":
      return editText(event);
    case "job.steered":
      return `told: ${event.text}`;
    case "job.checked":
      return event.evidence === undefined
        ? `no tests: ${event.untested ?? ""}`
        : `tests ${event.evidence.outcome}: ${event.evidence.counts.passed} passed, ${event.evidence.counts.failed} failed`;
    case "job.ended":
      return `${event.ending}${event.reason === "" ? "" : `: ${event.reason}`}`;
    default:
      return undefined;
  }
}
