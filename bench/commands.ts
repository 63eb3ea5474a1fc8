/**
 * The rows of commands: a round through the sandbox, and finding what a command changed among 50,000 files. The floor is bubblewrap alone; of a
 * scan, git's list of the files and a question to the disk for each.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSim } from "@twolane/responses/sim";
import { startClient } from "./client.ts";
import type { Row } from "./figures.ts";
import { writeHugeRepository } from "./huge-repository.ts";

/** The first rounds try the sandbox and look at the folder. */
const warmRounds = 3;

export async function* commandRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const [small, huge] = [join(root, "small"), join(root, "huge")];
  mkdirSync(small);
  writeHugeRepository(huge);
  const rounds = samples + warmRounds;
  const call = (argv: readonly string[]) => ({ call: { name: "run", arguments: { argv } } });
  const numbered = (make: (round: string) => readonly string[]) =>
    Array.from({ length: rounds }, (_, round) => call(make(String(round))));
  const sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        { when: { prompt: "^bench:reads$" }, reply: [...numbered((round) => ["sh", "-c", "true", round]), { text: "Done." }] },
        { when: { prompt: "^bench:writes$" }, reply: [...numbered((round) => ["touch", `new-${round}`]), { text: "Done." }] },
      ],
    },
  });
  const env = {
    TWOLANE_SIM_URL: sim.url,
    HOME: root,
    ...{ XDG_STATE_HOME: join(root, "state"), XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
  };
  const ask = async (cwd: string, prompt: string): Promise<readonly Timed[]> => {
    const command = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs"), "run", "--trust", "--json"];
    const client = startClient([...command, "--allow-command", "touch **", "-m", "sim/scripted", prompt], { cwd, env });
    client.process.stdin?.end();
    await client.done;
    return client.lines.map((line): Timed => JSON.parse(line));
  };
  try {
    const floor = await bareRounds(samples);
    const reads = times(await ask(small, "bench:reads"), "tool.started", "tool.ended").slice(warmRounds);
    yield {
      what: "sandboxed command round: call in → result out (sh -c true)",
      unit: "ms",
      ours: reads,
      floor,
      budget: 12,
      setAtFloor: 7.8,
    };
    const large = times(await ask(huge, "bench:reads"), "tool.started", "tool.ended").slice(warmRounds);
    yield { what: "the same among 50,000 files", unit: "ms", ours: large, floor };
    const writes = await ask(huge, "bench:writes");
    const before = times(writes, "tool.started", "command.started").slice(warmRounds);
    const looks = bareLooks(repository, huge, samples);
    yield { what: "before a command that writes: a scan of 50,000 files", unit: "ms", ours: before, floor: looks, budget: 150 };
    const after = times(writes, "command.ended", "tool.ended").slice(warmRounds);
    yield { what: "finding what it changed among 50,000 files", unit: "ms", ours: after, floor: looks, budget: 150 };
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Timed {
  readonly type: string;
  readonly mono: number;
}

function times(events: readonly Timed[], from: string, to: string): number[] {
  const ends = events.filter(({ type }) => type === to);
  return events.filter(({ type }) => type === from).flatMap(({ mono }, at) => (ends[at] ? [ends[at].mono - mono] : []));
}

/** The last of three looks in a process each time: by then the ways are compiled, as in ours. */
const bareLooks = (repository: string, cwd: string, samples: number): number[] =>
  Array.from({ length: samples }, () =>
    Number(execFileSync(process.execPath, [join(repository, "bench/floor/look.cjs"), "3"], { cwd, encoding: "utf8" })),
  );

async function bareRounds(samples: number): Promise<number[]> {
  const walls = [
    "--die-with-parent",
    "--new-session",
    "--unshare-all",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
  ];
  const found: number[] = [];
  for (let sample = 0; sample < samples + warmRounds; sample++) {
    const started = performance.now();
    const child = spawn("bwrap", [...walls, "sh", "-c", "true"], { stdio: ["ignore", "pipe", "pipe"] });
    await new Promise((resolve) => child.once("close", resolve));
    found.push(performance.now() - started);
  }
  return found.slice(warmRounds);
}
