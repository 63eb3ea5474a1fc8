/** pytest: its tests by the patterns of its configuration, its results from its JUnit report. */
import path from "node:path";
import type { FoundRunner, PackageFiles, RanTest, RunnerOutput } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import { globs } from "./globs.ts";
import type { RunnerKind } from "./runner.ts";

const configs = ["pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"];
const settings =
  /^(?:pytest\.ini|\.pytest\.ini|pyproject\.toml|tox\.ini|setup\.cfg|setup\.py|requirements[\w.-]*\.txt|uv\.lock|poetry\.lock|pdm\.lock|Pipfile(?:\.lock)?|\.python-version)$/;

export const pytest: RunnerKind = {
  name: "pytest",
  find(files) {
    const texts = configs.map((file) => files.text(file) ?? "");
    const isConfigured =
      texts.some((text) => /^\[(?:tool\.)?(?:tool:)?pytest/m.test(text)) ||
      files.paths.some((file) => /(?:^|\/)conftest\.py$/.test(file));
    if (!isConfigured && !files.paths.some((file) => /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(file))) return undefined;
    return found(files, texts.join("\n"));
  },
};

/** The report goes through a file: pytest cannot open what it prints to by name. */
const withReport = 'f=$(mktemp) && "$@" --junitxml="$f"; s=$?; cat "$f"; rm -f "$f"; exit $s';

function found(files: PackageFiles, config: string): FoundRunner {
  const named = listed(config, "python_files");
  const places = listed(config, "testpaths").map((place) => place.replace(/\/$/, ""));
  const matches = globs(
    (named.length > 0 ? named : ["test_*.py", "*_test.py"]).map((pattern) => (pattern.includes("/") ? pattern : `**/${pattern}`)),
  );
  const inPlace = (file: string): boolean =>
    places.length === 0 || places.some((place) => place === "." || file === place || file.startsWith(`${place}/`));
  return {
    name: "pytest",
    isTest: (file) =>
      file.endsWith(".py") && matches(file) && inPlace(file) && !/(?:^|\/)(?:node_modules|\.venv|venv|build|dist)\//.test(file),
    settings: files.paths.filter((file) => settings.test(file)),
    start(tests) {
      const python = files.program([".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe"]) ?? "python3";
      const quiet = ["-q", "--color=no", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"];
      // Else one file that does not load, or a project's own `-x`, would leave all others without a result.
      const args = ["-m", "pytest", ...quiet, "--continue-on-collection-errors", "--maxfail=0", ...tests];
      return {
        ...{ command: "sh", args: ["-c", withReport, "sh", python, ...args] },
        env: { PYTHONDONTWRITEBYTECODE: "1", NO_COLOR: "1" },
      };
    },
    parse,
    cure: "Install pytest, e.g. `pip install pytest`.",
  };
}

/** Words behind a key of an ini or TOML file, over indented lines as well. */
function listed(config: string, key: string): readonly string[] {
  const [, value = ""] =
    new RegExp(`^${key}\\s*=\\s*((?:\\[[^\\]]*\\])|(?:[^\\n]*(?:\\n[ \\t]+[^\\n]+)*))`, "m").exec(config) ?? [];
  return value
    .replace(/[[\]"',]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "" && !word.startsWith("#"));
}

function parse({ stdout, folder, tests }: RunnerOutput): readonly RanTest[] {
  const [xml = ""] = /<testsuites?\b[\s\S]*<\/testsuites?>/.exec(stdout) ?? [];
  const files = new Map<string, { passed: number; failed: number; skipped: number; failure?: RanTest["failure"] }>();
  for (const [, head = "", body = ""] of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const file = fileOf(head, tests);
    if (file === undefined) continue;
    const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
    files.set(file, counts);
    const [, , text] = /<(failure|error)\b[^>]*?(?:\/>|>([\s\S]*?)<\/\1>)/.exec(body) ?? [];
    if (/<(?:failure|error)\b/.test(body)) {
      counts.failed++;
      counts.failure ??= shortFailure({
        name: attribute(head, "name"),
        text: plain(text ?? attribute(body, "message")),
        folder,
        test: file,
      });
    } else if (body.includes("<skipped")) counts.skipped++;
    else counts.passed++;
  }
  return [...files].map(([file, counts]) => ({ path: file, ...counts }));
}

/** A file that could not be collected is named like a module. */
function fileOf(head: string, tests: readonly string[]): string | undefined {
  const file = attribute(head, "file");
  const module = [attribute(head, "classname"), attribute(head, "name")].join(".").replace(/^\./, "");
  const direct =
    file === "" ? undefined : tests.find((test) => test === file || file.endsWith(`/${test}`) || test.endsWith(`/${file}`));
  if (direct !== undefined) return direct;
  if (file !== "") return path.posix.normalize(file);
  return tests.find((test) => {
    const dotted = test.replace(/\.py$/, "").replaceAll("/", ".");
    return module === dotted || module.startsWith(`${dotted}.`) || dotted.endsWith(`.${module}`);
  });
}

const attribute = (head: string, name: string): string => plain(new RegExp(`\\b${name}="([^"]*)"`).exec(head)?.[1] ?? "");

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
const plain = (xml: string): string =>
  xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1").replace(/&(#x?[\da-f]+|\w+);/gi, (_, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? "";
    return String.fromCodePoint(Number(name.toLowerCase().startsWith("#x") ? `0${name.slice(1)}` : name.slice(1)));
  });
