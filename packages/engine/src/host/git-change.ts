/**
 * A change as git has it: which entries differ, and both their contents. Read from objects, index and disk alone: no hook, filter,
 * textconv, external diff or monitor of the repository starts. What it means is read elsewhere (`guard/gates`).
 */
import fs from "node:fs";
import path from "node:path";
import { isUtf8 } from "node:buffer";
import { type Result, fail, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { errorCode } from "./errors.ts";
import type { Git } from "./git.ts";
import { plainly, readBlobs } from "./git-blobs.ts";
import { commitOf, emptyTree } from "./git-range.ts";

/** One side of a changed entry. */
export interface EntrySide {
  /** As git writes it, e.g. `100644`. */
  readonly mode: string;
  readonly kind: "file" | "link" | "submodule";
  /** Of a link its target, of a submodule its commit. Undefined where it is larger than the limit. */
  readonly bytes: Uint8Array | undefined;
  readonly size: number;
  /** Name of the object; empty where it is on disk only. */
  readonly oid: string;
}

export interface ChangedEntry {
  /** Relative to the top of the tree. Bytes that are no UTF-8 are written as `\xff`. */
  readonly path: string;
  /** Its path before, where it was moved. */
  readonly from?: string;
  /** Of what it is a copy, as far as git sees that. */
  readonly copyOf?: string;
  readonly old: EntrySide | undefined;
  readonly next: EntrySide | undefined;
}

export type ChangeSource =
  /** The index against HEAD. `index`: another file than the repository's own. */
  | { readonly kind: "staged"; readonly index?: string }
  | { readonly kind: "commits"; readonly from: string; readonly head: string }
  /** Disk against HEAD, files that git does not know yet among them. */
  | { readonly kind: "work-tree"; readonly root: string };

/** Bytes. What is larger is told as such and not looked into. */
const contentLimit = 32 * 1024 * 1024;

const form = ["--raw", "-z", "-r", "--no-abbrev", "--no-ext-diff", "--no-textconv"];
const moves = ["-M", "-C", "-l1000"];

export async function readChange(git: Git, source: ChangeSource): Promise<Result<readonly ChangedEntry[]>> {
  const listed = await listEntries(git, source);
  if (!listed.ok) return listed;
  const conflict = listed.value.find(({ unmerged }) => unmerged);
  if (conflict !== undefined)
    return fail("COMMIT_BUSY", `${exactName(conflict.path)} has conflicts that are not resolved.`, "Resolve and stage it first.");
  const wanted = listed.value.flatMap(({ old, next }) => [old, next]).filter((side) => side !== undefined);
  const oids = wanted.filter(({ mode, oid }) => mode !== submodule && oid !== "").map(({ oid }) => oid);
  const blobs = await readBlobs(git, oids, { limit: contentLimit });
  if (!blobs.ok) return blobs;
  const gone = oids.find((oid) => !blobs.value.has(oid));
  if (gone !== undefined)
    return fail("BASE_MISSING", `The content ${gone.slice(0, 9)} is not in this clone.`, "Use a clone without --filter.");
  const root = source.kind === "work-tree" ? source.root : undefined;
  const sideOf = (side: RawSide | undefined, name: string): EntrySide | undefined => {
    if (side === undefined) return undefined;
    if (side.mode === submodule)
      return { mode: side.mode, kind: "submodule", bytes: Buffer.from(side.oid, "latin1"), size: side.oid.length, oid: side.oid };
    if (side.oid === "") return root === undefined ? undefined : readDisk(root, name);
    const blob = blobs.value.get(side.oid);
    return blob && { mode: side.mode, kind: side.mode === symlink ? "link" : "file", oid: side.oid, ...blob };
  };
  return succeed(
    listed.value.flatMap(({ path: name, from, copied, old, next }) => {
      const sides = { old: sideOf(old, from ?? name), next: sideOf(next, name) };
      if (source.kind === "work-tree" && isSame(sides.old, sides.next)) return [];
      const origin = from === undefined ? {} : copied ? { copyOf: exactName(from) } : { from: exactName(from) };
      // What a copy was before is a file that did not change.
      return [{ path: exactName(name), ...origin, old: copied ? undefined : sides.old, next: sides.next }];
    }),
  );
}

const symlink = "120000";
const submodule = "160000";

/** `oid` empty: it is on disk only. */
interface RawSide {
  readonly mode: string;
  readonly oid: string;
}

interface RawEntry {
  /** Latin-1, one character a byte. */
  readonly path: string;
  readonly from?: string;
  readonly copied: boolean;
  readonly unmerged: boolean;
  readonly old: RawSide | undefined;
  readonly next: RawSide | undefined;
}

async function listEntries(git: Git, source: ChangeSource): Promise<Result<readonly RawEntry[]>> {
  if (source.kind === "commits") {
    const args = ["diff-tree", ...form, ...moves, "--ignore-submodules=none", source.from, source.head];
    const listed = await git.demand({ args, env: plainly });
    return listed.ok ? succeed(parseEntries(listed.value)) : listed;
  }
  const tree = await headTree(git);
  if (!tree.ok) return tree;
  if (source.kind === "staged") {
    // What is only intended to be added is hidden there, except in an index that git was given by name.
    const own = source.index === undefined ? ["--ita-invisible-in-index"] : [];
    const listed = await git.demand({
      args: ["diff-index", "--cached", ...own, ...form, ...moves, "--ignore-submodules=none", tree.value],
      env: { ...plainly, ...(source.index !== undefined && { GIT_INDEX_FILE: source.index }) },
    });
    return listed.ok ? succeed(parseEntries(listed.value)) : listed;
  }
  const env = await withoutFilters(git);
  if (!env.ok) return env;
  const args = ["diff-index", ...form, "--no-renames", "--ignore-submodules=dirty", tree.value];
  const listed = await git.demand({ args, env: env.value });
  if (!listed.ok) return listed;
  const others = await git.demand({ args: ["ls-files", "-o", "--exclude-standard", "-z"], env: plainly });
  if (!others.ok) return others;
  const fresh = others.value.split("\0").filter((name) => name !== "" && !name.endsWith("/"));
  return succeed([
    ...parseEntries(listed.value),
    ...fresh.map((name) => ({ path: name, copied: false, unmerged: false, old: undefined, next: { mode: "100644", oid: "" } })),
  ]);
}

/** Where times do not tell whether a file has changed, git reads it, through programs that attributes and configuration name. */
async function withoutFilters(git: Git): Promise<Result<Readonly<Record<string, string>>>> {
  const listed = await git.ask({ args: ["config", "-z", "--name-only", "--get-regexp", "^filter\\."], env: plainly });
  if (!listed.ok) return listed;
  const keys = listed.value.stdout.split("\0").filter((key) => key !== "");
  const names = [...new Set(keys.map((key) => key.slice(0, key.lastIndexOf("."))))];
  const settings = names.flatMap((name) => [
    [`${name}.clean`, ""],
    [`${name}.process`, ""],
    [`${name}.required`, "false"],
  ]);
  const env = settings.flatMap(([key = "", value = ""], at) => [
    [`GIT_CONFIG_KEY_${at}`, readable(key)],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return succeed({ ...plainly, GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(env) });
}

/** Without commits the empty tree. */
async function headTree(git: Git): Promise<Result<string>> {
  const head = await commitOf(git, "HEAD");
  if (!head.ok) return head;
  return head.value === undefined ? emptyTree(git) : succeed(head.value);
}

/** `:100644 100644 <hash> <hash> M\0path\0`, with two paths for what was moved or copied. */
function parseEntries(raw: string): RawEntry[] {
  const fields = raw.split("\0");
  const found: RawEntry[] = [];
  for (let at = 0; at < fields.length;) {
    const [, oldMode, mode, oldOid = "", oid = "", status] =
      /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(fields[at] ?? "") ?? [];
    if (oldMode === undefined || mode === undefined || status === undefined) break;
    const first = fields[at + 1] ?? "";
    const twoNames = status === "R" || status === "C";
    found.push({
      path: twoNames ? (fields[at + 2] ?? "") : first,
      ...(twoNames && { from: first }),
      copied: status === "C",
      unmerged: status === "U",
      old: sideOf(oldMode, oldOid),
      next: status === "D" ? undefined : sideOf(mode, oid),
    });
    at += twoNames ? 3 : 2;
  }
  return found;
}

const sideOf = (mode: string, oid: string): RawSide | undefined =>
  /^0+$/.test(mode) ? undefined : { mode, oid: /^0+$/.test(oid) ? "" : oid };

/** What is there now; undefined where it has gone meanwhile, or may not be read. */
function readDisk(root: string, latin1: string): EntrySide | undefined {
  const place = Buffer.concat([Buffer.from(root + path.sep), Buffer.from(latin1, "latin1")]);
  try {
    const stats = fs.lstatSync(place);
    const mode = stats.isSymbolicLink() ? symlink : (stats.mode & 0o100) === 0 ? "100644" : "100755";
    if (stats.isSymbolicLink()) {
      const bytes = fs.readlinkSync(place, { encoding: "buffer" });
      return { mode, kind: "link", bytes, size: bytes.length, oid: "" };
    }
    if (!stats.isFile()) return undefined;
    const bytes = stats.size > contentLimit ? undefined : fs.readFileSync(place);
    return { mode, kind: "file", bytes, size: stats.size, oid: "" };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

const isSame = (old: EntrySide | undefined, next: EntrySide | undefined): boolean =>
  old?.mode === next?.mode &&
  old?.bytes !== undefined &&
  next?.bytes !== undefined &&
  Buffer.compare(old.bytes, next.bytes) === 0;

/** Two names never become one. */
function exactName(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  if (isUtf8(bytes)) return readable(latin1);
  return latin1.replace(/[\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
}
