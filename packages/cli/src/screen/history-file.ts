/** The file of a workspace's prompts: one JSON text a line, appended, so that two terminals can share it. Never fails: it is a comfort. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface HistoryFile {
  /** Oldest first. */
  read(): readonly string[];
  add(entry: string): void;
}

/** Beyond this the file is written anew with its newest half; bytes. */
const sizeLimit = 512 * 1024;

export function openHistoryFile(file: string): HistoryFile {
  const attempt = <T>(action: () => T, otherwise: T): T => {
    try {
      return action();
    } catch {
      return otherwise;
    }
  };
  const read = (): string[] => attempt(() => readFileSync(file, "utf8").split("\n").flatMap(entryOf), []);
  return {
    read,
    add(entry) {
      attempt(() => {
        mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
        // A line feed in front: a line that a crash cut off must not swallow this one.
        appendFileSync(file, `\n${JSON.stringify(entry)}\n`, { mode: 0o600 });
        if (statSync(file).size > sizeLimit) shorten(file, read());
      }, undefined);
    },
  };
}

function shorten(file: string, entries: readonly string[]): void {
  const kept = entries.slice(Math.floor(entries.length / 2)).map((entry) => `${JSON.stringify(entry)}\n`);
  writeFileSync(`${file}.${process.pid}`, kept.join(""), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

/** What is not a text is a line that was cut off. */
function entryOf(line: string): string[] {
  if (line === "") return [];
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "string" ? [entry] : [];
  } catch {
    return [];
  }
}
