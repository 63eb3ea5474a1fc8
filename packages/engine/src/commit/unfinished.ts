/**
 * The second half of a commit: the person's index follows what was committed. It is done by the commit itself, or by a later start where
 * the process died in between; then whatever a person has done to the index since stays.
 */
import { type CommitMade, type HunkId, type Result, succeed } from "@twolane/protocol";
import { type Git, readable } from "../host/git.ts";
import { type CommittedChange, planStaged, writeStaged } from "./staged.ts";
import { type TreeEntry, sameEntry, treeChanges } from "./tree-entries.ts";

/** What has to be known of a commit before it is made. Plain JSON; names and hashes, no contents. */
export interface UnfinishedCommit {
  /** HEAD before it; empty on a branch without commits. */
  readonly before: string;
  readonly hunks: readonly HunkId[];
  readonly files: readonly UnfinishedFile[];
}

interface UnfinishedFile extends CommittedChange {
  /** What the index had of it before. */
  readonly staged: TreeEntry | undefined;
}

interface Settling {
  readonly record: UnfinishedCommit;
  /** HEAD before the commit, or the empty tree. */
  readonly tree: string;
  readonly commit: string;
}

/** What hooks made of the files counts, not what they were given. The answer names, for a person, what had to stay as it was. */
export async function settleIndex(git: Git, { record, tree, commit }: Settling): Promise<Result<readonly string[]>> {
  const changes = await committedChanges(git, { record, tree, commit });
  if (!changes.ok) return changes;
  const plan = await planStaged(git, tree, changes.value);
  if (!plan.ok) return plan;
  const written = await writeStaged(git, plan.value.updates);
  if (!written.ok) return written;
  return succeed(plan.value.overlaps.map(({ path, what }) => `${path} ${what}: look at \`git diff --staged\`.`));
}

async function committedChanges(git: Git, { record, tree, commit }: Settling): Promise<Result<readonly CommittedChange[]>> {
  const changed = await treeChanges(git, tree, commit);
  if (!changed.ok) return changed;
  return succeed(
    changed.value.map(({ path, old, next }) => {
      const born = record.files.find((file) => file.path === path)?.born;
      return { path, old, next, ...(born !== undefined && { born }) };
    }),
  );
}

/** Brings the index up to date if the commit came about, where it is as it was. Gives the commit if it is the recorded one. */
export async function finishCommit(
  git: Git,
  record: UnfinishedCommit,
): Promise<Result<(CommitMade & { readonly hunks: readonly HunkId[] }) | undefined>> {
  const found = await commitBehind(git, record.before);
  if (!found.ok || found.value === undefined) return found.ok ? succeed(undefined) : found;
  const { commit, tree, subject } = found.value;
  const changes = await committedChanges(git, { record, tree, commit });
  if (!changes.ok) return changes;
  const plan = await planStaged(git, tree, changes.value);
  if (!plan.ok) return plan;
  const before = new Map(record.files.map((file) => [file.path, file]));
  const untouched = plan.value.updates.filter(({ path, staged }) => {
    const file = before.get(path);
    return file === undefined || sameEntry(file.staged, staged);
  });
  const written = await writeStaged(git, untouched);
  if (!written.ok) return written;
  const isOurs = record.files.every(({ path, next }) => sameEntry(changes.value.find((one) => one.path === path)?.next, next));
  return succeed(isOurs ? { commit, subject, output: "", hunks: record.hunks } : undefined);
}

interface FoundCommit {
  readonly commit: string;
  readonly subject: string;
  readonly tree: string;
}

/** The commit that came first behind `before` on the way to HEAD; undefined where there is none. */
async function commitBehind(git: Git, before: string): Promise<Result<FoundCommit | undefined>> {
  const range = before === "" ? ["HEAD"] : [`${before}..HEAD`];
  const listed = await git.ask({ args: ["rev-list", "--first-parent", "--reverse", "--parents", ...range, "--"] });
  if (!listed.ok) return listed;
  const [line = ""] = listed.value.status === 0 ? listed.value.stdout.split("\n", 1) : [];
  const [commit = "", parent = ""] = line.split(" ");
  if (commit === "" || parent !== before) return succeed(undefined);
  const subject = await git.demand({
    args: ["-c", "log.showSignature=false", "log", "-1", "--no-color", "--encoding=UTF-8", "--format=%s", commit, "--"],
  });
  if (!subject.ok) return subject;
  const empty = await git.demand({ args: ["hash-object", "-t", "tree", "--stdin"], input: "" });
  if (!empty.ok) return empty;
  return succeed({ commit, subject: readable(subject.value).trim(), tree: before === "" ? empty.value.trim() : before });
}
