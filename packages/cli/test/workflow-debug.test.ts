/** Debug in a real pty with a scripted model: from pasted output to the change that is proved, and stopped in the middle at each stage. */
import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import type { Screen } from "./pty.ts";
import { type Answers, type WorkflowScreen, answer, openWorkflowScreen, shows } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const label = "export const label = (cents) => `${cents / 100} EUR`;";
const mended = "export const label = (cents) => `${(cents / 100).toFixed(2)} EUR`;";
const files = {
  ".twolane/policy.yaml": 'version: 1\ncommands:\n  - allow: ["npm test", "node **", "sleep *"]\n',
  "package.json": JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }),
  "src/price.js": `export const cents = (euros) => euros * 100;\n${label}\n`,
  "test/price.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { cents, label } from "../src/price.js";\n' +
    'test("cents", () => assert.equal(cents(2), 200));\ntest("two digits", () => assert.equal(label(250), "2.50 EUR"));\n',
};
const edit = (...changes: readonly string[]): Answers[number]["reply"] => [
  { call: { name: ["edit"], input: `*** Begin Patch\n*** Update File: src/price.js\n${changes.join("")}*** End Patch\n` } },
  { text: "It is the only line that decides this." },
];
const right = `@@\n-${label}\n+${mended}\n`;
const wrong = "@@\n-export const cents = (euros) => euros * 100;\n+export const cents = (euros) => 100 * euros;\n";
const late = `@@\n export const cents = (euros) => euros * 100;\n${"+// a comment that takes its time to be written\n".repeat(15)}`;
const causes = (text: string): Answers[number] => ({ when: { prompt: "^Find why this fails" }, reply: [{ text }] });
const change = (cause: string, reply: Answers[number]["reply"], tokensPerSecond?: number): Answers[number] => ({
  ...{ when: { prompt: `removes this cause[^\\n]*${cause}` }, reply },
  ...(tokensPerSecond !== undefined && { pace: { tokensPerSecond } }),
});
const both = "1. cents multiplies the wrong way — check: `sleep 30`\n2. label in src/price.js:2 writes no second digit\n";

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** The failing output of the project's tests is pasted behind the command. */
async function begin(...answers: Answers): Promise<{ readonly screen: Screen; readonly stage: WorkflowScreen }> {
  stage = await openWorkflowScreen(files, answers);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  // Whoever runs these tests may have told npm to say less.
  const { stdout } = spawnSync("npm", ["test"], {
    cwd: stage.sandbox.folder,
    encoding: "utf8",
    env: { ...env, npm_config_loglevel: "notice" },
  });
  const screen = await stage.open();
  screen.write("/debug the price has one digit ");
  screen.paste(stdout);
  await screen.until("[pasted");
  screen.press("enter");
  return { screen, stage };
}

describe.skipIf(!hasSandbox)("debug on the screen", () => {
  it("names the place, asks which cause, takes back what proves nothing, and proves what does", async () => {
    const { screen, stage: on } = await begin(causes(both), change("cents", edit(wrong)), change("label", edit(right)));
    await screen.until("2 likely causes. Which one is to be mended?", { timeout: 20_000 });
    expect(screen.scrollback().join("\n")).toMatch(/two digits · test\/price\.test\.js:5/);
    expect(screen.scrollback().join("\n")).toContain("check: sleep 30");
    await answer(screen, "1");
    await screen.until("1 likely cause left.", { timeout: 30_000 });
    expect(on.changed()).toBe("");
    await answer(screen, "2");
    await screen.until(shows("✓ debug done"), { timeout: 30_000 });
    expect(screen.scrollback().join("\n")).toContain("proved by tests: 2 passed");
    expect(on.sandbox.read("src/price.js")).toContain(mended);
    expect(on.changed()).toBe("M src/price.js");
  }, 90_000);

  it("leaves nothing behind where it is stopped while the model looks for causes", async () => {
    const slow = { ...causes(""), reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 100 } };
    const { screen, stage: on } = await begin(slow);
    await screen.until("word word", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ debug stopped"), { timeout: 20_000 });
    expect(on.changed()).toBe("");
  }, 60_000);

  it("changes nothing where it is ended while a check runs", async () => {
    const { screen, stage: on } = await begin(causes(both));
    await screen.until("2 likely causes.", { timeout: 20_000 });
    await answer(screen, "c");
    await screen.until(/debug 1\/\d · check/, { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ debug stopped"), { timeout: 20_000 });
    expect(on.changed()).toBe("");
  }, 60_000);

  it("asks where it is stopped in the middle of the change, and keeps what landed if that is the answer", async () => {
    const { screen, stage: on } = await begin(causes(both), change("label", edit(right, late), 60));
    await screen.until("2 likely causes.", { timeout: 20_000 });
    await answer(screen, "2");
    await screen.until("● src/price.js", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until("The change was stopped. What now?", { timeout: 20_000 });
    await answer(screen, "k");
    await screen.until(shows("■ debug stopped"), { timeout: 20_000 });
    expect(on.sandbox.read("src/price.js")).toBe(files["src/price.js"].replace(label, mended));
  }, 60_000);
});
