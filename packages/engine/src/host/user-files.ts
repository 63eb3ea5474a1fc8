/** Small files of the user's own configuration, read before anything else can be done. */
import fs from "node:fs";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode, systemFailure } from "./errors.ts";

/** The whole text; undefined where it cannot be read. */
export function readTextNow(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The folder without links in its path; as it was given where it cannot be resolved. */
export function realFolder(path: string): string {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Readable by its owner only. Throws system errors. */
export function writeTextNow(path: string, text: string): void {
  fs.writeFileSync(path, text, { mode: 0o600, flush: true });
}

/** The path, if the text could be put there. */
export function writtenTo(path: string, text: string): string | undefined {
  try {
    writeTextNow(path, text);
    return path;
  } catch {
    return undefined;
  }
}

/** Whether its owner may run it; false where there is no such file. */
export function isExecutable(path: string): boolean {
  return ((fs.statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o100) !== 0;
}

/** Whether there is anything of that name, be it a link to nothing. */
export function isThere(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Those that are there. */
export function removeFiles(...paths: readonly string[]): void {
  for (const path of paths) fs.rmSync(path, { force: true });
}

/** Names of what lies in a folder; none where it cannot be read. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return fs.promises.readdir(folder).catch(() => []);
}

/** The text of a file that counts only when all of it was read; undefined where there is none. Refuses pipes, devices and giants. */
export function readTextIfThere(path: string, limit: number): Result<string | undefined> {
  try {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      return isThere(path) ? fail("FILE_IS_LINK", `${path} is a link to nothing.`) : succeed(undefined);
    }
    if (!found.isFile()) return fail("FILE_UNREADABLE", `${path} is no file.`);
    if (found.size > limit) return fail("FILE_TOO_LARGE", `${path} is larger than ${Math.round(limit / 1024)} KB.`);
    return succeed(fs.readFileSync(path, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return succeed(undefined);
    return systemFailure(error, path, "read");
  }
}

/** Readable by its owner only. Throws system errors. */
export function appendTextNow(path: string, text: string): void {
  fs.appendFileSync(path, text, { mode: 0o600 });
}

/** The text of a file that only this user can have written; undefined for any other. */
export function ownText(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    const { uid, mode } = fs.fstatSync(descriptor);
    const isOwn = uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0;
    return isOwn ? fs.readFileSync(descriptor, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** All of it or nothing, readable by its owner only. Throws system errors. */
export function replaceTextNow(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  writeTextNow(draft, text);
  fs.renameSync(draft, path);
}

/** What can be made again: not waited for until it is on the disk, so that it may be torn after a crash; nothing where it cannot be kept. */
export function cacheText(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    fs.writeFileSync(draft, text, { mode: 0o600 });
    fs.renameSync(draft, path);
  } catch {
    fs.rmSync(draft, { force: true });
  }
}

/** With the rights that new files have here. Throws system errors. */
export function writePublicText(path: string, text: string): void {
  fs.writeFileSync(path, text);
}

/** Differs when the file is another one or was written since; nothing where there is none. */
export function fileStamp(path: string): string {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "-" : `${found.ino}:${found.size}:${found.mtimeMs}`;
}
