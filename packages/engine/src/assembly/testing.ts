/** The impacted tests of a workspace, without a session: chosen by what git says has changed, run when asked. */
import path from "node:path";
import { type Evidence, type Result, type TestChoice, fail, succeed } from "@twolane/protocol";
import type { TestPackage } from "../evidence/evidence.ts";
import { type ChangeOf, changedFiles } from "../evidence/changes.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { realFolder } from "../host/user-files.ts";
import { type PlaceOptions, openLandingPlace } from "./place.ts";
import { openProject } from "./project.ts";

export interface TestingOptions extends PlaceOptions {
  /** `all`: every test. `paths`: as seen from where the command was called. */
  readonly of: ChangeOf | { readonly kind: "all" } | { readonly kind: "paths"; readonly paths: readonly string[] };
  /** Fewer tests than before are right. */
  readonly fewer?: boolean;
}

export interface Testing {
  readonly choice: TestChoice;
  /** Undefined: it was stopped. */
  run(signal: AbortSignal): Promise<Evidence | undefined>;
}

/** TESTS_MISSING where no runner or no test file is found. Starts nothing but git until it is told to run. */
export async function openTesting(options: TestingOptions): Promise<Result<Testing>> {
  const place = await openLandingPlace({ ...options, scope: [], landing: "hunk", dryRun: true });
  if (!place.ok) return place;
  const changed = await changedIn(place.value.workspace.root, options);
  if (!changed.ok) return changed;
  const project = openProject(place.value);
  const impact = await project.impact(changed.value);
  if (impact.packages.length === 0) return fail("TESTS_MISSING", "No test runner is found here.");
  if (impact.choice.of === 0) return noTests(impact.packages);
  return succeed({
    choice: impact.choice,
    async run(signal) {
      // Whoever asks for the tests of their own folder gets them as `npm test` would run them.
      return (
        await project.run(impact, {
          changed: changed.value ?? [],
          processes: systemProcesses,
          yields: false,
          signal,
          fewer: options.fewer === true,
        })
      )?.evidence;
    },
  });
}

/** There are runners, and for none of them a test: nothing would be run, whatever has changed. */
function noTests(packages: readonly TestPackage[]): Result<never> {
  const names = [...new Set(packages.map(({ runner }) => runner.name))].join(", ");
  const missing = packages.find(({ runner }) => runner.start([]) === undefined)?.runner;
  const message = `No test file is found here by the settings of ${names === "command" ? "any runner" : names}`;
  return missing === undefined
    ? fail("TESTS_MISSING", `${message}.`)
    : fail("TESTS_MISSING", `${message}, and ${missing.name} is not installed.`, missing.cure);
}

async function changedIn(root: string, { of, cwd }: TestingOptions): Promise<Result<readonly string[] | undefined>> {
  if (of.kind === "all") return succeed(undefined);
  if (of.kind !== "paths") return changedFiles(openGit(root, systemProcesses), of);
  const from = realFolder(path.resolve(cwd));
  return succeed(of.paths.map((file) => path.relative(root, path.resolve(from, file)).split(path.sep).join("/")));
}
