/** The rows of the terminal: the screen that a person has before them, measured through a pty at two sizes. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScenarioInput, startSim } from "@twolane/responses/sim";
import { bundleFloor } from "./bundle-floor.ts";
import type { Row } from "./figures.ts";
import type { Size } from "./pty.ts";
import { type ScreenPlace, answerEnd, echoRows, startRows, wireRows } from "./rows/screen.ts";

const sizes: readonly Size[] = [
  { cols: 80, rows: 24 },
  { cols: 200, rows: 60 },
];

/** `samples`: how often what takes long is measured; the rest is measured more often. */
export async function terminalRows(repository: string, samples: number): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const folder = join(root, "small");
  mkdirSync(folder);
  const sim = await startSim({ port: 0, scenario: scenario() });
  const command = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    TWOLANE_SIM_URL: sim.url,
    XDG_STATE_HOME: join(root, "state"),
    XDG_CACHE_HOME: join(root, "cache"),
    XDG_CONFIG_HOME: join(root, "config"),
  };
  const bare = [process.execPath, join(repository, "bench/floor/terminal.cjs")];
  const talker = [process.execPath, await bundleFloor(repository, { name: "talk", into: root }), sim.url];
  const rows: Row[] = [];
  for (const size of sizes) {
    const place: ScreenPlace = { sim, cwd: folder, ours: [...command, "-m", "sim/scripted"], bare, talker, env, size };
    rows.push(...(await startRows(place, samples * 2)));
    rows.push(...(await echoRows(place, 200)));
    rows.push(...(await wireRows(place, Math.ceil(samples / 5))));
  }
  await sim.close();
  rmSync(root, { recursive: true, force: true });
  return rows;
}

function scenario(): ScenarioInput {
  const words = ["lorem", "ipsum", "dolor", "sit", "amet", "consetetur", "sadipscing", "elitr", "sed", "diam", "nonumy"];
  const line = [...words.map((word) => ({ text: ` ${word}` })), { text: "\n" }];
  const long = (tokens: number) => [{ repeat: Math.floor(tokens / line.length), steps: line }, { text: answerEnd }];
  return {
    answers: [
      { when: { prompt: "short$" }, reply: [{ text: "Yes." }] },
      { when: { prompt: "fast$" }, reply: long(12_000), pace: { tokensPerSecond: 4000 } },
      { when: { prompt: "burst$" }, reply: long(20_000) },
      { reply: long(60_000), pace: { tokensPerSecond: 1000 } },
    ],
  };
}
