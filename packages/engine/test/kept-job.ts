/** For tests: a job of the deep lane that has ended, without a model: its copy is made by the product, what it changed by the test. */
import path from "node:path";
import type { EventBody, JobEnding, JobKind } from "@twolane/protocol";
import { systemProcesses } from "../src/host/process.ts";
import { copyTree } from "../src/host/tree-copy.ts";
import { type JobFolder, makeJobFolder, openJobLog, treesPath } from "../src/journal/job-folder.ts";
import type { StateFolder } from "../src/journal/state-folder.ts";

export interface KeptJob {
  readonly folder: JobFolder;
  /** Its copy of the workspace. */
  readonly tree: string;
  end(ending?: JobEnding): Promise<void>;
}

export async function beginJob(state: StateFolder, workspace: string, kind: JobKind = "change"): Promise<KeptJob> {
  const made = makeJobFolder(state);
  if (!made.ok) throw new Error(made.failure.message);
  const folder = made.value;
  const tree = path.basename(workspace);
  const copy = path.join(treesPath(folder), tree);
  const keep = async (...bodies: EventBody[]): Promise<void> => {
    const log = await openJobLog(folder);
    for (const body of bodies) await log.keep({ ...body, at: 1, mono: 1, lane: "deep", session: folder.job });
    await log.close();
  };
  const brief = { goal: "change much", criteria: [], constraints: [], decisions: [], files: [], openHunks: "", evidence: "" };
  const { job } = folder;
  await keep({ type: "job.started", job, kind, brief, budget: {}, model: "sim/scripted", workspace, trusted: false });
  const copied = await copyTree({ source: workspace, folder: copy, processes: systemProcesses, skips: () => false });
  if (!copied.ok) throw new Error(copied.failure.message);
  const { base, files, left } = copied.value;
  await keep({ type: "job.prepared", workspace, tree, bound: [], base, files, left, ms: 1 });
  return { folder, tree: copy, end: (ending = "ready") => keep({ type: "job.ended", ending, reason: "" }) };
}
