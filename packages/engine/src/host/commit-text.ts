/**
 * One commit as git tells it: who it is, what stands before it, and its whole difference as text. Reads only: no hook, no filter, no
 * external diff is started, and nothing is fetched. What the text means is read elsewhere (`models/replay`).
 */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Git } from "./git.ts";
import { readable } from "../std/text.ts";

export interface CommitText {
  /** Full hash. */
  readonly hash: string;
  /** As short as git says it in this repository. */
  readonly short: string;
  readonly subject: string;
  /** Hash of the tree that the commit leads to. */
  readonly tree: string;
  /** First parent; absent for a root commit. */
  readonly parent?: string;
  /** Tree of the parent; of a root commit the empty tree. */
  readonly parentTree: string;
  /** Files that differ, as `--raw -z` writes them. Latin-1, one character a byte. */
  readonly entries: string;
  /** The same files in the same order as a patch. Latin-1. */
  readonly patch: string;
}

/** What a replay says of a commit; it need not come from git. */
export type CommitStory = Pick<CommitText, "short" | "subject" | "entries" | "patch">;

/** Bytes. What is larger is no edit that anybody watches. */
const patchLimit = 32 * 1024 * 1024;

/** Without lazy fetches: a blob that a partial clone lacks is an error, not a download. */
export const offline: Readonly<Record<string, string>> = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" };

const difference = ["--no-color", "--no-ext-diff", "--no-textconv", "--full-index", "-M", "-r"] as const;

/**
 * Reads the commit that `ref` names against its first parent. NO_REPOSITORY outside of a repository, USAGE where there is no such commit,
 * TOOL_FAILED where objects are missing (shallow or partial clone) or the difference is larger than 32 MB.
 */
export async function readCommit(git: Git, ref: string): Promise<Result<CommitText>> {
  const inside = await git.ask({ args: ["rev-parse", "--git-dir"], env: offline });
  if (!inside.ok) return inside;
  if (inside.value.status !== 0) {
    const [said = ""] = readable(inside.value.stderr).split("\n", 1);
    const isNone = said.includes("not a git repository");
    return fail(
      "NO_REPOSITORY",
      isNone ? "There is no git repository here." : `git finds no repository here: ${said.replace(/^fatal: /, "")}.`,
    );
  }
  const named = await git.ask({
    args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`],
    env: offline,
  });
  if (!named.ok) return named;
  const hash = named.value.stdout.trim();
  if (named.value.status !== 0) return fail("USAGE", `There is no commit ${ref} here.`, "Name one that `git log` shows.");
  const header = await readHeader(git, hash);
  if (!header.ok) return header;
  const before = await readParent(git, header.value.parent);
  if (!before.ok) return before;
  const range = [before.value, header.value.tree];
  const entries = await git.ask({ args: ["diff-tree", ...difference, "--raw", "-z", ...range], env: offline });
  const patch = await git.ask({ args: ["diff-tree", ...difference, "-p", "--irreversible-delete", ...range], env: offline });
  for (const part of [entries, patch]) {
    if (!part.ok) return part;
    if (part.value.status !== 0) return missingObjects(header.value.short, readable(part.value.stderr));
  }
  if (!entries.ok || !patch.ok) throw new Error("both parts were read");
  if (patch.value.stdout.length > patchLimit)
    return fail("TOOL_FAILED", `The commit ${header.value.short} changes more than 32 MB of text.`, "Name a smaller one.");
  return succeed({ ...header.value, parentTree: before.value, entries: entries.value.stdout, patch: patch.value.stdout });
}

type Header = Omit<CommitText, "parentTree" | "entries" | "patch">;

async function readHeader(git: Git, hash: string): Promise<Result<Header>> {
  const text = await git.demand({ args: ["cat-file", "commit", hash], env: offline });
  const short = await git.demand({ args: ["rev-parse", "--short", hash], env: offline });
  if (!text.ok) return text;
  if (!short.ok) return short;
  const end = text.value.indexOf("\n\n");
  const headers = text.value.slice(0, end < 0 ? undefined : end).split("\n");
  const valueOf = (name: string): string | undefined =>
    headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const [subject = ""] =
    end < 0
      ? []
      : readable(text.value.slice(end + 2))
          .trim()
          .split("\n", 1);
  const parent = valueOf("parent");
  return succeed({
    hash,
    short: short.value.trim(),
    subject,
    tree: valueOf("tree") ?? "",
    ...(parent !== undefined && { parent }),
  });
}

/** The tree to start from. A shallow clone knows the name of a parent that it does not have. */
async function readParent(git: Git, parent: string | undefined): Promise<Result<string>> {
  if (parent === undefined)
    return trimmed(await git.demand({ args: ["hash-object", "-t", "tree", "--stdin"], input: "", env: offline }));
  const tree = await git.ask({ args: ["rev-parse", "--verify", "--quiet", `${parent}^{tree}`], env: offline });
  if (!tree.ok) return tree;
  if (tree.value.status === 0) return succeed(tree.value.stdout.trim());
  return fail(
    "TOOL_FAILED",
    `The commit before it, ${parent.slice(0, 9)}, is not in this clone.`,
    "`git fetch --deepen 1` brings it; or name another commit.",
  );
}

const trimmed = (read: Result<string>): Result<string> => (read.ok ? succeed(read.value.trim()) : read);

/** What to say when git could not read what the commit or its parent is made of. */
export function missingObjects(short: string, said: string): Result<never> {
  const [line = ""] = said.trim().split("\n", 1);
  return fail(
    "TOOL_FAILED",
    `This clone does not hold all of ${short} and the commit before it: ${line.replace(/^(?:fatal|error): /, "")}`,
    "A full clone has it; or name a commit whose files are here.",
  );
}
