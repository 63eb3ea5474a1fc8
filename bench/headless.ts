/** The headless rows: start, rounds, landing, long sessions. The simulated model lives in this process, clients are processes of their own. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScenarioInput, startSim } from "@twolane/responses/sim";
import { bundleFloor } from "./bundle-floor.ts";
import type { Row } from "./figures.ts";
import { hunkCount, landingRow, largePatch, placingRow, undoRow, writeLarge } from "./rows/landing.ts";
import { writeHugeRepository } from "./huge-repository.ts";
import { type WirePlace, controlRows, longSessionRows, prepareFolder, roundRows } from "./rows/wire.ts";

/** Yields each row as soon as it is measured. */
export async function* headlessRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const folder = join(root, "small");
  const huge = join(root, "huge");
  const strict = join(root, "strict");
  for (const each of [folder, strict]) {
    mkdirSync(each);
    prepareFolder(each);
  }
  writeLarge(folder);
  const large = writeLarge(root);
  writeLarge(strict);
  mkdirSync(join(strict, ".twolane"));
  writeFileSync(join(strict, ".twolane/policy.yaml"), "version: 1\npreset: strict\n");
  writeHugeRepository(huge);
  writeLarge(huge);
  process.env["XDG_STATE_HOME"] = join(root, "state");
  const sim = await startSim({ port: 0, scenario: scenario() });
  const place: WirePlace = {
    sim,
    folder,
    command: [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")],
    floor: [process.execPath, await bundleFloor(repository, { name: "rounds", into: root })],
    env: {
      TWOLANE_SIM_URL: sim.url,
      XDG_STATE_HOME: join(root, "state"),
      XDG_CACHE_HOME: join(root, "cache"),
      XDG_CONFIG_HOME: join(root, "config"),
    },
  };
  const plainWrites = (times: number): number[] => {
    const said = execFileSync(process.execPath, [join(repository, "bench/floor/replace.mjs"), large, String(times)], {
      encoding: "utf8",
    });
    return said.trim().split("\n").map(Number);
  };
  try {
    yield* await roundRows(place, samples);
    yield* await controlRows(place, samples);
    yield* await landingRow(place, { small: folder, huge, strict }, plainWrites);
    yield await placingRow(folder);
    yield await undoRow(folder);
    yield* await longSessionRows(place);
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

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
