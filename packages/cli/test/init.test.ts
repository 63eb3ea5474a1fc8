/** `twolane init` through the built command, and what is said of changes under the policy that it drafted. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
  sandbox.write("package.json", '{ "name": "shop", "scripts": { "test": "node --test" }, "dependencies": { "ws": "8.0.0" } }\n');
  sandbox.write("src/price.ts", "export const price = 1;\n");
  sandbox.write("infra/main.tf", "x = 1\n");
});
afterEach(() => sandbox.remove());

const git = (...args: string[]): string =>
  execFileSync("git", ["-C", sandbox.folder, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    encoding: "utf8",
  });

describe("init", () => {
  it("asks nothing when piped, and drafts a policy under which work goes on", async () => {
    git("init", "-q");
    const made = await sandbox.run(["init"]);
    expect(made.status).toBe(0);
    expect(made.stdout).toContain("✓ infrastructure: infra/**");
    expect(sandbox.read(".twolane/policy.yaml").split("\n")[0]).toBe("# yaml-language-server: $schema=./policy.schema.json");
    expect(JSON.parse(sandbox.read(".twolane/policy.schema.json"))).toMatchObject({ type: "object" });
    expect((await sandbox.run(["policy", "test"])).status).toBe(0);
    git("add", "-A");
    git("commit", "-q", "-m", "policy");
    const told = async (path: string, text: string) => {
      sandbox.write(path, text);
      const patch = git("diff");
      git("reset", "-q", "--hard");
      const { status, stdout } = await sandbox.run(["policy", "explain", "-", "--json"], { input: patch });
      const hunks: { refusals: { rule: string }[] }[] = JSON.parse(stdout).hunks;
      return [status, ...new Set(hunks.flatMap(({ refusals }) => refusals.map(({ rule }) => rule)))];
    };
    expect(await told("src/price.ts", "export const price = 2;\n")).toEqual([0]);
    const manifest = sandbox.read("package.json").replace('"8.0.0"', '"8.0.0", "left-pad": "1.3.0"');
    expect(await told("package.json", manifest)).toEqual([3, "dependencies"]);
    const token = ["ghp", "q7Zt2LmVx9RbKw4HsYd8NcPf3JgUa6TeXo1Q"].join("_");
    expect(await told("src/price.ts", `export const price = 1;\nconst t = "${token}";\n`)).toEqual([3, "secrets"]);
    expect(await told("infra/main.tf", "x = 2\n")).toEqual([3, "infrastructure"]);
    expect(await told(".twolane/policy.yaml", "version: 1\n")).toEqual([6, "permissions"]);
  });

  it("leaves a policy that is there, unless it is told", async () => {
    sandbox.write(".twolane/policy.yaml", "version: 1\n");
    const refused = await sandbox.run(["init"]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("FILE_EXISTS");
    expect(sandbox.read(".twolane/policy.yaml")).toBe("version: 1\n");
    expect((await sandbox.run(["init", "--force", "--preset", "strict"])).status).toBe(0);
    expect(sandbox.read(".twolane/policy.yaml")).toContain("preset: strict");
  });

  it("prints without writing", async () => {
    const { status, stdout } = await sandbox.run(["init", "--print", "--preset", "solo"]);
    expect(status).toBe(0);
    expect(stdout).toContain("preset: solo");
    expect(existsSync(`${sandbox.folder}/.twolane`)).toBe(false);
  });

  it("knows its presets", async () => {
    const { status, stderr } = await sandbox.run(["init", "--preset", "lax"]);
    expect(status).toBe(2);
    expect(stderr).toContain("Name one of solo, team, strict.");
  });
});
