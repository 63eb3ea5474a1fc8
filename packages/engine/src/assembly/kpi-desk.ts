/** The KPIs of past sessions, for whoever asks outside of one: every journal of the workspace through the folds, and git about the rest. */
import { type Result, succeed } from "@twolane/protocol";
import { type KpiSample, SessionKpis, type TaskRecord } from "@twolane/protocol/kpis";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { readJournal } from "../journal/journal.ts";
import { listSessions } from "../journal/state-folder.ts";
import { systemClock } from "../std/clock.ts";
import { type ReadSession, followIntoGit } from "./kpi-history.ts";
import { isEvent } from "./past-sessions.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface KpiReading {
  /** ms since 1970 of the reading: what is open then is no case yet. */
  readonly at: number;
  readonly sessions: number;
  readonly samples: readonly KpiSample[];
  readonly tasks: readonly TaskRecord[];
  /** Why git could not be asked; then commits by hand, survival, fixes and lead time are missing. */
  readonly withoutGit?: string;
}

export async function readKpis(options: PlaceOptions): Promise<Result<KpiReading>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const now = systemClock.wall();
  const sessions = listSessions(place.value.state).map((folder): ReadSession => {
    const { lines } = readJournal(folder);
    const kpis = new SessionKpis();
    for (const line of lines) if (isEvent(line)) kpis.take(line);
    return { folder, lines, kpis };
  });
  const later = await followIntoGit(sessions, { git: openGit(place.value.workspace.root, systemProcesses), now });
  return succeed({
    ...{ at: now, sessions: sessions.length },
    samples: [...sessions.flatMap(({ kpis }) => kpis.samples(now)), ...(later.ok ? later.value : [])],
    tasks: sessions.flatMap(({ kpis }) => kpis.taskRecords(now)),
    ...(!later.ok && { withoutGit: later.failure.message }),
  });
}
