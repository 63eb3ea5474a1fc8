/**
 * The rows of the deep lane: echo and stop while a job keeps every processor busy, beside the same without one; from the command to the private copy of 50,000 files that is ready to work in. The floor is git's own clone
 * that borrows its objects.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import { writeHugeRepository } from "../huge-repository.ts";
import type { PtyProgram } from "../pty.ts";
import { stopTime } from "./keys.ts";
import { type ScreenPlace, openReady } from "./screen.ts";

/** Each copies a whole repository twice. */
const mostSamples = 5;

export async function* deepRows(repository: string, samples: number): AsyncGenerator<Row> {
  yield* await busyRows(repository);
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const huge = join(root, "huge");
  writeHugeRepository(huge);
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  execFileSync("git", ["-C", huge, ...who, "commit", "-qm", "all"]);
  // Twenty files are not as in the last commit.
  for (let index = 0; index < 20; index++)
    writeFileSync(join(huge, `d${index}`, `f${index}.ts`), `export const n${index} = "changed";\n`);
  const answers = [{ when: { prompt: "." }, reply: [{ text: "There is nothing to do." }] }];
  const sim = await startSim({ port: 0, scenario: { answers } });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: root, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: join(root, "state"), XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
  };
  const deep = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [join(repository, "packages/cli/bin/twolane.cjs"), "deep", ...words], {
      cwd: huge,
      env,
      encoding: "utf8",
    });
  const [ours, floor]: number[][] = [[], []];
  try {
    for (let round = 0; round < Math.min(samples, mostSamples); round++) {
      const target = join(root, "clone");
      const began = performance.now();
      execFileSync("git", ["clone", "-q", "--shared", huge, target]);
      floor?.push(performance.now() - began);
      rmSync(target, { recursive: true });
      const asked = Date.now();
      const [job = ""] = /\bd\d+\b/.exec(deep("-m", "sim/scripted", "--steps", "1", "change nothing")) ?? [];
      ours?.push(preparedAt(deep("tail", job, "--json")) - asked);
      deep("drop", job);
    }
    yield {
      what: "deep job among 50,000 files: command → private copy ready",
      unit: "ms",
      ours: ours ?? [],
      floor: floor ?? [],
      timesFloor: 1.5,
    };
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

const echoes = 100;
const stops = 15;

/** Echoes of keys in one session, and stops in sessions of their own: before a job runs, and while its commands keep two processors busy. */
async function busyRows(repository: string): Promise<readonly Row[]> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const cwd = join(root, "small");
  mkdirSync(join(cwd, ".twolane"), { recursive: true });
  writeFileSync(join(cwd, ".twolane/policy.yaml"), 'version: 1\ncommands:\n  - allow: ["**"]\n');
  const busy = { name: "run", arguments: { command: "sh -c 'while :; do :; done' & while :; do :; done", timeout: 300 } };
  const talk = { reply: [{ repeat: 5000, steps: [{ text: "ipsum " }] }], pace: { tokensPerSecond: 200 } };
  const answers = [{ when: { prompt: "Goal: " }, reply: [{ call: busy }] }, talk];
  const sim = await startSim({ port: 0, scenario: { answers } });
  const env = {
    ...{ PATH: process.env["PATH"] ?? "", HOME: root, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: join(root, "state"), XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
  };
  const command = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")];
  const run = (...words: readonly string[]): string =>
    execFileSync(command[0] ?? "", [...command.slice(1), ...words], { cwd, env, encoding: "utf8" });
  run("trust");
  const place: ScreenPlace = {
    sim,
    cwd,
    env,
    size: { cols: 80, rows: 24 },
    ours: [...command, "-m", "sim/scripted"],
    oursByChat: [...command, "-m", "sim-chat/scripted"],
    bare: [],
    talker: [],
  };
  const program = await openReady(place, place.ours);
  try {
    const floor = await echoTimes(program);
    const stopFloor = await stopTimes(place);
    run("deep", "-m", "sim/scripted", "keep busy");
    while (!run("deep", "list").includes("planning")) await pause(100);
    await pause(1500);
    const ours = await echoTimes(program);
    const stopped = await stopTimes(place);
    return [
      { what: "echo of a key while a deep job keeps all processors busy", unit: "ms", ours, floor, timesFloor: 1.5 },
      {
        what: "stop key → the server sees it, while a deep job does",
        unit: "ms",
        ours: stopped,
        floor: stopFloor,
        timesFloor: 1.5,
      },
    ];
  } finally {
    await program.end();
    run("deep", "stop");
    while (run("deep", "list").includes("running")) await pause(100);
    await sim.close();
    // Its last files are written behind its end.
    await pause(500);
    rmSync(root, { recursive: true, force: true });
  }
}

async function echoTimes(program: PtyProgram): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < echoes; index++) {
    const key = "abcdefghij"[index % 10] ?? "a";
    const echoed = program.seen(key);
    const at = program.press(key);
    times.push((await echoed) - at);
    await pause(20);
  }
  return times;
}

async function stopTimes(place: ScreenPlace): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < stops; index++) times.push(await stopTime(place, place.oursByChat));
  return times;
}

function preparedAt(lines: string): number {
  for (const line of lines.split("\n")) {
    const event: { readonly type?: string; readonly at?: number } = line === "" ? {} : JSON.parse(line);
    if (event.type === "job.prepared" && event.at !== undefined) return event.at;
  }
  throw new Error("the copy was never ready");
}
