/** What the tests say of a job's private copy: those that its changes reach, or all. In the sandbox, or not at all. */
import type { Evidence } from "@twolane/protocol";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import type { BoundPlace } from "../host/sandbox/confinement.ts";
import type { LandingPlace, PlaceOptions } from "./place.ts";
import { openProject } from "./project.ts";
import { openTestProcesses } from "./test-processes.ts";

export interface JobTestsParts {
  readonly place: LandingPlace;
  readonly env: PlaceOptions["env"];
  /** Commit that the changes are counted from. */
  readonly base: string;
  readonly signal: AbortSignal;
  /** What they see beside the files of the copy. */
  readonly bound: readonly BoundPlace[];
}

export type JobTestResult = { readonly evidence: Evidence } | { readonly untested: string };

export async function testJob(parts: JobTestsParts, scope: "impacted" | "whole"): Promise<JobTestResult> {
  const { place, env, base, signal, bound } = parts;
  if (!place.isTrusted()) return { untested: "nobody has trusted this workspace: `twolane trust`" };
  const processes = openTestProcesses({ ...place, env, bound });
  const missing = await processes.missing();
  if (missing !== undefined) return { untested: `there is no sandbox: ${missing}` };
  const changed = await changedPaths(place.workspace.root, base);
  if (changed.length === 0) return { untested: "nothing was changed" };
  const project = openProject(place);
  const impact = await project.impact(scope === "whole" ? undefined : changed);
  if (impact.packages.length === 0 || impact.choice.tests.length === 0)
    return { untested: scope === "whole" || impact.choice.of === 0 ? "no tests were found" : "no test reaches these changes" };
  const run = await project.run(impact, { changed, processes, signal, yields: true });
  return run === undefined ? { untested: "they were stopped" } : { evidence: run.evidence };
}

/** Files that differ from the tree as it was, new ones included. */
async function changedPaths(root: string, base: string): Promise<readonly string[]> {
  const git = openGit(root, systemProcesses);
  const [changed, fresh] = await Promise.all([
    git.demand({ args: ["diff", "--name-only", "-z", base] }),
    git.demand({ args: ["ls-files", "-z", "-o", "--exclude-standard"] }),
  ]);
  const names = `${changed.ok ? changed.value : ""}${fresh.ok ? fresh.value : ""}`.split("\0");
  return [...new Set(names.filter((name) => name !== ""))].map((name) => Buffer.from(name, "latin1").toString("utf8"));
}
