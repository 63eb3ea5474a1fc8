/** One changed line at a time in a project's sources, the same ones for the same seed. Writes nothing. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** What changes the behaviour of a line, the first that fits. */
const changes: readonly (readonly [RegExp, string])[] = [
  [/===/, "!=="],
  [/!==/, "==="],
  [/ == /, " != "],
  [/ != /, " == "],
  [/ && /, " || "],
  [/ \|\| /, " && "],
  [/ and /, " or "],
  [/\bnot /, ""],
  [/\bif \(!/, "if ("],
  [/\bif \(/, "if (!"],
  [/ > /, " <= "],
  [/ < /, " >= "],
  [/\btrue\b/, "false"],
  [/\bfalse\b/, "true"],
  [/\bTrue\b/, "False"],
  [/\bFalse\b/, "True"],
  [/\breturn (?=[\w'"[{(])[^;{]+;$/, "return undefined;"],
  [/\breturn (?=self\.)\w[\w.]*$/, "return None"],
  [/ \+ /, " - "],
  [/\b1\b/, "2"],
  [/\b0\b/, "1"],
];
const notSources =
  /(?:^|\/)(?:tests?|test-?utils|__(?:tests|testUtils|mocks|fixtures)__|fixtures|examples?|bench\w*|docs|website|scripts|codemods|submodules|misc|resources|integrationTests)\/|^\.|\.d\.ts$|config/;
/** Comments, imports and prose. */
const noBehaviour = /^\s*(?:\/\/|\*|\/\*|#|"""|>>>|import\b|from\b|declare\b|(?:export )?(?:type|interface)\b)/;

/** Whether the line lies in a string over several lines, as Python's descriptions do. */
const inDescription = (lines: readonly string[], line: number): boolean =>
  lines.slice(0, line).reduce((count, text) => count + text.split(/"""|'''/).length - 1, 0) % 2 === 1;

/** Numbers that are the same in each run with the same seed. */
function random(from: number): () => number {
  let at = from;
  return () => {
    at = (at * 1664525 + 1013904223) % 4294967296;
    return at / 4294967296;
  };
}

export interface Mutation {
  /** Relative to the root. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The whole file with the changed line. */
  readonly text: string;
}

export interface MutationOptions {
  /** Relative to the root; they are not changed. */
  readonly tests: ReadonlySet<string>;
  readonly seed: number;
  /** Which files are changed. */
  readonly sources: RegExp;
}

/** Lines of tracked sources, each at most once. */
export function* mutations(root: string, { tests, seed, sources: wanted }: MutationOptions): Generator<Mutation> {
  const listed = execFileSync("git", ["-C", root, "ls-files", "-z"], { encoding: "utf8" }).split("\0");
  const sources = listed.filter(
    (file) => /\.(?:[cm]?[jt]sx?|py|go|rs)$/.test(file) && !tests.has(file) && !notSources.test(file) && wanted.test(file),
  );
  const next = random(seed);
  const seen = new Set<string>();
  for (let tries = 0; tries < 20_000; tries++) {
    const file = sources[Math.floor(next() * sources.length)] ?? "";
    const lines = readFileSync(path.join(root, file), "utf8").split("\n");
    const line = Math.floor(next() * lines.length);
    const before = lines[line] ?? "";
    const change = changes.find(([form]) => form.test(before));
    if (change === undefined || seen.has(`${file}:${line}`) || noBehaviour.test(before)) continue;
    if (file.endsWith(".py") && inDescription(lines, line)) continue;
    seen.add(`${file}:${line}`);
    lines[line] = before.replace(change[0], change[1]);
    yield { file, line: line + 1, text: lines.join("\n") };
  }
}
