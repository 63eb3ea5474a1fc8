/**
 * Whether a person trusts a workspace: said once, bound to the bytes of what in it starts processes or allows something. Kept
 * outside the workspace, where neither the loop nor a sandboxed command writes. docs/trust.md says what depends on it.
 */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { type BoundFiles, readBoundFiles } from "../host/bound-files.ts";
import { errorCode } from "../host/errors.ts";
import { ownText, realFolder, removeFiles, replaceTextNow } from "../host/user-files.ts";
import type { Workspace } from "../host/workspace.ts";
import type { StateFolder } from "../journal/state-folder.ts";
import { isRecordPath } from "./approval-records.ts";

export interface TrustPlace {
  readonly workspace: Workspace;
  readonly state: StateFolder;
}

export type Trust =
  | { readonly kind: "trusted"; readonly since: string; readonly files: readonly string[] }
  /** Nobody has said so yet. */
  | { readonly kind: "new"; readonly files: readonly string[] }
  /** Something has been added, removed or changed since. */
  | { readonly kind: "changed"; readonly since: string; readonly files: readonly string[]; readonly changed: readonly string[] }
  /** It cannot be trusted at all. */
  | { readonly kind: "impossible"; readonly reason: string };

/**
 * What trust is bound to: twolane's own folder, and what package managers and compilers take programs from before they run anything
 * else. Tests, their configuration and scripts are not: they change with the work, and run in the sandbox. Records of approvals are
 * not: one comes with every approved branch, and a session reads none.
 */
const boundNames: readonly string[] = [
  ".twolane",
  ...[".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", ".pnpmfile.mjs", ".pnp.cjs", ".pnp.loader.mjs", "bunfig.toml"],
  ...[".cargo/config.toml", ".cargo/config", "rust-toolchain", "rust-toolchain.toml", "go.work"],
];

export function isTrusted(place: TrustPlace): boolean {
  return readTrust(place).kind === "trusted";
}

export function readTrust(place: TrustPlace): Trust {
  const now = bound(place);
  if (typeof now === "string") return { kind: "impossible", reason: now };
  const files = [...now.keys()];
  const said = readRecord(place);
  if (said === undefined) return { kind: "new", files };
  const before = new Map(Object.entries(said.files));
  const changed = [...new Set([...before.keys(), ...files])].filter((name) => before.get(name) !== now.get(name));
  return changed.length === 0
    ? { kind: "trusted", since: said.since, files }
    : { kind: "changed", since: said.since, files, changed };
}

/** From here on what is there now is trusted. TRUST_IMPOSSIBLE, STATE_UNWRITABLE. */
export function giveTrust(place: TrustPlace, now: Date): Result<void> {
  const files = bound(place);
  if (typeof files === "string") return fail("TRUST_IMPOSSIBLE", files);
  const record: TrustRecord = {
    version: 1,
    root: place.workspace.root,
    since: now.toISOString(),
    files: Object.fromEntries(files),
  };
  try {
    replaceTextNow(recordPath(place), `${JSON.stringify(record, null, 2)}\n`);
    return succeed(undefined);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return fail("STATE_UNWRITABLE", `The state folder ${place.state.path} cannot be used (${code}).`);
  }
}

export function revokeTrust(place: TrustPlace): void {
  removeFiles(recordPath(place));
}

interface TrustRecord {
  readonly version: 1;
  readonly root: string;
  readonly since: string;
  readonly files: Readonly<Record<string, string>>;
}

const recordPath = ({ state }: TrustPlace): string => path.join(state.path, "trust.json");

/** The bound files; a sentence where nothing can be bound to them. */
function bound({ workspace, state }: TrustPlace): BoundFiles | string {
  const inside = path.relative(workspace.root, realFolder(state.path));
  if (inside !== ".." && !inside.startsWith(`..${path.sep}`))
    return "The state folder lies in the workspace, where the workspace could trust itself.";
  return (
    readBoundFiles(workspace.root, boundNames, isRecordPath) ??
    "The configuration of the workspace cannot be read, or is too large to look at."
  );
}

/** Undefined where there is none that counts: of another user, writable by others, or not in the form that is written here. */
function readRecord(place: TrustPlace): TrustRecord | undefined {
  const text = ownText(recordPath(place));
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) && parsed.root === place.workspace.root ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is TrustRecord {
  if (typeof value !== "object" || value === null) return false;
  if (!("version" in value && "root" in value && "since" in value && "files" in value)) return false;
  const { version, root, since, files } = value;
  const isText = (each: unknown): boolean => typeof each === "string";
  return (
    version === 1 &&
    isText(root) &&
    isText(since) &&
    typeof files === "object" &&
    files !== null &&
    Object.values(files).every(isText)
  );
}
