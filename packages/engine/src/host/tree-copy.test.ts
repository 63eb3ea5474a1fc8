/** Private copies of real repositories in every state that a person leaves one in, and what a copy differs from its base afterwards. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { systemProcesses } from "./process.ts";
import { type TreeCopy, type TreeCopyOptions, copyTree } from "./tree-copy.ts";
import { treeDifference } from "./tree-difference.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-copy-")));
  folders.push(folder);
  return folder;
}

const who = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" };
const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync("git", [...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...who } });

function put(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
}

function repository(files: Readonly<Record<string, string | Uint8Array>>, ...init: readonly string[]): string {
  const root = path.join(makeFolder(), "project");
  fs.mkdirSync(root);
  git(root, "init", "-q", ...init);
  put(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-qm", "first");
  return root;
}

async function copyOf(source: string, more: Partial<TreeCopyOptions> = {}): Promise<TreeCopy> {
  const folder = path.join(makeFolder(), "copy");
  const made = await copyTree({ source, folder, processes: systemProcesses, skips: () => false, ...more });
  if (!made.ok) throw new Error(made.failure.message);
  return made.value;
}

/** All files below a folder, as `path mode hash`; `.git` and what is named left out. */
function listing(root: string, leaves: readonly string[] = [".git"]): readonly string[] {
  const found: string[] = [];
  const look = (folder: string): void => {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (leaves.includes(entry.name)) continue;
      const stats = fs.lstatSync(path.join(root, name));
      if (entry.isDirectory()) look(name);
      else if (entry.isSymbolicLink()) found.push(`${name} link ${fs.readlinkSync(path.join(root, name))}`);
      else found.push(`${name} ${(stats.mode & 0o100) === 0 ? "" : "x"} ${hash(path.join(root, name))}`);
    }
  };
  look("");
  return found.toSorted();
}

const hash = (file: string): string => createHash("sha256").update(fs.readFileSync(file)).digest("hex");

test("a tree in every state is copied as it is, and the repository stays as it was", async () => {
  const root = repository({
    "plain.txt": "plain\n",
    "staged.txt": "one\n",
    "unstaged.txt": "one\n",
    "both.txt": "one\n",
    "gone.txt": "gone\n",
    "gone-staged.txt": "gone\n",
    "old name.txt": "a long enough text to be a rename\n",
    "tool.sh": "#!/bin/sh\n",
    "file-to-folder": "file\n",
    ".gitignore": "ignored/\n*.log\n",
  });
  put(root, { "staged.txt": "two\n", "both.txt": "two\n", "ignored/a.txt": "x", "b.log": "x" });
  fs.rmSync(path.join(root, "gone-staged.txt"));
  git(root, "add", "-A");
  git(root, "mv", "old name.txt", "new näme.txt");
  put(root, { "both.txt": "three\n", "unstaged.txt": "two\n", "fresh/deep/new.txt": "new\n", "intent.txt": "later\n" });
  git(root, "add", "-N", "intent.txt");
  fs.rmSync(path.join(root, "gone.txt"));
  fs.rmSync(path.join(root, "file-to-folder"));
  put(root, { "file-to-folder/inner.txt": "folder\n" });
  fs.chmodSync(path.join(root, "tool.sh"), 0o755);
  fs.symlinkSync("plain.txt", path.join(root, "link"));
  fs.symlinkSync("/nowhere/at/all", path.join(root, "dangling"));
  git(root, "stash", "list");
  const before = listing(path.join(root, ".git"), []);
  const copy = await copyOf(root);
  expect(listing(path.join(root, ".git"), [])).toEqual(before);
  expect(listing(copy.folder)).toEqual(listing(root, [".git", "ignored", "b.log"]));
  expect(copy.left).toEqual([]);
  expect(copy.files).toBe(listing(copy.folder).length);
  expect(git(copy.folder, "status", "--porcelain")).toBe("");
  expect(git(copy.folder, "rev-parse", `${copy.base}^`)).toBe(git(root, "rev-parse", "HEAD"));
});

test("what was changed in a copy is said byte for byte, a rename as gone and new", async () => {
  const root = repository({ "a.txt": "a\r\n", "b.txt": "b\n", "c.txt": "c\n", "run.sh": "#!/bin/sh\n", "same.txt": "s\n" });
  put(root, { "a.txt": "not committed\r\n" });
  const { folder, base } = await copyOf(root);
  const bytes = Buffer.from([0, 255, 13, 10, 195, 40]);
  put(folder, { "a.txt": bytes, "new/ä b.txt": "new\n", "same.txt": "s\n" });
  fs.renameSync(path.join(folder, "b.txt"), path.join(folder, "d.txt"));
  fs.rmSync(path.join(folder, "c.txt"));
  fs.symlinkSync("a.txt", path.join(folder, "c.txt"));
  fs.chmodSync(path.join(folder, "run.sh"), 0o755);
  const found = await treeDifference(folder, base, systemProcesses);
  if (!found.ok) throw new Error(found.failure.message);
  const text = (state?: { readonly bytes: Uint8Array; readonly mode: string }) =>
    state && `${state.mode} ${Buffer.from(state.bytes).toString("latin1")}`;
  expect(found.value.left).toEqual([]);
  expect(found.value.files.map(({ path: name, before, after }) => [name, text(before), text(after)])).toEqual([
    ["a.txt", "100644 not committed\r\n", `100644 ${bytes.toString("latin1")}`],
    ["b.txt", "100644 b\n", undefined],
    ["c.txt", "100644 c\n", "120000 a.txt"],
    ["d.txt", undefined, "100644 b\n"],
    ["new/ä b.txt", undefined, "100644 new\n"],
    ["run.sh", "100644 #!/bin/sh\n", "100755 #!/bin/sh\n"],
  ]);
});

test("whatever is done to a copy, the difference laid on the base gives the copy", async () => {
  const names = ["a.txt", "b/c.txt", "b/d e.txt", "ü.txt"];
  const change = fc.record({
    name: fc.constantFrom(...names, "fresh", "b/fresh"),
    kind: fc.constantFrom("write", "remove", "link", "mode"),
    bytes: fc.uint8Array({ maxLength: 12 }),
  });
  const root = repository(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
      const { folder, base } = await copyOf(root);
      for (const { name, kind, bytes } of changes) {
        const file = path.join(folder, name);
        const stats = fs.lstatSync(file, { throwIfNoEntry: false });
        if (kind === "mode" && stats?.isFile()) fs.chmodSync(file, 0o755);
        if (kind === "mode") continue;
        fs.rmSync(file, { force: true });
        if (kind === "write") put(folder, { [name]: bytes });
        if (kind === "link") fs.symlinkSync("a.txt", file);
      }
      const found = await treeDifference(folder, base, systemProcesses);
      if (!found.ok) throw new Error(found.failure.message);
      const again = await copyOf(root);
      for (const { path: name, after } of found.value.files) {
        const file = path.join(again.folder, name);
        fs.rmSync(file, { force: true });
        if (after === undefined) continue;
        if (after.mode === "120000") fs.symlinkSync(Buffer.from(after.bytes).toString(), file);
        else fs.writeFileSync(file, after.bytes, { mode: after.mode === "100755" ? 0o755 : 0o644 });
      }
      expect(listing(again.folder)).toEqual(listing(folder));
      for (const { before, after } of found.value.files) expect(before ?? after).toBeDefined();
    }),
    { numRuns: 12 },
  );
  // Two copies a run, each by a dozen processes of git.
}, 60_000);

test("ends of lines, filters and encodings leave the bytes on disk as they are", async () => {
  const root = repository({
    "crlf.txt": "placeholder\n",
    "unix.txt": "unix\n",
    "id.c": "$Id$\n",
    "rot.txt": "abc\n",
    "wide.txt": "plain\n",
  });
  git(root, "config", "filter.rot.clean", "tr a-z n-za-m");
  git(root, "config", "filter.rot.smudge", "tr a-z n-za-m");
  put(root, {
    ".gitattributes":
      "*.txt text=auto\ncrlf.txt text eol=crlf\n*.c ident\nrot.txt filter=rot\nwide.txt working-tree-encoding=UTF-16LE\n",
    "wide.txt": Buffer.from("weit\n", "utf16le"),
  });
  git(root, "add", "-A");
  // What the first commit holds was stored before there were filters, and git asks a file again only if its time is new.
  git(root, "add", "--renormalize", ".");
  git(root, "commit", "-qm", "second");
  for (const name of ["crlf.txt", "id.c", "rot.txt"]) fs.rmSync(path.join(root, name));
  git(root, "checkout", "-q", "--", ".");
  expect(fs.readFileSync(path.join(root, "crlf.txt"), "utf8")).toBe("placeholder\r\n");
  expect(fs.readFileSync(path.join(root, "id.c"), "utf8")).toMatch(/^\$Id: /);
  // The bytes of the same number that the index does not name.
  expect(git(root, "show", "HEAD:rot.txt")).toBe("nop\n");
  // Older than the index, as after a day: git takes its entries for the truth and asks no file again.
  for (const name of fs.readdirSync(root)) if (name !== ".git") fs.utimesSync(path.join(root, name), 1e9, 1e9);
  git(root, "update-index", "-q", "--refresh");
  const before = listing(path.join(root, ".git"), []);
  const copy = await copyOf(root);
  expect(listing(copy.folder)).toEqual(listing(root));
  expect(git(copy.folder, "status", "--porcelain")).toBe("");
  expect(listing(path.join(root, ".git"), [])).toEqual(before);
});

test("an unfinished merge is copied with its marks", async () => {
  const root = repository({ "a.txt": "base\n", "b.txt": "base\n" });
  git(root, "checkout", "-qb", "other");
  put(root, { "a.txt": "theirs\n" });
  git(root, "rm", "-q", "b.txt");
  git(root, "commit", "-qam", "theirs");
  git(root, "checkout", "-q", "-");
  put(root, { "a.txt": "ours\n", "b.txt": "ours\n" });
  git(root, "commit", "-qam", "ours");
  expect(() => git(root, "merge", "other")).toThrow("merge");
  fs.rmSync(path.join(root, "b.txt"));
  const before = listing(path.join(root, ".git"), []);
  const copy = await copyOf(root);
  expect(listing(copy.folder)).toEqual(listing(root));
  expect(fs.readFileSync(path.join(copy.folder, "a.txt"), "utf8")).toContain("<<<<<<<");
  expect(listing(path.join(root, ".git"), [])).toEqual(before);
});

test("files that git was told not to look at are copied as they are", async () => {
  const root = repository({ "a/one.txt": "1\n", "b/two.txt": "2\n", "assumed.txt": "3\n" });
  git(root, "update-index", "--assume-unchanged", "assumed.txt");
  put(root, { "assumed.txt": "changed\n" });
  git(root, "sparse-checkout", "set", "a");
  expect(fs.existsSync(path.join(root, "b"))).toBe(false);
  const copy = await copyOf(root);
  expect(listing(copy.folder)).toEqual(listing(root));
});

test("submodules and nested repositories are copied as files", async () => {
  const inner = repository({ "inner.txt": "inner\n", ".gitignore": "skip\n" });
  const root = repository({ "outer.txt": "outer\n" });
  git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub");
  git(root, "commit", "-qam", "with a submodule");
  put(root, { "sub/inner.txt": "changed\n", "sub/new.txt": "new\n", "sub/skip": "ignored\n" });
  git(root, "clone", "-q", inner, "nested");
  fs.mkdirSync(path.join(root, "empty"));
  git(path.join(root, "empty"), "init", "-q");
  const copy = await copyOf(root);
  expect(listing(copy.folder)).toEqual(listing(root, [".git", "skip"]));
  expect(git(copy.folder, "ls-files", "-s")).not.toContain("160000");
  expect(copy.left.map(({ path: name }) => name)).toEqual(["empty"]);
  put(copy.folder, { "sub/inner.txt": "by the job\n" });
  const found = await treeDifference(copy.folder, copy.base, systemProcesses);
  expect(found.ok && found.value.files.map(({ path: name }) => name)).toEqual(["sub/inner.txt"]);
});

test.each([
  ["no repository at all", "folder"],
  ["a repository without a commit", "empty"],
  ["objects named by SHA-256", "sha256"],
  ["a shallow clone", "shallow"],
  ["a clone without old contents", "partial"],
  ["a linked work tree", "worktree"],
  ["an index in two files", "split"],
  ["a clone that borrows objects itself", "borrowing"],
])("%s", async (_, kind) => {
  const first = repository({ "a.txt": "a\n", "b/c.txt": "c\n" }, ...(kind === "sha256" ? ["--object-format=sha256"] : []));
  put(first, { "a.txt": "second\n" });
  git(first, "commit", "-qam", "second");
  git(first, "config", "uploadpack.allowFilter", "true");
  const target = path.join(makeFolder(), "target");
  const make: Readonly<Record<string, () => string>> = {
    folder: () => (fs.rmSync(path.join(first, ".git"), { recursive: true }), first),
    empty: () => (
      fs.rmSync(path.join(first, ".git"), { recursive: true }),
      git(first, "init", "-q"),
      git(first, "add", "a.txt"),
      first
    ),
    shallow: () => (git(first, "clone", "-q", "--depth=1", `file://${first}`, target), target),
    partial: () => (git(first, "clone", "-q", "--filter=blob:none", `file://${first}`, target), target),
    worktree: () => (git(first, "worktree", "add", "-q", target), target),
    split: () => (git(first, "update-index", "--split-index"), first),
    borrowing: () => (git(first, "clone", "-q", "--shared", first, target), target),
  };
  const root = make[kind]?.() ?? first;
  put(root, { "b/c.txt": "changed\n", "fresh.txt": "fresh\n" });
  const copy = await copyOf(root);
  expect(listing(copy.folder)).toEqual(listing(root));
  expect(git(copy.folder, "status", "--porcelain")).toBe("");
  expect(git(copy.folder, "fsck", "--connectivity-only", "--no-dangling", `${copy.base}^{tree}`).trim()).toBe("");
});

test("what the policy hides, what is too large and what cannot be read stays out, and is named", async () => {
  const root = repository({ "secret.env": "key\n", "changed.env": "1\n", "seen.txt": "x\n" });
  put(root, { "changed.env": "2\n", "fresh.env": "3\n" });
  fs.writeFileSync(path.join(root, "data.bin"), "");
  fs.truncateSync(path.join(root, "data.bin"), 65 * 1024 * 1024);
  const copy = await copyOf(root, { skips: (name) => name.endsWith(".env") });
  expect(listing(copy.folder).map((line) => line.split(" ")[0])).toEqual(["seen.txt"]);
  expect(copy.left.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: "changed.env", why: "the policy lets nobody read it" },
    { path: "data.bin", why: "it is larger than 64 MB" },
    { path: "fresh.env", why: "the policy lets nobody read it" },
    { path: "secret.env", why: "the policy lets nobody read it" },
  ]);
  expect(git(copy.folder, "ls-files").trim()).toBe("seen.txt");
});

test("ignored folders that a build needs are seen in the copy, and are nobody's change", async () => {
  const root = repository({ ".gitignore": "node_modules\nvendor/\n", "packages/a/index.js": "1\n", "package.json": "{}\n" });
  put(root, { "node_modules/dep/index.js": "dep\n", "node_modules/@me/other/index.js": "other\n", "vendor/bundle/x.rb": "x\n" });
  put(root, { "packages/a/node_modules/deep/index.js": "deep\n" });
  fs.symlinkSync("../../packages/a", path.join(root, "node_modules/@me/a"));
  const copy = await copyOf(root, { binds: ["node_modules", "vendor/bundle"] });
  expect(copy.bound).toEqual(["node_modules", "packages/a/node_modules", "vendor/bundle"]);
  expect(fs.readFileSync(path.join(copy.folder, "node_modules/dep/index.js"), "utf8")).toBe("dep\n");
  expect(fs.realpathSync(path.join(copy.folder, "node_modules/@me/a"))).toBe(path.join(copy.folder, "packages/a"));
  expect(git(copy.folder, "status", "--porcelain")).toBe("");
  const found = await treeDifference(copy.folder, copy.base, systemProcesses);
  expect(found.ok && found.value.files).toEqual([]);
});

test("what the user ignores everywhere is ignored in the copy too", async () => {
  const root = repository({ "a.txt": "a\n" });
  put(makeFolder(), {});
  const ignore = path.join(makeFolder(), "ignore");
  fs.writeFileSync(ignore, "*.swp\n");
  git(root, "config", "core.excludesFile", ignore);
  put(root, { "x.swp": "x" });
  const copy = await copyOf(root);
  put(copy.folder, { "y.swp": "y", "z.txt": "z" });
  const found = await treeDifference(copy.folder, copy.base, systemProcesses);
  expect(found.ok && found.value.files.map(({ path: name }) => name)).toEqual(["z.txt"]);
});
