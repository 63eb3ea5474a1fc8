/**
 * Contents of files as they were, rebuilt from a session's records and its store. Each content is known by its hash: it
 * was stored whole, or a write of ours made it from another one. What was rebuilt is checked against its hash.
 */
import type { Journal } from "../../journal/journal.ts";
import { type LandingRecord, type PreparedRecord, type WriteStep, isPrepared } from "../../journal/records.ts";
import { sha256 } from "../../std/hash.ts";
import { applyToBytes } from "../placing/file-text.ts";

export interface Preimages {
  /** `undefined` where the store is damaged or never had it. The empty hash is the file that is not there: no bytes. */
  content(hash: string): Uint8Array | undefined;
  /** The file before each step of a write, and behind the last one. */
  steps(record: PreparedRecord): readonly Uint8Array[] | undefined;
}

const empty = new Uint8Array();

export function preimages(records: readonly LandingRecord[], journal: Pick<Journal, "readBlob">): Preimages {
  const makers = new Map<string, PreparedRecord | "stored">();
  const blobs = new Map<string, PreparedRecord>();
  for (const record of records) {
    if (!isPrepared(record)) continue;
    if (record.pre && !makers.has(record.preHash)) {
      makers.set(record.preHash, "stored");
      blobs.set(record.preHash, record);
    }
    // The first maker only: it stands on contents that were there before it, so that the way back always ends.
    if (record.steps.length > 0 && record.postHash !== "" && !makers.has(record.postHash)) makers.set(record.postHash, record);
  }
  const rebuilt = new Map<string, Uint8Array>();

  const stored = (hash: string): Uint8Array | undefined => {
    const pre = blobs.get(hash)?.pre;
    return pre && journal.readBlob(pre);
  };
  const content = (hash: string): Uint8Array | undefined => {
    if (hash === "") return empty;
    const way: PreparedRecord[] = [];
    let at = hash;
    while (at !== "" && !rebuilt.has(at)) {
      const maker = makers.get(at);
      if (maker === undefined) return undefined;
      if (maker === "stored") {
        const bytes = stored(at);
        if (!bytes || sha256(bytes) !== at) return undefined;
        rebuilt.set(at, bytes);
        break;
      }
      way.push(maker);
      at = maker.preHash;
    }
    for (const record of way.toReversed()) {
      const before = record.preHash === "" ? empty : rebuilt.get(record.preHash);
      const after = before && run(before, record.steps, journal)?.at(-1);
      if (!after || sha256(after) !== record.postHash) return undefined;
      rebuilt.set(record.postHash, after);
    }
    return rebuilt.get(hash);
  };
  return {
    content,
    steps(record) {
      const before = content(record.preHash);
      return before && run(before, record.steps, journal);
    },
  };
}

function run(
  before: Uint8Array,
  steps: readonly WriteStep[],
  journal: Pick<Journal, "readBlob">,
): readonly Uint8Array[] | undefined {
  const contents = [before];
  let content = before;
  for (const { changes } of steps) {
    const bytes = changes.map(({ start, end, inserted }) => ({ start, end, bytes: journal.readBlob(inserted) }));
    if (changes.some((change, index) => change.end > content.length || bytes[index]?.bytes.length !== change.inserted[1]))
      return undefined;
    content = applyToBytes(content, bytes);
    contents.push(content);
  }
  return contents;
}
