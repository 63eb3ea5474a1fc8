/** What `twolane deep` does with jobs that there are: list, show, follow, steer, stop, resume, drop. */
import { type Failure, type JobSummary, type Result, type TwolaneEvent, exitStatus, failure } from "@twolane/protocol";
import { jobDetailText } from "../state/job-words.ts";
import { changedFileLines, jobEventLine, jobLines } from "../views/job-view.ts";
import type { Style } from "../views/style.ts";
import type { CommandIo } from "./command.ts";

export const actions = ["list", "show", "tail", "steer", "stop", "resume", "drop"] as const;
type Action = (typeof actions)[number];

type Jobs = Extract<ReturnType<typeof import("@twolane/engine/deep").openJobs>, { ok: true }>["value"];

export interface Acting {
  readonly io: CommandIo;
  readonly json: boolean;
  readonly jobs: Jobs;
  readonly refuseWith: (failure: Failure) => number;
  readonly write: (line: string) => void;
  readonly style: Style;
}

const isJob = (word: string | undefined): word is string => word !== undefined && /^d\d+$/.test(word);

/** The newest that fits; where none does, the newest that there is. */
function fitting(action: Action, list: readonly JobSummary[]): string | undefined {
  const running = list.find(({ state }) => state === "running");
  const halted = list.find(({ state }) => state !== "running" && state !== "ready");
  if (action === "resume") return (halted ?? list[0])?.job;
  if (action === "show") return list[0]?.job;
  return (running ?? list[0])?.job;
}

export async function act(action: Action, rest: readonly string[], acting: Acting): Promise<number> {
  const { jobs, json, refuseWith, write, style } = acting;
  const list = jobs.list();
  if (action === "list") {
    const { JobSizes } = await import("@twolane/engine/deep");
    const sized = await new JobSizes().with(jobs, list);
    for (const line of json ? sized.map((job) => JSON.stringify(job)) : jobLines(sized, style)) write(line);
    return exitStatus.ok;
  }
  const [first] = rest;
  if (action === "drop" && !isJob(first))
    return refuseWith(failure("USAGE", "It is not said which job goes.", "`twolane deep drop d1`"));
  const job = isJob(first) ? first : fitting(action, list);
  const words = (isJob(first) ? rest.slice(1) : rest).join(" ").trim();
  if (job === undefined) return refuseWith(failure("JOB_MISSING", "There is no job here.", '`twolane deep "…"` begins one.'));
  if (action !== "steer" && words !== "")
    return refuseWith(failure("USAGE", `"${words}" is no job.`, "`twolane deep list` shows the jobs of this folder."));
  const settle = (result: Result<unknown>, said: string): number => {
    if (!result.ok) return refuseWith(result.failure);
    write(json ? JSON.stringify({ type: `deep.${action}`, job }) : said);
    return exitStatus.ok;
  };
  switch (action) {
    case "show":
      return show(job, acting);
    case "tail":
      return follow(job, acting, { status: false });
    case "steer":
      if (words === "")
        return refuseWith(failure("REQUEST_EMPTY", "It is not said what the job is told.", `\`twolane deep steer ${job} TEXT\``));
      return settle(await jobs.steer(job, words), `${job} is told.`);
    case "stop":
      return settle(await jobs.stop(job), `${job} stops; what is done stays. \`twolane deep resume ${job}\` lets it go on.`);
    case "resume":
      return settle(jobs.resume(job), `${job} goes on in the background. \`twolane deep tail ${job}\` shows it.`);
    case "drop":
      return settle(jobs.drop(job), `${job} and its copy are gone.`);
  }
}

async function show(job: string, { jobs, json, refuseWith, write, style }: Acting): Promise<number> {
  const detail = jobs.detail(job);
  if (!detail.ok) return refuseWith(detail.failure);
  const files = await jobs.changedFiles(job);
  if (!files.ok) return refuseWith(files.failure);
  if (json) write(JSON.stringify({ ...detail.value, files: files.value }));
  else for (const line of [jobDetailText(detail.value), ...changedFileLines(job, files.value, style)]) write(line);
  return exitStatus.ok;
}

/** Until it ends or the person leaves. `status`: as the job ended. */
export async function follow(job: string, acting: Acting, { status }: { readonly status: boolean }): Promise<number> {
  const { jobs, io, json, refuseWith, write, style } = acting;
  const leaving = new AbortController();
  const forget = io.onInterrupt(() => leaving.abort());
  const tell = (event: TwolaneEvent): void => {
    const line = json ? JSON.stringify(event) : jobEventLine(event, style);
    if (line !== undefined) write(line);
  };
  const followed = await jobs.follow(job, tell, leaving.signal);
  forget();
  if (!followed.ok) return refuseWith(followed.failure);
  if (!status) return exitStatus.ok;
  if (leaving.signal.aborted) return exitStatus.interrupted;
  return statusOf(jobs.list().find((one) => one.job === job)?.state);
}

/** One whose budget is used up waits for a person's word to go on. */
function statusOf(state: JobSummary["state"] | undefined): number {
  switch (state) {
    case "ready":
      return exitStatus.ok;
    case "spent":
      return exitStatus.held;
    case "stopped":
      return exitStatus.interrupted;
    default:
      return exitStatus.failed;
  }
}
