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

export async function findImpact({ files, store, changed, now, command }: ImpactInput): Promise<Impact> {
  const began = now();
  const paths = await files.list();
  const isThere = (path: string): boolean => files.stamp(path) !== undefined;
  const gone = (changed ?? []).filter((path) => !isThere(path));
  const graph = await readGraph({ files, store, paths, gone });
  const packages = findPackages(files, graph.files, command);
  const found = changed === undefined ? everything(packages) : chooseTests({ graph, packages, changed, isThere });
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
