/** A deep check of hunks: the brief that asks for it, and the report as comments on them. Pure. */
import type { HunkLine, JobBrief, ReviewComment } from "@twolane/protocol";
import { type MadeComment, commentForm, commentIn, commentKey } from "../workflows/review-comments.ts";
import type { ReviewedFile } from "../workflows/review-diff.ts";
import { type BriefFacts, diffOf, failingText } from "./brief.ts";

export interface CheckedHunk {
  readonly id: string;
  readonly path: string;
  /** 1-based; 0: it has no place. */
  readonly line: number;
  readonly lines: readonly HunkLine[];
  /** Why it was chosen. */
  readonly risk?: string;
}

export function checkBrief(hunks: readonly CheckedHunk[], facts: BriefFacts): JobBrief {
  const asked = facts.said.at(-1);
  const reasons = hunks.flatMap(({ id, path, line, risk }) => (risk === undefined ? [] : [`${id} (${path}:${line}): ${risk}`]));
  return {
    goal: [
      "Check the changes below, which a faster model made, as somebody who has the time to read what they touch: callers, tests, edge cases, errors.",
      "Say what is wrong or missing because of them. What stands landed is in the files already.",
      ...(asked === undefined ? [] : [`They were asked for with these words: ${asked}`]),
      ...(reasons.length === 0 ? [] : [`Why these were chosen:\n${reasons.join("\n")}`]),
      commentForm,
    ].join("\n\n"),
    ...{ criteria: [], constraints: [], decisions: [] },
    files: [...new Set(hunks.map(({ path }) => path))].map((path) => ({ path, hash: "" })),
    openHunks: diffOf(hunks.map(({ path, line, lines }) => ({ hunk: { path, line }, lines }))),
    evidence: failingText(facts),
  };
}

/** The comments in a report, each on one of these hunks or their files, and each once. `job`: its id begins theirs. */
export function commentsOf(report: string, hunks: readonly CheckedHunk[], job: string): readonly ReviewComment[] {
  const files = filesOf(hunks);
  const made = new Map<string, MadeComment>();
  for (const line of report.split(/\r?\n/)) {
    const comment = commentIn(line, files);
    if (comment !== undefined && comment !== "unknown") made.set(commentKey(comment), comment);
  }
  return [...made.values()].map((comment, index) => ({ id: `${job}.${index + 1}`, ...comment }));
}

function filesOf(hunks: readonly CheckedHunk[]): readonly ReviewedFile[] {
  const paths = [...new Set(hunks.map(({ path }) => path))];
  return paths.map((path) => ({
    path,
    kind: "update",
    hunks: hunks.filter((hunk) => hunk.path === path).map(({ line, lines }) => ({ lines: numbered(line, lines) })),
  }));
}

function numbered(from: number, lines: readonly HunkLine[]): ReviewedFile["hunks"][number]["lines"] {
  let next = Math.max(1, from);
  return lines.map((line) => (line.op === "remove" ? line : { ...line, line: next++ }));
}
