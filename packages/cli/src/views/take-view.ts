/** What was taken of a job, as lines: each hunk with what became of it, and of a conflict the three texts. Pure. */
import type { HunkConflict, HunkId, JobId, Review, ReviewedHunk } from "@twolane/protocol";
import { hunkLine, hunkPlace, hunkSize } from "./hunk-view.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export interface TakeReport {
  readonly job: JobId;
  /** Hunks of the job. */
  readonly review: Review;
  readonly conflicts: ReadonlyMap<HunkId, readonly HunkConflict[]>;
  /** What was to be taken; the others wait. */
  readonly wanted: ReadonlySet<HunkId>;
  readonly session: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
}

export function takeLines(report: TakeReport, style: Style): readonly string[] {
  const hunks = [...report.review.values()];
  return [
    ...hunks.flatMap((one) => [lineOf(one, report, style), ...conflictLines(report.conflicts.get(one.hunk.id) ?? [], style)]),
    "",
    ...summary(hunks, report, style),
  ];
}

function lineOf(one: ReviewedHunk, { wanted, dryRun }: TakeReport, style: Style): string {
  const { hunk, state, verdict } = one;
  const what = `${style.dim(hunk.id)} ${hunkPlace(hunk)}  ${hunkSize(hunk)}`;
  if (state === "superseded") return `${style.dim("=")} ${what}  there already`;
  if (state !== "held" || verdict?.rule !== "deep") return hunkLine(one, style);
  if (dryRun && wanted.has(hunk.id)) return `${style.good("+")} ${what}  would land`;
  return `${style.dim("·")} ${what}  waits`;
}

/** Base, yours and theirs, a letter in front of each line. */
function conflictLines(conflicts: readonly HunkConflict[], style: Style): readonly string[] {
  return conflicts.flatMap(({ line, base, yours, theirs }) => [
    style.dim(line > 0 ? `    line ${line}, before the job began:` : "    before the job began:"),
    ...texts(base, "base  ", style.dim),
    style.dim("    yours, in the file now:"),
    ...texts(yours, "yours ", style.warn),
    style.dim("    theirs, from the job:"),
    ...texts(theirs, "theirs", style.good),
  ]);
}

const texts = (lines: readonly string[], name: string, paint: (text: string) => string): readonly string[] =>
  lines.length === 0 ? [paint(`    ${name} │ (nothing)`)] : lines.map((line) => paint(`    ${name} │ ${sanitizeLine(line)}`));

function summary(hunks: readonly ReviewedHunk[], { job, wanted, session, dryRun }: TakeReport, style: Style): readonly string[] {
  const own = hunks.filter(({ hunk }) => wanted.has(hunk.id));
  const count = (is: (one: ReviewedHunk) => boolean): number => own.filter(is).length;
  const landed = count(({ state }) => state === "accepted" || state === "landed");
  const fits = count(({ state, verdict }) => state === "held" && verdict?.rule === "deep");
  const conflicts = count(({ state, verdict }) => state === "held" && verdict?.rule === "conflict");
  const ruled = own.length - landed - fits - conflicts - count(({ state }) => state === "superseded");
  const files = new Set(own.filter(({ state }) => state === "accepted").map(({ hunk }) => hunk.path)).size;
  const parts = [
    dryRun
      ? `${fits} of ${hunks.length} hunks of ${job} would land`
      : `${landed} of ${hunks.length} hunks of ${job} taken, ${files} ${files === 1 ? "file" : "files"}`,
    ...(conflicts > 0 ? [`${conflicts} in conflict`] : []),
    ...(ruled > 0 ? [`${ruled} held by a rule`] : []),
    ...(hunks.length > own.length ? [`${hunks.length - own.length} left`] : []),
  ];
  const waits = hunks.some(({ state }) => state === "held");
  return [
    `${parts.join(" · ")}.`,
    ...(dryRun && waits ? [style.dim("`--all` takes what fits, `--file PATH` what fits of a file.")] : []),
    ...(waits ? [style.dim(`What waits is in the review list: \`twolane --resume ${session}\`.`)] : []),
    ...(landed > 0 ? [style.dim("`twolane undo` puts all of it back.")] : []),
  ];
}
