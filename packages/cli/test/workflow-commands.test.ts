/** Workflows without a terminal: what is printed, what is on disk, the exit status, and where they stop. */
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/add.js": "export const add = (a, b) => a + b;\nexport const twice = (a) => a + a;\n",
  "test/add.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { add, twice } from "../src/add.js";\n' +
    'test("adds", () => assert.equal(add(1, 2), 3));\ntest("twice", () => assert.equal(twice(2), 4));\n',
};
const edit = (to: string): Answers[number]["reply"] => [
  {
    call: {
      name: ["edit"],
      input: `*** Begin Patch\n*** Update File: src/add.js\n@@\n-export const twice = (a) => a + a;\n+export const twice = (a) => ${to};\n*** End Patch\n`,
    },
  },
  { text: "Done." },
];
const planned: Answers[number] = {
  when: { prompt: "^Plan a refactoring" },
  reply: [{ text: "1. src/add.js — twice calls add — risk: low\n" }],
};
const rest: Answers[number] = { reply: [{ text: "Done." }] };
const usual: Answers = [planned, { when: { prompt: "change 1 of 1" }, reply: edit("add(a, a)") }, rest];

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers): Promise<WorkflowScreen> => (stage = await openWorkflowScreen(files, answers));
const model = ["-m", "sim/scripted"];

describe.skipIf(!hasSandbox)("twolane refactor", () => {
  it("plans, goes on by itself, tests, and reports", async () => {
    const { sandbox, env, changed } = await open(usual);
    const { status, stdout } = await sandbox.run(["refactor", "use add everywhere", "--trust", ...model], { env });
    expect(stdout).toContain("  refactor · plan · making a plan\n");
    expect(stdout).toContain(
      "? A plan of 1 change. Carry it out?\n  1. twice calls add\n     src/add.js\n     risk: low\n  → yes\n",
    );
    expect(stdout).toContain("✓ refactor done\n  step 1: twice calls add · tests: 2 passed\n");
    expect([status, changed()]).toEqual([0, "M src/add.js"]);
  }, 60_000);

  it("stops behind the plan with --plan, and changes nothing", async () => {
    const { sandbox, env, changed } = await open(usual);
    const { status, stdout } = await sandbox.run(["refactor", "--plan", "use add everywhere", "--trust", ...model], { env });
    expect(stdout).toContain("  1. twice calls add\n");
    expect(stdout).not.toContain("→");
    expect(stdout).toContain("■ refactor stopped\n  ended at its question, without an answer\n");
    expect([status, changed()]).toEqual([0, ""]);
  }, 60_000);

  it("says one event a line with --json, and fails where its tests do", async () => {
    const wrong = [planned, { when: { prompt: "change 1 of 1|Mend it" }, reply: edit("a") }, rest];
    const { sandbox, env } = await open(wrong);
    const { status, stdout } = await sandbox.run(["refactor", "use add everywhere", "--json", "--trust", ...model], { env });
    const types = stdout
      .trim()
      .split("\n")
      .map((line) => String(Reflect.get(JSON.parse(line), "type")));
    expect(types.filter((type) => type.startsWith("workflow."))).toContain("workflow.asked");
    expect(types).toContain("workflow.ended");
    expect(status).toBe(1);
  }, 60_000);

  it("ends with Ctrl-C, and keeps what landed", async () => {
    const slow = {
      when: { prompt: "change 1 of 1" },
      reply: [...edit("add(a, a)").slice(0, 1), { repeat: 400, steps: [{ text: "word " }] }],
    };
    const { sandbox, env, changed } = await open([planned, { ...slow, pace: { tokensPerSecond: 100 } }, rest]);
    const running = sandbox.start(["refactor", "use add everywhere", "--trust", ...model], { env });
    await running.until("landed");
    running.process.kill("SIGINT");
    const { status, stdout } = await running.done;
    expect(stdout).toContain("■ refactor stopped");
    expect([status, changed()]).toEqual([130, "M src/add.js"]);
  }, 60_000);

  it("says that it was not told what is wanted, and by which status a provider failed", async () => {
    const { sandbox, env } = await open([{ fault: { kind: "status", status: 401 }, reply: [{ text: "" }] }]);
    const empty = await sandbox.run(["refactor", ...model], { env });
    expect([empty.status, empty.stderr]).toEqual([2, expect.stringContaining("[REQUEST_EMPTY]")]);
    const failed = await sandbox.run(["refactor", "use add everywhere", ...model], { env });
    expect([failed.status, failed.stdout]).toEqual([4, expect.stringContaining("✗ refactor failed")]);
    const unknown = await sandbox.run(["refactor", "x y", "--staged", ...model], { env });
    expect(unknown.status).toBe(2);
  }, 60_000);
});

describe.skipIf(!hasSandbox)("a workflow whose person has gone", () => {
  const args = ["--trust", ...model];

  it("goes on by itself where its line came from a pipe", async () => {
    const { sandbox, env, changed } = await open(usual);
    const { status, stdout } = await sandbox.run(["--plain", ...args], { env, input: "/refactor use add everywhere\n" });
    expect(stdout).toContain("✓ refactor done\n  step 1: twice calls add · tests: 2 passed\n");
    expect([status, changed()]).toEqual([0, "M src/add.js"]);
  }, 60_000);

  it("goes on by itself where a program has closed its input", async () => {
    const { sandbox, env, changed } = await open(usual);
    const input = `${JSON.stringify({ type: "workflow.start", workflow: "refactor", text: "use add everywhere" })}\n`;
    const { status, stdout } = await sandbox.run(["run", "--json", "--input", "jsonl", ...args], { env, input });
    expect(stdout).toContain('"type":"workflow.ended","workflow":"refactor","ending":"done"');
    expect([status, changed()]).toEqual([0, "M src/add.js"]);
  }, 60_000);
});

describe("twolane test with words", () => {
  it("keeps paths paths", async () => {
    const { sandbox, env } = await open(usual);
    const { stdout } = await sandbox.run(["test", "src/add.js", "--list"], { env });
    expect(stdout).toContain("1 of 1 test files");
  }, 60_000);
});

it.skipIf(process.platform === "darwin")(
  "runs no test where there is no sandbox, and says so",
  async () => {
    const testThatWrites = `import fs from "node:fs";\nfs.writeFileSync("ran", "");\n${files["test/add.test.js"]}`;
    stage = await openWorkflowScreen({ ...files, "test/add.test.js": testThatWrites }, usual);
    const { sandbox, env, changed } = stage;
    const programs = path.join(sandbox.folder, ".git/programs");
    mkdirSync(programs);
    const git = (process.env["PATH"] ?? "").split(path.delimiter).map((folder) => path.join(folder, "git"));
    symlinkSync(process.execPath, path.join(programs, "node"));
    symlinkSync(git.find((file) => existsSync(file)) ?? "", path.join(programs, "git"));
    const { status, stdout } = await sandbox.run(["refactor", "use add everywhere", "--trust", ...model], {
      env: { ...env, PATH: programs },
    });
    expect(stdout).toMatch(/✓ refactor done\n {2}step 1: twice calls add · tests: not run \(there is no sandbox: .*\)\n/);
    expect(existsSync(path.join(sandbox.folder, "ran"))).toBe(false);
    expect([status, changed()]).toEqual([0, "M src/add.js"]);
  },
  60_000,
);
