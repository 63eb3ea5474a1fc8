/** Rows of a session that goes on: memory at rest, and what a long history costs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startClient } from "../client.ts";
import type { Row } from "../figures.ts";
import type { PtyProgram } from "../pty.ts";
import { type ScreenPlace, echoTimes, emptyPair, openReady, sized } from "./screen.ts";

const restMs = 5000;

export async function memoryRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const memory = emptyPair();
  for (let sample = 0; sample < samples; sample++) {
    for (const side of ["floor", "ours"] as const) {
      const program = await openReady(place, side === "ours" ? place.ours : place.bare);
      await pause(restMs);
      memory[side].push(program.memoryMb());
      await program.end();
    }
  }
  return [{ what: sized(place, "memory at rest (PSS)"), unit: "MB", ...memory, budget: 90 }];
}

/** Three times what the budget names: V8 collects when it likes, and in a shorter session the slope is mostly that. */
const historyEvents = 30_000;
const echoes = 200;
const workFile = "work.ts";
const names = ["first", "second", "third", "fourth", "fifth"];

/** One edit of five hunks; `from` and `to` are the numbers in the old and the new lines. */
export function workPatch(from: string, to: string): string {
  const hunks = names.map((name) => `@@\n-export const ${name} = ${from};\n+export const ${name} = ${to};\n`);
  return `*** Begin Patch\n*** Update File: ${workFile}\n${hunks.join("")}*** End Patch\n`;
}

const prepare = (place: ScreenPlace): void =>
  writeFileSync(join(place.cwd, workFile), names.map((name) => `export const ${name} = 0;\n\n\n`).join(""));

/** Echo and memory of one session from its first turns to its last. */
export async function historyRows(place: ScreenPlace): Promise<Row[]> {
  const perTurn = await eventsPerTurn(place);
  prepare(place);
  const program = await openReady(place, place.ours);
  // What the first turns load and compile is no growth.
  const warm = 100;
  await work(program, { from: 0, to: warm });
  const fresh = await echoTimes(program, { count: echoes, ours: true, gapMs: 10 });
  program.press("\u0015");
  const measured: { readonly events: number; readonly memory: number }[] = [];
  const turns = Math.ceil(historyEvents / perTurn);
  const parts = 10;
  let done = warm;
  for (let part = 1; part <= parts; part++) {
    const to = warm + Math.round((turns * part) / parts);
    await work(program, { from: done, to });
    done = to;
    await pause(500);
    measured.push({ events: done * perTurn, memory: program.memoryMb() });
  }
  const late = await echoTimes(program, { count: echoes, ours: true, gapMs: 10 });
  await program.end();
  return [
    {
      what: sized(place, `key echo after ${historyEvents.toLocaleString("en")} events, beside a fresh session`),
      unit: "ms",
      ours: late,
      floor: fresh,
      timesFloor: 1.3,
    },
    { what: sized(place, "memory for each 1,000 further events"), unit: "MB", ours: [slope(measured) * 1000], budget: 0.5 },
  ];
}

async function work(program: PtyProgram, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  for (let turn = from; turn < to; turn++) {
    const done = program.seen(`Now ${turn + 1}.`);
    program.press(`work ${turn} ${turn + 1}\r`);
    await done;
    // The prompt is back a moment after the last words.
    await pause(15);
  }
}

/** As the same turn tells them to a program. */
async function eventsPerTurn(place: ScreenPlace): Promise<number> {
  prepare(place);
  const [program = "", script = ""] = place.ours;
  const client = startClient([program, script, "run", "-m", "sim/scripted", "--json", "work 0 1"], place);
  await client.done;
  return client.lines.length;
}

/** Of the straight line that fits best, MB by event. */
function slope(points: readonly { readonly events: number; readonly memory: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const events = mean(points.map((point) => point.events));
  const memory = mean(points.map((point) => point.memory));
  const above = points.reduce((sum, point) => sum + (point.events - events) * (point.memory - memory), 0);
  return above / points.reduce((sum, point) => sum + (point.events - events) ** 2, 0);
}
