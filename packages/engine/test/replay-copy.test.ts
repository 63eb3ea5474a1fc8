/** The copy on which a commit is replayed: what is in it, and that the source has nothing of it. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type CommitCopy, type CopyProgress, copyBefore } from "../src/host/commit-copy.ts";
import { readCommit } from "../src/host/commit-text.ts";
import { openGit } from "../src/host/git.ts";
import { systemProcesses } from "../src/host/process.ts";
import { readCommitDiff } from "../src/models/replay/commit-diff.ts";
import { git, must, temporaryFolder, treeOf } from "./replay-stage.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function folder(name: string): string {
  const at = temporaryFolder(name);
  made.push(at);
  return at;
}

function write(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

function commit(root: string, subject: string): string {
  git(root, "add", "-A");
  git(root, "commit", "-qm", subject);
  return git(root, "rev-parse", "HEAD").trim();
}

/** A repository with two commits. */
function twoCommits(...init: readonly string[]): string {
  const root = folder("repo");
  git(root, "init", "-q", "-b", "trunk", ...init);
  write(root, { "a.txt": "one\n", "sub/b.txt": "two\n" });
  commit(root, "first");
  write(root, { "a.txt": "ONE\n", "new.txt": "three\n" });
  commit(root, "second");
  return root;
}

async function copy(source: string, ref = "HEAD"): Promise<CommitCopy> {
  const read = must(await readCommit(openGit(source, systemProcesses), ref));
  const copied = must(await copyBefore({ source, commit: read, processes: systemProcesses }));
  made.push(path.dirname(copied.folder));
  return copied;
}

/** Every path, mode, byte and time of change; without the times: git itself renews those of objects that it would write again. */
function printOf(root: string, times = true): string {
  const hash = createHash("sha256");
  for (const entry of fs.readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
    const at = path.join(root, entry);
    const stats = fs.lstatSync(at);
    hash.update(`${entry} ${stats.mode} ${times ? stats.mtimeMs : 0} ${stats.size}\n`);
    if (stats.isFile()) hash.update(fs.readFileSync(at));
  }
  return hash.digest("hex");
}

describe("the copy", () => {
  it("holds the parent's tree, with HEAD and index there, and leaves the source as it was", async () => {
    const source = twoCommits();
    write(source, { "a.txt": "staged\n" });
    git(source, "add", "a.txt");
    git(source, "stash");
    write(source, { "a.txt": "not staged\n", untracked: "x" });
    const [before, content] = [printOf(source), printOf(source, false)];
    const copied = await copy(source);
    expect(printOf(source)).toBe(before);
    expect(treeOf(copied.folder)).toEqual({ "a.txt": "one\n", "sub/b.txt": "two\n" });
    expect(git(copied.folder, "status", "--porcelain")).toBe("");
    expect(git(copied.folder, "rev-parse", "HEAD")).toBe(git(source, "rev-parse", "HEAD^"));
    expect(git(copied.folder, "branch", "--show-current").trim()).toBe("trunk");
    expect(git(copied.folder, "remote")).toBe("");
    write(copied.folder, { "a.txt": "mine\n" });
    commit(copied.folder, "in the copy");
    expect(git(copied.folder, "fsck", "--connectivity-only", "--no-dangling")).toBe("");
    expect(printOf(source, false)).toBe(content);
    copied.remove();
    copied.remove();
    expect(fs.existsSync(path.dirname(copied.folder))).toBe(false);
  });

  it("starts a root commit from nothing, and a merge from its first parent", async () => {
    const source = twoCommits();
    expect(treeOf((await copy(source, "HEAD^")).folder)).toEqual({});
    git(source, "checkout", "-qb", "side", "HEAD^");
    write(source, { "side.txt": "side\n" });
    commit(source, "side");
    git(source, "checkout", "-q", "trunk");
    git(source, "merge", "-q", "--no-ff", "-m", "merged", "side");
    const merge = must(await readCommit(openGit(source, systemProcesses), "HEAD"));
    expect(readCommitDiff(merge).files.map(({ path: name }) => name)).toEqual(["side.txt"]);
    expect(treeOf((await copy(source)).folder)).toEqual({ "a.txt": "ONE\n", "new.txt": "three\n", "sub/b.txt": "two\n" });
  });

  it("comes from a linked worktree, a bare repository and one with SHA-256 alike", async () => {
    const source = twoCommits();
    const linked = path.join(folder("linked"), "tree");
    git(source, "worktree", "add", "-q", "-b", "other", linked, "HEAD");
    const bare = path.join(folder("bare"), "shop.git");
    git(source, "clone", "-q", "--bare", source, bare);
    for (const from of [linked, path.join(linked, "sub"), bare, twoCommits("--object-format=sha256")]) {
      const copied = await copy(from);
      expect(treeOf(copied.folder)).toEqual({ "a.txt": "one\n", "sub/b.txt": "two\n" });
      expect(git(copied.folder, "status", "--porcelain")).toBe("");
    }
    expect(path.basename((await copy(bare)).folder)).toBe("shop");
  });

  it("writes line endings as the source does", async () => {
    const source = twoCommits();
    git(source, "config", "core.autocrlf", "true");
    fs.writeFileSync(path.join(source, ".git/info/attributes"), "sub/* -text\n");
    const copied = await copy(source);
    expect(treeOf(copied.folder)).toEqual({ "a.txt": "one\r\n", "sub/b.txt": "two\n" });
    expect(git(copied.folder, "status", "--porcelain")).toBe("");
  });

  it("runs no filter and no hook, and fails for none that is missing", async () => {
    const source = twoCommits();
    const mark = path.join(folder("marks"), "ran");
    write(source, {
      ".gitattributes": "*.txt filter=lfs\n*.bin filter=gone\n",
      "big.txt": "version https://git-lfs\n",
      "x.bin": "x",
    });
    commit(source, "filters");
    write(source, { "a.txt": "again\n" });
    commit(source, "last");
    git(source, "config", "filter.lfs.smudge", `touch ${mark}; cat`);
    git(source, "config", "filter.lfs.clean", `touch ${mark}; cat`);
    git(source, "config", "filter.lfs.required", "true");
    git(source, "config", "filter.gone.process", "there-is-no-such-program");
    git(source, "config", "filter.gone.required", "true");
    for (const hook of ["post-checkout", "post-index-change", "reference-transaction"])
      fs.writeFileSync(path.join(source, ".git/hooks", hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    const copied = await copy(source);
    expect(treeOf(copied.folder)["big.txt"]).toBe("version https://git-lfs\n");
    expect(treeOf(copied.folder)["x.bin"]).toBe("x");
    expect(git(copied.folder, "status", "--porcelain")).toBe("");
    expect(fs.existsSync(mark)).toBe(false);
  });

  it("keeps submodules as empty folders, links as links, and fills what a sparse checkout leaves out", async () => {
    const source = twoCommits();
    git(source, "update-index", "--add", "--cacheinfo", `160000,${"a".repeat(40)},module`);
    fs.symlinkSync("a.txt", path.join(source, "link"));
    git(source, "add", "link");
    git(source, "commit", "-qm", "module");
    write(source, { "a.txt": "last\n" });
    git(source, "commit", "-qam", "last");
    git(source, "sparse-checkout", "set", "nothing");
    const copied = await copy(source);
    expect(treeOf(copied.folder)).toMatchObject({ link: "link a.txt", "sub/b.txt": "two\n" });
    expect(fs.readdirSync(path.join(copied.folder, "module"))).toEqual([]);
  });

  it("tells how far it is, and refuses what is too large", async () => {
    const source = twoCommits();
    const read = must(await readCommit(openGit(source, systemProcesses), "HEAD"));
    const told: CopyProgress[] = [];
    const whole = { source, commit: read, processes: systemProcesses };
    must(await copyBefore({ ...whole, onProgress: (progress) => told.push(progress) })).remove();
    expect(told).toEqual([
      { filesDone: 0, files: 2 },
      { filesDone: 2, files: 2 },
    ]);
    for (const limits of [
      { files: 1, bytes: 1000 },
      { files: 10, bytes: 7 },
    ]) {
      const refused = await copyBefore({ ...whole, limits });
      expect(refused).toMatchObject({
        ok: false,
        failure: { code: "TOOL_FAILED", message: expect.stringContaining("too large to copy") },
      });
    }
  });
});

describe("what cannot be copied", () => {
  it("says so where there is no repository, no commit, or no such commit", async () => {
    const read = async (at: string, ref: string) => readCommit(openGit(at, systemProcesses), ref);
    expect(await read(folder("plain"), "HEAD")).toMatchObject({ ok: false, failure: { code: "NO_REPOSITORY" } });
    const empty = folder("empty");
    git(empty, "init", "-q");
    expect(await read(empty, "HEAD")).toMatchObject({ ok: false, failure: { code: "USAGE" } });
    expect(await read(twoCommits(), "--output=x")).toMatchObject({ ok: false, failure: { code: "USAGE" } });
  });

  it("says so where a clone is shallow or partial, and fetches nothing", async () => {
    const source = twoCommits();
    git(source, "config", "uploadpack.allowFilter", "true");
    const address = pathToFileURL(source).href;
    const shallow = path.join(folder("shallow"), "clone");
    git(source, "clone", "-q", "--depth", "1", address, shallow);
    expect(await readCommit(openGit(shallow, systemProcesses), "HEAD")).toMatchObject({
      ok: false,
      failure: { code: "TOOL_FAILED", cure: expect.stringContaining("--deepen") },
    });
    const partial = path.join(folder("partial"), "clone");
    git(source, "clone", "-q", "--no-checkout", "--filter=blob:none", address, partial);
    const before = printOf(partial);
    expect(await readCommit(openGit(partial, systemProcesses), "HEAD")).toMatchObject({
      ok: false,
      failure: { code: "TOOL_FAILED", message: expect.stringContaining("does not hold all of") },
    });
    expect(printOf(partial)).toBe(before);
  });

  it("says so where only a file that the commit does not touch is missing", async () => {
    const source = twoCommits();
    git(source, "config", "uploadpack.allowFilter", "true");
    const partial = path.join(folder("partial"), "clone");
    git(source, "clone", "-q", "--no-checkout", "--filter=blob:none", pathToFileURL(source).href, partial);
    // Brings what differs, and nothing else.
    git(partial, "diff", "HEAD^", "HEAD");
    const read = must(await readCommit(openGit(partial, systemProcesses), "HEAD"));
    const before = fs.readdirSync(path.join(partial, ".git/objects"), { recursive: true }).length;
    expect(await copyBefore({ source: partial, commit: read, processes: systemProcesses })).toMatchObject({
      ok: false,
      failure: { code: "TOOL_FAILED", message: expect.stringContaining("does not hold all of") },
    });
    expect(fs.readdirSync(path.join(partial, ".git/objects"), { recursive: true }).length).toBe(before);
  });
});
