/**
 * What of a conversation goes to the model: all of it, or a shorter beginning and what was said since. What was said stays whole beside it, so
 * that one can go back behind a compaction.
 */
import type { ConversationItem } from "../models/models.ts";
import { type Withdrawal, withoutReplay } from "./withdrawal.ts";

/** `provider`: items that nobody here can read. `model`: a summary. `rules`: what was said, with parts left out. */
export const compactors = ["provider", "model", "rules"] as const;

/** What goes instead of the first items behind the pinned ones. */
export interface Compaction {
  readonly by: (typeof compactors)[number];
  readonly upTo: number;
  readonly head: readonly ConversationItem[];
  /** Of the provider's: who alone can read it, `provider/name`. */
  readonly model?: string;
}

/** What this model can go on from. */
export const readableBy = (model: string, compaction: Compaction | undefined): Compaction | undefined =>
  compaction?.by === "provider" && compaction.model !== model ? undefined : compaction;

export class SentItems {
  list: ConversationItem[];
  /** Changes with everything but a new item at the end. */
  version = 0;
  /** Changes when what was prepared of an earlier list must not be used any more: a person took something back. */
  epoch = 0;
  private readonly pinned: number;
  private readonly onChange: (compaction: Compaction | undefined) => void;
  private compaction: Compaction | undefined;

  constructor(
    said: readonly ConversationItem[],
    pinned: number,
    { compaction, onChange }: { readonly compaction?: Compaction; readonly onChange: (now: Compaction | undefined) => void },
  ) {
    this.pinned = pinned;
    this.compaction = compaction;
    this.onChange = onChange;
    this.list = this.listOf(said);
  }

  /** The item at this place of what was said, behind the last one or instead of another. */
  put(index: number, item: ConversationItem): void {
    const { upTo = 0, head = [] } = this.compaction ?? {};
    const behind = index - this.pinned - upTo;
    const at =
      this.compaction === undefined || index < this.pinned ? index : behind < 0 ? -1 : this.pinned + head.length + behind;
    if (at < 0) return;
    if (at < this.list.length) this.version++;
    this.list[at] = item;
  }

  /** Instead of everything that goes now. */
  replace({ by, head, model }: Omit<Compaction, "upTo">, said: readonly ConversationItem[]): void {
    const { compaction } = this;
    // What is left of a provider's own form keeps whose it is.
    const isLeft =
      compaction?.by === "provider" && head.some((item) => item.kind === "reasoning" && compaction.head.includes(item));
    const [from, reader] = isLeft ? [compaction.by, compaction.model] : [by, model];
    this.settle({ by: from, upTo: said.length - this.pinned, head, ...(reader !== undefined && { model: reader }) }, said);
  }

  /** Rules cannot shorten what they cannot read: all that was said goes instead of it. */
  openUp(said: readonly ConversationItem[]): void {
    if (this.compaction?.by === "provider") this.settle(undefined, said);
  }

  goBack(said: readonly ConversationItem[], compaction: Compaction | undefined): void {
    this.compaction = compaction;
    this.epoch++;
    this.version++;
    this.list = this.listOf(said);
  }

  /** `touched`: what was said is not the same before this place. What was made of it could still say it, and goes. */
  clean(now: Withdrawal, said: readonly ConversationItem[], touched: number): void {
    this.epoch++;
    const { compaction } = this;
    if (compaction === undefined) return;
    if (compaction.by !== "rules" && touched < this.pinned + compaction.upTo) return this.settle(undefined, said);
    const head = compaction.head.map((item) => now.clean(item));
    if (head.every((item, at) => item === compaction.head[at])) return;
    this.settle({ ...compaction, head: head.map(withoutReplay) }, said);
  }

  /** What only one model can read goes. */
  sayPlainly(said: readonly ConversationItem[]): void {
    const { compaction } = this;
    this.epoch++;
    if (compaction === undefined) return;
    if (compaction.by === "provider") return this.settle(undefined, said);
    this.settle({ ...compaction, head: compaction.head.map(withoutReplay) }, said);
  }

  private settle(compaction: Compaction | undefined, said: readonly ConversationItem[]): void {
    this.compaction = compaction;
    this.version++;
    this.list = this.listOf(said);
    this.onChange(compaction);
  }

  private listOf(said: readonly ConversationItem[]): ConversationItem[] {
    const { compaction, pinned } = this;
    if (compaction === undefined) return [...said];
    return [...said.slice(0, pinned), ...compaction.head, ...said.slice(pinned + compaction.upTo)];
  }
}
