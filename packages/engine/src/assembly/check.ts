/** The gates at commit and in CI, put together for one folder. */
import os from "node:os";
import path from "node:path";
import type { Result } from "@twolane/protocol";
import type { CheckReport } from "../guard/gates/check-report.ts";
import { type CheckWish, checkChange } from "../guard/gates/check.ts";
import { noYeses, readYeses } from "../guard/gates/local-yes.ts";
import type { PolicyText } from "../guard/policy-store.ts";
import { openGit } from "../host/git.ts";
import { indexOfHook } from "../host/git-state.ts";
import { systemProcesses } from "../host/process.ts";
import { findWorkspace } from "../host/workspace.ts";
import { systemClock } from "../std/clock.ts";
import { openStateFolder, stateHome } from "../journal/state-folder.ts";
import { type PlaceOptions, configFolder } from "./place.ts";

export interface CheckOptions extends PlaceOptions {
  readonly wish: CheckWish;
  /** A policy to ask in the place of the project's, as it is shown and what it says. */
  readonly instead?: PolicyText;
  /** What takes time, as one says it. */
  readonly onProgress: (what: string) => void;
}

/** What stands against a change: staged, on disk, or of a branch. */
export async function check({ cwd, env, wish, instead, onProgress }: CheckOptions): Promise<Result<CheckReport>> {
  const workspace = findWorkspace(path.resolve(cwd));
  if (!workspace.ok) return workspace;
  const { root } = workspace.value;
  const state = openStateFolder(stateHome(env), root);
  // A machine without a place for state has no yeses, and checks all the same.
  const yeses = state.ok && wish.kind !== "commits" ? readYeses(state.value.path, systemClock.wall()) : noYeses;
  const index = wish.kind === "staged" ? indexOfHook(root, env["GIT_INDEX_FILE"]) : undefined;
  return checkChange(
    {
      git: openGit(root, systemProcesses),
      processes: systemProcesses,
      root,
      stateFolder: state.ok ? state.value.path : os.devNull,
      userFolder: configFolder(env),
      yeses,
      ...(instead && { instead }),
      onProgress,
    },
    index === undefined ? wish : { ...wish, kind: "staged", index },
  );
}
