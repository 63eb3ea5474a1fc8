/** Changes that were rejected, as fingerprints: what is proposed again does not land by itself. Kept in the journal. */
import type { Journal } from "../../journal/journal.ts";
import type { LandingRecord } from "../../journal/records.ts";

/** The oldest are forgotten beyond it. */
const limit = 10_000;

export class Refusals {
  private readonly journal: Journal;
  private readonly prints = new Set<string>();

  /** `records`: of the session before this process. */
  constructor(journal: Journal, records: readonly LandingRecord[]) {
    this.journal = journal;
    for (const record of records) {
      if (record.type === "change.refused") this.keep(record.print);
      else if (record.type === "change.allowed") this.prints.delete(record.print);
    }
  }

  get isEmpty(): boolean {
    return this.prints.size === 0;
  }

  has(print: string): boolean {
    return this.prints.has(print);
  }

  add(print: string): void {
    if (this.prints.has(print)) return;
    this.keep(print);
    this.journal.note({ type: "change.refused", print });
  }

  allow(print: string): void {
    if (this.prints.delete(print)) this.journal.note({ type: "change.allowed", print });
  }

  private keep(print: string): void {
    this.prints.add(print);
    const [oldest] = this.prints;
    if (this.prints.size > limit && oldest !== undefined) this.prints.delete(oldest);
  }
}
