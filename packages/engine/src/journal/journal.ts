/**
 * The append-only log of one session: events, records of landing and undo, and the store of bytes beside it. Events are
 * written in batches and not synced; what must survive a crash goes through `commit`, synced together with its bytes.
 *
 * Not responsible for what a record means (`edits/undo.ts`, `edits/recover.ts`), nor for where files are.
 */
import fs from "node:fs";
import { type Result, type SessionId, type TwolaneEvent, fail, isTransient, succeed } from "@twolane/protocol";
import { type AppendFile, openAppendFile } from "../host/append-file.ts";
import { systemFailure } from "../host/errors.ts";
import { sha256 } from "../std/hash.ts";
import { type BlobRef, type LandingRecord, type ParsedJournal, isLandingRecord, isPrepared, parseJournal } from "./records.ts";
import { type SessionFolder, type StateFolder, claim, evictSessions, makeSessionFolder, ownership, release, sessionFolder } from "./state-folder.ts";

export interface JournalOptions {
  readonly state: StateFolder;
  readonly id: SessionId;
  /** Bytes that all sessions of the workspace may take together. */
  readonly diskCap: number;
  /** Told once when events can no longer be written; the session goes on. */
  readonly onTrouble: (message: string) => void;
}

/** Bytes on their way into the store. Equal bytes are stored once in a session. */
export interface BlobBatch {
  add(bytes: Uint8Array): BlobRef;
}

export interface Journal {
  readonly id: SessionId;
  readonly folder: SessionFolder;
  /** Transient events are not kept. Never fails. */
  append(event: TwolaneEvent): void;
  /**
   * Writes records and the bytes they refer to and syncs both. `make` runs when the place of the bytes is known.
   * DISK_FULL or STATE_UNWRITABLE: nothing of it counts. One call at a time across processes: hold the landing lock.
   */
  commit(make: (blobs: BlobBatch) => readonly LandingRecord[]): Promise<Result<void>>;
  /** Records that may be lost in a crash, because the next start finds out the same by itself. */
  note(record: LandingRecord): void;
  readBlob(ref: BlobRef): Uint8Array;
  /** Whether the content with this hash can be rebuilt from the session's records. */
  knows(hash: string): boolean;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Buffered text above this is written at once; above eight times this, while the disk refuses, events are dropped. */
const bufferLimit = 512 * 1024;
/** Pieces that are remembered to be stored once; beyond it equal bytes may be stored again. */
const dedupeLimit = 20_000;

export async function openJournal(options: JournalOptions): Promise<Result<Journal>> {
  const folder = sessionFolder(options.state, options.id);
  const made = makeSessionFolder(folder);
  if (!made.ok) return made;
  evictSessions(options.state, options.id, options.diskCap);
  return openFiles({ folder, onTrouble: options.onTrouble, rebuildable: [], fresh: true });
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
export function rebuildableHashes(records: readonly LandingRecord[]): readonly string[] {
  return records.filter(isPrepared).flatMap(({ pre, preHash, postHash, steps }) => [...(pre ? [preHash] : []), ...(steps.length > 0 ? [postHash] : [])]);
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
    return fail("STATE_UNWRITABLE", `The session's folder ${folder.path} cannot be used: ${failed.ok ? "" : failed.failure.message}`);
  }
}

/** Everything of a session that can be read; a session without a journal is empty. */
export function readJournal(folder: SessionFolder): ParsedJournal {
  try {
    return parseJournal(fs.readFileSync(folder.journalPath, "utf8"));
  } catch {
    return { lines: [], damaged: [], torn: false };
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
  const stored = new Map<string, BlobRef>();
  const known = new Set(rebuildable);
  let buffer = endsTorn(folder) ? "\n" : "";
  let troubled = false;
  let scheduled = false;
  let writing: Promise<void> = Promise.resolve();

  /** One write after the other, so that lines keep their order. */
  const serially = <T>(action: () => Promise<T>): Promise<T> => {
    const result = writing.then(action);
    writing = result.then(
      () => {},
      () => {},
    );
    return result;
  };
  const writeBuffer = async (): Promise<void> => {
    if (buffer === "") return;
    const text = buffer;
    buffer = "";
    try {
      await log.append(Buffer.from(text, "utf8"));
    } catch (error) {
      buffer = text.length + buffer.length > bufferLimit * 8 ? buffer : text + buffer;
      throw error;
    }
  };
  const flush = (): Promise<void> =>
    serially(writeBuffer).catch((error: unknown) => {
      const failed = systemFailure(error, "The journal", "write");
      if (!troubled && !failed.ok) onTrouble(failed.failure.message);
      troubled = true;
    });
  const add = (line: TwolaneEvent | LandingRecord): void => {
    if (buffer.length > bufferLimit * 8) return;
    buffer += `${JSON.stringify(line)}\n`;
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void flush();
    });
  };

  const commit = (make: (blobs: BlobBatch) => readonly LandingRecord[]): Promise<Result<void>> =>
    serially(async () => {
      const fresh = new Map<string, BlobRef>();
      try {
        const chunks: Uint8Array[] = [];
        let end = storeSize(folder);
        const refer = (bytes: Uint8Array): BlobRef => {
          const key = sha256(bytes);
          const known = stored.get(key) ?? fresh.get(key);
          if (known) return known;
          const ref: BlobRef = [end, bytes.length];
          chunks.push(bytes);
          end += bytes.length;
          fresh.set(key, ref);
          return ref;
        };
        const records = make({ add: refer });
        if (chunks.length > 0) await store.append(Buffer.concat(chunks));
        const before = buffer;
        buffer = "";
        try {
          await log.append(Buffer.from(before + records.map((record) => `${JSON.stringify(record)}\n`).join(""), "utf8"));
        } catch (error) {
          buffer = before + buffer;
          throw error;
        }
        await Promise.all([chunks.length > 0 ? store.sync() : undefined, log.sync()]);
        for (const hash of rebuildableHashes(records)) known.add(hash);
        for (const [key, ref] of fresh) if (stored.size < dedupeLimit) stored.set(key, ref);
        return succeed(undefined);
      } catch (error) {
        return systemFailure(error, "The journal", "write");
      }
    });

  return {
    id: folder.id,
    folder,
    append(event) {
      if (!isTransient(event.type)) add(event);
    },
    commit,
    note: add,
    readBlob: ([offset, length]) => store.read(offset, length),
    knows: (hash) => known.has(hash),
    flush,
    async close() {
      await flush();
      await Promise.all([log.close(), store.close()]);
      if (owned) release(folder);
    },
  };
}

function storeSize(folder: SessionFolder): number {
  return fs.statSync(folder.preimagesPath).size;
}

/** A line that a crash cut off must not swallow the next one. */
function endsTorn(folder: SessionFolder): boolean {
  const text = fs.readFileSync(folder.journalPath);
  return text.length > 0 && text[text.length - 1] !== 0x0a;
}
