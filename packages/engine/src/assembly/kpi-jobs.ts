/** The deep lane's part of the KPIs: what the logs of a workspace's jobs say, and how quick the sessions were in which they worked. */
import path from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import { type JobKnown, type KpiName, type KpiSample, SessionKpis } from "@twolane/protocol/kpis";
import { realFolder } from "../host/user-files.ts";
import { readJournal } from "../journal/journal.ts";
import { type JobFolder, listJobs, readJobLog, treesPath } from "../journal/job-folder.ts";
import { type StateFolder, listSessions, openStateFolder } from "../journal/state-folder.ts";
import { isEvent } from "./past-sessions.ts";

/** A job's turns are its own: nobody prompts, accepts or commits in them. */
const ownKpis: ReadonlySet<KpiName> = new Set(["first-token", "first-hunk", "stop", "steer", "correction"]);

export interface ReadJobs {
  readonly known: readonly JobKnown[];
  readonly samples: readonly KpiSample[];
}

export function readJobs(state: StateFolder, { home, now }: { readonly home: string; readonly now: number }): ReadJobs {
  const known: JobKnown[] = [];
  const samples: KpiSample[] = [];
  for (const folder of listJobs(state)) {
    const events = readJobLog(folder);
    const started = events.find((event) => event.type === "job.started");
    if (started === undefined) continue;
    const steers = events.filter(({ type }) => type === "job.steered").length;
    known.push({ job: folder.job, model: started.model, startedAt: started.at, steers });
    for (const sample of workSamples(folder, events, { home, now }))
      if (ownKpis.has(sample.kpi)) samples.push({ ...sample, lane: "deep", repository: started.workspace });
  }
  return { known, samples };
}

function workSamples(
  folder: JobFolder,
  events: readonly TwolaneEvent[],
  { home, now }: { readonly home: string; readonly now: number },
): readonly KpiSample[] {
  const trees = events.flatMap((event) => (event.type === "job.prepared" ? [event.tree] : []));
  return [...new Set(trees)].flatMap((tree) => {
    const state = openStateFolder(home, realFolder(path.join(treesPath(folder), tree)));
    if (!state.ok) return [];
    return listSessions(state.value).flatMap((session) => {
      const kpis = new SessionKpis();
      for (const line of readJournal(session).lines) if (isEvent(line)) kpis.take(line);
      return kpis.samples(now);
    });
  });
}

/** Whether a workspace is the copy in which a job works. */
export const isJobCopy = (root: string, home: string): boolean =>
  root.startsWith(path.join(home, "twolane", "workspaces") + path.sep);
