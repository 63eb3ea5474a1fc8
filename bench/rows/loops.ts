/**
 * A loop of 20 tool rounds on the wires without a memory, where every request carries the whole conversation: bytes sent, processor
 * time, and the time of a round. Beside the floor.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ScenarioInput, Sim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";

export interface LoopPlace {
  readonly sim: Sim;
  readonly root: string;
  readonly folder: string;
  readonly command: readonly string[];
  /** The bundled floor program. */
  readonly floor: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const roundCount = 20;
const prompt = "bench:loop";

interface Loop {
  readonly bytes: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly rounds: readonly number[];
}

interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the client is told to read. */
export const loopScenario: ScenarioInput = {
  answers: [
    {
      when: { prompt },
      reply: [
        ...Array.from({ length: roundCount }, (_, index) => ({
          call: { name: "read", arguments: { path: "small.txt", lines: index + 1 } },
        })),
        { text: "Done." },
      ],
    },
    { reply: [{ text: "Yes." }] },
  ],
};

export async function* loopRows(place: LoopPlace, samples: number): AsyncGenerator<Row> {
  for (const wire of ["chat", "messages"] as const) {
    const provider = wire === "chat" ? "sim-chat" : "sim-messages";
    const ours: Program = {
      command: [...place.command, "run", "-m", `${provider}/scripted`, prompt],
      env: place.env,
    };
    const floor: Program = { command: [...place.floor, wire, place.sim.url, prompt], env: place.env };
    const name = wire === "chat" ? "Chat Completions" : "Messages";
    const measured = await inTurn(place, samples, [ours, floor]);
    yield* rowsOf(`${name}, 20 rounds`, measured[0]!, measured[1]!);
  }
}

function* rowsOf(what: string, ours: readonly Loop[], floor: readonly Loop[]): Generator<Row> {
  const pair = (of: (loop: Loop) => readonly number[]) => ({ ours: ours.flatMap(of), floor: floor.flatMap(of) });
  yield { what: `${what}: bytes sent`, unit: "KB", ...pair(({ bytes }) => [bytes / 1000]), budget: 150 };
  yield { what: `${what}: processor time`, unit: "ms", ...pair(({ cpuMs }) => [cpuMs]), budget: 300 };
  yield { what: `${what}: start to end`, unit: "ms", ...pair(({ wallMs }) => [wallMs]) };
  yield { what: `${what}: one round`, unit: "ms", ...pair(({ rounds }) => rounds) };
}

/** Each once to fill what is kept between runs, then all of them in turn. */
async function inTurn(place: LoopPlace, samples: number, programs: readonly Program[]): Promise<Loop[][]> {
  for (const program of programs) await run(place, program);
  const loops: Loop[][] = programs.map(() => []);
  for (let sample = 0; sample < samples; sample++)
    for (const [index, program] of programs.entries()) loops[index]?.push(await run(place, program));
  return loops;
}

/** The shell measures what a program and all its children took. */
const measured = 'TIMEFORMAT="%U %S"; { time "$@" >"$BENCH_SAID" 2>&1; } 2>"$BENCH_TIMES"';

async function run({ sim, root, folder }: LoopPlace, { command, env }: Program): Promise<Loop> {
  const files = mkdtempSync(join(root, "run-"));
  const [said, times] = [join(files, "said"), join(files, "times")];
  const from = performance.now();
  const inherited = { PATH: process.env["PATH"], HOME: process.env["HOME"], BENCH_SAID: said, BENCH_TIMES: times };
  const child = spawn("bash", ["-c", measured, "bash", ...command], {
    cwd: folder,
    env: { ...inherited, ...env },
    stdio: "ignore",
  });
  await new Promise((resolve) => child.on("close", resolve));
  const wallMs = performance.now() - from;
  const requests = sim.requests.filter(({ kind, at }) => (kind === "chat" || kind === "messages") && at >= from);
  if (requests.length < roundCount + 1)
    throw new Error(`${command.join(" ")} asked ${requests.length} times: ${readFileSync(said, "utf8").slice(0, 2000)}`);
  const [user, system] = readFileSync(times, "utf8").trim().split("\n").at(-1)!.split(" ").map(Number);
  return {
    wallMs,
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    cpuMs: 1000 * ((user ?? Number.NaN) + (system ?? Number.NaN)),
    rounds: requests.slice(1).map(({ at }, index) => at - (requests[index]?.endedAt ?? Number.NaN)),
  };
}
