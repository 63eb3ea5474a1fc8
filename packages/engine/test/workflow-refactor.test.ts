/** Refactor from the plan to its report, with a scripted model, real edits and real tests in the sandbox. */
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type StageOptions, type WorkflowStage, lineEdit, openWorkflowStage } from "./workflow-stage.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/add.js": "export const add = (a, b) => a + b;\nexport const twice = (a) => a + a;\n",
  "test/add.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { add, twice } from "../src/add.js";\n' +
    'test("adds", () => assert.equal(add(1, 1), 2));\ntest("twice", () => assert.equal(twice(2), 4));\n',
};

const plan =
  "Here is the plan:\n1. `src/add.js` — use the operator once — risk: low, two callers\n2. src/add.js — twice calls add — risk: low\n";

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: StageOptions["answers"], more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

describe.skipIf(!hasSandbox)("refactor", () => {
  const answers: StageOptions["answers"] = [
    { when: { prompt: "^Plan a refactoring" }, reply: [{ text: plan }] },
    {
      when: { prompt: "change 1 of 2" },
      reply: [
        ...lineEdit("src/add.js", "export const add = (a, b) => a + b;", "export const add = (a, b) => b + a;"),
        { text: "Done." },
      ],
    },
    {
      when: { prompt: "change 2 of 2" },
      reply: [
        ...lineEdit("src/add.js", "export const twice = (a) => a + a;", "export const twice = (a) => add(a, a);"),
        { text: "Done." },
      ],
    },
    { reply: [{ text: "Done." }] },
  ];

  it("plans, asks, carries out one change after the other with its tests, and says what stayed", async () => {
    const { send, event, session, text } = await open(answers);
    send({ type: "workflow.start", workflow: "refactor", text: "tidy src/add.js" });
    const asked = await event("workflow.asked");
    expect(asked.detail).toEqual({
      kind: "plan",
      steps: [
        { title: "use the operator once", files: ["src/add.js"], risk: "low, two callers" },
        { title: "twice calls add", files: ["src/add.js"], risk: "low" },
      ],
    });
    expect(text("src/add.js")).toBe(files["src/add.js"]);
    send({ type: "workflow.answer", answer: "yes" });
    const ended = await event("workflow.ended");
    expect(ended).toMatchObject({ ending: "done" });
    expect(ended.report[0]).toBe("step 1: use the operator once · tests: 2 passed");
    expect(ended.report[1]).toBe("step 2: twice calls add · tests: 2 passed");
    await session.idle();
    expect(text("src/add.js")).toBe("export const add = (a, b) => b + a;\nexport const twice = (a) => add(a, a);\n");
  });

  it("changes nothing where the plan is refused", async () => {
    const { send, event, text } = await open(answers);
    send({ type: "workflow.start", workflow: "refactor", text: "tidy src/add.js" });
    await event("workflow.asked");
    send({ type: "workflow.answer", answer: "no" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
    expect(text("src/add.js")).toBe(files["src/add.js"]);
  });

  it("goes on by itself where nobody can be asked", async () => {
    const { send, event } = await open(answers, { asks: false });
    send({ type: "workflow.start", workflow: "refactor", text: "tidy src/add.js" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "done" });
  });
});
