/** The files of a repository's hooks: where they are, what stands in them, putting one in its place. What a hook does is decided elsewhere. */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { systemFailure } from "./errors.ts";
import { makeFolder, missingFolders } from "./folders.ts";
import type { Git } from "./git.ts";
import { isExecutable, isThere, readTextNow } from "./user-files.ts";

export interface HookFolder {
  readonly path: string;
  /** `core.hooksPath`, as it is written. */
  readonly configured?: string;
  /** It lies in the repository's own files: no other repository has it, and no commit. */
  readonly isOwn: boolean;
}

/** Of a worktree the one that all worktrees have. */
export async function findHooks(git: Git, root: string): Promise<Result<HookFolder>> {
  const said = await git.ask({ args: ["rev-parse", "--git-path", "hooks"] });
  if (!said.ok) return said;
  if (said.value.status !== 0) return fail("NO_REPOSITORY", "There is no git repository here.");
  const common = await git.demand({ args: ["rev-parse", "--git-common-dir"] });
  if (!common.ok) return common;
  const configured = await git.ask({ args: ["config", "--get", "core.hooksPath"] });
  if (!configured.ok) return configured;
  const place = (text: string): string => path.resolve(root, readable(text).replace(/\n$/, ""));
  const folder = place(said.value.stdout);
  const named = readable(configured.value.stdout).trim();
  return succeed({
    path: folder,
    isOwn: folder.startsWith(place(common.value) + path.sep),
    ...(configured.value.status === 0 && named !== "" && { configured: named }),
  });
}

export interface HookFile {
  readonly text: string;
  readonly runs: boolean;
}

export function readHook(file: string): HookFile | undefined {
  const text = readTextNow(file);
  return text === undefined ? undefined : { text, runs: isExecutable(file) };
}

/** What was there goes to `kept` first, which must be free. */
export function putHook(file: string, text: string, kept: string | undefined): Result<void> {
  try {
    for (const folder of missingFolders(path.dirname(file))) makeFolder(folder);
    if (kept !== undefined) {
      if (isThere(kept)) return fail("FILE_EXISTS", `${kept} is there already.`, "Move it away, then try again.");
      fs.renameSync(file, kept);
    }
    const fresh = `${file}.${process.pid}`;
    fs.writeFileSync(fresh, text, { mode: 0o755, flush: true });
    fs.renameSync(fresh, file);
    return succeed(undefined);
  } catch (error) {
    return systemFailure(error, file, "write");
  }
}

/** What was kept comes back to its place. */
export function takeHook(file: string, kept: string): Result<void> {
  try {
    if (isThere(kept)) fs.renameSync(kept, file);
    else fs.rmSync(file, { force: true });
    return succeed(undefined);
  } catch (error) {
    return systemFailure(error, file, "write");
  }
}
