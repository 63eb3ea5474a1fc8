/** What `twolane run` makes of the tests that its change can reach: it waits for them, and its exit status says how they ended. */
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Finished, type Sandbox, openSandbox } from "./command.ts";

const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

const project = {
  "package.json": '{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n',
  "src/add.js": "export const add = (a, b) => a + b;\n",
  "test/add.test.js": `import assert from "node:assert";
import { test } from "node:test";
import { add } from "../src/add.js";

test("adds", () => assert.equal(add(2, 3), 5));
`,
};

const edit = (text: string) => [
  {
    call: {
      name: ["edit"],
      input: `*** Begin Patch\n*** Update File: src/add.js\n@@\n-export const add = (a, b) => a + b;\n+${text}\n*** End Patch\n`,
    },
  },
  { text: "Done." },
];

let sim: Sim;
let sandbox: Sandbox;
beforeAll(async () => {
  const answers = [
    { when: { prompt: "break" }, reply: edit("export const add = (a, b) => a - b;") },
    { when: { prompt: "swap" }, reply: edit("export const add = (a, b) => b + a;") },
  ];
  sim = await startSim({ port: 0, scenario: { answers } });
});
afterAll(() => sim.close());
beforeEach(() => {
  sandbox = openSandbox();
  for (const [path, text] of Object.entries(project)) sandbox.write(path, text);
});
afterEach(() => sandbox.remove());

const ask = (request: string): Promise<Finished> =>
  sandbox.run(["run", "-m", "sim/scripted", request], { env: { TWOLANE_SIM_URL: sim.url } });

describe.skipIf(!hasSandbox)("twolane run with tests that the change can reach", () => {
  it("ends with status 1 where one failed, though every hunk landed, and with 0 where all passed", async () => {
    await sandbox.run(["trust"]);
    const failed = await ask("break it");
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/test\/add\.test\.js {2}failed[^]*0 passed, 1 failed[^]*\n1 hunk landed in 1 file/);
    sandbox.write("src/add.js", project["src/add.js"]);
    const passed = await ask("swap them");
    expect(passed).toMatchObject({ status: 0, stdout: expect.stringContaining("1 passed") });
  });

  it("says once that they do not run without trust, and its status is that of the hunks", async () => {
    const { status, stdout } = await ask("break it");
    expect(status).toBe(0);
    expect(stdout).toContain("Tests do not run by themselves, as nobody has trusted this workspace");
    expect(stdout).not.toContain("tests:");
  });
});
