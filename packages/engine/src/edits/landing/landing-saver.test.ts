import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SaverReport, slots } from "../../../test/landing/saver.ts";
import { openWorkshop } from "../../../test/landing/workshop.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const hunks = 60 * scale;
let folder: string;
let saver: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-saver-"));
  saver = path.join(folder, "saver.mjs");
  const source = path.join(import.meta.dirname, "../../../test/landing/saver.ts");
  await build({ entryPoints: [source], bundle: true, platform: "node", format: "esm", outfile: saver });
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("a program that saves every millisecond while hunks land", () => {
  it.each(["in-place", "rename"] as const)("loses no save outside of the documented window (%s)", async (how) => {
    const lines = Array.from({ length: slots }, (_, slot) => `slot ${slot} = 0\n`).join("");
    const shop = await openWorkshop({ files: { "a.txt": `head\n${lines}middle\ntail\n` } });
    const file = path.join(shop.root, "a.txt");
    const child = spawn(process.execPath, [saver, file, how, `${hunks * 12}`], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(child.stdout, "data");
    const exited = once(child, "exit");
    const states: Record<string, number> = {};
    const landed = new Set<string>();
    for (let index = 0; index < hunks; index++) {
      const lander = shop.lander();
      const lines = [{ op: "keep", text: "middle" } as const, { op: "add", text: `hunk ${index}` } as const];
      const outcome = await lander.land(`h${index}`, "t1", {
        kind: "update",
        path: "a.txt",
        anchors: [],
        lines,
        endOfFile: false,
      });
      await lander.finish();
      if (outcome.state === "landed") landed.add(`hunk ${index}`);
      const state =
        outcome.state === "failed"
          ? outcome.failure.code
          : outcome.state === "landed" && outcome.merged
            ? "merged"
            : outcome.state;
      states[state] = (states[state] ?? 0) + 1;
      await sleep(3);
    }
    await exited;
    const report: SaverReport = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    const there = shop.read("a.txt").match(/^hunk \d+$/gm) ?? [];
    await shop.dispose();
    const counted = JSON.stringify({ how, hunks, states, there: there.length, ...report });
    expect(report.torn, counted).toBe(0);
    // It was at work all the time; how often it comes to it is the machine's affair.
    expect(report.saves, counted).toBeGreaterThan(hunks / 2);
    // The window that remains: two system calls in a row for a program that renames, `graceMs` for one that keeps the file open.
    expect(report.lost, counted).toBeLessThanOrEqual(1 + hunks / 50);
    expect(landed.size, counted).toBeGreaterThan(hunks / 2);
    // What yielded is not in the file; what landed is, unless the program saved over it what it had read just before. That
    // is its own race, which no writer can win for it; it is only bounded.
    expect(
      there.filter((hunk) => !landed.has(hunk)),
      counted,
    ).toEqual([]);
    expect(landed.size - there.length, counted).toBeLessThanOrEqual(report.wiped + hunks / 3);
    if (scale > 1) console.log(counted);
  });
});
