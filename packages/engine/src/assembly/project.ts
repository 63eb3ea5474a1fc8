/** The project as evidence sees it: its files, and the place where what was read of them is kept. */
import path from "node:path";
import { type Impact, findImpact } from "../evidence/impact.ts";
import { type RunInput, runTests } from "../evidence/run-tests.ts";
import { systemProcesses } from "../host/process.ts";
import { openProjectDisk } from "../host/project-files.ts";
import { readTextNow, writtenTo } from "../host/user-files.ts";
import { systemClock } from "../std/clock.ts";
import { ripgrepPath } from "./landing.ts";
import type { LandingPlace } from "./place.ts";

export interface Project {
  /** Undefined: everything. */
  impact(changed: readonly string[] | undefined): Promise<Impact>;
  run(impact: Impact, how: Pick<RunInput, "changed" | "processes" | "signal">): ReturnType<typeof runTests>;
}

export function openProject({ workspace, state, policy }: Pick<LandingPlace, "workspace" | "state" | "policy">): Project {
  const files = openProjectDisk({ root: workspace.root, processes: systemProcesses, ripgrep: ripgrepPath });
  const storeFile = path.join(state.path, "imports.json");
  const store = { read: () => readTextNow(storeFile), write: (text: string) => void writtenTo(storeFile, text) };
  const { command, timeout } = policy.tests;
  return {
    impact: (changed) => findImpact({ files, store, changed, now: systemClock.mono, ...(command !== undefined && { command }) }),
    run: ({ packages, choice }, how) =>
      runTests({ ...{ files, packages, ...how, chosen: choice.tests, timeoutMs: timeout * 1000 }, now: systemClock.mono }),
  };
}
