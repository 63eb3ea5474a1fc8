/** vitest: its tests by the patterns of its configuration, its results from its own JSON. */
import type { FoundRunner, PackageFiles } from "../evidence.ts";
import { parseJestLike } from "./jest-report.ts";
import { type RunnerKind, depends, listedStrings, scriptSettings, setupFiles } from "./runner.ts";
import { keptOptions, testCommands } from "./script-line.ts";
import { globs } from "./globs.ts";

const usual = ["**/*.{test,spec}.?(c|m)[jt]s?(x)"];
const options = {
  valued: ["--config", "-c", "--project", "--environment", "--pool", "--mode", "--reporter", "--root", "-r", "--dir"],
  dropped: ["--reporter", "--watch", "-w", "--coverage", "--ui", "--run", "--bail", "--changed", "--silent"],
};

export const vitest: RunnerKind = {
  name: "vitest",
  word: /^vitest$/,
  find(files) {
    const command = testCommands(files.text("package.json")).find(({ words }) => words[0] === "vitest");
    const config = files.paths.find((path) => /^(?:vitest|vite)\.config\.\w+$/.test(path));
    if (command === undefined && !depends(files, "vitest") && !config?.startsWith("vitest")) return undefined;
    return found(files, command?.words.slice(1) ?? [], command?.env ?? {});
  },
};

function found(files: PackageFiles, words: readonly string[], env: Readonly<Record<string, string>>): FoundRunner {
  const configs = files.paths.filter((path) => /^(?:vitest|vite)(?:\.workspace|\.config)[\w.-]*$/.test(path));
  const text = configs.map((path) => files.text(path) ?? "").join("\n");
  const include = listedStrings(text, "include");
  const patterns = include.some((pattern) => /test|spec/.test(pattern)) ? [...include, ...usual] : usual;
  const matches = globs(patterns);
  const kept = keptOptions(
    words.filter((word) => word !== "run" && word !== "watch"),
    options,
  );
  return {
    name: "vitest",
    isTest: (path) => matches(path) && !/(?:^|\/)(?:node_modules|dist)\//.test(path),
    settings: [...files.paths.filter((path) => scriptSettings.test(path)), ...setupFiles(text)],
    start(tests) {
      const program = files.installed("vitest");
      if (program === undefined) return undefined;
      return { command: program, args: ["run", ...kept, "--reporter=json", "--no-color", ...tests], env: { ...env, CI: "true" } };
    },
    parse: parseJestLike,
    cure: "Install the package's dependencies, e.g. `npm ci`.",
  };
}
