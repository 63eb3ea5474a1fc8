/** What was taken of a job, as lines: each hunk with what became of it, and of a conflict the three texts. Pure. */
import type { HunkConflict, HunkId, JobId, Review, ReviewedHunk } from "@twolane/protocol";
import { conflictLines } from "./conflict-view.ts";
import { hunkLine, hunkPlace, hunkSize } from "./hunk-view.ts";
import type { Style } from "./style.ts";

export interface TakeReport {
  readonly job: JobId;
  /** Hunks of the job. */
  readonly review: Review;
  readonly conflicts: ReadonlyMap<HunkId, HunkConflict>;
  /** What was to be taken; the others wait. */
  readonly wanted: ReadonlySet<HunkId>;
  readonly session: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
}

export function takeLines(report: TakeReport, style: Style): readonly string[] {
  const hunks = [...report.review.values()];
  return [
    ...hunks.flatMap((one) => {
      const conflict = report.conflicts.get(one.hunk.id);
      return [lineOf(one, report, style), ...(conflict ? conflictLines(conflict, style) : [])];
    }),
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
    ...(waits ? [style.dim(`What waits is in the review list: \`twolane resume ${session}\`.`)] : []),
    ...(landed > 0 ? [style.dim("`twolane undo` puts all of it back.")] : []),
  ];
}
