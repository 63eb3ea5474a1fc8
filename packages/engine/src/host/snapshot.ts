/**
 * What is in a folder at one moment, and what differs from it later. Kept by git in a repository of our own, in the state folder: nothing of
 * the user's repository is touched, its objects are only read, and none is needed. Bytes as they are: no filter and no line ending counts.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { createSlices } from "../std/slices.ts";
import { makePrivateFolder } from "./folders.ts";
import { openGit } from "./git.ts";
import type { Git, GitCall } from "./git.ts";
import type { Processes } from "./process.ts";
import { isPlainIndex } from "./plain-index.ts";
import { gitPlaces } from "./sandbox/git-places.ts";
import { readTextNow, writtenTo } from "./user-files.ts";
import { readable } from "../std/text.ts";

export interface SnapshotDeps {
  /** Real path. */
  readonly root: string;
  /** Of our own repository; made when it is needed. */
  readonly folder: string;
  /** Whose it is: each has an index of its own. */
  readonly owner: string;
  readonly processes: Processes;
}

export interface Scope {
  /** Is never read, so not kept either. */
  readonly skips: (path: string) => boolean;
  /** Folders, relative, of which only is said that something in them changed. */
  readonly beyond: readonly string[];
}

export interface EntryBefore {
  /** Of a git tree: a file, one that can be run, a link. */
  readonly kind: "file" | "link";
  /** Permission bits. */
  readonly mode: number;
  /** Name of its content. */
  readonly object: string;
}

export interface Difference {
  /** Relative, `/` as separator. */
  readonly path: string;
  /** Undefined: it was not there. It may be as it was: dates differ already when somebody only looked at it closely. */
  readonly before: EntryBefore | undefined;
  /** Why its content before is not kept. */
  readonly unkept?: string;
}

/** Larger files are not kept. */
export const keptFileBytes = 8 * 1024 * 1024;

interface Unkept {
  readonly stamp: string;
  readonly why: string;
}

export class Snapshot {
  private readonly deps: SnapshotDeps;
  private readonly git: Git;
  private readonly index: string;
  private readonly modesFile: string;
  /** Permission bits that git does not know, of those that it would not guess. */
  private modes: Map<string, number> | undefined;
  private unkept = new Map<string, Unkept>();

  constructor(deps: SnapshotDeps) {
    this.deps = deps;
    this.git = openGit(deps.root, deps.processes);
    this.index = path.join(deps.folder, `index.${deps.owner}`);
    this.modesFile = `${this.index}.modes`;
  }

  /** From now on what is on disk is what everything is held against. */
  async take(scope: Scope): Promise<Result<void>> {
    const made = this.make();
    if (!made.ok) return made;
    const seeded = fs.existsSync(this.index) ? undefined : await this.seed();
    const [changed, others] = await this.scan(scope);
    if (!changed.ok) return changed;
    if (!others.ok) return others;
    const names = [...changed.value.map(({ name }) => name), ...others.value];
    this.unkept = new Map();
    const kept = names.filter((name) => this.keeps(name, scope));
    if (seeded === true) await this.learnModes();
    if (kept.length === 0) return succeed(undefined);
    const input = Buffer.from(kept.map((name) => `${name}\0`).join(""), "latin1");
    const put = await this.run({ args: ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"], input });
    if (!put.ok) return put;
    writtenTo(this.modesFile, JSON.stringify([...(this.modes ?? [])]));
    return succeed(undefined);
  }

  /** What may differ from what was taken; `unkept` says of what its content before is not known. */
  async differences(scope: Scope): Promise<Result<readonly Difference[]>> {
    const [changed, others] = await this.scan(scope);
    if (!changed.ok) return changed;
    if (!others.ok) return others;
    this.readModes();
    const found: Difference[] = changed.value.map(({ name, mode, object }) => ({
      path: utf8(name),
      before: {
        kind: mode === "120000" ? "link" : "file",
        mode: this.modes?.get(name) ?? Number.parseInt(mode.slice(-3), 8),
        object,
      },
    }));
    for (const name of others.value) {
      const known = this.unkept.get(name);
      const now = stampOf(path.join(this.deps.root, utf8(name)));
      if (known !== undefined && known.stamp === now) continue;
      if (scope.skips(utf8(name))) continue;
      found.push({ path: utf8(name), before: undefined, ...(known && { unkept: known.why }) });
    }
    for (const [name, { why }] of this.unkept)
      if (!others.value.includes(name) && !scope.skips(utf8(name)))
        found.push({ path: utf8(name), before: undefined, unkept: why });
    return succeed(found);
  }

  /** Contents by their names; what cannot be had is missing. */
  async contents(objects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    if (objects.length === 0) return new Map();
    const asked = await this.run({ args: ["cat-file", "--batch"], input: objects.map((object) => `${object}\n`).join("") });
    return asked.ok ? parseBatch(asked.value) : new Map();
  }

  /** The next one of this workspace begins with what is known now. */
  leave(): void {
    try {
      fs.renameSync(this.index, path.join(this.deps.folder, "index"));
      fs.renameSync(this.modesFile, path.join(this.deps.folder, "index.modes"));
    } catch {
      // There was nothing to leave.
    }
  }

  private make(): Result<void> {
    const { folder, root } = this.deps;
    try {
      for (const name of ["objects/info", "refs", "info"]) makePrivateFolder(path.join(folder, name));
      const put = (name: string, text: string): void => fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
      if (!fs.existsSync(path.join(folder, "HEAD"))) {
        put("config", config);
        put("info/attributes", "* -text -filter -ident -eol -working-tree-encoding\n");
        put("HEAD", "ref: refs/heads/none\n");
      }
      // What the user's repository has already need not be stored again.
      const theirs = gitPlaces(path.join(root, ".git")).folders.map((place) => path.join(place, "objects"));
      put(
        "objects/info/alternates",
        theirs
          .filter((place) => fs.existsSync(place))
          .map((place) => `${place}\n`)
          .join(""),
      );
      return succeed(undefined);
    } catch {
      return fail("STATE_UNWRITABLE", `The folder ${folder} cannot be used.`);
    }
  }

  /** From what an earlier session knew, or what the user's own index knows. True for the latter. */
  private async seed(): Promise<boolean> {
    const { folder } = this.deps;
    const earlier = path.join(folder, "index");
    if (fs.existsSync(earlier)) {
      fs.copyFileSync(earlier, this.index);
      if (fs.existsSync(`${earlier}.modes`)) fs.copyFileSync(`${earlier}.modes`, this.modesFile);
      this.readModes();
      return false;
    }
    this.modes = new Map();
    if (!(await isPlainIndex(this.git, this.deps.root))) return false;
    const copied = await this.git.copyIndex(this.index);
    if (!copied.ok || !fs.existsSync(this.index)) return false;
    // What is another repository's is not kept, and what cannot be read is begun anew.
    const listed = await this.run({ args: ["ls-files", "-s", "-z"] });
    const links = (listed.ok ? listed.value : "").split("\0").filter((line) => line.startsWith("160000 "));
    const input = links.map((line) => `0 ${"0".repeat(40)}\t${line.slice(line.indexOf("\t") + 1)}\0`).join("");
    const cleaned =
      listed.ok && (links.length === 0 || (await this.run({ args: ["update-index", "-z", "--index-info"], input })).ok);
    if (!cleaned) fs.rmSync(this.index, { force: true });
    return cleaned;
  }

  private async learnModes(): Promise<void> {
    const listed = await this.run({ args: ["ls-files", "-z"] });
    if (!listed.ok) return;
    const slice = createSlices(4);
    for (const name of listed.value.split("\0")) {
      if (name !== "") this.learn(name, statOf(path.join(this.deps.root, utf8(name))));
      await slice();
    }
  }

  private learn(name: string, stat: fs.Stats | undefined): void {
    const bits = stat?.isFile() === true ? stat.mode & 0o7777 : undefined;
    const guessed = ((bits ?? 0) & 0o100) !== 0 ? 0o755 : 0o644;
    if (bits === undefined || bits === guessed) this.modes?.delete(name);
    else this.modes?.set(name, bits);
  }

  private readModes(): void {
    if (this.modes !== undefined) return;
    this.modes = new Map();
    try {
      const list: unknown = JSON.parse(readTextNow(this.modesFile) ?? "[]");
      if (!Array.isArray(list)) return;
      for (const one of list)
        if (Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "number") this.modes.set(one[0], one[1]);
    } catch {
      // Then git's guess counts.
    }
  }

  private keeps(name: string, { skips }: Scope): boolean {
    this.readModes();
    const file = path.join(this.deps.root, utf8(name));
    if (skips(utf8(name))) return false;
    const stat = statOf(file);
    this.learn(name, stat);
    const why =
      Buffer.from(utf8(name), "utf8").toString("latin1") !== name
        ? "its name is not UTF-8"
        : name.endsWith("/")
          ? "it is a repository of its own"
          : stat?.isFile() === true && stat.size > keptFileBytes
            ? `it had ${Math.round(stat.size / 1024 / 1024)} MB, and more than 8 is not kept`
            : stat?.isFile() === true && !isReadable(file)
              ? "it cannot be read"
              : undefined;
    if (why !== undefined) this.unkept.set(name, { why, stamp: stampOf(file) });
    // One that was kept once and is too large now is not kept any more, and has to leave.
    return why === undefined || stat === undefined;
  }

  private async scan({ beyond }: Scope): Promise<readonly [Result<readonly Tracked[]>, Result<readonly string[]>]> {
    const excluded = beyond.flatMap((folder) => ["-x", `/${folder.replace(/[\\*?[\]!# ]/g, "\\$&")}/`]);
    const [changed, others] = await Promise.all([
      this.run({ args: ["diff-files", "--raw", "-z", "--no-abbrev"] }),
      this.run({ args: ["ls-files", "-z", "-o", ...excluded] }),
    ]);
    const inside = (name: string): boolean => beyond.some((folder) => utf8(name).startsWith(`${folder}/`));
    return [
      changed.ok ? succeed(parseRaw(changed.value).filter(({ name }) => !inside(name))) : changed,
      others.ok ? succeed(others.value.split("\0").filter((name) => name !== "")) : others,
    ];
  }

  private run(call: GitCall): Promise<Result<string>> {
    const { folder, root } = this.deps;
    const own = { GIT_DIR: folder, GIT_WORK_TREE: root, GIT_INDEX_FILE: this.index, GIT_LITERAL_PATHSPECS: "1" };
    const nobodys = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_ATTR_NOSYSTEM: "1" };
    return this.git.demand({ ...call, env: { ...own, ...nobodys } });
  }
}

const config = `[core]
	repositoryformatversion = 0
	bare = false
	filemode = true
	symlinks = true
	autocrlf = false
	ignorecase = false
	precomposeunicode = false
	fsmonitor = false
	compression = 0
	preloadindex = true
	excludesfile = /dev/null
	attributesfile = /dev/null
	hookspath = /dev/null
[gc]
	auto = 0
[index]
	skipHash = true
`;

interface Tracked {
  /** One character a byte. */
  readonly name: string;
  readonly mode: string;
  readonly object: string;
}

function parseRaw(text: string): readonly Tracked[] {
  const parts = text.split("\0");
  const found: Tracked[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [mode = "", , object = ""] = (parts[at] ?? "").slice(1).split(" ");
    found.push({ name: parts[at + 1] ?? "", mode, object });
  }
  return found;
}

/** Text with one character a byte. */
function parseBatch(text: string): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    const [object = "", type, size] = text.slice(at, end).split(" ");
    at = end + 1;
    if (type !== "blob") continue;
    found.set(object, Buffer.from(text.slice(at, at + Number(size)), "latin1"));
    at += Number(size) + 1;
  }
  return found;
}

const utf8 = (name: string): string => (/[\u0080-\u00ff]/.test(name) ? readable(name) : name);

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file);
  } catch {
    return undefined;
  }
}

function stampOf(file: string): string {
  const stat = statOf(file);
  return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

function isReadable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
