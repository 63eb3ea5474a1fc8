/** `twolane deep`: begins a job of the deep lane, or does something with one that there is (`deep-jobs.ts`, `deep-take.ts`). */
import fs from "node:fs";
import path from "node:path";
import { type Failure, type JobBrief, type Result, closestWord, exitStatus, failure, isJobBrief } from "@twolane/protocol";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { type Acting, act, actions, follow } from "./deep-jobs.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";
import { workerArgv } from "./worker-argv.ts";

export const help: CommandHelp = {
  name: "deep",
  usage: "REQUEST | list | show | tail | steer | stop | resume | take | drop [JOB]",
  summary: "Hand what is big to the deep lane: it works in the background, in a copy of the tree as it is.",
  options: [
    { form: "list", text: "the jobs of this folder, the newest first" },
    { form: "show [JOB]", text: "brief, plan, tests, spend, report, and the files it changed" },
    { form: "tail [JOB]", text: "what it does, as it happens; Ctrl-C leaves it running" },
    { form: "steer [JOB] TEXT", text: "say something to a job that runs" },
    { form: "stop [JOB]", text: "what is done stays, and it can go on" },
    { form: "resume [JOB]", text: "one that was stopped, failed or crashed goes on" },
    { form: "take [JOB]", text: "what it changed, into the tree: --all, or --file PATH" },
    { form: "", text: "(repeatable); else, or with -n, only shown" },
    { form: "drop JOB", text: "remove it and its copy" },
    { form: "-m, --model NAME", text: "provider/name. Default: `lanes.deep.model`" },
    { form: "--brief FILE", text: "goal, criteria and constraints, Markdown or JSON" },
    { form: "--add-dir FOLDER", text: "another repository of the same goal: a job there too" },
    { form: "--research", text: "only read, and answer with file and line" },
    { form: "--minutes N", text: "stop after so many; also --tokens, --dollars, --steps" },
    { form: "--wait", text: "stay, show what it does, and end as it ends" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one event or object a line" },
  ],
  examples: [
    'twolane deep "move the session store to SQLite"',
    'twolane deep --research "who calls parseToken, and with what?"',
    "twolane deep tail",
    "twolane deep take --all",
  ],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  if (argv[0] === "take") return (await import("./deep-take.ts")).take(argv.slice(1), io);
  const parsed = readWords("deep", argv, {
    allowPositionals: true,
    options: {
      model: { type: "string", short: "m" },
      brief: { type: "string" },
      research: { type: "boolean" },
      "add-dir": { type: "string", multiple: true },
      ...{ minutes: { type: "string" }, tokens: { type: "string" }, dollars: { type: "string" }, steps: { type: "string" } },
      wait: { type: "boolean" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "deep", json);
  if ("code" in parsed) return refuseWith(parsed);
  const { values, positionals } = parsed;
  const { openJobs, readBrief } = await import("@twolane/engine/deep");
  const opened = openJobs({ cwd: values.cwd ?? io.cwd, env: io.env, worker: workerArgv() });
  if (!opened.ok) return refuseWith(opened.failure);
  const write = (line: string): void => void io.stdout.write(`${line}\n`);
  const acting = { io, json, jobs: opened.value, refuseWith, write, style: styleOf(io) };
  const [first = "", ...rest] = positionals;
  const action = actions.find((name) => name === first);
  if (action !== undefined) return act(action, rest, acting);
  const meant = typo(positionals);
  if (meant !== undefined)
    return refuseWith(
      failure("USAGE", `"${first}" is neither a request nor something to do.`, `Did you mean \`twolane deep ${meant}\`?`),
    );
  const brief = briefOf({ words: positionals.join(" ").trim(), file: values.brief, cwd: io.cwd, readBrief });
  if ("code" in brief) return refuseWith(brief);
  const budget = budgetOf(values);
  if ("code" in budget) return refuseWith(budget);
  const kind = values.research === true ? "research" : "change";
  const open = (folder: string): ReturnType<typeof openJobs> => openJobs({ cwd: folder, env: io.env, worker: workerArgv() });
  const desks = desksOf({
    here: opened.value,
    others: (values["add-dir"] ?? []).map((folder) => path.resolve(io.cwd, folder)),
    open,
  });
  if ("code" in desks) return refuseWith(desks);
  const wish = { kind, budget, ...(values.model !== undefined && { model: values.model }) } as const;
  return begin(desks, { wish, brief, wait: values.wait === true, acting });
}

type Jobs = Acting["jobs"];

interface DeskWish {
  readonly here: Jobs;
  readonly others: readonly string[];
  readonly open: (folder: string) => Result<Jobs>;
}

/** One for each repository, this one first. */
function desksOf({ here, others, open }: DeskWish): readonly Jobs[] | Failure {
  const desks = [here];
  for (const folder of others) {
    const opened = open(folder);
    if (!opened.ok) return opened.failure;
    if (desks.every(({ workspace }) => workspace !== opened.value.workspace)) desks.push(opened.value);
  }
  return desks;
}

interface Beginning {
  readonly wish: Omit<Parameters<Jobs["start"]>[0], "brief">;
  readonly brief: JobBrief;
  readonly wait: boolean;
  readonly acting: Acting;
}

/** A job in each repository; where one cannot begin, those before it stay. */
async function begin(desks: readonly Jobs[], { wish, brief, wait, acting }: Beginning): Promise<number> {
  const { json, write, refuseWith } = acting;
  const begun: { readonly jobs: Jobs; readonly job: string }[] = [];
  for (const jobs of desks) {
    const started = await jobs.start({ ...wish, brief: spanning(brief, jobs, desks) });
    if (!started.ok) return refuseWith(started.failure);
    begun.push({ jobs, job: started.value });
    const where = desks.length === 1 ? "" : ` in ${jobs.workspace}`;
    if (json) write(JSON.stringify({ type: "deep.started", job: started.value, workspace: jobs.workspace }));
    else if (!wait) write(`${started.value} works in the background${where}. \`twolane deep tail\` shows it.`);
  }
  let worst: number = exitStatus.ok;
  if (wait) for (const { jobs, job } of begun) worst = Math.max(worst, await follow(job, { ...acting, jobs }, { status: true }));
  return worst;
}

/** What the job of one repository is told of the others. */
function spanning(brief: JobBrief, { workspace }: Jobs, desks: readonly Jobs[]): JobBrief {
  const others = desks.flatMap((desk) => (desk.workspace === workspace ? [] : [desk.workspace]));
  if (others.length === 0) return brief;
  const told = [
    `The goal spans repositories, with a job in each: here ${workspace}, elsewhere ${others.join(", ")}. Do here what belongs here, and nothing of the others.`,
    "What you rely on in another repository, and what it may rely on here (names, forms, versions), stands in your report.",
  ];
  return { ...brief, constraints: [...brief.constraints, ...told] };
}

/** What other programs call what these do. */
const words: Readonly<Record<string, string>> = {
  ...{ help: "--help", status: "list", jobs: "list", ls: "list", log: "tail", logs: "tail" },
  ...{ kill: "stop", rm: "drop", apply: "take", merge: "take" },
};

/** One word, or a word and a job, that is nearly something to do. */
function typo(positionals: readonly string[]): string | undefined {
  const [word = "", job] = positionals;
  if (positionals.length === 1 && /^(help|status|jobs|ls|log|logs|kill|rm|apply|merge)$/i.test(word))
    return words[word.toLowerCase()];
  if (positionals.length > 2 || /\s/.test(word) || (job !== undefined && !/^d\d+$/.test(job))) return undefined;
  return closestWord(word, [...actions, "take"]);
}

interface BriefWords {
  readonly words: string;
  readonly file: string | undefined;
  readonly cwd: string;
  readonly readBrief: (text: string) => JobBrief | undefined;
}

/** Words on the command line are the goal, whatever a file says. */
function briefOf({ words, file, cwd, readBrief }: BriefWords): JobBrief | Failure {
  const empty: JobBrief = { goal: words, criteria: [], constraints: [], decisions: [], files: [], openHunks: "", evidence: "" };
  const missing = failure("REQUEST_EMPTY", "It is not said what is wanted.", "See `twolane help deep`.");
  if (file === undefined) return words === "" ? missing : empty;
  let text: string;
  try {
    text = fs.readFileSync(path.resolve(cwd, file), "utf8");
  } catch {
    return failure("FILE_MISSING", `The brief ${file} cannot be read.`);
  }
  const goal = words === "" ? {} : { goal: words };
  if (!/^\s*\{/.test(text)) {
    const read = readBrief(words === "" ? text : `${words}\n\n${text}`);
    return read === undefined ? missing : { ...read, ...goal };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    const whole = typeof parsed === "object" && parsed !== null ? { ...empty, ...parsed, ...goal } : undefined;
    if (isJobBrief(whole)) return whole;
  } catch {
    return failure("USAGE", `${file} is not valid JSON.`, "See docs/deep.md for a brief's form.");
  }
  return failure("USAGE", `${file} is no brief.`, "See docs/deep.md for a brief's form.");
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
