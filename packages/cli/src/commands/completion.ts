/** `twolane completion SHELL`: a script with which the shell completes commands, options and their values. */
import { exitStatus, failure } from "@twolane/protocol";
import * as agentHooks from "./agent-hooks.ts";
import * as apply from "./apply.ts";
import * as approve from "./approve.ts";
import * as check from "./check.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { completionScript } from "./completion-scripts.ts";
import { completedCommands, shells } from "./completion-words.ts";
import * as connect from "./connect.ts";
import * as debug from "./debug.ts";
import * as deep from "./deep.ts";
import * as demo from "./demo.ts";
import * as doctor from "./doctor.ts";
import * as init from "./init.ts";
import * as audit from "./audit.ts";
import * as kpi from "./kpi.ts";
import * as limits from "./limits.ts";
import * as mcp from "./mcp.ts";
import * as models from "./models.ts";
import * as policy from "./policy.ts";
import { refuse } from "./refuse.ts";
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

export const help: CommandHelp = {
  name: "completion",
  usage: "bash | zsh | fish",
  summary: "Print a script for your shell's start file, which then completes commands, options and values.",
  options: [],
  examples: [
    "source <(twolane completion bash)",
    "source <(twolane completion zsh)",
    "twolane completion fish > ~/.config/fish/completions/twolane.fish",
  ],
};

const commands = [
  ...[session.help, demo.help, resume.help, run_.help, undo.help, trust.help, test.help, apply.help, check.help],
  ...[refactor.help, debug.help, scaffold.help, review.help, deep.help],
  ...[init.help, policy.help, audit.help, sim.help],
  ...[approve.help, hooks.help, mcp.help, agentHooks.help],
  ...[models.help, connect.help, limits.help, kpi.help, report.help],
  doctor.help,
  help,
];

export function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const shell = shells.find((name) => name === argv[0]);
  if (shell === undefined || argv.length > 1) {
    const wrong = argv.length === 0 ? "Say for which shell." : `\`${argv.join(" ")}\` is not one of ${shells.join(", ")}.`;
    return Promise.resolve(refuse(failure("USAGE", wrong, `\`twolane completion ${shells.join(" | ")}\``), { io }));
  }
  io.stdout.write(completionScript(shell, completedCommands(commands)));
  return Promise.resolve(exitStatus.ok);
}
