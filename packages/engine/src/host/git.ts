/** Reading git, never writing: no locks are taken, no hook or pager starts. A missing git is a value. */
import type { Processes } from "./process.ts";

export type GitPlace =
  | { readonly kind: "work-tree"; readonly root: string }
  /** A bare repository or the inside of a `.git` folder. */
  | { readonly kind: "bare" }
  | { readonly kind: "no-repository" }
  | { readonly kind: "no-git" };

export interface Git {
  locate(folder: string): Promise<GitPlace>;
  /** The commit that is checked out; `undefined` without one. */
  head(root: string): Promise<string | undefined>;
  /** Tracked and new files that are not ignored, relative to the root; `undefined` where git cannot say. */
  files(root: string): Promise<readonly string[] | undefined>;
}

const gitTimeoutMs = 20_000;
const gitOutputLimit = 64 * 1024 * 1024;

export function createGit(processes: Processes): Git {
  const git = (cwd: string, args: readonly string[]) =>
    processes.run({
      command: "git",
      // A repository's own configuration must not start programs.
      args: ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", ...args],
      cwd,
      env: { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      timeoutMs: gitTimeoutMs,
      outputLimit: gitOutputLimit,
    });
  return {
    async locate(folder) {
      const outcome = await git(folder, ["rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--show-toplevel"]);
      if (outcome.kind !== "exited") return { kind: "no-git" };
      const [bare, insideGit, root] = outcome.stdout.split("\n");
      if (bare === "true" || insideGit === "true") return { kind: "bare" };
      return outcome.status === 0 && root ? { kind: "work-tree", root } : { kind: "no-repository" };
    },
    async head(root) {
      const outcome = await git(root, ["rev-parse", "--verify", "--quiet", "HEAD"]);
      return outcome.kind === "exited" && outcome.status === 0 ? outcome.stdout.trim() : undefined;
    },
    async files(root) {
      const outcome = await git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
      if (outcome.kind !== "exited" || outcome.status !== 0 || outcome.cut) return undefined;
      return [...new Set(outcome.stdout.split("\0").filter((name) => name !== ""))];
    },
  };
}
