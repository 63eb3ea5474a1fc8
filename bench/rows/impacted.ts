/**
 * Rows of impacted tests: how long they are looked for among 2,000 files, as the command says it. The floor of each is what no look can do
 * without: git's list of files, and a question to the disk for each, in the same kind of process; of the first look the bytes of each as well.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTesting } from "@twolane/engine/test";
import type { Row } from "../figures.ts";
import { writeSourceRepository } from "../source-repository.ts";

/** The engine compiles its ways in the first looks of a process. */
const warmRounds = 5;
/** What is said to have changed, a new line in it each time. */
const fileAt = (round: number): string => `packages/p${round % 10}/src/d3/f${45 + (round % 15)}.ts`;

export async function* impactedRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const cwd = join(root, "work");
  mkdirSync(cwd);
  writeSourceRepository(cwd);
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    XDG_STATE_HOME: join(root, "state"),
    XDG_CONFIG_HOME: join(root, "config"),
  };
  const command = join(repository, "packages/cli/bin/twolane.cjs");
  const bare = join(repository, "bench/floor/look.cjs");
  const change = (round: number): string => {
    appendFileSync(join(cwd, fileAt(round)), `// ${round}\n`);
    return fileAt(round);
  };
  const ours = (round: number): number => {
    const said = execFileSync(process.execPath, [command, "test", "--list", "--json", change(round)], {
      cwd,
      env,
      encoding: "utf8",
    });
    return readMs(said);
  };
  const floor = (...args: readonly string[]): number =>
    Number(execFileSync(process.execPath, [bare, ...args], { cwd, encoding: "utf8" }));
  try {
    const [first, next, warm] = [pair(), pair(), pair()];
    for (let round = 0; round < samples; round++) {
      rmSync(env.XDG_STATE_HOME, { recursive: true, force: true });
      first.ours.push(ours(round));
      first.floor.push(floor("1", "bytes"));
      next.ours.push(ours(round));
      next.floor.push(floor("1"));
    }
    yield { what: "impacted tests among 2,000 files, first look", unit: "ms", ...first, budget: 300 };
    yield { what: "the same in a new process, by what was kept", unit: "ms", ...next };
    for (let round = 0; round < samples + warmRounds; round++) {
      const opened = await openTesting({ cwd, env, of: { kind: "paths", paths: [join(cwd, change(round))] } });
      if (!opened.ok) throw new Error(opened.failure.message);
      if (round < warmRounds) continue;
      warm.ours.push(opened.value.choice.ms);
      warm.floor.push(floor(String(warmRounds)));
    }
    yield { what: "the same in a process that goes on, a file having changed", unit: "ms", ...warm, budget: 30 };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const pair = (): { readonly ours: number[]; readonly floor: number[] } => ({ ours: [], floor: [] });

function readMs(said: string): number {
  const told: unknown = JSON.parse(said);
  if (typeof told !== "object" || told === null || !("choice" in told)) throw new Error(`not a choice: ${said.slice(0, 200)}`);
  const { choice } = told;
  if (typeof choice !== "object" || choice === null || !("ms" in choice)) throw new Error("a choice without its time");
  return Number(choice.ms);
}
