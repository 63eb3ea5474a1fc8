/**
 * What a work tree differs from a commit of its repository, byte for byte: changed, new and gone files, links and modes. Nothing is converted;
 * what the repository ignores is not looked at. A rename is a file gone and a file new.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { errorCode } from "./errors.ts";
import { type Git, openGit } from "./git.ts";
import { readBlobs } from "./git-blobs.ts";
import type { Processes } from "./process.ts";

/** As git writes it: a file, one that can be started, a symbolic link (its bytes are where it leads). */
export type FileMode = "100644" | "100755" | "120000";

export interface FileState {
  readonly bytes: Uint8Array;
  readonly mode: FileMode;
}

/** `before`: in the commit; `after`: on disk. Absent: not there. */
export interface FileDifference {
  /** Relative to the work tree, with `/`. */
  readonly path: string;
  readonly before?: FileState;
  readonly after?: FileState;
}

export interface TreeDifference {
  /** By path. */
  readonly files: readonly FileDifference[];
  /** What differs and is not in `files`, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** Bytes; a file above it is nothing that could be looked at in hunks. */
const largest = 32 * 1024 * 1024;

/** NO_REPOSITORY, TOOL_FAILED. */
export async function treeDifference(root: string, base: string, processes: Processes): Promise<Result<TreeDifference>> {
  const git = openGit(root, processes);
  const [changed, fresh] = await Promise.all([
    git.demand({ args: ["diff-index", "--raw", "-z", "--no-renames", "--ignore-submodules=none", "--no-abbrev", base] }),
    git.demand({ args: ["ls-files", "-z", "-o", "--exclude-standard"] }),
  ]);
  if (!changed.ok) return changed;
  if (!fresh.ok) return fresh;
  const olds = oldsOf(changed.value);
  // One that the index has forgotten counts as gone above, and as new here.
  const names = [...new Set([...olds.keys(), ...fresh.value.split("\0").filter((name) => name !== "")])].toSorted();
  return differences({ root, git, olds, names });
}

interface Old {
  readonly mode: string;
  readonly object: string;
}

/** Names as git says them, one character a byte. */
function oldsOf(raw: string): ReadonlyMap<string, Old | undefined> {
  const fields = raw.split("\0");
  const olds = new Map<string, Old | undefined>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [mode = "", , object = ""] = (fields[at] ?? "").slice(1).split(" ");
    olds.set(fields[at + 1] ?? "", mode === "000000" ? undefined : { mode, object });
  }
  return olds;
}

interface Looking {
  readonly root: string;
  readonly git: Git;
  readonly olds: ReadonlyMap<string, Old | undefined>;
  readonly names: readonly string[];
}

async function differences({ root, git, olds, names }: Looking): Promise<Result<TreeDifference>> {
  const objects = [...olds.values()].flatMap((old) => (old === undefined || !isFileMode(old.mode) ? [] : [old.object]));
  const blobs = await readBlobs(git, objects, { limit: largest });
  if (!blobs.ok) return blobs;
  const files: FileDifference[] = [];
  const left: { path: string; why: string }[] = [];
  for (const name of names) {
    const shown = readable(name);
    const old = olds.get(name);
    const bytes = old && blobs.value.get(old.object)?.bytes;
    const after = stateOf(path.join(root, shown));
    if (Buffer.from(shown, "utf8").toString("latin1") !== name) left.push({ path: shown, why: "its name is not UTF-8" });
    else if (old !== undefined && !isFileMode(old.mode)) left.push({ path: shown, why: "it was a repository of its own" });
    else if (old !== undefined && bytes === undefined) left.push({ path: shown, why: "it was too large" });
    else if (typeof after === "string") left.push({ path: shown, why: after });
    else {
      const before = old && bytes && isFileMode(old.mode) ? { bytes, mode: old.mode } : undefined;
      if (!isSame(before, after)) files.push({ path: shown, ...(before && { before }), ...(after && { after }) });
    }
  }
  return succeed({ files, left });
}

const isFileMode = (mode: string): mode is FileMode => mode === "100644" || mode === "100755" || mode === "120000";

/** What is there now; a text says why it is no file. */
function stateOf(place: string): FileState | string | undefined {
  try {
    const stats = fs.lstatSync(place);
    if (stats.isSymbolicLink()) return { bytes: fs.readlinkSync(place, { encoding: "buffer" }), mode: "120000" };
    if (stats.isDirectory()) return place.endsWith("/") ? "it is a repository of its own" : undefined;
    if (!stats.isFile()) return "it is no file";
    if (stats.size > largest) return "it is too large";
    return { bytes: fs.readFileSync(place), mode: (stats.mode & 0o100) === 0 ? "100644" : "100755" };
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : "it cannot be read";
  }
}

const isSame = (one: FileState | undefined, other: FileState | undefined): boolean =>
  one?.mode === other?.mode &&
  (one === undefined || other === undefined ? one === other : Buffer.compare(one.bytes, other.bytes) === 0);
