/** What works on this machine: the findings of `twolane doctor`. */
import { type Finding, examineNode, examineProgram } from "../host/machine.ts";
import { type SandboxState, findSandbox } from "../host/sandbox/find-sandbox.ts";
import { systemProcesses } from "../host/process.ts";
import { openConnection } from "../models/connection.ts";
import { examineModels } from "../models/examine-models.ts";
import { examineWorkspace } from "./examine-workspace.ts";
import { type PlaceOptions, openPlace, readCatalogInput } from "./place.ts";
import { ripgrepPath } from "./landing.ts";

/** Tells what works on this machine and what is missing, with one line of cure each. Never fails. */
export async function examine({ cwd, env }: PlaceOptions): Promise<readonly Finding[]> {
  const git = { subject: "git", command: "git", without: "a folder counts as the workspace", cure: "Install git." };
  const search = {
    subject: "ripgrep",
    command: ripgrepPath(),
    without: "models cannot list or search files",
    cure: "Reinstall twolane: `npm ci`.",
  };
  const place = openPlace({ cwd, env });
  const [models, sandbox, workspace, ...programs] = await Promise.all([
    examineModels(readCatalogInput(env), openConnection),
    findSandbox(systemProcesses),
    place.ok ? examineWorkspace(place.value, { cwd, env }) : [],
    examineProgram(systemProcesses, git),
    examineProgram(systemProcesses, search),
  ]);
  const state: Finding = place.ok
    ? { subject: "state folder", state: "works", text: place.value.state.path }
    : { subject: "state folder", state: "broken", text: place.failure.message, cure: place.failure.cure };
  const instant: Finding = {
    subject: "instant",
    state: "works",
    text: "renames, moves and import fixes need no model (`twolane help instant`)",
  };
  return [examineNode(process.version), ...programs, sandboxFinding(sandbox), state, ...workspace, instant, ...models];
}

function sandboxFinding(found: SandboxState): Finding {
  if ("sandbox" in found) return { subject: "sandbox", state: "works", text: found.sandbox.name };
  return { subject: "sandbox", state: "missing", text: `${found.missing}; every command waits for your yes`, cure: found.cure };
}
