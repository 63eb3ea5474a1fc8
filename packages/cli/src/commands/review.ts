/** `twolane review`: remarks on a diff. */
import type { CommandHelp, CommandIo } from "./command.ts";
import { runWorkflow, workflowOptions } from "./workflow-run.ts";

const taken: ReadonlySet<string> = new Set(["--plan", "--allow-command PATTERN", "-s, --scope PATH"]);

export const help: CommandHelp = {
  name: "review",
  usage: "[REF | --staged | -] [options]",
  summary: "Put remarks on the hunks of a diff: of the work tree, of what is staged, since REF, or of one on standard input.",
  options: [
    { form: "REF", text: "what was committed since the branch left REF; words behind it say what to look for" },
    { form: "--staged", text: "what is staged" },
    { form: "-", text: "a diff on standard input, e.g. of a pull request; without REF and --staged it is read anyway" },
    ...workflowOptions.filter(({ form }) => !taken.has(form)),
  ],
  examples: ["twolane review", "twolane review --staged", "twolane review origin/main --json", "gh pr diff 12 | twolane review"],
};

export const run = (argv: readonly string[], io: CommandIo): Promise<number> =>
  runWorkflow({ workflow: "review", reads: "wordless", wordless: true }, argv, io);
