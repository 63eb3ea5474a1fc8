/** Rows of the screen: start, echo of keys, how far it is behind the wire. Ours and the floor in turn, in one run, through a pty. */
import { setTimeout as pause } from "node:timers/promises";
import type { Sim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import { takeInTime } from "../own-delays.ts";
import { type PtyProgram, type Size, openPty } from "../pty.ts";

export interface ScreenPlace {
  readonly sim: Sim;
  readonly cwd: string;
  /** The installed command on the simulated model. */
  readonly ours: readonly string[];
  /** The same on a model behind Chat Completions. */
  readonly oursByChat: readonly string[];
  /** Prompt and echo. */
  readonly bare: readonly string[];
  /** The same with a WebSocket. */
  readonly talker: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly size: Size;
}

/** What ends a long answer of the scenario, or the burst of a number; nothing else on the screen holds it. */
export const answerEnd = (burst = ""): string => `=tail${burst}=`;
const promptMark = "› ";

export const sized = ({ size }: ScreenPlace, what: string): string => `${what} · ${size.cols}×${size.rows}`;

export interface Pair {
  readonly ours: number[];
  readonly floor: number[];
}
export const emptyPair = (): Pair => ({ ours: [], floor: [] });

/** A program whose prompt is there, and which has nothing more to load. */
export async function openReady(place: ScreenPlace, command: readonly string[]): Promise<PtyProgram> {
  const program = openPty(command, place);
  await program.seen(promptMark);
  if (command !== place.bare && command !== place.talker) await program.seen("/scripted");
  // What it loads behind its first frame is not to be measured.
  await pause(300);
  return program;
}

interface Start {
  readonly frame: number;
  readonly echo: number;
  readonly request: number;
}

/** A key and then a prompt, typed as soon as there is a prompt. */
async function startOf(place: ScreenPlace, command: readonly string[]): Promise<Start> {
  const program = openPty(command, place);
  const frame = (await program.seen(promptMark)) - program.startedAt;
  const key = "|";
  const echoed = program.seen(key);
  program.press(key);
  const echo = (await echoed) - program.startedAt;
  if (command === place.bare) {
    await program.end();
    return { frame, echo, request: Number.NaN };
  }
  program.press("short\r");
  const { at } = await requestAfter(place.sim, program.startedAt);
  await program.end();
  return { frame, echo, request: at - program.startedAt };
}

export async function startRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const [frame, echo, request] = [emptyPair(), emptyPair(), emptyPair()];
  // The first run fills the page cache.
  await startOf(place, place.bare);
  for (let sample = 0; sample < samples; sample++) {
    for (const side of ["floor", "ours"] as const) {
      const start = await startOf(place, side === "ours" ? place.ours : place.bare);
      frame[side].push(start.frame);
      echo[side].push(start.echo);
      if (side === "ours") request.ours.push(start.request);
      else request.floor.push((await startOf(place, place.talker)).request);
    }
  }
  return [
    { what: sized(place, "start → first frame"), unit: "ms", ...frame },
    { what: sized(place, "start → first frame that echoes a key"), unit: "ms", ...echo, timesFloor: 1.25 },
    { what: sized(place, "start → request typed at the first frame is on the wire"), unit: "ms", ...request },
  ];
}

/** Our code cache is written when the command ends in order, and holds what was used until then: what the rows do, done once. */
export async function warmCache(place: ScreenPlace): Promise<void> {
  const program = await openReady(place, place.ours);
  const after = async (keys: string, text: string): Promise<void> => {
    const said = program.seen(text);
    program.press(keys);
    await said;
    await pause(100);
  };
  await after("short\r", "Yes.");
  await after("talk\r", "ipsum");
  await after("\u0003short\r", "Yes.");
  await after("talk\r", "ipsum");
  await after("short\r", "Yes.");
  await after("hunks\r", "Yes.");
  // On an empty line it leaves.
  program.press("\u0004");
  await program.gone;
}

type Request = Sim["requests"][number];

/** Asks for an answer, or changes the one that runs. */
const isAnswerable = ({ kind, body }: Request): boolean =>
  kind === "responses" || (kind === "message" && body?.type === "response.steer");

/** The newest request after a moment; waits until there is one. */
export async function requestAfter(sim: Sim, after: number): Promise<Request> {
  const patienceMs = 5000;
  while (performance.now() < after + patienceMs) {
    const request = sim.requests.findLast((entry) => isAnswerable(entry) && entry.at >= after);
    if (request !== undefined) return request;
    await pause(1);
  }
  throw new Error(`the server saw no request within ${patienceMs} ms`);
}

const lineLimit = 40;

/**
 * Types single keys, each at a random moment, and waits for each; the prompt line is emptied now and then. A key during which the thread that
 * measures was late itself does not count, and another one is typed: `count` of them count.
 */
export async function echoTimes(
  program: PtyProgram,
  options: { count: number; ours: boolean; gapMs: number },
): Promise<number[]> {
  let typed = "";
  return takeInTime(options.count, async (index) => {
    if (options.ours && typed.length === lineLimit) {
      const emptied = program.seen(promptMark);
      program.press("\u0015");
      await emptied;
      typed = "";
    }
    await pause(options.gapMs * (0.5 + Math.random()));
    const key = index % 2 === 0 ? "|" : "^";
    typed += key;
    // Ours draws the line anew, the floor writes the key.
    const echoed = program.seen(options.ours ? `${promptMark}${typed}` : key);
    const from = program.press(key);
    return { from, to: await echoed };
  });
}

export async function echoRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const idle = emptyPair();
  const streaming = emptyPair();
  const programs = { floor: await openReady(place, place.talker), ours: await openReady(place, place.ours) };
  const blocks = 4;
  for (const [prompt, pair] of [
    ["", idle],
    ["talk a little", streaming],
  ] as const) {
    for (let block = 0; block < blocks; block++) {
      for (const side of ["floor", "ours"] as const) {
        const program = programs[side];
        if (prompt !== "") {
          const answering = program.seen("lorem");
          program.press(`${prompt}\r`);
          await answering;
        }
        pair[side].push(...(await echoTimes(program, { count: Math.ceil(samples / blocks), ours: side === "ours", gapMs: 20 })));
        // Empties the line, or ends the answer; ours does one of them with one key.
        program.press("\u0015");
        await pause(50);
        if (prompt !== "") program.press("\u0003");
        await pause(200);
      }
    }
  }
  await Promise.all([programs.floor.end(), programs.ours.end()]);
  return [
    { what: sized(place, "key echo, idle"), unit: "ms", ...idle, budget: 2 },
    { what: sized(place, "key echo while 1,000 tokens/s stream"), unit: "ms", ...streaming, budget: 2, worst: 8 },
  ];
}

/** From the last token that the server sent to the moment at which it was seen. */
async function behindTheWire(
  place: ScreenPlace,
  program: PtyProgram,
  { prompt, end = answerEnd() }: { readonly prompt: string; readonly end?: string },
): Promise<number> {
  const seen = program.seen(end, 60_000);
  const askedAt = program.press(`${prompt}\r`);
  const at = await seen;
  const request = await requestAfter(place.sim, askedAt);
  // The last words may be seen before the server has said that there are no more.
  await pause(300);
  return at - (request.endedAt ?? Number.NaN);
}

/**
 * In each program: how far a screen is behind at the end of a burst hangs on what the last millisecond brought. More would fill the model's
 * window, and what makes room in it would be asked for beside the next one.
 */
const bursts = 3;

export async function wireRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const [fast, burst] = [emptyPair(), emptyPair()];
  for (let sample = 0; sample < samples; sample++) {
    for (const side of ["floor", "ours"] as const) {
      const program = await openReady(place, side === "ours" ? place.ours : place.talker);
      fast[side].push(await behindTheWire(place, program, { prompt: "fast" }));
      for (let nth = 1; nth <= bursts; nth++)
        burst[side].push(await behindTheWire(place, program, { prompt: `burst ${nth}`, end: answerEnd(String(nth)) }));
      await program.end();
    }
  }
  return [
    { what: sized(place, "4,000 tokens/s, 12,000 tokens: screen behind the wire"), unit: "ms", ...fast, budget: 15 },
    { what: sized(place, "20,000 tokens in one burst: screen behind the wire"), unit: "ms", ...burst, timesFloor: 1.5 },
  ];
}
