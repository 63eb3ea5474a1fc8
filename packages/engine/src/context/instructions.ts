/**
 * What is pinned at the start of every conversation: the lane's prompt and the project's AGENTS.md files. Byte-stable, so
 * that a provider's prompt cache holds.
 */
import { byteLength, cutToBytes } from "../std/text.ts";
import type { Lane } from "@twolane/protocol";
import deepLane from "./deep-lane.md";
import fastLane from "./fast-lane.md";

/** A whole text file, or undefined where there is none that can be read. Absolute path. */
export type ReadText = (path: string) => Promise<string | undefined>;

export interface InstructionPlaces {
  /** Folder of the user's own configuration, absolute. */
  readonly configFolder: string;
  /** Folders from the workspace's root down to where the command was called, absolute. */
  readonly folders: readonly string[];
  /** Absent: `fast`. */
  readonly lane?: Lane;
}

/** All AGENTS.md files together are cut behind this many bytes, as Codex does. */
const agentsLimit = 32 * 1024;
/** The first that exists counts, one file a folder. */
const agentsNames = ["AGENTS.override.md", "AGENTS.md"];

/** The lane's prompt, then the project's instructions where there are any. */
export async function pinnedTexts(places: InstructionPlaces, read: ReadText): Promise<string[]> {
  const agents = await readAgents(places, read);
  const prompt = (places.lane === "deep" ? deepLane : fastLane).trimEnd();
  return agents === "" ? [prompt] : [prompt, agents];
}

async function readAgents(places: InstructionPlaces, read: ReadText): Promise<string> {
  const found = await Promise.all([places.configFolder, ...places.folders].map((folder) => readFirst(folder, read)));
  const texts: string[] = [];
  let left = agentsLimit;
  for (const text of found) {
    if (text === undefined || text.trim() === "" || left <= 0) continue;
    const kept = cutToBytes(text.trimEnd(), left);
    left -= byteLength(kept);
    texts.push(kept === text.trimEnd() ? kept : `${kept}\n[cut: project instructions are limited to ${agentsLimit} bytes]`);
  }
  return texts.length === 0 ? "" : `Instructions of the user and the project; later ones count more:\n\n${texts.join("\n\n")}`;
}

async function readFirst(folder: string, read: ReadText): Promise<string | undefined> {
  for (const name of agentsNames) {
    const text = await read(`${folder}/${name}`);
    if (text !== undefined) return text;
  }
  return undefined;
}
