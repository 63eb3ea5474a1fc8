/** The landing of a session, with the guard in front of it. */
import { createRequire } from "node:module";
import { type EventBody, strictest } from "@twolane/protocol";
import { createLander } from "../edits/landing/land.ts";
import type { Lander, LanderOptions } from "../edits/landing/lander.ts";
import { type GuardedReader, createGuardedReader } from "../guard/guarded-reader.ts";
import { judgeTarget } from "../guard/path-judge.ts";
import { diskFiles } from "../host/disk.ts";
import { takeLock } from "../host/lock-file.ts";
import { systemProcesses } from "../host/process.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import type { Journal } from "../journal/journal.ts";
import type { StateFolder } from "../journal/state-folder.ts";
import type { PolicyJudge, Scope } from "@twolane/policy";
import { systemClock } from "../std/clock.ts";

export interface LandingPlan {
  readonly workspace: Workspace;
  readonly state: StateFolder;
  readonly journal: Journal;
  /** Asked for each hunk: it may change while the session runs. */
  readonly scope: () => Scope;
  readonly policy: PolicyJudge;
}

export type LandingWishes = Omit<LanderOptions, "onEvent">;

export function openLander(
  { workspace, state, journal, scope, policy }: LandingPlan,
  wishes: LandingWishes,
  onEvent: (event: EventBody) => void,
): Lander {
  const resolve = (name: string) => resolveTarget(workspace, name);
  return createLander(
    {
      root: workspace.root,
      files: diskFiles,
      journal,
      lock: () => takeLock(state.lockPath),
      resolve,
      judge: ({ path: named, movedTo }) => {
        const targets = [named, ...(movedTo === undefined ? [] : [movedTo])].map(resolve);
        return strictest(
          targets.map((target) => (target.ok ? judgeTarget(target.value, [scope(), policy.path]) : { decision: "allow" })),
        );
      },
      clock: systemClock,
    },
    { ...wishes, onEvent },
  );
}

export function openReader(workspace: Workspace, lander: () => Lander | undefined): GuardedReader {
  return createGuardedReader({
    workspace,
    files: diskFiles,
    processes: systemProcesses,
    ripgrep: ripgrepPath,
    pending: (relative) => lander()?.pending(relative),
  });
}

/** Found only when a search needs it: loading the package costs more than a start may. */
export function ripgrepPath(): string {
  return createRequire(import.meta.url)("@vscode/ripgrep").rgPath;
}
