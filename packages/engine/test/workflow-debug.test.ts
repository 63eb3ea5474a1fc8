/** Debug from failing output to its report, with a scripted model, real edits, and real tests and checks in the sandbox. */
import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type StageOptions, type WorkflowStage, lineEdit, openWorkflowStage } from "./workflow-stage.ts";

const hasSandbox = needs("bwrap", { for: "tests of a workflow", get: "apt-get install bubblewrap" });

const files = {
  ".twolane/policy.yaml":
    'version: 1\ncommands:\n  - allow: ["npm test", "node **", "sleep *", "echo *", "touch *", "no-such-program"]\n',
  "package.json": JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }),
  "src/price.js": "export const cents = (euros) => euros * 100;\nexport const label = (cents) => `${cents / 100} EUR`;\n",
  "test/price.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { cents, label } from "../src/price.js";\n' +
    'test("cents", () => assert.equal(cents(2), 200));\ntest("two digits", () => assert.equal(label(250), "2.50 EUR"));\n',
};
const wrong = lineEdit(
  "src/price.js",
  "export const cents = (euros) => euros * 100;",
  "export const cents = (euros) => 100 * euros;",
);
const right = lineEdit(
  "src/price.js",
  "export const label = (cents) => `${cents / 100} EUR`;",
  "export const label = (cents) => `${(cents / 100).toFixed(2)} EUR`;",
);
const breaking = lineEdit(
  "src/price.js",
  "export const label = (cents) => `${cents / 100} EUR`;",
  "export const label = () => `2.50 EUR`; export const cents2 = cents(",
);
const mended = files["src/price.js"].replace("${cents / 100}", "${(cents / 100).toFixed(2)}");

const named = "label in src/price.js:2 writes no second digit";
const asksFor = (text: string): Answers[number] => ({ when: { prompt: "^Find why this fails" }, reply: [{ text }] });
const change = (cause: string, reply: Answers[number]["reply"]): Answers[number] => ({
  when: { prompt: `removes this cause[^\\n]*${cause}` },
  reply: [...reply, { text: "It is the only line that decides this." }],
});

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers, more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

/** What `npm test 2>&1` says, colours and all. */
function failing({ root }: WorkflowStage): string {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  // Whoever runs these tests may have told npm to say less.
  const { stdout, stderr } = spawnSync("npm", ["test"], {
    cwd: root,
    encoding: "utf8",
    env: { ...env, npm_config_loglevel: "notice" },
  });
  return stdout + stderr;
}

const begin = (one: WorkflowStage, text = ""): void =>
  one.send({ type: "workflow.start", workflow: "debug", text, input: failing(one) });
const prompts = ({ sim }: WorkflowStage): string => JSON.stringify(sim.requests);

describe.skipIf(!hasSandbox)("debug", () => {
  it("finds the place, asks for causes, makes the small change and proves it with what failed", async () => {
    const one = await open([
      asksFor(`1. ${named} — check: \`npm test\`\n2. cents is wrong — check: none`),
      change("label", right),
    ]);
    begin(one);
    const asked = await one.event("workflow.asked");
    const places = one.events.flatMap((event) => (event.type === "workflow.moved" ? [event.text] : []));
    expect(places.at(-1)).toMatch(/^two digits · test\/price\.test\.js:5:\d+$/);
    expect(asked.detail).toEqual({
      kind: "causes",
      causes: [
        { text: named, check: "npm test" },
        { text: "cents is wrong", check: "" },
      ],
    });
    expect(asked.choices.map(({ answer }) => answer)).toEqual(["1", "2", "checks", "no"]);
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
    one.send({ type: "workflow.answer", answer: "1" });
    const ended = await one.event("workflow.ended");
    expect(ended).toMatchObject({ ending: "done" });
    expect(ended.report).toEqual([
      expect.stringMatching(/^failed: two digits · test\/price\.test\.js:5/),
      `cause 1: ${named}`,
      "changed: 1 hunk",
      "proved by tests: 2 passed",
    ]);
    expect(one.text("src/price.js")).toBe(mended);
  });

  it("takes a change back that proves nothing, to the byte, and offers the next cause", async () => {
    const one = await open([
      asksFor(`1. cents multiplies the wrong way\n2. ${named}`),
      change("cents", wrong),
      change("label", right),
    ]);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    const again = await one.event("workflow.asked", 2);
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
    expect(again.choices.map(({ answer }) => answer)).toEqual(["2", "no"]);
    expect(again.detail).toMatchObject({ causes: [{ outcome: "refuted" }, {}] });
    one.send({ type: "workflow.answer", answer: "2" });
    const ended = await one.event("workflow.ended");
    expect(ended.report).toContain("cause 1: cents multiplies the wrong way · the same fails still, so its change is taken back");
    expect(ended).toMatchObject({ ending: "done" });
    expect(one.text("src/price.js")).toBe(mended);
  });

  it("runs the checks, cheapest first, and says what each showed", async () => {
    const check = `node -e "import('./src/price.js').then((price) => process.exit(price.cents(2) === 200 ? 0 : 1))"`;
    const one = await open([
      asksFor(
        `1. cents is wrong — check: \`${check}\`\n2. ${named} — check: \`tests\`\n3. nobody knows — check: \`no-such-program\``,
      ),
      change("label", right),
    ]);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "checks" });
    const again = await one.event("workflow.asked", 2);
    expect(again.detail).toMatchObject({ causes: [{ outcome: "refuted" }, { outcome: "fits" }, { outcome: "unclear" }] });
    expect(one.events.flatMap((event) => (event.type === "command.started" ? [event.command] : []))).toEqual([
      check,
      "npm test",
      "no-such-program",
    ]);
    one.send({ type: "workflow.answer", answer: "2" });
    const ended = await one.event("workflow.ended");
    expect(ended).toMatchObject({ ending: "done" });
    expect(ended.report).toContain("check of cause 1: refuted, exit status 0");
    // What the check of the chosen cause said goes with the request.
    expect(prompts(one)).toContain("Its check, `tests`, said:");
  });

  it("writes nothing with a check", async () => {
    const one = await open([asksFor("1. who knows — check: `echo gone > src/price.js; touch new.txt`")]);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "checks" });
    const again = await one.event("workflow.asked", 2);
    expect(again.detail).toMatchObject({ causes: [{ outcome: "unclear" }] });
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
    expect(() => one.text("new.txt")).toThrow("ENOENT");
  });

  it("goes the whole way by itself where nobody can be asked", async () => {
    const one = await open(
      [asksFor(`1. cents is wrong\n2. ${named} — check: \`npm test\``), change("cents", wrong), change("label", right)],
      {
        asks: false,
      },
    );
    begin(one);
    expect(await one.event("workflow.ended")).toMatchObject({ ending: "done" });
    expect(one.text("src/price.js")).toBe(mended);
  });

  it("tries the next cause by itself, and leaves nothing where none is right", async () => {
    const one = await open([asksFor("1. cents is wrong\n2. cents is odd"), change("cents", wrong)], { asks: false });
    begin(one);
    const ended = await one.event("workflow.ended");
    expect(ended).toMatchObject({ ending: "stopped" });
    expect(ended.report.at(-1)).toBe("No cause proved right; nothing is changed.");
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
  });

  it("asks where something else fails then", async () => {
    const answers = [asksFor(`1. ${named}\n2. another`), change("label", breaking)];
    const one = await open(answers);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    const asked = await one.event("workflow.asked", 2);
    expect(asked.question).toContain("something else fails");
    expect(asked.choices.map(({ answer }) => answer)).toEqual(["keep", "undo", "next", "end"]);
    one.send({ type: "workflow.answer", answer: "undo" });
    const left = await one.event("workflow.asked", 3);
    expect(left.choices.map(({ answer }) => answer)).toEqual(["2", "no"]);
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
    one.send({ type: "workflow.answer", answer: "no" });
    expect(await one.event("workflow.ended")).toMatchObject({ ending: "stopped" });
  });

  it("keeps what cannot be proved, and says so, where nothing may run", async () => {
    const one = await open([asksFor(`1. ${named} — check: \`npm test\``), change("label", right)], { asks: false, trust: false });
    begin(one);
    const ended = await one.event("workflow.ended");
    expect(ended).toMatchObject({ ending: "stopped" });
    expect(ended.report.join("\n")).toMatch(/check of cause 1: unclear \((?:blocked|held): .*trusted/);
    expect(ended.report.at(-1)).toBe("kept without a proof · changed: 1 hunk");
    expect(one.text("src/price.js")).toBe(mended);
  });

  it("works from words alone, with the tests that the change reaches", async () => {
    const one = await open([asksFor(named), change("label", right)]);
    one.send({ type: "workflow.start", workflow: "debug", text: "labels have one digit" });
    expect((await one.event("workflow.asked")).detail).toEqual({ kind: "causes", causes: [{ text: named, check: "" }] });
    one.send({ type: "workflow.answer", answer: "1" });
    const ended = await one.event("workflow.ended");
    expect(ended.report.at(-1)).toBe("proved by tests: 2 passed");
  });

  it("proves a program by running it again, and follows what fails next", async () => {
    const main = {
      ...files,
      "src/main.js": 'import { label } from "./price.js";\nconsole.log(label.of(2));\nconsole.log(missing);\n',
    };
    const next = "missing is nowhere defined, src/main.js:3";
    const one = await open(
      [
        { when: { prompt: "Find why this fails[^]*missing is not defined" }, reply: [{ text: `1. ${next}` }] },
        asksFor("label has no of, src/main.js:2"),
        change("label has no of", lineEdit("src/main.js", "console.log(label.of(2));", "console.log(label(2));")),
        change("missing is nowhere", lineEdit("src/main.js", "console.log(missing);", "console.log(1);")),
      ],
      { files: main },
    );
    const { stderr } = spawnSync("node", ["src/main.js"], { cwd: one.root, encoding: "utf8" });
    one.send({ type: "workflow.start", workflow: "debug", text: "", input: `$ node src/main.js\n${stderr}` });
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    const asked = await one.event("workflow.asked", 2);
    expect(asked.question).toBe("With this change something else fails: ReferenceError · src/main.js:3:13. What now?");
    one.send({ type: "workflow.answer", answer: "next" });
    expect((await one.event("workflow.asked", 3)).detail).toMatchObject({ causes: [{ text: next }] });
    one.send({ type: "workflow.answer", answer: "1" });
    const ended = await one.event("workflow.ended");
    expect(ended).toMatchObject({ ending: "done" });
    expect(ended.report.at(-1)).toBe("proved by `node src/main.js`, exit status 0");
    expect(one.text("src/main.js")).toContain("console.log(label(2));\nconsole.log(1);\n");
  });

  it("says so where there is nothing to go by", async () => {
    const one = await open([]);
    one.send({ type: "workflow.start", workflow: "debug", text: " " });
    expect(await one.event("workflow.ended")).toMatchObject({ ending: "failed" });
  });
});

describe.skipIf(!hasSandbox)("debug, ended in the middle", () => {
  const slowTest = {
    ...files,
    "test/slow.test.js":
      'import test from "node:test";\ntest("slow", () => import("../src/price.js").then(() => new Promise((r) => setTimeout(r, 4000))));\n',
  };
  const left = async (one: WorkflowStage): Promise<void> => {
    one.send({ type: "workflow.end" });
    expect(await one.event("workflow.ended")).toMatchObject({ ending: "stopped" });
    await one.session.idle();
    expect(one.text("src/price.js")).toBe(files["src/price.js"]);
    expect(one.text("test/price.test.js")).toBe(files["test/price.test.js"]);
  };

  it("while it asks for causes", async () => {
    const one = await open([{ reply: [{ text: "1. this" }, { pause: 5000 }, { text: "or that" }] }]);
    begin(one);
    await one.event("turn.started");
    await left(one);
  });

  it("while the person chooses", async () => {
    const one = await open([asksFor(named)]);
    begin(one);
    await one.event("workflow.asked");
    await left(one);
  });

  it("while a check runs", async () => {
    const one = await open([asksFor(`${named}\n1. slow — check: \`sleep 30\``)]);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "checks" });
    await one.event("command.started");
    await left(one);
    expect(await one.event("command.ended")).toMatchObject({ ended: "stopped" });
  });

  it("while the change is made, with a hunk of it landed", async () => {
    const one = await open([
      asksFor(named),
      { when: { prompt: "removes this cause" }, reply: [...right, { pause: 5000 }, { text: "Done." }] },
    ]);
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    await one.event("hunk.landed");
    await left(one);
  });

  it("while what failed runs again", async () => {
    const one = await open([asksFor(named), change("label", right)], { files: slowTest });
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    await one.event("tests.started");
    await left(one);
  });

  it("and what was accepted stays", async () => {
    const one = await open([asksFor(named), change("label", right)], { files: slowTest });
    begin(one);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "1" });
    await one.event("tests.started");
    const { hunk } = await one.event("hunk.landed");
    one.send({ type: "hunk.accept", hunks: [hunk.id] });
    await one.event("hunk.accepted");
    one.send({ type: "workflow.end" });
    await one.session.idle();
    expect(one.text("src/price.js")).toBe(mended);
  });
});
