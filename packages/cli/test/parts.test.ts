/** What a start does not need is not read before it is needed (tools/build.mjs says what is read together). */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startSim } from "@twolane/responses/sim";
import { expect, it } from "vitest";
import { openSandbox } from "./command.ts";

/** Each part that a run has read leaves its code cache behind. */
async function partsOf(policy: string): Promise<string[]> {
  const sandbox = openSandbox();
  const sim = await startSim({ scenario: { answers: [{ reply: [{ text: "Yes." }] }] } });
  const cache = join(sandbox.folder, "../cache");
  if (policy !== "") sandbox.write(".twolane/policy.yaml", policy);
  try {
    const done = await sandbox.run(["run", "-m", "sim/scripted", "hello"], {
      env: { TWOLANE_SIM_URL: sim.url, XDG_CACHE_HOME: cache },
    });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining("Yes.") });
    return readdirSync(join(cache, "twolane/code"))
      .flatMap((name) => name.split("-")[1] ?? [])
      .sort();
  } finally {
    await sim.close();
    sandbox.remove();
  }
}

it("a request without a terminal reads one part", async () => expect(await partsOf("")).toEqual(["main"]));

it("and a second one where there is a policy", async () => expect(await partsOf("version: 1\n")).toEqual(["main", "policy"]));
