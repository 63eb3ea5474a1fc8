/** A job's end in one line for the person who works in the fast lane. Pure. */
import type { JobSummary } from "@twolane/protocol";

export function readyText({ job, kind, title, state, doing }: JobSummary): string {
  const what = title.length > 60 ? `${title.slice(0, 60).trimEnd()}…` : title;
  switch (state) {
    case "ready":
      return kind === "research"
        ? `${job} has an answer: ${what}. /jobs ${job} shows it.`
        : `${job} is ready: ${what}. /take ${job} brings its hunks, /jobs ${job} its report.`;
    case "stopped":
    case "spent":
    case "failed":
      return `${job} ended before it was done (${doing}): ${what}. /jobs ${job} says more; what it did can be taken all the same.`;
    case "crashed":
    case "running":
      return `The process of ${job} is gone: ${what}. \`twolane deep resume ${job}\`, or /jobs ${job}, lets it go on.`;
  }
}
