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
  /** The project's policy, where another than the one on disk counts, e.g. the one of a base branch. Each is a layer of its own. */
  readonly projectTexts?: readonly PolicyText[];
  /** For tests. No file and no variable of a workspace leads here. */
  readonly organisationFile?: string;
}

export interface PolicyText {
  /** As it is shown. */
  readonly path: string;
  readonly text: string;
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
  return policyOf(await readPolicyFiles(place), place.trusted);
}

export function policyOf(files: readonly PolicyFileState[], trusted: boolean): Result<PolicyJudge> {
  const layers: PolicyLayer[] = [];
  for (const { kind, path: shown, found } of files) {
    if (found === "absent") continue;
    if ("problems" in found) return { ok: false, failure: policyFailure(shown, found.problems) };
    layers.push(kind === "project" && !trusted ? tightenOnly(found.layer) : found.layer);
  }
  return succeed(compilePolicy(layers));
}

export async function readPolicyFiles(place: PolicyPlace): Promise<PolicyFileState[]> {
  const { workspace, userFolder, projectTexts, organisationFile = "/etc/twolane/policy.yaml" } = place;
  const userFile = path.join(userFolder, "policy.yaml");
  const states = [
    await readFile(place, { kind: "organisation", path: organisationFile, absolute: organisationFile }),
    await readFile(place, { kind: "user", path: userFile, absolute: userFile }),
  ];
  if (projectTexts === undefined) {
    const absolute = path.join(workspace.root, projectPolicy);
    return [...states, await readFile(place, { kind: "project", path: projectPolicy, absolute })];
  }
  for (const { path: shown, text } of projectTexts) {
    states.push({ kind: "project", path: shown, found: await parse(text, { kind: "project", path: shown }) });
  }
  return states;
}

type LayerPlace = Pick<PolicyLayer, "kind" | "path">;

async function readFile({ state }: PolicyPlace, file: LayerPlace & { readonly absolute: string }): Promise<PolicyFileState> {
  const { absolute, ...place } = file;
  const text = readTextIfThere(absolute, longest);
  if (!text.ok)
    return { ...place, found: { problems: [{ line: 0, message: withoutDot(text.failure.message), cure: text.failure.cure }] } };
  if (text.value === undefined) return { ...place, found: misnamed(absolute) };
  const kept = path.join(state.path, `policy-${place.kind}.json`);
  const hash = sha256([packageJson.version, keptForm, place.path, text.value].join("\0"));
  const layer = readKept(kept, hash);
  if (layer !== undefined) return { ...place, found: { layer } };
  const found = await parse(text.value, place);
  if ("layer" in found) {
    const written: KeptLayer = { hash, layer: found.layer };
    writtenTo(kept, JSON.stringify(written));
  }
  return { ...place, found };
}

async function parse(text: string, place: LayerPlace): Promise<Exclude<PolicyFileState["found"], "absent">> {
  const { readPolicy } = await import("@twolane/policy/file");
  const read = readPolicy(text, place);
  return read.ok ? { layer: read.layer } : { problems: read.problems };
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
