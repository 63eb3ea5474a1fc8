/**
 * The second half of a commit: the person's index follows what was committed. It is done by the commit itself, or by a later start where
 * the process died in between; then whatever a person has done to the index since stays.
 */
import { type CommitMade, type HunkId, type Result, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable } from "../std/text.ts";
import { type CommittedChange, type IndexUpdate, planStaged, writeStaged } from "./staged.ts";
import { type TreeEntry, sameEntry, treeChanges } from "./tree-entries.ts";

/** What has to be known of a commit before it is made. Plain JSON; names and hashes, no contents. */
export interface UnfinishedCommit {
  /** HEAD before it; empty on a branch without commits. */
  readonly before: string;
  /** What the commit holds if no hook changes it. */
  readonly tree: string;
  readonly hunks: readonly HunkId[];
  readonly files: readonly UnfinishedFile[];
}

interface UnfinishedFile extends Pick<CommittedChange, "path" | "born"> {
  /** What the index had of it before. */
  readonly staged: TreeEntry | undefined;
}

interface Settling {
  readonly record: UnfinishedCommit;
  /** HEAD before the commit, or the empty tree. */
  readonly from: string;
  readonly commit: string;
  /** Whatever was done to the index since the record was made stays. */
  readonly later: boolean;
}

/** The index follows the commit, and then what hooks made of it. The answer names, for a person, what had to stay as it was. */
export async function settleIndex(
  git: Git,
  { record, from, commit, later }: Settling,
): Promise<Result<{ readonly remarks: readonly string[]; readonly byHooks: readonly string[] }>> {
  const files = new Map(record.files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const first = await follow(git, {
    ...{ from, to: record.tree, files },
    mayChange: ({ path, staged }) => {
      const isAsItWas = sameEntry(files.get(path)?.staged, staged);
      if (isAsItWas) done.add(path);
      return isAsItWas || !later;
    },
  });
  if (!first.ok) return first;
  const second = await follow(git, {
    ...{ from: record.tree, to: commit, files: new Map() },
    // Where the process died between the two, the index has what the first one gave it.
    mayChange: ({ path, staged }, { old }) => !later || done.has(path) || !files.has(path) || sameEntry(staged, old),
  });
  if (!second.ok) return second;
  return succeed({ remarks: [...first.value.remarks, ...second.value.remarks], byHooks: second.value.paths });
}

interface Following {
  readonly from: string;
  readonly to: string;
  readonly files: ReadonlyMap<string, UnfinishedFile>;
  readonly mayChange: (update: IndexUpdate, change: CommittedChange) => boolean;
}

async function follow(
  git: Git,
  { from, to, files, mayChange }: Following,
): Promise<Result<{ readonly remarks: readonly string[]; readonly paths: readonly string[] }>> {
  const changed = await treeChanges(git, from, to);
  if (!changed.ok) return changed;
  const changes = changed.value.map((change): CommittedChange => {
    const born = files.get(change.path)?.born;
    return born === undefined ? change : { ...change, born };
  });
  const plan = await planStaged(git, from, changes);
  if (!plan.ok) return plan;
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const allowed = plan.value.updates.filter((update) => {
    const change = byPath.get(update.path);
    return change !== undefined && mayChange(update, change);
  });
  const written = await writeStaged(git, allowed);
  if (!written.ok) return written;
  const remarks = plan.value.overlaps.map(({ path, what }) => `${path} ${what}: look at \`git diff --staged\`.`);
  return succeed({ remarks, paths: changes.map(({ path }) => path) });
}

/** Brings the index up to date if the commit came about, where it is as it was. Gives the commit if it is the recorded one. */
export async function finishCommit(
  git: Git,
  record: UnfinishedCommit,
): Promise<Result<(CommitMade & { readonly hunks: readonly HunkId[] }) | undefined>> {
  const found = await commitBehind(git, record.before);
  if (!found.ok || found.value === undefined) return found.ok ? succeed(undefined) : found;
  const { commit, from, subject } = found.value;
  const settled = await settleIndex(git, { record, from, commit, later: true });
  if (!settled.ok) return settled;
  const { byHooks, remarks } = settled.value;
  const isOurs = record.files.every(({ path }) => !byHooks.includes(path));
  return succeed(isOurs ? { commit, subject, output: remarks.join("\n"), hunks: record.hunks } : undefined);
}

interface FoundCommit {
  readonly commit: string;
  readonly subject: string;
  readonly from: string;
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
  return succeed({ commit, subject: readable(subject.value).trim(), from: before === "" ? empty.value.trim() : before });
}
