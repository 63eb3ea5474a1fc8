/** Ours on each wire that a rival speaks, and the floor: bare Node programs that do the same and nothing else. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFloor } from "../bundle-floor.ts";
import type { PeerClient, PeerWire } from "./client.ts";

const interrupt = "\u0003";

export const measuredWires = ["WebSocket", "Responses", "Chat", "Messages"] as const satisfies readonly PeerWire[];
type OwnWire = (typeof measuredWires)[number];

/** The provider's name in our configuration. */
const providers: Readonly<Record<OwnWire, string>> = {
  WebSocket: "sim",
  Responses: "sim-http",
  Chat: "sim-chat",
  Messages: "sim-messages",
};

/** A free Responses server over HTTP is no provider that we know by name. */
const httpProvider = (url: string): object => ({
  providers: { "sim-http": { baseUrl: `${url}/v1`, wire: "responses", capabilities: { dialect: "v4a", editForm: "freeform" } } },
});

const oursName = (wire: PeerWire): string => (wire === "WebSocket" ? "twolane" : `twolane-${wire.toLowerCase()}`);

export function ours(repository: string, version: string, wire: OwnWire): PeerClient {
  const program = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs")];
  const model = ["-m", `${providers[wire]}/scripted`];
  return {
    name: oursName(wire),
    title: "twolane",
    version,
    wire,
    tool: "read",
    reads: (_, lines) => ({ path: "small.txt", lines }),
    headless: (_, prompt) => [...program, "run", ...model, prompt],
    terminal: () => [...program, ...model],
    env: ({ url }) => ({ TWOLANE_SIM_URL: url }),
    prepare({ home, url }) {
      mkdirSync(join(home, ".config/twolane"), { recursive: true });
      writeFileSync(join(home, ".config/twolane/config.json"), JSON.stringify(httpProvider(url)));
    },
    mark: "› ",
    stop: [interrupt],
    ...(wire === "WebSocket" && { silentStop: "stops here; the rest stays unread" }),
  };
}

/** Bundled as our command is. */
export async function floorClient(repository: string, into: string): Promise<PeerClient> {
  const rounds = await bundleFloor(repository, { name: "rounds", into });
  const talk = await bundleFloor(repository, { name: "talk", into });
  return {
    name: "floor",
    title: "floor",
    version: process.version,
    wire: "WebSocket",
    tool: "read",
    reads: () => ({ path: "small.txt" }),
    headless: ({ url }, prompt) => [process.execPath, rounds, url, prompt],
    terminal: ({ url }, scene) =>
      scene === "start" ? [process.execPath, join(repository, "bench/floor/terminal.cjs")] : [process.execPath, talk, url],
    env: () => ({}),
    mark: "› ",
    stop: [interrupt],
  };
}
