/** Rows measured from the side of the simulated model: start, rounds, bytes, stop, steer. Floor and ours in turn, in one run. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sim } from "@twolane/responses/sim";
import { type Client, startClient } from "../client.ts";
import type { Row } from "../figures.ts";

export interface WirePlace {
  readonly sim: Sim;
  readonly folder: string;
  /** The installed command. */
  readonly command: readonly string[];
  /** The bundled floor program. */
  readonly floor: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Asks for 20 reads, one a round. */
const roundsPrompt = (rounds: number): string => `bench:reads ${rounds}`;

type Request = Sim["requests"][number];
const isAnswerable = (request: Request): boolean => request.kind === "responses" || request.kind === "chat";

/** Everything that the simulated model was asked while `work` ran. */
async function requestsOf(sim: Sim, work: () => Promise<unknown>): Promise<Request[]> {
  const from = performance.now();
  await work();
  return sim.requests.filter((request) => isAnswerable(request) && request.at >= from);
}

interface Rounds {
  readonly start: number;
  readonly rounds: readonly number[];
  readonly bytes: number;
  readonly requests: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

async function rounds(command: readonly string[], place: WirePlace, options: { usage: boolean }): Promise<Rounds> {
  const client = startClient(command, { cwd: place.folder, env: place.env, usage: options.usage });
  const requests = await requestsOf(place.sim, () => client.done);
  const gaps = requests.slice(1).map((request, index) => request.at - (requests[index]?.endedAt ?? Number.NaN));
  const { usage } = await client.done;
  return {
    start: (requests[0]?.at ?? Number.NaN) - client.startedAt,
    rounds: gaps,
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: requests.length,
    cpuMs: usage?.cpuMs ?? Number.NaN,
    rssMb: usage?.rssMb ?? Number.NaN,
  };
}

export async function roundRows(place: WirePlace, samples: number): Promise<Row[]> {
  const ours = (count: number): string[] => [...place.command, "run", "-m", "sim/scripted", roundsPrompt(count)];
  const floor = (count: number): string[] => [...place.floor, place.sim.url, roundsPrompt(count)];
  const collected: Record<"ours" | "floor", Rounds[]> = { ours: [], floor: [] };
  const used: Record<"ours" | "floor", Rounds[]> = { ours: [], floor: [] };
  await fillCaches(place);
  await rounds(floor(1), place, { usage: false });
  for (let sample = 0; sample < samples; sample++) {
    collected.floor.push(await rounds(floor(20), place, { usage: false }));
    collected.ours.push(await rounds(ours(20), place, { usage: false }));
    if (sample % 3 !== 0) continue;
    used.floor.push(await rounds(floor(20), place, { usage: true }));
    used.ours.push(await rounds(ours(20), place, { usage: true }));
  }
  const long = { ours: await rounds(ours(40), place, { usage: false }), floor: await rounds(floor(40), place, { usage: false }) };
  const pair = (from: Record<"ours" | "floor", Rounds[]>, of: (run: Rounds) => readonly number[]) => ({
    ours: from.ours.flatMap(of),
    floor: from.floor.flatMap(of),
  });
  return [
    {
      what: "start → first request on the wire",
      unit: "ms",
      ...pair(collected, (run) => [run.start]),
      budget: 80,
      setAtFloor: 40,
    },
    {
      what: "tool round: last byte in → next request out (read)",
      unit: "ms",
      ...pair(collected, (run) => run.rounds),
      budget: 1.7,
      setAtFloor: 0.5,
    },
    {
      what: `bytes sent for ${long.ours.requests} requests of one turn`,
      unit: "KB",
      ours: [long.ours.bytes / 1000],
      floor: [long.floor.bytes / 1000],
      budget: 120,
    },
    { what: "processor time for 20 rounds", unit: "ms", ...pair(used, (run) => [run.cpuMs]), budget: 300, setAtFloor: 70 },
    { what: "peak memory, 20 rounds", unit: "MB", ...pair(used, (run) => [run.rssMb]), budget: 115 },
  ];
}

/** The first three runs that end in order write the code cache, which holds what they used: what the rows do. */
async function fillCaches(place: WirePlace): Promise<void> {
  const client = startClient(jsonlSession(place), { cwd: place.folder, env: place.env });
  const turn = async (number: number, prompt: string, then: readonly string[] = []): Promise<void> => {
    const saidAt = performance.now();
    client.say(JSON.stringify({ type: "prompt", text: prompt }));
    if (then.length > 0) {
      await running(place.sim, saidAt);
      await pause(inTheMiddleMs);
      for (const line of then) client.say(line);
    }
    await turnEnd(client, number);
  };
  await turn(1, roundsPrompt(1));
  await turn(2, "bench:talk", ['{"type":"stop"}']);
  await turn(3, "bench:talk", ['{"type":"steer","text":"bench:short"}']);
  await turn(4, "bench:short");
  client.process.stdin?.end();
  const { status } = await client.done;
  if (status !== 0) throw new Error(`the first run ended with ${status}, and nothing is cached`);
  const once = [...place.command, "run", "-m", "sim/scripted", roundsPrompt(20)];
  for (let nth = 1; nth < 3; nth++) await startClient(once, { cwd: place.folder, env: place.env }).done;
}

const jsonlSession = ({ command }: WirePlace): readonly string[] => [
  ...command,
  ...["run", "-m", "sim/scripted", "--json", "--input", "jsonl"],
];

/** From a signal or a line on standard input to what the server sees of it. */
export async function controlRows(place: WirePlace, samples: number): Promise<Row[]> {
  const times = {
    stop: { ours: [] as number[], floor: [] as number[] },
    steer: { ours: [] as number[], floor: [] as number[] },
    after: [] as number[],
  };
  for (let sample = 0; sample < samples; sample++) {
    times.stop.floor.push(await stopTime([...place.floor, place.sim.url, "bench:talk"], place));
    // On a wire where a stop ends the connection: where lanes can be forked the server is not told, and the rest is not read.
    times.stop.ours.push(await stopTime([...place.command, "run", "-m", "sim-chat/scripted", "bench:talk"], place));
    times.steer.floor.push(await messageTime([...place.floor, place.sim.url, "bench:talk"], place, { messages: ["and now"] }));
    const session = jsonlSession(place);
    const prompt = '{"type":"prompt","text":"bench:talk"}';
    times.steer.ours.push(await messageTime(session, place, { prompt, messages: ['{"type":"steer","text":"and now"}'] }));
    times.after.push(
      await messageTime(session, place, { prompt, messages: ['{"type":"stop"}', '{"type":"prompt","text":"and now"}'] }),
    );
  }
  return [
    { what: "stop key → the server sees the stop", unit: "ms", ...times.stop, budget: 3, setAtFloor: 1.9 },
    {
      what: "stop, then a prompt → corrected request on the wire",
      unit: "ms",
      ours: times.after,
      floor: times.steer.floor,
      budget: 6,
      setAtFloor: 3,
    },
    { what: "message typed mid-stream → corrected request on the wire", unit: "ms", ...times.steer, budget: 5, setAtFloor: 3 },
  ];
}

const patienceMs = 5000;

/** The newest request after a moment; waits until there is one. */
async function running(sim: Sim, after: number): Promise<Request> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const request = sim.requests.findLast((entry) => isAnswerable(entry) && entry.at >= after);
    if (request !== undefined) return request;
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
  throw new Error(`the server saw no request within ${patienceMs} ms`);
}

const inTheMiddleMs = 120;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function stopTime(command: readonly string[], place: WirePlace): Promise<number> {
  const client = startClient(command, { cwd: place.folder, env: place.env });
  const request = await running(place.sim, client.startedAt);
  await pause(inTheMiddleMs);
  const pressedAt = performance.now();
  client.process.kill("SIGINT");
  await client.done;
  return (request.endedAt ?? Number.NaN) - pressedAt;
}

async function messageTime(
  command: readonly string[],
  place: WirePlace,
  said: { readonly prompt?: string; readonly messages: readonly string[] },
): Promise<number> {
  const { prompt, messages } = said;
  const client = startClient(command, { cwd: place.folder, env: place.env });
  if (prompt !== undefined) client.say(prompt);
  await running(place.sim, client.startedAt);
  await pause(inTheMiddleMs);
  const typedAt = performance.now();
  for (const message of messages) client.say(message);
  const corrected = await running(place.sim, typedAt);
  client.process.kill("SIGKILL");
  await client.done;
  return corrected.at - typedAt;
}

/** Turn 5 against turn 500 of one session: from the end of an answer to the next prompt's request. */
export async function longSessionRows(place: WirePlace): Promise<Row[]> {
  const turns = 500;
  const client = startClient(jsonlSession(place), { cwd: place.folder, env: place.env });
  const times: number[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    const typedAt = performance.now();
    client.say(`{"type":"prompt","text":"bench:short ${turn}"}`);
    const request = await running(place.sim, typedAt);
    times.push(request.at - typedAt);
    await turnEnd(client, turn);
  }
  client.process.stdin?.end();
  await client.done;
  const early = times.slice(4, 44);
  const late = times.slice(-40);
  return [{ what: "prompt typed → request, turns 461–500 against 5–44", unit: "ms", ours: late, floor: early }];
}

function turnEnd(client: Client, turn: number): Promise<string> {
  return client.line((line) => line.includes('"turn.ended"') && line.includes(`"t${turn}"`));
}

/** A file for the reads of `roundsPrompt`. */
export function prepareFolder(folder: string): void {
  writeFileSync(join(folder, "small.txt"), "one line\n");
}
