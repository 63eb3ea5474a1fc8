/** Hosts that refused a WebSocket, kept in one small file for all workspaces. A lost or damaged file costs one round trip. */
import fs from "node:fs";
import path from "node:path";
import { makePrivateFolder } from "./folders.ts";

/** Entries kept; the ones that end first go. */
const hostLimit = 200;

export interface RefusedHosts {
  /** Milliseconds since 1970 until which the host is not asked again. */
  get(host: string): number | undefined;
  set(host: string, until: number): void;
}

/** Reads the file when it is first asked. `stateHome`: the user's folder for state. */
export function openRefusedHosts(stateHome: string): RefusedHosts {
  const file = path.join(stateHome, "twolane", "refused-upgrades.json");
  let known: Map<string, number> | undefined;
  const load = (): Map<string, number> => (known ??= read(file));
  return {
    get: (host) => load().get(host),
    set(host, until) {
      const entries = [...load().set(host, until)].toSorted((a, b) => b[1] - a[1]).slice(0, hostLimit);
      try {
        makePrivateFolder(path.dirname(file));
        fs.writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
      } catch {
        // Best effort: without it the next start asks once more.
      }
    },
  };
}

function read(file: string): Map<string, number> {
  try {
    const entries = Object.entries(JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>);
    return new Map(entries.flatMap(([host, until]) => (typeof until === "number" && until > Date.now() ? [[host, until]] : [])));
  } catch {
    return new Map();
  }
}
