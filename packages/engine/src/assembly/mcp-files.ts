/**
 * The files that name MCP servers, read; and how each entry stands: a person's own is approved by standing there, one of a workspace counts
 * when the workspace is trusted and a person has said yes to exactly this entry. Connects to nothing.
 */
import path from "node:path";
import type { McpServerStage } from "@twolane/protocol";
import { type AskedEntry, entryAnswer } from "../guard/entry-approvals.ts";
import { fileStamp, readTextIfThere } from "../host/user-files.ts";
import { type ServerEntry, type ServersRead, type ServersText, readServers } from "../mcp/servers-file.ts";
import { type Environment, type Place, configFolder } from "./place.ts";

const largest = 256 * 1024;

interface NamingFile {
  readonly owner: ServerEntry["owner"];
  readonly file: string;
  readonly absolute: string;
}

/** The person's own first: what is named there no other file can replace. */
function namingFiles({ workspace: { root } }: Pick<Place, "workspace">, env: Environment): readonly NamingFile[] {
  const own = path.join(configFolder(env), "config.json");
  return [
    { owner: "user", file: own, absolute: own },
    { owner: "project", file: ".twolane/mcp.json", absolute: path.join(root, ".twolane/mcp.json") },
    { owner: "project", file: ".mcp.json", absolute: path.join(root, ".mcp.json") },
  ];
}

export function readServerFiles(place: Pick<Place, "workspace">, env: Environment): ServersRead {
  const texts: ServersText[] = [];
  const faults: ServersRead["faults"][number][] = [];
  for (const { owner, file, absolute } of namingFiles(place, env)) {
    const read = readTextIfThere(absolute, largest);
    if (!read.ok) faults.push({ file, why: read.failure.message });
    else if (read.value !== undefined) texts.push({ owner, file, text: read.value });
  }
  const { entries, faults: found } = readServers(texts);
  return { entries, faults: [...faults, ...found] };
}

/** The same for the same files; looks at nothing but their times and sizes. */
export const serversStamp = (place: Pick<Place, "workspace">, env: Environment): string =>
  namingFiles(place, env)
    .map(({ absolute }) => fileStamp(absolute))
    .join(" ");

export const askedOf = ({ name, hash }: Pick<ServerEntry, "name" | "hash">): AskedEntry => ({ key: `mcp ${name}`, hash });

/** `known`: it may be connected to. */
export function standingOf(
  entry: Pick<ServerEntry, "name" | "hash" | "owner" | "off">,
  place: Place,
): Extract<McpServerStage, "off" | "untrusted" | "denied" | "waits" | "known"> {
  if (entry.off) return "off";
  const answer = entryAnswer(place.answers, askedOf(entry));
  if (answer === "deny") return "denied";
  if (entry.owner === "user") return "known";
  if (!place.isTrusted()) return "untrusted";
  return answer === "approve" ? "known" : "waits";
}

/** What a person can do about it; of the stage `standingOf` says. */
export function standingNote(
  stage: McpServerStage,
  entry: Pick<ServerEntry, "name" | "hash">,
  { answers }: Pick<Place, "answers">,
): string | undefined {
  const { name } = entry;
  switch (stage) {
    case "waits":
      return `your yes is missing: /mcp approve ${name}, or \`twolane mcp approve ${name}\``;
    case "untrusted":
      return untrustedNote(entry, entryAnswer(answers, askedOf(entry)) === "approve");
    case "denied":
      return `you said no; /mcp approve ${name} takes that back`;
    case "off":
      return "its entry says so";
    default:
      return undefined;
  }
}

/** Where the workspace is not trusted, what becomes of a yes is said too: it is kept, and counts from then on. */
function untrustedNote({ name }: Pick<ServerEntry, "name">, hasYes: boolean): string {
  return hasYes
    ? "you said yes to it; the workspace must be trusted too: /trust, or `twolane trust`"
    : `the workspace is not trusted: /trust, or \`twolane trust\`; then your yes: /mcp approve ${name}, or \`twolane mcp approve ${name}\``;
}

/** A place whose trust is looked at once. */
export function lookedAt(place: Place): Place {
  let trusted: boolean | undefined;
  return { ...place, isTrusted: () => (trusted ??= place.isTrusted()) };
}
