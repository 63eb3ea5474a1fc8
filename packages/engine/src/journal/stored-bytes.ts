/** The bytes that a session's records refer to, for reading only: nothing is claimed, and the session may run meanwhile. */
import fs from "node:fs";
import type { BlobRef } from "./records.ts";
import type { SessionFolder } from "./state-folder.ts";

export interface StoredBytes {
  /** Empty where they are not there any more. */
  readBlob(ref: BlobRef): Uint8Array;
  close(): void;
}

export function openStoredBytes({ preimagesPath }: SessionFolder): StoredBytes {
  let file: number | undefined;
  try {
    file = fs.openSync(preimagesPath, "r");
  } catch {
    file = undefined;
  }
  return {
    readBlob([offset, length]) {
      const bytes = Buffer.alloc(length);
      const read = file === undefined ? 0 : fs.readSync(file, bytes, 0, length, offset);
      return bytes.subarray(0, read);
    },
    close() {
      if (file !== undefined) fs.closeSync(file);
    },
  };
}
