/** jest: its tests by the patterns of its configuration, its results from `--json`. */
import type { FoundRunner, PackageFiles } from "../evidence.ts";
import { globs } from "./globs.ts";
import { parseJestLike } from "./jest-report.ts";
import { type RunnerKind, depends, listedStrings, manifestStrings, scriptSettings, setupFiles } from "./runner.ts";
import { keptOptions, testCommands } from "./script-line.ts";

const usual = ["**/__tests__/**/*.?([mc])[jt]s?(x)", "**/?(*.)+(spec|test).?([mc])[jt]s?(x)"];
const options = {
  valued: ["--config", "-c", "--projects", "--env", "--rootDir", "--maxWorkers", "-w", "--testPathPattern", "--reporters"],
  dropped: [
    ...[
      "--watch",
      "--watchAll",
      "--coverage",
      "--collectCoverage",
      "--json",
      "--reporters",
      "--verbose",
      "--silent",
      "--bail",
      "-b",
    ],
    ...["--testPathPattern", "--onlyChanged", "-o", "--findRelatedTests", "--runTestsByPath"],
  ],
};

export const jest: RunnerKind = {
  name: "jest",
  word: /(?:^|\/)jest(?:\.js)?$/,
  find(files) {
    const command = testCommands(files.text("package.json")).find(({ words }) => words.slice(0, 4).some(isJest));
    const hasConfig = files.paths.some((path) => /^jest\.config\.\w+$/.test(path));
    if (command === undefined && !depends(files, "jest") && !hasConfig) return undefined;
    const words = command?.words ?? ["jest"];
    const at = words.findIndex(isJest);
    // `node --experimental-vm-modules node_modules/jest/bin/jest.js`
    const node = words[0] === "node" ? words.slice(1, at) : [];
    return found(files, { node, words: words.slice(at + 1), env: command?.env ?? {} });
  },
};

const isJest = (word: string): boolean => word === "jest" || /(?:^|\/)jest(?:\.js)?$/.test(word);

interface JestCommand {
  readonly node: readonly string[];
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function found(files: PackageFiles, { node, words, env }: JestCommand): FoundRunner {
  const config = files.paths.filter((path) => /^jest\.config\.\w+$/.test(path));
  const text = config.map((path) => files.text(path) ?? "").join("\n");
  const listed = [...listedStrings(text, "testMatch"), ...manifestStrings(files, "jest", "testMatch")];
  const regexes = [...listedStrings(text, "testRegex"), ...manifestStrings(files, "jest", "testRegex")].flatMap(readRegex);
  const matches = globs(listed.length > 0 ? listed : usual);
  const isTest = (path: string): boolean => (regexes.length > 0 ? regexes.some((one) => one.test(`/${path}`)) : matches(path));
  const manifest = files.text("package.json");
  return {
    name: "jest",
    isTest: (path) => isTest(path) && !/(?:^|\/)node_modules\//.test(path),
    settings: [...files.paths.filter((path) => scriptSettings.test(path)), ...setupFiles(text), ...setupFiles(manifest)],
    start(tests) {
      const program = files.installed("jest");
      if (program === undefined) return undefined;
      const kept = keptOptions(words, options);
      const own = [...kept, "--json", "--colors=false", "--coverage=false", "--bail=0", "--runTestsByPath", ...tests];
      const all = { ...env, CI: "true", NO_COLOR: "1" };
      if (node.length === 0) return { command: program, args: own, env: all };
      return { command: "node", args: [...node, program, ...own], env: all };
    },
    parse: parseJestLike,
    cure: "Install the package's dependencies, e.g. `npm ci`.",
  };
}

function readRegex(source: string): RegExp[] {
  try {
    return [new RegExp(source.replaceAll("\\\\", "\\"))];
  } catch {
    return [];
  }
}
