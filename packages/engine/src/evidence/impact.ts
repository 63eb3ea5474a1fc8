/** From a change to the tests that it can reach: one look at the project, kept for the next. */
import type { TestChoice, TestChoiceSummary } from "@twolane/protocol";
import { chooseTests } from "./choose.ts";
import type { EvidenceStore, ProjectFiles, TestPackage } from "./evidence.ts";
import { readGraph } from "./graph.ts";
import { findPackages } from "./packages.ts";

export interface ImpactInput {
  readonly files: ProjectFiles;
  readonly store: EvidenceStore;
  /** Undefined: everything. */
  readonly changed: readonly string[] | undefined;
  readonly now: () => number;
  /** A shell line that runs the tests instead of the runners that are found. */
  readonly command?: string;
}

export interface Impact {
  readonly choice: TestChoice;
  readonly packages: readonly TestPackage[];
}

/** What tools make, where nobody has told git to ignore it. */
const made =
  /(?:^|\/)(?:node_modules|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.venv|\.tox|\.nyc_output|coverage|target\/(?:debug|release|tmp|\.[^/]+|CACHEDIR\.TAG|doc))(?:\/|$)|\.py[co]$/;

export async function findImpact({ files, store, changed, now, command }: ImpactInput): Promise<Impact> {
  const began = now();
  const paths = (await files.list()).filter((path) => !made.test(path));
  const isThere = (path: string): boolean => files.stamp(path) !== undefined;
  const gone = (changed ?? []).filter((path) => !isThere(path));
  const graph = await readGraph({ files, store, paths, gone });
  const packages = findPackages(files, graph.files, command);
  const found =
    changed === undefined
      ? everything(packages)
      : chooseTests({ graph, packages, changed: changed.filter((path) => !made.test(path)), isThere });
  return { packages, choice: { ...found, ms: Math.round(now() - began) } };
}

function everything(packages: readonly TestPackage[]): Omit<TestChoice, "ms"> {
  const tests = packages.flatMap(({ tests: all, runner }) =>
    all.map((path) => ({ path, way: "all" as const, via: "", runner: runner.name })),
  );
  return { tests, of: tests.length, fallbacks: [], untested: [], gone: [] };
}
export function summaryOf({ tests, of }: TestChoice): TestChoiceSummary {
  const ways: Partial<Record<TestChoice["tests"][number]["way"], number>> = {};
  for (const { way } of tests) ways[way] = (ways[way] ?? 0) + 1;
  return { tests: tests.length, of, ways, runners: [...new Set(tests.map(({ runner }) => runner))] };
}
