/**
 * What git says of hunks after they landed: which commit holds each, whoever made it and however often it was written anew, and what became
 * of its lines. Starts nothing; contents of files come from whoever calls.
 */
import { type HunkId, dayMs } from "@twolane/protocol";
import type { CommitFacts, KpiDimensions } from "@twolane/protocol/kpis";
import type { LoggedCommit, RepositoryLog } from "../host/git-log.ts";
import { type CommitChange, heldLines } from "./holds.ts";
import type { LandedLines } from "./landed-lines.ts";
import { followLines } from "./survival.ts";
import { diffLines } from "../std/line-diff.ts";

/** A hunk that is to be found. */
export interface SoughtHunk {
  readonly hunk: HunkId;
  readonly session: string;
  readonly files: readonly LandedLines[];
  /** ms since 1970. */
  readonly landedAt: number;
}

export interface FoundHunk {
  readonly sought: SoughtHunk;
  readonly commit: LoggedCommit;
  /** Its lines in each file of the commit, 0-based. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
}

/** Contents of files in commits. */
export interface CommittedFiles {
  /** Its lines; undefined where the commit has none of that name, or one that is too large to read. */
  at(commit: string, path: string): Promise<readonly string[] | undefined>;
  /** Many that will be asked for soon, in one go. */
  expect(places: readonly (readonly [commit: string, path: string])[]): Promise<void>;
}

/** A hunk that is not in the first so many commits which touch its file afterwards is looked for no further. */
const lookedAt = 60;

/** A commit may carry an author's date of a clock that is a little behind ours. */
const clockSlackMs = 5 * 60 * 1000;

/** The first commit of all branches that holds it. What is on the default branch is found before what only another branch has. */
export async function findHunks(
  sought: readonly SoughtHunk[],
  { commits }: RepositoryLog,
  files: CommittedFiles,
): Promise<readonly FoundHunk[]> {
  const byPath = new Map<string, LoggedCommit[]>();
  // Oldest first; on the default branch before others, as a squash leaves its parts behind on theirs.
  const ordered = [...commits].reverse().sort((one, other) => Number(isAside(one)) - Number(isAside(other)));
  for (const commit of ordered) for (const file of commit.files) byPath.set(file, [...(byPath.get(file) ?? []), commit]);
  const places = sought.flatMap((one) =>
    candidatesFor(one, byPath).flatMap((commit) =>
      one.files.flatMap(({ path }) => [commit.hash, ...commit.parents.slice(0, 1)].map((hash) => [hash, latin1(path)] as const)),
    ),
  );
  await files.expect(places);
  const changes = new Map<string, Promise<CommitChange>>();
  const changeOf = (commit: LoggedCommit, path: string): Promise<CommitChange> => {
    const key = `${commit.hash}:${path}`;
    const known = changes.get(key) ?? readChange(commit, path, files);
    changes.set(key, known);
    return known;
  };
  const found: FoundHunk[] = [];
  for (const one of sought) {
    const place = await findOne(one, byPath, changeOf);
    if (place !== undefined) found.push(place);
  }
  return found;
}

const isAside = ({ onDefaultAt }: LoggedCommit): boolean => onDefaultAt === undefined;

async function findOne(
  sought: SoughtHunk,
  byPath: ReadonlyMap<string, readonly LoggedCommit[]>,
  changeOf: (commit: LoggedCommit, path: string) => Promise<CommitChange>,
): Promise<FoundHunk | undefined> {
  for (const commit of candidatesFor(sought, byPath)) {
    const lines = new Map<string, readonly number[]>();
    for (const file of sought.files) {
      const held = heldLines(file, await changeOf(commit, latin1(file.path)));
      if (held !== undefined) lines.set(latin1(file.path), held);
    }
    if (lines.size === sought.files.length) return { sought, commit, lines };
  }
  return undefined;
}

function candidatesFor(
  { files: [first], landedAt }: SoughtHunk,
  byPath: ReadonlyMap<string, readonly LoggedCommit[]>,
): readonly LoggedCommit[] {
  if (first === undefined) return [];
  const touching = byPath.get(latin1(first.path)) ?? [];
  return touching.filter((one) => Math.max(one.authoredAt, one.committedAt) >= landedAt - clockSlackMs).slice(0, lookedAt);
}

/** Paths of git are read one character a byte. */
const latin1 = (path: string): string => Buffer.from(path, "utf8").toString("latin1");

/** What the commit did to the file. */
export async function readChange({ hash, parents }: LoggedCommit, path: string, files: CommittedFiles): Promise<CommitChange> {
  const after = (await files.at(hash, path)) ?? [];
  const before = (parents[0] === undefined ? undefined : await files.at(parents[0], path)) ?? [];
  const runs = diffLines(before, after);
  return {
    added: runs.flatMap(({ newStart, newEnd }) =>
      after.slice(newStart, newEnd).map((text, at) => ({ index: newStart + at, text })),
    ),
    removed: runs.flatMap(({ start, end }) => before.slice(start, end)),
  };
}

/** When the person had it committed: an author's date survives a rebase, but is no sign where it is older than the hunk. */
export const committedAt = ({ commit, sought }: FoundHunk): number =>
  commit.authoredAt >= sought.landedAt ? commit.authoredAt : Math.max(commit.committedAt, sought.landedAt);

/** Hunks of one commit that are told of together. */
export interface FactsWish {
  readonly dimensions: KpiDimensions;
  readonly hunks: readonly FoundHunk[];
  /** ms since 1970: first prompts of the tasks that ended with it. */
  readonly promptedAt: readonly number[];
}

export async function factsOf(wish: FactsWish, log: RepositoryLog, reading: FactsReading): Promise<CommitFacts> {
  const { hunks, dimensions, promptedAt } = wish;
  const { commit } = hunks[0]!;
  const at = Math.max(...hunks.map(committedAt));
  const lines = linesByFile(hunks);
  const age = reading.now - at;
  const alive: { [days in 1 | 7 | 30]?: number } = {};
  for (const days of [1, 7, 30] as const) {
    const then = age < days * dayMs ? undefined : commitAt(log, commit, at + days * dayMs);
    if (then !== undefined) alive[days] = await countAlive(lines, { from: commit, to: then }, reading);
  }
  const isOld = age >= 30 * dayMs;
  return {
    ...{ ...dimensions, commit: commit.hash, at, promptedAt, alive },
    lines: [...lines.values()].reduce((sum, own) => sum + own.length, 0),
    ...(isOld && { fixes: await countFixes(lines, { commit, at, log }, reading), reverted: isReverted(commit, at, log) }),
    ...(commit.onDefaultAt !== undefined && { onDefaultAt: commit.onDefaultAt }),
  };
}

export interface FactsReading {
  readonly files: CommittedFiles;
  /** Where a file of one commit is in another one; undefined: gone, or where it was. */
  readonly renamed: (from: string, to: string, path: string) => Promise<string | undefined>;
  /** ms since 1970. */
  readonly now: number;
}

type LinesByFile = ReadonlyMap<string, readonly number[]>;

function linesByFile(hunks: readonly FoundHunk[]): LinesByFile {
  const all = new Map<string, Set<number>>();
  for (const { lines } of hunks) for (const [path, own] of lines) all.set(path, new Set([...(all.get(path) ?? []), ...own]));
  return new Map([...all].map(([path, own]) => [path, [...own].sort((one, other) => one - other)]));
}

/** What the default branch was at that time; undefined where the commit was not on it by then. */
function commitAt({ main }: RepositoryLog, commit: LoggedCommit, at: number): LoggedCommit | undefined {
  if (commit.onDefaultAt === undefined || commit.onDefaultAt > at) return undefined;
  return main.find((one) => one.committedAt <= at);
}

async function countAlive(
  lines: LinesByFile,
  { from, to }: { readonly from: LoggedCommit; readonly to: LoggedCommit },
  { files, renamed }: FactsReading,
): Promise<number> {
  let alive = 0;
  await files.expect([...lines.keys()].flatMap((path) => [from, to].map(({ hash }) => [hash, path] as const)));
  for (const [path, own] of lines) {
    const before = await files.at(from.hash, path);
    let after = await files.at(to.hash, path);
    if (after === undefined && own.length > 0) {
      const moved = await renamed(from.hash, to.hash, path);
      after = moved === undefined ? undefined : await files.at(to.hash, moved);
    }
    alive += followLines(own, before ?? [], after).length;
  }
  return alive;
}

interface Aftermath {
  readonly commit: LoggedCommit;
  readonly at: number;
  readonly log: RepositoryLog;
}

const fixing = /\b(?:fix(?:e[sd]|ing)?|bug ?fix(?:es)?|hotfix|bugs?|regressions?)\b/i;

const within = ({ commit, at, log }: Aftermath): readonly LoggedCommit[] =>
  log.commits.filter(({ hash, committedAt: then }) => hash !== commit.hash && then >= at && then <= at + 30 * dayMs);

const isReverted = (commit: LoggedCommit, at: number, log: RepositoryLog): boolean =>
  within({ commit, at, log }).some(({ message }) => message.includes(`This reverts commit ${commit.hash}`));

async function countFixes(lines: LinesByFile, aftermath: Aftermath, { files }: FactsReading): Promise<number> {
  let count = 0;
  for (const fix of within(aftermath)) {
    const [parent] = fix.parents;
    const [subject = ""] = fix.message.split("\n", 1);
    if (parent === undefined || !fixing.test(subject)) continue;
    for (const path of fix.files) {
      const own = lines.get(path);
      if (own === undefined) continue;
      const [ours, before, after] = [
        await files.at(aftermath.commit.hash, path),
        await files.at(parent, path),
        await files.at(fix.hash, path),
      ];
      const there = followLines(own, ours ?? [], before);
      if (followLines(there, before ?? [], after).length === there.length) continue;
      count++;
      break;
    }
  }
  return count;
}
