import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isGitName } from "./git-names.ts";
import { type Workspace, findWorkspace, resolveTarget } from "./workspace.ts";

let base: string;
let workspace: Workspace;

beforeAll(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-paths-")));
  const root = path.join(base, "work");
  for (const folder of ["work/src/deep", "work/.git", "outside"]) fs.mkdirSync(path.join(base, folder), { recursive: true });
  for (const file of ["work/src/a.ts", "work/.git/config", "outside/secret"]) fs.writeFileSync(path.join(base, file), "");
  fs.symlinkSync("src/a.ts", path.join(root, "link.ts"));
  fs.symlinkSync("src", path.join(root, "folder-link"));
  fs.symlinkSync("../outside", path.join(root, "leaving"));
  fs.symlinkSync("../outside/secret", path.join(root, "leaving.ts"));
  fs.symlinkSync(".git", path.join(root, "innocent"));
  fs.symlinkSync("nowhere", path.join(root, "dangling"));
  fs.symlinkSync("loop", path.join(root, "loop"));
  workspace = { root, kind: "work-tree" };
});

afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

describe("resolveTarget", () => {
  it.each([
    ["src/a.ts", "src/a.ts", "src/a.ts"],
    ["./src//a.ts", "src/a.ts", "src/a.ts"],
    ["src/new/deep.ts", "src/new/deep.ts", "src/new/deep.ts"],
    ["link.ts", "link.ts", "src/a.ts"],
    ["folder-link/new.ts", "folder-link/new.ts", "src/new.ts"],
    [".github/workflows/ci.yml", ".github/workflows/ci.yml", ".github/workflows/ci.yml"],
    [".gitignore", ".gitignore", ".gitignore"],
    ["...", "...", "..."],
  ])("%s", (name, relative, real) => {
    const target = resolveTarget(workspace, name);
    expect(target).toMatchObject({ ok: true, value: { relative, real, absolute: path.join(workspace.root, real) } });
  });

  it("takes an absolute path inside the workspace", () => {
    expect(resolveTarget(workspace, path.join(workspace.root, "src/a.ts"))).toMatchObject({
      ok: true,
      value: { relative: "src/a.ts" },
    });
  });

  it.each([
    ["PATH_OUTSIDE", "../outside/secret"],
    ["PATH_OUTSIDE", "src/../../outside/secret"],
    ["PATH_OUTSIDE", "src/../src/a.ts"],
    ["PATH_OUTSIDE", "src\\..\\..\\x"],
    ["PATH_OUTSIDE", "/etc/passwd"],
    ["PATH_OUTSIDE", "C:\\Windows\\x"],
    ["PATH_OUTSIDE", "\\\\server\\share"],
    ["PATH_OUTSIDE", "leaving/secret"],
    ["PATH_OUTSIDE", "leaving/new"],
    ["PATH_OUTSIDE", "leaving.ts"],
    ["PATH_OUTSIDE", "src/a\0.ts"],
    ["PATH_OUTSIDE", ""],
    ["PATH_GIT", ".git/config"],
    ["PATH_GIT", ".GIT/config"],
    ["PATH_GIT", "src/.git"],
    ["PATH_GIT", ".git./config"],
    ["PATH_GIT", ".git /config"],
    ["PATH_GIT", "git~1/config"],
    ["PATH_GIT", ".g\u200cit/config"],
    ["PATH_GIT", ".git\ufeff/hooks/pre-commit"],
    ["PATH_GIT", ".git::$INDEX_ALLOCATION/config"],
    ["PATH_GIT", ".git\\config"],
    ["PATH_GIT", "innocent/config"],
    ["FILE_IS_DIRECTORY", "."],
    ["FILE_IS_DIRECTORY", "src/"],
    ["FILE_IS_LINK", "dangling"],
    ["FILE_UNWRITABLE", "loop"],
    ["FILE_MISSING", "src/a.ts/b"],
  ])("%s: %j", (code, name) => {
    const target = resolveTarget(workspace, name);
    expect(!target.ok && target.failure.code).toBe(code);
  });

  it("refuses everything inside a repository's own files", () => {
    const target = resolveTarget({ ...workspace, kind: "bare" }, "src/a.ts");
    expect(!target.ok && target.failure.code).toBe("PATH_GIT");
  });

  it("does not take other names for .git", () => {
    expect([".gitignore", ".github", "git", "git~", "xgit~1", ".git-x"].filter(isGitName)).toEqual([]);
  });
});

describe("findWorkspace", () => {
  const run = (cwd: string, ...args: string[]): void => {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "protocol.file.allow=always"];
    execFileSync("git", [...identity, ...args], { cwd, stdio: "ignore" });
  };

  it("knows work trees, worktrees, submodules, shallow clones, bare repositories and plain folders", () => {
    const folder = path.join(base, "repositories");
    fs.mkdirSync(path.join(folder, "plain/sub"), { recursive: true });
    run(folder, "init", "-q", "main");
    const main = path.join(folder, "main");
    fs.mkdirSync(path.join(main, "sub"));
    fs.writeFileSync(path.join(main, "sub/a"), "");
    run(main, "add", ".");
    run(main, "commit", "-qm", "one");
    run(main, "worktree", "add", "-q", "../tree");
    run(folder, "clone", "-q", "--bare", "main", "bare.git");
    run(folder, "clone", "-q", "--depth", "1", `file://${main}`, "shallow");
    run(main, "submodule", "add", "-q", path.join(folder, "bare.git"), "module");
    fs.writeFileSync(path.join(folder, "plain/.git"), "no repository");
    const found = (name: string) => {
      const result = findWorkspace(path.join(folder, name));
      return result.ok ? [result.value.kind, path.relative(folder, result.value.root)] : [result.failure.code];
    };
    expect(found("main/sub")).toEqual(["work-tree", "main"]);
    expect(found("tree/sub")).toEqual(["work-tree", "tree"]);
    expect(found("shallow/sub")).toEqual(["work-tree", "shallow"]);
    expect(found("main/module")).toEqual(["work-tree", "main/module"]);
    expect(found("bare.git")).toEqual(["bare", "bare.git"]);
    expect(found("main/.git")).toEqual(["bare", "main/.git"]);
    expect(found("plain/sub")).toEqual(["folder", "plain/sub"]);
    expect(found("nowhere")).toEqual(["FOLDER_MISSING"]);
    expect(found("main/sub/a")).toEqual(["FOLDER_MISSING"]);
    expect(found("main/.git/refs")).toEqual(["bare", "main/.git/refs"]);
  });
});
