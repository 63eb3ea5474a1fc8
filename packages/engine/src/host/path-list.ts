/**
 * The files of a workspace as paths relative to it: by git, which knows what is ignored, else by ripgrep, else by walking. Reads no file. How
 * they are found by a few characters is `context/path-index.ts`.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { setImmediate as breathe } from "node:timers/promises";
import { openGit } from "./git.ts";
import type { Processes } from "./process.ts";

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
/** Longer than this at a time nothing is done, since keys wait meanwhile; ms. */
const sliceMs = 4;
const checkEvery = 500;

/**
 * Tracked and untracked files, what is ignored left out, each once; a submodule is one path. The first 200,000 of more; where neither git nor
 * ripgrep is there, the first 20,000 that are not hidden. Never fails: what cannot be read has no files.
 */
export async function listWorkspacePaths(options: PathListOptions): Promise<readonly string[]> {
  return (await byGit(options)) ?? (await byRipgrep(options)) ?? (await byWalking(options.root));
}

async function byGit({ root, processes }: PathListOptions): Promise<readonly string[] | undefined> {
  // Settings of the repository name programs; listing it must start none.
  const args = ["-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const answer = await openGit(root, processes).ask({ args });
  if (!answer.ok || answer.value.status !== 0) return undefined;
  return split(answer.value.stdout, (name) =>
    /[\u0080-\u00ff]/.test(name) ? Buffer.from(name, "latin1").toString("utf8") : name,
  );
}

async function byRipgrep({ root, processes, ripgrep }: PathListOptions): Promise<readonly string[] | undefined> {
  let command: string;
  try {
    command = ripgrep();
  } catch {
    return undefined;
  }
  const args = ["--no-config", "--files", "--null", "--hidden", "--glob", "!.git"];
  const found = await processes.run({ command, args, cwd: root, timeoutMs, outputLimit });
  // Status 1: nothing was found. 2: some folder could not be read.
  return found.kind === "missing" ? undefined : split(found.stdout, (name) => name);
}

/** A name that was cut off at the end is none. In the middle of a merge git names a file for each side, one after the other. */
async function split(output: string, read: (name: string) => string): Promise<readonly string[]> {
  const paths: string[] = [];
  const breath = createBreath();
  let from = 0;
  for (let end = output.indexOf("\0"); end >= 0 && paths.length < pathLimit; end = output.indexOf("\0", from)) {
    const path = read(output.slice(from, end));
    if (path !== paths.at(-1)) paths.push(path);
    from = end + 1;
    if (breath.isDue()) await breath.take();
  }
  return paths;
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

interface Breath {
  isDue(): boolean;
  take(): Promise<void>;
}

/** Lets others go on now and then; the clock is asked only every few hundred times. */
function createBreath(): Breath {
  let count = 0;
  let since = performance.now();
  return {
    isDue: () => ++count % checkEvery === 0 && performance.now() - since > sliceMs,
    async take() {
      await breathe();
      since = performance.now();
    },
  };
}
