/** go test: packages of the chosen files, results by `-json`, told for the file in which a test stands. */
import type { FoundRunner, PackageFiles, RanTest, RunnerOutput } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import { folderOf } from "../imports/paths.ts";
import { parseJson, recordOf, textOf } from "../json.ts";
import type { RunnerKind } from "./runner.ts";

export const goTest: RunnerKind = {
  name: "go test",
  find: (files) => (files.text("go.mod") === undefined ? undefined : found(files)),
};

function found(files: PackageFiles): FoundRunner {
  const [, module = ""] = /^module\s+(\S+)/m.exec(files.text("go.mod") ?? "") ?? [];
  return {
    name: "go test",
    isTest: (file) => file.endsWith("_test.go") && !/(?:^|\/)(?:testdata|vendor|_[^/]*)\//.test(file),
    settings: ["go.mod", "go.sum", "go.work"].filter((file) => files.text(file) !== undefined),
    start(tests) {
      const folders = [...new Set(tests.map(folderOf))].map((folder) => (folder === "" ? "." : `./${folder}`));
      return { command: "go", args: ["test", "-json", ...folders] };
    },
    parse: (output) => parse(output, { module, text: (file) => files.text(file) }),
    cure: "Install Go.",
  };
}

interface Sources {
  readonly module: string;
  readonly text: (file: string) => string | undefined;
}

function parse({ stdout, stderr, folder, tests }: RunnerOutput, { module, text }: Sources): readonly RanTest[] {
  const files = new Map(tests.map((file) => [file, { passed: 0, failed: 0, skipped: 0, output: "", name: "" }]));
  if (!stdout.includes('"Action"') && /^# /m.test(stderr)) return notCompiled(tests, { stderr, folder });
  const homes = new Map<string, string>();
  for (const file of tests)
    for (const [, name] of (text(file) ?? "").matchAll(/^func (?:\([^)]*\) )?((?:Test|Fuzz|Example)\w*)/gm))
      homes.set(`${folderOf(file)}\0${name}`, file);
  const said = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const event = recordOf(parseJson(line));
    const action = textOf(event["Action"]);
    const package_ = textOf(event["Package"]) ?? textOf(event["ImportPath"])?.split(" ", 1)[0] ?? "";
    const place = package_ === module ? "" : package_.slice(module.length + 1);
    const test = textOf(event["Test"]);
    const key = `${place}\0${test?.split("/", 1)[0] ?? ""}`;
    if (action === "output" || action === "build-output") said.set(key, (said.get(key) ?? "") + (textOf(event["Output"]) ?? ""));
    // A package that failed without a failed test does not compile, or ended early.
    const own = [...files].filter(([file]) => folderOf(file) === place);
    const broken = test === undefined && action === "fail" && !own.some(([, { failed }]) => failed > 0);
    const counts = files.get(homes.get(key) ?? (broken ? (own[0]?.[0] ?? "") : ""));
    if (counts === undefined || (test === undefined && !broken)) continue;
    if (action === "pass") counts.passed++;
    if (action === "skip") counts.skipped++;
    if (action !== "fail") continue;
    counts.failed++;
    counts.output ||= said.get(key) || stderr;
    counts.name ||= test ?? "the package";
  }
  return [...files].map(([path, { passed, failed, skipped, output, name }]) => ({
    ...{ path, passed, failed, skipped },
    ...(failed > 0 && { failure: shortFailure({ name, text: output, folder, test: path }) }),
  }));
}

function notCompiled(tests: readonly string[], { stderr, folder }: Pick<RunnerOutput, "stderr" | "folder">): readonly RanTest[] {
  return tests.map((path, at) => ({
    ...{ path, passed: 0, failed: 1, skipped: 0 },
    ...(at === 0 && { failure: shortFailure({ name: "it does not compile", text: stderr, folder, test: path }) }),
  }));
}
