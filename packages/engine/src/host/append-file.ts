/** A file that only grows, private to the user; for the journal and the pre-images. */
import { type FileHandle, open } from "node:fs/promises";
import fs from "node:fs";

export interface AppendFile {
  /** Adds the bytes and gives the offset at which they begin. Throws system errors; then nothing was added, if that can be had. */
  append(bytes: Uint8Array): Promise<number>;
  /** Resolves when everything appended so far survives a power cut. */
  sync(): Promise<void>;
  read(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

export async function openAppendFile(path: string): Promise<AppendFile> {
  const handle = await open(path, "a+", 0o600);
  return {
    append: (bytes) => appendWhole(handle, bytes),
    sync: () => handle.datasync(),
    read(offset, length) {
      const bytes = Buffer.alloc(length);
      const count = fs.readSync(handle.fd, bytes, 0, length, offset);
      return bytes.subarray(0, count);
    },
    close: () => handle.close(),
  };
}

/** The size is asked each time: another process of ours may have added to the file. */
async function appendWhole(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  const { size } = await handle.stat();
  try {
    await handle.writeFile(bytes);
    return size;
  } catch (error) {
    await handle.truncate(size).catch(() => {});
    throw error;
  }
}
