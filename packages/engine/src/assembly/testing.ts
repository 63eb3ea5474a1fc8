/** The impacted tests of a workspace, without a session: chosen by what git says has changed, run when asked. */
import path from "node:path";
import { type Evidence, type Result, type TestChoice, fail, succeed } from "@twolane/protocol";
import { type ChangeOf, changedFiles } from "../evidence/changes.ts";
import { findImpact } from "../evidence/impact.ts";
import { runTests } from "../evidence/run-tests.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { openProjectDisk } from "../host/project-files.ts";
import { readTextNow, realFolder, writtenTo } from "../host/user-files.ts";
import { systemClock } from "../std/clock.ts";
import { ripgrepPath } from "./landing.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface TestingOptions extends PlaceOptions {
  /** `all`: every test. `paths`: as seen from where the command was called. */
  readonly of: ChangeOf | { readonly kind: "all" } | { readonly kind: "paths"; readonly paths: readonly string[] };
}

export interface Testing {
  readonly choice: TestChoice;
  /** Undefined: it was stopped. */
  run(signal: AbortSignal): Promise<Evidence | undefined>;
}

const timeoutMs = 120_000;

/** TESTS_MISSING where no runner is found. Starts nothing but git. */
export async function openTesting(options: TestingOptions): Promise<Result<Testing>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { root } = place.value.workspace;
  const changed = await changedIn(root, options);
  if (!changed.ok) return changed;
  const files = openProjectDisk({ root, processes: systemProcesses, ripgrep: ripgrepPath });
  const storeFile = path.join(place.value.state.path, "imports.json");
  const store = { read: () => readTextNow(storeFile), write: (text: string) => void writtenTo(storeFile, text) };
  const { choice, packages } = await findImpact({ files, store, changed: changed.value, now: systemClock.mono });
  if (packages.length === 0) return fail("TESTS_MISSING", "No test runner is found here.");
  return succeed({
    choice,
    run: (signal) =>
      runTests({
        ...{ files, packages, signal, timeoutMs, processes: systemProcesses, chosen: choice.tests, now: systemClock.mono },
        changed: changed.value ?? [],
      }),
  });
}

async function changedIn(root: string, { of, cwd }: TestingOptions): Promise<Result<readonly string[] | undefined>> {
  if (of.kind === "all") return succeed(undefined);
  if (of.kind !== "paths") return changedFiles(openGit(root, systemProcesses), of);
  const from = realFolder(path.resolve(cwd));
  return succeed(of.paths.map((file) => path.relative(root, path.resolve(from, file)).split(path.sep).join("/")));
}
