/**
 * A private copy of a work tree as it is: staged, unstaged, untracked and deleted, without what is ignored. A repository of its own that only
 * reads the objects of the user's: no object, ref, stash or index entry of theirs changes, and nothing is fetched. Bytes as they are; no filter
 * and no hook runs.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { findBound, laySeen } from "./bound-folders.ts";
import { systemFailure } from "./errors.ts";
import { makePrivateFolder } from "./folders.ts";
import { type Git, type GitCall, openGit } from "./git.ts";
import type { Processes } from "./process.ts";
import { gitPlaces } from "./sandbox/git-places.ts";
import { type TreeNames, namesToCopy } from "./tree-names.ts";
import { textOf } from "../std/text.ts";

export interface TreeCopyOptions {
  /** Real path of the work tree; may be no repository at all. */
  readonly source: string;
  /** What an earlier attempt left there goes first. */
  readonly folder: string;
  readonly processes: Processes;
  /** Is neither read nor copied; absent: nothing is skipped. */
  readonly skips?: (path: string) => boolean;
  /** Names of ignored folders that builds need, such as `node_modules`; see `bound-folders.ts`. */
  readonly binds?: readonly string[];
}

export interface TreeCopy {
  readonly folder: string;
  /** Commit in the copy that holds the tree as it was; its parent is the user's HEAD, where there is one. */
  readonly base: string;
  readonly files: number;
  /** What is not in it, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
  /** Ignored folders of which there is a view in it. */
  readonly bound: readonly string[];
}

/** NO_REPOSITORY without git, DISK_FULL, TOOL_FAILED with what git said; nothing is left behind then. */
export async function copyTree(options: TreeCopyOptions): Promise<Result<TreeCopy>> {
  const { folder } = options;
  fs.rmSync(folder, { recursive: true, force: true });
  const copied = await new TreeCopying(options).make().catch((error: unknown) => systemFailure(error, folder, "write"));
  if (copied.ok) return copied;
  const full = copied.failure.code === "DISK_FULL" || isFull(folder);
  fs.rmSync(folder, { recursive: true, force: true });
  return full ? fail("DISK_FULL", "The disk is full.") : copied;
}

/** Folders of objects that a copy reads and that are somebody else's. */
export function borrowedObjects(copy: string): readonly string[] {
  try {
    const listed = fs.readFileSync(path.join(copy, ".git/objects/info/alternates"), "utf8");
    return listed.split("\n").filter((place) => place !== "");
  } catch {
    return [];
  }
}

/** Git does not say why it could not write. Less than this is used up by its next file. */
const fullBytes = 256 * 1024;

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize < fullBytes;
  } catch {
    return false;
  }
}

class TreeCopying {
  private readonly options: TreeCopyOptions;
  private readonly theirs: Git;
  private readonly own: Git;
  private readonly gitFolder: string;

  constructor(options: TreeCopyOptions) {
    this.options = options;
    this.gitFolder = path.join(options.folder, ".git");
    this.theirs = openGit(options.source, options.processes);
    this.own = openGit(options.folder, options.processes);
  }

  async make(): Promise<Result<TreeCopy>> {
    const { folder, source, binds = [] } = this.options;
    const hasGit = fs.existsSync(path.join(source, ".git"));
    const head = hasGit ? await this.head() : succeed({ format: "sha1", commit: undefined });
    if (!head.ok) return head;
    await this.lay(head.value.format, hasGit);
    const binding = findBound({ source, git: hasGit ? this.theirs : undefined, names: binds });
    const taken = (await this.takeOver(hasGit, hasGit && (await this.seed()))) ?? (await this.takeOver(hasGit, false));
    if (taken === undefined) return fail("TOOL_FAILED", "git could not make a tree of what is there.");
    if (!taken.ok) return taken;
    const { tree, names } = taken.value;
    const base = await this.commit(tree, head.value.commit);
    if (!base.ok) return base;
    const written = await this.write();
    if (!written.ok) return written;
    const bound = laySeen(await binding, { source, folder, exclude: path.join(this.gitFolder, "info/exclude") });
    return succeed({ folder, base: base.value, files: written.value, left: names.left, bound });
  }

  private async head(): Promise<Result<{ readonly format: string; readonly commit: string | undefined }>> {
    const format = await this.theirs.demand({ args: ["rev-parse", "--show-object-format"] });
    if (!format.ok) return format;
    const commit = await this.theirs.ask({ args: ["rev-parse", "--verify", "-q", "HEAD^{commit}"] });
    if (!commit.ok) return commit;
    return succeed({ format: format.value.trim(), commit: commit.value.status === 0 ? commit.value.stdout.trim() : undefined });
  }

  /** The copy's own repository. Throws system errors. */
  private async lay(format: string, hasGit: boolean): Promise<void> {
    const { source } = this.options;
    for (const name of ["objects/info", "refs/heads", "info"]) makePrivateFolder(path.join(this.gitFolder, name));
    const put = (name: string, text: string): void => fs.writeFileSync(path.join(this.gitFolder, name), text, { mode: 0o600 });
    put("config", configOf(format));
    put("HEAD", "ref: refs/heads/twolane\n");
    put("info/attributes", "* -text -filter -ident -eol -working-tree-encoding\n");
    const { folders } = hasGit ? gitPlaces(path.join(source, ".git")) : { folders: [] };
    const textsOf = (name: string): string =>
      folders
        .map((place) => path.join(place, name))
        .flatMap((place) => (fs.existsSync(place) ? [fs.readFileSync(place, "latin1")] : []))[0] ?? "";
    const objects = folders.map((place) => path.join(place, "objects")).filter((place) => fs.existsSync(place));
    put("objects/info/alternates", objects.map((place) => `${place}\n`).join(""));
    fs.writeFileSync(
      path.join(this.gitFolder, "info/exclude"),
      `${await this.excludedEverywhere(hasGit)}\n${textsOf("info/exclude")}\n`,
      "latin1",
    );
    const shallow = textsOf("shallow");
    if (shallow !== "") put("shallow", shallow);
  }

  /** What the user ignores in all repositories: the copy knows none of their settings. */
  private async excludedEverywhere(hasGit: boolean): Promise<string> {
    const named = await this.theirs.ask({ args: ["config", "--type=path", "--get", "core.excludesFile"] });
    const home = process.env["XDG_CONFIG_HOME"] ?? path.join(process.env["HOME"] ?? "/", ".config");
    const file =
      named.ok && named.value.status === 0
        ? textOf(Buffer.from(named.value.stdout.trim(), "latin1"))
        : path.join(home, "git/ignore");
    try {
      return `${fs.readFileSync(path.resolve(this.options.source, file), "latin1")}${hasGit ? "" : neverCopied}`;
    } catch {
      return hasGit ? "" : neverCopied;
    }
  }

  /** From the user's index, so that only what changed is read. False: everything is. */
  private async seed(): Promise<boolean> {
    const index = path.join(this.gitFolder, "index");
    const copied = await this.theirs.copyIndex(index);
    if (!copied.ok || !fs.existsSync(index)) return false;
    const listed = await this.run({ args: ["ls-files", "-z", "--", ":(top,literal)"], source: true });
    if (!listed.ok) fs.rmSync(index, { force: true });
    return listed.ok;
  }

  /** The tree of all that is there; undefined where the user's index names what this clone does not hold. */
  private async takeOver(
    hasGit: boolean,
    seeded: boolean,
  ): Promise<Result<{ readonly tree: string; readonly names: TreeNames }> | undefined> {
    if (!seeded) fs.rmSync(path.join(this.gitFolder, "index"), { force: true });
    const { source, skips, processes } = this.options;
    const names = await namesToCopy({
      ...{ source, processes, seeded, hasGit, theirs: this.theirs, skips },
      own: { ...this.own, demand: (call) => this.run({ ...call, source: true }) },
    });
    if (!names.ok) return names;
    const { put, gone } = names.value;
    for (const [args, list] of [
      [["--force-remove"], gone],
      [["--add", "--remove", "--replace"], put],
    ] as const) {
      const input = Buffer.from(list.map((name) => `${name}\0`).join(""), "latin1");
      const done =
        list.length === 0
          ? succeed("")
          : await this.run({ args: ["update-index", "-z", ...args, "--stdin"], input, source: true });
      if (!done.ok) return done;
    }
    const tree = await this.run({ args: ["write-tree"] });
    if (!tree.ok) return seeded ? undefined : tree;
    return succeed({ tree: tree.value.trim(), names: names.value });
  }

  private async commit(tree: string, parent: string | undefined): Promise<Result<string>> {
    const env = Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((role) => [
        [`GIT_${role}_NAME`, "twolane"],
        [`GIT_${role}_EMAIL`, "twolane@localhost"],
      ]),
    );
    const parents = parent === undefined ? [] : ["-p", parent];
    const made = await this.run({ args: ["commit-tree", tree, ...parents, "-m", "The work tree as it was"], env });
    if (!made.ok) return made;
    const commit = made.value.trim();
    const moved = await this.run({ args: ["update-ref", "refs/heads/twolane", commit] });
    return moved.ok ? succeed(commit) : moved;
  }

  /** All files, from the index; how many. */
  private async write(): Promise<Result<number>> {
    const written = await this.run({ args: ["checkout-index", "-a", "-u", "-f", "-q"] });
    if (!written.ok) return written;
    const listed = await this.run({ args: ["ls-files", "-z"] });
    return listed.ok ? succeed(listed.value.split("\0").length - 1) : listed;
  }

  /** `source`: about the user's files instead of the copy's. */
  private run({ source = false, ...call }: GitCall & { readonly source?: boolean }): Promise<Result<string>> {
    const own = {
      GIT_DIR: this.gitFolder,
      GIT_WORK_TREE: source ? this.options.source : this.options.folder,
      GIT_INDEX_FILE: path.join(this.gitFolder, "index"),
    };
    const nobodys = {
      ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_ATTR_NOSYSTEM: "1" },
      ...{ GIT_NO_REPLACE_OBJECTS: "1", GIT_NO_LAZY_FETCH: "1" },
    };
    return (source ? this.theirs : this.own).demand({ ...call, env: { ...own, ...nobodys, ...call.env } });
  }
}

/** Of a folder that no repository says anything of. */
const neverCopied = ["node_modules", ".venv", "venv", ".tox", "__pycache__", "target", "dist", "build"]
  .map((name) => `${name}/\n`)
  .join("");

const configOf = (format: string): string => `[core]
	repositoryformatversion = ${format === "sha1" ? 0 : 1}
	bare = false
	filemode = true
	symlinks = true
	autocrlf = false
	fsmonitor = false
	compression = 0
	preloadindex = true
	hookspath = /dev/null
[checkout]
	workers = 0
[gc]
	auto = 0
[index]
	skipHash = true
${format === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${format}\n`}`;
