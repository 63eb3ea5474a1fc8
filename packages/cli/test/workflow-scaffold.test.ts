/** Scaffold in a real pty with a scripted model: from the tree to the report, and stopped in the middle at each stage. */
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowScreen, answer, openWorkflowScreen, shows } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/app.js": "export const routes = [];\n",
  "test/app.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { routes } from "../src/app.js";\ntest("routes", () => assert.ok(Array.isArray(routes)));\n',
};
const health = "export const health = () => ({ ok: true });\n";
const healthTest =
  'import test from "node:test";\nimport assert from "node:assert";\nimport { health } from "../src/health.js";\ntest("lives", () => assert.deepEqual(health(), { ok: true }));\n';
const added = (file: string, text: string): string =>
  `*** Add File: ${file}\n${text
    .trimEnd()
    .split("\n")
    .map((line) => `+${line}\n`)
    .join("")}`;
const patch = (...parts: readonly string[]): Answers[number]["reply"] => [
  { call: { name: ["edit"], input: `*** Begin Patch\n${parts.join("")}*** End Patch\n` } },
  { text: "Done." },
];
const structure = "src/health.js — says that it lives\ntest/health.test.js — its test\n";
const planning: Answers[number] = { when: { prompt: "^Plan the structure" }, reply: [{ text: structure }] };
const rest: Answers[number] = { reply: [{ text: "Done." }] };
const long = `${"// a comment that takes its time to be written\n".repeat(40)}${healthTest}`;
const writing = (text = healthTest, tokensPerSecond?: number): Answers[number] => ({
  when: { prompt: "^The structure is agreed to" },
  reply: patch(added("src/health.js", health), added("test/health.test.js", text)),
  ...(tokensPerSecond !== undefined && { pace: { tokensPerSecond } }),
});

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (...answers: Answers): Promise<WorkflowScreen> => (stage = await openWorkflowScreen(files, answers));

describe.skipIf(!hasSandbox)("scaffold on the screen", () => {
  it("shows the tree, lets it be changed, writes exactly that, tests it, and says what was made", async () => {
    const { open: openSession, sandbox, changed } = await open(planning, writing(), rest);
    const screen = await openSession();
    screen.write("/scaffold a health route\r");
    await screen.until("2 new files. Write them?");
    expect(screen.lines().join("\n")).toMatch(
      / {2}src\/\n {4}health\.js +says that it lives\n {2}test\/\n {4}health\.test\.js +its test/,
    );
    await answer(screen, "e");
    await screen.until("a src/health.js — says that it lives");
    screen.press("alt-<");
    screen.write("src/alive.js — too\n");
    screen.press("alt-enter", "enter");
    await screen.until("3 new files. Write them?");
    await answer(screen, "n");
    await screen.until(shows("■ scaffold stopped"));
    expect(changed()).toBe("");
    screen.write("/scaffold a health route\r");
    await screen.until((now) => now.scrollback().join("\n").split("? 2 new files. Write them?").length > 2);
    await answer(screen, "y");
    await screen.until(shows("✓ scaffold done"), { timeout: 30_000 });
    expect(screen.scrollback().join("\n")).toContain("made: src/health.js, test/health.test.js");
    expect([sandbox.read("src/health.js"), changed()]).toEqual([health, "?? src/health.js\n?? test/health.test.js"]);
  }, 60_000);

  it("leaves nothing behind where it is stopped while it plans", async () => {
    const slow = { ...planning, reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 100 } };
    const { open: openSession, changed } = await open(slow, rest);
    const screen = await openSession();
    screen.write("/scaffold a health route\r");
    await screen.until("word word");
    screen.press("ctrl-c");
    await screen.until(shows("■ scaffold stopped"));
    expect(changed()).toBe("");
  }, 60_000);

  it("keeps the files that are whole where it is stopped while it writes, and nothing else", async () => {
    const { open: openSession, sandbox, changed } = await open(planning, writing(long, 80), rest);
    const screen = await openSession();
    screen.write("/scaffold a health route\r");
    await screen.until("Write them?");
    await answer(screen, "y");
    await screen.until("● src/health.js", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ scaffold stopped"), { timeout: 20_000 });
    expect([sandbox.read("src/health.js"), changed()]).toEqual([health, "?? src/health.js"]);
    expect(screen.scrollback().join("\n")).toContain("missing: test/health.test.js");
  }, 60_000);

  it("ends with Ctrl-C while its tests run, and keeps what is written", async () => {
    const slow = `${healthTest}test("slow", () => new Promise((done) => setTimeout(done, 60000)));\n`;
    const { open: openSession, changed } = await open(planning, writing(slow), rest);
    const screen = await openSession();
    screen.write("/scaffold a health route\r");
    await screen.until("Write them?");
    await answer(screen, "y");
    await screen.until("scaffold · tests", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ scaffold stopped"), { timeout: 20_000 });
    expect(changed()).toBe("?? src/health.js\n?? test/health.test.js");
  }, 60_000);
});
