/** The section `wires`: the loop on Chat Completions and on Anthropic Messages. The simulated model lives in this process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSim } from "@twolane/responses/sim";
import { bundleFloor } from "./bundle-floor.ts";
import type { Row } from "./figures.ts";
import { loopRows, loopScenario } from "./rows/loops.ts";

/** Yields each row as soon as it is measured. */
export async function* wiresRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const folder = join(root, "small");
  mkdirSync(folder);
  writeFileSync(join(folder, "small.txt"), "one line\n");
  const sim = await startSim({ port: 0, scenario: loopScenario });
  try {
    yield* loopRows(
      {
        ...{ sim, root, folder },
        command: [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")],
        floor: [process.execPath, await bundleFloor(repository, { name: "loop", into: root })],
        env: {
          TWOLANE_SIM_URL: sim.url,
          XDG_STATE_HOME: join(root, "state"),
          XDG_CACHE_HOME: join(root, "cache"),
          XDG_CONFIG_HOME: join(root, "config"),
        },
      },
      samples,
    );
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}
