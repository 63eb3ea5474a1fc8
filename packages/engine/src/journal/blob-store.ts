/** Bytes of files, one behind the other in one file. Equal bytes of one session are stored once. */
import type { AppendFile } from "../host/append-file.ts";
import { sha256 } from "../std/hash.ts";
import type { BlobRef } from "./records.ts";

/** Bytes on their way into the store. */
export interface BlobBatch {
  add(bytes: Uint8Array): BlobRef;
}

interface OpenBatch extends BlobBatch {
  /** Writes what is new, unsynced; false if nothing was. */
  write(): boolean;
  /** From now on these bytes are known. Only after they are synced. */
  keep(): void;
}

export interface BlobStore {
  /** One at a time: places are given out from the end of the file. */
  begin(): OpenBatch;
}

/** The newest pieces are remembered, to be stored once; what comes again comes soon, and memory must not grow with the session. */
const dedupeLimit = 1000;

export function createBlobStore(file: AppendFile): BlobStore {
  const stored = new Map<string, BlobRef>();
  return {
    begin() {
      const fresh = new Map<string, BlobRef>();
      const chunks: Uint8Array[] = [];
      // Asked each time: another process may have taken something of this session back.
      let end = file.size();
      return {
        add(bytes) {
          const key = sha256(bytes);
          const known = stored.get(key) ?? fresh.get(key);
          if (known) return known;
          const ref: BlobRef = [end, bytes.length];
          chunks.push(bytes);
          end += bytes.length;
          fresh.set(key, ref);
          return ref;
        },
        write() {
          if (chunks.length === 0) return false;
          file.append(Buffer.concat(chunks));
          return true;
        },
        keep() {
          for (const [key, ref] of fresh) stored.set(key, ref);
          for (const oldest of stored.keys()) {
            if (stored.size <= dedupeLimit) break;
            stored.delete(oldest);
          }
        },
      };
    },
  };
}
