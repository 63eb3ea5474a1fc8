/** Another model answers than was asked for: said at once, and stopped where the policy says so, before a hunk lands. */
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;
beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q");
  sandbox.write("a.txt", "one\n");
});
afterEach(async () => {
  await sim?.close();
  sandbox.remove();
});

const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n";

async function ask(policy: string, trusts = false) {
  const answers = [{ when: { prompt: "go" }, reply: [{ call: { name: "edit", input: patch } }, { text: "done" }] }];
  sim = await startSim({ scenario: { serves: { model: "cheaper" }, answers } });
  if (policy !== "") sandbox.write(".twolane/policy.yaml", `version: 1\n${policy}\n`);
  if (trusts) await sandbox.run(["trust"]);
  return sandbox.run(["run", "-m", "sim/dearer", "go"], { env: { TWOLANE_SIM_URL: sim.url } });
}

describe("another model than asked for", () => {
  it("is said, and works, where no rule speaks of it", async () => {
    const done = await ask("");
    expect(done.status).toBe(0);
    expect(done.stdout + done.stderr).toContain("Asked for dearer, answered by cheaper");
    expect(sandbox.read("a.txt")).toBe("two\n");
  });

  it.each([
    ["block", 6, "SERVED_BLOCKED"],
    ["hold", 3, "SERVED_HELD"],
  ])("%s ends the turn before anything lands", async (decision, status, code) => {
    const done = await ask(`models: { served: ${decision} }`);
    expect(done.status).toBe(status);
    expect(done.stdout + done.stderr).toMatch(new RegExp(`Cheaper answers, and dearer was asked for.*\\[${code}\\]`));
    expect(sandbox.read("a.txt")).toBe("one\n");
  });

  it("goes on where the rule of a trusted workspace lets it through", async () => {
    const done = await ask("models: { served: block, allow: ['cheap*'] }", true);
    expect(done.status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("two\n");
  });
});
