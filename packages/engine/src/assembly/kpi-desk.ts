/** The KPIs of past sessions, for whoever asks outside of one: every journal through the folds, and git about the rest. */
import { type Result, type SessionId, dayOf, succeed } from "@twolane/protocol";
import {
  type JobKnown,
  type KpiSample,
  type TaskRecord,
  type TurnTrace,
  type VerdictCount,
  type WorkSpend,
  sumVerdicts,
} from "@twolane/protocol/kpis";
import type { Baseline } from "../history/baseline.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { readJournal } from "../journal/journal.ts";
import {
  type RemovedSessions,
  type StateFolder,
  listSessions,
  listStateFolders,
  removedSessions,
  stateHome,
} from "../journal/state-folder.ts";
import { systemClock } from "../std/clock.ts";
import { isJobCopy, readJobs } from "./kpi-jobs.ts";
import { type ReadSession, foldSession, followIntoGit, readBaseline } from "./kpi-history.ts";
import { isEvent } from "./past-sessions.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface KpiWish extends PlaceOptions {
  /** Only this session, and git is not asked. */
  readonly session?: SessionId;
  /** False: what git knows of commits, survival and fixes is not read. */
  readonly asksGit?: boolean;
  /** Every workspace that this user has sessions of. */
  readonly everywhere?: boolean;
  /** ms since 1970: cases that ended before do not count. */
  readonly since?: number;
  /** So many of so many sessions have been read. */
  readonly onProgress?: (read: number, of: number) => void;
}

export interface KpiReading {
  /** ms since 1970 of the reading: what is open then is no case yet. */
  readonly at: number;
  readonly sessions: number;
  readonly samples: readonly KpiSample[];
  readonly tasks: readonly TaskRecord[];
  readonly turns: readonly TurnTrace[];
  /** Of sessions that were open within the time, whole. */
  readonly verdicts: readonly VerdictCount[];
  readonly spend: readonly WorkSpend[];
  /** Where git could not be asked, and why: commits by hand, survival, fixes and lead time are missing there. */
  readonly withoutGit: readonly string[];
  /** Whose numbers are missing, because they had to make room on the disk. */
  readonly removed?: RemovedSessions;
}

export async function readKpis(wish: KpiWish): Promise<Result<KpiReading>> {
  const states = statesFor(wish);
  if (!states.ok) return states;
  const now = systemClock.wall();
  const { since = 0, session, env } = wish;
  const home = stateHome(env);
  const samples: KpiSample[] = [];
  const tasks: TaskRecord[] = [];
  const turns: TurnTrace[] = [];
  const verdicts: VerdictCount[] = [];
  const spend: WorkSpend[] = [];
  const withoutGit: string[] = [];
  let count = 0;
  for (const state of states.value) {
    const jobs = readJobs(state, { home, now });
    const sessions = readSessions(state, jobs.known, wish).filter(({ root }) => !isJobCopy(root, home));
    count += sessions.length;
    if (session === undefined) {
      samples.push(...jobs.samples);
      turns.push(...jobs.turns);
      spend.push(...jobs.spend);
      const [root] = sessions.map((one) => one.root);
      const later =
        root === undefined || wish.asksGit === false
          ? succeed([])
          : await followIntoGit(sessions, { git: openGit(root, systemProcesses), now });
      if (later.ok) samples.push(...later.value);
      else withoutGit.push(`${root}: ${later.failure.message}`);
    }
    for (const { kpis, lines } of sessions) {
      samples.push(...kpis.samples(now));
      tasks.push(...kpis.taskRecords(now));
      turns.push(...kpis.traces());
      spend.push(...kpis.spend());
      if (lines.some((line) => isEvent(line) && line.at >= since)) verdicts.push(...kpis.verdicts());
    }
  }
  const removed = joined(states.value.flatMap((state) => removedSessions(state) ?? []).filter(({ until }) => until >= since));
  return succeed({
    ...{ at: now, sessions: count, withoutGit, ...(removed && { removed }) },
    samples: samples.filter(({ at }) => at >= since),
    tasks: tasks.filter(({ endedAt }) => endedAt >= since),
    turns: turns.filter(({ startedAt }) => startedAt >= since),
    verdicts: sumVerdicts(verdicts),
    spend: spend.filter(({ day }) => day >= dayOf(since)),
  });
}

function joined(removed: readonly RemovedSessions[]): RemovedSessions | undefined {
  if (removed.length === 0) return undefined;
  return {
    sessions: removed.reduce((sum, { sessions }) => sum + sessions, 0),
    until: Math.max(...removed.map(({ until }) => until)),
  };
}

/** Those that were really opened; `root`: of their workspace. */
function readSessions(
  state: StateFolder,
  jobs: readonly JobKnown[],
  { session: wanted, onProgress }: KpiWish,
): readonly (ReadSession & { readonly root: string })[] {
  const folders = listSessions(state).filter(({ id }) => wanted === undefined || id === wanted);
  return folders.flatMap((folder, index) => {
    const { lines } = readJournal(folder);
    const kpis = foldSession(lines, jobs);
    onProgress?.(index + 1, folders.length);
    const opening = lines.find((line) => line.type === "session.started");
    return opening === undefined ? [] : [{ folder, lines, jobs, kpis, root: opening.workspace }];
  });
}

export interface PastWish extends PlaceOptions {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** More commits would not make it much surer, and each costs a look at its files at three times. */
const baselineCommits = 300;

/** The time before the pilot, from the repository's own commits. NO_REPOSITORY. */
export async function readPast({ from, to, ...options }: PastWish): Promise<Result<Baseline>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { root } = place.value.workspace;
  const wish = { repository: root, from, to, most: baselineCommits };
  return readBaseline(openGit(root, systemProcesses), wish, systemClock.wall());
}

function statesFor(wish: KpiWish): Result<readonly StateFolder[]> {
  if (wish.everywhere === true) return succeed(listStateFolders(stateHome(wish.env)));
  const place = openPlace(wish);
  return place.ok ? succeed([place.value.state]) : place;
}
