/**
 * The tree before a commit, copied into a temporary folder that is a repository of its own. It borrows the source's objects and shares
 * nothing else with it: no ref, index, stash, worktree or hook of the source is read for writing, no filter runs, nothing is fetched.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, failure, fail, succeed } from "@twolane/protocol";
import { type CommitText, missingObjects, offline } from "./commit-text.ts";
import { type Git, openGit } from "./git.ts";
import { branchOf } from "./git-state.ts";
import type { Processes } from "./process.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { readable } from "../std/text.ts";

export interface CopyProgress {
  readonly filesDone: number;
  readonly files: number;
}

export interface CopyLimits {
  readonly files: number;
  readonly bytes: number;
}

export interface CopyOptions {
  /** A folder in the source's work tree, or a bare repository. */
  readonly source: string;
  readonly commit: CommitText;
  readonly processes: Processes;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly limits?: CopyLimits;
}

export interface CommitCopy {
  /** Real path of the copy's work tree. */
  readonly folder: string;
  /** A place, not made yet, for what belongs to the copy and goes with it. */
  readonly beside: string;
  /** Takes the copy off the disk. Never fails; may be called again. */
  remove(): void;
}

const copyLimits: CopyLimits = { files: 100_000, bytes: 1024 ** 3 };

/** Files in one call of git: each call rewrites the index, and tells how far it is. */
const batchSize = 2000;

/** TOOL_FAILED where the copy would be too large, objects are missing, or git cannot write; nothing is left behind then. */
export async function copyBefore(options: CopyOptions): Promise<Result<CommitCopy>> {
  const { source, commit, processes, limits = copyLimits } = options;
  const git = openGit(source, processes);
  const files = await filesOf(git, commit);
  if (!files.ok) return files;
  const bytes = files.value.reduce((sum, file) => sum + file.bytes, 0);
  if (files.value.length > limits.files || bytes > limits.bytes) {
    const size = `${files.value.length} files, ${Math.ceil(bytes / 1024 ** 2)} MB`;
    const most = `${limits.files} files, ${Math.floor(limits.bytes / 1024 ** 2)} MB`;
    return fail(
      "TOOL_FAILED",
      `The tree before ${commit.short} is too large to copy: ${size}; at most ${most}.`,
      "Name a smaller repository with --cwd.",
    );
  }
  const outer = makeTemporaryFolder();
  const folder = path.join(outer.path, folderName(source));
  const beside = `${folder}.twolane`;
  const filled = await fill({ ...options, git, folder, files: files.value });
  if (filled.ok) return succeed({ folder, beside, remove: outer.remove });
  outer.remove();
  return filled;
}

function folderName(source: string): string {
  const name = path.basename(path.resolve(source)).replace(/\.git$/, "");
  return name === "" ? "copy" : name;
}

interface SourceFile {
  /** Latin-1. */
  readonly name: string;
  readonly bytes: number;
}

/** Files, links and submodules of the tree before the commit. */
async function filesOf(git: Git, { parentTree, short }: CommitText): Promise<Result<readonly SourceFile[]>> {
  const listed = await git.ask({ args: ["ls-tree", "-r", "-l", "-z", "--full-tree", parentTree], env: offline });
  if (!listed.ok) return listed;
  const { status, stdout, stderr } = listed.value;
  // The empty tree is known without being there.
  if (status !== 0) return missingObjects(short, readable(stderr));
  const files = stdout.split("\0").flatMap((line): SourceFile[] => {
    const [, size, name] = /^\d+ \w+ [0-9a-f]+ +(\S+)\t(.*)$/s.exec(line) ?? [];
    return size === undefined || name === undefined ? [] : [{ name, bytes: Number(size) || 0 }];
  });
  return succeed(files);
}

interface Filling extends CopyOptions {
  readonly git: Git;
  readonly folder: string;
  readonly files: readonly SourceFile[];
}

async function fill(filling: Filling): Promise<Result<undefined>> {
  const { folder, git, commit, processes } = filling;
  const own = openGit(folder, processes);
  fs.mkdirSync(folder);
  const gitFolder = path.join(folder, ".git");
  // An environment that names another repository does not count here.
  const env = { ...offline, GIT_DIR: gitFolder, GIT_WORK_TREE: folder, GIT_INDEX_FILE: path.join(gitFolder, "index") };
  const about = await describe(git);
  if (!about.ok) return about;
  const { format, objects, branch, settings } = about.value;
  const made = await own.demand({
    args: ["init", "--quiet", "--template=", `--object-format=${format}`, `--initial-branch=${branch}`, folder],
    env: { GIT_DIR: gitFolder },
  });
  if (!made.ok) return made;
  writeAround(gitFolder, about.value);
  fs.writeFileSync(path.join(gitFolder, "objects", "info", "alternates"), `${objects}\n`);
  for (const [key, value] of settings) {
    const set = await own.demand({ args: ["config", "--file", path.join(gitFolder, "config"), key, value], env });
    if (!set.ok) return set;
  }
  if (commit.parent !== undefined) {
    const moved = await own.demand({ args: ["update-ref", `refs/heads/${branch}`, commit.parent], env });
    if (!moved.ok) return moved;
  }
  const index = await own.ask({ args: ["read-tree", commit.parentTree], env });
  if (!index.ok) return index;
  if (index.value.status !== 0) return missingObjects(commit.short, readable(index.value.stderr));
  return checkOut(own, filling, env);
}

async function checkOut(
  own: Git,
  { files, commit, onProgress }: Filling,
  env: Readonly<Record<string, string>>,
): Promise<Result<undefined>> {
  for (let done = 0; done < files.length; done += batchSize) {
    onProgress?.({ filesDone: done, files: files.length });
    const names = files.slice(done, done + batchSize).map(({ name }) => `${name}\0`);
    const input = Buffer.from(names.join(""), "latin1");
    const written = await own.ask({ args: ["checkout-index", "--stdin", "-z", "-u", "-f", "-q"], env, input });
    if (!written.ok) return written;
    const { status, stderr } = written.value;
    const said = readable(stderr);
    if (status !== 0 && /no space left/i.test(said)) return { ok: false, failure: failure("DISK_FULL", "The disk is full.") };
    if (status !== 0) return missingObjects(commit.short, said);
  }
  onProgress?.({ filesDone: files.length, files: files.length });
  return succeed(undefined);
}

interface SourceDescription {
  /** `sha1` or `sha256`. */
  readonly format: string;
  readonly objects: string;
  /** Where the repository keeps what all its worktrees share. */
  readonly shared: string;
  readonly branch: string;
  /** For the copy's own configuration. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/** Of the source's configuration only what decides how files are written and who commits. */
const carried = /^(?:core\.(?:autocrlf|eol|filemode|ignorecase|symlinks|precomposeunicode|longpaths)|user\.(?:name|email))$/;

async function describe(git: Git): Promise<Result<SourceDescription>> {
  const read = await git.demand({
    args: ["rev-parse", "--path-format=absolute", "--show-object-format", "--git-common-dir", "--git-path", "objects"],
    env: offline,
  });
  if (!read.ok) return read;
  const [format = "sha1", shared = "", objects = ""] = readable(read.value).trim().split("\n");
  const config = await git.demand({ args: ["config", "--list", "-z"], env: offline });
  if (!config.ok) return config;
  const entries = readable(config.value)
    .split("\0")
    .filter((entry) => entry !== "")
    .map(keyAndValue);
  const top = await git.ask({ args: ["rev-parse", "--show-toplevel"], env: offline });
  const branch = top.ok && top.value.status === 0 ? branchOf(readable(top.value.stdout).trim()) : undefined;
  const drivers = new Set(entries.flatMap(([key]) => /^(filter\..+)\.[^.]+$/.exec(key)?.slice(1) ?? []));
  const settings = [
    ...entries.filter(([key]) => carried.test(key)),
    // No filter runs: what it would make of a file stays as it is stored, and a missing program fails nothing.
    ...[...drivers].flatMap((name) => [
      ...["clean", "smudge", "process"].map((part) => [`${name}.${part}`, ""] as const),
      [`${name}.required`, "false"] as const,
    ]),
    ...alone,
  ];
  return succeed({ format, shared, objects, branch: branch !== undefined && isBranchName(branch) ? branch : "main", settings });
}

/** What the user's own configuration could start or ask for in a copy that nobody keeps. */
const alone = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "hooks"],
  ["commit.gpgSign", "false"],
  ["gc.auto", "0"],
] as const;

/** A value may have lines; a key alone counts as true. */
function keyAndValue(entry: string): readonly [string, string] {
  const cut = entry.indexOf("\n");
  return cut < 0 ? [entry, "true"] : [entry.slice(0, cut), entry.slice(cut + 1)];
}

/** A detached head is told as a hash. */
const isBranchName = (name: string): boolean => !/^[0-9a-f]{9}$/.test(name);

/** What git reads beside objects and refs: where history is cut off, and rules for files that are in no commit. */
function writeAround(gitFolder: string, { shared }: SourceDescription): void {
  fs.mkdirSync(path.join(gitFolder, "info"), { recursive: true });
  fs.mkdirSync(path.join(gitFolder, "objects", "info"), { recursive: true });
  for (const name of ["shallow", "info/attributes", "info/exclude"]) {
    const from = path.join(shared, name);
    if (fs.existsSync(from)) fs.copyFileSync(from, path.join(gitFolder, name));
  }
}
