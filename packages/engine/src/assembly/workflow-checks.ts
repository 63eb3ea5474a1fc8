/** Checks of a workflow: a shell line, decided like a model's, in the sandbox with the workspace read-only. */
import type { CommandDesk, CommandOutcome } from "../guard/commands/command-desk.ts";
import type { WorkflowInput } from "../workflows/workflow.ts";

export type CheckResult = Omit<Extract<WorkflowInput, { type: "check.ended" }>, "type">;

const timeout = 180;
/** Characters, of the end. */
const outputKept = 64 * 1024;

export class WorkflowChecks {
  private readonly desk: Pick<CommandDesk, "run">;
  private running: AbortController | undefined;
  private made = 0;

  constructor(desk: Pick<CommandDesk, "run">) {
    this.desk = desk;
  }

  async run(line: string): Promise<CheckResult> {
    const stop = new AbortController();
    this.running = stop;
    const request = { facts: { line }, timeout, network: false, write: [], onlyLooks: true };
    // It changes nothing, so no hunk is named.
    const call = { call: `check${++this.made}`, turn: "", nextHunk: () => "", signal: stop.signal };
    return resultOf(await this.desk.run(request, call));
  }

  /** The one that runs, or waits for an answer. */
  stop(): void {
    this.running?.abort();
  }
}

function resultOf(outcome: CommandOutcome): CheckResult {
  if (outcome.kind === "impossible") return { output: "", why: outcome.why };
  if (outcome.kind === "refused") {
    const { refusal, said } = outcome;
    const what = said === "no" ? "you said no" : refusal.decision === "block" ? "blocked" : "held";
    return { output: "", why: `${what}: ${refusal.reason}` };
  }
  const { end, output } = outcome;
  const said = { output: output.slice(-outputKept) };
  if (end.status !== undefined && end.ended === undefined) return { ...said, status: end.status };
  const why =
    end.fault ??
    (end.ended === "timeout" ? `it took longer than ${timeout} s` : end.ended === "stopped" ? "it was stopped" : undefined);
  return { ...said, why: why ?? (end.ended === "flood" ? "it said too much" : `it was killed by ${end.signal ?? "a signal"}`) };
}
