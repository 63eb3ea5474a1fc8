/**
 * One commit by git itself, from an index of its own: hooks, signing, identity, reflog and a detached HEAD are as ever, and the person's
 * index is not touched.
 */
import { type CommitMade, type Result, fail, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable, sentence } from "../std/text.ts";
import { indexInfo } from "./staged.ts";
import { type HeadTree, type TreeEntry, stagedChanges } from "./tree-entries.ts";

export interface ScratchCommit {
  readonly head: HeadTree;
  readonly files: readonly { readonly path: string; readonly next: TreeEntry | undefined }[];
  readonly message: string;
  /** Absolute path of a file for the index. */
  readonly index: string;
  /** Called when all is ready, with the tree that is to be committed; what it waits for happens before the commit. */
  readonly onReady: (tree: string) => Promise<void>;
}

/** COMMIT_REFUSED with what git or a hook said, COMMIT_NOTHING where HEAD has all of it; then nothing has happened. */
export async function commitScratch(git: Git, options: ScratchCommit): Promise<Result<CommitMade>> {
  const { head, message, index, onReady } = options;
  const filled = await fillIndex(git, options);
  if (!filled.ok) return filled;
  const [own, theirs] = [
    await git.demand({ args: ["write-tree"], env: { GIT_INDEX_FILE: index } }),
    await git.demand({ args: ["rev-parse", `${head.tree}^{tree}`] }),
  ];
  if (!own.ok) return own;
  if (!theirs.ok) return theirs;
  if (own.value === theirs.value) return fail("COMMIT_NOTHING", "HEAD has these changes already.", "Nothing is left to commit.");
  await onReady(own.value.trim());
  const now = await newestCommit(git);
  if (now?.commit !== head.commit) return movedOn();
  const answer = await git.ask({
    args: ["-c", "core.splitIndex=false", "commit", "--quiet", "-F", "-"],
    input: message,
    env: { GIT_INDEX_FILE: index },
    forPerson: true,
  });
  const output = answer.ok ? readable(`${answer.value.stdout}${answer.value.stderr}`) : "";
  const made = await newestCommit(git);
  // A commit counts when it is there, whatever became of the hooks behind it.
  if (made !== undefined && made.commit !== head.commit) {
    if (made.parent === head.commit) return succeed({ commit: made.commit, subject: made.subject, output });
    if (answer.ok && answer.value.status === 0) return takeBack(git, made);
  }
  return answer.ok ? refusal(git, output) : answer;
}

/** HEAD's tree with the new entries; what was known of unchanged files stays known, so that nothing is read for it. */
async function fillIndex(git: Git, { head, files, index }: ScratchCommit): Promise<Result<void>> {
  const copied = await git.copyIndex(index);
  if (!copied.ok) return copied;
  const staged = await stagedChanges(git, head.tree, { index });
  if (!staged.ok) return staged;
  const entries = [
    ...staged.value.map(({ path, old }) => ({ path, entry: old })),
    ...files.map(({ path, next }) => ({ path, entry: next })),
  ];
  const env = { GIT_INDEX_FILE: index };
  const put = await git.demand({
    args: ["-c", "core.splitIndex=false", "update-index", "-z", "--index-info"],
    input: indexInfo(entries, head.tree.length),
    env,
  });
  if (!put.ok) return put;
  // Hooks that compare with the work tree need to know what is unchanged. That something is not is no failure.
  const refreshed = await git.ask({ args: ["-c", "core.splitIndex=false", "update-index", "-q", "--refresh"], env });
  return refreshed.ok ? succeed(undefined) : refreshed;
}

interface NewestCommit {
  readonly commit: string;
  readonly parent: string | undefined;
  readonly subject: string;
}

async function newestCommit(git: Git): Promise<NewestCommit | undefined> {
  const shown = await git.ask({
    args: ["-c", "log.showSignature=false", "log", "-1", "--no-color", "--encoding=UTF-8", "--format=%H%n%P%n%s", "HEAD", "--"],
  });
  if (!shown.ok || shown.value.status !== 0) return undefined;
  const [commit = "", parents = "", subject = ""] = readable(shown.value.stdout).split("\n");
  const [parent] = parents.split(" ").filter((name) => name !== "");
  return { commit, parent, subject };
}

/** Somebody committed in the moment between our look at HEAD and git's own: our tree would undo theirs. */
async function takeBack(git: Git, { commit, parent = "" }: NewestCommit): Promise<Result<never>> {
  const back = await git.demand({ args: ["update-ref", "-m", "twolane: HEAD had moved", "HEAD", parent, commit] });
  return back.ok ? movedOn() : back;
}

const movedOn = (): Result<never> => fail("COMMIT_REFUSED", "HEAD moved in between.", "Try again.");

async function refusal(git: Git, output: string): Promise<Result<never>> {
  for (const who of ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"]) {
    const known = await git.ask({ args: ["var", who] });
    if (!known.ok || known.value.status === 0) continue;
    const [said = ""] = readable(known.value.stderr).trim().split("\n").slice(-1);
    const cure = "Set them with `git config user.name` and `git config user.email`.";
    return fail("COMMIT_REFUSED", `git does not know who you are: ${sentence(said.replace(/^(?:fatal|error): /, ""))}`, cure);
  }
  const said = output.trim();
  if (said === "") return fail("COMMIT_REFUSED", "git refused the commit and said nothing.");
  const stop = /[.!?…]$/.test(said) ? "" : ".";
  return fail("COMMIT_REFUSED", `git or a hook refused the commit:${said.includes("\n") ? "\n" : " "}${said}${stop}`);
}
