/** Test first from the failing test to its report, with a scripted model, real edits and real tests in the sandbox. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type StageOptions, type WorkflowStage, lineEdit, newFile, openWorkflowStage } from "./workflow-stage.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const head = 'import test from "node:test";\nimport assert from "node:assert";\n';
const files = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/price.js": "export const total = (prices) => prices.reduce((sum, one) => sum + one);\n",
  "test/price.test.js": `${head}import { total } from "../src/price.js";\ntest("adds", () => assert.equal(total([1, 2]), 3));\n`,
};
const good = `${head}import { slug } from "../src/slug.js";\ntest("small letters", () => assert.equal(slug("A b"), "a-b"));\n`;
const unloadable = good.replace('"a-b"));', '"a-b");');
const passing = `${head}test("small letters", () => assert.equal("a-b", "a-b"));\n`;
const slug = 'export const slug = (text) => text.toLowerCase().replace(" ", "-");\n';

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers, more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

const writing = (text: string): Answers[number] => ({
  when: { prompt: "Write one failing test" },
  reply: [...newFile("test/slug.test.js", text), { text: "Done." }],
});
const correcting = (before: string, text: string): Answers[number] => ({
  when: { prompt: "Correct the test" },
  reply: [
    {
      call: {
        name: ["edit"],
        input: `*** Begin Patch\n*** Update File: test/slug.test.js\n@@\n-${before.trimEnd().split("\n").at(-1)}\n+${text.trimEnd().split("\n").at(-1)}\n*** End Patch\n`,
      },
    },
    { text: "Done." },
  ],
});
const building = (text: string): Answers[number] => ({
  when: { prompt: "The test fails as it should" },
  reply: [...newFile("src/slug.js", text), { text: "Done." }],
});
const done: Answers[number] = { reply: [{ text: "Done." }] };
const isThere = (file: string): boolean => fs.existsSync(path.join(stage?.root ?? "", file));
const start = (text = "slug: small letters, blanks become dashes"): void =>
  stage?.send({ type: "workflow.start", workflow: "test", text });

describe.skipIf(!hasSandbox)("test first", () => {
  it("sees the test fail, then pass, and says so", async () => {
    const { event, text, session } = await open([writing(good), building(slug), done]);
    start();
    const ended = await event("workflow.ended");
    expect(ended.report).toEqual([
      "test: test/slug.test.js",
      expect.stringMatching(/^seen to fail: .*: .*slug\.js does not exist yet$/),
      "tests: 1 passed",
    ]);
    expect(ended.ending).toBe("done");
    await session.idle();
    expect(text("src/slug.js")).toBe(slug);
    expect(text("test/slug.test.js")).toBe(good);
  });

  it("takes a crash for the reason where the request speaks of it", async () => {
    const { event, text } = await open([
      {
        when: { prompt: "Write one failing test" },
        reply: [
          ...lineEdit(
            "test/price.test.js",
            'test("adds", () => assert.equal(total([1, 2]), 3));',
            'test("adds", () => assert.equal(total([1, 2]), 3));\n+test("nothing", () => assert.equal(total([]), 0));',
          ),
          { text: "Done." },
        ],
      },
      {
        when: { prompt: "The test fails as it should" },
        reply: [
          ...lineEdit(
            "src/price.js",
            "export const total = (prices) => prices.reduce((sum, one) => sum + one);",
            "export const total = (prices) => prices.reduce((sum, one) => sum + one, 0);",
          ),
          { text: "Done." },
        ],
      },
      done,
    ]);
    start("total throws for an empty list; it is 0");
    expect(await event("workflow.ended")).toMatchObject({ ending: "done" });
    expect(text("src/price.js")).toContain("one, 0)");
  });

  it("holds what else is written before the test has failed, and the test when it is changed later", async () => {
    const { event, text, session } = await open([
      {
        when: { prompt: "Write one failing test" },
        reply: [
          ...newFile("src/slug.js", "export const slug = () => 1;\n"),
          ...newFile("test/slug.test.js", good),
          { text: "Done." },
        ],
      },
      {
        when: { prompt: "The test fails as it should" },
        reply: [
          ...lineEdit("test/slug.test.js", 'import test from "node:test";', 'import { test } from "node:test";'),
          ...newFile("src/slug.js", slug),
          { text: "Done." },
        ],
      },
      done,
    ]);
    start();
    const ended = await event("workflow.ended");
    expect(ended.ending).toBe("done");
    expect(ended.report.find((line) => line.startsWith("held: "))).toMatch(/^held: test\/slug\.test\.js \(/);
    await session.idle();
    expect(text("test/slug.test.js")).toBe(good);
    expect(text("src/slug.js")).toBe(slug);
  });

  it("asks again for a test that cannot be loaded", async () => {
    const { event, sim } = await open([writing(unloadable), correcting(unloadable, good), building(slug), done]);
    start();
    expect(await event("workflow.ended")).toMatchObject({ ending: "done" });
    expect(JSON.stringify(sim.requests)).toContain("The test itself is wrong: it cannot be read");
  });

  it("asks the person where the second test passes too, and changes nothing else", async () => {
    const { event } = await open([writing(passing), correcting(passing, passing), building(slug), done]);
    start();
    const { choices, detail } = await event("workflow.asked");
    expect(choices.map(({ answer }) => answer)).toEqual(["again", "go", "end"]);
    expect(detail).toEqual({ kind: "text", lines: ["The test passes already: it does not show what is missing."] });
    stage?.send({ type: "workflow.answer", answer: "end" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "failed" });
    expect(isThere("src/slug.js")).toBe(false);
  });

  it("ends where nobody can be asked and no test fails", async () => {
    const { event } = await open([done], { asks: false });
    start();
    expect(await event("workflow.ended")).toMatchObject({ ending: "failed" });
  });

  it("says that nothing can be seen where the workspace is not trusted", async () => {
    const { event, sim } = await open([writing(good), done], { trust: false });
    start();
    const { question, detail, choices } = await event("workflow.asked");
    expect(question).toBe("The test could not be run. What now?");
    expect(detail).toEqual({ kind: "text", lines: ["nobody has trusted this workspace: `twolane trust`"] });
    expect(choices.map(({ answer }) => answer)).toEqual(["run", "again", "go", "end"]);
    const prompts = sim.requests.length;
    stage?.send({ type: "workflow.answer", answer: "run" });
    // Nothing was trusted meanwhile: the same question, and the model was not asked.
    expect((await event("workflow.asked", 2)).question).toBe(question);
    expect(sim.requests).toHaveLength(prompts);
  });

  it("mends up to twice, then asks", async () => {
    const bad = "export const slug = (text) => text;\n";
    const { event, sim } = await open([writing(good), building(bad), done]);
    start();
    const { question } = await event("workflow.asked");
    expect(question).toBe("Tests fail still. What now?");
    const prompts = sim.requests.filter(({ body }) => JSON.stringify(body ?? {}).includes("Mend the implementation"));
    expect(prompts.length).toBeGreaterThanOrEqual(2);
    stage?.send({ type: "workflow.answer", answer: "end" });
    expect(await event("workflow.ended")).toMatchObject({ ending: "failed" });
  });

  describe("stopped in the middle", () => {
    it.each(["stop", "workflow.end"] as const)("leaves the test alone while it is written: %s", async (type) => {
      const { event, session } = await open([
        { reply: [...newFile("test/slug.test.js", good), { pause: 10_000 }, ...newFile("src/slug.js", slug)] },
      ]);
      start();
      await event("hunk.landed");
      stage?.send({ type });
      expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
      await session.idle();
      expect(isThere("test/slug.test.js")).toBe(true);
      expect(isThere("src/slug.js")).toBe(false);
    });

    it("leaves what has landed while it is built", async () => {
      const { event, session, text } = await open([
        writing(good),
        {
          when: { prompt: "The test fails as it should" },
          reply: [...newFile("src/slug.js", slug), { pause: 10_000 }, ...newFile("src/other.js", slug)],
        },
        done,
      ]);
      start();
      await event("hunk.landed", 2);
      stage?.send({ type: "stop" });
      expect(await event("workflow.ended")).toMatchObject({ ending: "stopped" });
      await session.idle();
      expect(text("src/slug.js")).toBe(slug);
      expect(isThere("src/other.js")).toBe(false);
    });
  });
});

describe.skipIf(!hasSandbox)("a prompt that demands one failing test first", () => {
  const prompt = "add slug in src/slug.js, one failing test first";
  const both = (test: string): Answers => [
    { when: { prompt: "." }, reply: [...newFile("test/slug.test.js", test), ...newFile("src/slug.js", slug)] },
    done,
  ];

  it("holds the implementation until the test has failed; then it lands by itself and is tested", async () => {
    const { event, events, session, text } = await open(both(good));
    stage?.send({ type: "prompt", text: prompt });
    const held = await event("hunk.held");
    expect(held).toMatchObject({ hunk: { path: "src/slug.js" }, verdict: { rule: "prompt:test-first" } });
    await session.idle();
    expect(await session.tested()).toMatchObject({ outcome: "passed", counts: { passed: 1 } });
    expect(text("src/slug.js")).toBe(slug);
    const outcomes = events.flatMap((one) => (one.type === "tests.ended" ? [one.evidence.outcome] : []));
    expect(outcomes).toEqual(["failed", "passed"]);
    const landed = events.flatMap((one) => (one.type === "hunk.landed" ? [one.hunk.path] : []));
    expect(landed).toEqual(["test/slug.test.js", "src/slug.js"]);
    expect(events.some((one) => one.type === "hunk.accepted")).toBe(false);
    expect(events.findLast((one) => one.type === "notice.given")).toMatchObject({ code: "TEST_FIRST" });
  });

  it.each([
    ["passes", passing, "passes already"],
    ["cannot be loaded", unloadable, "cannot be read"],
  ])("goes on holding it where the test %s", async (_, test, reason) => {
    const { events, session } = await open(both(test));
    stage?.send({ type: "prompt", text: prompt });
    await session.idle();
    await session.tested();
    const notice = events.find((one) => one.type === "notice.given" && one.code === "TEST_FIRST");
    expect(notice).toMatchObject({ message: expect.stringContaining(reason) });
    expect(isThere("src/slug.js")).toBe(false);
  });

  it("leaves what other rules hold", async () => {
    const { events, session } = await open(both(good));
    stage?.send({ type: "prompt", text: `${prompt}, only test/` });
    await session.idle();
    await session.tested();
    expect(isThere("src/slug.js")).toBe(false);
    const held = events.flatMap((one) => (one.type === "hunk.held" ? [one.verdict.rule] : []));
    expect(held.at(-1)).toBe("prompt:only");
  });

  it("waits for a person where each hunk does", async () => {
    const { event, session } = await open(both(good));
    stage?.send({ type: "mode.set", mode: "step" });
    stage?.send({ type: "prompt", text: prompt });
    const first = await event("hunk.held");
    stage?.send({ type: "hunk.accept", hunks: [first.hunk.id] });
    await event("hunk.landed");
    stage?.send({ type: "stop" });
    await session.idle();
    await session.tested();
    expect(isThere("src/slug.js")).toBe(false);
  });
});
