/** The packages of a workspace and the runner of each, by their manifests. A package without a runner of its own belongs to the one around it. */
import path from "node:path";
import { createSlices } from "../std/slices.ts";
import type { FoundRunner, PackageFiles, ProjectFiles, TestPackage } from "./evidence.ts";
import { type PathSet, folderOf, nameOf, upwards } from "./imports/paths.ts";
import { commandRunner } from "./runners/command.ts";
import type { RunnerKind } from "./runners/runner.ts";
import { runnerGroups } from "./runners/runners.ts";
import { testCommands } from "./runners/script-line.ts";

const manifests = /^(?:package\.json|pyproject\.toml|setup\.py|setup\.cfg|pytest\.ini|tox\.ini|go\.mod|Cargo\.toml)$/;
const notOurs = /(?:^|\/)(?:node_modules|fixtures?|testdata|__fixtures__|templates?|examples?)\//;

/** Longer than this at a time nothing is done, since keys wait meanwhile; ms. */
const sliceMs = 4;
/** Files between two looks at the clock. */
const perBreath = 64;

type Slice = ReturnType<typeof createSlices>;

/** Outer packages come first. Reads files only. */
export async function findPackages(files: ProjectFiles, paths: PathSet, command?: string): Promise<readonly TestPackage[]> {
  const found = await byRunner(files, paths);
  if (command === undefined) return found;
  // The policy's own command runs them all, from the workspace; which files are tests the runners still say.
  const named = commandRunner(
    command,
    found.flatMap(({ folder, runner }) => runner.settings.map((name) => inFolder(folder, name))),
  );
  const tests = found.length > 0 ? found.flatMap((one) => one.tests) : paths.all.filter((file) => named.isTest(file));
  return [{ folder: "", runner: named, tests }];
}

const inFolder = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

async function byRunner(files: ProjectFiles, paths: PathSet): Promise<readonly TestPackage[]> {
  const slice = createSlices(sliceMs);
  const folders = new Set([""]);
  for (const file of paths.all) if (manifests.test(nameOf(file)) && !notOurs.test(file)) folders.add(folderOf(file));
  const own: OwnFiles[] = [];
  for (const [folder, inside] of byPackage(paths, folders)) {
    const view = packageFiles(files, folder, inside);
    own.push({ folder, inside, view, words: testCommands(view.text("package.json")).flatMap((one) => one.words) });
    await slice();
  }
  const packages: TestPackage[] = [];
  for (const kinds of runnerGroups) packages.push(...(await ofGroup(kinds, own, slice)));
  return packages;
}

interface OwnFiles {
  readonly folder: string;
  /** Those of packages inside it left out. */
  readonly inside: readonly string[];
  readonly view: PackageFiles;
  /** Of its test scripts. */
  readonly words: readonly string[];
}

async function ofGroup(kinds: readonly RunnerKind[], own: readonly OwnFiles[], slice: Slice): Promise<readonly TestPackage[]> {
  const found = new Map<string, FoundRunner>();
  for (const { folder, view, words } of own) {
    const isNamed = ({ word }: RunnerKind): boolean => word !== undefined && words.some((one) => word.test(one));
    for (const kind of [...kinds.filter(isNamed), ...kinds]) {
      const runner = kind.find(view);
      if (runner === undefined) continue;
      found.set(folder, runner);
      break;
    }
    await slice();
  }
  // What has none goes to the next one above; its patterns are looked at again with those files among them.
  const merged = new Map<string, string[]>();
  for (const { folder, inside } of own) {
    const home = [...upwards(folder)].find((one) => found.has(one));
    if (home === undefined) continue;
    const list = merged.get(home) ?? [];
    for (const file of inside) list.push(file);
    merged.set(home, list);
  }
  const packages: TestPackage[] = [];
  for (const [folder, inside] of merged) {
    const runner = found.get(folder);
    if (runner === undefined) continue;
    const from = folder === "" ? 0 : folder.length + 1;
    const tests: string[] = [];
    for (const [at, file] of inside.entries()) {
      if (runner.isTest(file.slice(from))) tests.push(file);
      if (at % perBreath === 0) await slice();
    }
    packages.push({ folder, runner, tests });
  }
  return packages;
}

/** Each file belongs to the innermost package that it lies in. */
function byPackage(paths: PathSet, folders: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const homes = new Map<string, string>();
  const homeOf = (folder: string): string => {
    const known = homes.get(folder);
    if (known !== undefined) return known;
    const home = folders.has(folder) ? folder : homeOf(folderOf(folder));
    homes.set(folder, home);
    return home;
  };
  const files = new Map<string, string[]>();
  for (const folder of [...folders].toSorted((one, other) => one.length - other.length)) files.set(folder, []);
  for (const file of paths.all) files.get(homeOf(folderOf(file)))?.push(file);
  return files;
}

function packageFiles(files: ProjectFiles, folder: string, inside: readonly string[]): PackageFiles {
  return {
    folder,
    paths: inside.map((file) => file.slice(folder === "" ? 0 : folder.length + 1)),
    text: (name) => files.text(inFolder(folder, name)),
    program(places) {
      const there = places.map((name) => inFolder(folder, name)).find((file) => files.stamp(file) !== undefined);
      return there && path.join(files.root, there);
    },
    installed(program) {
      for (const at of upwards(folder)) {
        const file = `${at === "" ? "" : `${at}/`}node_modules/.bin/${program}`;
        if (files.stamp(file) !== undefined) return path.join(files.root, file);
      }
      return undefined;
    },
  };
}
