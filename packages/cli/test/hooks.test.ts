/** `twolane hooks`: a hook of our own beside those that are there, in the places where people keep them. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q", "-b", "main");
  commit({ "a.ts": "a\n" });
});
afterEach(() => sandbox.remove());

function commit(files: Readonly<Record<string, string>>, ...options: readonly string[]): void {
  for (const [path, text] of Object.entries(files)) sandbox.write(path, text);
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-q", "-m", "change", ...options);
}

const hooks = async (action: string) => {
  const { stdout, status } = await sandbox.run(["hooks", action, "--json"]);
  const { state, file, chained, holder, isIn, lines }: Record<string, unknown> = JSON.parse(stdout);
  return { status, state, file, chained, holder, isIn, lines };
};
const hookFile = (): string => join(sandbox.folder, ".git/hooks/pre-commit");

describe("twolane hooks", () => {
  it("holds a commit, `--no-verify` goes past it, and it leaves without a trace", async () => {
    expect(await hooks("status")).toMatchObject({ status: 1, state: "off" });
    expect(await hooks("install")).toMatchObject({ status: 0, state: "on", file: hookFile() });
    expect(await hooks("install")).toMatchObject({ status: 0, state: "on" });
    expect(await hooks("status")).toMatchObject({ status: 0, state: "on" });
    commit({ "a.ts": "b\n" });
    expect(() => commit({ ".githooks/pre-push": "true\n" })).toThrow(/starts-by-itself/);
    commit({}, "--no-verify");
    expect(await hooks("remove")).toMatchObject({ status: 0, state: "off" });
    expect(existsSync(hookFile())).toBe(false);
  });

  it("lets the policy itself be committed, by a yes to these very lines, whose command it names", async () => {
    await hooks("install");
    sandbox.write(".twolane/policy.yaml", "version: 1\npreset: team\n");
    git(sandbox.folder, "add", "-A");
    // The hook must find the state folder of the one who says yes.
    const words = ["-C", sandbox.folder, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-qam", "policy"];
    const commitHere = (): string => execFileSync("git", words, { env: sandbox.env, encoding: "utf8", stdio: "pipe" });
    expect(commitHere).toThrow(/permissions[^]*`twolane approve --staged` says yes to these very lines/);
    const yes = await sandbox.run(["approve", "--staged"]);
    expect(yes).toMatchObject({ status: 0, stdout: expect.stringContaining("✓ yes .twolane/policy.yaml  permissions: ") });
    commitHere();
    sandbox.write(".twolane/policy.yaml", "version: 1\npreset: solo\n");
    expect(commitHere).toThrow(/permissions/);
  });

  it("runs the hook that was there first, and brings it back", async () => {
    const own = `#!/bin/sh\necho own "$@" >> own.log\ntest ! -e stop\n`;
    mkdirSync(join(sandbox.folder, ".git/hooks"), { recursive: true });
    writeFileSync(hookFile(), own, { mode: 0o755 });
    expect(await hooks("install")).toMatchObject({ state: "on", chained: `${hookFile()}.before-twolane` });
    expect(await hooks("install")).toMatchObject({ state: "on", chained: `${hookFile()}.before-twolane` });
    commit({ "b.ts": "b\n" });
    expect(readFileSync(join(sandbox.folder, "own.log"), "utf8")).toBe("own\n");
    writeFileSync(join(sandbox.folder, "stop"), "");
    expect(() => commit({ "b.ts": "c\n" })).toThrow(/Command failed/);
    rmSync(join(sandbox.folder, "stop"));
    expect(() => commit({ ".githooks/pre-push": "true\n" })).toThrow(/starts-by-itself/);
    expect(await hooks("remove")).toMatchObject({ status: 0, state: "off" });
    expect(readFileSync(hookFile(), "utf8")).toBe(own);
  });

  it("writes nothing where another program holds the hooks, and names the line for its file", async () => {
    const cases = [
      { name: "husky", files: { ".husky/pre-commit": "npm test\n" }, file: ".husky/pre-commit" },
      { name: "lefthook", files: { "lefthook.yml": "pre-push: {}\n" }, file: "lefthook.yml" },
      { name: "pre-commit", files: { ".pre-commit-config.yaml": "repos: []\n" }, file: ".pre-commit-config.yaml" },
    ];
    for (const { name, files, file } of cases) {
      for (const [path, text] of Object.entries(files)) sandbox.write(path, text);
      const before = sandbox.hash();
      const install = await sandbox.run(["hooks", "install"]);
      expect(install).toMatchObject({ status: 3, stderr: "", stdout: expect.stringContaining(`${name} holds the hooks`) });
      expect(install.stdout).toContain("npx twolane check --staged");
      expect(sandbox.hash()).toBe(before);
      sandbox.write(file, `${sandbox.read(file)}npx twolane check --staged\n`);
      expect(await hooks("status")).toMatchObject({ status: 0, state: "foreign", holder: name, isIn: true });
      for (const path of Object.keys(files)) rmSync(join(sandbox.folder, path));
      rmSync(join(sandbox.folder, ".husky"), { recursive: true, force: true });
    }
  });

  it("writes into no folder that core.hooksPath shares with others", async () => {
    git(sandbox.folder, "config", "core.hooksPath", "team-hooks");
    expect(await hooks("install")).toMatchObject({ status: 3, state: "foreign", holder: "core.hooksPath (team-hooks)" });
    expect(existsSync(join(sandbox.folder, "team-hooks"))).toBe(false);
    git(sandbox.folder, "config", "core.hooksPath", join(sandbox.folder, ".git/own-hooks"));
    expect(await hooks("install")).toMatchObject({ status: 0, file: join(sandbox.folder, ".git/own-hooks/pre-commit") });
    expect(() => commit({ ".githooks/pre-push": "true\n" })).toThrow(/starts-by-itself/);
  });

  it("holds commits of a worktree as well, and a command that has gone lets them pass and says so", async () => {
    const other = join(sandbox.folder, "../other");
    git(sandbox.folder, "worktree", "add", "-q", other, "-b", "other");
    expect((await sandbox.run(["hooks", "install", "-C", other])).status).toBe(0);
    mkdirSync(join(other, ".githooks"));
    writeFileSync(join(other, ".githooks/pre-push"), "true\n");
    git(other, "add", "-A");
    expect(() => git(other, "commit", "-q", "-m", "x")).toThrow(/starts-by-itself/);
    writeFileSync(
      hookFile(),
      readFileSync(hookFile(), "utf8").replaceAll("twolane.cjs", "gone.cjs").replace("-v twolane", "-v gone"),
    );
    chmodSync(hookFile(), 0o755);
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
    const passed = spawnSync("git", ["-C", other, ...identity, "commit", "-q", "-m", "x"], { encoding: "utf8" });
    expect(passed.stderr).toBe(
      "twolane: The command is gone, so this commit was not checked; `twolane hooks install` sets the hook anew.\n",
    );
    expect(git(other, "log", "-1", "--format=%s")).toBe("x\n");
  });

  it("says in one line what it cannot do", async () => {
    expect(await sandbox.run(["hooks"])).toMatchObject({ status: 2, stderr: expect.stringContaining("[USAGE]") });
    expect(await sandbox.run(["hooks", "install", "now"])).toMatchObject({ status: 2 });
    writeFileSync(`${hookFile()}.before-twolane`, "kept by somebody\n");
    writeFileSync(hookFile(), "#!/bin/sh\n", { mode: 0o755 });
    expect(await sandbox.run(["hooks", "install"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("[FILE_EXISTS]"),
    });
    const outside = openSandbox();
    expect(await outside.run(["hooks", "install"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("[NO_REPOSITORY]"),
    });
    outside.remove();
  });
});
