/**
 * A private copy of a work tree as it is: staged, unstaged, untracked and deleted, without what is ignored. A repository of its own that only
 * reads the objects of the user's: no object, ref, stash or index entry of theirs changes. Bytes as they are; no filter and no hook runs.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, failure, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { makePrivateFolder } from "./folders.ts";
import { type Git, type GitCall, openGit } from "./git.ts";
import { isPlainIndex } from "./plain-index.ts";
import type { Processes } from "./process.ts";
import { gitPlaces } from "./sandbox/git-places.ts";

export interface TreeCopyOptions {
  /** Real path of the work tree; may be no repository at all. */
  readonly source: string;
  /** Does not exist yet. */
  readonly folder: string;
  readonly processes: Processes;
  /** Is neither read nor copied. */
  readonly skips: (path: string) => boolean;
}

export interface TreeCopy {
  readonly folder: string;
  /** Commit in the copy that holds the tree as it was; its parent is the user's HEAD, where there is one. */
  readonly base: string;
  readonly files: number;
  /** What is not in it, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** NO_REPOSITORY without git, DISK_FULL, TOOL_FAILED with what git said; nothing is left behind then. */
export async function copyTree(options: TreeCopyOptions): Promise<Result<TreeCopy>> {
  const copied = await new TreeCopying(options).make();
  if (!copied.ok) fs.rmSync(options.folder, { recursive: true, force: true });
  return copied;
}

interface Found {
  readonly names: readonly string[];
  readonly left: TreeCopy["left"];
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
    const { source } = this.options;
    const hasGit = fs.existsSync(path.join(source, ".git"));
    const head = hasGit ? await this.head() : succeed({ format: "sha1", commit: undefined });
    if (!head.ok) return head;
    this.lay(head.value.format, hasGit);
    const seeded = hasGit && (await this.seed());
    const found = await this.find({ hasGit, seeded });
    if (!found.ok) return found;
    const put = await this.put(found.value.names);
    if (!put.ok) return put;
    const base = await this.commit(head.value.commit);
    if (!base.ok) return base;
    const written = await this.write();
    if (!written.ok) return written;
    return succeed({ folder: this.options.folder, base: base.value, files: written.value, left: found.value.left });
  }

  private async head(): Promise<Result<{ readonly format: string; readonly commit: string | undefined }>> {
    const format = await this.theirs.demand({ args: ["rev-parse", "--show-object-format"] });
    if (!format.ok) return format;
    const commit = await this.theirs.ask({ args: ["rev-parse", "--verify", "-q", "HEAD^{commit}"] });
    if (!commit.ok) return commit;
    return succeed({ format: format.value.trim(), commit: commit.value.status === 0 ? commit.value.stdout.trim() : undefined });
  }

  /** The copy's own repository. */
  private lay(format: string, hasGit: boolean): void {
    const { source } = this.options;
    for (const name of ["objects/info", "refs/heads", "info"]) makePrivateFolder(path.join(this.gitFolder, name));
    const put = (name: string, text: string): void => fs.writeFileSync(path.join(this.gitFolder, name), text, { mode: 0o600 });
    put("config", configOf(format));
    put("HEAD", "ref: refs/heads/twolane\n");
    put("info/attributes", "* -text -filter -ident -eol -working-tree-encoding\n");
    const { folders } = hasGit ? gitPlaces(path.join(source, ".git")) : { folders: [] };
    const there = (name: string): string | undefined =>
      folders.map((place) => path.join(place, name)).find((place) => fs.existsSync(place));
    const objects = folders.map((place) => path.join(place, "objects")).filter((place) => fs.existsSync(place));
    put("objects/info/alternates", objects.map((place) => `${place}\n`).join(""));
    for (const name of ["shallow", "info/exclude"]) {
      const from = there(name);
      if (from !== undefined) fs.copyFileSync(from, path.join(this.gitFolder, name));
    }
  }

  /** From the user's index, so that only what changed is read. False: everything is. */
  private async seed(): Promise<boolean> {
    const index = path.join(this.gitFolder, "index");
    if (!(await isPlainIndex(this.theirs, this.options.source))) return false;
    const copied = await this.theirs.copyIndex(index);
    if (!copied.ok || !fs.existsSync(index)) return false;
    const listed = await this.run({ args: ["ls-files", "-s", "-z"], source: true });
    if (listed.ok) return true;
    fs.rmSync(index, { force: true });
    return false;
  }

  /** What differs from the index, and what it does not know. What is ignored by the user's own rules is not looked for. */
  private async find({ hasGit, seeded }: { readonly hasGit: boolean; readonly seeded: boolean }): Promise<Result<Found>> {
    const others = hasGit
      ? this.theirs.demand({ args: ["ls-files", "-z", "-o", "--exclude-standard"] })
      : this.run({ args: ["ls-files", "-z", "-o", "--exclude-standard", ...neverSource], source: true });
    const [changed, fresh] = await Promise.all([
      seeded
        ? this.run({ args: ["diff-files", "--name-only", "-z"], source: true })
        : hasGit
          ? this.theirs.demand({ args: ["ls-files", "-z"] })
          : succeed(""),
      others,
    ]);
    if (!changed.ok) return changed;
    if (!fresh.ok) return fresh;
    const left: { path: string; why: string }[] = [];
    const names: string[] = [];
    for (const name of new Set(`${changed.value}${fresh.value}`.split("\0"))) {
      if (name === "") continue;
      const shown = readable(name);
      const why = name.endsWith("/")
        ? "it is a repository of its own"
        : this.options.skips(shown)
          ? "the policy lets nobody read it"
          : undefined;
      if (why === undefined) names.push(name);
      else left.push({ path: shown, why });
    }
    return succeed({ names, left });
  }

  private async put(names: readonly string[]): Promise<Result<string>> {
    if (names.length === 0) return succeed("");
    const input = Buffer.from(names.map((name) => `${name}\0`).join(""), "latin1");
    return this.run({ args: ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"], input, source: true });
  }

  private async commit(parent: string | undefined): Promise<Result<string>> {
    const tree = await this.run({ args: ["write-tree"] });
    if (!tree.ok) return tree;
    const who = Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((role) => [
        [`GIT_${role}_NAME`, "twolane"],
        [`GIT_${role}_EMAIL`, "twolane@localhost"],
      ]),
    );
    const made = await this.run({
      args: ["commit-tree", tree.value.trim(), ...(parent === undefined ? [] : ["-p", parent]), "-m", "The work tree as it was"],
      env: who,
    });
    if (!made.ok) return made;
    const commit = made.value.trim();
    const moved = await this.run({ args: ["update-ref", "refs/heads/twolane", commit] });
    return moved.ok ? succeed(commit) : moved;
  }

  /** All files, from the index; how many. */
  private async write(): Promise<Result<number>> {
    const written = await this.run({ args: ["checkout-index", "-a", "-u", "-f", "-q"] });
    if (!written.ok)
      return /no space left/i.test(written.failure.message)
        ? { ok: false, failure: failure("DISK_FULL", "The disk is full.") }
        : written;
    const listed = await this.run({ args: ["ls-files", "-z"] });
    return listed.ok ? succeed(listed.value.split("\0").length - 1) : fail(listed.failure.code, listed.failure.message);
  }

  /** `source`: about the user's files instead of the copy's. */
  private run({ source = false, ...call }: GitCall & { readonly source?: boolean }): Promise<Result<string>> {
    const own = {
      GIT_DIR: this.gitFolder,
      GIT_WORK_TREE: source ? this.options.source : this.options.folder,
      GIT_INDEX_FILE: path.join(this.gitFolder, "index"),
    };
    const nobodys = {
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_LITERAL_PATHSPECS: "1",
    };
    return (source ? this.theirs : this.own).demand({ ...call, env: { ...own, ...nobodys, ...call.env } });
  }
}

/** In a folder that no repository says anything of. */
const neverSource = ["node_modules", ".venv", "venv", "__pycache__", "target", "dist", "build"].flatMap((name) => [
  "-x",
  `${name}/`,
]);

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
[gc]
	auto = 0
[index]
	skipHash = true
${format === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${format}\n`}`;
