/** What came of one call, for the turn and for the model. */
import { createHash } from "node:crypto";
import type { EditReport } from "../edits/landing/edit-stream.ts";
import type { Tool, ToolResult } from "../tools/tools.ts";
import type { CallItem } from "./answer.ts";
import { isMessageCall } from "./conversation.ts";
import type { CallOutcome } from "./turn.ts";

export interface Settled {
  readonly ok: boolean;
  readonly summary: string;
  readonly outcome: Omit<CallOutcome, "fingerprint">;
}

export async function runTool(tool: Tool | undefined, call: CallItem, signal: AbortSignal): Promise<Settled> {
  const unknown: ToolResult = { ok: false, text: `There is no tool named ${call.tool}.`, summary: `no tool ${call.tool}` };
  const result = tool ? await tool.run(call.input, signal) : unknown;
  return { ok: result.ok, summary: result.summary, outcome: { text: result.text, failedHunks: 0, expectsAnswer: true } };
}

export function editResult(call: CallItem, report: EditReport): Settled {
  const failedHunks = report.outcomes.filter((outcome) => outcome.state === "failed").length + report.malformed.length;
  const landed = report.outcomes.filter((outcome) => outcome.state === "landed").length;
  const summary = `${landed} of ${report.outcomes.length + report.malformed.length} hunks landed`;
  return {
    ok: failedHunks === 0,
    summary,
    outcome: { text: report.forModel, failedHunks, expectsAnswer: !isMessageCall(call.call) || failedHunks > 0 },
  };
}

export function fingerprint(call: CallItem, output: string): string {
  return createHash("sha256").update(`${call.tool}\0${call.input}\0${output}`).digest("base64");
}
