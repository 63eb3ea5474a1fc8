/** Small text files of a tree by path: of a commit, of the index, or on disk. Nothing is converted, no link is followed. */
import fs from "node:fs";
import path from "node:path";
import { type Result, succeed } from "@twolane/protocol";
import { errorCode } from "./errors.ts";
import type { Git } from "./git.ts";
import { readBlobs } from "./git-blobs.ts";
import { textOf } from "../std/text.ts";

export type Tree =
  | { readonly kind: "commit"; readonly commit: string }
  /** `index`: another file than the repository's own. */
  | { readonly kind: "index"; readonly index?: string }
  | { readonly kind: "disk"; readonly root: string };

/** Bytes; a manifest or lock file is smaller. */
const limit = 16 * 1024 * 1024;

/** Those of the paths that are files there. */
export async function readTree(git: Git, tree: Tree, paths: readonly string[]): Promise<Result<ReadonlyMap<string, string>>> {
  const texts = new Map<string, string>();
  if (tree.kind === "disk") {
    for (const name of paths) {
      const text = readFile(path.join(tree.root, name));
      if (text !== undefined) texts.set(name, text);
    }
    return succeed(texts);
  }
  const prefix = tree.kind === "commit" ? `${tree.commit}:` : ":";
  const nameOf = (name: string): string => Buffer.from(`${prefix}${name}`, "utf8").toString("latin1");
  const wish = { limit, ...(tree.kind === "index" && tree.index !== undefined && { index: tree.index }) };
  const blobs = await readBlobs(git, paths.map(nameOf), wish);
  if (!blobs.ok) return blobs;
  for (const name of paths) {
    const bytes = blobs.value.get(nameOf(name))?.bytes;
    if (bytes !== undefined) texts.set(name, textOf(bytes));
  }
  return succeed(texts);
}

function readFile(place: string): string | undefined {
  try {
    const stats = fs.lstatSync(place);
    return stats.isFile() && stats.size <= limit ? fs.readFileSync(place, "utf8") : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
