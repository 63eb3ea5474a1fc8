/** Refactor in a real pty with a scripted model: from the plan to the report, and stopped in the middle at each stage. */
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowScreen, answer, openWorkflowScreen, shows } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/add.js": "export const add = (a, b) => a + b;\nexport const twice = (a) => a + a;\n",
  "src/sum.js": 'import { add } from "./add.js";\nexport const sum = (all) => all.reduce((a, b) => a + b, 0);\n',
  "test/add.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { add } from "../src/add.js";\nimport { sum } from "../src/sum.js";\n' +
    'test("adds", () => assert.equal(add(1, 2), 3));\ntest("sums", () => assert.equal(sum([1, 2]), 3));\n',
};
const slowTest = {
  "test/add.test.js": `${files["test/add.test.js"]}test("slow", () => new Promise((done) => setTimeout(done, 60000)));\n`,
};

const plan = "1. `src/add.js` — twice calls add — risk: low\n2. src/sum.js — sum calls add — risk: low, one caller\n";
const patch = (...parts: readonly string[]): string => `*** Begin Patch\n${parts.join("")}*** End Patch\n`;
const update = (file: string, from: string, to: string): string => `*** Update File: ${file}\n@@\n-${from}\n+${to}\n`;
const first = update("src/add.js", "export const twice = (a) => a + a;", "export const twice = (a) => add(a, a);");
const second = update(
  "src/sum.js",
  "export const sum = (all) => all.reduce((a, b) => a + b, 0);",
  "export const sum = (all) => all.reduce(add, 0);",
);
const late = `*** Update File: src/add.js\n@@\n-export const add = (a, b) => a + b;\n${"+// a comment that takes its time to be written\n".repeat(40)}+export const add = (a, b) => b + a;\n`;

const change = (when: string, input: string, tokensPerSecond?: number): Answers[number] => ({
  when: { prompt: when },
  reply: [{ call: { name: ["edit"], input } }, { text: "Done." }],
  ...(tokensPerSecond !== undefined && { pace: { tokensPerSecond } }),
});
const planned: Answers[number] = { when: { prompt: "^Plan a refactoring" }, reply: [{ text: plan }] };
const rest: Answers[number] = { reply: [{ text: "Done." }] };
const usual: Answers = [planned, change("change 1 of", patch(first)), change("change 2 of", patch(second)), rest];

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers, more: Readonly<Record<string, string>> = {}): Promise<WorkflowScreen> =>
  (stage = await openWorkflowScreen({ ...files, ...more }, answers));

describe.skipIf(!hasSandbox)("refactor on the screen", () => {
  it("shows the plan, lets it be changed, carries out one change at a time, and says what stayed", async () => {
    const { open: openSession, sandbox, changed } = await open(usual);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("Carry it out?");
    expect(screen.lines().join("\n")).toContain("  1. twice calls add\n     src/add.js\n     risk: low");
    expect(screen.lines().join("\n")).toContain("refactor asks you");
    await answer(screen, "e");
    await screen.until("a 1. src/add.js — twice calls add — risk: low");
    // The second line goes.
    screen.press("ctrl-u", "backspace");
    screen.press("enter");
    await screen.until("A plan of 1 change. Carry it out?");
    await answer(screen, "y");
    await screen.until(shows("✓ refactor done"), { timeout: 30_000 });
    expect(screen.scrollback().join("\n")).toMatch(/step 1: twice calls add · tests: 2 passed/);
    expect(sandbox.read("src/add.js")).toContain("twice = (a) => add(a, a)");
    expect(changed()).toBe("M src/add.js");
  }, 60_000);

  it("leaves nothing behind where it is stopped while it plans", async () => {
    const slow: Answers = [
      { ...planned, reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 100 } },
      rest,
    ];
    const { open: openSession, changed } = await open(slow);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("word word");
    screen.press("ctrl-c");
    await screen.until(shows("■ refactor stopped"));
    expect(changed()).toBe("");
  }, 60_000);

  it("waits with its question behind Esc, and changes nothing where the plan is refused", async () => {
    const { open: openSession, changed } = await open(usual);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("Carry it out?");
    await answer(screen, "");
    screen.press("esc");
    await screen.until("/refactor asks: A plan of 2 changes. Carry it out? (Tab");
    screen.press("tab");
    await screen.until("yes   carry it out");
    await answer(screen, "n");
    await screen.until(shows("■ refactor stopped"));
    expect(changed()).toBe("");
  }, 60_000);

  it("asks where it is stopped in the middle of a change, and keeps what landed and nothing else", async () => {
    const { open: openSession, sandbox, changed } = await open([planned, change("change 1 of", patch(first, late), 60), rest]);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("Carry it out?");
    await answer(screen, "y");
    await screen.until(() => sandbox.read("src/add.js").includes("add(a, a)"), { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until("Change 1 was stopped. What now?");
    await answer(screen, "e");
    await screen.until(shows("■ refactor stopped"), { timeout: 20_000 });
    expect(sandbox.read("src/add.js")).toBe(files["src/add.js"].replace("a + a", "add(a, a)"));
    expect(changed()).toBe("M src/add.js");
  }, 60_000);

  it("takes a change back where that is the answer, and goes on with the next", async () => {
    const {
      open: openSession,
      sandbox,
      changed,
    } = await open([...[planned, change("change 1 of", patch(first, late), 60), change("change 2 of", patch(second)), rest]]);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("Carry it out?");
    await answer(screen, "y");
    await screen.until(() => sandbox.read("src/add.js").includes("add(a, a)"), { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until("Change 1 was stopped. What now?");
    await answer(screen, "u");
    await screen.until(shows("✓ refactor done"), { timeout: 30_000 });
    expect(sandbox.read("src/add.js")).toBe(files["src/add.js"]);
    expect(changed()).toBe("M src/sum.js");
  }, 60_000);

  it("ends with Ctrl-C while its tests run, and keeps what landed", async () => {
    const { open: openSession, sandbox, changed } = await open(usual, slowTest);
    const screen = await openSession();
    screen.write("/refactor use add everywhere\r");
    await screen.until("Carry it out?");
    await answer(screen, "y");
    await screen.until("refactor 1/2 · tests", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ refactor stopped"), { timeout: 20_000 });
    expect(sandbox.read("src/add.js")).toContain("add(a, a)");
    expect(changed()).toBe("M src/add.js");
    screen.press("ctrl-c", "ctrl-c");
    expect((await screen.exited).status).toBe(0);
  }, 60_000);
});

describe.skipIf(!hasSandbox)("refactor line by line", () => {
  it("numbers its choices, takes a plan of several lines, and reports", async () => {
    const { sandbox, env, changed } = await open(usual);
    const running = sandbox.start(["--plain", "-m", "sim/scripted", "--trust"], { env });
    running.say("/refactor use add everywhere");
    await running.until("1. yes  (carry it out");
    running.say("edit");
    await running.until("Type other lines in place of these");
    running.say("1. src/sum.js — change 2 of all — risk: low");
    running.say("2. src/add.js — twice calls add");
    running.say("");
    await running.until("A plan of 2 changes. Carry it out?\n  1. change 2 of all");
    running.say("3");
    await running.until("refactor stopped");
    running.process.stdin?.end();
    expect((await running.done).status).toBe(0);
    expect(changed()).toBe("");
  }, 60_000);
});
