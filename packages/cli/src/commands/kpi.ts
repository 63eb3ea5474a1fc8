/** `twolane kpi`: the numbers that show whether low latency helps, each with what it is made of. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Failure, dayMs, dayOf, exitStatus, failure } from "@twolane/protocol";
import type { Grouping, KpiSample } from "@twolane/protocol/kpis";
import { type KpiTable, kpiGroupLines, kpiLines } from "../views/kpi-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { momentCure, momentFrom } from "./moment.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "kpi",
  usage: "[baseline | export] [options]",
  summary:
    "Your own numbers from the sessions of this workspace: first token, prompt to commit, corrections, acceptance, survival, each with its cases. What each one means: docs/kpis.md. `baseline` reads the time before from git's history; `export` writes what a team's report joins, without prompts, code, paths or names.",
  options: [
    { form: "--since DATE", text: "only what ended since then, e.g. 2026-11-01 or 30d" },
    { form: "--until DATE", text: "of a baseline: its end; default: the first session, else now" },
    { form: "--by WHAT", text: "apart by lane, model, workflow, day or repository" },
    { form: "--all", text: "the sessions of all your workspaces" },
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
    { form: "--out FILE", text: "of an export: where to; default: standard output" },
    { form: "--names", text: "of an export: repositories by name, where the policy lets content go" },
    { form: "--json", text: "one object, with every sample" },
  ],
  examples: [
    "twolane kpi",
    "twolane kpi --since 30d --by lane",
    "twolane kpi baseline --since 2026-06-01",
    "twolane kpi export --out exports/mine.json",
    "twolane kpi --json",
  ],
};

interface Options {
  readonly action: "show" | "baseline" | "export";
  readonly out?: string;
  readonly names: boolean;
  readonly json: boolean;
  readonly since?: number;
  readonly until?: number;
  readonly by?: Grouping;
  readonly everywhere: boolean;
  readonly cwd: string;
}

/** Of a baseline, where nobody says since when. */
const baselineMs = 180 * dayMs;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, io);
  const refuseWith = refuser(io, "kpi", argv.includes("--json"));
  if ("code" in options) return refuseWith(options);
  if (options.action === "export") return exported(options, io, refuseWith);
  return options.action === "baseline" ? baseline(options, io, refuseWith) : own(options, io, refuseWith);
}

type Refuse = (reason: Failure) => number;

async function own(options: Options, io: CommandIo, refuseWith: Refuse): Promise<number> {
  const { readKpis } = await import("@twolane/engine/kpi");
  const { cwd, everywhere, since, json } = options;
  const read = await readKpis({ cwd, env: io.env, everywhere, ...(since !== undefined && { since }) });
  if (!read.ok) return refuseWith(read.failure);
  const { at, sessions, samples, tasks, withoutGit, removed } = read.value;
  const table = await tableOf(samples, options.by);
  if (json) {
    const told = { at, sessions, ...table, definitions: undefined, tasks, samples, withoutGit, ...(removed && { removed }) };
    io.stdout.write(`${JSON.stringify({ type: "kpi", ...told })}\n`);
    return exitStatus.ok;
  }
  const style = styleOf(io);
  const title = `${sessions} ${sessions === 1 ? "session" : "sessions"}`;
  write(io, [style.dim(title), ...linesOf(table, style)]);
  if (removed !== undefined)
    io.stderr.write(
      `twolane: ${removed.sessions} older ${removed.sessions === 1 ? "session" : "sessions"} had to make room on the disk, the newest of ${dayOf(removed.until)}: their numbers are missing.\n`,
    );
  for (const why of withoutGit)
    io.stderr.write(`twolane: git could not be asked, so commits by hand, survival and lead time are missing: ${why}\n`);
  return exitStatus.ok;
}

async function exported({ cwd, everywhere, since, names, out }: Options, io: CommandIo, refuseWith: Refuse): Promise<number> {
  const { readKpiExport } = await import("@twolane/engine/report");
  const read = await readKpiExport({ cwd, env: io.env, everywhere, names, ...(since !== undefined && { since }) });
  if (!read.ok) return refuseWith(read.failure);
  const text = `${JSON.stringify(read.value)}\n`;
  if (out === undefined) io.stdout.write(text);
  else {
    const file = path.resolve(io.cwd, out);
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text, { mode: 0o600 });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refuseWith(failure("FILE_UNWRITABLE", `The export cannot be written: ${why}.`, "Name another place behind --out."));
    }
    io.stdout.write(`${file}\n`);
  }
  return exitStatus.ok;
}

async function baseline(options: Options, io: CommandIo, refuseWith: Refuse): Promise<number> {
  const { readKpis, readPast } = await import("@twolane/engine/kpi");
  const { cwd, json } = options;
  const to = options.until ?? (await firstSession(readKpis({ cwd, env: io.env, asksGit: false })));
  const from = options.since ?? to - baselineMs;
  if (from >= to) return refuseWith(failure("USAGE", "The baseline ends before it begins.", "Give --since and --until."));
  const read = await readPast({ cwd, env: io.env, from, to });
  if (!read.ok) return refuseWith(read.failure);
  const { samples, commits, looked } = read.value;
  const table = await tableOf(samples, undefined, gitOnly);
  if (json) {
    io.stdout.write(`${JSON.stringify({ type: "kpi.baseline", from, to, commits, looked, figures: table.figures, samples })}\n`);
    return exitStatus.ok;
  }
  const style = styleOf(io);
  const some = looked < commits ? `, ${looked} of them looked at` : "";
  const title = `${commits} commits on the default branch, ${dateText(from)} to ${dateText(to)}${some}`;
  const note =
    "Git knows no prompt: this lead time begins with the commit, not with the first prompt, and is the shorter for it.";
  write(io, [style.dim(title), ...linesOf(table, style), style.dim(note)]);
  return exitStatus.ok;
}

const gitOnly: ReadonlySet<string> = new Set(["survival-1", "survival-7", "survival-30", "fixes", "reverts", "lead-time"]);

async function firstSession(reading: ReturnType<typeof import("@twolane/engine/kpi").readKpis>): Promise<number> {
  const read = await reading;
  const starts = read.ok ? read.value.tasks.map(({ startedAt }) => startedAt) : [];
  return starts.length === 0 ? Date.now() : Math.min(...starts);
}

type Table = KpiTable & { readonly groups?: Readonly<Record<string, KpiTable["figures"]>> };

async function tableOf(samples: readonly KpiSample[], by?: Grouping, only?: ReadonlySet<string>): Promise<Table> {
  const { figureOf, figuresBy, kpiDefinitions } = await import("@twolane/protocol/kpis");
  const definitions = only === undefined ? kpiDefinitions : kpiDefinitions.filter(({ kpi }) => only.has(kpi));
  const figures = definitions.map((definition) => figureOf(definition, samples));
  return {
    ...{ definitions, figures },
    ...(by !== undefined && { groups: Object.fromEntries(figuresBy(definitions, samples, by)) }),
  };
}

const linesOf = (table: Table, style: ReturnType<typeof styleOf>): readonly string[] =>
  table.groups === undefined
    ? kpiLines(table, style)
    : Object.entries(table.groups).flatMap(([name, figures]) => kpiGroupLines(name, { ...table, figures }, style));

const write = (io: CommandIo, lines: readonly string[]): void => void io.stdout.write(`${lines.join("\n")}\n`);
const dateText = (at: number): string => new Date(at).toISOString().slice(0, 10);

function readOptions(argv: readonly string[], io: CommandIo): Options | Failure {
  const parsed = readWords("kpi", argv, {
    allowPositionals: true,
    options: {
      since: { type: "string" },
      until: { type: "string" },
      by: { type: "string" },
      out: { type: "string" },
      names: { type: "boolean" },
      all: { type: "boolean" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { values, positionals } = parsed;
  const see = "See `twolane help kpi`.";
  const [word, ...more] = positionals;
  const action = word === undefined ? "show" : (["baseline", "export"] as const).find((one) => one === word);
  if (action === undefined || more.length > 0) return failure("USAGE", `There is no \`kpi ${positionals.join(" ")}\`.`, see);
  const by = groups.find((one) => one === values.by);
  if (values.by !== undefined && by === undefined)
    return failure("USAGE", `\`--by ${values.by}\` is not one of ${groups.join(", ")}.`, see);
  const dates: { since?: number; until?: number } = {};
  for (const name of ["since", "until"] as const) {
    const text = values[name];
    const at = text === undefined ? undefined : momentFrom(text)?.at;
    if (text !== undefined && at === undefined) return failure("USAGE", `\`--${name} ${text}\` is no date.`, momentCure);
    if (at !== undefined) dates[name] = at;
  }
  return {
    ...{ action, json: values.json === true, everywhere: values.all === true, names: values.names === true },
    ...(values.out !== undefined && { out: values.out }),
    cwd: values.cwd ?? io.cwd,
    ...dates,
    ...(by !== undefined && { by }),
  };
}

const groups: readonly Grouping[] = ["lane", "model", "workflow", "day", "repository"];
