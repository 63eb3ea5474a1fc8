/** `twolane check` as a person, a hook and a pipeline run it: the built command on real repositories. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q", "-b", "main");
});
afterEach(() => sandbox.remove());

function commit(files: Readonly<Record<string, string>>, message = "change"): void {
  stage(files);
  git(sandbox.folder, "commit", "-q", "-m", message);
}

function stage(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) sandbox.write(path, text);
  git(sandbox.folder, "add", "-A");
}

describe("twolane check --staged", () => {
  it("passes an ordinary edit, says by file what is held, and the statuses differ", async () => {
    commit({ "src/price.ts": "export const price = 1;\n" });
    stage({ "src/price.ts": "export const price = 2;\n" });
    const clean = await sandbox.run(["check", "--staged"]);
    expect(clean).toMatchObject({ status: 0, stderr: "" });
    expect(clean.stdout).toContain("✓ nothing stands against it · staged, 1 file, +1 −1");
    stage({ ".husky/pre-commit": "true\n", ".twolane/policy.yaml": "version: 1\n" });
    const held = await sandbox.run(["check", "--staged"]);
    expect(held).toMatchObject({ status: 3, stderr: "" });
    expect(held.stdout).toContain("▸ .husky/pre-commit\n  ◌ held line 1  starts-by-itself  ");
    expect(held.stdout).toContain("▸ .twolane/policy.yaml\n  ◌ held line 1  permissions  ");
    expect(held.stdout).toContain("2 held: a person must say yes");
    stage({ ".env": "KEY=1\n" });
    const blocked = await sandbox.run(["check", "--staged"]);
    expect(blocked).toMatchObject({ status: 6, stderr: "" });
    expect(blocked.stdout).toContain("▸ .env\n  ✗ blocked line 1  credentials  ");
    expect(blocked.stdout).toContain("1 blocked, 2 held ");
  });

  it("says what another policy would say, and that the gates do not go by it", async () => {
    commit({ "src/price.ts": "export const price = 1;\n" });
    commit({ "src/price.ts": "export const price = 2;\n" });
    const asked = ["check", "--base", "HEAD~1", "--policy", "draft.yaml"];
    expect(await sandbox.run(asked)).toMatchObject({ status: 1, stderr: expect.stringContaining("draft.yaml cannot be read") });
    sandbox.write("draft.yaml", "version: 1\nscope:\n  - hold: [src/**]\n    name: sources\n");
    const held = await sandbox.run(asked);
    expect(held).toMatchObject({ status: 3, stderr: "" });
    expect(held.stdout).toContain("! draft.yaml was asked in the place of the project's policy; the gates do not go by it.\n");
    expect(held.stdout).toContain("▸ src/price.ts\n  ◌ held line 1  sources  ");
    expect((await sandbox.run(asked.slice(0, 3))).status).toBe(0);
    sandbox.write("draft.yaml", "version: 1\nscop: []\n");
    expect(await sandbox.run(asked)).toMatchObject({ status: 2, stderr: expect.stringContaining("[POLICY_INVALID]") });
  });

  it("gives one object with --json, also of what cannot be checked", async () => {
    stage({ "a.ts": "a\n", "sub/.env": "KEY=1\n" });
    const { stdout, status } = await sandbox.run(["check", "--staged", "--json"]);
    expect(status).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "check.finished",
      source: { kind: "staged" },
      files: 2,
      verdict: "blocked",
      findings: [{ path: "sub/.env", line: 1, verdict: { rule: "credentials" } }],
    });
    const refused = await sandbox.run(["check", "--base", "nowhere", "--json"]);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ type: "check.refused", failure: { code: "BASE_MISSING" } });
  });

  it("names the line of a secret, not the first one of its hunk, with any ending of lines", async () => {
    const token = ["gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko"].join("");
    const text = ["one", "two", "three", "four", "five", "six"];
    const files = { "unix.ts": "\n", "dos.ts": "\r\n" };
    const written = (lines: readonly string[]) =>
      Object.fromEntries(Object.entries(files).map(([name, ending]) => [name, lines.join(ending)]));
    commit(written(text));
    stage(written([...text.slice(0, 2), "new", "newer", `token = "${token}"`, "newest", ...text.slice(3)]));
    const run = await sandbox.run(["check", "--staged", "--output", "json=out.json", "--output", "github=out.txt"]);
    expect(run.status).toBe(3);
    for (const name of Object.keys(files)) expect(run.stdout).toContain(`▸ ${name}\n  ◌ held line 5  secrets  `);
    expect(sandbox.read("out.txt")).toContain("file=unix.ts,line=5,");
    expect(JSON.parse(sandbox.read("out.json")).findings).toMatchObject([
      { path: "dos.ts", line: 5, verdict: { rule: "secrets" } },
      { path: "unix.ts", line: 5, verdict: { rule: "secrets" } },
    ]);
  });

  it("looks at the index that git made for `commit -a`", async () => {
    commit({ "a.ts": "a\n", ".env": "OLD=1\n" });
    sandbox.write(".git/hooks/pre-commit", `#!/bin/sh\nexec "${process.execPath}" "${command}" check --staged\n`);
    const { chmodSync } = await import("node:fs");
    chmodSync(join(sandbox.folder, ".git/hooks/pre-commit"), 0o755);
    sandbox.write(".env", "NEW=1\n");
    expect(() => git(sandbox.folder, "commit", "-q", "-a", "-m", "all")).toThrow(/\.env/);
    expect(() => git(sandbox.folder, "commit", "-q", "-m", "one", "--", ".env")).toThrow(/\.env/);
  });
});

const command = join(import.meta.dirname, "../bin/twolane.cjs");

describe("twolane check --base", () => {
  it("sees what the branch changed, and writes every format at once", async () => {
    commit({ "src/a.ts": "a\n" });
    git(sandbox.folder, "checkout", "-q", "-b", "work");
    commit({ "src/a.ts": "b\n", "conf/.env.local": "KEY=1\n" });
    const outputs = ["json=out.json", "sarif=out.sarif", "github=out.txt", "markdown=out.md"];
    const run = await sandbox.run(["check", "--base", "main", ...outputs.flatMap((output) => ["--output", output])]);
    expect(run.status).toBe(6);
    expect(run.stdout).toMatch(/main…[0-9a-f]{9}, 2 files, \+2 −1/);
    const read = (name: string): string => readFileSync(join(sandbox.folder, name), "utf8");
    expect(JSON.parse(read("out.json"))).toMatchObject({ source: { kind: "commits", base: "main" }, verdict: "blocked" });
    expect(read("out.txt")).toMatch(/^::error file=conf\/\.env\.local,line=1,title=blocked%3A credentials::/m);
    expect(read("out.md")).toContain("#### `conf/.env.local`");
    expect(JSON.parse(read("out.sarif"))).toMatchObject({ version: "2.1.0", runs: [{ results: [{ ruleId: "credentials" }] }] });
  });

  it("refuses what it does not understand, in one line", async () => {
    for (const args of [
      ["--staged", "--base", "main"],
      ["--head", "x"],
      ["--format", "xml"],
      ["--output", "sarif"],
      ["--nonsense"],
    ]) {
      const run = await sandbox.run(["check", ...args]);
      expect(run).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^twolane: .* \[USAGE\]\n$/) });
    }
    const outside = openSandbox();
    expect(await outside.run(["check"])).toMatchObject({ status: 1, stderr: expect.stringContaining("[NO_REPOSITORY]") });
    outside.remove();
  });
});
