/** What is kept of a look at a project, and when it is void: a second look, of this process or the next, must see what a first one would. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Impacts } from "../src/evidence/impact.ts";
import { openProjectDisk } from "../src/host/project-files.ts";
import { systemProcesses } from "../src/host/process.ts";

let root: string;
let kept: string | undefined;
let writes: number;
let textsRead: string[];
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-evidence-cache-")));
  [kept, writes, textsRead] = [undefined, 0, []];
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const place = (name: string): string => path.join(root, name);

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(place(name)), { recursive: true });
    fs.writeFileSync(place(name), text);
  }
}

const git = (...args: readonly string[]): Buffer => execFileSync("git", args, { cwd: root, stdio: "pipe" });

function start(files: Readonly<Record<string, string>>): void {
  write(files);
  git("init", "-q");
  git("add", "-A");
}

/** As a process that has just started. */
function opened(store = { read: () => kept, write: (text: string) => void ([kept, writes] = [text, writes + 1]) }): Impacts {
  const disk = openProjectDisk({ root, processes: systemProcesses, ripgrep: () => "rg" });
  const text = (file: string): string | undefined => (textsRead.push(file), disk.text(file));
  return new Impacts({ files: { ...disk, text }, store, now: () => 0 });
}

/** What has just changed is read again in any case; the tests are about what has not. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

async function testsOf(impacts: Impacts, ...changed: readonly string[]): Promise<readonly string[]> {
  return (await impacts.of(changed)).choice.tests
    .filter(({ way }) => way !== "all" && way !== "name")
    .map(({ path: test }) => test);
}

const manifest = JSON.stringify({ name: "shop", type: "module", scripts: { test: "vitest run" } });
const usual = {
  "package.json": manifest,
  "src/a.ts": "export const a = 1;\n",
  "src/b.ts": 'import { a } from "./a";\nexport const b = a;\n',
  "src/c.ts": "export const c = 1;\n",
  "test/b.test.ts": 'import { b } from "../src/b";\n',
  "test/c.test.ts": 'import { c } from "../src/c";\n',
};

/** Both must say the same: who goes on, and who starts with what the other kept. */
describe.each(["the same process", "the next process"])("what %s knows", (who) => {
  const next = (impacts: Impacts): Impacts => (who === "the same process" ? impacts : opened());

  it("is read again of no file when nothing has changed", async () => {
    start(usual);
    await settle();
    const first = opened();
    expect(await testsOf(first, "src/a.ts")).toEqual(["test/b.test.ts"]);
    textsRead = [];
    expect(await testsOf(next(first), "src/a.ts")).toEqual(["test/b.test.ts"]);
    expect(textsRead.filter((file) => file.endsWith(".ts"))).toEqual([]);
  });

  it("changes with a file that names another, and reads that one alone", async () => {
    start(usual);
    await settle();
    const first = opened();
    await testsOf(first, "src/a.ts");
    write({ "test/c.test.ts": 'import { a } from "../src/a";\n' });
    await settle();
    textsRead = [];
    const second = next(first);
    expect(await testsOf(second, "src/a.ts")).toEqual(["test/b.test.ts", "test/c.test.ts"]);
    expect(await testsOf(second, "src/c.ts")).toEqual([]);
    expect(textsRead.filter((file) => file.endsWith(".ts"))).toEqual(["test/c.test.ts"]);
  });

  it("changes with the exports of a package of the workspace", async () => {
    const library = (door: string): string => JSON.stringify({ name: "library", exports: { ".": door } });
    start({
      ...usual,
      "packages/library/package.json": library("./src/one.ts"),
      "packages/library/src/one.ts": "export {};\n",
      "packages/library/src/two.ts": "export {};\n",
      "test/library.test.ts": 'import "library";\n',
    });
    await settle();
    const first = opened();
    expect(await testsOf(first, "packages/library/src/one.ts")).toEqual(["test/library.test.ts"]);
    write({ "packages/library/package.json": library("./src/two.ts") });
    const second = next(first);
    expect(await testsOf(second, "packages/library/src/two.ts")).toEqual(["test/library.test.ts"]);
    expect(await testsOf(second, "packages/library/src/one.ts")).toEqual([]);
  });

  it("changes with the paths of a tsconfig, in a file that another extends as well", async () => {
    const paths = (folder: string): string => JSON.stringify({ compilerOptions: { paths: { "~/*": [`./${folder}/*`] } } });
    start({
      ...usual,
      "tsconfig.json": JSON.stringify({ extends: "./settings/base.json" }),
      "settings/base.json": paths("../src"),
      "other/a.ts": "export {};\n",
      "test/short.test.ts": 'import "~/a";\n',
    });
    await settle();
    const first = opened();
    expect(await testsOf(first, "src/a.ts")).toEqual(["test/b.test.ts", "test/short.test.ts"]);
    write({ "settings/base.json": paths("../other") });
    const second = next(first);
    expect(await testsOf(second, "other/a.ts")).toEqual(["test/short.test.ts"]);
    expect(await testsOf(second, "src/a.ts")).toEqual(["test/b.test.ts"]);
  });

  it("changes when a file appears before the one that a name meant", async () => {
    start({ ...usual, "src/a.ts": "export {};\n", "src/d/index.ts": "export {};\n", "test/d.test.ts": 'import "../src/d";\n' });
    await settle();
    const first = opened();
    expect(await testsOf(first, "src/d/index.ts")).toEqual(["test/d.test.ts"]);
    write({ "src/d.ts": "export {};\n" });
    textsRead = [];
    expect(await testsOf(next(first), "src/d.ts")).toEqual(["test/d.test.ts"]);
    expect(textsRead.filter((file) => file.startsWith("test/"))).toEqual([]);
  });

  it("changes when a file is gone, and knows who named it", async () => {
    start({ ...usual, "src/d.ts": "export {};\n", "src/d/index.ts": "export {};\n", "test/d.test.ts": 'import "../src/d";\n' });
    await settle();
    const first = opened();
    expect(await testsOf(first, "src/d.ts")).toEqual(["test/d.test.ts"]);
    // Still in git's index, then not even there.
    for (const step of [() => fs.rmSync(place("src/d.ts")), () => git("rm", "-q", "--cached", "src/d.ts")]) {
      step();
      expect(await testsOf(next(first), "src/d.ts")).toEqual(["test/d.test.ts"]);
      // What stands in its place now is meant as well.
      expect(await testsOf(next(first), "src/d/index.ts")).toEqual(["test/d.test.ts"]);
    }
  });

  it("changes with a test that is gone", async () => {
    start(usual);
    await settle();
    const first = opened();
    await testsOf(first, "src/a.ts");
    fs.rmSync(place("test/b.test.ts"));
    expect(await testsOf(next(first), "src/a.ts")).toEqual([]);
  });

  it("changes with content of the same size and date", async () => {
    const old = new Date("2020-01-01T00:00:00Z");
    const named = (name: string): string => usual["test/c.test.ts"].replace("src/c", `src/${name}`);
    const put = async (file: string, name: string): Promise<void> => {
      fs.writeFileSync(place(file), named(name));
      fs.utimesSync(place(file), old, old);
      await settle();
    };
    start(usual);
    await put("test/c.test.ts", "c");
    const first = opened();
    expect(await testsOf(first, "src/a.ts")).toEqual(["test/b.test.ts"]);
    await put("test/c.test.ts", "a");
    expect(await testsOf(next(first), "src/a.ts")).toEqual(["test/b.test.ts", "test/c.test.ts"]);
    // An editor that writes beside and renames.
    await put("draft", "c");
    fs.renameSync(place("draft"), place("test/c.test.ts"));
    await settle();
    expect(fs.statSync(place("test/c.test.ts"))).toMatchObject({ size: named("a").length, mtimeMs: old.getTime() });
    expect(await testsOf(next(first), "src/a.ts")).toEqual(["test/b.test.ts"]);
  });

  it("sees two changes at the same moment", async () => {
    start(usual);
    let impacts = opened();
    const named = ["a", "c"].map((name) => usual["test/c.test.ts"].replace("src/c", `src/${name}`));
    for (let round = 0; round < 20; round++) {
      write({ "test/c.test.ts": named[round % 2] ?? "" });
      const reached = await testsOf(impacts, "src/a.ts");
      expect(reached).toEqual(round % 2 === 0 ? ["test/b.test.ts", "test/c.test.ts"] : ["test/b.test.ts"]);
      impacts = next(impacts);
    }
  });

  it("changes with the runner and its patterns", async () => {
    start({ ...usual, "spec/a.case.ts": 'import "../src/a";\n' });
    await settle();
    const first = opened();
    expect(await testsOf(first, "src/a.ts")).toEqual(["test/b.test.ts"]);
    write({ "vitest.config.ts": 'export default { test: { include: ["spec/*.case.ts", "test/*.test.ts"] } };\n' });
    expect(await testsOf(next(first), "src/a.ts")).toEqual(["spec/a.case.ts", "test/b.test.ts"]);
    write({ "package.json": manifest.replace("vitest run", "mocha 'spec/*.case.ts'") });
    fs.rmSync(place("vitest.config.ts"));
    expect((await next(first).of(["src/a.ts"])).choice.tests).toMatchObject([{ path: "spec/a.case.ts", runner: "mocha" }]);
  });

  it("changes with the module of a go.mod and a crate's dependencies", async () => {
    const crate = (name: string, uses = ""): string => `[package]\nname = "${name}"\n\n[dependencies]\n${uses}`;
    start({
      "go.mod": "module shop.test/one\n",
      "add/add.go": "package add\n",
      "use/use_test.go": 'package use\n\nimport "shop.test/one/add"\n',
      "first/Cargo.toml": crate("first"),
      "first/src/lib.rs": "",
      "second/Cargo.toml": crate("second"),
      "second/src/lib.rs": "",
    });
    await settle();
    const first = opened();
    expect(await testsOf(first, "add/add.go")).toEqual(["use/use_test.go"]);
    expect(await testsOf(first, "first/src/lib.rs")).toEqual(["first/src/lib.rs"]);
    write({ "go.mod": "module shop.test/two\n", "second/Cargo.toml": crate("second", 'first = { path = "../first" }\n') });
    const second = next(first);
    expect(await testsOf(second, "add/add.go")).toEqual([]);
    expect(await testsOf(second, "first/src/lib.rs")).toEqual(["first/src/lib.rs", "second/src/lib.rs"]);
  });
});

describe("the stamp of a file", () => {
  it("is never the same twice just after a change, as another may follow with the same date", async () => {
    start(usual);
    const disk = openProjectDisk({ root, processes: systemProcesses, ripgrep: () => "rg" });
    // A busy machine may be too late to see it so soon.
    const differs = Array.from({ length: 100 }, () => {
      write({ "src/a.ts": "export {};\n" });
      return disk.stamp("src/a.ts") !== disk.stamp("src/a.ts");
    });
    expect(differs).toContain(true);
    await settle();
    expect(disk.stamp("src/a.ts")).toBe(disk.stamp("src/a.ts"));
    expect([disk.stamp("src"), disk.stamp("nowhere"), disk.stamp("src/a.ts/b")]).toEqual([undefined, undefined, undefined]);
  });
});

describe("a kept text", () => {
  it("that was cut off, changed or written by another version is none", async () => {
    start(usual);
    await settle();
    await testsOf(opened(), "src/a.ts");
    const whole = kept ?? "";
    expect(whole.length).toBeGreaterThan(200);
    const damaged = [
      ...Array.from({ length: whole.length }, (_, length) => whole.slice(0, length)),
      ...Array.from(
        { length: whole.length },
        (_, at) => `${whole.slice(0, at)}${whole[at] === "0" ? "1" : "0"}${whole.slice(at + 1)}`,
      ),
      `${whole}\n`,
      "null",
      JSON.stringify({ format: 3, files: { "src/b.ts": ["1-1", "./c"] } }),
    ];
    for (const text of damaged.filter((_, at) => at % 7 === 0 || at > damaged.length - 5)) {
      kept = text;
      expect(await testsOf(opened(), "src/a.ts")).toEqual(["test/b.test.ts"]);
      expect(kept === whole).toBe(true);
    }
  });

  it("is not written for a few files, and is for many", async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`src/m${at}.ts`, "export {};\n"]));
    start({ ...usual, ...many });
    await settle();
    await testsOf(opened(), "src/a.ts");
    const before = writes;
    write({ "src/m1.ts": "export const m = 1;\n" });
    await settle();
    await testsOf(opened(), "src/a.ts");
    expect(writes).toBe(before);
    write(Object.fromEntries(Object.keys(many).map((name) => [name, "export const m = 2;\n"])));
    await settle();
    await testsOf(opened(), "src/a.ts");
    expect(writes).toBe(before + 1);
    textsRead = [];
    await testsOf(opened(), "src/a.ts");
    expect(textsRead.filter((file) => file.endsWith(".ts"))).toEqual([]);
  });

  it("that cannot be kept is missed by nobody", async () => {
    start(usual);
    const nowhere = { read: () => undefined, write: () => undefined };
    expect(await testsOf(opened(nowhere), "src/a.ts")).toEqual(["test/b.test.ts"]);
  });
});

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const isLong = process.env["TWOLANE_TEST_SCALE"] !== undefined;

/** Places that shadow each other, and what can be written there. */
const places = [
  "src/a.ts",
  "src/a.js",
  "src/a/index.ts",
  "src/b.ts",
  "lib/a.ts",
  "lib/b/index.js",
  "src/data.json",
  "py/a.py",
  "py/a/__init__.py",
];
const scripts = ["test/one.test.ts", "src/two.test.ts", "lib/three.test.js", ...places.filter((name) => /[jt]s$/.test(name))];
const named = ["./a", "./b", "../src/a", "../src/a.js", "~/a", "~/b", "library", "library/b", "./data", "#a", "../lib/*"];
const folders = fc.constantFrom("src", "lib");
const step = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), name: fc.constantFrom(...places), text: fc.constantFrom("", "// more\n") }),
  fc.record({ kind: fc.constant("names" as const), name: fc.constantFrom(...scripts), names: fc.subarray(named) }),
  fc.record({
    kind: fc.constant("python" as const),
    name: fc.constantFrom("py/test_a.py", "py/conftest.py"),
    names: fc.subarray(["a", ".a", "py.a"]),
  }),
  fc.record({ kind: fc.constant("remove" as const), name: fc.constantFrom(...places, ...scripts) }),
  fc.record({ kind: fc.constant("paths" as const), folder: folders, extended: fc.boolean() }),
  fc.record({ kind: fc.constant("doors" as const), folder: folders, name: fc.constantFrom("library", "shop") }),
  fc.record({ kind: fc.constant("add" as const) }),
  fc.record({ kind: fc.constant("settle" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function take(one: Step): Promise<void> {
  if (one.kind === "write") write({ [one.name]: one.text });
  if (one.kind === "names") write({ [one.name]: one.names.map((name) => `import "${name}";\n`).join("") });
  if (one.kind === "python") write({ [one.name]: one.names.map((name) => `from ${name} import b\n`).join("") });
  if (one.kind === "remove") fs.rmSync(place(one.name), { force: true });
  if (one.kind === "paths") {
    const settings = { compilerOptions: { paths: { "~/*": [`./${one.folder}/*`] } } };
    write(
      one.extended
        ? { "tsconfig.json": '{ "extends": "./base.json" }', "base.json": JSON.stringify(settings) }
        : { "tsconfig.json": JSON.stringify(settings) },
    );
  }
  if (one.kind === "doors")
    write({
      "lib/package.json": JSON.stringify({
        name: one.name,
        exports: { ".": `./b`, "./*": `./*.${one.folder === "src" ? "ts" : "js"}` },
      }),
    });
  if (one.kind === "add") git("add", "-A");
  if (one.kind === "settle") await settle();
}

describe("any changes", () => {
  it(
    "leave what is kept the same as a first look",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
          fs.rmSync(root, { recursive: true, force: true });
          fs.mkdirSync(root);
          kept = undefined;
          start({ ...usual, "package.json": JSON.stringify({ ...JSON.parse(manifest), imports: { "#*": "./src/*.ts" } }) });
          const going = opened();
          for (const one of steps) {
            await take(one);
            const changed = ["name" in one && one.name.includes("/") ? one.name : "src/a.ts", "src/b.ts"];
            const first = await opened({ read: () => undefined, write: () => undefined }).of(changed);
            expect((await going.of(changed)).choice).toEqual(first.choice);
            expect((await opened().of(changed)).choice).toEqual(first.choice);
          }
        }),
        { numRuns: 6 * scale, ...(!isLong && { seed: 20261126 }) },
      );
    },
    60_000 * scale,
  );
});
