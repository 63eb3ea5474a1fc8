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
  /** It was said what is to be taken. */
  readonly asks: boolean;
  /** Where what waits is answered; absent where nothing was kept. */
  readonly session?: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
}

export function takeLines(report: TakeReport, style: Style): readonly string[] {
  const hunks = [...report.review.values()];
  return [
    ...hunks.flatMap((one) => {
      if (!report.wanted.has(one.hunk.id)) return [];
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

function summary(hunks: readonly ReviewedHunk[], report: TakeReport, style: Style): readonly string[] {
  const { job, wanted, asks, session, dryRun } = report;
  const own = hunks.filter(({ hunk }) => wanted.has(hunk.id));
  const count = (is: (one: ReviewedHunk) => boolean): number => own.filter(is).length;
  const landed = count(({ state }) => state === "accepted" || state === "landed");
  const fits = count(({ state, verdict }) => state === "held" && verdict?.rule === "deep");
  const conflicts = count(({ state, verdict }) => state === "held" && verdict?.rule === "conflict");
  const ruled = own.length - landed - fits - conflicts - count(({ state }) => state === "superseded");
  const went = own.filter((one) => (dryRun ? one.state === "held" && one.verdict?.rule === "deep" : one.state === "accepted"));
  const files = new Set(went.map(({ hunk }) => hunk.path)).size;
  const where = `, ${files} ${files === 1 ? "file" : "files"}`;
  const parts = [
    dryRun
      ? `${fits} of ${hunks.length} hunks of ${job} would ${asks ? `be taken${where}` : "land"}`
      : `${landed} of ${hunks.length} hunks of ${job} taken${where}`,
    ...(conflicts > 0 ? [`${conflicts} in conflict`] : []),
    ...(ruled > 0 ? [`${ruled} held by a rule`] : []),
    ...(hunks.length > own.length ? [`${hunks.length - own.length} left`] : []),
  ];
  const waits = hunks.some(({ state }) => state === "held");
  return [
    `${parts.join(" · ")}.`,
    ...(dryRun && waits && !asks ? [style.dim("`--all` takes what fits, `--file PATH` what fits of a file.")] : []),
    ...(dryRun && conflicts > 0
      ? [style.dim(`A conflict is answered in the review list: \`/take ${job}\` in \`twolane\`.`)]
      : []),
    ...(waits && session !== undefined ? [style.dim(`What waits is in the review list: \`twolane resume ${session}\`.`)] : []),
    ...(landed > 0 ? [style.dim("`twolane undo` puts all of it back.")] : []),
  ];
}
