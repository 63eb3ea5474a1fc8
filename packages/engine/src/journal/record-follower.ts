/**
 * The landing records of a session's journal, read once and from then on only what was added: by us, or by another process that took
 * something back. Knows nothing of what they mean.
 */
import fs from "node:fs";
import type { Journal } from "./journal.ts";
import { type BlobRef, type LandingRecord, type RecordedChange, isLandingRecord, isPrepared, parseJournal } from "./records.ts";

const lineFeed = 0x0a;

export class RecordFollower {
  private readonly journal: Journal;
  private readonly read: LandingRecord[] = [];
  /** Bytes of the journal that were taken in; always up to the end of a line. */
  private seen = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** Oldest first; the same array each time, only longer. Empty where the journal cannot be read. */
  async records(): Promise<readonly LandingRecord[]> {
    await this.journal.flush();
    return this.recordsNow();
  }

  /** Without what is not written yet. */
  recordsNow(): readonly LandingRecord[] {
    const added = this.added();
    const end = added.lastIndexOf(lineFeed) + 1;
    this.seen += end;
    if (end > 0)
      this.read.push(
        ...parseJournal(added.toString("utf8", 0, end))
          .lines.filter(isLandingRecord)
          .map(kept),
      );
    return this.read;
  }

  private added(): Buffer {
    let descriptor: number | undefined;
    try {
      descriptor = fs.openSync(this.journal.folder.journalPath, "r");
      const bytes = Buffer.alloc(Math.max(0, fs.fstatSync(descriptor).size - this.seen));
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, this.seen));
    } catch {
      return Buffer.alloc(0);
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  }
}

/** As lists the places of its bytes take twice as much as all else that is known of a change, and a session has thousands. */
class KeptChange implements RecordedChange {
  readonly start: number;
  readonly end: number;
  private readonly removedAt: number;
  private readonly removedLength: number;
  private readonly insertedAt: number;
  private readonly insertedLength: number;

  constructor({ start, end, removed, inserted }: RecordedChange) {
    this.start = start;
    this.end = end;
    [this.removedAt, this.removedLength] = removed;
    [this.insertedAt, this.insertedLength] = inserted;
  }

  get removed(): BlobRef {
    return [this.removedAt, this.removedLength];
  }

  get inserted(): BlobRef {
    return [this.insertedAt, this.insertedLength];
  }
}

function kept(record: LandingRecord): LandingRecord {
  if (!isPrepared(record)) return record;
  const steps = record.steps.map((step) => ({ ...step, changes: step.changes.map((change) => new KeptChange(change)) }));
  return { ...record, steps };
}
