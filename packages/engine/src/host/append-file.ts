/** A file that only grows, private to the user; for the journal and the pre-images. */
import { open } from "node:fs/promises";
import fs from "node:fs";

export interface AppendFile {
  /** Throws system errors; then nothing was added, as far as the system lets us take it back. */
  append(bytes: Uint8Array): void;
  /** Resolves when everything appended so far survives a power cut. */
  sync(): Promise<void>;
  size(): number;
  read(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

export async function openAppendFile(path: string): Promise<AppendFile> {
  const handle = await open(path, "a+", 0o600);
  return {
    append: (bytes) => appendWhole(handle.fd, bytes),
    sync: () => handle.datasync(),
    size: () => fs.fstatSync(handle.fd).size,
    read(offset, length) {
      const bytes = Buffer.alloc(length);
      const count = fs.readSync(handle.fd, bytes, 0, length, offset);
      return bytes.subarray(0, count);
    },
    close: () => handle.close(),
  };
}

/**
 * Synchronous: into the system's cache this takes some microseconds, a tenth of a way through the thread pool. Only the
 * sync waits for the disk.
 */
function appendWhole(descriptor: number, bytes: Uint8Array): void {
  const { size } = fs.fstatSync(descriptor);
  try {
    for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
  } catch (error) {
    fs.ftruncateSync(descriptor, size);
    throw error;
  }
}
