/**
 * What the person's index must have after a commit so that staged and unstaged differences remain, minus what was committed; and writing
 * that. Entries of other files are not touched.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable, sentence } from "../std/text.ts";
import { type Merge, merge3 } from "../edits/placing/merge.ts";
import { type EntryChange, type TreeEntry, isRegular, literally, sameEntry, stagedChanges } from "./tree-entries.ts";

/** From HEAD before the commit to HEAD after it. */
export interface CommittedChange extends Pick<EntryChange, "path" | "old" | "next"> {
  /** Of a file that is new: a content that it once had, as a blob. A staged one grew out of it. */
  readonly born?: string;
}

export interface IndexUpdate {
  readonly path: string;
  /** `undefined`: not in the index any more. */
  readonly entry: TreeEntry | undefined;
  /** As it is before the update. */
  readonly staged: TreeEntry | undefined;
}

export interface StagedPlan {
  readonly updates: readonly IndexUpdate[];
  /** Staged changes that the commit's cannot be taken out of: a path and what is wrong there, for a person. */
  readonly overlaps: readonly { readonly path: string; readonly what: string }[];
}

/** `tree`: HEAD before the commit. */
export async function planStaged(git: Git, tree: string, changes: readonly CommittedChange[]): Promise<Result<StagedPlan>> {
  const updates: IndexUpdate[] = [];
  const overlaps: { path: string; what: string }[] = [];
  if (changes.length === 0) return succeed({ updates, overlaps });
  const listed = await stagedChanges(git, tree, { paths: changes.map(({ path }) => path) });
  if (!listed.ok) return listed;
  const staged = new Map(listed.value.map((one) => [one.path, one]));
  for (const change of changes) {
    const { path, old, next } = change;
    const own = staged.get(path);
    const index = own === undefined ? old : own.next;
    if (own?.unmerged === true) overlaps.push({ path, what: "has conflicts that are not resolved" });
    else if (sameEntry(index, old)) updates.push({ path, entry: next, staged: index });
    else if (!sameEntry(index, next)) {
      const merged = await mergeStaged(git, change, index);
      if (!merged.ok) return merged;
      if ("what" in merged.value) overlaps.push({ path, what: merged.value.what });
      else updates.push({ path, entry: merged.value, staged: index });
    }
  }
  return succeed({ updates, overlaps });
}

async function mergeStaged(
  git: Git,
  { old, next, born }: CommittedChange,
  index: TreeEntry | undefined,
): Promise<Result<TreeEntry | { readonly what: string }>> {
  const base = old?.oid ?? born;
  if (index === undefined) return succeed({ what: "is staged as gone" });
  if (next === undefined) return succeed({ what: "has staged changes, and would be gone" });
  if (base === undefined || ![old, index, next].every((entry) => entry === undefined || isRegular(entry)))
    return succeed({ what: "is staged as something else" });
  const mode = index.mode === (old?.mode ?? index.mode) ? next.mode : index.mode;
  if (index.oid === base || index.oid === next.oid) return succeed({ mode, oid: next.oid });
  if (next.oid === base) return succeed({ mode, oid: index.oid });
  const blobs: Uint8Array[] = [];
  for (const oid of [base, index.oid, next.oid]) {
    const read = await git.demand({ args: ["cat-file", "blob", oid] });
    if (!read.ok) return read;
    blobs.push(Buffer.from(read.value, "latin1"));
  }
  const [was = new Uint8Array(), yours = was, theirs = was] = blobs;
  const merged = merge3(was, yours, theirs);
  if (!merged.ok) return succeed({ what: `has staged changes in ${linesIn(merged)}, which the commit changes too` });
  const written = await git.demand({ args: ["hash-object", "-w", "--no-filters", "--stdin"], input: merged.bytes });
  return written.ok ? succeed({ mode, oid: written.value.trim() }) : written;
}

function linesIn({ conflicts }: Extract<Merge, { ok: false }>): string {
  const spans = conflicts.map(({ baseStartLine: from, baseEndLine: end }) => (end - from > 1 ? `${from}–${end - 1}` : `${from}`));
  return `${spans.length === 1 && !spans[0]?.includes("–") ? "line" : "lines"} ${spans.join(", ")}`;
}

const lockWaitMs = 25;
const lockTries = 20;

/** COMMIT_BUSY when another git keeps the index locked for half a second. Flags that a person set on entries stay. */
export async function writeStaged(git: Git, updates: readonly IndexUpdate[]): Promise<Result<void>> {
  if (updates.length === 0) return succeed(undefined);
  const flags = await flagged(git, updates);
  if (!flags.ok) return flags;
  const put = await patiently(git, ["-z", "--index-info"], indexInfo(updates, oidLengthOf(updates)));
  if (!put.ok) return put;
  for (const [flag, paths] of flags.value) {
    if (paths.length === 0) continue;
    const set = await patiently(git, [flag, "-z", "--stdin"], paths.map((path) => `${path}\0`).join(""));
    if (!set.ok) return set;
  }
  // So that the next look at the repository need not read these files again. That some differ is no failure.
  await git.ask({ args: ["update-index", "-q", "--refresh"] });
  return succeed(undefined);
}

async function patiently(git: Git, args: readonly string[], input: string): Promise<Result<void>> {
  for (let tries = 1; ; tries++) {
    const answer = await git.ask({ args: ["update-index", ...args], input });
    if (!answer.ok) return answer;
    const { status, stderr } = answer.value;
    if (status === 0) return succeed(undefined);
    if (!stderr.includes("index.lock"))
      return fail(
        "TOOL_FAILED",
        `The index cannot be written: ${sentence(
          readable(stderr)
            .trim()
            .replace(/^(?:fatal|error): /, ""),
        )}`,
      );
    if (tries === lockTries) return fail("COMMIT_BUSY", "Another git has the index locked.", "Wait for it, then try again.");
    await sleep(lockWaitMs);
  }
}

/** Entries that stay and have a flag, by the option that sets it again. */
async function flagged(git: Git, updates: readonly IndexUpdate[]): Promise<Result<ReadonlyMap<string, readonly string[]>>> {
  const paths = updates.filter(({ entry }) => entry !== undefined).map(({ path }) => path);
  if (paths.length === 0) return succeed(new Map());
  const listed = await git.demand({ args: ["ls-files", "-v", "-z", "--", ...paths], env: literally });
  if (!listed.ok) return listed;
  const found = listed.value.split("\0").filter((line) => line !== "");
  const having = (tag: RegExp): string[] => found.filter((line) => tag.test(line)).map((line) => readable(line.slice(2)));
  return succeed(
    new Map([
      ["--assume-unchanged", having(/^[a-z]/)],
      ["--skip-worktree", having(/^[Ss]/)],
    ]),
  );
}

const oidLengthOf = (updates: readonly IndexUpdate[]): number =>
  updates.map(({ entry, staged }) => (entry ?? staged)?.oid.length).find((length) => length !== undefined) ?? 40;

/** As `update-index --index-info` reads it. `oidLength`: of the repository's object names. */
export function indexInfo(updates: readonly Omit<IndexUpdate, "staged">[], oidLength: number): string {
  return updates
    .map(({ path, entry }) => (entry ? `${entry.mode} ${entry.oid}\t${path}\0` : `0 ${"0".repeat(oidLength)}\t${path}\0`))
    .join("");
}
