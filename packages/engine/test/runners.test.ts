/** Each runner for real: found, started, and understood when it passes, fails, skips and breaks. What the machine lacks is skipped. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Evidence } from "@twolane/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { openTesting } from "../src/assembly/testing.ts";

let base: string;
let root: string;
beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-runners-")));
  root = path.join(base, "work");
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

async function test(...paths: readonly string[]): Promise<{ chosen: string[]; evidence: Evidence }> {
  const env = { XDG_STATE_HOME: path.join(base, "state"), XDG_CONFIG_HOME: path.join(base, "config") };
  const opened = await openTesting({ cwd: root, env, of: { kind: "paths", paths } });
  if (!opened.ok) throw new Error(opened.failure.message);
  const evidence = await opened.value.run(new AbortController().signal);
  if (evidence === undefined) throw new Error("stopped");
  return { chosen: opened.value.choice.tests.map(({ path: file }) => file), evidence };
}

interface Sample {
  readonly files: Readonly<Record<string, string>>;
  /** The file that is wrong afterwards, and which tests that reaches. */
  readonly source: string;
  readonly wrong: string;
  readonly broken: string;
  readonly reached: readonly string[];
  readonly counts: Evidence["counts"];
}

const samples: Readonly<Record<string, Sample>> = {
  vitest: {
    files: {
      "package.json": '{ "name": "shop", "type": "module", "scripts": { "test": "vitest run" } }',
      "src/add.ts": "export const add = (a: number, b: number) => a + b;\n",
      "src/add.test.ts":
        'import { expect, it } from "vitest";\nimport { add } from "./add.js";\nit("adds", () => {\n  console.log("noise");\n  expect(add(1, 1)).toBe(2);\n});\nit.skip("later", () => {});\n',
      "src/other.test.ts": 'import { it } from "vitest";\nit("is", () => {});\n',
    },
    source: "src/add.ts",
    wrong: "export const add = (a: number, b: number) => a - b;\n",
    broken: "export const add = (\n",
    reached: ["src/add.test.ts"],
    counts: { passed: 1, failed: 0, skipped: 1 },
  },
  pytest: {
    files: {
      "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      "conftest.py": "",
      "shop/__init__.py": "",
      "shop/add.py": "def add(a, b):\n    return a + b\n",
      "shop/nxt.py": "from .add import (\n    add,\n)\n\n\ndef nxt(a):\n    return add(a, 1)\n",
      "tests/test_nxt.py":
        "import pytest\nfrom shop.nxt import nxt\n\n\ndef test_nxt():\n    print('noise')\n    assert nxt(1) == 2\n\n\n@pytest.mark.skip\ndef test_later():\n    pass\n",
      "tests/test_other.py": "def test_is():\n    assert True\n",
    },
    source: "shop/add.py",
    wrong: "def add(a, b):\n    return a - b\n",
    broken: "def add(\n",
    reached: ["tests/test_nxt.py"],
    counts: { passed: 1, failed: 0, skipped: 1 },
  },
  cargo: {
    files: {
      "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
      "src/lib.rs": "pub mod add;\n#[cfg(test)]\nmod tests {\n    #[test]\n    #[ignore]\n    fn later() {}\n}\n",
      "src/add.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
      "tests/whole.rs": "#[test]\nfn adds() {\n    assert_eq!(shop::add::add(1, 1), 2);\n}\n",
    },
    source: "src/add.rs",
    wrong: "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n",
    broken: "pub fn add(\n",
    reached: ["src/lib.rs", "tests/whole.rs"],
    counts: { passed: 1, failed: 0, skipped: 1 },
  },
  go: {
    files: {
      "go.mod": "module example.org/shop\n\ngo 1.19\n",
      "add/add.go": "package add\n\nfunc Add(a, b int) int { return a + b }\n",
      "next/next.go": 'package next\n\nimport "example.org/shop/add"\n\nfunc Next(a int) int { return add.Add(a, 1) }\n',
      "next/next_test.go":
        'package next\n\nimport "testing"\n\nfunc TestNext(t *testing.T) {\n\tif Next(1) != 2 {\n\t\tt.Fatal("no")\n\t}\n}\n\nfunc TestLater(t *testing.T) { t.Skip() }\n',
      "other/other.go": "package other\n",
      "other/other_test.go": 'package other\n\nimport "testing"\n\nfunc TestIs(t *testing.T) {}\n',
    },
    source: "add/add.go",
    wrong: "package add\n\nfunc Add(a, b int) int { return a - b }\n",
    broken: "package add\n\nfunc Add(\n",
    reached: ["next/next_test.go"],
    counts: { passed: 1, failed: 0, skipped: 1 },
  },
};

const has: Readonly<Record<string, boolean>> = {
  vitest: true,
  pytest: needs("pytest", { for: "evidence of pytest", get: "pip install pytest" }),
  cargo: needs("cargo", { for: "evidence of cargo test", get: "apt-get install cargo" }),
  go: needs("go", { for: "evidence of go test", get: "apt-get install golang-go" }),
};

describe.each(Object.entries(samples))("%s", (name, { files, source, wrong, broken, reached, counts }) => {
  it.skipIf(has[name] !== true)("is chosen, passes, fails and breaks", { timeout: 120_000 }, async () => {
    write(files);
    if (name === "vitest")
      fs.symlinkSync(path.join(import.meta.dirname, "../../../node_modules"), path.join(root, "node_modules"));
    const good = await test(source);
    expect(good.chosen).toEqual(reached);
    expect(good.evidence).toMatchObject({ outcome: "passed", counts });
    write({ [source]: wrong });
    const bad = await test(source);
    expect(bad.evidence).toMatchObject({ outcome: "failed", failure: { path: reached.at(-1) } });
    expect(bad.evidence.counts.failed).toBe(1);
    expect(bad.evidence.hash).not.toBe(good.evidence.hash);
    write({ [source]: broken });
    expect((await test(source)).evidence.outcome).toBe("failed");
  });
});

it.skipIf(has["pytest"] !== true)(
  "pytest: a file that does not load leaves the others their results",
  { timeout: 60_000 },
  async () => {
    write({
      "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-x"\n',
      "shop.py": "",
      "test_a.py": "import shop\nimport missing\n",
      "test_b.py": "import shop\n\n\ndef test_b():\n    pass\n",
    });
    const { evidence } = await test("shop.py");
    expect(evidence.files.map(({ path: file, outcome }) => [file, outcome])).toEqual([
      ["test_a.py", "failed"],
      ["test_b.py", "passed"],
    ]);
  },
);

describe("what cannot be run", () => {
  const open = () => {
    const env = { XDG_STATE_HOME: path.join(base, "state"), XDG_CONFIG_HOME: path.join(base, "config") };
    return openTesting({ cwd: root, env, of: { kind: "all" } });
  };
  const script = (name: string): Readonly<Record<string, string>> => ({
    "package.json": JSON.stringify({ scripts: { test: name }, devDependencies: { [name]: "1" } }),
    "src/a.js": "",
  });

  it.each(["mocha", "jest", "vitest"])(
    "%s, named and not installed: said with what to do, whether there are tests or not",
    async (name) => {
      write(script(name));
      expect(await open()).toMatchObject({
        ok: false,
        failure: {
          code: "TESTS_MISSING",
          message: `No test file is found here by the settings of ${name}, and ${name} is not installed.`,
          cure: expect.stringContaining("npm ci"),
        },
      });
      write({ "test/a.test.js": "" });
      const opened = await open();
      if (!opened.ok) throw new Error(opened.failure.message);
      expect(await opened.value.run(new AbortController().signal)).toMatchObject({
        outcome: "not run",
        reason: expect.stringMatching(new RegExp(`^${name} is not installed\\. .*npm ci`)),
      });
    },
  );

  it.each([
    ["go test", { "go.mod": "module shop\n" }],
    ["cargo test", { "Cargo.toml": '[package]\nname = "shop"\n' }],
    ["node:test", { "package.json": '{ "scripts": { "test": "node --test" } }' }],
    ["pytest", { "pytest.ini": "[pytest]\n" }],
  ])("%s without a test file is said", async (name, files) => {
    write(files);
    expect(await open()).toMatchObject({
      failure: { code: "TESTS_MISSING", message: expect.stringContaining(`settings of ${name}`) },
    });
  });

  it("pytest that is not there is said as that", { timeout: 60_000 }, async () => {
    write({
      "pytest.ini": "[pytest]\n",
      "test_a.py": "def test_a():\n    pass\n",
      ".venv/bin/python": '#!/bin/sh\necho "$0: No module named pytest" >&2\nexit 1\n',
    });
    fs.chmodSync(path.join(root, ".venv/bin/python"), 0o755);
    const { evidence } = await test("test_a.py");
    expect(evidence).toMatchObject({
      outcome: "not run",
      reason: "pytest is not installed. Install pytest, e.g. `pip install pytest`.",
    });
  });
});

describe("the policy's own command", () => {
  it("runs with the chosen files and counts by its status", async () => {
    write(samples["vitest"]?.files ?? {});
    fs.mkdirSync(path.join(base, "config/twolane"), { recursive: true });
    const command = (line: string): void =>
      fs.writeFileSync(
        path.join(base, "config/twolane/policy.yaml"),
        `version: 1\ntests: { command: ${JSON.stringify(line)} }\n`,
      );
    command('test "{files}" = src/add.test.ts');
    expect((await test("src/add.ts")).evidence).toMatchObject({ outcome: "passed", counts: { passed: 1 } });
    command("echo out of order; exit 3; {files}");
    expect((await test("src/add.ts")).evidence).toMatchObject({ outcome: "failed", failure: { message: "out of order" } });
  });
});
