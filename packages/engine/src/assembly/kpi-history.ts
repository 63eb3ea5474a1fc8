/** The repository's part of the KPIs: git is asked where hunks went, one call for its log and few for contents. */
import { type HunkId, type Result, succeed } from "@twolane/protocol";
import { type CommitFound, type JobKnown, type KpiSample, SessionKpis, samplesOfCommit } from "@twolane/protocol/kpis";
import {
  type FactsReading,
  type FactsWish,
  type CommittedFiles,
  type FoundHunk,
  type SoughtHunk,
  committedAt,
  factsOf,
  findHunks,
} from "../history/commit-facts.ts";
import { type Baseline, type BaselineWish, baselineOf } from "../history/baseline.ts";
import { landedLines } from "../history/landed-lines.ts";
import { plainLines } from "../history/plain-lines.ts";
import { readBlobs } from "../host/git-blobs.ts";
import { demandRepository } from "../host/git-range.ts";
import { readLog } from "../host/git-log.ts";
import type { Git } from "../host/git.ts";
import { type JournalLine, isLandingRecord } from "../journal/records.ts";
import type { SessionFolder } from "../journal/state-folder.ts";
import { isEvent } from "./past-sessions.ts";
import { openStoredBytes } from "../journal/stored-bytes.ts";

/** One session that was read. Facts of git go into its KPIs. */
export interface ReadSession {
  readonly folder: SessionFolder;
  readonly lines: readonly JournalLine[];
  readonly jobs: readonly JobKnown[];
  kpis: SessionKpis;
}

/** A commit that only git knows of is told where it was made, as what is asked for behind it is another task. */
export function foldSession(
  lines: readonly JournalLine[],
  jobs: readonly JobKnown[],
  found: readonly CommitFound[] = [],
): SessionKpis {
  const kpis = new SessionKpis(jobs);
  const commits = found.toSorted((one, other) => one.at - other.at);
  let next = 0;
  for (const line of lines) {
    if (!isEvent(line)) continue;
    for (; (commits[next]?.at ?? Infinity) < line.at; next++) kpis.take(commits[next]!);
    kpis.take(line);
  }
  for (const commit of commits.slice(next)) kpis.take(commit);
  return kpis;
}

/** Larger files are nobody's hand-written lines. */
const fileLimit = 4 * 1024 * 1024;
/** What may lie between a landed hunk and a commit whose clock is wrong. */
const slackMs = 24 * 60 * 60 * 1000;

/** Tells the KPIs of each session which commits hold its hunks; gives the samples of what became of them. NO_REPOSITORY. */
export async function followIntoGit(
  sessions: readonly ReadSession[],
  { git, now }: { readonly git: Git; readonly now: number },
): Promise<Result<readonly KpiSample[]>> {
  const sought = sessions.flatMap(soughtIn);
  if (sought.length === 0) return succeed([]);
  const repository = await demandRepository(git);
  if (!repository.ok) return repository;
  const log = await readLog(git, Math.min(...sought.map(({ landedAt }) => landedAt)) - slackMs);
  if (!log.ok) return log;
  const reading = readingOf(git, now);
  const found = await findHunks(sought, log.value, reading.files);
  const samples: KpiSample[] = [];
  for (const session of sessions) {
    const own = found.filter(({ sought: { session: id } }) => id === session.folder.id);
    tell(session, own);
    for (const wish of wishesOf(session, own, now)) samples.push(...samplesOfCommit(await factsOf(wish, log.value, reading)));
  }
  return succeed(samples);
}

function soughtIn({ folder, lines, kpis }: ReadSession): readonly SoughtHunk[] {
  const there = kpis.landed().filter(({ isThere }) => isThere);
  if (there.length === 0) return [];
  const bytes = openStoredBytes(folder);
  try {
    const landed = landedLines(lines.filter(isLandingRecord), bytes);
    return there.flatMap(({ hunk, landedAt }) => {
      const files = landed.get(hunk.id);
      return files === undefined ? [] : [{ hunk: hunk.id, session: folder.id, files, landedAt }];
    });
  } finally {
    bytes.close();
  }
}

/** Of the time before: BaselineWish. NO_REPOSITORY. */
export async function readBaseline(git: Git, wish: BaselineWish, now: number): Promise<Result<Baseline>> {
  const repository = await demandRepository(git);
  if (!repository.ok) return repository;
  const log = await readLog(git, wish.from - slackMs);
  if (!log.ok) return log;
  return succeed(await baselineOf(log.value, wish, readingOf(git, now)));
}

const readingOf = (git: Git, now: number): FactsReading => ({ files: fileReader(git), renamed: renameReader(git), now });

/** Only of hunks whose commit no event names. */
function tell(session: ReadSession, found: readonly FoundHunk[]): void {
  const { lines, jobs } = session;
  const named = new Set<HunkId>(lines.flatMap((line) => (line.type === "commit.made" ? line.hunks : [])));
  const unnamed = found.filter(({ sought: { hunk } }) => !named.has(hunk));
  if (unnamed.length === 0) return;
  const commits = unnamed.map((one): CommitFound => ({
    type: "commit.found",
    hunks: [one.sought.hunk],
    commit: one.commit.hash,
    at: committedAt(one),
  }));
  session.kpis = foldSession(lines, jobs, commits);
}

function wishesOf({ kpis }: ReadSession, found: readonly FoundHunk[], now: number): readonly FactsWish[] {
  const dimensions = new Map(kpis.landed().map((landed) => [landed.hunk.id, landed.dimensions]));
  const tasks = kpis.taskRecords(now).filter(({ outcome }) => outcome === "committed");
  const groups = new Map<string, FoundHunk[]>();
  for (const one of found) {
    const key = JSON.stringify([one.commit.hash, dimensions.get(one.sought.hunk)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((hunks) => {
    const [first] = hunks;
    const own = first && dimensions.get(first.sought.hunk);
    if (own === undefined) return [];
    // A task ends with the last of its commits.
    const ended = tasks.filter((task) => hunks.some(({ sought: { hunk } }) => task.hunks.at(-1) === hunk));
    return [{ dimensions: own, hunks, promptedAt: ended.map(({ startedAt }) => startedAt) }];
  });
}

function fileReader(git: Git): CommittedFiles {
  const known = new Map<string, readonly string[] | undefined>();
  const read = async (wanted: readonly string[]): Promise<void> => {
    const names = wanted.filter((name) => !known.has(name));
    const found = await readBlobs(git, names, { limit: fileLimit });
    for (const name of names) {
      const bytes = found.ok ? found.value.get(name)?.bytes : undefined;
      known.set(name, bytes && plainLines(bytes));
    }
  };
  return {
    async at(commit, path) {
      await read([`${commit}:${path}`]);
      return known.get(`${commit}:${path}`);
    },
    expect: (places) => read(places.map(([commit, path]) => `${commit}:${path}`)),
  };
}

function renameReader(git: Git): FactsReading["renamed"] {
  const known = new Map<string, Promise<ReadonlyMap<string, string>>>();
  return async (from, to, path) => {
    const key = `${from} ${to}`;
    const renames = known.get(key) ?? readRenames(git, from, to);
    known.set(key, renames);
    return (await renames).get(path);
  };
}

async function readRenames(git: Git, from: string, to: string): Promise<ReadonlyMap<string, string>> {
  const listed = await git.ask({ args: ["diff", "--name-status", "--diff-filter=R", "-M", "-z", from, to, "--"] });
  const parts = listed.ok ? listed.value.stdout.split("\0") : [];
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < parts.length; at += 3) renames.set(parts[at + 1]!, parts[at + 2]!);
  return renames;
}
