/** A first policy for a folder, drafted from what lies in it. Reads; whoever asked writes it. */
import path from "node:path";
import type { PresetName } from "@twolane/policy";
import type { PolicyDraft } from "@twolane/policy/file";
import { type Result, succeed } from "@twolane/protocol";
import { listWorkspacePaths } from "../host/path-list.ts";
import { systemProcesses } from "../host/process.ts";
import { readTextIfThere } from "../host/user-files.ts";
import { findWorkspace } from "../host/workspace.ts";
import { ripgrepPath } from "./landing.ts";
import type { PlaceOptions } from "./place.ts";

export interface DraftedPolicy extends PolicyDraft {
  /** Real path of the folder that the policy is for. */
  readonly root: string;
  /** Of `.twolane/policy.schema.json`. */
  readonly schema: string;
}

/** FOLDER_MISSING where there is no such folder. */
export async function draftPolicyFor(options: Pick<PlaceOptions, "cwd">, preset: PresetName): Promise<Result<DraftedPolicy>> {
  const workspace = findWorkspace(path.resolve(options.cwd));
  if (!workspace.ok) return workspace;
  const { root } = workspace.value;
  const { draftPolicy, factFiles, policySchema } = await import("@twolane/policy/file");
  const paths = await listWorkspacePaths({ root, processes: systemProcesses, ripgrep: ripgrepPath });
  const text = (name: string): string | undefined => {
    const read = factFiles.includes(name) ? readTextIfThere(path.join(root, name), mostBytes) : succeed(undefined);
    return read.ok ? read.value : undefined;
  };
  const schema = `${JSON.stringify(policySchema(), null, 2)}\n`;
  return succeed({ root, schema, ...draftPolicy({ paths, text }, preset) });
}

const mostBytes = 1024 * 1024;
