/** `twolane scaffold`: the tree of what is to be new, then its files. */
import type { CommandHelp, CommandIo } from "./command.ts";
import { runWorkflow, workflowOptions } from "./workflow-run.ts";

export const help: CommandHelp = {
  name: "scaffold",
  usage: "WHAT [-] [options]",
  summary: "Lay out new files as a tree, then write them; files that exist stay as they are unless you say otherwise.",
  options: [{ form: "-", text: "standard input belongs to what is wanted" }, ...workflowOptions],
  examples: [
    'twolane scaffold "a small HTTP server with one health route"',
    'twolane scaffold --plan "endpoints for orders, in the layout of src/api"',
  ],
};

export const run = (argv: readonly string[], io: CommandIo): Promise<number> =>
  runWorkflow({ workflow: "scaffold", reads: "dash" }, argv, io);
