/** The KPIs of past sessions, for whoever asks outside of one: every journal through the folds, and git about the rest. */
import { type Result, type SessionId, succeed } from "@twolane/protocol";
import { type KpiSample, SessionKpis, type TaskRecord } from "@twolane/protocol/kpis";
import type { Baseline } from "../history/baseline.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { readJournal } from "../journal/journal.ts";
import { type StateFolder, listSessions, listStateFolders, stateHome } from "../journal/state-folder.ts";
import { systemClock } from "../std/clock.ts";
import { type ReadSession, followIntoGit, readBaseline } from "./kpi-history.ts";
import { isEvent } from "./past-sessions.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface KpiWish extends PlaceOptions {
  /** Only this session, and git is not asked. */
  readonly session?: SessionId;
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
  /** Where git could not be asked, and why: commits by hand, survival, fixes and lead time are missing there. */
  readonly withoutGit: readonly string[];
}

export async function readKpis(wish: KpiWish): Promise<Result<KpiReading>> {
  const states = statesFor(wish);
  if (!states.ok) return states;
  const now = systemClock.wall();
  const { since = 0, session, onProgress } = wish;
  const folders = states.value.flatMap((state) =>
    listSessions(state).filter(({ id }) => session === undefined || id === session),
  );
  const samples: KpiSample[] = [];
  const withoutGit: string[] = [];
  const sessions = folders.map((folder, index): ReadSession => {
    const { lines } = readJournal(folder);
    const kpis = new SessionKpis();
    for (const line of lines) if (isEvent(line)) kpis.take(line);
    onProgress?.(index + 1, folders.length);
    return { folder, lines, kpis };
  });
  if (session === undefined)
    for (const [root, own] of byWorkspace(sessions)) {
      const later = await followIntoGit(own, { git: openGit(root, systemProcesses), now });
      if (later.ok) samples.push(...later.value);
      else withoutGit.push(`${root}: ${later.failure.message}`);
    }
  for (const { kpis } of sessions) samples.push(...kpis.samples(now));
  const tasks = sessions.flatMap(({ kpis }) => kpis.taskRecords(now));
  return succeed({
    ...{ at: now, sessions: sessions.length, withoutGit },
    samples: samples.filter(({ at }) => at >= since),
    tasks: tasks.filter(({ endedAt }) => endedAt >= since),
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

function byWorkspace(sessions: readonly ReadSession[]): ReadonlyMap<string, readonly ReadSession[]> {
  const groups = new Map<string, ReadSession[]>();
  for (const session of sessions) {
    const opening = session.lines.find((line) => line.type === "session.started");
    if (opening === undefined) continue;
    groups.set(opening.workspace, [...(groups.get(opening.workspace) ?? []), session]);
  }
  return groups;
}
