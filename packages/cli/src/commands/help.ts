/** `twolane help [COMMAND]`. */
import { type ExitReason, exitStatus } from "@twolane/protocol";
import { shownConfigFile } from "../screen/config-file.ts";
import { commandHelp, instantHelp, keysHelp, overview, ownKeysHelp } from "../views/help-view.ts";
import * as agentHooks from "./agent-hooks.ts";
import * as apply from "./apply.ts";
import * as audit from "./audit.ts";
import * as approve from "./approve.ts";
import * as check from "./check.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import * as completion from "./completion.ts";
import * as debug from "./debug.ts";
import * as deep from "./deep.ts";
import * as demo from "./demo.ts";
import * as connect from "./connect.ts";
import * as doctor from "./doctor.ts";
import * as init from "./init.ts";
import * as kpi from "./kpi.ts";
import * as limits from "./limits.ts";
import * as mcp from "./mcp.ts";
import * as models from "./models.ts";
import * as policy from "./policy.ts";
import * as hooks from "./hooks.ts";
import * as refactor from "./refactor.ts";
import * as report from "./report.ts";
import * as resume from "./resume.ts";
import * as review from "./review.ts";
import * as run_ from "./run.ts";
import * as scaffold from "./scaffold.ts";
import * as session from "./session.ts";
import * as sim from "./sim.ts";
import * as test from "./test.ts";
import * as trust from "./trust.ts";
import * as undo from "./undo.ts";

/** In the order in which a newcomer needs them. */
const commands: readonly CommandHelp[] = [
  session.help,
  demo.help,
  resume.help,
  run_.help,
  refactor.help,
  debug.help,
  scaffold.help,
  review.help,
  deep.help,
  undo.help,
  trust.help,
  kpi.help,
  report.help,
  limits.help,
  mcp.help,
  agentHooks.help,
  test.help,
  apply.help,
  check.help,
  init.help,
  policy.help,
  audit.help,
  approve.help,
  hooks.help,
  sim.help,
  ...[models.help, connect.help],
  doctor.help,
  completion.help,
];

const exits: Record<ExitReason, string> = {
  ok: "done",
  failed: "a request, hunk or command failed",
  usage: "the command was not understood",
  held: "something waits for your yes",
  provider: "the provider refused or could not be reached, or a key is missing",
  truncated: "the stream ended early; finished hunks stay",
  blocked: "the policy refuses it",
  remarks: "a review found what must be mended",
  interrupted: "stopped by you; finished hunks stay",
};

/** Longer lines are hard to read, and do not fit where they are copied to. */
const mostColumns = 80;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const style = styleOf(io);
  const page = { style, width: Math.min(io.stdout.columns ?? mostColumns, mostColumns) };
  const [topic] = argv;
  const command = commands.find(({ name }) => name === topic || (topic === "session" && name === ""));
  if (topic === "keys") {
    const { defaultBindings, keyHelp } = await import("../keys/bindings.ts");
    const rows = (["anywhere", "input", "vim", "menu", "review", "held", "question"] as const).map((place) => ({
      title: place,
      rows: keyHelp(defaultBindings, place).map(({ name, form, text }) => ({ form: name, text: `${form} · ${text}` })),
    }));
    const own = ownKeysHelp(shownConfigFile(io.env));
    io.stdout.write(`${keysHelp([...rows, own], page).join("\n")}\n`);
    return exitStatus.ok;
  }
  if (topic === "instant") {
    const { instantRequests } = await import("@twolane/engine");
    io.stdout.write(`${instantHelp(instantRequests, page).join("\n")}\n`);
    return exitStatus.ok;
  }
  if (topic !== undefined && command === undefined) {
    io.stderr.write(`twolane: There is no command \`${topic}\`. See \`twolane help\`. [USAGE]\n`);
    return exitStatus.usage;
  }
  const lines = command
    ? commandHelp(command, page)
    : overview(commands, { ...page, exits: Object.entries(exits).map(([reason, text]) => ({ status: statusOf(reason), text })) });
  io.stdout.write(`${lines.join("\n")}\n`);
  return exitStatus.ok;
}

function statusOf(reason: string): number {
  return new Map<string, number>(Object.entries(exitStatus)).get(reason) ?? exitStatus.failed;
}
