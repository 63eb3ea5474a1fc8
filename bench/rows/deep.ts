/** The rows of the deep lane: from the command to the private copy of 50,000 files that is ready to work in. The floor is git's own clone that borrows its objects. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import { writeHugeRepository } from "../huge-repository.ts";

/** Each copies a whole repository twice. */
const mostSamples = 5;

export async function* deepRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const huge = join(root, "huge");
  writeHugeRepository(huge);
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  execFileSync("git", ["-C", huge, ...who, "commit", "-qm", "all"]);
  // Twenty files are not as in the last commit.
  for (let index = 0; index < 20; index++)
    writeFileSync(join(huge, `d${index}`, `f${index}.ts`), `export const n${index} = "changed";\n`);
  const answers = [{ when: { prompt: "." }, reply: [{ text: "There is nothing to do." }] }];
  const sim = await startSim({ port: 0, scenario: { answers } });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: root, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: join(root, "state"), XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
  };
  const deep = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [join(repository, "packages/cli/bin/twolane.cjs"), "deep", ...words], {
      cwd: huge,
      env,
      encoding: "utf8",
    });
  const [ours, floor]: number[][] = [[], []];
  try {
    for (let round = 0; round < Math.min(samples, mostSamples); round++) {
      const target = join(root, "clone");
      const began = performance.now();
      execFileSync("git", ["clone", "-q", "--shared", huge, target]);
      floor?.push(performance.now() - began);
      rmSync(target, { recursive: true });
      const asked = Date.now();
      deep("-m", "sim/scripted", "--steps", "1", "change nothing");
      ours?.push(preparedAt(deep("tail", "--json")) - asked);
      deep("drop", `d1`);
    }
    yield {
      what: "deep job among 50,000 files: command → private copy ready",
      unit: "ms",
      ours: ours ?? [],
      floor: floor ?? [],
      timesFloor: 1.5,
    };
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

function preparedAt(lines: string): number {
  for (const line of lines.split("\n")) {
    const event: { readonly type?: string; readonly at?: number } = line === "" ? {} : JSON.parse(line);
    if (event.type === "job.prepared" && event.at !== undefined) return event.at;
  }
  throw new Error("the copy was never ready");
}
