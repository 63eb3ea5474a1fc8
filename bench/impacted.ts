/**
 * `node --import ./tools/typescript.mjs bench/impacted.ts FOLDER [MUTATIONS] [SEED] [SOURCES]`: changes one line after the other of a project's
 * sources, and compares the tests that are chosen for it with those that a whole run fails, and how long either takes. Each miss is run again by
 * itself, so that its cause is seen. MUTATIONS counts those that fail a test in all: the others show nothing. SOURCES is a regular expression for
 * the files that are changed. On Ctrl-C it ends with what it has. The project must be a clean git work tree with its tools installed; each changed
 * file is put back. Status 1: a test that fails by itself because of the change was not chosen.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Testing, type TestingOptions, openTesting } from "@twolane/engine/test";
import type { Evidence, TestedFile } from "@twolane/protocol";
import { mutations } from "./mutations.ts";

const [folder = ".", wanted = "30", seed = "1", sources = ""] = process.argv.slice(2);
const root = path.resolve(folder);
if (execFileSync("git", ["-C", root, "status", "--porcelain", "-uno"], { encoding: "utf8" }) !== "")
  throw new Error(`${root} has changes. Take a clean clone.`);
const state = mkdtempSync(path.join(tmpdir(), "twolane-impacted-"));
const env = { XDG_STATE_HOME: state, XDG_CONFIG_HOME: state, HOME: process.env["HOME"], PATH: process.env["PATH"] };

const open = async (of: TestingOptions["of"]): Promise<Testing> => {
  const opened = await openTesting({ cwd: root, env, of, fewer: true });
  if (!opened.ok) throw new Error(`${opened.failure.message} ${opened.failure.cure}`);
  return opened.value;
};
const openPaths = async (files: readonly string[]): Promise<Testing> =>
  open({ kind: "paths", paths: files.map((file) => path.join(root, file)) });

interface Ran {
  readonly evidence: Evidence | undefined;
  /** From the question to the verdict. */
  readonly ms: number;
}

/** A change can make a loop endless. */
const limits = { ms: 600_000 };
const run = async (testing: Testing): Promise<Ran> => {
  const began = performance.now();
  const evidence = testing.choice.tests.length === 0 ? undefined : await testing.run(AbortSignal.timeout(limits.ms));
  return { evidence, ms: testing.choice.ms + performance.now() - began };
};
const wholeRun = async (): Promise<Ran> => run(await open({ kind: "all" }));
/** Files that failed, or held no test that ran. */
const notPassed = ({ evidence }: Ran): readonly TestedFile[] =>
  (evidence?.files ?? []).filter(({ outcome }) => outcome === "failed" || outcome === "not run");
/** No test passed anywhere: the change kept the runner, or what all tests load, from loading. That says nothing of single files. */
const brokeLoading = ({ evidence }: Ran): boolean => (evidence?.counts.passed ?? 0) === 0;

interface Missed {
  readonly test: string;
  readonly outcome: string;
  readonly reason: string;
  /** It fails because of the change, and was not chosen. */
  readonly isDefect: boolean;
}

interface Place {
  readonly file: string;
  readonly line: number;
  change(this: void): void;
  restore(this: void): void;
}

/** Runs a missed test by itself, with the change and without. */
async function explain(
  { path: test, outcome }: TestedFile,
  { restore, change }: Pick<Place, "restore" | "change">,
): Promise<Missed> {
  const outcomeAlone = async (): Promise<string> =>
    (await run(await openPaths([test]))).evidence?.files.find(({ path: file }) => file === test)?.outcome ?? "not run";
  const changed = await outcomeAlone();
  restore();
  const unchanged = await outcomeAlone();
  change();
  const told = { test, outcome };
  if (changed !== "failed" && changed !== "not run")
    return { ...told, reason: `by itself it is "${changed}" with the change: it fails in company only`, isDefect: false };
  if (changed === unchanged)
    return { ...told, reason: `by itself it is "${changed}" without the change as well`, isDefect: false };
  return { ...told, reason: `by itself "${unchanged}" without the change, "${changed}" with it: not chosen`, isDefect: true };
}

/** Twice without a change: what fails then says nothing of a change. */
async function baselineOf(): Promise<ReadonlySet<string>> {
  const both = [await wholeRun(), await wholeRun()];
  limits.ms = Math.ceil(Math.max(60_000, 5 * Math.max(...both.map(({ ms }) => ms))));
  const runs = both.map((one) => new Set(notPassed(one).map(({ path: file }) => file)));
  const all = new Set(runs.flatMap((one) => [...one]));
  const flaky = [...all].filter((file) => !runs.every((one) => one.has(file)));
  if (all.size > flaky.length)
    console.log(`left out, as they do not pass without a change: ${[...all].filter((file) => !flaky.includes(file)).join(", ")}`);
  if (flaky.length > 0) console.log(`left out, as one of two runs without a change failed them: ${flaky.join(", ")}`);
  return all;
}

const cold = (await open({ kind: "all" })).choice;
const runners = [...new Set(cold.tests.map(({ runner }) => runner))].join(", ");
console.log(`${root}: ${cold.of} test files, ${runners}; read in ${cold.ms} ms cold`);
const stopping = { isAsked: false };
process.once("SIGINT", () => (stopping.isAsked = true));
const baseline = await baselineOf();
const tally = { valid: 0, killed: 0, included: 0, broke: 0, brokeUnseen: 0, endless: 0, fallbacks: 0 };
const misses: (Missed & { readonly place: string })[] = [];
const times: { readonly found: number; readonly chosen: number; readonly whole: number; readonly tests: number }[] = [];

async function tryMutation({ file, line, change, restore }: Place): Promise<void> {
  const impacted = await openPaths([file]);
  const some = await run(impacted);
  if (stopping.isAsked) return;
  if (some.evidence === undefined && some.ms > limits.ms) {
    tally.endless++;
    return console.log(`${file}:${line}  the chosen tests do not end: not counted`);
  }
  const whole = await wholeRun();
  if (stopping.isAsked) return;
  const tests = impacted.choice.tests.length;
  const told = `${file}:${line}  ${tests} chosen, ${Math.round(some.ms)} of ${Math.round(whole.ms)} ms`;
  if (brokeLoading(whole)) {
    tally.broke++;
    const isSeen = some.evidence !== undefined && some.evidence.outcome !== "passed";
    if (!isSeen) tally.brokeUnseen++;
    return console.log(
      `${told}  no test passes in all (${whole.evidence?.reason ?? "failures"}); chosen: ${isSeen ? "not passed" : "PASSED"}`,
    );
  }
  const failed = notPassed(whole).filter(({ path: test }) => !baseline.has(test));
  const chosen = new Set(impacted.choice.tests.map(({ path: test }) => test));
  const missed = failed.filter(({ path: test }) => !chosen.has(test));
  tally.valid++;
  tally.fallbacks += impacted.choice.fallbacks.length;
  if (failed.length > 0) tally.killed++;
  if (failed.length > 0 && missed.length === 0) tally.included++;
  times.push({ found: impacted.choice.ms, chosen: some.ms, whole: whole.ms, tests });
  console.log(`${tally.valid}/${tally.killed}. ${told}, ${failed.length} fail in all`);
  for (const one of missed) {
    const explained = await explain(one, { restore, change });
    misses.push({ ...explained, place: `${file}:${line}` });
    console.log(`    ${explained.isDefect ? "MISSED" : "not chosen"}: ${one.path} (${one.outcome}): ${explained.reason}`);
  }
}

for (const { file, line, text } of mutations(root, {
  tests: new Set(cold.tests.map(({ path: test }) => test)),
  seed: Number(seed),
  sources: new RegExp(sources),
})) {
  if (tally.killed >= Number(wanted) || stopping.isAsked) break;
  const place = path.join(root, file);
  const before = readFileSync(place);
  const restore = (): void => writeFileSync(place, before);
  const change = (): void => writeFileSync(place, text);
  try {
    change();
    await tryMutation({ file, line, change, restore });
  } finally {
    restore();
  }
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
};
const middle = (of: (one: (typeof times)[number]) => number): number => median(times.map(of));
const defects = misses.filter(({ isDefect }) => isDefect).length;
const cells = [
  ...[path.basename(root), runners, tally.valid, tally.killed, tally.included, misses.length - defects, defects, tally.broke],
  ...[`${middle(({ tests }) => tests)} of ${cold.of}`, tally.fallbacks],
  ...[middle(({ found }) => found), middle(({ chosen }) => chosen), middle(({ whole }) => whole)].map(Math.round),
  middle(({ chosen, whole }) => whole / chosen).toFixed(1),
];
console.log(
  "\n| project | runner | mutations | fail something | all of it chosen | misses explained | misses | no test passes | tests chosen, median | all, as nothing surer | found, ms | verdict, ms | whole run, ms | times earlier |",
);
console.log(`|${"---|".repeat(cells.length)}\n| ${cells.join(" | ")} |`);
for (const { place, test, reason, isDefect } of misses)
  console.log(`${isDefect ? "MISSED" : "explained"}: ${place} → ${test}: ${reason}`);
if (tally.broke > 0)
  console.log(`Of ${tally.broke} changes after which no test passes, the chosen tests passed after ${tally.brokeUnseen}.`);
if (tally.endless > 0) console.log(`${tally.endless} changes made the chosen tests endless and are not counted.`);
rmSync(state, { recursive: true, force: true });
process.exitCode = defects === 0 && tally.brokeUnseen === 0 ? 0 : 1;
