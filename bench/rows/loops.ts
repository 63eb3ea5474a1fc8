/**
 * A loop of 20 tool rounds on the wires without a memory, where every request carries the whole conversation: bytes sent, processor
 * time, and the time of a round. Beside the floor, and beside other harnesses where BENCH_PEERS names some.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ScenarioInput, Sim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import { type Peer, peersOf } from "../peers/peers.ts";

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
const prompt = (who: string): string => `bench:loop ${who}`;

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

/** What each client is told to read, with the tool that it has. */
export function loopScenario(folder: string): ScenarioInput {
  const file = join(folder, "small.txt");
  const answers = (["chat", "messages"] as const).flatMap((wire) => {
    const own = { name: "twolane", tool: "read", reads: (_: string, lines: number) => ({ path: "small.txt", lines }) };
    return [own, ...peersOf(wire, process.env["BENCH_PEERS"])].map(({ name, tool, reads }) => ({
      when: { prompt: prompt(name), wire },
      reply: [
        ...Array.from({ length: roundCount }, (_, index) => ({
          call: { name: tool, arguments: { ...reads(file, index + 1) } },
        })),
        { text: "Done." },
      ],
    }));
  });
  return { answers: [...answers, { reply: [{ text: "Yes." }] }] };
}

export async function* loopRows(place: LoopPlace, samples: number): AsyncGenerator<Row> {
  for (const wire of ["chat", "messages"] as const) {
    const provider = wire === "chat" ? "sim-chat" : "sim-messages";
    const ours: Program = {
      command: [...place.command, "run", "-m", `${provider}/scripted`, prompt("twolane")],
      env: place.env,
    };
    const floor: Program = { command: [...place.floor, wire, place.sim.url, prompt("twolane")], env: place.env };
    const name = wire === "chat" ? "Chat Completions" : "Messages";
    const measured = await inTurn(place, samples, [ours, floor]);
    yield* rowsOf(`${name}, 20 rounds`, measured[0]!, measured[1]!);
    for (const peer of peersOf(wire, process.env["BENCH_PEERS"])) {
      const both = await inTurn(place, Math.min(samples, 5), [ours, peerProgram(peer, place)]);
      yield* rowsOf(`${name}, 20 rounds, ${peer.name} as the floor`, both[0]!, both[1]!);
    }
  }
}

function* rowsOf(what: string, ours: readonly Loop[], floor: readonly Loop[]): Generator<Row> {
  const pair = (of: (loop: Loop) => readonly number[]) => ({ ours: ours.flatMap(of), floor: floor.flatMap(of) });
  yield { what: `${what}: bytes sent`, unit: "KB", ...pair(({ bytes }) => [bytes / 1000]), budget: 150 };
  yield { what: `${what}: processor time`, unit: "ms", ...pair(({ cpuMs }) => [cpuMs]), budget: 300 };
  yield { what: `${what}: start to end`, unit: "ms", ...pair(({ wallMs }) => [wallMs]) };
  yield { what: `${what}: one round`, unit: "ms", ...pair(({ rounds }) => rounds) };
}

function peerProgram(peer: Peer, { root, folder, sim }: LoopPlace): Program {
  const installed = process.env["BENCH_PEERS"] ?? "";
  const home = join(root, `home-${peer.name}-${peer.wire}`);
  mkdirSync(home, { recursive: true });
  const place = { installed, url: sim.url, folder, home };
  peer.prepare?.(place);
  const program = join(installed, "node_modules/.bin", peer.program);
  return { command: [program, ...peer.args(prompt(peer.name))], env: { HOME: home, ...peer.env(place) } };
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
