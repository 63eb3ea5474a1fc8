/** A job's end in one line for the person who works in the fast lane. Pure. */
import type { JobSummary } from "@twolane/protocol";

export function readyText({ job, kind, title, state, doing, changed, tests, asker }: JobSummary): string {
  const what = title.length > 60 ? `${title.slice(0, 60).trimEnd()}…` : title;
  switch (state) {
    case "ready":
      return kind === "research"
        ? `${job} has an answer: ${asker === undefined ? what : `about ${asker.hunks.join(", ")}`}. /jobs ${job} shows it.`
        : `${job} is ready: ${[...sizeText(changed), ...testsText(tests), what].join(", ")} · /take ${job}, /jobs ${job}`;
    case "stopped":
    case "spent":
    case "failed":
      return `${job} ended before it was done (${doing}): ${what}. /jobs ${job} says more; what it did can be taken all the same.`;
    case "crashed":
    case "running":
      return `The process of ${job} is gone: ${what}. \`twolane deep resume ${job}\`, or /jobs ${job}, lets it go on.`;
  }
}

function sizeText(changed: JobSummary["changed"]): readonly string[] {
  if (changed === undefined) return [];
  const { hunks, files } = changed;
  return [`${hunks} ${hunks === 1 ? "hunk" : "hunks"} in ${files} ${files === 1 ? "file" : "files"}`];
}

const testsText = (tests: JobSummary["tests"]): readonly string[] =>
  tests === undefined ? [] : [tests === "none" ? "no tests ran" : `tests ${tests}`];
