/**
 * Which git repository a folder lies in, told from files alone: starting git for it would cost more than the rest of a start.
 * Not known here: a work tree that only an environment variable or `core.worktree` names; such a folder counts as plain.
 */
import fs from "node:fs";
import path from "node:path";

export type RepositoryPlace =
  | { readonly kind: "work-tree"; readonly root: string }
  /** A bare repository, or inside a repository's own files. */
  | { readonly kind: "bare" }
  | { readonly kind: "no-repository" };

/** Real path of an existing folder → the repository around it. */
export function locateRepository(folder: string): RepositoryPlace {
  for (let at = folder; ; at = path.dirname(at)) {
    if (isWorkTreeRoot(at)) return { kind: "work-tree", root: at };
    if (isRepository(at)) return { kind: "bare" };
    if (at === path.dirname(at)) return { kind: "no-repository" };
  }
}

/** A `.git` that is a repository, or the file that a worktree or submodule has in its place. */
function isWorkTreeRoot(folder: string): boolean {
  const mark = path.join(folder, ".git");
  const stat = statOf(mark);
  if (stat?.isDirectory()) return isRepository(mark);
  return stat?.isFile() === true && readBeginning(mark).startsWith("gitdir:");
}

/** What may not be looked at counts as not there. */
function statOf(name: string): fs.Stats | undefined {
  try {
    return fs.statSync(name);
  } catch {
    return undefined;
  }
}

function isRepository(folder: string): boolean {
  return ["HEAD", "objects", "refs"].every((name) => fs.existsSync(path.join(folder, name)));
}

function readBeginning(file: string): string {
  try {
    return fs.readFileSync(file, "utf8").slice(0, 64);
  } catch {
    return "";
  }
}
