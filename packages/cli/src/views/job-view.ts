/** Jobs of the deep lane as lines: a list, and one event as it is told. Pure. */
import type { JobSummary, TwolaneEvent } from "@twolane/protocol";
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
    const place = job.of > 0 ? ` ${job.step}/${job.of}` : "";
    return `${marks[job.state]} ${job.job} ${job.title} ${style.dim(`· ${job.state}${place} · ${job.doing}`)}`;
  });
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
      return event.report.text;
    case "job.ended":
      return `${event.ending}${event.reason === "" ? "" : `: ${event.reason}`}`;
    case "hunk.landed":
      return style.dim(`  ${event.hunk.path}:${event.hunk.line} +${event.hunk.linesAdded} -${event.hunk.linesRemoved}`);
    default:
      return undefined;
  }
}
