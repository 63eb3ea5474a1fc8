/**
 * The folders of a workspace, and the few things in them that somebody asked for by name. Looking again costs one question to the disk a
 * folder. Does not go into `.git` and `node_modules`, and follows no link. Judges nothing.
 */
import { type Dirent, type Stats, lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { createSlices } from "../std/slices.ts";

export interface FolderIndexDeps {
  readonly root: string;
  /** Asked once for each path, relative to the root; a folder that is wanted is not looked into. */
  readonly wanted: (path: string) => boolean;
  /** At most so many folders; what lies in others is not known. */
  readonly limit?: number;
}

export interface FolderView {
  /** By relative path, the root being the empty one: how many files are directly in it. */
  readonly folders: ReadonlyMap<string, number>;
  /** Folders that were not looked into. */
  readonly closed: readonly string[];
  readonly wanted: readonly string[];
  /** Files and folders named `.git`, at any depth. */
  readonly repositories: readonly string[];
  /** There are more folders than the limit. */
  readonly cut: boolean;
}

interface Known {
  readonly stamp: string;
  readonly below: readonly string[];
  readonly wanted: readonly string[];
  readonly repositories: readonly string[];
  readonly closed: readonly string[];
  readonly files: number;
}

const defaultLimit = 50_000;
/** A change so shortly before a reading may be younger than it, with the same date. */
const racyMs = 20;
/** Keys are heard in between; ms. */
const sliceMs = 4;

export class FolderIndex {
  private readonly deps: FolderIndexDeps;
  private known = new Map<string, Known>();

  constructor(deps: FolderIndexDeps) {
    this.deps = deps;
  }

  async look(): Promise<FolderView> {
    const limit = this.deps.limit ?? defaultLimit;
    const found = new Map<string, Known>();
    const waiting = [""];
    const slice = createSlices(sliceMs);
    for (let folder = waiting.pop(); folder !== undefined && found.size < limit; folder = waiting.pop()) {
      const known = this.lookAt(folder);
      if (known === undefined) continue;
      found.set(folder, known);
      waiting.push(...known.below);
      await slice();
    }
    this.known = found;
    const all = [...found.values()];
    return {
      folders: new Map([...found].map(([folder, { files }]) => [folder, files])),
      closed: all.flatMap(({ closed }) => closed),
      wanted: all.flatMap(({ wanted }) => wanted),
      repositories: all.flatMap(({ repositories }) => repositories),
      cut: waiting.length > 0,
    };
  }

  private lookAt(folder: string): Known | undefined {
    const absolute = path.join(this.deps.root, folder);
    const stat = statOf(absolute);
    if (stat?.isDirectory() !== true) return undefined;
    const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs}`;
    const known = this.known.get(folder);
    if (known?.stamp === stamp) return known;
    const isSettled = Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > racyMs;
    return { stamp: isSettled ? stamp : "", ...this.sort(folder, entriesOf(absolute)) };
  }

  private sort(folder: string, entries: readonly Dirent[]): Omit<Known, "stamp"> {
    const [below, wanted, repositories, closed]: [string[], string[], string[], string[]] = [[], [], [], []];
    let files = 0;
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === ".git") repositories.push(name);
      else if (this.deps.wanted(name)) wanted.push(name);
      else if (!entry.isDirectory()) files++;
      else if (entry.name === "node_modules") closed.push(name);
      else below.push(name);
    }
    return { below, wanted, repositories, closed, files };
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Other names of these files in the workspace, as relative paths: a hard link shows what a path hides. */
export async function otherNames({
  root,
  files,
}: {
  readonly root: string;
  readonly files: readonly string[];
}): Promise<readonly string[]> {
  const linked = new Map<string, string>();
  for (const file of files) {
    const stat = statOf(path.join(root, file));
    if (stat?.isFile() === true && stat.nlink > 1) linked.set(`${stat.dev}:${stat.ino}`, file);
  }
  if (linked.size === 0) return [];
  const names: string[] = [];
  const waiting = [""];
  const slice = createSlices(sliceMs);
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of entriesOf(path.join(root, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== ".git") waiting.push(name);
      const stat = entry.isFile() ? statOf(path.join(root, name)) : undefined;
      if (stat !== undefined && linked.has(`${stat.dev}:${stat.ino}`)) names.push(name);
    }
    await slice();
  }
  return names;
}
