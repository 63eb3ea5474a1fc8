/** What came of one call, for the turn and for the model. */
import { createHash } from "node:crypto";
import type { EditReport } from "../edits/landing/edit-stream.ts";
import type { Tool, ToolCall, ToolResult } from "../tools/tools.ts";
import type { CallItem } from "./answer.ts";
import { isMessageCall } from "./conversation.ts";
import { type CallOutcome, type CallOutput, interruptedOutput } from "./call-output.ts";

export interface Settled {
  readonly ok: boolean;
  readonly summary: string;
  readonly outcome: Omit<CallOutcome, "fingerprint">;
}

/** A tool that was told to end is left alone after this time; ms. */
const endBudgetMs = 250;
const interrupted: ToolResult = { ok: false, text: interruptedOutput, summary: interruptedOutput };

export interface ToolRun extends Omit<ToolCall, "call"> {
  readonly signal: AbortSignal;
}

/** Never later than `endBudgetMs` behind the signal. */
export async function runTool(tool: Tool | undefined, call: CallItem, { signal, ...around }: ToolRun): Promise<Settled> {
  const unknown: ToolResult = { ok: false, text: `There is no tool named ${call.tool}.`, summary: `no tool ${call.tool}` };
  const ended =
    tool === undefined ? unknown : await endedInTime(tool.run(call.input, signal, { call: call.call, ...around }), signal);
  // What a tool says of being ended is no answer to the model's question; what it had found by then is.
  const { ok, summary, text } = signal.aborted && !ended.ok ? interrupted : ended;
  return { ok, summary, outcome: { text, failedHunks: 0, expectsAnswer: true } };
}

function endedInTime(work: Promise<ToolResult>, signal: AbortSignal): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const leave = (): void => void setTimeout(() => resolve(interrupted), endBudgetMs).unref();
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    // One signal serves all tools of a session.
    void work.finally(() => signal.removeEventListener("abort", leave)).then(resolve, reject);
  });
}

export function editResult(call: CallItem, report: EditReport): Settled {
  const failedHunks = report.outcomes.filter((outcome) => outcome.state === "failed").length + report.malformed.length;
  const landed = report.outcomes.filter((outcome) => outcome.state === "landed").length;
  const present = report.outcomes.filter((outcome) => outcome.state === "present").length;
  const already = present === 0 ? "" : `, ${present} there already`;
  const summary = `${landed} of ${report.outcomes.length + report.malformed.length} hunks landed${already}`;
  return {
    ok: failedHunks === 0,
    summary,
    outcome: { text: report.forModel, failedHunks, expectsAnswer: !isMessageCall(call.call) || failedHunks > 0 },
  };
}

export function fingerprint(call: CallItem, output: string): string {
  return createHash("sha256").update(`${call.tool}\0${call.input}\0${output}`).digest("base64");
}

/** Behind the last output: what was found is about all of them. */
export function withNews(outputs: readonly CallOutput[], news: string | undefined): readonly CallOutput[] {
  const last = outputs.at(-1);
  if (last === undefined || news === undefined) return outputs;
  return [...outputs.slice(0, -1), { ...last, text: `${last.text}\n${news}` }];
}
