/**
 * A log of short lines that several processes of one user write and read at once: whoever appends, everybody reads it next time, in
 * the same order. No lock: a line is one write. What it says may be lost with the machine; nothing waits for the disk.
 */
import fs from "node:fs";
import path from "node:path";
import { errorCode } from "./errors.ts";
import { makePrivateFolder } from "./folders.ts";

export interface SharedLog {
  /** False where it cannot be written. Lines hold no line break. */
  append(lines: readonly string[]): boolean;
  /** Lines since the last call, one's own among them. `anew`: it is another file now, and these are all of its lines. */
  read(): { readonly lines: readonly string[]; readonly anew: boolean };
  size(): number;
  /** Begins the log anew with these lines. What is appended in this moment by others may be lost. */
  replace(lines: readonly string[]): void;
}

/** A system writes so much of a line at once that no other comes between. */
const lineLimit = 4000;
/** More than this is never read: somebody else wrote it. */
const sizeLimit = 8 * 1024 * 1024;

export function openSharedLog(file: string): SharedLog {
  return new FileLog(file);
}

class FileLog implements SharedLog {
  private readonly file: string;
  private readFrom = 0;
  /** Number of the file that was read; a replaced one has another. */
  private inode = 0;
  private hasFolder = false;

  constructor(file: string) {
    this.file = file;
  }

  append(lines: readonly string[]): boolean {
    // A line break in front: what a killed process left of a line spoils only itself.
    const text = lines.flatMap((line) => (line.length > lineLimit ? [] : [`\n${line}`])).join("");
    if (text === "") return true;
    try {
      this.makeFolder();
      fs.appendFileSync(this.file, `${text}\n`, { mode: 0o600 });
      return true;
    } catch {
      return false;
    }
  }

  read(): { readonly lines: readonly string[]; readonly anew: boolean } {
    const found = fs.statSync(this.file, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile() || found.size > sizeLimit) return { lines: [], anew: false };
    const anew = found.ino !== this.inode || found.size < this.readFrom;
    if (!anew && found.size === this.readFrom) return { lines: [], anew: false };
    if (anew) [this.inode, this.readFrom] = [found.ino, 0];
    const bytes = this.bytesFrom(this.readFrom, found.size - this.readFrom);
    const end = bytes.lastIndexOf(10) + 1;
    this.readFrom += end;
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    return { lines: lines.filter((line) => line !== ""), anew };
  }

  size(): number {
    return fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  replace(lines: readonly string[]): void {
    const draft = `${this.file}.${process.pid}.new`;
    try {
      this.makeFolder();
      fs.writeFileSync(draft, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
      fs.renameSync(draft, this.file);
    } catch {
      fs.rmSync(draft, { force: true });
    }
  }

  private makeFolder(): void {
    if (!this.hasFolder) makePrivateFolder(path.dirname(this.file));
    this.hasFolder = true;
  }

  private bytesFrom(offset: number, length: number): Buffer {
    let descriptor: number | undefined;
    try {
      descriptor = fs.openSync(this.file, "r");
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, offset));
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return Buffer.alloc(0);
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  }
}
