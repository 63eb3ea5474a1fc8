/** Scaffold from the structure to its report, with a scripted model, real files and real tests in the sandbox. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type StageOptions, type WorkflowStage, newFile, openWorkflowStage } from "./workflow-stage.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/app.js": "export const routes = [];\n",
  "test/app.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { routes } from "../src/app.js";\ntest("routes", () => assert.ok(Array.isArray(routes)));\n',
};
const structure =
  "src/\n├── health.js — says that it lives\n└── app.js — (change) registers it\ntest/health.test.js — its test\n";
const health = "export const health = () => ({ ok: true });\n";
const healthTest =
  'import test from "node:test";\nimport assert from "node:assert";\nimport { health } from "../src/health.js";\ntest("lives", () => assert.deepEqual(health(), { ok: true }));\n';

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers, more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

const planning = (text: string): Answers[number] => ({ when: { prompt: "^Plan the structure" }, reply: [{ text }] });
const done: Answers[number] = { reply: [{ text: "Done." }] };
const isThere = (file: string): boolean => fs.existsSync(path.join(stage?.root ?? "", file));

const start = (text: string): void => stage?.send({ type: "workflow.start", workflow: "scaffold", text });

describe.skipIf(!hasSandbox)("scaffold", () => {
  const writing: Answers[number] = {
    when: { prompt: "^The structure is agreed to" },
    reply: [...newFile("src/health.js", health), ...newFile("test/health.test.js", healthTest), { text: "Done." }],
  };

  it("shows the structure, writes exactly that, tests it and says what was made", async () => {
    const { event, text, sim, session } = await open([planning(structure), writing, done]);
    start("a health route");
    const asked = await event("workflow.asked");
    // Nothing that exists is changed unless that was asked for.
    expect(asked.detail).toEqual({
      kind: "tree",
      files: [
        { path: "src/health.js", purpose: "says that it lives" },
        { path: "test/health.test.js", purpose: "its test" },
      ],
    });
    expect(isThere("src/health.js")).toBe(false);
    expect(JSON.stringify(sim.requests)).toContain("src/app.js\\ntest/app.test.js");
    stage?.send({ type: "workflow.answer", answer: "yes" });
    const ended = await event("workflow.ended");
    expect(ended).toMatchObject({ ending: "done" });
    expect(ended.report).toEqual([
      "left out: src/app.js exists already",
      "made: src/health.js, test/health.test.js",
      "tests: 1 passed",
    ]);
    await session.idle();
    expect(text("src/health.js")).toBe(health);
    expect(text("src/app.js")).toBe(files["src/app.js"]);
  });

  it("changes what exists where the words ask for it", async () => {
    const { event } = await open([planning(structure), writing, done]);
    start("a health endpoint for the existing app");
    const { detail, question } = await event("workflow.asked");
    expect(question).toBe("2 new files and 1 change. Write them?");
    expect(detail).toMatchObject({
      files: [{ path: "src/health.js" }, { path: "src/app.js", purpose: "(change) registers it" }, {}],
    });
    stage?.send({ type: "workflow.answer", answer: "yes" });
    const ended = await event("workflow.ended");
    // It was planned, and was not written.
    expect(ended).toMatchObject({ ending: "failed" });
    expect(ended.report).toEqual(["made: src/health.js, test/health.test.js", "missing: src/app.js", "tests: 1 passed"]);
  });

  it("holds what is not in the structure", async () => {
    const { event, text } = await open([
      planning("src/health.js — lives"),
      {
        when: { prompt: "^The structure is agreed to" },
        reply: [...newFile("src/health.js", health), ...newFile("src/more.js", health), { text: "Done." }],
      },
      done,
    ]);
    start("a health route");
    await event("workflow.asked");
    stage?.send({ type: "workflow.answer", answer: "yes" });
    const { report } = await event("workflow.ended");
    expect(report.slice(0, 2)).toEqual(["made: src/health.js", expect.stringMatching(/^held: src\/more\.js \(/)]);
    expect(text("src/health.js")).toBe(health);
    expect(isThere("src/more.js")).toBe(false);
  });

  it("takes another structure instead", async () => {
    const { event } = await open([planning(structure), writing, done]);
    start("a health route");
    await event("workflow.asked");
    stage?.send({ type: "workflow.answer", answer: "edit", text: "src/health.js\nsrc/app.js — (change) registers it" });
    const { detail } = await event("workflow.asked", 2);
    expect(detail).toEqual({
      kind: "tree",
      files: [
        { path: "src/health.js", purpose: "says that it lives" },
        { path: "src/app.js", purpose: "(change) registers it" },
      ],
    });
    stage?.send({ type: "workflow.answer", answer: "edit", text: "nothing" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
    expect(isThere("src/health.js")).toBe(false);
  });

  it("writes nothing where the structure is refused, or is none", async () => {
    const { event } = await open([planning(structure), done]);
    start("a health route");
    await event("workflow.asked");
    stage?.send({ type: "workflow.answer", answer: "no" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
    expect(isThere("src/health.js")).toBe(false);
    await stage?.close();
    const other = await open([planning("I would need to know more."), done]);
    start("a health route");
    expect(await other.event("workflow.ended")).toMatchObject({ ending: "failed" });
  });

  it("mends what fails within the same files, by itself where nobody can be asked", async () => {
    const broken = health.replace("true", "false");
    const { event, text } = await open(
      [
        planning(structure),
        {
          when: { prompt: "^The structure is agreed to" },
          reply: [...newFile("src/health.js", broken), ...newFile("test/health.test.js", healthTest), { text: "Done." }],
        },
        {
          when: { prompt: "Tests fail with these files" },
          reply: [
            {
              call: {
                name: ["edit"],
                input: `*** Begin Patch\n*** Update File: src/health.js\n@@\n-${broken}+${health}*** End Patch\n`,
              },
            },
            { text: "Done." },
          ],
        },
        done,
      ],
      { asks: false },
    );
    start("a health route");
    const ended = await event("workflow.ended");
    expect(ended.report.at(-1)).toBe("tests: 1 passed");
    expect(ended.ending).toBe("done");
    expect(text("src/health.js")).toBe(health);
  });

  it("knows ready requests for code that there is", async () => {
    const { event, sim } = await open([planning("src/retry.js — repeats\nsrc/app.js — (change) uses it"), done]);
    start("retries in src/app.js");
    const { question } = await event("workflow.asked");
    expect(question).toBe("1 new file and 1 change. Write them?");
    expect(JSON.stringify(sim.requests)).toContain("growing, jittered delays");
  });

  describe("stopped in the middle", () => {
    const slow: Answers[number] = {
      when: { prompt: "^The structure is agreed to" },
      reply: [...newFile("src/health.js", health), { pause: 10_000 }, ...newFile("test/health.test.js", healthTest)],
    };

    it("leaves nothing while the structure is planned", async () => {
      const { event, session } = await open([{ reply: [{ text: "src/health.js" }, { pause: 10_000 }] }]);
      start("a health route");
      await event("turn.started");
      stage?.send({ type: "stop" });
      expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
      await session.idle();
      expect(isThere("src/health.js")).toBe(false);
    });

    it.each(["stop", "workflow.end"] as const)("leaves what has landed while files are written: %s", async (type) => {
      const { event, session, text } = await open([planning(structure), slow]);
      start("a health route");
      await event("workflow.asked");
      stage?.send({ type: "workflow.answer", answer: "yes" });
      await event("hunk.landed");
      stage?.send({ type });
      expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
      await session.idle();
      expect(text("src/health.js")).toBe(health);
      expect(isThere("test/health.test.js")).toBe(false);
      expect(text("src/app.js")).toBe(files["src/app.js"]);
    });
  });
});
