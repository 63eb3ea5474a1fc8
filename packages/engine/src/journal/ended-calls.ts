/**
 * What calls of a session's model came to, kept the moment they end and before the model hears of it: a process that is killed between the two
 * leaves behind what the next one needs, so that nothing runs twice. One JSON object a line, beside the journal, readable by the user only.
 */
import fs from "node:fs";
import path from "node:path";
import type { SessionFolder } from "./state-folder.ts";

export interface EndedCall {
  readonly call: string;
  /** As the model reads it. */
  readonly text: string;
}

const fileOf = (folder: SessionFolder): string => path.join(folder.path, "ended-calls.jsonl");

/** What the disk does not take is known as lost later. */
export function keepEndedCall(folder: SessionFolder, ended: EndedCall): void {
  try {
    // A line that was cut off by a crash must not swallow this one.
    fs.appendFileSync(fileOf(folder), `\n${JSON.stringify(ended)}`, { mode: 0o600 });
  } catch {
    return;
  }
}

export function readEndedCalls(folder: SessionFolder): ReadonlyMap<string, string> {
  let text = "";
  try {
    text = fs.readFileSync(fileOf(folder), "utf8");
  } catch {
    return new Map();
  }
  return new Map(
    text.split("\n").flatMap((line) => {
      const ended = parsed(line);
      return ended === undefined ? [] : [[ended.call, ended.text] as const];
    }),
  );
}

function parsed(line: string): EndedCall | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("call" in value) || !("text" in value)) return undefined;
    const { call, text } = value;
    return typeof call === "string" && typeof text === "string" ? { call, text } : undefined;
  } catch {
    return undefined;
  }
}
