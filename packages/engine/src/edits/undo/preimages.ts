/**
 * Contents of files as they were, rebuilt from a session's records and its store. Each content is known by its hash: it
 * was stored whole, or a write of ours made it from another one. What was rebuilt is checked against its hash.
 */
import type { Journal } from "../../journal/journal.ts";
import { type LandingRecord, type PreparedRecord, type WriteStep, isPrepared } from "../../journal/records.ts";
import { sha256 } from "../../std/hash.ts";
import type { ByteChange } from "../edits.ts";
import { applyToBytes } from "../placing/file-text.ts";

export interface Preimages {
  /** `undefined` where the store is damaged or never had it. The empty hash is the file that is not there: no bytes. */
  content(hash: string): Uint8Array | undefined;
  /** The file before each step of a write, and behind the last one. */
  steps(record: PreparedRecord): readonly Uint8Array[] | undefined;
  /** What a step did, in the content before it. */
  changes(step: WriteStep): readonly ByteChange[] | undefined;
}

const empty = new Uint8Array();

/** `rebuilt`: what earlier ones of the same journal have rebuilt. */
export function preimages(
  records: readonly LandingRecord[],
  journal: Pick<Journal, "readBlob">,
  rebuilt: ContentMemory = contentMemory(),
): Preimages {
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

  const stored = (hash: string): Uint8Array | undefined => {
    const pre = blobs.get(hash)?.pre;
    const bytes = pre && journal.readBlob(pre);
    return bytes && sha256(bytes) === hash ? bytes : undefined;
  };
  const content = (hash: string): Uint8Array | undefined => {
    const way: PreparedRecord[] = [];
    let at = hash;
    let bytes = at === "" ? empty : rebuilt.get(at);
    while (bytes === undefined) {
      const maker = makers.get(at);
      if (maker === undefined) return undefined;
      if (maker === "stored") {
        bytes = stored(at);
        if (bytes === undefined) return undefined;
        break;
      }
      way.push(maker);
      at = maker.preHash;
      bytes = at === "" ? empty : rebuilt.get(at);
    }
    for (const record of way.toReversed()) {
      bytes = run(bytes, record.steps, journal)?.at(-1);
      if (!bytes || sha256(bytes) !== record.postHash) return undefined;
      rebuilt.put(record.postHash, bytes);
    }
    return bytes;
  };
  return {
    content,
    steps(record) {
      const before = content(record.preHash);
      return before && run(before, record.steps, journal);
    },
    changes: (step) => changesOf(step, journal),
  };
}

function run(
  before: Uint8Array,
  steps: readonly WriteStep[],
  journal: Pick<Journal, "readBlob">,
): readonly Uint8Array[] | undefined {
  const contents = [before];
  let content = before;
  for (const step of steps) {
    const changes = changesOf(step, journal);
    if (changes === undefined || changes.some(({ end }) => end > content.length)) return undefined;
    content = applyToBytes(content, changes);
    contents.push(content);
  }
  return contents;
}

function changesOf({ changes }: WriteStep, journal: Pick<Journal, "readBlob">): readonly ByteChange[] | undefined {
  const made = changes.map(({ start, end, inserted }) => ({ start, end, bytes: journal.readBlob(inserted) }));
  return made.every(({ bytes }, at) => bytes.length === changes[at]?.inserted[1]) ? made : undefined;
}

/** Rebuilt contents that are remembered, in bytes; beyond it the oldest are rebuilt again when they are asked for. */
const memoryLimit = 32 * 1024 * 1024;

/** By hash, so that what it knows stays true. */
export interface ContentMemory {
  get(hash: string): Uint8Array | undefined;
  put(hash: string, bytes: Uint8Array): void;
}

/** `atMost`: contents, for whoever remembers them as long as the session runs, in which each write makes one. */
export function contentMemory(atMost = Infinity): ContentMemory {
  const known = new Map<string, Uint8Array>();
  let size = 0;
  return {
    get: (hash) => known.get(hash),
    put(hash, bytes) {
      if (known.has(hash)) return;
      known.set(hash, bytes);
      size += bytes.length;
      for (const [oldest, { length }] of known) {
        if ((size <= memoryLimit && known.size <= atMost) || oldest === hash) break;
        known.delete(oldest);
        size -= length;
      }
    },
  };
}
