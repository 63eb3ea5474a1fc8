/**
 * The append-only log of one session: events, records of landing and undo, and the store of bytes beside it. Events are
 * written in batches and not synced; what must survive a crash goes through `commit`, synced together with its bytes.
 *
 * Not responsible for what a record means (`edits/undo`), nor for where files are.
 */
import fs from "node:fs";
import { type Result, type SessionId, type TwolaneEvent, fail, isTransient, succeed } from "@twolane/protocol";
import { type AppendFile, openAppendFile } from "../host/append-file.ts";
import { errorCode, systemFailure } from "../host/errors.ts";
import { type BlobBatch, createBlobStore } from "./blob-store.ts";
import { createLineLog } from "./line-log.ts";
import { type BlobRef, type LandingRecord, type ParsedJournal, isLandingRecord, isPrepared, parseJournal } from "./records.ts";
import {
  type SessionFolder,
  type StateFolder,
  claim,
  evictSessions,
  makeSessionFolder,
  ownership,
  release,
  sessionFolder,
} from "./state-folder.ts";

export interface JournalOptions {
  readonly state: StateFolder;
  readonly id: SessionId;
  /** Bytes that all sessions of the workspace may take together. */
  readonly diskCap: number;
  /** Told once when events can no longer be written; the session goes on. */
  readonly onTrouble: (message: string) => void;
}

export interface Journal {
  readonly id: SessionId;
  readonly folder: SessionFolder;
  /** Transient events are not kept. Never fails. */
  append(event: TwolaneEvent): void;
  /**
   * Writes records and the bytes they refer to and syncs both. `make` runs when the place of the bytes is known.
   * DISK_FULL or STATE_UNWRITABLE: nothing of it counts. One call at a time across processes: hold the landing lock.
   * `alongside` runs while the disk syncs: by then a crash of this process can no longer lose the records.
   */
  commit(make: (blobs: BlobBatch) => readonly LandingRecord[], alongside?: () => Promise<void>): Promise<Result<void>>;
  /** Records that may be lost in a crash, because the next start finds out the same by itself. */
  note(record: LandingRecord): void;
  readBlob(ref: BlobRef): Uint8Array;
  /** Whether the content with this hash can be rebuilt from the session's records. */
  knows(hash: string): boolean;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export async function openJournal(options: JournalOptions): Promise<Result<Journal>> {
  const folder = sessionFolder(options.state, options.id);
  const made = makeSessionFolder(folder);
  if (!made.ok) return made;
  const opened = await openFiles({ folder, onTrouble: options.onTrouble, rebuildable: [], fresh: true });
  if (!opened.ok) return opened;
  const endEviction = evictLater(options);
  const { close } = opened.value;
  return succeed({
    ...opened.value,
    async close() {
      await close();
      endEviction();
    },
  });
}

/** The first request does not wait for a look at every earlier session. */
const evictAfterMs = 300;

/** Makes room for the session. What it gives ends that: a shorter one makes room behind itself, if it has kept anything. */
function evictLater({ state, id, diskCap }: JournalOptions): () => void {
  const evict = (): void => void evictSessions(state, id, diskCap);
  let isWaiting = true;
  const timer = setTimeout(() => {
    isWaiting = false;
    evict();
  }, evictAfterMs).unref();
  return () => {
    clearTimeout(timer);
    if (isWaiting && fs.statSync(sessionFolder(state, id).preimagesPath, { throwIfNoEntry: false })?.size) evict();
  };
}

export interface ReopenOptions {
  /** What `readJournal` gave. */
  readonly parsed: ParsedJournal;
  readonly onTrouble: (message: string) => void;
}

/** Opens an earlier session again, to take something of it back. It stays its owner's if that still runs. */
export async function reopenJournal(folder: SessionFolder, { parsed, onTrouble }: ReopenOptions): Promise<Result<Journal>> {
  return openFiles({ folder, onTrouble, rebuildable: rebuildableHashes(parsed.lines.filter(isLandingRecord)) });
}

/** Contents that can be rebuilt from these records: what is stored whole, and what our changes made of it. */
function rebuildableHashes(records: readonly LandingRecord[]): readonly string[] {
  return records
    .filter(isPrepared)
    .flatMap(({ pre, preHash, postHash, steps }) => [...(pre ? [preHash] : []), ...(steps.length > 0 ? [postHash] : [])]);
}

async function openFiles(options: OpenFilesOptions): Promise<Result<Journal>> {
  const { folder } = options;
  try {
    const owned = ownership(folder) !== "running" || options.fresh === true;
    if (owned) claim(folder);
    const log = await openAppendFile(folder.journalPath);
    const store = await openAppendFile(folder.preimagesPath);
    return succeed(createJournal({ ...options, log, store, owned }));
  } catch (error) {
    const failed = systemFailure(error, folder.path, "write");
    return fail(
      "STATE_UNWRITABLE",
      `The session's folder ${folder.path} cannot be used: ${failed.ok ? "" : failed.failure.message}`,
    );
  }
}

/** Everything of a session that can be read; without a journal it is empty, with one that may not be read damaged at once. */
export function readJournal(folder: SessionFolder): ParsedJournal {
  try {
    return parseJournal(fs.readFileSync(folder.journalPath, "utf8"));
  } catch (error) {
    return { lines: [], damaged: errorCode(error) === "ENOENT" ? [] : [1], torn: false };
  }
}

interface OpenFilesOptions {
  readonly folder: SessionFolder;
  readonly onTrouble: (message: string) => void;
  readonly rebuildable: Iterable<string>;
  /** A session of this process, just made. */
  readonly fresh?: boolean;
}

interface JournalFiles extends OpenFilesOptions {
  readonly log: AppendFile;
  readonly store: AppendFile;
  /** False: another process has the session open, and it stays its session. */
  readonly owned: boolean;
}

function createJournal({ folder, log, store, onTrouble, rebuildable, owned }: JournalFiles): Journal {
  const known = new Set(rebuildable);
  const blobs = createBlobStore(store);
  const lines = createLineLog({ file: log, torn: endsTorn(folder), onTrouble: (error) => onTrouble(messageOf(error)) });
  let committing: Promise<unknown> = Promise.resolve();

  const commitNow: Journal["commit"] = async (make, alongside) => {
    try {
      const batch = blobs.begin();
      const records = make(batch);
      const hasBytes = batch.write();
      lines.write(records);
      // All is written before the first sync begins: a disk that syncs it together waits once.
      const written = alongside?.();
      await Promise.all([written, hasBytes ? store.sync() : undefined, log.sync()]);
      for (const hash of rebuildableHashes(records)) known.add(hash);
      batch.keep();
      return succeed(undefined);
    } catch (error) {
      return systemFailure(error, "The journal", "write");
    }
  };
  return {
    id: folder.id,
    folder,
    append(event) {
      if (!isTransient(event.type)) lines.add(event);
    },
    commit(make, alongside) {
      const result = committing.then(() => commitNow(make, alongside));
      committing = result;
      return result;
    },
    note: (record) => lines.add(record),
    readBlob: ([offset, length]) => store.read(offset, length),
    knows: (hash) => known.has(hash),
    flush: async () => lines.flush(),
    async close() {
      await committing;
      lines.flush();
      await Promise.all([log.close(), store.close()]);
      if (owned) release(folder);
    },
  };
}

function messageOf(error: unknown): string {
  const failed = systemFailure(error, "The journal", "write");
  return failed.ok ? "" : failed.failure.message;
}

/** A line that a crash cut off must not swallow the next one. */
function endsTorn(folder: SessionFolder): boolean {
  const text = fs.readFileSync(folder.journalPath);
  return text.length > 0 && text[text.length - 1] !== 0x0a;
}
