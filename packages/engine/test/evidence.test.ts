/** From a change to evidence on real projects with real runners: which tests are chosen, by which way, and what their words are worth. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openTesting, type TestingOptions } from "@twolane/engine/test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let base: string;
let root: string;
beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-evidence-")));
  root = path.join(base, "work");
  fs.mkdirSync(root);
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

function git(...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], { cwd: root, stdio: "ignore" });
}

function commit(files: Readonly<Record<string, string>>): void {
  write(files);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "one");
}

async function open(of: TestingOptions["of"] = { kind: "work tree" }) {
  const opened = await openTesting({ cwd: root, env: { XDG_STATE_HOME: path.join(base, "state") }, of });
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

const ways = async (...paths: readonly string[]): Promise<Record<string, string>> =>
  Object.fromEntries((await open({ kind: "paths", paths })).choice.tests.map(({ path: test, way }) => [test, way]));

const nodeProject = {
  "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
  "src/add.js": "export const add = (a, b) => a + b;\n",
  "src/next.js": 'import { add } from "./add.js";\nexport const next = (a) => add(a, 1);\n',
  "src/other.js": "export const other = 1;\n",
  "test/next.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { next } from "../src/next.js";\n' +
    'test("next", () => {\n  console.log("noise");\n  assert.equal(next(1), 2);\n});\ntest.skip("later", () => {});\n',
  "test/other.test.js":
    'import test from "node:test";\nimport assert from "node:assert";\nimport { other } from "../src/other.js";\n' +
    'test("other", () => assert.equal(other, 1));\n',
};

describe("evidence of node:test", () => {
  it("runs what a change reaches, and says passed and skipped apart", async () => {
    commit(nodeProject);
    write({ "src/add.js": "export const add = (a, b) => b + a;\n" });
    const testing = await open();
    expect(testing.choice.tests).toEqual([
      { path: "test/next.test.js", way: "imports", via: "src/next.js", runner: "node:test" },
    ]);
    const evidence = await testing.run(new AbortController().signal);
    expect(evidence).toMatchObject({ outcome: "passed", counts: { passed: 1, failed: 0, skipped: 1 } });
  });

  it("shows the first failure with its line, and another hash for other bytes", async () => {
    commit(nodeProject);
    const before = await (await open({ kind: "paths", paths: ["src/add.js"] })).run(new AbortController().signal);
    write({ "src/add.js": "export const add = (a, b) => a - b;\n" });
    const evidence = await (await open()).run(new AbortController().signal);
    expect(evidence).toMatchObject({ outcome: "failed", failure: { path: "test/next.test.js", name: "next", line: 6 } });
    expect(evidence?.failure?.message).toContain("0 == 2");
    expect(evidence?.hash).not.toBe(before?.hash);
  });

  it("is void where a file changes while its tests run", async () => {
    commit(nodeProject);
    const file = path.join(root, "src/add.js");
    write({
      "src/add.js": `import fs from "node:fs";\nfs.appendFileSync(${JSON.stringify(file)}, "// more\\n");\nexport const add = (a, b) => a + b;\n`,
    });
    const evidence = await (await open()).run(new AbortController().signal);
    expect(evidence?.outcome).toBe("void");
  });

  it("stops with all it has started", async () => {
    commit({ ...nodeProject, "src/add.js": "setInterval(() => {}, 1000);\nexport const add = (a, b) => a + b;\n" });
    const stopping = new AbortController();
    const run = (await open({ kind: "all" })).run(stopping.signal);
    setTimeout(() => stopping.abort(), 50);
    expect(await run).toBeUndefined();
  });

  it("does not call it passed where a file holds no test or a runner ends early", async () => {
    commit({ ...nodeProject, "test/other.test.js": "process.exit(3);\n" });
    const evidence = await (await open({ kind: "paths", paths: ["test/other.test.js"] })).run(new AbortController().signal);
    expect(evidence?.outcome).toBe("failed");
    write({ "test/other.test.js": "export {};\n" });
    const empty = await (await open({ kind: "paths", paths: ["test/other.test.js"] })).run(new AbortController().signal);
    expect(empty?.outcome).not.toBe("passed");
  });
});

describe("fewer tests than before", () => {
  const file = "test/next.test.js";
  const one = nodeProject[file];
  const two = `${one}test("twice", () => assert.equal(next(2), 3));\n`;
  const run = async (fewer = false) => {
    const env = { XDG_STATE_HOME: path.join(base, "state") };
    const opened = await openTesting({ cwd: root, env, of: { kind: "work tree" }, fewer });
    return opened.ok ? opened.value.run(new AbortController().signal) : undefined;
  };

  it("are not passed until a person says so or commits", async () => {
    commit({ ...nodeProject, [file]: two });
    write({ "src/add.js": "export const add = (a, b) => b + a;\n" });
    expect((await run())?.outcome).toBe("passed");
    write({ [file]: one });
    const less = await run();
    expect(less).toMatchObject({ outcome: "not run", reason: expect.stringContaining(`${file} had 2 tests, now 1.`) });
    expect((await run())?.outcome).toBe("not run");
    git("add", "-A");
    git("commit", "-qm", "two");
    write({ "src/add.js": "export const add = (a, b) => a + b;\n" });
    expect((await run())?.outcome).toBe("passed");
  });

  it("are right when a person says so, and a test that is gone counts as well", async () => {
    commit({ ...nodeProject, [file]: two });
    write({ "src/add.js": "export const add = (a, b) => b + a;\n", "src/other.js": "export const other = 0 + 1;\n" });
    await run();
    write({ [file]: one });
    fs.rmSync(path.join(root, "test/other.test.js"));
    expect((await run())?.outcome).toBe("not run");
    expect((await run(true))?.outcome).toBe("passed");
    expect((await run())?.outcome).toBe("passed");
  });
});

describe("the choice", () => {
  it("knows ways apart", async () => {
    commit({
      ...nodeProject,
      "src/lonely.js": "export {};\n",
      "test/lonely.test.js": "export {};\n",
      "test/data/case.bin": "x",
      "README.md": "text\n",
    });
    expect(await ways("test/next.test.js")).toEqual({ "test/next.test.js": "itself" });
    expect(await ways("src/lonely.js")).toEqual({ "test/lonely.test.js": "name" });
    expect(await ways("README.md")).toEqual({});
    const all = ["test/lonely.test.js", "test/next.test.js", "test/other.test.js"];
    expect(await ways("package.json")).toEqual(Object.fromEntries(all.map((test) => [test, "all"])));
    expect(await ways("test/data/case.bin")).toEqual(Object.fromEntries(all.map((test) => [test, "beside"])));
  });

  it("goes on from a file that is gone", async () => {
    commit(nodeProject);
    fs.rmSync(path.join(root, "src/add.js"));
    expect((await open()).choice.tests.map(({ path: test }) => test)).toEqual(["test/next.test.js"]);
  });
});
