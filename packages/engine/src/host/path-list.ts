/**
 * The files of a workspace as paths relative to it: by git, which knows what is ignored, else by ripgrep, else by walking. Reads no file. How
 * they are found by a few characters is `context/path-index.ts`.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { openGit } from "./git.ts";
import type { Processes } from "./process.ts";
import { readable } from "../std/text.ts";

export interface PathListOptions {
  /** Real path of the workspace. */
  readonly root: string;
  readonly processes: Processes;
  /** Path of the ripgrep binary; asked only where git does not help. May throw where there is none. */
  readonly ripgrep: () => string;
}

const pathLimit = 200_000;
/** Where nothing knows what is ignored, a folder of dependencies must not fill the list. */
const walkLimit = 20_000;
const outputLimit = 32 * 1024 * 1024;
const timeoutMs = 20_000;

/**
 * Tracked and untracked files, what is ignored left out, each once; a submodule is one path. The first 200,000 of more; where neither git nor
 * ripgrep is there, the first 20,000 that are not hidden. Never fails: what cannot be read has no files.
 */
export async function listWorkspacePaths(options: PathListOptions): Promise<readonly string[]> {
  return (await byGit(options)) ?? (await byRipgrep(options)) ?? (await byWalking(options.root));
}

async function byGit({ root, processes }: PathListOptions): Promise<readonly string[] | undefined> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const names = new Names();
  const answer = await openGit(root, processes).ask({ args, onOutput: (piece) => names.take(piece) });
  return answer.ok && answer.value.status === 0 ? names.paths : undefined;
}

async function byRipgrep({ root, processes, ripgrep }: PathListOptions): Promise<readonly string[] | undefined> {
  let command: string;
  try {
    command = ripgrep();
  } catch {
    return undefined;
  }
  const args = ["--no-config", "--files", "--null", "--hidden", "--glob", "!.git"];
  const names = new Names();
  const onOutput = (piece: string): void => names.take(piece);
  const found = await processes.run({ command, args, cwd: root, timeoutMs, outputLimit, encoding: "latin1", onOutput });
  // Status 1: nothing was found. 2: some folder could not be read.
  return found.kind === "missing" ? undefined : names.paths;
}

/** Names that end with a zero, in Latin-1, read as they come: a long list that was read at one go would make keys wait. */
class Names {
  readonly paths: string[] = [];
  /** The beginning of a name; one that was cut off at the end is none. */
  private rest = "";

  take(piece: string): void {
    const text = this.rest + piece;
    let from = 0;
    for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0", from)) {
      if (this.paths.length < pathLimit) this.add(text.slice(from, end));
      from = end + 1;
    }
    this.rest = text.slice(from);
  }

  private add(name: string): void {
    const path = /[\u0080-\u00ff]/.test(name) ? readable(name) : name;
    // In the middle of a merge git names a file for each side, one after the other.
    if (path !== this.paths.at(-1)) this.paths.push(path);
  }
}

/** Folder by folder, the upper ones first. Links are not followed. */
async function byWalking(root: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined && paths.length < walkLimit; folder = folders.shift()) {
    for (const entry of await entriesOf(`${root}/${folder}`)) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) paths.push(path);
      else if (folders.length < walkLimit) folders.push(path);
    }
  }
  return paths.slice(0, walkLimit);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
