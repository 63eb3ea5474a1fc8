/** The real files. A change is a synced temporary file and one rename; nobody ever sees half a file. */
import fs from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Result, fail, succeed } from "@twolane/protocol";
import { sameBytes } from "../std/bytes.ts";
import { sha256 } from "../std/hash.ts";
import { type AnchoredFolder, anchorFolder } from "./anchored-folder.ts";
import { errorCode, systemFailure } from "./errors.ts";
import {
  type Expected,
  type FileSnapshot,
  type Files,
  type ReplacedFile,
  type StageOptions,
  type StagedFile,
  maxFileBytes,
} from "./files.ts";
import { makeFolder, missingFolders } from "./folders.ts";

const permissionBits = 0o7777;
// Not blocking, so that a pipe under the name of a file cannot hang the loop.
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);

/** Reading so much takes a fraction of a millisecond. */
const rereadLimit = 1024 * 1024;

export const diskFiles: Files = {
  rereadLimit,
  read: (name) => readSnapshot(name),
  stage: (name, options) => stage(name, options),
  remove(name, expected) {
    const folder = anchorFolder(path.dirname(name));
    if (!folder.ok) return folder;
    const held = folder.value.path(path.basename(name));
    const removed = withOldFile(held, expected, () => fs.unlinkSync(held));
    folder.value.close();
    return removed;
  },
  makeFolders(folder) {
    const made: string[] = [];
    try {
      for (const each of missingFolders(folder)) if (makeFolder(each)) made.push(each);
      return succeed(made);
    } catch (error) {
      for (const own of made.toReversed()) diskFiles.removeFolder(own);
      return systemFailure(error, path.basename(folder), "write");
    }
  },
  removeFolder(folder) {
    try {
      fs.rmdirSync(folder);
      return true;
    } catch {
      return false;
    }
  },
  discard(name) {
    try {
      fs.unlinkSync(name);
      return true;
    } catch {
      return false;
    }
  },
};

const identityOf = (stat: fs.Stats): string => `${stat.dev}:${stat.ino}`;

/** Who asks for many at once gets the rest in other threads, so that no key waits for them. */
const mostReadsATurn = 4;
let readsOfTurn = 0;

/** The way to another thread and back, five times a file, takes longer than reading a small one. */
async function readSnapshot(name: string): Promise<Result<FileSnapshot>> {
  if (readsOfTurn++ === 0) setImmediate(() => void (readsOfTurn = 0));
  const read = readsOfTurn > mostReadsATurn ? undefined : readNow(name);
  return read ?? readInThread(name);
}

/** Undefined for one that is too large for it. */
function readNow(name: string): Result<FileSnapshot> | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(name, readFlags);
    const stat = fs.fstatSync(descriptor);
    const refused = unreadable(name, stat);
    if (refused !== undefined) return refused;
    return stat.size > rereadLimit ? undefined : succeed(snapshot(fs.readFileSync(descriptor), stat));
  } catch (error) {
    return systemFailure(error, path.basename(name), "read");
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

async function readInThread(name: string): Promise<Result<FileSnapshot>> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(name, readFlags);
    const stat = await handle.stat();
    const refused = unreadable(name, stat);
    if (refused !== undefined) return refused;
    const bytes = await handle.readFile();
    if (bytes.length > maxFileBytes) return fail("FILE_TOO_LARGE", `${path.basename(name)} grew while it was read.`);
    return succeed(snapshot(bytes, stat));
  } catch (error) {
    return systemFailure(error, path.basename(name), "read");
  } finally {
    await handle?.close();
  }
}

function unreadable(name: string, stat: fs.Stats): Result<never> | undefined {
  const shown = path.basename(name);
  if (stat.isDirectory()) return fail("FILE_IS_DIRECTORY", `${shown} is a folder.`);
  if (!stat.isFile()) return fail("FILE_UNREADABLE", `${shown} is not a regular file.`, "Name a regular file.");
  if (stat.size > maxFileBytes) return fail("FILE_TOO_LARGE", `${shown} has ${Math.round(stat.size / 1024 / 1024)} MB.`);
  return undefined;
}

function snapshot(bytes: Uint8Array, stat: fs.Stats): FileSnapshot {
  let hash: string | undefined;
  return {
    bytes,
    get hash() {
      return (hash ??= sha256(bytes));
    },
    mode: stat.mode & permissionBits,
    owner: { uid: stat.uid, gid: stat.gid },
    identity: identityOf(stat),
  };
}

async function stage(target: string, options: StageOptions): Promise<Result<StagedFile>> {
  const folder = anchorFolder(path.dirname(target));
  if (!folder.ok) return folder;
  const held = folder.value;
  const [temp, goal] = [held.path(options.temp), held.path(path.basename(target))];
  let descriptor: number | undefined;
  try {
    // A rename would replace a file that its owner made read-only.
    if (options.like && fs.existsSync(goal)) fs.accessSync(goal, fs.constants.W_OK);
    // Up to the sync without a way through other threads: while text streams in, each of those waits for a turn of the loop.
    descriptor = fs.openSync(temp, "wx", options.like ? 0o600 : 0o666);
    if (options.bytes.length <= rereadLimit) writeNow(descriptor, options.bytes);
    else await writeWhole(descriptor, options.bytes);
    if (options.like) dressLike(descriptor, options.like);
    await dataSync(descriptor);
    const staged = stagedFile({ temp, goal, folder: held }, fs.fstatSync(descriptor));
    fs.close(descriptor, () => {});
    return succeed(staged);
  } catch (error) {
    if (descriptor !== undefined) {
      diskFiles.discard(temp);
      fs.closeSync(descriptor);
    }
    held.close();
    return systemFailure(error, path.basename(target), "write");
  }
}

/** From memory that the system has read before: what is new to it costs a virtual machine five times the writing. */
function writeNow(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(piece.length, bytes.length - at);
    piece.set(bytes.subarray(at, at + size));
    at += fs.writeSync(descriptor, piece, 0, size);
  }
}

const writeWhole = promisify<number, Uint8Array>(fs.writeFile);
const dataSync = promisify(fs.fdatasync);

/** Owner first: changing it clears set-user-id bits. Another's file that we may write but not give away becomes ours. */
function dressLike(descriptor: number, like: Pick<FileSnapshot, "mode" | "owner">): void {
  const own = fs.fstatSync(descriptor);
  if (own.uid !== like.owner.uid || own.gid !== like.owner.gid) {
    try {
      fs.fchownSync(descriptor, like.owner.uid, like.owner.gid);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
  fs.fchmodSync(descriptor, like.mode);
}

interface Staging {
  readonly temp: string;
  readonly goal: string;
  readonly folder: AnchoredFolder;
}

function stagedFile({ temp, goal, folder }: Staging, stat: fs.Stats): StagedFile {
  const replace = (expected: Expected | undefined): Result<ReplacedFile> => {
    if (expected !== undefined) return withOldFile(goal, expected, () => fs.renameSync(temp, goal));
    try {
      linkOrRename(temp, goal);
      return succeed(nothingReplaced);
    } catch (error) {
      return systemFailure(error, path.basename(goal), "write");
    }
  };
  return {
    identity: identityOf(stat),
    mode: stat.mode & permissionBits,
    replace(expected) {
      const replaced = replace(expected);
      if (replaced.ok) folder.close();
      return replaced;
    },
    discard() {
      diskFiles.discard(temp);
      folder.close();
    },
  };
}

const nothingReplaced: ReplacedFile = { read: () => undefined, isStill: () => true, close: () => {} };

/** Runs `change` on the name while the file that has it now is held open; FILE_CHANGED if that is not what is expected. */
function withOldFile(name: string, expected: Expected, change: () => void): Result<ReplacedFile> {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(name, readFlags);
    const asExpected = isAsExpected(descriptor, expected);
    awaitRenames(name);
    // The name is looked at last: what it leads to right now is what goes.
    if (!asExpected || identityOf(fs.statSync(name)) !== expected.identity) {
      fs.closeSync(descriptor);
      return fail("FILE_CHANGED", `${path.basename(name)} was changed by another program.`);
    }
    change();
    return succeed(replacedFile(descriptor));
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    if (errorCode(error) === "ENOENT") return fail("FILE_CHANGED", `${path.basename(name)} was removed by another program.`);
    return systemFailure(error, path.basename(name), "write");
  }
}

/**
 * Another program's rename can take the system some hundred microseconds, in which the name still leads to the old file and
 * ours would wait, and then replace the new one unseen. Giving a file the name that it has always fails, and changes nothing,
 * but it waits for a rename that is under way in the folder.
 */
function awaitRenames(name: string): void {
  try {
    fs.linkSync(name, name);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

function isAsExpected(descriptor: number, { identity, bytes, mode }: Expected): boolean {
  const stat = fs.fstatSync(descriptor);
  if (identityOf(stat) !== identity || stat.size !== bytes.length || (stat.mode & permissionBits) !== mode) return false;
  return stat.size > rereadLimit || isContent(descriptor, bytes);
}

/** Memory for a whole file would be new each time, which takes longer than the reading. */
const piece = Buffer.allocUnsafeSlow(64 * 1024);

function isContent(descriptor: number, bytes: Uint8Array): boolean {
  if (fs.fstatSync(descriptor).size !== bytes.length) return false;
  for (let at = 0; at < bytes.length;) {
    const count = fs.readSync(descriptor, piece, 0, Math.min(piece.length, bytes.length - at), at);
    if (count === 0 || !sameBytes(piece.subarray(0, count), bytes.subarray(at, at + count))) return false;
    at += count;
  }
  return true;
}

function readWhole(descriptor: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(fs.fstatSync(descriptor).size);
  let filled = 0;
  while (filled < bytes.length) {
    const count = fs.readSync(descriptor, bytes, filled, bytes.length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function replacedFile(descriptor: number): ReplacedFile {
  return {
    read: () => readWhole(descriptor),
    isStill: (bytes) => isContent(descriptor, bytes),
    // Not waited for: the last close of a removed file gives its space back, which takes the system a while.
    close: () => fs.close(descriptor, () => {}),
  };
}

/** A second name and then the first one away: unlike a rename this never replaces what came meanwhile. */
function linkOrRename(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EMLINK") throw error;
    // A disk without hard links. Looking first leaves a window of microseconds.
    if (fs.lstatSync(to, { throwIfNoEntry: false })) throw Object.assign(new Error("exists"), { code: "EEXIST" });
    fs.renameSync(from, to);
    return;
  }
  fs.unlinkSync(from);
}
