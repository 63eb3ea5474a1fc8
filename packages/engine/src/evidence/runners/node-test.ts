/** node:test: its tests by Node's own patterns or those of the script, its results by a reporter that is handed to it as a data address. */
import path from "node:path";
import type { FoundRunner, PackageFiles, RanTest, RunnerOutput } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import { numberOf, parseJson, recordOf, textOf } from "../json.ts";
import { globs } from "./globs.ts";
import { type RunnerKind, scriptSettings } from "./runner.ts";
import { keptOptions, testCommands } from "./script-line.ts";

const usual = [
  ...["**/*.test.?(c|m)[jt]s", "**/*-test.?(c|m)[jt]s", "**/*_test.?(c|m)[jt]s", "**/test-*.?(c|m)[jt]s", "**/test.?(c|m)[jt]s"],
  "**/test/**/*.?(c|m)[jt]s",
];
const options = {
  valued: [
    "--import",
    "--require",
    "-r",
    "--loader",
    "--experimental-loader",
    "--test-reporter",
    "--test-reporter-destination",
    "--env-file",
    "-C",
    "--conditions",
  ],
  dropped: ["--test", "--watch", "--test-reporter", "--test-reporter-destination", "--experimental-test-coverage", "--test-only"],
};
const mark = "\u0001twolane ";
/** One line a test: Node's own reporters are for people or lose which file it was. */
const reporter = `export default async function* (events) {
  for await (const { type, data } of events) {
    if (type === "test:stderr") {
      yield ${JSON.stringify(mark)} + JSON.stringify({ file: data.file, stderr: data.message }) + "\\n";
      continue;
    }
    if (type !== "test:pass" && type !== "test:fail") continue;
    const error = data.details?.error;
    const cause = error?.cause;
    yield ${JSON.stringify(mark)} + JSON.stringify({ ok: type === "test:pass", name: data.name, file: data.file, nesting: data.nesting,
      skip: data.skip ?? data.todo, kind: data.details?.type, failure: error?.failureType, exit: error?.exitCode,
      text: error && String(cause?.stack ?? cause ?? error.stack ?? error) }) + "\\n";
  }
}`;
const reporterAddress = `data:text/javascript,${encodeURIComponent(reporter)}`;

export const nodeTest: RunnerKind = {
  name: "node:test",
  word: /^--test(?:-|$)/,
  find(files) {
    const command = testCommands(files.text("package.json")).find(
      ({ words }) => words[0] === "node" && words.some((word) => word === "--test" || word.startsWith("--test-")),
    );
    if (command !== undefined) return found(files, command.words.slice(1), command.env);
    const some = files.paths.filter((path) => /\.(?:test|spec)\.[cm]?[jt]s$|^tests?\/.*\.[cm]?[jt]s$/.test(path)).slice(0, 20);
    return some.some((file) => /['"]node:test['"]/.test(files.text(file) ?? "")) ? found(files, [], {}) : undefined;
  },
};

function found(files: PackageFiles, words: readonly string[], env: Readonly<Record<string, string>>): FoundRunner {
  const kept = keptOptions(words, options);
  const valued = new Set(words.flatMap((word, at) => (options.valued.includes(word) ? [words[at + 1] ?? ""] : [])));
  const named = words.filter((word) => !word.startsWith("-") && !valued.has(word) && word !== ".");
  const patterns = named.map((word) => (/[*?]|\.\w+$/.test(word) ? word : `${word.replace(/\/$/, "")}/**/*.?(c|m)[jt]s`));
  const matches = globs(patterns.length > 0 ? patterns : usual);
  return {
    name: "node:test",
    isTest: (file) => matches(file) && !/(?:^|\/)(?:node_modules|fixtures?)\//.test(file),
    settings: [
      ...files.paths.filter((file) => scriptSettings.test(file)),
      ...kept.filter((word) => /^\.{1,2}\//.test(word)).map((word) => path.posix.normalize(word)),
    ],
    start: (tests) => ({
      command: "node",
      args: [...kept, "--test", `--test-reporter=${reporterAddress}`, "--test-reporter-destination=stdout", ...tests],
      env: { ...env, NO_COLOR: "1" },
    }),
    parse,
    cure: "Install Node.js.",
  };
}

/** Signs. */
const saidLimit = 16 * 1024;

/** With the few lines above it that show the place; empty where there is none. */
function lastError(text: string): string {
  const lines = text.split("\n");
  const at = lines.findLastIndex((line) => /^(?:Uncaught )?\w*(?:Error|Exception)\b/.test(line));
  return at < 0 ? "" : lines.slice(Math.max(0, at - 4)).join("\n");
}

interface Line {
  readonly ok: boolean;
  /** The file or a suite as a whole. */
  readonly isWhole: boolean;
  readonly skip: boolean;
  readonly name: string;
  readonly text: string;
}

function parse({ stdout, folder, tests }: RunnerOutput): readonly RanTest[] {
  const files = new Map<string, Line[]>();
  /** What the file's process said: why it could not be loaded stands nowhere else. */
  const said = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const at = line.indexOf(mark);
    if (at < 0) continue;
    const data = recordOf(parseJson(line.slice(at + mark.length)));
    const place = fileOf(data, folder, tests);
    if (place === undefined) continue;
    const spoken = textOf(data["stderr"]);
    if (spoken !== undefined) {
      said.set(place, `${said.get(place) ?? ""}${spoken}`.slice(-saidLimit));
      continue;
    }
    const list = files.get(place) ?? files.set(place, []).get(place) ?? [];
    const name = textOf(data["name"]) ?? "";
    // A suite and a file fail because something in them does; only where nothing did they count themselves.
    const isWhole =
      data["kind"] === "suite" || (numberOf(data["nesting"]) === 0 && path.resolve(folder, name) === path.resolve(folder, place));
    if (data["failure"] === "subtestsFailed") continue;
    if (isWhole && (data["ok"] === true || list.some(({ ok }) => !ok))) continue;
    const skip = data["skip"] !== undefined && data["skip"] !== false && data["skip"] !== null;
    list.push({ ok: data["ok"] === true, skip, isWhole, name, text: textOf(data["text"]) ?? "" });
  }
  const textFor = (file: string, { isWhole, text }: Line): string => (isWhole ? lastError(said.get(file) ?? "") : "") || text;
  return [...files].map(([file, lines]) => {
    const failed = lines.filter(({ ok, skip }) => !ok && !skip);
    const [first] = failed;
    return {
      path: file,
      passed: lines.filter(({ ok, skip }) => ok && !skip).length,
      failed: failed.length,
      skipped: lines.filter(({ skip }) => skip).length,
      ...(first && { failure: shortFailure({ name: first.name, text: textFor(file, first), folder, test: file }) }),
    };
  });
}

function fileOf(data: Readonly<Record<string, unknown>>, folder: string, tests: readonly string[]): string | undefined {
  const file = textOf(data["file"]);
  const name = textOf(data["name"]) ?? "";
  for (const one of [file, name]) {
    if (one === undefined) continue;
    const place = path.relative(folder, path.resolve(folder, one)).split(path.sep).join("/");
    if (tests.includes(place)) return place;
  }
  return tests.length === 1 ? tests[0] : undefined;
}
