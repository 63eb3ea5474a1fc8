/** Where a session works: the workspace, its state folder, its policy, the scope, and the configuration that counts there. */
import path from "node:path";
import { type LandingMode, type Lane, type Result, succeed } from "@twolane/protocol";
import { type PolicyJudge, type Scope, compileScope } from "@twolane/policy";
import { livePolicy } from "../guard/live-policy.ts";
import { openPolicy } from "../guard/policy-store.ts";
import { type TrustPlace, isTrusted } from "../guard/trust.ts";
import { readTextNow, realFolder } from "../host/user-files.ts";
import type { BoundPlace } from "../host/sandbox/confinement.ts";
import { type Workspace, findWorkspace } from "../host/workspace.ts";
import { type StateFolder, openStateFolder, stateHome } from "../journal/state-folder.ts";
import type { Tool } from "../tools/tools.ts";
import type { CatalogInput } from "../models/catalog.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface PlaceOptions {
  /** Where the command was called; the workspace is the git work tree around it, else the folder itself. */
  readonly cwd: string;
  readonly env: Environment;
  /** True: what the workspace's own files allow or start counts, for this run, whatever was said before. */
  readonly trust?: boolean;
  /** The workspace that this one is a copy of: what a person has said to its entries (MCP servers, hooks) counts here as well. */
  readonly copyOf?: string;
}

export interface LandingOptions extends PlaceOptions {
  /** Patterns of paths that may change; none: all. */
  readonly scope: readonly string[];
  readonly landing: LandingMode;
  readonly dryRun: boolean;
  /** Patterns of commands to which the person has said yes beforehand, where a rule would hold them. */
  readonly allowCommands?: readonly string[];
  /** Absent: `fast`. */
  readonly lane?: Lane;
  /** False: its model is offered no way to edit. */
  readonly edits?: boolean;
  /** What its model may call beside the usual. */
  readonly tools?: readonly Tool[];
  /** What commands and tests see at another place than it lies, read-only. */
  readonly bound?: readonly BoundPlace[];
  /** What starts the process of a job of the deep lane: program and arguments. Absent: no job can be begun from here. */
  readonly worker?: readonly string[];
  /** Somebody is there who answers what is held. */
  readonly asks?: boolean;
}

export interface Place {
  readonly workspace: Workspace;
  readonly state: StateFolder;
  /** Whether a person trusts it as it is now; looks each time. */
  readonly isTrusted: () => boolean;
  /** Where it is kept what a person has said to its entries. */
  readonly answers: TrustPlace;
}

export function openPlace(options: PlaceOptions): Result<Place> {
  const opened = placeAt(options.cwd, options.env);
  if (!opened.ok) return opened;
  const place = opened.value;
  const answers = options.copyOf === undefined ? opened : placeAt(options.copyOf, options.env);
  if (!answers.ok) return answers;
  return succeed({ ...place, answers: answers.value, isTrusted: () => options.trust === true || isTrusted(place) });
}

function placeAt(cwd: string, env: Environment): Result<TrustPlace> {
  const workspace = findWorkspace(path.resolve(cwd));
  if (!workspace.ok) return workspace;
  const state = openStateFolder(stateHome(env), workspace.value.root);
  return state.ok ? succeed({ workspace: workspace.value, state: state.value }) : state;
}

export interface LandingPlace extends Place {
  /** Where the command was called, relative to the workspace; begins with `..` outside of it. */
  readonly calledFrom: string;
  readonly scope: Scope;
  /** What the policy files say; what a prompt narrows is the scope. */
  readonly policy: PolicyJudge;
  /** `policy` answers by the files and the trust of now. POLICY_INVALID: it stays as it was. */
  readonly renewPolicy: () => Promise<Result<void>>;
}

/** The place with its scope, whose patterns are meant as seen from where the command was called. */
export async function openLandingPlace(options: LandingOptions): Promise<Result<LandingPlace>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { root } = place.value.workspace;
  const calledFrom = path
    .relative(root, realFolder(path.resolve(options.cwd)))
    .split(path.sep)
    .join("/");
  const scope = compileSeen(options.scope, calledFrom);
  if (!scope.ok) return scope;
  const read = (): Promise<Result<PolicyJudge>> =>
    openPolicy({ ...place.value, userFolder: configFolder(options.env), trusted: place.value.isTrusted() });
  const first = await read();
  if (!first.ok) return first;
  const policy = livePolicy(first.value);
  const renewPolicy = async (): Promise<Result<void>> => {
    const next = await read();
    if (!next.ok) return next;
    return succeed(policy.swap(next.value));
  };
  return succeed({ ...place.value, calledFrom, scope: scope.value, policy: policy.judge, renewPolicy });
}

/** Patterns as seen from a folder of the workspace. */
export function compileSeen(patterns: readonly string[], calledFrom: string): Result<Scope> {
  const seenFrom = (pattern: string): string => {
    const negative = pattern.startsWith("!");
    const body = negative ? pattern.slice(1) : pattern;
    const isPlain = calledFrom === "" || calledFrom.startsWith("..") || body === "" || path.isAbsolute(body);
    return isPlain ? pattern : `${negative ? "!" : ""}${path.posix.join(calledFrom, body)}`;
  };
  return compileScope(patterns.map(seenFrom));
}

export function configFolder(env: Environment): string {
  const named = env["XDG_CONFIG_HOME"];
  return path.join(named && path.isAbsolute(named) ? named : path.join(env["HOME"] ?? "/", ".config"), "twolane");
}

export function readCatalogInput(env: Environment): CatalogInput {
  const configPath = path.join(configFolder(env), "config.json");
  const configText = readTextNow(configPath);
  return { env, configPath, ...(configText !== undefined && { configText }) };
}
