/** What was spent in one session, by day, lane, model and workflow: the same sums as of all spending, kept apart by what was worked on. */
import { type SpendBook, type SpendSource, countSpend, spendOf, spenderAfter, unknownSpender } from "../spend.ts";
import type { KpiInput, Scene } from "./fold.ts";
import type { WorkSpend } from "./report-data.ts";

export class WorkSpending {
  private source: SpendSource = unknownSpender;
  /** By workflow; of none under the empty name. */
  private readonly books = new Map<string, SpendBook>();

  take(event: KpiInput, { workflow = "" }: Scene): void {
    if (event.type === "commit.found") return;
    this.source = spenderAfter(this.source, event);
    const entry = spendOf(event, this.source);
    if (entry === undefined) return;
    const book = this.books.get(workflow) ?? new Map<string, never>();
    this.books.set(workflow, book);
    countSpend(book, entry);
  }

  rows(): readonly WorkSpend[] {
    return [...this.books].flatMap(([workflow, book]) =>
      [...book.values()].map((row) => ({ ...row, ...(workflow !== "" && { workflow }) })),
    );
  }
}
