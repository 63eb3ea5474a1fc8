/** `twolane debug`: from failing output to likely causes, their checks, and the smallest change. */
import type { CommandHelp, CommandIo } from "./command.ts";
import { runWorkflow, workflowOptions } from "./workflow-run.ts";

export const help: CommandHelp = {
  name: "debug",
  usage: "[WHAT] [options] < OUTPUT",
  summary:
    "Find the code that failing output points at, ask for likely causes with their checks, and make the smallest change that proves itself.",
  options: [
    { form: "-", text: "read the output from standard input; so it is anyway where that is no terminal" },
    ...workflowOptions,
  ],
  examples: [
    "npm test 2>&1 | twolane debug",
    'twolane debug "the total of an empty cart is NaN" < /dev/null',
    "cargo test 2>&1 | twolane debug --plan",
  ],
};

export const run = (argv: readonly string[], io: CommandIo): Promise<number> =>
  runWorkflow({ workflow: "debug", reads: "piped" }, argv, io);
