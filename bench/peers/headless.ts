/** Each harness without a terminal: start, tool rounds, bytes, processor time and memory of the process tree, and the whole. */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Collected, type Contender, type Course, reasonOf } from "./bench.ts";
import { endTree, watchMemory } from "./process-tree.ts";
import { readsPrompt } from "./scenario.ts";
import { median } from "./table.ts";

export const headlessHeads = [
  { key: "start", what: "headless: start → first request", unit: "ms" },
  { key: "round", what: "tool round: last byte in → next request out (read)", unit: "ms" },
  { key: "bytes", what: "bytes sent for 41 requests of one turn", unit: "KB" },
  { key: "cpu", what: "processor time of the tree, 20 rounds", unit: "ms" },
  { key: "peak", what: "peak memory of the tree, 20 rounds", unit: "MB" },
  { key: "wall", what: "40 rounds, the model answers at once: start → end", unit: "ms" },
] as const;

const patienceMs = 90_000;

interface Run {
  readonly wallMs: number;
  readonly startMs: number;
  readonly roundMs: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** Once to fill what is kept between runs, then all in turn. Who fails at first is out. */
export async function measureHeadless(contenders: readonly Contender[], collected: Collected, course: Course): Promise<void> {
  const running: Contender[] = [];
  for (const contender of contenders) {
    const { name } = contender.client;
    course.say(`headless: first run of ${name}`);
    try {
      await run(contender, 1, "time");
      running.push(contender);
    } catch (error) {
      for (const { key } of headlessHeads) collected.note(key, name, `not driven: ${reasonOf(error)}`);
      course.say(`headless: ${name} is out: ${reasonOf(error)}`);
    }
  }
  for (let sample = 0; sample < course.samples; sample++) {
    for (const contender of running) {
      if (performance.now() > course.deadline) return course.say("headless: out of time");
      course.say(`headless: ${sample + 1} of ${course.samples}, ${contender.client.name}`);
      await sampleOf(contender, collected);
      course.keep();
    }
  }
}

async function sampleOf(contender: Contender, collected: Collected): Promise<void> {
  const { name } = contender.client;
  const measure = async (keys: readonly string[], work: () => Promise<Readonly<Record<string, number>>>): Promise<void> => {
    try {
      for (const [key, value] of Object.entries(await work())) collected.add(key, name, value);
    } catch (error) {
      for (const key of keys) collected.note(key, name, reasonOf(error));
    }
  };
  await measure(["start", "round"], async () => {
    const { startMs, roundMs } = await run(contender, 20, "time");
    return { start: startMs, round: roundMs };
  });
  await measure(["bytes", "wall"], async () => {
    const { bytes, wallMs } = await run(contender, 40, "time");
    return { bytes: bytes / 1000, wall: wallMs };
  });
  await measure(["cpu", "peak"], async () => {
    const { cpuMs, peakMb } = await run(contender, 20, "usage");
    return { cpu: cpuMs, peak: peakMb };
  });
}

/** The shell measures what a program and all its children took. */
const timed = 'TIMEFORMAT="%3U %3S"; { time "$@" >"$BENCH_SAID" 2>&1; } 2>"$BENCH_TIMES"';

async function run(contender: Contender, rounds: number, what: "time" | "usage"): Promise<Run> {
  const { client, place, log, env, mark } = contender;
  const files = mkdtempSync(join(place.home, "run-"));
  const [said, times] = [join(files, "said"), join(files, "times")];
  const command = client.headless(place, readsPrompt(client.name, rounds));
  const [program = "", ...args] = what === "usage" ? ["bash", "-c", timed, "bash", ...command] : command;
  const sink = openSync(said, "w");
  const memory = what === "usage" ? watchMemory(mark) : undefined;
  const from = performance.now();
  const child = spawn(program, args, {
    cwd: place.folder,
    env: { ...env, BENCH_SAID: said, BENCH_TIMES: times },
    stdio: ["ignore", sink, sink],
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void endTree(mark);
  }, patienceMs);
  await new Promise<void>((resolve, reject) => void child.once("close", () => resolve()).once("error", reject)).finally(() => {
    clearTimeout(timer);
    closeSync(sink);
  });
  const wallMs = performance.now() - from;
  const peakMb = memory?.stop() ?? Number.NaN;
  await endTree(mark);
  const asks = log.asksSince(from);
  const main = asks.filter(({ isMain }) => isMain);
  if (isLate) throw new Error(`not done after ${patienceMs / 1000} s`);
  if (main.length < rounds + 1) throw new Error(`${main.length} of ${rounds + 1} requests: ${lastLine(said)}`);
  return {
    wallMs,
    peakMb,
    startMs: (main[0]?.at ?? Number.NaN) - from,
    roundMs: median(main.slice(1).map(({ at }, index) => at - (main[index]?.endedAt ?? Number.NaN))),
    bytes: asks.reduce((sum, { bytes }) => sum + bytes, 0),
    cpuMs: what === "usage" ? processorMs(readFileSync(times, "utf8")) : Number.NaN,
  };
}

const lastLine = (file: string): string => readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";

/** Of the shell's last line: user and system, in seconds. */
export function processorMs(times: string): number {
  const [user = Number.NaN, system = Number.NaN] = (times.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return 1000 * (user + system);
}
