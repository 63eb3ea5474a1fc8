/** What trees and the index have at paths, as git lists it. Reads only; what follows from it is decided elsewhere. */
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable } from "../std/text.ts";

/** `mode` as git writes it, e.g. `100644`. */
export interface TreeEntry {
  readonly mode: string;
  readonly oid: string;
}

export interface EntryChange {
  readonly path: string;
  /** `undefined`: no such file. */
  readonly old: TreeEntry | undefined;
  readonly next: TreeEntry | undefined;
  /** The new side is in conflict. */
  readonly unmerged: boolean;
}

/** Paths are names, not patterns. */
export const literally = { GIT_LITERAL_PATHSPECS: "1" };

export const isRegular = ({ mode }: TreeEntry): boolean => mode === "100644" || mode === "100755";

export const sameEntry = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean =>
  a?.oid === b?.oid && a?.mode === b?.mode;

export interface HeadTree {
  /** Undefined on a branch without commits. */
  readonly commit: string | undefined;
  /** Without commits the empty tree. */
  readonly tree: string;
}

export async function readHeadTree(git: Git): Promise<Result<HeadTree>> {
  const head = await git.ask({ args: ["rev-parse", "-q", "--verify", "HEAD^{commit}"] });
  if (!head.ok) return head;
  const commit = head.value.status === 0 ? head.value.stdout.trim() : undefined;
  if (commit !== undefined) return succeed({ commit, tree: commit });
  const empty = await git.demand({ args: ["hash-object", "-t", "tree", "--stdin"], input: "" });
  return empty.ok ? succeed({ commit, tree: empty.value.trim() }) : empty;
}

/** Entries of a tree at these paths, folders among them. */
export async function entriesAt(
  git: Git,
  tree: string,
  paths: readonly string[],
): Promise<Result<ReadonlyMap<string, TreeEntry>>> {
  if (paths.length === 0) return succeed(new Map());
  const listed = await git.demand({ args: ["ls-tree", "-z", tree, "--", ...paths], env: literally });
  if (!listed.ok) return listed;
  const found = new Map<string, TreeEntry>();
  for (const line of listed.value.split("\0")) {
    const [, mode, oid, name] = /^(\d{6}) \S+ ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
    if (mode !== undefined && oid !== undefined && name !== undefined) found.set(readable(name), { mode, oid });
  }
  return succeed(found);
}

/** In which the index differs from the tree, at these paths or everywhere. What is only intended to be added is not in it. */
export async function stagedChanges(
  git: Git,
  tree: string,
  { paths, index }: { readonly paths?: readonly string[]; readonly index?: string } = {},
): Promise<Result<readonly EntryChange[]>> {
  const intents = index === undefined ? ["--ita-invisible-in-index"] : [];
  const listed = await git.demand({
    args: ["diff-index", "--cached", ...intents, ...rawForm, tree, ...(paths ? ["--", ...paths] : [])],
    env: { ...literally, ...(index !== undefined && { GIT_INDEX_FILE: index }) },
  });
  return listed.ok ? succeed(parseRaw(listed.value)) : listed;
}

/** In which one tree differs from another. */
export async function treeChanges(git: Git, from: string, to: string): Promise<Result<readonly EntryChange[]>> {
  const listed = await git.demand({ args: ["diff-tree", "-r", ...rawForm, from, to] });
  return listed.ok ? succeed(parseRaw(listed.value)) : listed;
}

const rawForm = ["--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--ignore-submodules=none"];

function parseRaw(text: string): EntryChange[] {
  const parts = text.split("\0");
  const changes: EntryChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, oldMode = "", mode = "", oldOid = "", oid = "", status] =
      /^:(\d+) (\d+) (\S+) (\S+) (\w)/.exec(parts[at] ?? "") ?? [];
    changes.push({
      path: readable(parts[at + 1] ?? ""),
      old: entryOf(oldMode, oldOid),
      next: entryOf(mode, oid),
      unmerged: status === "U",
    });
  }
  return changes;
}

const entryOf = (mode: string, oid: string): TreeEntry | undefined => (/^0+$/.test(mode) ? undefined : { mode, oid });
