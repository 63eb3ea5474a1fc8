/** What jobs have offered to this session, by hunk: a fold over its records. What became of the hunks is the review's business. */
import type { Hunk, HunkId } from "@twolane/protocol";
import type { Journal } from "../../journal/journal.ts";
import type { LandingRecord, OfferedPart, OfferedRecord } from "../../journal/records.ts";
import type { ByteChange } from "../edits.ts";

export interface Offer {
  readonly record: OfferedRecord;
  readonly part: OfferedPart;
}

export class Offers {
  private readonly known = new Map<HunkId, Offer>();
  private folded = 0;

  /** Takes in what is new in the records. */
  catchUp(records: readonly LandingRecord[]): void {
    for (; this.folded < records.length; this.folded++) {
      const record = records[this.folded];
      if (record?.type === "change.offered") for (const part of record.hunks) this.known.set(part.hunk, { record, part });
    }
  }

  get(hunk: HunkId): Offer | undefined {
    return this.known.get(hunk);
  }
}

/** A record without its events is one that a crash has left: its names may be those of other hunks by now. */
export function offerOf({ offers }: { readonly offers: Offers }, { id, job }: Hunk): Offer | undefined {
  return job === undefined ? undefined : offers.get(id);
}

type Blobs = Pick<Journal, "readBlob">;

/** Undefined: there was no file. */
export const baseOf = ({ base }: OfferedRecord, { readBlob }: Blobs): Uint8Array | undefined => base && readBlob(base.blob);

export const offeredChanges = ({ changes }: OfferedPart, { readBlob }: Blobs): readonly ByteChange[] =>
  changes.map(({ start, end, inserted }) => ({ start, end, bytes: readBlob(inserted) }));
