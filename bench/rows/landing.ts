/** Rows of the edit engine: landing, placing, undo. Measured from the session's own events, which carry the moment. */
import { type TwolaneEvent } from "@twolane/protocol";
import { openPatch, openUndo } from "@twolane/engine";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startClient } from "../client.ts";
import type { Row } from "../figures.ts";
import type { WirePlace } from "./wire.ts";

type Timed = Extract<TwolaneEvent, { type: "hunk.closed" | "hunk.landed" }>;

/** From the closing byte of each hunk to its bytes on disk, for one answer that streams into a file. */
async function landingTimes(place: WirePlace, folder: string, prompt: string): Promise<number[]> {
  const client = startClient([...place.command, "run", "-m", "sim/scripted", "--json", prompt], { cwd: folder, env: place.env });
  await client.done;
  const closed = new Map<string, number>();
  const times: number[] = [];
  for (const line of client.lines) {
    const event: Timed = JSON.parse(line);
    if (event.type === "hunk.closed") closed.set(event.hunk.id, event.mono);
    if (event.type === "hunk.landed") times.push(event.mono - (closed.get(event.hunk.id) ?? Number.NaN));
  }
  return times;
}

export const hunkCount = 40;
/** Lines of the large file; about 256 KB. */
const largeLines = 6400;
const largeLine = (n: number): string => `const value${n} = compute(${n}, "some text");`;

/** One edit of `hunkCount` hunks through a file of 256 KB. `round` makes each round's new text differ. */
export function largePatch(round: number): string {
  const step = Math.floor(largeLines / hunkCount);
  const hunks = Array.from({ length: hunkCount }, (_, index) => {
    const line = index * step + 3;
    const before = round === 0 ? largeLine(line) : `${largeLine(line)} // round ${round - 1}`;
    return `@@\n-${before}\n+${largeLine(line)} // round ${round}\n`;
  });
  return `*** Begin Patch\n*** Update File: large.ts\n${hunks.join("")}*** End Patch\n`;
}

export function writeLarge(folder: string): string {
  const file = join(folder, "large.ts");
  writeFileSync(file, Array.from({ length: largeLines }, (_, index) => `${largeLine(index)}\n`).join(""));
  return file;
}

export async function landingRow(
  place: WirePlace,
  folders: { small: string; huge: string; strict: string },
  plainWrites: (times: number) => readonly number[],
): Promise<Row[]> {
  const floor: number[] = [];
  const small: number[] = [];
  const huge: number[] = [];
  const strict: number[] = [];
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    floor.push(...plainWrites(100 / rounds));
    small.push(...(await landingTimes(place, folders.small, `bench:patch ${round}`)));
    strict.push(...(await landingTimes(place, folders.strict, `bench:patch ${round}`)));
    huge.push(...(await landingTimes(place, folders.huge, `bench:patch ${round}`)));
  }
  return [
    { what: "closing byte of a hunk → on disk, file of 256 KB", unit: "ms", ours: small, floor, budget: 5, setAtFloor: 0.75 },
    { what: "the same with the strict preset on", unit: "ms", ours: strict, floor, budget: 5, setAtFloor: 0.75 },
    { what: "the same in a repository of 50,000 files", unit: "ms", ours: huge, floor, budget: 5, setAtFloor: 0.75 },
  ];
}

const env = process.env;

/** Hunks found in a file of 20,000 lines, nothing written. */
export async function placingRow(folder: string): Promise<Row> {
  const lines = 20_000;
  const hunks = 1000;
  const file = join(folder, "twenty-thousand.ts");
  writeFileSync(file, Array.from({ length: lines }, (_, index) => `${largeLine(index)}\n`).join(""));
  const parts = Array.from({ length: hunks }, (_, index) => {
    const line = index * (lines / hunks) + 7;
    return `@@\n ${largeLine(line - 1)}\n-${largeLine(line)}\n+changed(${line});\n`;
  });
  const text = `*** Begin Patch\n*** Update File: twenty-thousand.ts\n${parts.join("")}*** End Patch\n`;
  const rates: number[] = [];
  const floor = Array.from({ length: 5 }, () => plainRate(readFileSync(file), hunks));
  for (let round = 0; round < 5; round++) {
    const opened = await openPatch({ cwd: folder, env, scope: [], landing: "hunk", dryRun: true, text });
    if (!opened.ok) throw new Error(opened.failure.message);
    let landed = 0;
    opened.value.subscribe((event) => void (landed += event.type === "hunk.landed" ? 1 : 0));
    const startedAt = performance.now();
    opened.value.send({ type: "prompt", text: "apply" });
    await opened.value.idle();
    rates.push((landed / (performance.now() - startedAt)) * 1000);
    await opened.value.close();
    if (landed !== hunks) throw new Error(`${landed} of ${hunks} hunks were placed`);
  }
  return { what: "hunks placed in a file of 20,000 lines", unit: "1/s", ours: rates, floor, higherIsBetter: true };
}

/** What placing costs at the least: the old line is sought, and the file put together anew, with nothing checked. */
function plainRate(content: Buffer, hunks: number): number {
  const startedAt = performance.now();
  let bytes = content;
  for (let index = 0; index < hunks; index++) {
    const old = Buffer.from(`${largeLine(index * 20 + 7)}\n`);
    const at = bytes.indexOf(old);
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(`changed(${index});\n`), bytes.subarray(at + old.length)]);
  }
  return (hunks / (performance.now() - startedAt)) * 1000;
}

/** What an undo costs at the least: every file written beside its place and renamed, nothing synced, nothing remembered. */
function plainRestore(folder: string, names: readonly string[]): number {
  const startedAt = performance.now();
  for (const name of names) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    writeFileSync(`${file}.tmp`, bytes);
    renameSync(`${file}.tmp`, file);
  }
  return performance.now() - startedAt;
}

/** Undo of one change in each of 500 files. */
export async function undoRow(folder: string): Promise<Row> {
  const names = Array.from({ length: 500 }, (_, index) => `many/${index % 20}/file${index}.ts`);
  const times: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), `export const name = "${name}";\n`.repeat(1) + "let x = 1;\n");
    }
    const text = `*** Begin Patch\n${names.map((name) => `*** Update File: ${name}\n@@\n-let x = 1;\n+let x = 2;\n`).join("")}*** End Patch\n`;
    const opened = await openPatch({ cwd: folder, env, scope: [], landing: "hunk", dryRun: false, text });
    if (!opened.ok) throw new Error(opened.failure.message);
    opened.value.send({ type: "prompt", text: "apply" });
    await opened.value.idle();
    await opened.value.close();
    floor.push(plainRestore(folder, names));
    const startedAt = performance.now();
    const undo = await openUndo({ cwd: folder, env, selector: { kind: "last-turn" } });
    if (!undo.ok) throw new Error(undo.failure.message);
    const applied = await undo.value.apply();
    times.push(performance.now() - startedAt);
    if (!applied.ok) throw new Error(applied.failure.message);
    const report = applied.value;
    if (report.undone.length !== names.length) throw new Error(`${report.undone.length} of ${names.length} were undone`);
  }
  return { what: "undo of 500 files", unit: "ms", ours: times, floor, budget: 1000 };
}
