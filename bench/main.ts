/**
 * `npm run bench`: prints the headless rows of the budgets, each beside the floor, a bare Node program on the same
 * simulated model, in one run. The simulated model is scripted and lives in this process; clients are processes of their own.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type ScenarioInput, startSim } from "@twolane/responses/sim";
import { holds, printRows } from "./figures.ts";
import { hunkCount, landingRow, largePatch, placingRow, undoRow, writeLarge } from "./rows/landing.ts";
import { type WirePlace, controlRows, longSessionRows, prepareFolder, roundRows } from "./rows/wire.ts";

const samples = Number(process.env["BENCH_SAMPLES"] ?? 15);
const repository = new URL("..", import.meta.url).pathname;

const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
const folder = join(root, "small");
const huge = join(root, "huge");
mkdirSync(folder);
prepareFolder(folder);
const large = writeLarge(folder);
writeHugeRepository(huge);
writeLarge(huge);
process.env["XDG_STATE_HOME"] = join(root, "state");

// The floor is bundled as our command is, so that it is not slower for want of it.
const floorProgram = join(root, "rounds.cjs");
await build({
  entryPoints: [join(repository, "bench/floor/rounds.mjs")],
  outfile: floorProgram,
  bundle: true,
  platform: "node",
  format: "cjs",
  external: ["bufferutil", "utf-8-validate"],
});

const sim = await startSim({ port: 0, scenario: scenario() });
const place: WirePlace = {
  sim,
  folder,
  command: [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")],
  floor: [process.execPath, floorProgram],
  env: {
    TWOLANE_SIM_URL: sim.url,
    XDG_STATE_HOME: join(root, "state"),
    XDG_CACHE_HOME: join(root, "cache"),
    XDG_CONFIG_HOME: join(root, "config"),
  },
};

console.log(
  `twolane bench · Node ${process.version} · ${cpus().length} × ${cpus()[0]?.model ?? "?"} · ${samples} samples · simulated model, scripted`,
);
const floorWrites = execFileSync(process.execPath, [join(repository, "bench/floor/replace.mjs"), large, "100"], {
  encoding: "utf8",
});
const rows = [
  ...(await roundRows(place, samples)),
  ...(await controlRows(place, samples)),
  ...(await landingRow(place, { small: folder, huge }, floorWrites.trim().split("\n").map(Number))),
  await placingRow(folder),
  await undoRow(folder),
  ...(await longSessionRows(place)),
];
await sim.close();
rmSync(root, { recursive: true, force: true });
printRows(rows);
process.exitCode = rows.every(holds) ? 0 : 1;

function scenario(): ScenarioInput {
  const read = (n: number) => ({ call: { name: "read", arguments: { path: "small.txt", lines: n } } });
  const rounds = (count: number) => ({
    when: { prompt: `^bench:reads ${count}$` },
    reply: [...Array.from({ length: count }, (_, index) => read(index + 1)), { text: "Done." }],
  });
  const patch = (round: number) => ({
    when: { prompt: `^bench:patch ${round}$` },
    reply: [{ call: { name: ["edit"], input: largePatch(round) } }, { text: `${hunkCount} hunks sent.` }],
    // About one hunk every 12 ms, so that each lands alone.
    pace: { tokensPerSecond: 4000 },
  });
  return {
    answers: [
      rounds(1),
      rounds(20),
      rounds(40),
      ...Array.from({ length: 5 }, (_, round) => patch(round)),
      { when: { prompt: "^bench:short" }, reply: [{ text: "Yes." }] },
      { when: { prompt: "bench:talk" }, reply: [{ repeat: 5000, steps: [{ text: " word" }] }], pace: { tokensPerSecond: 1000 } },
      { reply: [{ repeat: 5000, steps: [{ text: " word" }] }], pace: { tokensPerSecond: 1000 } },
    ],
  };
}

function writeHugeRepository(path: string): void {
  for (let index = 0; index < 50_000; index++) {
    const parent = join(path, `d${index % 250}`);
    if (index < 250) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `f${index}.ts`), `export const n${index} = ${index};\n`);
  }
  execFileSync("git", ["init", "-q", path]);
  execFileSync("git", ["-C", path, "add", "-A"]);
}
