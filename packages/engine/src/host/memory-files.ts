/** Files in memory: the twin of `disk.ts` for tests. Two names never share a file, and folders exist when asked for. */
import path from "node:path";
import { fail, succeed } from "@twolane/protocol";
import { sameBytes } from "../std/bytes.ts";
import { sha256 } from "../std/hash.ts";
import { type Expected, type FileSnapshot, type Files, maxFileBytes } from "./files.ts";

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
export function memoryFiles(content: Readonly<Record<string, string>> = {}): { readonly files: Files; readonly disk: Map<string, MemoryFile> } {
  const disk = new Map<string, MemoryFile>();
  const folders = new Set<string>();
  let count = 0;
  const write = (name: string, bytes: Uint8Array, mode = 0o644): MemoryFile => {
    const file = { bytes, mode, identity: `memory:${++count}` };
    disk.set(name, file);
    return file;
  };
  for (const [name, text] of Object.entries(content)) write(name, Buffer.from(text));
  const changed = (name: string) => fail("FILE_CHANGED", `${path.basename(name)} was replaced by another program.`);
  const replaced = (file: MemoryFile | undefined) => succeed({ read: () => file?.bytes, close: () => {} });

  const files: Files = {
    rereadLimit: Number.POSITIVE_INFINITY,
    async read(name) {
      const file = disk.get(name);
      if (!file) return fail("FILE_MISSING", `${path.basename(name)} does not exist.`);
      if (file.bytes.length > maxFileBytes) return fail("FILE_TOO_LARGE", `${path.basename(name)} is too large.`);
      const snapshot: FileSnapshot = { bytes: file.bytes, hash: sha256(file.bytes), mode: file.mode, owner, identity: file.identity };
      return succeed(snapshot);
    },
    async stage(target, options) {
      const temp = path.join(path.dirname(target), options.temp);
      const staged = write(temp, options.bytes, options.like?.mode);
      return succeed({
        identity: staged.identity,
        mode: staged.mode,
        replace(expected) {
          const old = disk.get(target);
          if (!isAsExpected(old, expected)) return expected === undefined ? fail("FILE_EXISTS", `${path.basename(target)} exists already.`) : changed(target);
          disk.delete(temp);
          disk.set(target, staged);
          return replaced(old);
        },
        discard: () => void disk.delete(temp),
      });
    },
    remove(name, expected) {
      const old = disk.get(name);
      if (!isAsExpected(old, expected)) return changed(name);
      disk.delete(name);
      return replaced(old);
    },
    makeFolders(folder) {
      const missing: string[] = [];
      const known = (name: string): boolean => folders.has(name) || name === path.dirname(name) || [...disk.keys()].some((file) => file.startsWith(`${name}/`));
      for (let at = folder; !known(at); at = path.dirname(at)) missing.unshift(at);
      for (const made of missing) folders.add(made);
      return succeed(missing);
    },
    removeFolder(folder) {
      if ([...disk.keys(), ...folders].some((name) => name.startsWith(`${folder}/`))) return false;
      return folders.delete(folder);
    },
    exists: (name) => disk.has(name) || folders.has(name),
    discard: (name) => disk.delete(name),
    list: (folder) => [...disk.keys()].filter((name) => path.dirname(name) === folder).map((name) => path.basename(name)).sort(),
  };
  return { files, disk };
}
