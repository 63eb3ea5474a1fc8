/**
 * Which tools of which servers a model is offered, under which names, in an order that stays: what stands in front of every request is paid
 * for with every request. Pure.
 */
import type { Lane } from "@twolane/protocol";
import type { ToolDefinition } from "../models/models.ts";
import { sha256 } from "../std/hash.ts";
import { byteLength } from "../std/text.ts";
import type { ServerEntry } from "./servers-file.ts";
import type { ListedTool } from "./thread-messages.ts";

export interface ServerTools {
  readonly entry: Pick<ServerEntry, "name" | "lanes" | "tools">;
  readonly tools: readonly ListedTool[];
}

export interface OfferedTool {
  readonly server: string;
  readonly tool: ListedTool;
  readonly definition: ToolDefinition;
}

export interface Offer {
  readonly offered: readonly OfferedTool[];
  /** Why the others are not, by server and tool. */
  readonly left: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

interface OfferLimit {
  readonly tools: number;
  /** Of all definitions together. */
  readonly bytes: number;
}

/** The fast lane pays for each byte with time in front of the person. */
export const offerLimits: Readonly<Record<Lane, OfferLimit>> = {
  fast: { tools: 24, bytes: 16 * 1024 },
  deep: { tools: 96, bytes: 96 * 1024 },
};

/** In turn a tool of each server, so that a large one leaves room for the others; told by name of server and tool. */
export function offerTools(servers: readonly ServerTools[], lane: Lane): Offer {
  const left = new Map<string, Map<string, string>>();
  const leave = (server: string, tool: string, why: string): void => {
    left.set(server, (left.get(server) ?? new Map<string, string>()).set(tool, why));
  };
  const queues = servers
    .filter(({ entry }) => entry.lanes.includes(lane))
    .toSorted((one, other) => (one.entry.name < other.entry.name ? -1 : 1))
    .map(({ entry, tools }) => ({
      name: entry.name,
      waiting: tools.filter((tool) => {
        const why =
          entry.tools?.some((pattern) => fits(pattern, tool.name)) === false ? "its entry does not name it" : tool.fault;
        if (why !== undefined) leave(entry.name, tool.name, why);
        return why === undefined;
      }),
    }));
  const offered: OfferedTool[] = [];
  const { tools: most, bytes: room } = offerLimits[lane];
  let bytes = 0;
  for (let round = 0; queues.some(({ waiting }) => waiting.length > round); round++) {
    for (const { name, waiting } of queues) {
      const tool = waiting[round];
      if (tool === undefined) continue;
      const definition = definitionOf(name, tool);
      const size = byteLength(JSON.stringify(definition));
      if (offered.length >= most) leave(name, tool.name, `${most} tools are offered in the ${lane} lane`);
      else if (bytes + size > room) leave(name, tool.name, `${room / 1024} KB of tools are offered in the ${lane} lane`);
      else {
        bytes += size;
        offered.push({ server: name, tool, definition });
      }
    }
  }
  const byName = (one: OfferedTool, other: OfferedTool): number => (one.definition.name < other.definition.name ? -1 : 1);
  return { offered: offered.sort(byName), left };
}

function definitionOf(server: string, tool: ListedTool): ToolDefinition {
  const { name, description, schema } = tool;
  return { name: toolName(server, name), description, freeform: false, parameters: { ...schema } };
}

const longestName = 64;

/**
 * `mcp__server__tool`, which every provider takes. Where that would be too long, or could mean another pair, the end is a hash of the pair: the
 * same for the same pair wherever and whenever it is made.
 */
export function toolName(server: string, tool: string): string {
  const plain = `mcp__${server}__${tool}`;
  const isPlain = /^[A-Za-z0-9_-]+$/.test(plain) && plain.length <= longestName && !/__|_$/.test(server) && !tool.startsWith("_");
  if (isPlain) return plain;
  const hash = sha256(`${server}\0${tool}`).slice(0, 10);
  const readable = plain.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, longestName - hash.length - 1);
  return `${readable}_${hash}`;
}

/** `*` stands for any characters. */
function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? "";
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
