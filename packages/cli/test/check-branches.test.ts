/** A repository with one branch for each kind of violation and one without: what `check` says of them in a clean clone. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

const policy = `version: 1
preset: team
scope:
  - hold: [src/core/**]
    name: core
  - block: [vendor/**]
    name: vendor
review:
  - paths: [src/types/**]
    name: types
    approvals: 1
    own: false
`;

const lines = (count: number): string => Array.from({ length: count }, (_, at) => `export const v${at} = ${at};\n`).join("");
const test = 'import { it } from "node:test";\nit("adds", () => {\n  assert.equal(1 + 1, 2);\n});\n';
// Put together here, so that no scanner of a forge takes this file for a leak.
const token = ["gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko"].join("");

let folder: string;
let clone: Sandbox;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "twolane-branches-"));
  git(folder, "init", "-q", "-b", "main");
  const files = {
    ".twolane/policy.yaml": policy,
    "package.json": '{ "name": "shop", "version": "1.0.0", "dependencies": { "semver": "7.0.0" } }\n',
    ".github/workflows/ci.yml": "on: push\n",
    "src/price.ts": "export const price = 1;\n",
    "src/core/tax.ts": "export const tax = 1;\n",
    "src/types/money.ts": "export type Money = number;\n",
    "src/price.test.ts": test,
    "vendor/lib.js": "v\n",
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  save("base");
  for (const { name, change } of branches) {
    git(folder, "checkout", "-q", "-B", name, "main");
    change();
    save(name);
  }
  clone = openSandbox();
  rmSync(clone.folder, { recursive: true });
  execFileSync("git", ["clone", "-q", "--no-checkout", `file://${folder}`, clone.folder], { stdio: "pipe" });
}, 120_000);
afterAll(() => {
  clone.remove();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, name);

function write(name: string, text: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

function save(message: string): void {
  git(folder, "add", "-A", "-f");
  git(folder, "commit", "-q", "-m", message);
}

interface Branch {
  readonly name: string;
  readonly change: () => void;
  readonly status: 0 | 3 | 6;
  /** Place and rule of a finding. */
  readonly says?: string;
}

const branches: readonly Branch[] = [
  { name: "clean", change: () => write("src/price.ts", "export const price = 2;\n"), status: 0 },
  { name: "clean-move", change: () => renameSync(at("src/price.ts"), at("src/cost.ts")), status: 0 },
  {
    name: "dependency",
    change: () =>
      write(
        "package.json",
        '{ "name": "shop", "version": "1.0.0", "dependencies": { "semver": "7.0.0", "left-pad": "1.3.0" } }\n',
      ),
    ...{ status: 3, says: "package.json dependencies" },
  },
  {
    name: "import",
    change: () => write("src/price.ts", 'import pad from "left-pad";\nexport const price = pad;\n'),
    ...{ status: 3, says: "src/price.ts dependencies" },
  },
  {
    name: "secret",
    change: () => write("src/key.ts", `export const key = "${token}";\n`),
    status: 3,
    says: "src/key.ts secrets",
  },
  { name: "protected", change: () => appendFileSync(at("src/core/tax.ts"), "// x\n"), status: 3, says: "src/core/tax.ts core" },
  { name: "moved-away", change: () => renameSync(at("src/core/tax.ts"), at("src/tax.ts")), status: 3, says: "src/tax.ts core" },
  { name: "blocked", change: () => appendFileSync(at("vendor/lib.js"), "w\n"), status: 6, says: "vendor/lib.js vendor" },
  {
    name: "policy",
    change: () => write(".twolane/policy.yaml", "version: 1\npreset: solo\n"),
    ...{ status: 3, says: ".twolane/policy.yaml permissions" },
  },
  {
    name: "policy-and-more",
    change() {
      write(".twolane/policy.yaml", "version: 1\n");
      appendFileSync(at("vendor/lib.js"), "w\n");
    },
    ...{ status: 6, says: "vendor/lib.js vendor" },
  },
  {
    name: "pipeline",
    change: () => appendFileSync(at(".github/workflows/ci.yml"), "# x\n"),
    status: 3,
    says: ".github/workflows/ci.yml ci",
  },
  { name: "credentials", change: () => write("conf/.env", "KEY=1\n"), status: 6, says: "conf/.env credentials" },
  { name: "size", change: () => write("src/big.ts", lines(1200)), status: 3, says: "src/big.ts change-size" },
  {
    name: "weakened",
    change: () => write("src/price.test.ts", test.replace('it("adds"', 'it.skip("adds"')),
    ...{ status: 3, says: "src/price.test.ts tests" },
  },
  {
    name: "review",
    change: () => appendFileSync(at("src/types/money.ts"), "// x\n"),
    status: 3,
    says: "src/types/money.ts types",
  },
  { name: "link", change: () => symlinkSync("../../outside", at("src/link.ts")), status: 6, says: "src/link.ts link" },
  {
    name: "submodule",
    change() {
      const commit = git(folder, "rev-parse", "main").trim();
      git(folder, "update-index", "--add", "--cacheinfo", `160000,${commit},lib`);
      mkdirSync(at("lib"));
    },
    ...{ status: 3, says: "lib submodule" },
  },
];

describe("a clean clone", () => {
  it.each(branches)("$name", async ({ name, status, says }) => {
    const run = await clone.run(["check", "--base", "origin/main", "--head", `origin/${name}`, "--json"]);
    const report: { findings: { path: string; verdict: { rule: string } }[] } = JSON.parse(run.stdout);
    const found = report.findings.map(({ path: place, verdict }) => `${place} ${verdict.rule}`);
    expect({ status: run.status, found }).toMatchObject({
      status,
      found: says === undefined ? [] : expect.arrayContaining([says]),
    });
  });
});
