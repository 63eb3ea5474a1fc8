/** MCP servers as every surface sees them: where each comes from, whether it may be used, and which of its tools a model is offered. */
import type { Lane } from "./lane.ts";

/**
 * `waits`: for a person's yes to exactly this entry. `untrusted`: for trust of the workspace. `denied`: the person said no. `off`: its
 * entry says so, or it is not for this lane. `faulty`: its entry cannot be used. `known`: it may be used and is not connected yet. `gone`:
 * it ended or did not answer.
 */
export type McpServerStage = "waits" | "untrusted" | "denied" | "off" | "faulty" | "known" | "starting" | "ready" | "gone";

export interface McpServerState {
  readonly name: string;
  /** The file that its entry stands in, as it is shown. */
  readonly file: string;
  /** Its command line or address as written: variables are not replaced. */
  readonly runs: string;
  readonly lanes: readonly Lane[];
  readonly stage: McpServerStage;
  /** One line: why, and what to do about it. */
  readonly note?: string;
  readonly tools: readonly McpToolState[];
}

export interface McpToolState {
  readonly name: string;
  /** It says of itself that it changes nothing. */
  readonly readOnly: boolean;
  /** Why the model is not offered it. */
  readonly left?: string;
}

/** What a person says to an entry of a workspace. */
export const mcpAnswers = ["approve", "deny"] as const;
export type McpAnswer = (typeof mcpAnswers)[number];
