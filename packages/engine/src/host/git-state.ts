/** What git is in the middle of, and where HEAD is, read from its files: no process is started for it. */
import fs from "node:fs";
import path from "node:path";

/** The branch that is checked out; a short hash where HEAD is detached; undefined outside of a repository. */
export function branchOf(root: string): string | undefined {
  const head = readLine(path.join(gitFolder(root) ?? "", "HEAD"));
  if (head === undefined) return undefined;
  return head.startsWith("ref: ") ? head.slice(5).replace(/^refs\/heads\//, "") : head.slice(0, 9);
}

/** The commit that HEAD points to; undefined outside of a repository and on a branch without commits. */
export function headCommit(root: string): string | undefined {
  const folder = gitFolder(root);
  const head = folder === undefined ? undefined : readLine(path.join(folder, "HEAD"));
  if (folder === undefined || head === undefined) return undefined;
  if (!head.startsWith("ref: ")) return head;
  const name = head.slice(5);
  const shared = sharedFolder(folder);
  const loose = readLine(path.join(folder, name)) ?? readLine(path.join(shared, name));
  return loose ?? packedRef(shared, name);
}

/** Files of which one changes whenever HEAD comes to another commit; some of them need not be there. Empty outside of a repository. */
export function headFiles(root: string): readonly string[] {
  const folder = gitFolder(root);
  if (folder === undefined) return [];
  const shared = sharedFolder(folder);
  const head = readLine(path.join(folder, "HEAD"));
  const branch = head?.startsWith("ref: ") ? [path.join(shared, head.slice(5))] : [];
  return [path.join(folder, "HEAD"), path.join(folder, "logs", "HEAD"), path.join(shared, "packed-refs"), ...branch];
}

/** The index that git names to a hook, where it lies in this repository and is not its usual one, as for `git commit -a`. */
export function indexOfHook(root: string, named: string | undefined): string | undefined {
  const folder = gitFolder(root);
  if (folder === undefined || named === undefined || named === "") return undefined;
  const file = path.resolve(root, named);
  const isOwn = file.startsWith(path.resolve(folder) + path.sep) && file !== path.join(path.resolve(folder), "index");
  return isOwn && fs.existsSync(file) ? file : undefined;
}

/** The operation that git has begun and not ended, as one calls it; undefined: none. */
export function operationUnderWay(root: string): string | undefined {
  const folder = gitFolder(root);
  if (folder === undefined) return undefined;
  return operations.find(([file]) => fs.existsSync(path.join(folder, file)))?.[1];
}

const operations: readonly (readonly [string, string])[] = [
  ["MERGE_HEAD", "merge"],
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "git am"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  // Between two commits of a series neither of the heads is there.
  ["sequencer", "cherry-pick or revert"],
];

/** Of a worktree or submodule the one that its `.git` file names. */
function gitFolder(root: string): string | undefined {
  const mark = path.join(root, ".git");
  try {
    if (fs.statSync(mark).isDirectory()) return mark;
  } catch {
    return undefined;
  }
  const named = readLine(mark)?.replace(/^gitdir:\s*/, "");
  return named === undefined ? undefined : path.resolve(root, named);
}

/** What all worktrees of a repository have in common. */
const sharedFolder = (folder: string): string => path.resolve(folder, readLine(path.join(folder, "commondir")) ?? ".");

function packedRef(folder: string, name: string): string | undefined {
  try {
    const lines = fs.readFileSync(path.join(folder, "packed-refs"), "utf8").split("\n");
    return lines.find((line) => line.endsWith(` ${name}`))?.split(" ", 1)[0];
  } catch {
    return undefined;
  }
}

function readLine(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8").trim().split("\n", 1)[0];
  } catch {
    return undefined;
  }
}
