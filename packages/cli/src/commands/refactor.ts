/** `twolane refactor`: a plan, then one change at a time with its tests. */
import type { CommandHelp, CommandIo } from "./command.ts";
import { runWorkflow, workflowOptions } from "./workflow-run.ts";

export const help: CommandHelp = {
  name: "refactor",
  usage: "WHAT [-] [options]",
  summary: "Plan a change that keeps behaviour, then make it one step at a time, each with its tests; say what stayed the same.",
  options: [{ form: "-", text: "standard input belongs to what is wanted" }, ...workflowOptions],
  examples: [
    'twolane refactor "one place for the price rules in src/price.ts"',
    'twolane refactor --plan "split src/cart.ts by what it does"',
    'twolane refactor --scope src/api "no new dependencies; one loop in place of three" --json',
  ],
};

export const run = (argv: readonly string[], io: CommandIo): Promise<number> =>
  runWorkflow({ workflow: "refactor", reads: "dash" }, argv, io);
