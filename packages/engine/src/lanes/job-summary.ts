/** What a job's kept events come to, for a list and for going on. Pure. */
import type { EventOf, JobBudget, JobDetail, JobSummary, TwolaneEvent } from "@twolane/protocol";
import { type JobEvent, type JobState, foldJob, newJob } from "./job.ts";

export interface KnownJob {
  /** Hunks of it were taken. */
  readonly taken: boolean;
  readonly started: EventOf<"job.started">;
  /** One for each repository, the workspace first. */
  readonly prepared: readonly EventOf<"job.prepared">[];
  /** Id of the session in its copy; undefined before there is one. */
  readonly work: string | undefined;
  readonly state: JobState;
  readonly doing: string;
  readonly ended: EventOf<"job.ended"> | undefined;
}

/** Undefined where it was never really begun. */
export function knownJob(events: readonly TwolaneEvent[]): KnownJob | undefined {
  const started = find(events, "job.started");
  if (started === undefined) return undefined;
  let state = newJob(started.kind, started.budget);
  for (const event of events) if (isJobEvent(event)) state = foldJob(state, event);
  const ended = find(events, "job.ended");
  const resumed = find(events, "job.resumed");
  return {
    started,
    state,
    taken: find(events, "job.taken") !== undefined,
    prepared: events.filter((event) => event.type === "job.prepared"),
    work: find(events, "job.opened")?.work,
    doing: find(events, "job.moved")?.doing ?? "preparing its copy",
    ended: ended !== undefined && (resumed === undefined || events.indexOf(ended) > events.indexOf(resumed)) ? ended : undefined,
  };
}

/** `since`: when the process that works on it began, ms since 1970; undefined where there is none. */
export function summaryOf(known: KnownJob, since: number | undefined): JobSummary {
  const { started, state, doing, taken } = known;
  // A process that began behind the end lets it go on, and has not said so yet.
  const starts = known.ended !== undefined && since !== undefined && since > known.ended.at;
  const ended = starts ? undefined : known.ended;
  return {
    ...{ job: started.job, kind: started.kind, model: started.model, startedAt: started.at },
    title: started.brief.goal.trim().split("\n", 1)[0] ?? "",
    state: ended?.ending ?? (since === undefined ? "crashed" : "running"),
    stage: state.stage,
    doing: starts ? "starting" : (ended?.reason ?? doing),
    step: state.step,
    of: state.steps.length,
    spend: state.spend,
    ...(state.evidence ? { tests: state.evidence.outcome } : state.untested !== undefined && { tests: "none" }),
    ...(state.missed.length > 0 && { missed: state.missed.length }),
    ...(started.asker && { asker: started.asker }),
    ...(ended && { endedAt: ended.at }),
    ...(taken && { taken }),
  };
}

export function detailOf(known: KnownJob, events: readonly TwolaneEvent[], since: number | undefined): JobDetail {
  const { started, prepared, state } = known;
  const summaries: string[] = [];
  const taken = new Set<string>();
  for (const event of events) {
    if (event.type === "job.step.ended") summaries[event.step - 1] = event.summary;
    if (event.type === "job.taken")
      for (const hunk of event.hunks)
        if (event.back === true) taken.delete(hunk);
        else taken.add(hunk);
  }
  const report = find(events, "job.reported")?.report;
  return {
    ...summaryOf(known, since),
    ...{
      brief: started.brief,
      budget: wholeBudget(state),
      steps: state.steps,
      missedEdits: state.missed,
      steered: events.flatMap((event) => (event.type === "job.steered" ? [event.text] : [])),
      left: prepared.flatMap((each) => each.left),
      takenHunks: [...taken],
    },
    summaries: Array.from(summaries, (summary) => summary ?? ""),
    ...(state.evidence && { evidence: state.evidence }),
    ...(state.untested !== undefined && { untested: state.untested }),
    ...(report && { report }),
  };
}

/** One that was used up and given once more counts from there. */
function wholeBudget({ budget: { minutes, tokens, dollars, steps }, before }: JobState): JobBudget {
  return {
    ...(minutes !== undefined && { minutes: minutes + Math.round(before.ms / 60_000) }),
    ...(tokens !== undefined && { tokens: tokens + before.input - before.cachedInput + before.output }),
    ...(dollars !== undefined && { dollars: dollars + (before.dollars ?? 0) }),
    ...(steps !== undefined && { steps: steps + before.steps }),
  };
}

const isJobEvent = (event: TwolaneEvent): event is TwolaneEvent & JobEvent => event.type.startsWith("job.");

/** The last of that type. */
function find<T extends TwolaneEvent["type"]>(events: readonly TwolaneEvent[], type: T): EventOf<T> | undefined {
  return events.findLast((event): event is EventOf<T> => event.type === type);
}
