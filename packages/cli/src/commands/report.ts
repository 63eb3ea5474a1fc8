/** `twolane report`: the numbers as one page for a browser, in a file that loads nothing from anywhere. */
import path from "node:path";
import { type Failure, type Result, exitStatus, failure, succeed } from "@twolane/protocol";
import type { ReportData } from "@twolane/protocol/kpis";
import type { CommandHelp, CommandIo } from "./command.ts";
import { type Moment, momentCure, momentFrom } from "./moment.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "report",
  usage: "[options]",
  summary:
    "Write the numbers of this workspace, or of a team, as one page for a browser: a file that loads nothing from anywhere. docs/report.md says what is on it.",
  options: [
    { form: "--out FILE", text: "where to; default: twolane-report.html" },
    { form: "--since DATE", text: "only what ended from that day on, e.g. 2026-01-31" },
    { form: "--all", text: "the sessions of all your workspaces" },
    { form: "--baseline", text: "beside the half year before the first session, read from git" },
    { form: "--pilot-from DATE", text: "the time before that day beside the time from it on" },
    { form: "--team FOLDER", text: "of the exports in it; two folders in it stand side by side" },
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
  ],
  examples: [
    "twolane report",
    "twolane report --since 2026-01-31 --out january.html",
    "twolane report --team exports --pilot-from 2026-03-01",
  ],
};

interface Options {
  readonly out: string;
  readonly cwd: string;
  readonly everywhere: boolean;
  readonly baseline: boolean;
  readonly since?: Moment;
  readonly pilotFrom?: Moment;
  readonly team?: string;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, io);
  if ("code" in options) return refuse(options, { io });
  const read = await readData(options, io);
  if (!read.ok) return refuse(read.failure, { io });
  const { writePage } = await import("./report-page.ts");
  const written = await writePage(options.out, read.value);
  if (!written.ok) return refuse(written.failure, { io });
  io.stdout.write(`${options.out}\n`);
  return exitStatus.ok;
}

async function readData(options: Options, { env }: CommandIo): Promise<Result<ReportData>> {
  const { cwd, everywhere, baseline, since, pilotFrom, team } = options;
  const read =
    team === undefined
      ? await (
          await import("@twolane/engine/report")
        ).readReport({ cwd, env, everywhere, baseline, ...(since && { since: since.at }) })
      : await (await import("./report-team.ts")).readTeam(team, Date.now());
  if (!read.ok || pilotFrom === undefined) return read;
  const { splitAt } = await import("@twolane/protocol/kpis");
  return succeed(splitAt(read.value, pilotFrom));
}

function readOptions(argv: readonly string[], io: CommandIo): Options | Failure {
  const parsed = readWords("report", argv, {
    allowPositionals: false,
    options: {
      ...{ out: { type: "string" }, since: { type: "string" }, team: { type: "string" }, "pilot-from": { type: "string" } },
      ...{ all: { type: "boolean" }, baseline: { type: "boolean" }, cwd: { type: "string", short: "C" } },
    },
  });
  if ("code" in parsed) return parsed;
  const { out, team, all = false, baseline = false, cwd = "." } = parsed.values;
  const days: { since?: Moment; pilotFrom?: Moment } = {};
  for (const [name, text] of [
    ["since", parsed.values.since],
    ["pilotFrom", parsed.values["pilot-from"]],
  ] as const) {
    if (text === undefined) continue;
    const day = momentFrom(text);
    if (day === undefined) return failure("USAGE", `\`${text}\` is no date.`, momentCure);
    days[name] = day;
  }
  const alone =
    team === undefined ? [baseline && "--baseline"] : [all && "--all", baseline && "--baseline", days.since && "--since"];
  const other = days.pilotFrom === undefined && team === undefined ? undefined : alone.find(Boolean);
  if (other)
    return failure(
      "USAGE",
      `${other} does not go with ${team === undefined ? "--pilot-from" : "--team"}.`,
      "See `twolane help report`.",
    );
  const folder = path.resolve(io.cwd, cwd);
  return {
    ...{ out: path.resolve(io.cwd, out ?? "twolane-report.html"), cwd: folder, everywhere: all, baseline, ...days },
    ...(team !== undefined && { team: path.resolve(io.cwd, team) }),
  };
}
