/** Jobs of the deep lane as lines: a list, and one event as it is told. Pure. */
import { editPlace, foundText, jobPlace, missedText, reportText } from "../state/job-words.ts";
import type { JobEdit, JobSummary, TwolaneEvent } from "@twolane/protocol";
import type { Style } from "./style.ts";

const marks: Readonly<Record<JobSummary["state"], string>> = {
  running: "…",
  ready: "✓",
  stopped: "■",
  spent: "■",
  failed: "✗",
  crashed: "✗",
};

export function jobLines(jobs: readonly JobSummary[], style: Style): readonly string[] {
  if (jobs.length === 0) return ['No jobs here. `twolane deep "…"` begins one.'];
  return jobs.map((job) => {
    const said = [`${job.state}${jobPlace(job)}`, job.doing, job.state === "ready" ? readyText(job) : ""].filter(
      (text) => text !== "",
    );
    return `${marks[job.state]} ${job.job} ${job.title} ${style.dim(`· ${said.join(" · ")}`)}`;
  });
}

function readyText(job: JobSummary): string {
  const found = foundText(job);
  const answer = job.kind === "research" ? "an answer" : found;
  return job.taken === true ? [answer, "taken"].filter((text) => text !== "").join(", ") : answer;
}

/** Undefined for what a person need not see. */
export function jobEventLine(event: TwolaneEvent, style: Style): string | undefined {
  switch (event.type) {
    case "job.started":
      return `${event.job} ${event.brief.goal}`;
    case "job.prepared":
      return style.dim(`copied ${event.files} files in ${event.ms} ms`);
    case "job.moved":
      return `· ${event.doing}`;
    case "job.planned":
      return event.steps.map((step, at) => `  ${at + 1}. ${step.title}`).join("\n");
    case "job.step.ended":
      return style.dim(event.summary);
    case "job.checked":
      return event.evidence === undefined
        ? style.dim(`no tests: ${event.untested ?? ""}`)
        : `tests ${event.evidence.outcome}: ${event.evidence.counts.passed} passed, ${event.evidence.counts.failed} failed`;
    case "job.reported":
      return reportText(event.report);
    case "job.ended":
      return `${event.ending}${event.reason === "" ? "" : `: ${event.reason}`}`;
    case "job.edited":
      return editLine(event, style);
    case "job.steered":
      return `told: ${event.text}`;
    default:
      return undefined;
  }
}

function editLine(edit: JobEdit, style: Style): string {
  const { added, removed, state } = edit;
  switch (state) {
    case "landed":
      return style.dim(`  ${editPlace(edit)} +${added} -${removed}`);
    case "superseded":
      return style.dim(`  ${editPlace(edit)} is made good`);
    case "held":
    case "failed":
      return style.warn(`! ${missedText(edit)}`);
  }
}

export interface ChangedFile {
  readonly repository: string;
  readonly path: string;
  readonly kind: "new" | "gone" | "changed";
  /** Places that differ; 0 for what is no text. */
  readonly hunks: number;
}

/** What there is to take, for the end of a job's page. */
export function changedFileLines(job: string, files: readonly ChangedFile[], style: Style): readonly string[] {
  if (files.length === 0) return [];
  const count = files.reduce((sum, { hunks }) => sum + Math.max(hunks, 1), 0);
  const one = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
  return [
    "",
    `Changed: ${one(files.length, "file")}, ${one(count, "hunk")}; \`twolane deep take ${job}\` shows them against the tree of now.`,
    ...files.map(({ path, kind, hunks }) => `  ${path} ${style.dim(kind === "changed" ? one(hunks, "hunk") : kind)}`),
  ];
}
