/**
 * For tests: a program that saves a file every millisecond, like an editor that reloads before it saves. Save number n
 * writes n into line n modulo `slots` and nothing else, so that a save that was lost shows as a wrong number until the
 * slot's next turn. Arguments: file, how (`in-place` or `rename`), milliseconds.
 */
import fs from "node:fs";

export const slots = 50;

/** Printed as JSON at the end. */
export interface SaverReport {
  saves: number;
  /** Saves that were gone from the file when their line was written next, or at the end. */
  lost: number;
  /** Readings in which the file was not whole. */
  torn: number;
  /** Our hunks that this program wrote over, because it saved what it had read before they landed. */
  wiped: number;
}

const [file = "", how = "in-place", duration = "1000"] = process.argv.slice(2);
const report: SaverReport = { saves: 0, lost: 0, torn: 0, wiped: 0 };
const saved = new Map<number, number>();

function save(text: string): void {
  if (how === "in-place") return fs.writeFileSync(file, text);
  fs.writeFileSync(`${file}.save`, text);
  fs.renameSync(`${file}.save`, file);
}

const hunksIn = (text: string): string[] => text.match(/^hunk \d+$/gm) ?? [];
const isWhole = (text: string): boolean =>
  text.startsWith("head\n") && text.endsWith("\ntail\n") && (text.match(/^slot /gm) ?? []).length === slots;
const slotPattern = (slot: number): RegExp => new RegExp(`^slot ${slot} = (\\d+)$`, "m");

function check(text: string, slot: number): void {
  const expected = saved.get(slot);
  if (expected !== undefined && slotPattern(slot).exec(text)?.[1] !== `${expected}`) report.lost++;
}

function step(number: number): void {
  const text = fs.readFileSync(file, "utf8");
  if (!isWhole(text)) {
    report.torn++;
    return;
  }
  const slot = number % slots;
  check(text, slot);
  const next = text.replace(slotPattern(slot), `slot ${slot} = ${number}`);
  const found = hunksIn(fs.readFileSync(file, "utf8"));
  save(next);
  const kept = new Set(hunksIn(next));
  report.wiped += found.filter((hunk) => !kept.has(hunk)).length;
  saved.set(slot, number);
  report.saves++;
}

async function main(): Promise<void> {
  process.stdout.write("ready\n");
  const end = performance.now() + Number(duration);
  for (let number = 1, next = performance.now(); performance.now() < end; next += 1, number++) {
    step(number);
    while (performance.now() < next) await new Promise((resolve) => setImmediate(resolve));
  }
  // What was under way may still bring a save back.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const text = fs.readFileSync(file, "utf8");
  for (const slot of saved.keys()) check(text, slot);
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

if (file !== "") await main();
