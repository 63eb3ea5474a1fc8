/** What has a name in a folder, without following a link; and where something changed lately. Changes nothing. */
import fs from "node:fs";
import path from "node:path";
import { findProgram } from "./find-program.ts";
import type { Processes } from "./process.ts";

export interface Entry {
  readonly kind: "file" | "link" | "folder" | "other";
  readonly size: number;
}

/** Undefined where nothing is there. */
export function entryAt(place: string): Entry | undefined {
  const stat = fs.lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const kind = stat.isFile() ? "file" : stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "folder" : "other";
  return { kind, size: stat.size };
}

/** Where a link leads, as it is written; undefined of what is none. */
export function linkAt(place: string): string | undefined {
  try {
    return fs.readlinkSync(place);
  } catch {
    return undefined;
  }
}

export interface RecentWish {
  readonly root: string;
  /** Relative. */
  readonly folders: readonly string[];
  /** A file: what changed later than it counts. */
  readonly stamp: string;
}

const timeoutMs = 20_000;
const outputLimit = 16 * 1024 * 1024;

/** How many files in each of the folders changed, came or were renamed since; by `find`, which no program can deceive about that date. */
export async function recentChanges(
  processes: Processes,
  { root, folders, stamp }: RecentWish,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const command = findProgram("find");
  if (folders.length === 0 || command === undefined) return counts;
  const args = [...folders.map((folder) => `./${folder}`), "-cnewer", stamp, "-print0"];
  const found = await processes.run({ command, args, cwd: root, timeoutMs, outputLimit, encoding: "latin1" });
  if (found.kind === "missing") return counts;
  const names = found.stdout.split("\0").filter((name) => name !== "");
  for (const folder of folders) {
    const own = names.filter((name) => name === `./${folder}` || name.startsWith(`./${folder}/`)).length;
    if (own > 0) counts.set(folder, own);
  }
  return counts;
}

export function touch(file: string): void {
  fs.writeFileSync(file, "", { mode: 0o600 });
}

export const joined = (root: string, relative: string): string => path.join(root, ...relative.split("/"));
