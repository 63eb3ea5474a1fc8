/** The KPIs of past sessions, for whoever asks outside of one: every journal of the workspace through the folds. */
import { type Result, succeed } from "@twolane/protocol";
import { type KpiSample, SessionKpis, type TaskRecord } from "@twolane/protocol/kpis";
import { systemClock } from "../std/clock.ts";
import { readJournal } from "../journal/journal.ts";
import { listSessions } from "../journal/state-folder.ts";
import { isEvent } from "./past-sessions.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface KpiReading {
  /** ms since 1970 of the reading: what is open then is no case yet. */
  readonly at: number;
  readonly sessions: number;
  readonly samples: readonly KpiSample[];
  readonly tasks: readonly TaskRecord[];
}

/** Starts no process and asks nobody. */
export function readKpis(options: PlaceOptions): Result<KpiReading> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const at = systemClock.wall();
  const samples: KpiSample[] = [];
  const tasks: TaskRecord[] = [];
  const folders = listSessions(place.value.state);
  for (const folder of folders) {
    const kpis = new SessionKpis();
    for (const line of readJournal(folder).lines) if (isEvent(line)) kpis.take(line);
    samples.push(...kpis.samples(at));
    tasks.push(...kpis.taskRecords(at));
  }
  return succeed({ at, sessions: folders.length, samples, tasks });
}
