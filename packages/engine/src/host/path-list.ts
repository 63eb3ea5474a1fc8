/** The files of a workspace as paths relative to it: by git, which knows what is ignored, else by ripgrep. Reads no file. */
import type { Processes } from "./process.ts";

export interface PathListOptions {
  /** Real path of the workspace. */
  readonly root: string;
  readonly processes: Processes;
  /** Path of the ripgrep binary; asked only where git does not help. */
  readonly ripgrep: () => string;
}

const pathLimit = 200_000;
const outputLimit = 32 * 1024 * 1024;
const timeoutMs = 20_000;

/** Tracked and untracked files, what is ignored left out; the first ones of more than a limit. Empty where nothing can list them. Never fails. */
export async function listWorkspacePaths({ root, processes, ripgrep }: PathListOptions): Promise<readonly string[]> {
  const run = (command: string, args: readonly string[]) =>
    processes.run({ command, args, cwd: root, env: { GIT_OPTIONAL_LOCKS: "0" }, timeoutMs, outputLimit });
  const git = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  if (git.kind === "exited" && git.status === 0) return split(git.stdout);
  const found = await run(ripgrep(), ["--no-config", "--files", "--null", "--hidden", "--glob", "!.git"]);
  return found.kind === "exited" ? split(found.stdout) : [];
}

/** A name that the limit has cut is none. */
function split(output: string): readonly string[] {
  const paths = output.slice(0, output.lastIndexOf("\0") + 1).split("\0");
  paths.pop();
  return [...new Set(paths)].slice(0, pathLimit);
}
