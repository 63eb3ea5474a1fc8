/** The deep lane on the screen: the brief before a job begins, the list of jobs, and what can be done with one. Pure. */
import type { EventOf, HunkId, JobId, JobSummary, TwolaneEvent } from "@twolane/protocol";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { takeLanes } from "./app-lanes.ts";
import { compose } from "./app-line.ts";
import { say } from "./app-print.ts";
import { hasHunks, jobDetailText, jobPlace, spendText } from "./job-words.ts";
import { type PickerItem, openPicker } from "./panel.ts";

/** `/deep`: what would be handed over comes back as a text to be changed. */
export function askForBrief(state: AppState, argument: string): AppStep {
  const [, research, text = ""] = /^(research\b)?\s*([\s\S]*)$/i.exec(argument) ?? [];
  const kind = research === undefined ? "change" : "research";
  return send(state, { type: "job.brief", text, kind });
}

export function takeJobEvent(state: AppState, event: TwolaneEvent): AppState {
  switch (event.type) {
    case "jobs.changed":
      return { ...state, session: { ...state.session, jobs: event.jobs, shownJobs: shownBefore(state, event) } };
    case "jobs.shown": {
      const shownJobs = new Set(state.session.shownJobs).add(event.detail.job);
      return say({ ...state, session: { ...state.session, shownJobs } }, jobDetailText(event.detail));
    }
    case "job.heard":
      return say(state, `${event.job} ${event.text}`);
    case "lanes.told":
      return takeLanes(state, event);
    case "brief.drafted":
      return compose(state, { kind: "brief", job: event.kind, offered: event.text }, event.text);
    default:
      return state;
  }
}

/** What had its answer before this session first looked is no news. */
function shownBefore({ session: { jobs, shownJobs } }: AppState, event: EventOf<"jobs.changed">): ReadonlySet<JobId> {
  if (jobs.length > 0 || shownJobs.size > 0) return shownJobs;
  return new Set(event.jobs.filter(({ kind, state }) => kind === "research" && state !== "running").map(({ job }) => job));
}

/** `/check` and its key: a job that only reads; its remarks come back to these hunks. */
export function checkHunks(state: AppState, hunks: readonly HunkId[]): AppStep {
  return send(state, { type: "job.check", hunks });
}

/** `/jobs`: the list, or one job. */
export function openJobs(state: AppState, argument: string): AppStep {
  const { jobs } = state.session;
  if (argument !== "") return send(state, { type: "job.show", job: argument });
  if (jobs.length === 0) return stay(say(state, "The deep lane does nothing. /deep WHAT hands something to it."));
  const items = jobs.map((job): PickerItem => ({
    value: job.job,
    text: `${job.job} ${job.title}`,
    note: `${job.state}${jobPlace(job)} · ${job.doing === "" ? "" : `${job.doing} · `}${spendText(job.spend)}`,
  }));
  return stay({ ...state, panel: openPicker({ kind: "jobs" }, "The deep lane: Enter shows what can be done", items) });
}

export function openJob(state: AppState, id: JobId): AppStep {
  const job = state.session.jobs.find((one) => one.job === id);
  if (job === undefined) return stay(say(state, `There is no job ${id} any more.`));
  return stay({ ...state, panel: openPicker({ kind: "job", job: id }, `${id}: ${job.title}`, actionsOf(job)) });
}

function actionsOf({ state, kind, job }: JobSummary): readonly PickerItem[] {
  const show = { value: "show", text: "show", note: "brief, plan, tests, spend, report" };
  if (state === "running")
    return [
      show,
      { value: "tail", text: "tail", note: "what it does, as it happens; once more ends it" },
      { value: "steer", text: "steer", note: "say something to it; it meets it at once" },
      { value: "stop", text: "stop", note: "what is done stays, and it can go on" },
    ];
  const take = { value: "take", text: "take", note: "its hunks join the review, each waits for your yes" };
  const resume = { value: "resume", text: "resume", note: "it goes on where it was" };
  const drop = { value: "drop", text: "drop", note: `removes it and its copy: twolane deep drop ${job}` };
  return [show, ...(kind === "change" && state !== "crashed" ? [take] : []), ...(state === "ready" ? [] : [resume]), drop];
}

export function actOnJob(state: AppState, job: JobId, action: string): AppStep {
  switch (action) {
    case "show":
      return send(state, { type: "job.show", job });
    case "tail":
      return send(state, { type: "job.tail", job });
    case "steer":
      return stay(compose(state, { kind: "job", job }, ""));
    case "stop":
      return send(state, { type: "job.stop", job });
    case "resume":
      return send(state, { type: "job.resume", job });
    case "take":
      return send(state, { type: "job.take", job });
    case "drop":
      return send(say(state, `${job} and its copy are removed.`), { type: "job.drop", job });
    default:
      return stay(state);
  }
}

/** `/take`: the one that is named, else the newest that is ready and has something. */
export function takeJob(state: AppState, argument: string): AppStep {
  const { jobs } = state.session;
  const ready = jobs.find((job) => job.state === "ready" && job.taken !== true && hasHunks(job));
  const named = jobs.find(({ job }) => job === argument);
  if (named?.kind === "research")
    return stay(say(state, `${named.job} has only an answer, nothing to take. /jobs ${named.job} shows it.`));
  const job = argument === "" ? ready?.job : argument;
  if (job === undefined) return stay(say(state, "No job has anything to take. /jobs lists them."));
  return send(state, { type: "job.take", job });
}
