/** Runs chosen tests, package by package, and says what came of them, bound to the bytes that were tested. Chooses nothing. */
import path from "node:path";
import { type ChosenTest, type Evidence, type TestFailure, type TestedFile } from "@twolane/protocol";
import type { Processes, RunOutcome } from "../host/process.ts";
import { sha256 } from "../std/hash.ts";
import type { FoundRunner, ProjectFiles, RanTest, TestPackage } from "./evidence.ts";
import { shortFailure } from "./failure-text.ts";

export interface RunInput {
  readonly files: ProjectFiles;
  /** Runs a program in the workspace; where it may write and whom it may call is decided there. */
  readonly processes: Processes;
  readonly packages: readonly TestPackage[];
  readonly chosen: readonly ChosenTest[];
  readonly changed: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Nobody waits for them: everybody else goes first. */
  readonly yields: boolean;
  readonly now: () => number;
}

/** Test files in one call of a runner: a command line has its limit. */
const perCall = 250;
const outputLimit = 16 * 1024 * 1024;

/** The files whose bytes the evidence is about. */
function testedPaths({ packages, chosen, changed }: Pick<RunInput, "packages" | "chosen" | "changed">): readonly string[] {
  const homes = packages.filter(({ tests }) => chosen.some(({ path: test }) => tests.includes(test)));
  const settings = homes.flatMap(({ folder, runner }) =>
    runner.settings.map((name) => (folder === "" ? name : `${folder}/${name}`)),
  );
  return [...new Set([...changed, ...chosen.map(({ path: test }) => test), ...settings])].toSorted();
}

/** Of the contents of these files; one that is not there counts as that. */
function contentHash(files: ProjectFiles, paths: readonly string[]): string {
  return sha256(paths.map((file) => `${file}\0${files.digest(file) ?? "none"}\n`).join(""));
}

/** Digests of the changed files beside the evidence. Undefined: it was stopped. */
export async function runTests(
  input: RunInput,
): Promise<{ readonly evidence: Evidence; readonly contents: ReadonlyMap<string, string> } | undefined> {
  const contents = new Map(input.changed.map((file) => [file, input.files.digest(file) ?? "none"]));
  const evidence = await runAll(input);
  return evidence && { evidence, contents };
}

async function runAll(input: RunInput): Promise<Evidence | undefined> {
  const began = input.now();
  const paths = testedPaths(input);
  const hash = contentHash(input.files, paths);
  const files: TestedFile[] = [];
  const failures: TestFailure[] = [];
  const reasons: string[] = [];
  for (const package_ of input.packages) {
    const tests = input.chosen.filter(({ path: test }) => package_.tests.includes(test)).map(({ path: test }) => test);
    for (let at = 0; at < tests.length; at += perCall) {
      if (input.signal.aborted) return undefined;
      const part = tests.slice(at, at + perCall);
      const ran = await runPart(input, package_, part);
      if (ran === undefined) return undefined;
      files.push(...part.map((test) => testedFile(test, ran.tests)));
      failures.push(
        ...ran.tests.flatMap(({ path: file, failure }) => (failure === undefined ? [] : [{ path: file, ...failure }])),
      );
      if (ran.reason !== undefined) reasons.push(ran.reason);
    }
  }
  const counts = { passed: sum(files, "passed"), failed: sum(files, "failed"), skipped: sum(files, "skipped") };
  const ms = Math.round(input.now() - began);
  const [failure] = failures;
  const whole = { hash, counts, files, ms, ...(failure && { failure }) };
  if (contentHash(input.files, paths) !== hash)
    return { ...whole, outcome: "void", reason: "Files changed while their tests ran." };
  return { ...whole, ...verdictOf(counts, files, reasons) };
}

function verdictOf(
  counts: Evidence["counts"],
  files: readonly TestedFile[],
  reasons: readonly string[],
): Pick<Evidence, "outcome" | "reason"> {
  const [reason] = reasons;
  if (counts.failed > 0) return { outcome: "failed", ...(reason !== undefined && { reason }) };
  const missing = files.filter(({ outcome }) => outcome === "not run");
  if (reason !== undefined) return { outcome: "not run", reason };
  if (missing[0] !== undefined) {
    const more = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
    return { outcome: "not run", reason: `${missing[0].path}${more} held no test that ran.` };
  }
  return counts.passed === 0 ? { outcome: "not run", reason: "No test ran." } : { outcome: "passed" };
}

interface RanPart {
  readonly tests: readonly RanTest[];
  /** Why the runner's word does not count as passed. */
  readonly reason?: string;
}

async function runPart(input: RunInput, { folder, runner }: TestPackage, tests: readonly string[]): Promise<RanPart | undefined> {
  const inside = tests.map((test) => test.slice(folder === "" ? 0 : folder.length + 1));
  const start = runner.start(inside);
  if (start === undefined) return { tests: [], reason: `${runner.name} is not installed. ${runner.cure}` };
  const cwd = path.join(input.files.root, folder);
  const outcome = await input.processes.run({
    ...{ command: start.command, args: start.args, cwd, outputLimit, signal: input.signal, timeoutMs: input.timeoutMs },
    // A runner that was started by a runner would report to that one.
    env: { ...start.env, NODE_TEST_CONTEXT: undefined, VITEST: undefined, JEST_WORKER_ID: undefined },
    endsWithUs: true,
    yields: input.yields,
  });
  if (outcome.kind === "missing") return { tests: [], reason: `${start.command} could not be started. ${runner.cure}` };
  if (outcome.kind === "killed" && outcome.why === "stopped") return undefined;
  const { stdout, stderr } = outcome;
  const status = outcome.kind === "exited" ? outcome.status : 1;
  const place = (file: string): string => (folder === "" ? file : `${folder}/${file}`);
  const ran = runner
    .parse({ stdout, stderr, status, folder: cwd, tests: inside })
    .map((one) => ({ ...one, path: place(one.path) }));
  const reason = reasonOf(outcome, ran, { runner, seconds: Math.round(input.timeoutMs / 1000) });
  return { tests: ran, ...(reason !== undefined && { reason }) };
}

function reasonOf(
  outcome: RunOutcome,
  ran: readonly RanTest[],
  { runner: { name, cure }, seconds }: { readonly runner: Pick<FoundRunner, "name" | "cure">; readonly seconds: number },
): string | undefined {
  if (outcome.kind === "missing") return undefined;
  if (outcome.kind === "killed") {
    return outcome.why === "timeout" ? `${name} did not end within ${seconds} s and was ended.` : `${name} was killed.`;
  }
  if (outcome.status === 0 || ran.some(({ failed }) => failed > 0)) return undefined;
  if (ran.length === 0 && isNotThere(outcome)) return `${name} is not installed. ${cure}`;
  const said =
    shortFailure({ name: "", text: outcome.stderr || outcome.stdout, folder: "", test: "" }).message.split("\n")[0] ?? "";
  return `${name} ended with status ${outcome.status}${said === "" ? "" : `: ${said}`}`;
}

/** What the shell and Python say of what they cannot find. */
const isNotThere = ({ status, stderr }: { readonly status: number; readonly stderr: string }): boolean =>
  status === 127 || /: No module named pytest$/m.test(stderr);

function testedFile(test: string, ran: readonly RanTest[]): TestedFile {
  const one = ran.find(({ path: file }) => file === test);
  const { passed = 0, failed = 0, skipped = 0 } = one ?? {};
  const outcome = failed > 0 ? "failed" : passed > 0 ? "passed" : skipped > 0 ? "skipped" : "not run";
  return { path: test, passed, failed, skipped, outcome };
}

const sum = (files: readonly TestedFile[], key: "passed" | "failed" | "skipped"): number =>
  files.reduce((total, file) => total + file[key], 0);
