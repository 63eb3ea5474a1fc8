/** What the review stands on: the session's records, the ledger folded from them, and contents of files as they were. */
import type { Journal } from "../../journal/journal.ts";
import { RecordFollower } from "../../journal/record-follower.ts";
import type { LandingRecord } from "../../journal/records.ts";
import { type Preimages, contentMemory, preimages } from "../undo/preimages.ts";
import { Offers } from "./offers.ts";
import { SessionLedger } from "./session-ledger.ts";

export interface Ground {
  readonly records: readonly LandingRecord[];
  readonly ledger: SessionLedger;
  readonly images: Preimages;
  readonly offers: Offers;
}

/** Contents of files that are remembered between two questions. */
const contentsKept = 200;

/** Costs what was added since it was last asked. */
export class ReviewGround {
  private readonly journal: Journal;
  private readonly follower: RecordFollower;
  private readonly ledger = new SessionLedger();
  private readonly offers = new Offers();
  private readonly contents = contentMemory(contentsKept);
  private images: { readonly count: number; readonly made: Preimages } | undefined;

  constructor(journal: Journal) {
    this.journal = journal;
    this.follower = new RecordFollower(journal);
  }

  /** With everything that was journaled before the call. */
  async now(): Promise<Ground> {
    return this.from(await this.follower.records());
  }

  /** Without what is not written yet: some milliseconds at most. */
  written(): Ground {
    return this.from(this.follower.recordsNow());
  }

  private from(records: readonly LandingRecord[]): Ground {
    if (this.images?.count !== records.length)
      this.images = { count: records.length, made: preimages(records, this.journal, this.contents) };
    const { made } = this.images;
    this.ledger.catchUp(records, { content: (hash) => made.content(hash), readBlob: this.journal.readBlob });
    this.offers.catchUp(records);
    return { records, ledger: this.ledger, images: made, offers: this.offers };
  }
}
