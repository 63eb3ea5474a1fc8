/** Files in memory: the twin of `disk.ts` for tests. Two names never share a file, and folders exist when asked for. */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { sameBytes } from "../std/bytes.ts";
import { sha256 } from "../std/hash.ts";
import { type Expected, type FileSnapshot, type Files, type ReplacedFile, maxFileBytes } from "./files.ts";

interface MemoryFile {
  bytes: Uint8Array;
  readonly mode: number;
  readonly identity: string;
}

function isAsExpected(file: MemoryFile | undefined, expected: Expected | undefined): boolean {
  if (!file || !expected) return file === expected;
  return file.identity === expected.identity && file.mode === expected.mode && sameBytes(file.bytes, expected.bytes);
}

const owner = { uid: 0, gid: 0 };

/** `content`: absolute path → text. The map that is returned beside the port shows and changes what is "on disk". */
export function memoryFiles(content: Readonly<Record<string, string>> = {}): {
  readonly files: Files;
  readonly disk: Map<string, MemoryFile>;
} {
  const disk = new Map<string, MemoryFile>();
  const folders = new Set<string>();
  for (const [name, text] of Object.entries(content)) disk.set(name, memoryFile(Buffer.from(text)));
  const files: Files = {
    rereadLimit: Number.POSITIVE_INFINITY,
    read: async (name) => readFrom(disk.get(name), path.basename(name)),
    async stage(target, options) {
      const temp = path.join(path.dirname(target), options.temp);
      const staged = memoryFile(options.bytes, options.like?.mode);
      disk.set(temp, staged);
      const discard = (): void => void disk.delete(temp);
      const replace = (expected: Expected | undefined): Result<ReplacedFile> => {
        const old = disk.get(target);
        if (!isAsExpected(old, expected)) return refused(target, expected);
        disk.delete(temp);
        disk.set(target, staged);
        return replaced(old);
      };
      return succeed({ identity: staged.identity, mode: staged.mode, replace, discard });
    },
    remove(name, expected) {
      const old = disk.get(name);
      if (!isAsExpected(old, expected)) return refused(name, expected);
      disk.delete(name);
      return replaced(old);
    },
    makeFolders(folder) {
      const missing: string[] = [];
      const within = (name: string): boolean => [...disk.keys()].some((file) => file.startsWith(`${name}/`));
      const isThere = (name: string): boolean => folders.has(name) || name === path.dirname(name) || within(name);
      for (let at = folder; !isThere(at); at = path.dirname(at)) missing.unshift(at);
      for (const made of missing) folders.add(made);
      return succeed(missing);
    },
    removeFolder(folder) {
      if ([...disk.keys(), ...folders].some((name) => name.startsWith(`${folder}/`))) return false;
      return folders.delete(folder);
    },
    discard: (name) => disk.delete(name),
  };
  return { files, disk };
}

let count = 0;

function memoryFile(bytes: Uint8Array, mode = 0o644): MemoryFile {
  return { bytes, mode, identity: `memory:${++count}` };
}

function readFrom(file: MemoryFile | undefined, shown: string): Result<FileSnapshot> {
  if (!file) return fail("FILE_MISSING", `${shown} does not exist.`);
  if (file.bytes.length > maxFileBytes) return fail("FILE_TOO_LARGE", `${shown} is too large.`);
  return succeed({ bytes: file.bytes, hash: sha256(file.bytes), mode: file.mode, owner, identity: file.identity });
}

const replaced = (file: MemoryFile | undefined): Result<ReplacedFile> =>
  succeed({
    read: () => file?.bytes,
    isStill: (bytes) => file === undefined || sameBytes(file.bytes, bytes),
    close: () => {},
  });

function refused(name: string, expected: Expected | undefined): Result<never> {
  if (expected === undefined) return fail("FILE_EXISTS", `${path.basename(name)} exists already.`);
  return fail("FILE_CHANGED", `${path.basename(name)} was changed by another program.`);
}
