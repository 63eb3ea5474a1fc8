/** `twolane deep`: begins a job of the deep lane, shows and steers jobs, takes what they changed. */
import { type Failure, type Result, exitStatus, failure } from "@twolane/protocol";
import { jobDetailText } from "../state/job-words.ts";
import { jobEventLine, jobLines } from "../views/job-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";
import { workerArgv } from "./worker-argv.ts";

export const help: CommandHelp = {
  name: "deep",
  usage: "REQUEST | list | show | tail | steer | stop | resume | take | drop [JOB] [options]",
  summary: "Hand what is big to the deep lane: it works in the background, in a copy of the tree as it is.",
  options: [
    { form: "list", text: "the jobs of this folder, the newest first" },
    { form: "show [JOB]", text: "its brief, plan, tests, spend and report" },
    { form: "tail [JOB]", text: "what a job does, as it happens; Ctrl-C leaves it running" },
    { form: "steer JOB TEXT", text: "say something to a job that runs" },
    { form: "stop [JOB]", text: "what is done stays, and it can go on" },
    { form: "resume [JOB]", text: "one that was stopped, failed or crashed goes on" },
    {
      form: "take [JOB]",
      text: "what it changed, into the tree: --all, or --file PATH (repeatable); else, or with -n, only shown",
    },
    { form: "drop JOB", text: "remove it and its copy" },
    { form: "-m, --model NAME", text: "provider/name. Default: what the configuration says of the deep lane" },
    { form: "--research", text: "only read, and answer with file and line" },
    { form: "--minutes N", text: "stop after so many; also --tokens, --dollars, --steps (answers of the model)" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one event or object a line" },
  ],
  examples: [
    'twolane deep "move the session store to SQLite"',
    'twolane deep --research "who calls parseToken, and with what?"',
    "twolane deep tail d1",
  ],
};

const actions = ["list", "show", "tail", "steer", "stop", "resume", "drop"] as const;
type Action = (typeof actions)[number];

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  if (argv[0] === "take") return (await import("./deep-take.ts")).take(argv.slice(1), io);
  const parsed = readWords("deep", argv, {
    allowPositionals: true,
    options: {
      model: { type: "string", short: "m" },
      research: { type: "boolean" },
      minutes: { type: "string" },
      tokens: { type: "string" },
      dollars: { type: "string" },
      steps: { type: "string" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "deep", json);
  if ("code" in parsed) return refuseWith(parsed);
  const { values, positionals } = parsed;
  const { openJobs } = await import("@twolane/engine/deep");
  const opened = openJobs({ cwd: values.cwd ?? io.cwd, env: io.env, worker: workerArgv() });
  if (!opened.ok) return refuseWith(opened.failure);
  const jobs = opened.value;
  const [first = "", ...rest] = positionals;
  const action = actions.find((name) => name === first);
  const write = (line: string): void => void io.stdout.write(`${line}\n`);
  if (action !== undefined) return act({ action, rest, io, json, jobs, refuseWith, write });
  const goal = positionals.join(" ").trim();
  if (goal === "") return refuseWith(failure("REQUEST_EMPTY", "It is not said what is wanted.", "See `twolane help deep`."));
  const budget = budgetOf(values);
  if ("code" in budget) return refuseWith(budget);
  const brief = { goal, criteria: [], constraints: [], decisions: [], files: [], openHunks: "", evidence: "" };
  const kind = values.research === true ? "research" : "change";
  const started = await jobs.start({ kind, brief, budget, ...(values.model !== undefined && { model: values.model }) });
  if (!started.ok) return refuseWith(started.failure);
  write(json ? JSON.stringify({ type: "deep.started", job: started.value }) : `${started.value} works in the background.`);
  return exitStatus.ok;
}

type Jobs = Extract<ReturnType<typeof import("@twolane/engine/deep").openJobs>, { ok: true }>["value"];

interface Acting {
  readonly action: Action;
  readonly rest: readonly string[];
  readonly io: CommandIo;
  readonly json: boolean;
  readonly jobs: Jobs;
  readonly refuseWith: (failure: Failure) => number;
  readonly write: (line: string) => void;
}

async function act({ action, rest, io, json, jobs, refuseWith, write }: Acting): Promise<number> {
  const style = styleOf(io);
  const list = jobs.list();
  if (action === "list") {
    for (const line of json ? list.map((job) => JSON.stringify(job)) : jobLines(list, style)) write(line);
    return exitStatus.ok;
  }
  const job = rest[0] ?? list[0]?.job;
  if (job === undefined) return refuseWith(failure("JOB_MISSING", "There is no job here."));
  const settle = (result: Result<unknown>): number => (result.ok ? exitStatus.ok : refuseWith(result.failure));
  switch (action) {
    case "show": {
      const detail = jobs.detail(job);
      if (!detail.ok) return refuseWith(detail.failure);
      write(json ? JSON.stringify(detail.value) : jobDetailText(detail.value));
      return exitStatus.ok;
    }
    case "tail": {
      const leaving = new AbortController();
      const forget = io.onInterrupt(() => leaving.abort());
      const followed = await jobs.follow(
        job,
        (event) => {
          const line = json ? JSON.stringify(event) : jobEventLine(event, style);
          if (line !== undefined) write(line);
        },
        leaving.signal,
      );
      forget();
      return settle(followed);
    }
    case "steer":
      return settle(await jobs.steer(job, rest.slice(1).join(" ")));
    case "stop":
      return settle(await jobs.stop(job));
    case "resume":
      return settle(jobs.resume(job));
    case "drop":
      return settle(jobs.drop(job));
  }
}

type BudgetWords = Readonly<Partial<Record<"minutes" | "tokens" | "dollars" | "steps", string>>>;

function budgetOf(words: BudgetWords): Partial<Record<keyof BudgetWords, number>> | Failure {
  const budget: Partial<Record<keyof BudgetWords, number>> = {};
  for (const unit of ["minutes", "tokens", "dollars", "steps"] as const) {
    const word = words[unit];
    if (word === undefined) continue;
    const most = Number(word);
    if (!(most > 0)) return failure("USAGE", `--${unit} ${word} is not a number above 0.`, "See `twolane help deep`.");
    budget[unit] = most;
  }
  return budget;
}
