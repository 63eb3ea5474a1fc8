/** The rows of the terminal: the screen that a person has before them, measured through a pty at two sizes. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScenarioInput, startSim } from "@twolane/responses/sim";
import { bundleFloor } from "./bundle-floor.ts";
import type { Row } from "./figures.ts";
import { writeHugeRepository } from "./huge-repository.ts";
import type { Size } from "./pty.ts";
import { completionRows } from "./rows/completion.ts";
import { keyRows, manyHunks, writeHunksFile } from "./rows/keys.ts";
import { type ScreenPlace, answerEnd, echoRows, startRows, warmCache, wireRows } from "./rows/screen.ts";
import { historyRows, memoryRows, workPatch } from "./rows/session.ts";

const sizes = [
  { cols: 80, rows: 24 },
  { cols: 200, rows: 60 },
] as const satisfies readonly Size[];

/** What is measured, by a name for `BENCH_ONLY`. `samples`: how often what takes long is measured; quick things more often. */
const groups: Readonly<Record<string, (place: TerminalPlace, samples: number) => Promise<Row[]>>> = {
  start: (place, samples) => startRows(place, samples * 2),
  echo: (place) => echoRows(place, 200),
  wire: (place, samples) => wireRows(place, Math.ceil(samples / 5)),
  keys: (place, samples) => keyRows(place, samples),
  memory: (place, samples) => memoryRows(place, Math.ceil(samples / 10)),
  history: (place) => historyRows(place),
  completion: (place, samples) => completionRows(place.huge(place), samples),
};

interface TerminalPlace extends ScreenPlace {
  readonly huge: (place: ScreenPlace) => ScreenPlace;
}

/** Yields each row as soon as it is measured. */
export async function* terminalRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const cwd = join(root, "small");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "small.txt"), "one line\n");
  const sim = await startSim({ port: 0, scenario: scenario() });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    TWOLANE_SIM_URL: sim.url,
    XDG_STATE_HOME: join(root, "state"),
    XDG_CACHE_HOME: join(root, "cache"),
    XDG_CONFIG_HOME: join(root, "config"),
  };
  const command = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")];
  const place = {
    ...{ sim, cwd, env, huge: hugeRepository(root) },
    ours: [...command, "-m", "sim/scripted"],
    oursByChat: [...command, "-m", "sim-chat/scripted"],
    bare: [process.execPath, join(repository, "bench/floor/terminal.cjs")],
    talker: [process.execPath, await bundleFloor(repository, { name: "talk", into: root }), sim.url],
  };
  const only = new RegExp(process.env["BENCH_ONLY"] ?? "");
  writeHunksFile(cwd);
  try {
    await warmCache({ ...place, size: sizes[0] });
    for (const [name, measure] of Object.entries(groups)) {
      if (!only.test(name)) continue;
      for (const size of sizes) yield* await measure({ ...place, size }, samples);
    }
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** The place in a repository of 50,000 files, made when it is asked for the first time; the floor knows its paths. */
function hugeRepository(root: string): (place: ScreenPlace) => ScreenPlace {
  const cwd = join(root, "huge");
  const list = join(root, "paths");
  return (place) => {
    if (!existsSync(cwd)) {
      writeHugeRepository(cwd);
      writeFileSync(list, execFileSync("git", ["-C", cwd, "ls-files"], { maxBuffer: 64 * 1024 * 1024 }));
    }
    return { ...place, cwd, bare: [...place.bare, list] };
  };
}

function scenario(): ScenarioInput {
  const words = ["lorem", "ipsum", "dolor", "sit", "amet", "consetetur", "sadipscing", "elitr", "sed", "diam", "nonumy"];
  const line = [...words.map((word) => ({ text: ` ${word}` })), { text: "\n" }];
  const long = (tokens: number, end = answerEnd()) => [{ repeat: Math.floor(tokens / line.length), steps: line }, { text: end }];
  return {
    answers: [
      { when: { prompt: "short$" }, reply: [{ text: "Yes." }] },
      { when: { prompt: "fast$" }, reply: long(12_000), pace: { tokensPerSecond: 4000 } },
      { when: { prompt: "burst (\\d+)$" }, reply: long(20_000, answerEnd("$1")) },
      {
        when: { prompt: "hunks$" },
        reply: [{ call: { name: ["edit"], input: manyHunks() } }, { text: "Yes." }],
        pace: { tokensPerSecond: 3000 },
      },
      {
        when: { prompt: "work (\\d+) (\\d+)$" },
        reply: [
          { text: "I shall look at it first, and then change it.\n" },
          { call: { name: "read", arguments: { path: "work.ts" } } },
          { text: "Five places.\n" },
          { call: { name: ["edit"], input: workPatch("$1", "$2") } },
          { text: "Now $2." },
        ],
      },
      // Over soon after it was stopped: where a stop leaves an answer to itself, each block of keys would stream beside all before it.
      { when: { prompt: "talk a little$" }, reply: long(4000), pace: { tokensPerSecond: 1000 } },
      { reply: long(60_000), pace: { tokensPerSecond: 1000 } },
    ],
  };
}
