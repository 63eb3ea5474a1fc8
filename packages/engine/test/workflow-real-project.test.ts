/**
 * Each workflow on a published project (picomatch, as `npm ci` installs it) with a scripted model whose edits are true edits of that code:
 * once to its end, and ended at each of its stages. What `git` then says differs is what was there before, what has landed and was not
 * taken back, and nothing else.
 */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { type EventOf, type EventType, type TwolaneEvent, fixRequest } from "@twolane/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Answers, type WorkflowStage, newFile, openWorkflowStage } from "./workflow-stage.ts";

// It waits for events, and a busy machine may let it wait.
vi.setConfig({ testTimeout: 90_000 });

const hasSandbox = needs("bwrap", { for: "workflows on a published project", get: "apt-get install bubblewrap" });

const project = path.resolve(import.meta.dirname, "../../../node_modules/picomatch");
const published = (file: string): string => fs.readFileSync(path.join(project, file), "utf8");

const tests = `'use strict';

const test = require('node:test');
const assert = require('node:assert');
const picomatch = require('../index.js');

test('a star stays in its folder', () => {
  assert.equal(picomatch('src/*.js')('src/a.js'), true);
  assert.equal(picomatch('src/*.js')('src/deep/a.js'), false);
});
test('the name of a folder is its base', () => {
  assert.equal(picomatch.matchBase('src/a.js/', '*.js'), true);
});
test('scan tells the folder of a glob', () => {
  assert.deepEqual([picomatch.scan('src/*.js').base, picomatch.scan('src/*.js').glob], ['src', '*.js']);
});
test('an escaped star is a star', () => {
  assert.equal(picomatch('a\\\\*b')('a*b'), true);
});
`;
/** Never comes to its end by itself where the condition holds; for stops while tests run. */
const hanging = (condition: string): string =>
  `'use strict';\n\nconst test = require('node:test');\nconst utils = require('../lib/utils.js');\nconst scan = require('../lib/scan.js');\nconst index = require('../index.js');\n\ntest('takes its time', async () => {\n  if (${condition}) await new Promise(done => setTimeout(done, 600_000));\n});\n`;

const files = {
  // Its own test script needs packages that are not published with it.
  "package.json": `${JSON.stringify({ ...JSON.parse(published("package.json")), devDependencies: {}, scripts: { test: "node --test" } }, null, 2)}\n`,
  "test/picomatch.test.js": tests,
  ".twolane/policy.yaml": 'version: 1\ncommands:\n  - allow: ["npm test", "node **", "sleep *"]\n',
};

/** What the person was at when the workflow began; it is to outlive everything. */
const own = { "README.md": `${published("README.md")}\nA remark of the person, not committed.\n` };

type Changes = Readonly<Record<string, string>>;

/** A text with one place of it changed; that place must be there once. */
function changed(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`The published text does not hold this once: ${from}`);
  return text.replace(from, () => to);
}

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const marked = (mark: string, text: string): string => text.replace(/^/gm, mark);

/** An edit of whole lines, as the scripted model makes it. */
const editing = ({ file, from, to }: Edit): Answers[number]["reply"] => [
  {
    call: {
      name: ["edit"],
      input: `*** Begin Patch\n*** Update File: ${file}\n@@\n${marked("-", from)}\n${marked("+", to)}\n*** End Patch\n`,
    },
  },
];

/** What files are with these edits, one after the other. */
function edited(...edits: readonly Edit[]): Changes {
  const texts: Record<string, string> = {};
  for (const { file, from, to } of edits) texts[file] = changed(texts[file] ?? published(file), from, to);
  return texts;
}

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

async function open(answers: Answers, more: { readonly files?: Changes; readonly own?: Changes } = {}): Promise<WorkflowStage> {
  const all = { ...files, ...more.files };
  const one = await openWorkflowStage({ from: project, files: all, answers, waitMs: 50_000 });
  for (const [name, text] of Object.entries({ ...own, ...more.own })) fs.writeFileSync(path.join(one.root, name), text);
  return (stage = one);
}

const git = (root: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: root,
    encoding: "utf8",
  });

/** Each file that is not as it was committed. */
function differs({ root }: Pick<WorkflowStage, "root">): Changes {
  const changes = git(root, "status", "--porcelain", "-uall", "--no-renames", "-z").split("\0");
  const names = changes.filter((line) => line !== "").map((line) => line.slice(3));
  const textOf = (name: string): string =>
    fs.existsSync(path.join(root, name)) ? fs.readFileSync(path.join(root, name), "utf8") : "";
  return Object.fromEntries(names.map((name) => [name, textOf(name)]));
}

/** Ends the workflow as /end does; then this is what is left. */
async function endedLeaves(one: WorkflowStage, left: Changes): Promise<void> {
  one.send({ type: "workflow.end" });
  expect(await one.event("workflow.ended")).toMatchObject({ ending: "stopped" });
  await one.session.idle();
  expect(differs(one)).toEqual({ ...own, ...left });
  // No test and no change comes behind it.
  expect(one.events.some((event) => event.type === "tests.ended" && event.evidence.outcome === "passed")).toBe(false);
}

/** At its end there is nothing more to end, and this stays. */
async function overLeaves(one: WorkflowStage, left: Changes): Promise<void> {
  one.send({ type: "workflow.end" });
  await one.session.idle();
  expect(one.events).toContainEqual(expect.objectContaining({ type: "notice.given", code: "WORKFLOW_NONE" }));
  expect(differs(one)).toEqual({ ...own, ...left });
}

/** The first event of that type behind another. */
async function behind<T extends EventType>(one: WorkflowStage, mark: TwolaneEvent, type: T): Promise<EventOf<T>> {
  for (let nth = 1; ; nth++) {
    const event: EventOf<T> = await one.event(type, nth);
    if (one.events.indexOf(event) > one.events.indexOf(mark)) return event;
  }
}

/** The tests run, with `count` hunks on disk, and the turn that made them is over. */
async function whileTestsRun(
  one: WorkflowStage,
  { turns, hunks }: { readonly turns: number; readonly hunks: number },
): Promise<void> {
  const landed = await one.event("hunk.landed", hunks);
  await one.event("turn.ended", turns);
  await behind(one, landed, "tests.started");
}

/** The run that hung was ended, not left alone. */
async function testsStopped(one: WorkflowStage): Promise<void> {
  expect(await behind(one, await one.event("workflow.ended"), "tests.stopped")).toEqual(
    expect.objectContaining({ why: "person" }),
  );
}

const stall = { pause: 600_000 } as const;
const done: Answers[number] = { reply: [{ text: "Done." }] };

describe.skipIf(!hasSandbox)("refactor of a published project", () => {
  const backslashes: Edit = {
    file: "lib/utils.js",
    from: "  return str.replace(REGEX_REMOVE_BACKSLASH, match => {\n    return match === '\\\\' ? '' : match;\n  });",
    to: "  return str.replace(REGEX_REMOVE_BACKSLASH, match => (match === '\\\\' ? '' : match));",
  };
  const segments: Edit = {
    file: "lib/utils.js",
    from: "  if (last === '') {\n    return segs[segs.length - 2];\n  }\n\n  return last;",
    to: "  return last === '' ? segs[segs.length - 2] : last;",
  };
  const separators: Edit = {
    file: "lib/scan.js",
    from: "const isPathSeparator = code => {\n  return code === CHAR_FORWARD_SLASH || code === CHAR_BACKWARD_SLASH;\n};",
    to: "const isPathSeparator = code => code === CHAR_FORWARD_SLASH || code === CHAR_BACKWARD_SLASH;",
  };
  const wrong: Edit = { ...separators, to: "const isPathSeparator = code => code === CHAR_BACKWARD_SLASH;" };
  const planning: Answers[number] = {
    when: { prompt: "^Plan a refactoring" },
    reply: [
      {
        text: "1. `lib/utils.js` — plain expressions — risk: low\n2. `lib/scan.js` — isPathSeparator is one expression — risk: low\n",
      },
    ],
  };
  const first = (...reply: Answers[number]["reply"]): Answers[number] => ({ when: { prompt: "change 1 of 2" }, reply });
  const second = (...reply: Answers[number]["reply"]): Answers[number] => ({ when: { prompt: "change 2 of 2" }, reply });
  const both = first(...editing(backslashes), ...editing(segments), { text: "Done." });

  async function begin(answers: Answers, more: { readonly files?: Changes } = {}): Promise<WorkflowStage> {
    const one = await open([...answers, done], more);
    one.send({ type: "workflow.start", workflow: "refactor", text: "plain expressions in lib/utils.js and lib/scan.js" });
    return one;
  }
  async function agreed(answers: Answers, more: { readonly files?: Changes } = {}): Promise<WorkflowStage> {
    const one = await begin([planning, ...answers], more);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "yes" });
    return one;
  }

  it("goes its whole way, and what was on disk at its end stays", async () => {
    const one = await agreed([both, second(...editing(separators), { text: "Done." })]);
    const { ending, report } = await one.event("workflow.ended");
    expect([ending, report]).toEqual([
      "done",
      [
        "step 1: plain expressions · tests: 4 passed",
        "step 2: isPathSeparator is one expression · tests: 4 passed",
        "exported declarations: unchanged",
      ],
    ]);
    await overLeaves(one, edited(backslashes, segments, separators));
  });

  it("ended before the plan is whole", async () => {
    const one = await begin([{ reply: [{ text: "1. `lib/utils.js` — plain" }, stall] }]);
    await one.event("text.delta");
    await endedLeaves(one, {});
  });

  it("ended at the question", async () => {
    const one = await begin([planning]);
    await one.event("workflow.asked");
    await endedLeaves(one, {});
  });

  it("ended between two hunks of a change", async () => {
    const one = await agreed([first(...editing(backslashes), stall, ...editing(segments))]);
    await one.event("hunk.landed");
    await endedLeaves(one, edited(backslashes));
  });

  it("ended while the tests of a change run", async () => {
    const one = await agreed([both], { files: { "test/hanging.test.js": hanging("true") } });
    await whileTestsRun(one, { turns: 2, hunks: 2 });
    await endedLeaves(one, edited(backslashes, segments));
    await testsStopped(one);
  });

  it("ended in the second change, of which the person has taken the hunk back", async () => {
    const one = await agreed([both, second(...editing(separators), stall)]);
    const accepted = await one.event("hunk.landed", 1);
    const refused = await one.event("hunk.landed", 3);
    one.send({ type: "hunk.accept", hunks: [accepted.hunk.id] });
    one.send({ type: "hunk.undo", hunks: [refused.hunk.id] });
    await one.event("hunk.undone");
    one.send({ type: "workflow.end" });
    await one.session.idle();
    expect(differs(one)).toEqual({ ...own, ...edited(backslashes, segments) });
  });

  it("stopped in a change it asks; a change that is taken back leaves the one before", async () => {
    const one = await agreed([both, second(...editing(wrong), stall)]);
    await one.event("hunk.landed", 3);
    one.send({ type: "stop" });
    const asked = await one.event("workflow.asked", 2);
    expect(asked.choices.map(({ answer }) => answer)).toContain("undo");
    one.send({ type: "workflow.answer", answer: "undo" });
    expect((await one.event("workflow.ended")).report.slice(0, 2)).toEqual([
      "step 1: plain expressions · tests: 4 passed",
      "step 2: taken back",
    ]);
    await one.session.idle();
    expect(differs(one)).toEqual({ ...own, ...edited(backslashes, segments) });
  });

  it("ended at the question that a failing test asks", async () => {
    const one = await agreed([first(...editing({ ...segments, to: "  return last;" }), { text: "Done." })]);
    expect((await one.event("workflow.asked", 2)).question).toContain("the name of a folder is its base");
    await endedLeaves(one, edited({ ...segments, to: "  return last;" }));
  });
});

describe.skipIf(!hasSandbox)("debug of a published project", () => {
  const right = "    return segs[segs.length - 2];";
  const broken = changed(published("lib/utils.js"), right, "    return segs[segs.length - 1];");
  /** The person has broken a line and not committed it. */
  const slip = { "lib/utils.js": broken };
  const mending: Edit = { file: "lib/utils.js", from: "    return segs[segs.length - 1];", to: right };
  const besides: Edit = {
    file: "lib/utils.js",
    from: "  const segs = path.split(windows ? /[\\\\/]/ : '/');",
    to: "  const segs = path.split(windows === true ? /[\\\\/]/ : '/');",
  };
  const anchors = `node -e "process.exit(require('./lib/utils').wrapOutput('a') === '^(?:a)$' ? 0 : 1)"`;
  const causes: Answers[number] = {
    when: { prompt: "^Find why this fails" },
    reply: [
      {
        text: `1. wrapOutput in lib/utils.js:48 forgets an anchor — check: \`${anchors}\`\n2. basename in lib/utils.js:66 takes the empty last segment — check: \`npm test\`\n`,
      },
    ],
  };
  const change = (cause: string, ...reply: Answers[number]["reply"]): Answers[number] => ({
    when: { prompt: `removes this cause[^\\n]*${cause}` },
    reply,
  });

  let ran: { readonly root: string; readonly output: string } | undefined;
  /** What its test says, run once; the same code says the same in every folder. */
  function failing({ root }: WorkflowStage): string {
    if (ran === undefined) {
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const line = ["--test", "test/picomatch.test.js"];
      const { stdout, stderr } = spawnSync("node", line, { cwd: root, encoding: "utf8", env });
      ran = { root, output: `${stdout}${stderr}` };
    }
    return ran.output.replaceAll(ran.root, root);
  }

  async function begin(answers: Answers, more: Changes = {}): Promise<WorkflowStage> {
    const one = await open([...answers, done], { own: slip, files: more });
    expect(differs(one)).toEqual({ ...own, ...slip });
    one.send({ type: "workflow.start", workflow: "debug", text: "", input: failing(one) });
    return one;
  }
  async function taken(cause: string, answers: Answers, more: Changes = {}): Promise<WorkflowStage> {
    const one = await begin([causes, ...answers], more);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: cause });
    return one;
  }

  it("goes its whole way: the line is as it was published", async () => {
    const one = await taken("checks", [
      change("wrapOutput", ...editing(besides), { text: "Done." }),
      change("basename", ...editing(mending), { text: "Done." }),
    ]);
    const checked = await one.event("workflow.asked", 2);
    expect(checked.detail).toMatchObject({ causes: [{ outcome: "refuted" }, { outcome: "fits" }] });
    one.send({ type: "workflow.answer", answer: "1" });
    // It proved nothing, so it is gone.
    await one.event("workflow.asked", 3);
    expect(differs(one)).toEqual({ ...own, ...slip });
    one.send({ type: "workflow.answer", answer: "2" });
    const { ending, report } = await one.event("workflow.ended");
    expect([ending, report[0], report.at(-1)]).toEqual([
      "done",
      expect.stringMatching(/^failed: the name of a folder is its base · test\/picomatch\.test\.js:12/),
      "proved by tests: 4 passed",
    ]);
    await overLeaves(one, {});
  });

  it("ended while it asks for causes", async () => {
    const one = await begin([{ reply: [{ text: "1. basename" }, stall] }]);
    await one.event("text.delta");
    await endedLeaves(one, slip);
  });

  it("ended at the question", async () => {
    const one = await begin([causes]);
    await one.event("workflow.asked");
    await endedLeaves(one, slip);
  });

  it("ended while a check runs", async () => {
    const one = await begin([{ ...causes, reply: [{ text: "1. basename in lib/utils.js:66 — check: `sleep 600`\n" }] }]);
    await one.event("workflow.asked");
    one.send({ type: "workflow.answer", answer: "checks" });
    await one.event("command.started");
    await endedLeaves(one, slip);
    expect(await one.event("command.ended")).toMatchObject({ ended: "stopped" });
  });

  it("ended between two hunks of the change: what nothing has proved is taken back", async () => {
    const one = await taken("2", [change("basename", ...editing(mending), stall, ...editing(besides))]);
    await one.event("hunk.landed");
    await endedLeaves(one, slip);
  });

  it("ended while what failed runs again", async () => {
    const hangs = { "test/hanging.test.js": hanging("utils.basename('a/b/') === 'b'") };
    const one = await taken("2", [change("basename", ...editing(mending), { text: "Done." })], hangs);
    await whileTestsRun(one, { turns: 2, hunks: 1 });
    await endedLeaves(one, slip);
    await testsStopped(one);
  });

  it("left while what failed runs again", async () => {
    const hangs = { "test/hanging.test.js": hanging("utils.basename('a/b/') === 'b'") };
    const one = await taken("2", [change("basename", ...editing(mending), { text: "Done." })], hangs);
    await whileTestsRun(one, { turns: 2, hunks: 1 });
    await one.session.close();
    expect(differs(one)).toEqual({ ...own, ...slip });
  });

  it("ended with a hunk that the person has accepted, and one that nobody has", async () => {
    const one = await taken("2", [change("basename", ...editing(besides), ...editing(mending), stall)]);
    const { hunk } = await one.event("hunk.landed");
    await one.event("hunk.landed", 2);
    one.send({ type: "hunk.accept", hunks: [hunk.id] });
    await one.event("hunk.accepted");
    await endedLeaves(one, { "lib/utils.js": changed(broken, besides.from, besides.to) });
  });

  it("ended at the question that another failure asks", async () => {
    const worse: Edit = { file: "lib/scan.js", from: "    base = str.slice(0, lastIndex);", to: "    base = str;" };
    const one = await taken("2", [change("basename", ...editing(mending), ...editing(worse), { text: "Done." })]);
    expect((await one.event("workflow.asked", 2)).choices.map(({ answer }) => answer)).toContain("undo");
    await endedLeaves(one, slip);
  });
});

describe.skipIf(!hasSandbox)("scaffold in a published project", () => {
  const set =
    "'use strict';\n\nconst picomatch = require('./picomatch');\n\nmodule.exports = (patterns, options) => {\n  const matchers = patterns.map(pattern => picomatch(pattern, options));\n  return input => matchers.some(matches => matches(input));\n};\n";
  const setTest =
    "'use strict';\n\nconst test = require('node:test');\nconst assert = require('node:assert');\nconst picomatch = require('../index.js');\n\ntest('one of several patterns is enough', () => {\n  const matches = picomatch.set(['*.js', '*.ts']);\n  assert.deepEqual(['a.js', 'a.ts', 'a.md'].map(name => matches(name)), [true, true, false]);\n});\n";
  const offering: Edit = {
    file: "index.js",
    from: "Object.assign(picomatch, pico);",
    to: "Object.assign(picomatch, pico, { set: require('./lib/pattern-set') });",
  };
  const made = { "lib/pattern-set.js": set };
  const all = { ...made, "test/pattern-set.test.js": setTest, ...edited(offering) };
  const planning: Answers[number] = {
    when: { prompt: "^Plan the structure" },
    reply: [
      {
        text: "lib/\n└── pattern-set.js — several patterns, compiled once\nindex.js — (change) offers it\ntest/pattern-set.test.js — its test\n",
      },
    ],
  };
  const writing = (...reply: Answers[number]["reply"]): Answers[number] => ({
    when: { prompt: "^The structure is agreed to" },
    reply,
  });
  const whole = writing(
    ...newFile("lib/pattern-set.js", set),
    ...editing(offering),
    ...newFile("test/pattern-set.test.js", setTest),
    { text: "Done." },
  );

  async function begin(answers: Answers, more: Changes = {}): Promise<WorkflowStage> {
    const one = await open([...answers, done], { files: more });
    one.send({ type: "workflow.start", workflow: "scaffold", text: "a set of patterns, offered by index.js" });
    return one;
  }
  async function agreed(writes: Answers[number], more: Changes = {}): Promise<WorkflowStage> {
    const one = await begin([planning, writes], more);
    await one.event("workflow.asked");
    expect(differs(one)).toEqual(own);
    one.send({ type: "workflow.answer", answer: "yes" });
    return one;
  }

  it("goes its whole way", async () => {
    const one = await agreed(whole);
    const { ending, report } = await one.event("workflow.ended");
    expect([ending, report]).toEqual([
      "done",
      ["made: lib/pattern-set.js, test/pattern-set.test.js", "changed: index.js", "tests: 5 passed"],
    ]);
    await overLeaves(one, all);
  });

  it("ended before the structure is whole", async () => {
    const one = await begin([{ reply: [{ text: "lib/pattern-set.js — sev" }, stall] }]);
    await one.event("text.delta");
    await endedLeaves(one, {});
  });

  it("ended at the question", async () => {
    const one = await begin([planning]);
    await one.event("workflow.asked");
    await endedLeaves(one, {});
  });

  it("ended between two files", async () => {
    const one = await agreed(writing(...newFile("lib/pattern-set.js", set), stall, ...editing(offering)));
    await one.event("hunk.landed");
    await endedLeaves(one, made);
  });

  it("ended while the tests run", async () => {
    const one = await agreed(whole, { "test/hanging.test.js": hanging("index.set !== undefined") });
    await whileTestsRun(one, { turns: 2, hunks: 3 });
    await endedLeaves(one, all);
    await testsStopped(one);
  });

  it("ended at the question that a failing test asks, with one file refused", async () => {
    const wrong = changed(setTest, "[true, true, false]", "[true, true, true]");
    const files = writing(
      ...newFile("lib/pattern-set.js", set),
      ...editing(offering),
      ...newFile("test/pattern-set.test.js", wrong),
    );
    const one = await agreed(files);
    expect((await one.event("workflow.asked", 2)).question).toContain("one of several patterns is enough");
    const hunks = one.events.flatMap((event) => (event.type === "hunk.landed" ? [event.hunk] : []));
    one.send({ type: "hunk.undo", hunks: hunks.filter((hunk) => hunk.path.startsWith("test/")).map(({ id }) => id) });
    await one.event("hunk.undone");
    one.send({ type: "workflow.end" });
    await one.session.idle();
    expect(differs(one)).toEqual({ ...own, ...made, ...edited(offering) });
  });
});

describe.skipIf(!hasSandbox)("test first in a published project", () => {
  const head =
    "'use strict';\n\nconst test = require('node:test');\nconst assert = require('node:assert');\nconst utils = require('../lib/utils.js');\n\n";
  const good = `${head}test('dirname is what stands before the last segment', () => {\n  assert.equal(utils.dirname('src/lib/a.js'), 'src/lib');\n  assert.equal(utils.dirname('a.js'), '');\n});\n`;
  const passing = `${head}test('basename is the last segment', () => {\n  assert.equal(utils.basename('src/lib/a.js'), 'a.js');\n});\n`;
  const building: Edit = {
    file: "lib/utils.js",
    from: "exports.basename = (path, { windows } = {}) => {",
    to: "exports.dirname = (path, { windows } = {}) => {\n  const segs = path.split(windows ? /[\\\\/]/ : '/');\n  return segs.slice(0, -1).join('/');\n};\n\nexports.basename = (path, { windows } = {}) => {",
  };
  const test = { "test/dirname.test.js": good };
  const later: Edit = { file: "index.js", from: "// don't mutate", to: "// does not mutate" };
  const writing = (text: string, ...reply: Answers[number]["reply"]): Answers[number] => ({
    when: { prompt: "Write one failing test" },
    reply: [...newFile("test/dirname.test.js", text), ...reply, { text: "Done." }],
  });
  const making = (...reply: Answers[number]["reply"]): Answers[number] => ({
    when: { prompt: "The test fails as it should" },
    reply: [...editing(building), ...reply, { text: "Done." }],
  });

  async function begin(answers: Answers, more: Changes = {}): Promise<WorkflowStage> {
    const one = await open([...answers, done], { files: more });
    one.send({ type: "workflow.start", workflow: "test", text: "dirname in lib/utils.js: what stands before the last segment" });
    return one;
  }

  it("goes its whole way", async () => {
    const one = await begin([writing(good), making()]);
    const { ending, report } = await one.event("workflow.ended");
    expect([ending, report]).toEqual([
      "done",
      [
        "test: test/dirname.test.js",
        expect.stringMatching(/^seen to fail: dirname is what stands before the last segment in test\/dirname\.test\.js/),
        "tests: 5 passed",
      ],
    ]);
    await overLeaves(one, { ...test, ...edited(building) });
  });

  it("ended before the test is written", async () => {
    const one = await begin([{ reply: [{ text: "I look at it." }, stall, ...newFile("test/dirname.test.js", good)] }]);
    await one.event("text.delta");
    await endedLeaves(one, {});
  });

  it("ended when the test has landed", async () => {
    const one = await begin([writing(good, stall, ...editing(building))]);
    await one.event("hunk.landed");
    await endedLeaves(one, test);
  });

  it("ended while it runs to be seen to fail", async () => {
    const slow = `${good}\ntest('takes its time', () => new Promise(done => setTimeout(done, 600_000)));\n`;
    const one = await begin([writing(slow), making()]);
    await whileTestsRun(one, { turns: 1, hunks: 1 });
    await endedLeaves(one, { "test/dirname.test.js": slow });
    await testsStopped(one);
  });

  it("ended at the question, where the test passes already", async () => {
    const one = await begin([writing(passing), making()]);
    await one.event("workflow.asked");
    one.send({ type: "workflow.end" });
    await one.session.idle();
    expect(differs(one)).toEqual({ ...own, "test/dirname.test.js": passing });
  });

  it("ended while what makes it pass lands", async () => {
    const one = await begin([writing(good), making(stall, ...editing(later))]);
    await one.event("hunk.landed", 2);
    await endedLeaves(one, { ...test, ...edited(building) });
  });

  it("ended while it runs to be seen to pass", async () => {
    const hangs = { "test/hanging.test.js": hanging("utils.dirname !== undefined") };
    const one = await begin([writing(good), making()], hangs);
    await whileTestsRun(one, { turns: 2, hunks: 2 });
    await endedLeaves(one, { ...test, ...edited(building) });
    await testsStopped(one);
  });
});

describe("review of a published project", () => {
  const slip: Edit = {
    file: "lib/utils.js",
    from: "    return segs[segs.length - 2];",
    to: "    return segs[segs.length - 1];",
  };
  const elsewhere: Edit = { file: "lib/scan.js", from: "    base = str.slice(0, lastIndex);", to: "    base = str;" };
  const line = published("lib/utils.js").split("\n").indexOf(slip.from) + 1;
  /** More than one piece holds. */
  const loose = Object.fromEntries(
    ["lib/parse.js", "lib/scan.js", "lib/picomatch.js"].map((file) => [
      file,
      published(file)
        .replaceAll(" === true", "")
        .replace(/\bopts\b/g, "settings"),
    ]),
  );
  const first = `lib/utils.js:${line} [must] the last segment is empty there`;
  const second = "lib/scan.js:50 [note] options that are truthy count now";

  /** A true diff: committed on a branch. */
  async function begin(answers: Answers, changes: Changes): Promise<WorkflowStage> {
    const one = await open([...answers, done]);
    git(one.root, "checkout", "-qb", "work");
    for (const [name, text] of Object.entries(changes)) fs.writeFileSync(path.join(one.root, name), text);
    git(one.root, "commit", "-qm", "two", "--", ...Object.keys(changes));
    one.send({ type: "workflow.start", workflow: "review", text: "main" });
    return one;
  }
  const comments = ({ events }: WorkflowStage): readonly string[] =>
    events.flatMap((event) =>
      event.type === "comment.made"
        ? [`${event.comment.path}:${event.comment.line} [${event.comment.severity}] ${event.comment.text}`]
        : [],
    );
  const mending: Answers[number] = {
    when: { prompt: "^A reviewer says" },
    reply: [...editing({ ...slip, from: slip.to, to: slip.from }), stall, ...editing(elsewhere)],
  };
  const commenting = (text: string): Answers[number] => ({ when: { prompt: "^Review this diff" }, reply: [{ text }] });

  it("goes its whole way; a comment is mended in its own place, and a stop leaves what has landed", async () => {
    const one = await begin([commenting(`${first}\n${first}\n`), mending], edited(slip));
    const { ending, report } = await one.event("workflow.ended");
    expect([ending, report]).toEqual(["done", ["1 comment: 1 must", "read: 1 file"]]);
    expect(comments(one)).toEqual([first]);
    await overLeaves(one, {});
    const { comment } = await one.event("comment.made");
    one.send({ type: "prompt", ...fixRequest(comment) });
    await one.event("hunk.landed");
    one.send({ type: "stop" });
    await one.session.idle();
    expect(differs(one)).toEqual({ ...own, "lib/utils.js": published("lib/utils.js") });
  });

  it("ended before its first comment", async () => {
    const one = await begin([{ reply: [{ text: "I read" }, stall, { text: `\n${first}\n` }] }], edited(slip));
    await one.event("text.delta");
    await endedLeaves(one, {});
    expect(comments(one)).toEqual([]);
  });

  it("ended between two comments", async () => {
    const one = await begin([{ reply: [{ text: `${first}\n` }, stall, { text: `${first} too\n` }] }], edited(slip));
    await one.event("comment.made");
    await endedLeaves(one, {});
    expect(comments(one)).toEqual([first]);
  });

  it("ended in its second piece", async () => {
    const pieces: Answers = [
      { when: { prompt: "piece 2 of" }, reply: [{ text: "I read" }, stall, { text: `\n${second}\n` }] },
      { when: { prompt: "piece 1 of" }, reply: [{ text: "lib/parse.js:1 [note] looser than before\n" }] },
    ];
    const one = await begin(pieces, { ...loose, ...edited(slip) });
    await one.event("turn.ended");
    await behind(one, await one.event("turn.started", 2), "text.delta");
    await endedLeaves(one, {});
    expect(comments(one)).toHaveLength(1);
  });
});
