/** Debug without a terminal: true output piped into the command. */
import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }),
  "src/price.js": "export const cents = (euros) => euros * 100;\nexport const label = (cents) => `${cents / 100} EUR`;\n",
  "test/price.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { cents, label } from "../src/price.js";\n' +
    'test("cents", () => assert.equal(cents(2), 200));\ntest("two digits", () => assert.equal(label(250), "2.50 EUR"));\n',
};
const edit = (from: string, to: string): Answers[number]["reply"] => [
  {
    call: { name: ["edit"], input: `*** Begin Patch\n*** Update File: src/price.js\n@@\n-${from}\n+${to}\n*** End Patch\n` },
  },
  { text: "Done." },
];
const causes = "1. cents multiplies the wrong way — check: none\n2. label writes no second digit — check: `no-such-check`\n";
const answers: Answers = [
  { when: { prompt: "Find why this fails" }, reply: [{ text: causes }] },
  {
    when: { prompt: "removes this cause[^\\n]*cents" },
    reply: edit("export const cents = (euros) => euros * 100;", "export const cents = (euros) => 100 * euros;"),
  },
  {
    when: { prompt: "removes this cause[^\\n]*label" },
    reply: edit(
      "export const label = (cents) => `${cents / 100} EUR`;",
      "export const label = (cents) => `${(cents / 100).toFixed(2)} EUR`;",
    ),
  },
];

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (): Promise<WorkflowScreen> => (stage = await openWorkflowScreen(files, answers));

function failing({ sandbox }: WorkflowScreen): string {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  // Whoever runs these tests may have told npm to say less.
  const { stdout, stderr } = spawnSync("npm", ["test"], {
    cwd: sandbox.folder,
    encoding: "utf8",
    env: { ...env, npm_config_loglevel: "notice" },
  });
  return stdout + stderr;
}

describe.skipIf(!hasSandbox)("npm test 2>&1 | twolane debug", () => {
  it("finds the place, tries one cause after the other, and proves what it leaves", async () => {
    const { sandbox, env, changed } = await open();
    const input = stage === undefined ? "" : failing(stage);
    const { status, stdout } = await sandbox.run(["debug", "--trust", "-m", "sim/scripted"], { env, input });
    expect(stdout).toContain("two digits · test/price.test.js:5");
    expect(stdout).toContain("1. cents multiplies the wrong way");
    expect(stdout).toContain("✓ debug done\n  failed: two digits");
    expect(stdout).toContain("the same fails still, so its change is taken back");
    expect(stdout).toContain("proved by tests: 2 passed");
    expect(stdout).toContain("↶ src/price.js  taken back  h1\n");
    expect(stdout).toContain("\n2 hunks landed in 1 file · 1 taken back · ");
    expect(sandbox.read("src/price.js")).toBe(files["src/price.js"].replace("${cents / 100}", "${(cents / 100).toFixed(2)}"));
    expect([status, changed()]).toEqual([0, "M src/price.js"]);
  }, 60_000);

  it("asks no model where nothing failed", async () => {
    const { sandbox, sim, env, changed } = await open();
    const input = "TAP version 13\nok 1 - cents\n1..1\n# tests 1\n# pass 1\n# fail 0\n";
    const { status, stdout } = await sandbox.run(["debug", "--trust", "-m", "sim/scripted"], { env, input });
    expect(stdout).toContain("✓ debug done\n  Nothing failed in this output.");
    expect(sim.requests.filter(({ body }) => JSON.stringify(body ?? {}).includes("Find why this fails"))).toEqual([]);
    expect([status, changed()]).toEqual([0, ""]);
  }, 60_000);

  it("only looks with --plan", async () => {
    const { sandbox, env, changed } = await open();
    const input = stage === undefined ? "" : failing(stage);
    const { status, stdout } = await sandbox.run(["debug", "--plan", "--trust", "-m", "sim/scripted"], { env, input });
    expect(stdout).toContain("2 likely causes");
    expect([status, changed()]).toEqual([0, ""]);
  }, 60_000);
});
