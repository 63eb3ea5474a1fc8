/**
 * `node --import ./tools/typescript.mjs bench/impacted.ts FOLDER [MUTATIONS] [SEED]`: changes one line after the other of a project's sources,
 * and compares the tests that are chosen for it with those that a whole run fails, and how long either takes. The project must be a git work
 * tree with its tools installed; each changed file is put back.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Testing, type TestingOptions, openTesting } from "@twolane/engine/test";
import type { Evidence } from "@twolane/protocol";

const [folder = ".", wanted = "30", seed = "1"] = process.argv.slice(2);
const root = path.resolve(folder);
const state = mkdtempSync(path.join(tmpdir(), "twolane-impacted-"));
const env = { XDG_STATE_HOME: state, XDG_CONFIG_HOME: state, HOME: process.env["HOME"], PATH: process.env["PATH"] };

const open = async (of: TestingOptions["of"]): Promise<Testing> => {
  const opened = await openTesting({ cwd: root, env, of });
  if (!opened.ok) throw new Error(`${opened.failure.message} ${opened.failure.cure}`);
  return opened.value;
};
const failing = (evidence: Evidence | undefined): string[] =>
  (evidence?.files ?? []).filter(({ outcome }) => outcome === "failed" || outcome === "not run").map(({ path: file }) => file);
const run = async (testing: Testing) => {
  const began = performance.now();
  const evidence = testing.choice.tests.length === 0 ? undefined : await testing.run(new AbortController().signal);
  return { failed: failing(evidence), ms: testing.choice.ms + performance.now() - began };
};

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

/** Numbers that are the same in each run with the same seed. */
function random(from: number): () => number {
  let at = from;
  return () => {
    at = (at * 1664525 + 1013904223) % 4294967296;
    return at / 4294967296;
  };
}

interface Mutation {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function* mutations(tests: ReadonlySet<string>): Generator<Mutation> {
  const listed = execFileSync("git", ["-C", root, "ls-files", "-z"], { encoding: "utf8" }).split("\0");
  const sources = listed.filter(
    (file) =>
      /\.(?:[cm]?[jt]s|py|go|rs)$/.test(file) &&
      !tests.has(file) &&
      !file.startsWith(".") &&
      !/(?:^|\/)(?:tests?|__tests__|examples|bench\w*|docs|misc)\/|\.d\.ts$|config/.test(file),
  );
  const next = random(Number(seed));
  const seen = new Set<string>();
  for (let tries = 0; tries < 20_000; tries++) {
    const file = sources[Math.floor(next() * sources.length)] ?? "";
    const lines = readFileSync(path.join(root, file), "utf8").split("\n");
    const line = Math.floor(next() * lines.length);
    const before = lines[line] ?? "";
    const change = changes.find(([form]) => form.test(before));
    if (
      change === undefined ||
      seen.has(`${file}:${line}`) ||
      /^\s*(?:\/\/|\*|\/\*|#|"""|import|from)|^\w+ \w+ \w+ /.test(before)
    )
      continue;
    seen.add(`${file}:${line}`);
    lines[line] = before.replace(change[0], change[1]);
    yield { file, line: line + 1, text: lines.join("\n") };
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const cold = (await open({ kind: "all" })).choice;
const baseline = new Set((await run(await open({ kind: "all" }))).failed);
console.log(
  `${root}: ${cold.of} test files, ${[...new Set(cold.tests.map(({ runner }) => runner))].join(", ")}; read in ${cold.ms} ms cold`,
);
if (baseline.size > 0) console.log(`left out, as they fail without a change: ${[...baseline].join(", ")}`);
const totals = { done: 0, killed: 0, missed: 0, chosen: 0, fallbacks: 0 };
const found: number[] = [];
const times: { chosen: number; whole: number }[] = [];
for (const { file, line, text } of mutations(new Set(cold.tests.map(({ path: test }) => test)))) {
  if (totals.done >= Number(wanted)) break;
  const before = readFileSync(path.join(root, file));
  try {
    writeFileSync(path.join(root, file), text);
    const impacted = await open({ kind: "paths", paths: [path.join(root, file)] });
    // The whole run says what fails; the chosen ones alone are timed for some.
    const some = totals.done % 5 === 0 ? await run(impacted) : undefined;
    const all = await run(await open({ kind: "all" }));
    const failed = all.failed.filter((test) => !baseline.has(test));
    const chosen = new Set(impacted.choice.tests.map(({ path: test }) => test));
    const missed = failed.filter((test) => !chosen.has(test));
    totals.done++;
    totals.chosen += chosen.size;
    totals.fallbacks += impacted.choice.fallbacks.length;
    if (failed.length > 0) totals.killed++;
    if (missed.length > 0) totals.missed++;
    found.push(impacted.choice.ms);
    if (some !== undefined) times.push({ chosen: some.ms, whole: all.ms });
    const told = missed.length > 0 ? `  MISSED ${missed.join(", ")}` : "";
    console.log(
      `${file}:${line}  ${chosen.size} chosen, ${failed.length} fail in all, ${some === undefined ? "" : `${Math.round(some.ms)} of `}${Math.round(all.ms)} ms${told}`,
    );
  } finally {
    writeFileSync(path.join(root, file), before);
  }
}
const of = (key: "chosen" | "whole"): number => Math.round(median(times.map((time) => time[key])));
console.log(
  `${totals.done} mutations, ${totals.killed} fail something, ${totals.missed} with a miss; ${(totals.chosen / totals.done).toFixed(1)} of ${cold.of} test files chosen, ` +
    `${totals.fallbacks} times all; found in ${Math.round(median(found))} ms, verdict after ${of("chosen")} ms, whole run ${of("whole")} ms (medians)`,
);
rmSync(state, { recursive: true, force: true });
process.exitCode = totals.missed === 0 ? 0 : 1;
