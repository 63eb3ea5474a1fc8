/**
 * The tools that servers had last time, kept in the state of the workspace: so that the first request of a session offers them before anything
 * is connected, and the same text stands in front of each. A call waits for its server; what has changed joins with the next turn.
 */
import path from "node:path";
import { cacheText, readTextNow } from "../host/user-files.ts";
import type { ServerEntry } from "../mcp/servers-file.ts";
import type { ListedTool } from "../mcp/thread-messages.ts";
import { lookedAt, readServerFiles, standingOf } from "./mcp-files.ts";
import type { Environment, Place } from "./place.ts";

export interface KnownServer {
  readonly entry: ServerEntry;
  readonly tools: readonly ListedTool[];
}

interface KnownFile {
  /** Raised when what is kept changes its form. */
  readonly version: 2;
  readonly servers: readonly { readonly name: string; readonly hash: string; readonly tools: readonly ListedTool[] }[];
}

const fileOf = ({ answers }: Pick<Place, "answers">): string => path.join(answers.state.path, "mcp-tools.json");

/** Of entries that stand there as they stood then, and may be used. */
export function readKnown(place: Place, env: Environment): readonly KnownServer[] {
  const kept = readFile(place);
  if (kept.length === 0) return [];
  const looked = lookedAt(place);
  const now = new Map(readServerFiles(place, env).entries.map((entry) => [entry.name, entry]));
  return kept.flatMap(({ name, hash, tools }) => {
    const entry = now.get(name);
    return entry !== undefined && entry.hash === hash && standingOf(entry, looked) === "known" ? [{ entry, tools }] : [];
  });
}

/** In the place of what was known of a server of this name. */
export function keepKnown(place: Place, { entry: { name, hash }, tools }: KnownServer): void {
  const others = readFile(place).filter((one) => one.name !== name);
  const file: KnownFile = { version: 2, servers: [...others.slice(-mostKept), { name, hash, tools }] };
  cacheText(fileOf(place), JSON.stringify(file));
}

const mostKept = 64;

function readFile(place: Place): KnownFile["servers"] {
  const text = readTextNow(fileOf(place));
  if (text === undefined) return [];
  try {
    const kept: unknown = JSON.parse(text);
    return isKnownFile(kept) ? kept.servers : [];
  } catch {
    return [];
  }
}

/** Whatever else it holds, as of another version of ours, no session ends by it. */
function isKnownFile(value: unknown): value is KnownFile {
  if (typeof value !== "object" || value === null || !("version" in value && "servers" in value)) return false;
  return value.version === 2 && Array.isArray(value.servers) && value.servers.every(isKnownServer);
}

function isKnownServer(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("hash" in value && "tools" in value)) return false;
  return typeof value.hash === "string" && Array.isArray(value.tools) && value.tools.every(isListed);
}

function isListed(tool: unknown): boolean {
  if (typeof tool !== "object" || tool === null || !("name" in tool && "description" in tool && "schema" in tool)) return false;
  return typeof tool.name === "string" && typeof tool.description === "string" && typeof tool.schema === "object";
}
