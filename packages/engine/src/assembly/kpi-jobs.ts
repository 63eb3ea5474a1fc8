/** The deep lane's part of the KPIs: what the logs of a workspace's jobs say, and how quick the sessions were in which they worked. */
import path from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import type { JobKnown, KpiName, KpiSample, SessionKpis, TurnTrace, WorkSpend } from "@twolane/protocol/kpis";
import { realFolder } from "../host/user-files.ts";
import { readJournal } from "../journal/journal.ts";
import { type JobFolder, listJobs, readJobLog, treesPath } from "../journal/job-folder.ts";
import { type StateFolder, listSessions, openStateFolder } from "../journal/state-folder.ts";
import { foldSession } from "./kpi-history.ts";

/** A job's turns are its own: nobody prompts, accepts or commits in them. */
const ownKpis: ReadonlySet<KpiName> = new Set(["first-token", "first-hunk", "stop", "steer", "correction"]);

export interface ReadJobs {
  readonly known: readonly JobKnown[];
  readonly samples: readonly KpiSample[];
  readonly turns: readonly TurnTrace[];
  readonly spend: readonly WorkSpend[];
}

export function readJobs(state: StateFolder, { home, now }: { readonly home: string; readonly now: number }): ReadJobs {
  const known: JobKnown[] = [];
  const samples: KpiSample[] = [];
  const turns: TurnTrace[] = [];
  const spend: WorkSpend[] = [];
  for (const folder of listJobs(state)) {
    const events = readJobLog(folder);
    const started = events.find((event) => event.type === "job.started");
    if (started === undefined) continue;
    const steers = events.filter(({ type }) => type === "job.steered").length;
    known.push({ job: folder.job, model: started.model, startedAt: started.at, steers });
    const where = { lane: "deep", repository: started.workspace } as const;
    for (const work of sessionsOf(folder, events, home)) {
      samples.push(...work.samples(now).flatMap((sample) => (ownKpis.has(sample.kpi) ? [{ ...sample, ...where }] : [])));
      turns.push(...work.traces().map((trace) => ({ ...trace, ...where })));
      spend.push(...work.spend().map((row) => ({ ...row, lane: "deep" as const, project: started.workspace })));
    }
  }
  return { known, samples, turns, spend };
}

/** The sessions in which it worked, which are those of its copies of the tree. */
function sessionsOf(folder: JobFolder, events: readonly TwolaneEvent[], home: string): readonly SessionKpis[] {
  const trees = events.flatMap((event) => (event.type === "job.prepared" ? [event.tree] : []));
  return [...new Set(trees)].flatMap((tree) => {
    const state = openStateFolder(home, realFolder(path.join(treesPath(folder), tree)));
    if (!state.ok) return [];
    return listSessions(state.value).map((session) => foldSession(readJournal(session).lines, []));
  });
}

/** Whether a workspace is the copy in which a job works. */
export const isJobCopy = (root: string, home: string): boolean =>
  root.startsWith(path.join(home, "twolane", "workspaces") + path.sep);
