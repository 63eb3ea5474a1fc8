/**
 * The tools that servers had last time, kept in the state of the workspace: so that the first request of a session offers them before anything
 * is connected, and the same text stands in front of each. A call waits for its server; what has changed joins with the next turn.
 */
import path from "node:path";
import { cacheText, readTextNow } from "../host/user-files.ts";
import type { ServerEntry } from "../mcp/servers-file.ts";
import type { ListedTool } from "../mcp/thread-messages.ts";
import { lookedAt, serversStamp, standingOf } from "./mcp-files.ts";
import type { Environment, Place } from "./place.ts";

export type KnownEntry = Pick<ServerEntry, "name" | "hash" | "owner" | "off" | "lanes" | "tools">;

export interface KnownServer {
  readonly entry: KnownEntry;
  readonly tools: readonly ListedTool[];
}

interface KnownFile {
  /** Raised when what is kept changes its form. */
  readonly version: 1;
  /** Of the files that named the servers then. */
  readonly stamp: string;
  readonly servers: readonly KnownServer[];
}

const fileOf = ({ state }: Pick<Place, "state">): string => path.join(state.path, "mcp-tools.json");

/** None where anything has changed since. */
export function readKnown(place: Place, env: Environment): readonly KnownServer[] {
  const text = readTextNow(fileOf(place));
  if (text === undefined) return [];
  try {
    const kept: KnownFile = JSON.parse(text);
    if (kept.version !== 1 || kept.stamp !== serversStamp(place, env)) return [];
    const looked = lookedAt(place);
    return kept.servers.filter(({ entry }) => standingOf(entry, looked) === "known");
  } catch {
    return [];
  }
}

/** Keeps what is known of these, besides what was known of others that still stand in the files. */
export function keepKnown(place: Place, env: Environment, servers: readonly KnownServer[]): void {
  const file: KnownFile = { version: 1, stamp: serversStamp(place, env), servers: servers.map(essence) };
  cacheText(fileOf(place), JSON.stringify(file));
}

const essence = ({ entry: { name, hash, owner, off, lanes, tools: named }, tools }: KnownServer): KnownServer => ({
  entry: { name, hash, owner, off, lanes, ...(named !== undefined && { tools: named }) },
  tools,
});
