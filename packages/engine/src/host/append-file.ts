/** A file that only grows, private to the user; for the journal and the pre-images. */
import { type FileHandle, open } from "node:fs/promises";
import fs from "node:fs";

export interface AppendFile {
  /** Throws system errors; then nothing was added, as far as the system lets us take it back. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything appended so far survives a power cut. */
  sync(): Promise<void>;
  size(): Promise<number>;
  read(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

export async function openAppendFile(path: string): Promise<AppendFile> {
  const handle = await open(path, "a+", 0o600);
  return {
    append: (bytes) => appendWhole(handle, bytes),
    sync: () => handle.datasync(),
    size: async () => (await handle.stat()).size,
    read(offset, length) {
      const bytes = Buffer.alloc(length);
      const count = fs.readSync(handle.fd, bytes, 0, length, offset);
      return bytes.subarray(0, count);
    },
    close: () => handle.close(),
  };
}

async function appendWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const { size } = await handle.stat();
  try {
    await handle.writeFile(bytes);
  } catch (error) {
    await handle.truncate(size).catch(() => {});
    throw error;
  }
}
