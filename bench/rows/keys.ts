/** Rows of the keys that reach the model: Enter, stop, correction. From the key to what the server sees of it, or what lands after it. */
import { type FSWatcher, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Row } from "../figures.ts";
import { takeInTime } from "../own-delays.ts";
import type { PtyProgram } from "../pty.ts";
import { type ScreenPlace, emptyPair, openReady, requestAfter, sized } from "./screen.ts";

const stopKey = "\u0003";

interface KeyTimes {
  readonly prompt: number;
  readonly corrected: number;
  readonly steer: number;
}

/** A random moment in the middle of something. */
const middle = (): Promise<void> => pause(60 + Math.random() * 120);

/** One of each, in one session. */
async function keyTimes(place: ScreenPlace, command: readonly string[]): Promise<KeyTimes> {
  const program = await openReady(place, command);
  const arrival = async (keys: string): Promise<number> => {
    const at = program.press(keys);
    return (await requestAfter(place.sim, at)).at - at;
  };
  const type = async (text: string): Promise<void> => {
    const echoed = program.seen(text);
    program.press(text);
    await echoed;
    await pause(20);
  };
  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    const said = program.seen("Yes.");
    const done = await work();
    await said;
    await pause(100);
    return done;
  };
  await type("short");
  const prompt = await answered(() => arrival("\r"));
  await talk(program);
  const corrected = await answered(() => arrival(`${stopKey}short\r`));
  await talk(program);
  await type("short");
  const steer = await arrival("\r");
  await program.end();
  return { prompt, corrected, steer };
}

async function talk(program: PtyProgram): Promise<void> {
  const begun = program.seen("ipsum");
  program.press("talk\r");
  await begun;
  await middle();
}

/** On a wire where a stop ends the connection: where lanes can be forked, the server is not told and the rest is not read. */
export async function stopTime(place: ScreenPlace, command: readonly string[]): Promise<number> {
  const program = await openReady(place, command);
  await talk(program);
  const running = place.sim.requests.findLast(({ kind }) => kind === "responses" || kind === "chat");
  const at = program.press(stopKey);
  await pause(100);
  await program.end();
  return (running?.endedAt ?? Number.NaN) - at;
}

export async function keyRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const times = { prompt: emptyPair(), stop: emptyPair(), corrected: emptyPair(), steer: emptyPair() };
  for (let sample = 0; sample < samples; sample++) {
    for (const side of ["floor", "ours"] as const) {
      const one = await keyTimes(place, side === "ours" ? place.ours : place.talker);
      times.prompt[side].push(one.prompt);
      times.corrected[side].push(one.corrected);
      times.steer[side].push(one.steer);
      times.stop[side].push(await stopTime(place, side === "ours" ? place.oursByChat : place.talker));
    }
  }
  const late = await lateLandings(place, samples);
  return [
    { what: sized(place, "Enter, idle → request on the wire"), unit: "ms", ...times.prompt },
    { what: sized(place, "stop key → the server sees the stop"), unit: "ms", ...times.stop, budget: 3, setAtFloor: 1.9 },
    { what: sized(place, "stop key → last hunk that still lands"), unit: "ms", ours: late, budget: 2, worst: 2 },
    {
      what: sized(place, "stop and correction typed → corrected request on the wire"),
      unit: "ms",
      ...times.corrected,
      budget: 6,
      setAtFloor: 3,
    },
    {
      what: sized(place, "Enter in the middle of an answer → correction on the wire"),
      unit: "ms",
      ...times.steer,
      budget: 5,
      setAtFloor: 3,
    },
  ];
}

/** Of the edit that the prompt `hunks` asks for. */
const hunkCount = 200;
const hunksFile = "hunks.ts";
const oldLine = (index: number): string => `const value${index} = compute(${index});`;

/** A hunk some ten times in a token's time: they land all the time while the edit streams. */
export function manyHunks(): string {
  const hunks = Array.from({ length: hunkCount }, (_, index) => `@@\n-${oldLine(index)}\n+${oldLine(index)} // new\n`);
  return `*** Begin Patch\n*** Update File: ${hunksFile}\n${hunks.join("")}*** End Patch\n`;
}

export const writeHunksFile = (cwd: string): void =>
  writeFileSync(join(cwd, hunksFile), Array.from({ length: hunkCount }, (_, index) => `${oldLine(index)}\n`).join(""));

/** How long after the stop key the file changed for the last time; 0 when it did not any more. */
function lateLandings(place: ScreenPlace, samples: number): Promise<number[]> {
  return takeInTime(samples, async () => {
    writeHunksFile(place.cwd);
    const program = await openReady(place, place.ours);
    const landings = watchFile(place.cwd, hunksFile);
    program.press("hunks\r");
    await landings.first;
    await middle();
    const from = program.press(stopKey);
    // Long enough for everything that could still be under way.
    await pause(300);
    const to = landings.last();
    landings.close();
    await program.end();
    const landed = readFileSync(join(place.cwd, hunksFile), "utf8").split("// new").length - 1;
    if (landed === 0 || landed === hunkCount) throw new Error(`${landed} of ${hunkCount} hunks had landed at the stop`);
    return { from, to };
  });
}

interface FileWatch {
  readonly first: Promise<void>;
  /** Moment of the last change. */
  last(): number;
  close(): void;
}

function watchFile(folder: string, name: string): FileWatch {
  let last = Number.NEGATIVE_INFINITY;
  let watcher: FSWatcher | undefined;
  const first = new Promise<void>((resolve) => {
    watcher = watch(folder, (_, changed) => {
      if (changed !== name) return;
      last = performance.now();
      resolve();
    });
  });
  return { first, last: () => last, close: () => watcher?.close() };
}
