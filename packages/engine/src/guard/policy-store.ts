/**
 * The policy of a workspace: its files found, read and compiled. What they mean, `@twolane/policy` knows. A text is parsed once; what
 * came of it is kept in the state folder by the text's hash, so that a start loads neither a YAML reader nor a schema.
 */
import path from "node:path";
import { type PolicyJudge, type PolicyLayer, compilePolicy, tightenOnly } from "@twolane/policy";
import type { PolicyProblem } from "@twolane/policy/file";
import { type Failure, type Result, failure, succeed } from "@twolane/protocol";
import packageJson from "../../package.json" with { type: "json" };
import { isThere, readTextIfThere, readTextNow, writtenTo } from "../host/user-files.ts";
import type { Workspace } from "../host/workspace.ts";
import type { StateFolder } from "../journal/state-folder.ts";
import { sha256 } from "../std/hash.ts";

export interface PolicyPlace {
  readonly workspace: Pick<Workspace, "root">;
  readonly state: Pick<StateFolder, "path">;
  /** Where the user's own configuration is. */
  readonly userFolder: string;
  /** Without trust the workspace's own file can only tighten. */
  readonly trusted: boolean;
  /** For tests. No file and no variable of a workspace leads here. */
  readonly organisationFile?: string;
}

/** One of the three files and what it says. */
export interface PolicyFileState {
  readonly kind: PolicyLayer["kind"];
  /** As it is shown. */
  readonly path: string;
  readonly found: "absent" | { readonly layer: PolicyLayer } | { readonly problems: readonly PolicyProblem[] };
}

/** Raised when what is kept of a text changes its form. */
const keptForm = 1;
const longest = 256 * 1024;

const projectPolicy = ".twolane/policy.yaml";

/** POLICY_INVALID where a file cannot be understood: nobody knows what it would protect, so nothing may begin without it. */
export async function openPolicy(place: PolicyPlace): Promise<Result<PolicyJudge>> {
  const layers: PolicyLayer[] = [];
  for (const file of await readPolicyFiles(place)) {
    if (file.found === "absent") continue;
    if ("problems" in file.found) return { ok: false, failure: policyFailure(file.path, file.found.problems) };
    layers.push(file.kind === "project" && !place.trusted ? tightenOnly(file.found.layer) : file.found.layer);
  }
  return succeed(compilePolicy(layers));
}

async function readPolicyFiles(place: PolicyPlace): Promise<PolicyFileState[]> {
  const { workspace, userFolder, organisationFile = "/etc/twolane/policy.yaml" } = place;
  const files = [
    { kind: "organisation", path: organisationFile, absolute: organisationFile },
    { kind: "user", path: path.join(userFolder, "policy.yaml"), absolute: path.join(userFolder, "policy.yaml") },
    { kind: "project", path: projectPolicy, absolute: path.join(workspace.root, projectPolicy) },
  ] as const;
  const states: PolicyFileState[] = [];
  for (const { kind, path: shown, absolute } of files) {
    states.push({ kind, path: shown, found: await readOne(place, { kind, path: shown, absolute }) });
  }
  return states;
}

interface PolicyFilePlace extends Pick<PolicyLayer, "kind" | "path"> {
  readonly absolute: string;
}

async function readOne(
  { state }: PolicyPlace,
  { kind, path: shown, absolute }: PolicyFilePlace,
): Promise<PolicyFileState["found"]> {
  const text = readTextIfThere(absolute, longest);
  if (!text.ok) return { problems: [{ line: 0, message: withoutDot(text.failure.message), cure: text.failure.cure }] };
  if (text.value === undefined) return misnamed(absolute);
  const kept = path.join(state.path, `policy-${kind}.json`);
  const hash = sha256([packageJson.version, keptForm, shown, text.value].join("\0"));
  const layer = readKept(kept, hash);
  if (layer !== undefined) return { layer };
  const { readPolicy } = await import("@twolane/policy/file");
  const read = readPolicy(text.value, { kind, path: shown });
  if (!read.ok) return { problems: read.problems };
  const written: KeptLayer = { hash, layer: read.layer };
  writtenTo(kept, JSON.stringify(written));
  return { layer: read.layer };
}

/** What came of the text with this hash. */
interface KeptLayer {
  readonly hash: string;
  readonly layer: PolicyLayer;
}

/** A file that nobody reads protects nothing, and nobody would notice. */
function misnamed(absolute: string): PolicyFileState["found"] {
  const other = absolute.replace(/\.yaml$/, ".yml");
  if (!isThere(other)) return "absent";
  return {
    problems: [{ line: 0, message: `${path.basename(other)} is not read`, cure: `Rename it to ${path.basename(absolute)}.` }],
  };
}

function readKept(file: string, hash: string): PolicyLayer | undefined {
  const text = readTextNow(file);
  if (text === undefined) return undefined;
  try {
    const kept: KeptLayer = JSON.parse(text);
    return kept.hash === hash ? kept.layer : undefined;
  } catch {
    return undefined;
  }
}

function policyFailure(shown: string, problems: readonly PolicyProblem[]): Failure {
  const [first] = problems;
  const place = first !== undefined && first.line > 0 ? `${shown}:${first.line}` : shown;
  const more = problems.length > 1 ? ` \`twolane policy test\` shows ${problems.length - 1} more.` : "";
  return failure("POLICY_INVALID", `${place}: ${first?.message ?? "it cannot be read"}.`, `${first?.cure ?? ""}${more}`);
}

const withoutDot = (text: string): string => text.replace(/\.$/, "");
