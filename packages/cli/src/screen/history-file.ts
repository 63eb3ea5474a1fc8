/**
 * The file of a workspace's prompts: one JSON text a line, appended, so that two terminals can share it. Never fails: it is a comfort.
 * Which prompts are kept, and in what order they are offered, is `state/history.ts`.
 */
import {
  appendFileSync,
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

export interface HistoryFile {
  /** Oldest first, at most 1,000; a line that was cut off is left out. */
  read(): readonly string[];
  add(entry: string): void;
}

const entryLimit = 1000;
/** UTF-16 units; a longer prompt is remembered by this terminal only. */
const entryLength = 64 * 1024;
/** Beyond this the file is written anew with the newest entries that fit in half of it; bytes. */
const sizeLimit = 1024 * 1024;
/** How often an entry is written again when another terminal has put a new file in the place. */
const attempts = 3;
/** A terminal that died while it made the file shorter. */
const abandonedMs = 10_000;

export function openHistoryFile(file: string): HistoryFile {
  return {
    read: () => attempt(() => entriesIn(readFileSync(file, "utf8")), []),
    add(entry) {
      if (entry.length > entryLength) return;
      attempt(() => {
        mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
        // A line feed in front: a line that a crash cut off must not swallow this one.
        append(file, `\n${JSON.stringify(entry)}\n`);
      }, undefined);
    },
  };
}

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/** Writes again where the file was replaced meanwhile, since the old one may have been read before. */
function append(file: string, lines: string | Buffer): void {
  for (let time = 0; time < attempts; time++) {
    const opened = openSync(file, "a+", 0o600);
    try {
      const { mode } = fstatSync(opened);
      if ((mode & 0o077) !== 0) fchmodSync(opened, 0o600);
      appendFileSync(opened, lines);
      if (!isAt(file, opened)) continue;
      if (fstatSync(opened).size > sizeLimit) attempt(() => shorten(file, opened), undefined);
      return;
    } finally {
      closeSync(opened);
    }
  }
}

const isAt = (file: string, opened: number): boolean => fstatSync(opened).ino === statSync(file).ino;

/**
 * The new file is at the same time the lock: only one terminal makes it. What others append meanwhile goes into it as well; an entry
 * that is there twice does no harm.
 */
function shorten(file: string, opened: number): void {
  const fresh = `${file}.new`;
  if (attempt(() => Date.now() - statSync(fresh).mtimeMs > abandonedMs, false)) rmSync(fresh, { force: true });
  writeFileSync(fresh, "", { mode: 0o600, flag: "wx" });
  if (!isAt(file, opened)) return rmSync(fresh);
  const before = readFrom(opened, 0);
  writeFileSync(fresh, newest(entriesIn(before.toString("utf8"))));
  renameSync(fresh, file);
  const late = readFrom(opened, before.length);
  if (late.length > 0) append(file, late);
}

function readFrom(opened: number, position: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(opened).size - position));
  return bytes.subarray(0, readSync(opened, bytes, { position }));
}

/** The newest entries that fit, as lines. */
function newest(entries: readonly string[]): string {
  const lines: string[] = [];
  let room = sizeLimit / 2;
  for (const entry of entries.toReversed()) {
    const line = `${JSON.stringify(entry)}\n`;
    room -= Buffer.byteLength(line);
    if (room < 0) break;
    lines.unshift(line);
  }
  return lines.join("");
}

const entriesIn = (text: string): string[] => text.split("\n").flatMap(entryOf).slice(-entryLimit);

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
