/** From a change to the tests that it can reach: one look at the project, kept for the next. */
import type { TestChoice, TestChoiceSummary } from "@twolane/protocol";
import { chooseTests } from "./choose.ts";
import type { EvidenceStore, ProjectFiles, TestPackage } from "./evidence.ts";
import { ImportGraphs } from "./graph.ts";
import type { PathSet } from "./imports/paths.ts";
import { findPackages } from "./packages.ts";
import { type ReadStamp, Readings, stillHold } from "./readings.ts";

export interface ImpactInput {
  readonly files: ProjectFiles;
  readonly store: EvidenceStore;
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

/** Keeps what it read for the next question. */
export class Impacts {
  private readonly input: ImpactInput;
  private readonly graphs: ImportGraphs;
  private known:
    | { readonly paths: PathSet; readonly reads: readonly ReadStamp[]; readonly packages: readonly TestPackage[] }
    | undefined;

  constructor(input: ImpactInput) {
    this.input = input;
    this.graphs = new ImportGraphs(input.files, input.store);
  }

  /** Undefined: everything. */
  async of(changed: readonly string[] | undefined): Promise<Impact> {
    const { files, now } = this.input;
    const began = now();
    const listing = files.list().then((paths) => paths.filter((path) => !made.test(path)));
    const graph = await this.graphs.look({ listing, changed: changed ?? [] });
    const packages = await this.packagesIn(graph.files);
    const found =
      changed === undefined
        ? everything(packages)
        : chooseTests({ graph, packages, changed: changed.filter((path) => !made.test(path)) });
    return { packages, choice: { ...found, ms: Math.round(now() - began) } };
  }

  private async packagesIn(paths: PathSet): Promise<readonly TestPackage[]> {
    const { files, command } = this.input;
    if (this.known?.paths === paths && stillHold(files, this.known.reads)) return this.known.packages;
    let readings: Readings | undefined = new Readings(files);
    // What a runner reads later, of tests that ran, decides nothing.
    const text = (path: string): string | undefined => (readings ?? files).text(path);
    const packages = await findPackages({ ...files, text }, paths, command);
    this.known = { paths, packages, reads: readings.stamps() };
    readings = undefined;
    return packages;
  }
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
