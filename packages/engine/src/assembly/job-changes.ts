/** What a job's private copies differ from the trees that they were made of: what there is to take. Reads, and changes nothing. */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { systemProcesses } from "../host/process.ts";
import { type FileDifference, type TreeDifference, treeDifference } from "../host/tree-difference.ts";
import { type JobFolder, readJobLog, treesPath } from "../journal/job-folder.ts";
import { diffLines } from "../std/line-diff.ts";
import { textOf } from "../std/text.ts";
import { knownJob } from "../lanes/job-summary.ts";

export interface RepositoryChanges extends TreeDifference {
  /** Real path of the work tree that the copy was made of. */
  readonly workspace: string;
  /** Real path of the copy, whose repository holds `base`. */
  readonly copy: string;
  /** Commit in the copy: the tree as it was when the job began. */
  readonly base: string;
}

export interface JobChanges {
  /** The workspace that the job was begun in first. */
  readonly repositories: readonly RepositoryChanges[];
}

/** JOB_MISSING where there is no such job; one that has no copy yet has no repositories. */
export async function readJobChanges(folder: JobFolder): Promise<Result<JobChanges>> {
  const known = knownJob(readJobLog(folder));
  if (known === undefined) return fail("JOB_MISSING", `There is no job ${folder.job}.`);
  const repositories: RepositoryChanges[] = [];
  for (const { workspace, tree, base } of known.prepared) {
    const copy = path.join(treesPath(folder), tree);
    const difference = await treeDifference(copy, base, systemProcesses);
    if (!difference.ok) return difference;
    repositories.push({ workspace, copy, base, ...difference.value });
  }
  return succeed({ repositories });
}

/** One line of a list. */
export interface ChangedFile {
  /** Real path of the work tree. */
  readonly repository: string;
  readonly path: string;
  readonly kind: "new" | "gone" | "changed";
  /** Places that differ; 0 for what is no text. */
  readonly hunks: number;
}

export function changedFiles({ repositories }: JobChanges): readonly ChangedFile[] {
  return repositories.flatMap(({ workspace, files }) =>
    files.map((file) => ({
      ...{ repository: workspace, path: file.path, hunks: hunksOf(file) },
      kind: file.before === undefined ? "new" : file.after === undefined ? "gone" : "changed",
    })),
  );
}

function hunksOf({ before, after }: FileDifference): number {
  const [old, now] = [before, after].map((state) => (state === undefined ? "" : textOf(state.bytes)));
  if (old === undefined || now === undefined || old.includes("\0") || now.includes("\0")) return 0;
  return diffLines(old.split("\n"), now.split("\n")).length;
}
