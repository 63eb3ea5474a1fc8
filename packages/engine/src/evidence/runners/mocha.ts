/** mocha: its tests by the patterns of its configuration or of the script, its results from its JSON reporter. */
import path from "node:path";
import type { FoundRunner, PackageFiles, RanTest, RunnerOutput } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import { type JsonRecord, listOf, parseJson, recordOf, textOf, textsOf } from "../json.ts";
import { globs } from "./globs.ts";
import { type RunnerKind, depends, scriptSettings } from "./runner.ts";
import { keptOptions, testCommands } from "./script-line.ts";

const options = {
  valued: [
    ...[
      "--require",
      "-r",
      "--import",
      "--loader",
      "--ui",
      "-u",
      "--timeout",
      "-t",
      "--reporter",
      "-R",
      "--reporter-options",
      "-O",
    ],
    ...[
      "--config",
      "--file",
      "--extension",
      "--spec",
      "--ignore",
      "--exclude",
      "--opts",
      "--slow",
      "-s",
      "--jobs",
      "-j",
      "--retries",
      "--grep",
      "-g",
    ],
  ],
  dropped: [
    "--reporter",
    "-R",
    "--reporter-options",
    "-O",
    "--spec",
    "--watch",
    "-w",
    "--bail",
    "-b",
    "--opts",
    "--recursive",
    "--config",
    "--parallel",
    "--forbid-only",
  ],
};
/** Of a configuration file: they say which files, or how it is shown. */
const notPassed = new Set([
  "spec",
  "reporter",
  "reporter-option",
  "reporterOptions",
  "watch",
  "bail",
  "recursive",
  "parallel",
  "package",
  "watch-files",
]);

export const mocha: RunnerKind = {
  name: "mocha",
  word: /(?:^|\/)_?mocha(?:\.js)?$/,
  find(files) {
    const command = testCommands(files.text("package.json")).find(({ words }) => words.some(isMocha));
    const config = files.paths.find((file) => /^\.mocharc\.\w+$/.test(file));
    if (command === undefined && config === undefined && !depends(files, "mocha")) return undefined;
    const words = command?.words ?? ["mocha"];
    return found(files, { words: words.slice(words.findIndex(isMocha) + 1), env: command?.env ?? {}, config });
  },
};

const isMocha = (word: string): boolean => /(?:^|\/)_?mocha(?:\.js)?$/.test(word);

interface MochaCommand {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly config: string | undefined;
}

function found(files: PackageFiles, { words, env, config }: MochaCommand): FoundRunner {
  const manifest = recordOf(recordOf(parseJson(files.text("package.json")))["mocha"]);
  const text = config === undefined ? undefined : files.text(config);
  const readable = config === undefined || /\.(?:jsonc?|ya?ml)$/.test(config);
  const settings: JsonRecord =
    config === undefined ? manifest : /\.ya?ml$/.test(config) ? plainYaml(text ?? "") : recordOf(parseJson(text));
  const kept = keptOptions(words, options);
  const taken = new Set(words.flatMap((word, at) => (options.valued.includes(word) ? [at + 1] : [])));
  const named = words.filter((word, at) => !word.startsWith("-") && !taken.has(at));
  const spec = [...named, ...textsOf(settings["spec"])];
  const recursive = words.includes("--recursive") || settings["recursive"] === true;
  const matches = globs(
    spec.length > 0
      ? spec.map((one) => patternOf(one, recursive))
      : [recursive ? "test/**/*.{js,cjs,mjs,ts}" : "test/*.{js,cjs,mjs}"],
  );
  // Its own list of files would be run beside the chosen ones.
  const passed = readable ? ["--no-config", "--no-package", ...optionsOf(settings)] : [];
  return {
    name: "mocha",
    isTest: (file) => matches(file) && !/(?:^|\/)(?:node_modules|fixtures?)\//.test(file),
    settings: [
      ...files.paths.filter((file) => scriptSettings.test(file)),
      ...[
        ...textsOf(settings["require"]),
        ...textsOf(settings["file"]),
        ...kept.filter((word) => /^\.{0,2}\/?[\w-]+\//.test(word)),
      ].map((word) => path.posix.normalize(word)),
    ],
    start(tests) {
      const program = files.installed("mocha");
      return program === undefined
        ? undefined
        : {
            command: program,
            args: [...passed, ...kept, "--reporter", "json", "--no-color", ...tests],
            env: { ...env, NO_COLOR: "1" },
          };
    },
    parse,
    cure: "Install the package's dependencies, e.g. `npm ci`.",
  };
}

function patternOf(spec: string, recursive: boolean): string {
  if (/[*?]|\.\w+$/.test(spec)) return spec;
  return `${spec.replace(/\/$/, "")}/${recursive ? "**/" : ""}*.{js,cjs,mjs,ts}`;
}

const optionsOf = (settings: JsonRecord): readonly string[] =>
  Object.entries(settings).flatMap(([key, value]) => {
    if (notPassed.has(key)) return [];
    if (typeof value === "boolean") return [value ? `--${key}` : `--no-${key}`];
    return (Array.isArray(value) ? value : [value]).flatMap((one) =>
      typeof one === "string" || typeof one === "number" ? [`--${key}`, `${one}`] : [],
    );
  });

/** Keys with a word or a list of words; more is not needed of a `.mocharc.yml`. */
function plainYaml(text: string): JsonRecord {
  const settings: Record<string, unknown> = {};
  let list: string[] | undefined;
  for (const line of text.split("\n")) {
    const [, item] = /^\s*-\s+(.*?)\s*(?:\s#.*)?$/.exec(line) ?? [];
    if (item !== undefined) list?.push(item.replace(/^["']|["']$/g, ""));
    const [, key, value = ""] = /^([\w-]+):\s*(.*?)\s*(?:\s#.*)?$/.exec(line) ?? [];
    if (key === undefined) continue;
    list = [];
    settings[key] = value === "" ? list : value === "true" ? true : value === "false" ? false : value.replace(/^["']|["']$/g, "");
  }
  return settings;
}

function parse({ stdout, folder }: RunnerOutput): readonly RanTest[] {
  const report = reportIn(stdout);
  const files = new Map<string, { passed: number; failed: number; skipped: number; failure?: RanTest["failure"] }>();
  const at = (one: JsonRecord) => {
    const file = path
      .relative(folder, textOf(one["file"]) ?? "")
      .split(path.sep)
      .join("/");
    const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
    files.set(file, counts);
    return { file, counts };
  };
  // By their lists, not by title: files share titles.
  for (const one of listOf(report["passes"]).map(recordOf)) at(one).counts.passed++;
  for (const one of listOf(report["pending"]).map(recordOf)) at(one).counts.skipped++;
  for (const one of listOf(report["failures"]).map(recordOf)) {
    const { file, counts } = at(one);
    counts.failed++;
    const error = recordOf(one["err"]);
    const text = textOf(error["stack"]) ?? textOf(error["message"]) ?? "";
    counts.failure ??= shortFailure({ name: textOf(one["fullTitle"]) ?? "", text, folder, test: file });
  }
  return [...files].map(([file, counts]) => ({ path: file, ...counts }));
}

/** Tests may print before and behind it. */
function reportIn(stdout: string): JsonRecord {
  const begin = stdout.lastIndexOf('{\n  "stats"');
  const end = stdout.lastIndexOf("\n}");
  return begin < 0 || end < begin ? {} : recordOf(parseJson(stdout.slice(begin, end + 2)));
}
