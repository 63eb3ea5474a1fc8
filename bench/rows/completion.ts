/** Rows of completion: a path is sought by `@` in a repository of 50,000 files. The floor seeks in a list it has in memory. */
import { setTimeout as pause } from "node:timers/promises";
import type { Row } from "../figures.ts";
import type { PtyProgram } from "../pty.ts";
import { type ScreenPlace, emptyPair, openReady, sized } from "./screen.ts";

/** Nobody is sooner at an `@` behind the first frame; ms. */
const personMs = 1000;

/** `place` is in that repository; `bare` knows its paths. */
export async function completionRows(place: ScreenPlace, samples: number): Promise<Row[]> {
  const [first, last] = [emptyPair(), emptyPair()];
  for (const side of ["floor", "ours"] as const) {
    const program = await openReady(place, side === "ours" ? place.ours : place.bare);
    await pause(personMs);
    const offered = program.seen("f40000.ts");
    const askedAt = program.press("@f40000");
    first[side].push((await offered) - askedAt);
    program.press("\u0015");
    for (let sample = 0; sample < samples; sample++) last[side].push(await lastKey(program, 10_001 + sample * 40));
    await program.end();
  }
  return [
    { what: sized(place, "first path sought among 50,000 files → menu"), unit: "ms", ...first, budget: 30 },
    { what: sized(place, "last key of `@` and a path among 50,000 files → menu"), unit: "ms", ...last, budget: 30 },
  ];
}

/** The name is typed as a person types, and the moment taken from its last digit. What the menu began with before would not be drawn anew. */
async function lastKey(program: PtyProgram, file: number): Promise<number> {
  const keys = `@f${file}`;
  for (const key of keys.slice(0, -1)) {
    program.press(key);
    await pause(30);
  }
  const offered = program.seen(`f${file}.ts`);
  const at = program.press(keys.slice(-1));
  const time = (await offered) - at;
  program.press("\u0015");
  await pause(50);
  return time;
}
