/** From which commit to which a change goes. Reads only; nothing is fetched. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import type { Git } from "./git.ts";
import { plainly } from "./git-blobs.ts";

export interface CommitRange {
  /** Full hash of what REF names now: policy, owners and signers are read from it. */
  readonly base: string;
  /** Where both parted: the change begins there. */
  readonly from: string;
  readonly head: string;
}

/** NO_REPOSITORY outside of a repository, with what git says of it. */
export async function demandRepository(git: Git): Promise<Result<void>> {
  const inside = await git.ask({ args: ["rev-parse", "--git-dir"], env: plainly });
  if (!inside.ok) return inside;
  if (inside.value.status === 0) return succeed(undefined);
  const [said = ""] = readable(inside.value.stderr).split("\n", 1);
  const isNone = said.includes("not a git repository");
  const reason = isNone ? "There is no git repository here." : `git finds no repository here: ${said.replace(/^fatal: /, "")}.`;
  return fail("NO_REPOSITORY", reason);
}

/** BASE_MISSING where REF, or the commit at which both parted, is not in this clone. */
export async function readRange(git: Git, base: string, head: string): Promise<Result<CommitRange>> {
  const end = await commitOf(git, head);
  if (!end.ok) return end;
  if (end.value === undefined)
    return fail("BASE_MISSING", `There is no commit ${head} here.`, `\`git fetch origin ${head}\` brings it.`);
  const start = await commitOf(git, base);
  if (!start.ok) return start;
  if (start.value === undefined)
    return fail(
      "BASE_MISSING",
      `There is no commit ${base} here.`,
      `\`${fetchOf(base)}\` brings it; in CI check out with the whole history (fetch-depth: 0).`,
    );
  const parted = await git.ask({ args: ["merge-base", start.value, end.value], env: plainly });
  if (!parted.ok) return parted;
  const [from = ""] = parted.value.stdout.split("\n", 1);
  if (parted.value.status === 0 && from !== "") return succeed({ base: start.value, from, head: end.value });
  const shallow = await git.ask({ args: ["rev-parse", "--is-shallow-repository"], env: plainly });
  if (shallow.ok && shallow.value.stdout.trim() === "true")
    return fail(
      "BASE_MISSING",
      `This clone is too shallow: where ${head} left ${base} is not in it.`,
      "`git fetch --deepen 100` brings more, `git fetch --unshallow` all; in CI check out with fetch-depth: 0.",
    );
  return fail("BASE_MISSING", `${head} and ${base} have no commit in common.`, "Name the branch that it is to be merged into.");
}

function fetchOf(ref: string): string {
  const [, remote, branch] = /^(?:refs\/remotes\/)?([^/]+)\/(.+)$/.exec(ref) ?? [];
  return remote === undefined || branch === undefined ? `git fetch origin ${ref}` : `git fetch ${remote} ${branch}`;
}

/** Undefined where nothing has that name. */
export async function commitOf(git: Git, ref: string): Promise<Result<string | undefined>> {
  const named = await git.ask({
    args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`],
    env: plainly,
  });
  if (!named.ok) return named;
  return succeed(named.value.status === 0 ? named.value.stdout.trim() : undefined);
}

/** Name of the tree that has nothing in it, in this repository's kind of hash. */
export async function emptyTree(git: Git): Promise<Result<string>> {
  const named = await git.demand({ args: ["hash-object", "-t", "tree", "--stdin"], input: "", env: plainly });
  return named.ok ? succeed(named.value.trim()) : named;
}

/**
 * Addresses of everybody who made commits between the two: authors, committers, co-authors. A commit that changes nothing outside of
 * `without` is nobody's work on the change.
 */
export async function readAuthors(git: Git, { from, head }: CommitRange, without: string): Promise<Result<readonly string[]>> {
  const listed = await git.demand({
    args: [
      ...["rev-list", "--full-history", "--no-commit-header", "--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)"],
      ...[head, `^${from}`, "--", ":(top)", `:(top,exclude,literal)${without}`],
    ],
    env: plainly,
  });
  if (!listed.ok) return listed;
  const named = readable(listed.value)
    .split("\n")
    .map((line) => /<([^<>]+)>\s*$/.exec(line)?.[1] ?? line.trim());
  return succeed([...new Set(named.filter((address) => address !== ""))]);
}
