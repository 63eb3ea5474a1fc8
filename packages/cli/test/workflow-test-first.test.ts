/** Test first in a real pty with a scripted model: a failing test, then what makes it pass, and stopped in the middle at each stage. */
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowScreen, answer, openWorkflowScreen, shows } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const own =
  'import test from "node:test";\nimport assert from "node:assert";\nimport { total } from "../src/cart.js";\n' +
  'test("sums", () => assert.equal(total([1, 2]), 3));\n';
const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/cart.js": "export const total = (items) => items.reduce((a, b) => a + b, items.length > 0 ? 0 : 1);\n",
  "test/cart.test.js": own,
};
const edit = (input: string): Answers[number]["reply"] => [
  { call: { name: ["edit"], input: `*** Begin Patch\n${input}*** End Patch\n` } },
  { text: "Done." },
];
const last = 'test("sums", () => assert.equal(total([1, 2]), 3));';
const failing = 'test("an empty cart costs nothing", () => assert.equal(total([]), 0));';
const testEdit = (text = failing): string => `*** Update File: test/cart.test.js\n@@\n ${last}\n${text.replace(/^/gm, "+")}\n`;
const fixEdit =
  "*** Update File: src/cart.js\n@@\n-export const total = (items) => items.reduce((a, b) => a + b, items.length > 0 ? 0 : 1);\n+export const total = (items) => items.reduce((a, b) => a + b, 0);\n";
const comments = "// a comment that takes its time to be written\n".repeat(60);
const writesTest = (text?: string, tokensPerSecond?: number): Answers[number] => ({
  when: { prompt: "^Write one failing test" },
  reply: edit(testEdit(text)),
  ...(tokensPerSecond !== undefined && { pace: { tokensPerSecond } }),
});
const rest: Answers[number] = { reply: edit(fixEdit) };

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (...answers: Answers): Promise<WorkflowScreen> => (stage = await openWorkflowScreen(files, answers));

describe.skipIf(!hasSandbox)("test first on the screen", () => {
  it("sees the test fail, then pass, and says so", async () => {
    const { open: openSession, sandbox, changed } = await open(writesTest(), rest);
    const screen = await openSession();
    screen.write("/test an empty cart costs nothing\r");
    await screen.until(shows("✓ test done"), { timeout: 40_000 });
    expect(screen.scrollback().join("\n")).toContain("seen to fail: an empty cart costs nothing");
    expect(sandbox.read("src/cart.js")).toContain("a + b, 0)");
    expect(changed()).toBe("M src/cart.js\n M test/cart.test.js");
  }, 60_000);

  it("leaves nothing behind where it is stopped while the test is written", async () => {
    const { open: openSession, changed } = await open(writesTest(`${comments}${failing}`, 60), rest);
    const screen = await openSession();
    screen.write("/test an empty cart costs nothing\r");
    await screen.until("… test/cart.test.js", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ test stopped"), { timeout: 20_000 });
    expect(changed()).toBe("");
  }, 60_000);

  it("keeps the failing test where it is stopped before anything makes it pass", async () => {
    const slow = { ...rest, reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 100 } };
    const { open: openSession, sandbox, changed } = await open(writesTest(), slow);
    const screen = await openSession();
    screen.write("/test an empty cart costs nothing\r");
    await screen.until("word word", { timeout: 40_000 });
    screen.press("ctrl-c");
    await screen.until((now) => /■ test stopped|What now\?/.test(now.scrollback().join("\n")), { timeout: 20_000 });
    if (!shows("■ test stopped")(screen)) await answer(screen, "e");
    await screen.until(shows("■ test stopped"), { timeout: 20_000 });
    expect(sandbox.read("test/cart.test.js")).toContain(failing);
    expect(changed()).toBe("M test/cart.test.js");
  }, 60_000);
});
