/** The project as evidence sees it: its files, and the place where what was read of them is kept. */
import path from "node:path";
import { type Impact, Impacts } from "../evidence/impact.ts";
import { type RunInput, runTests } from "../evidence/run-tests.ts";
import { countTests, readCounts } from "../evidence/test-counts.ts";
import { headCommit } from "../host/git-state.ts";
import { systemProcesses } from "../host/process.ts";
import { openProjectDisk } from "../host/project-files.ts";
import { cacheText, readTextNow, writtenTo } from "../host/user-files.ts";
import { systemClock } from "../std/clock.ts";
import { ripgrepPath } from "./landing.ts";
import type { LandingPlace } from "./place.ts";

export interface TestRunWishes extends Pick<RunInput, "changed" | "processes" | "signal" | "yields"> {
  /** Fewer tests than before are right. */
  readonly fewer?: boolean;
}

export interface Project {
  /** Undefined: everything. */
  impact(changed: readonly string[] | undefined): Promise<Impact>;
  run(impact: Impact, how: TestRunWishes): ReturnType<typeof runTests>;
}

export function openProject({ workspace, state, policy }: Pick<LandingPlace, "workspace" | "state" | "policy">): Project {
  const files = openProjectDisk({ root: workspace.root, processes: systemProcesses, ripgrep: ripgrepPath });
  const storeFile = path.join(state.path, "imports.txt");
  const store = { read: () => readTextNow(storeFile), write: (text: string) => cacheText(storeFile, text) };
  const countsFile = path.join(state.path, "test-counts.json");
  const { command, timeout } = policy.tests;
  const impacts = new Impacts({ files, store, now: systemClock.mono, ...(command !== undefined && { command }) });
  return {
    impact: (changed) => impacts.of(changed),
    async run({ packages, choice }, { fewer = false, ...how }) {
      const ran = await runTests({
        ...{ files, packages, ...how, chosen: choice.tests, timeoutMs: timeout * 1000 },
        now: systemClock.mono,
      });
      if (ran === undefined) return undefined;
      const place = { head: headCommit(workspace.root) ?? "", changed: how.changed, gone: choice.gone, fewer };
      const { evidence, counts } = countTests(readCounts(readTextNow(countsFile)), ran.evidence, place);
      if (counts !== undefined) writtenTo(countsFile, JSON.stringify(counts));
      return { ...ran, evidence };
    },
  };
}
