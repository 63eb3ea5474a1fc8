/** The commits of a repository since a time, and when each came to the default branch. Reads only; nothing is fetched. */
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "./git.ts";
import { plainly } from "./git-blobs.ts";

export interface LoggedCommit {
  readonly hash: string;
  readonly parents: readonly string[];
  /** ms since 1970. A rebase and an amend keep the first and renew the second. */
  readonly authoredAt: number;
  readonly committedAt: number;
  readonly message: string;
  /** One character a byte, relative to the top of the work tree; of a merge none. */
  readonly files: readonly string[];
  /** ms since 1970; absent: it is not there. */
  readonly onDefaultAt?: number;
}

export interface RepositoryLog {
  /** Of all branches, newest first. */
  readonly commits: readonly LoggedCommit[];
  /** The default branch from its newest commit back, first parents only. */
  readonly main: readonly LoggedCommit[];
  /** Name of the default branch; absent: there is none. */
  readonly branch?: string;
}

/** Marks in what git prints: no message and no path has them. */
const [record, field] = ["\u001e", "\u001f"];

/** `since`: ms since 1970, by the committer's date. Empty where there is no commit yet. */
export async function readLog(git: Git, since: number): Promise<Result<RepositoryLog>> {
  const main = await defaultBranch(git);
  if (!main.ok) return main;
  const head = await git.ask({ args: ["rev-parse", "--verify", "--quiet", "HEAD"], env: plainly });
  if (!head.ok) return head;
  if (head.value.status !== 0) return succeed({ commits: [], main: [] });
  const tips = main.value.refs;
  const listed = await git.demand({
    args: [
      ...["log", "--no-color", "--no-renames", "--name-only", "-z", `--since=${Math.floor(since / 1000)}`],
      `--format=${["%x1e%H", "%P", "%at", "%ct", "%B", ""].join("%x1f")}`,
      ...["--branches", "HEAD", ...tips, "--"],
    ],
    env: plainly,
  });
  if (!listed.ok) return listed;
  const commits = listed.value.split(record).slice(1).map(readCommit);
  const byHash = new Map(commits.map((commit) => [commit.hash, commit]));
  const landed = new Map<string, number>();
  let chain: readonly LoggedCommit[] = [];
  for (const ref of tips) {
    const tip = await git.ask({ args: ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], env: plainly });
    if (!tip.ok) return tip;
    const own = firstParents(byHash, tip.value.stdout.trim());
    // The remote's and one's own: a commit is there as soon as it is on either.
    for (const [hash, at] of landingTimes(byHash, own)) landed.set(hash, Math.min(at, landed.get(hash) ?? at));
    if (own.length > chain.length) chain = own;
  }
  const dated = (commit: LoggedCommit): LoggedCommit => {
    const onDefaultAt = landed.get(commit.hash);
    return onDefaultAt === undefined ? commit : { ...commit, onDefaultAt };
  };
  const { name } = main.value;
  return succeed({ commits: commits.map(dated), main: chain.map(dated), ...(name !== undefined && { branch: name }) });
}

function readCommit(text: string): LoggedCommit {
  const [hash = "", parents = "", authored = "0", committed = "0", message = "", files = ""] = text.split(field);
  return {
    ...{ hash, message: message.trim() },
    parents: parents.split(" ").filter((one) => one !== ""),
    ...{ authoredAt: Number(authored) * 1000, committedAt: Number(committed) * 1000 },
    files: files.split(/[\0\n]/).filter((one) => one !== ""),
  };
}

function firstParents(commits: ReadonlyMap<string, LoggedCommit>, tip: string): readonly LoggedCommit[] {
  const chain: LoggedCommit[] = [];
  for (let at = commits.get(tip); at !== undefined; at = commits.get(at.parents[0] ?? "")) chain.push(at);
  return chain;
}

/** A commit came with the oldest of the branch's own commits that has it among its ancestors. */
function landingTimes(commits: ReadonlyMap<string, LoggedCommit>, chain: readonly LoggedCommit[]): ReadonlyMap<string, number> {
  const landed = new Map<string, number>();
  for (const { hash, committedAt } of chain.toReversed()) {
    const open = [hash];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (landed.has(next)) continue;
      landed.set(next, committedAt);
      open.push(...(commits.get(next)?.parents.filter((parent) => commits.has(parent)) ?? []));
    }
  }
  return landed;
}

interface DefaultBranch {
  readonly name?: string;
  /** Full names of refs, the remote's and one's own. */
  readonly refs: readonly string[];
}

/** What the remote says, else the usual names, else what is checked out. */
async function defaultBranch(git: Git): Promise<Result<DefaultBranch>> {
  const remote = await git.ask({ args: ["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"], env: plainly });
  if (!remote.ok) return remote;
  const named = remote.value.stdout.trim().replace(/^refs\/remotes\/origin\//, "");
  const current = await git.ask({ args: ["symbolic-ref", "--quiet", "--short", "HEAD"], env: plainly });
  if (!current.ok) return current;
  const usual = named === "" ? ["main", "master", "trunk", current.value.stdout.trim()] : [named];
  const patterns = usual.filter((name) => name !== "").flatMap((name) => [`refs/heads/${name}`, `refs/remotes/origin/${name}`]);
  if (patterns.length === 0) return succeed({ refs: [] });
  const found = await git.demand({ args: ["for-each-ref", "--format=%(refname)", ...patterns], env: plainly });
  if (!found.ok) return found;
  const refs = found.value.split("\n").filter((ref) => ref !== "");
  const name = usual.find((one) => refs.some((ref) => ref.endsWith(`/${one}`)));
  if (name === undefined) return succeed({ refs: [] });
  return succeed({ name, refs: refs.filter((ref) => ref.endsWith(`/${name}`)) });
}
