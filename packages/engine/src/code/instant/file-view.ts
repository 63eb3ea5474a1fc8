/**
 * The files as the language service sees them: what is on disk, and over it a change that is only tried out.
 * Reads only; bytes reach the disk through the edit engine alone.
 */
import { readFileSync, statSync } from "node:fs";
import type { TypeScript } from "./typescript-choice.ts";

export interface FileText {
  /** Without byte order mark, as TypeScript counts positions. */
  readonly text: string;
  readonly bom: boolean;
  /** False: the bytes are no valid UTF-8, so the text does not stand for them. */
  readonly exact: boolean;
}

/** Replaces `start..end` of a file's text (UTF-16 units, byte order mark not counted). */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Everything that happens to one file. Absolute paths with `/`. Edits ascending and disjoint. */
export interface FileEdit {
  readonly path: string;
  readonly edits: readonly TextEdit[];
  readonly movedTo?: string;
}

interface Known {
  readonly stamp: string;
  readonly file: FileText;
}

export class FileView {
  readonly #known = new Map<string, Known>();
  /** Text of changed files, undefined for those that are gone, while a change is tried out. */
  readonly #overlay = new Map<string, string | undefined>();
  readonly #moves = new Map<string, string>();
  #trial = 0;
  #checked = new Set<string>();
  readonly #ts: TypeScript;

  constructor(ts: TypeScript) {
    this.#ts = ts;
  }

  /** From here on files are compared with the disk again, once each. */
  refresh(): void {
    this.#checked = new Set();
  }

  /** This file alone is compared with the disk again. */
  recheck(path: string): void {
    this.#checked.delete(path);
  }

  /** As it was read last, whatever the disk says by now. */
  remembered(path: string): string | undefined {
    return this.#known.get(path)?.file.text;
  }

  /** When it was written, in ms since 1970; of one that is gone nobody knows, so that it was just now. */
  changedAt(path: string): number {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  }

  onDisk(path: string): FileText | undefined {
    const known = this.#known.get(path);
    if (known !== undefined && this.#checked.has(path)) return known.file;
    const stamp = stampNow(path);
    if (stamp === undefined) {
      this.#known.delete(path);
      return undefined;
    }
    this.#checked.add(path);
    if (known?.stamp === stamp) return known.file;
    const file = decode(readFileSync(path));
    this.#known.set(path, { stamp, file });
    return file;
  }

  /** True while every file that was looked at since the last `refresh` is on disk as it was. */
  isUnchanged(): boolean {
    return [...this.#checked].every((path) => this.#known.get(path)?.stamp === stampNow(path));
  }

  read(path: string): string | undefined {
    return this.#overlay.has(path) ? this.#overlay.get(path) : this.onDisk(path)?.text;
  }

  exists(path: string): boolean {
    return this.#overlay.has(path) ? this.#overlay.get(path) !== undefined : this.#ts.sys.fileExists(path);
  }

  /** A folder that a change would create counts, else nothing is found in it. */
  folderExists(path: string): boolean {
    return this.#ts.sys.directoryExists(path) || [...this.#moves.values()].some((moved) => moved.startsWith(`${path}/`));
  }

  version(path: string): string {
    if (this.#overlay.has(path)) return `trial ${this.#trial}`;
    return this.onDisk(path) === undefined ? "gone" : (this.#known.get(path)?.stamp ?? "gone");
  }

  /** Where a file stands while a change is tried out. */
  moved(path: string): string {
    return this.#moves.get(path) ?? path;
  }

  /** Lets `look` see these files with these texts; undefined: as not there. */
  asWere<T>(texts: ReadonlyMap<string, string | undefined>, look: () => T): T {
    this.#trial++;
    for (const [path, text] of texts) this.#overlay.set(path, text);
    try {
      return look();
    } finally {
      this.#overlay.clear();
    }
  }

  /** Lets `look` see the files as they would be after the edits. */
  tryOut<T>(edits: readonly FileEdit[], look: () => T): T {
    this.#trial++;
    for (const { path, edits: changes, movedTo } of edits) {
      const text = applyEdits(this.onDisk(path)?.text ?? "", changes);
      if (movedTo !== undefined) {
        this.#overlay.set(path, undefined);
        this.#moves.set(path, movedTo);
      }
      this.#overlay.set(movedTo ?? path, text);
    }
    try {
      return look();
    } finally {
      this.#overlay.clear();
      this.#moves.clear();
    }
  }
}

/** Another one as soon as the file is; undefined where there is none. */
export function stampNow(path: string): string | undefined {
  // In milliseconds with their fractions: exact to less than a microsecond, and a fifth cheaper than whole nanoseconds.
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : undefined;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Where a position stands after the edits; inside an edit: its beginning. */
export function shift(position: number, edits: readonly TextEdit[]): number {
  let delta = 0;
  for (const edit of edits) {
    if (edit.start >= position) break;
    if (edit.end > position) return edit.start + delta;
    delta += edit.text.length - (edit.end - edit.start);
  }
  return position + delta;
}

function decode(bytes: Uint8Array): FileText {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), bom, exact: true };
  } catch {
    return { text: new TextDecoder("utf-8").decode(bytes), bom, exact: false };
  }
}
