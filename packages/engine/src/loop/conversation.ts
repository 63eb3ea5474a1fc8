/**
 * What has been said so far, in the form that goes to the model. It grows at its end, so that a wire can send what is new; only what a
 * person rejects is taken out of what was said before. Also keeps what the model must be told, until the next message goes out.
 */
import type { HunkId } from "@twolane/protocol";
import type { LandOutcome } from "../edits/landing/lander.ts";
import type { Withdrawn } from "../edits/review/reviewer.ts";
import type { ConversationItem, SaidImage } from "../models/models.ts";
import { type HideText, hideItem } from "./hidden-items.ts";
import type { CallOutput } from "./call-output.ts";
import { type Compaction, SentItems } from "./sent-items.ts";
import {
  type Withdrawal,
  type WithdrawalOptions,
  type WithdrawnText,
  bareLine,
  createWithdrawal,
  ownLines,
  withoutReplay,
} from "./withdrawal.ts";

/** Of a text that was cut off, this many characters of its end are told to the model. */
const cutTextLimit = 2000;

export interface Conversation {
  /** All that was said. */
  readonly items: readonly ConversationItem[];
  /** What of it goes to the model, pinned items first. */
  readonly sent: Pick<SentItems, "list" | "version" | "epoch">;
  /** How many of them are pinned. */
  readonly pinned: number;
  /** Goes instead of everything behind the pinned items; what was said stays kept. */
  shorten(to: Omit<Compaction, "upTo">): void;
  /** What only a provider can read of what goes to it is said in full again. */
  openUp(): void;
  add(item: ConversationItem): void;
  /** What the person said, behind what the model must know and in front of the files that it names. */
  say(text: string, files?: string, images?: readonly SaidImage[]): void;
  /** What `say` would lead to. Nothing is said by it. */
  wouldBe(text: string, files?: string): readonly ConversationItem[];
  /** The outputs of calls, in the order of the calls, and what the model must know. */
  returnOutputs(outputs: readonly CallOutput[]): void;
  /** Remembers for the next message what stayed of an edit whose call never became complete. */
  noteCutEdit(outcomes: readonly LandOutcome[]): void;
  /** Remembers for the next message what the model was saying. */
  noteCutText(text: string): void;
  /** Remembers something else for the next message. */
  note(text: string): void;
  /** The model begins to write this hunk: what was said until here does not come from it. */
  markHunk(hunk: HunkId): void;
  /** Takes the text of these hunks out of all that was said, and remembers to say that they are gone. */
  withdraw(list: readonly Withdrawn[]): Withdrawal;
  /** A withdrawn hunk is on disk again: what is said from now on may show it. */
  allowAgain(hunk: HunkId): void;
  /** Another model goes on, which may write its edits in another way: what only the last one can read goes. */
  speakTo(form: WithdrawalOptions): void;
  /** Nothing has been said but what is pinned and these. Whoever keeps the items knows. */
  goBack(items: readonly ConversationItem[], compaction?: Compaction): void;
}

export interface ConversationOptions extends WithdrawalOptions {
  /** Said before everything else. */
  readonly pinned: readonly string[];
  /** Of an earlier session, behind what is pinned. */
  readonly restored?: readonly ConversationItem[];
  /** What went instead of their beginning. */
  readonly compaction?: Compaction;
  /** Nothing is said or kept but through this. */
  readonly hide?: HideText;
  /** The item at this place behind the pinned ones, behind the last one or instead of another. */
  readonly onItem?: (index: number, item: ConversationItem) => void;
  /** What goes instead of the first items from now on; undefined: nothing does. */
  readonly onCompaction?: (compaction: Compaction | undefined) => void;
}

/** The call id under which edits in the text of a message are reported. */
export const messageCall = "message";
export const isMessageCall = (call: string): boolean => call === messageCall || call.startsWith(`${messageCall}:`);

export function createConversation(options: ConversationOptions): Conversation {
  return new SaidSoFar(options);
}

class SaidSoFar implements Conversation {
  readonly items: ConversationItem[];
  readonly sent: SentItems;
  private readonly options: ConversationOptions;
  /** Ways in which edits are written in what was said. */
  private forms: readonly WithdrawalOptions[];
  private readonly freeform = new Map<string, boolean>();
  /** Items at the beginning that are not kept: they are read anew each time. */
  readonly pinned: number;
  /** How much had been said when a hunk began. */
  private readonly begun = new Map<HunkId, number>();
  private withdrawn: (Withdrawn & WithdrawnText)[] = [];
  /** Of all that is withdrawn. */
  private withdrawal: Withdrawal;
  /** A part of the answer that still comes was changed. */
  private plainAnswer = false;
  private notes: string[] = [];

  constructor(options: ConversationOptions) {
    this.options = options;
    this.forms = [options];
    const pinned = options.pinned
      .filter((text) => text !== "")
      .map((text): ConversationItem => this.hidden({ kind: "pinned", text }));
    this.pinned = pinned.length;
    this.items = [...pinned, ...(options.restored ?? [])];
    const { compaction, onCompaction = () => undefined } = options;
    this.sent = new SentItems(this.items, this.pinned, { ...(compaction && { compaction }), onChange: onCompaction });
    this.withdrawal = this.withdrawalOf([]);
  }

  shorten(to: Omit<Compaction, "upTo">): void {
    this.sent.replace(to, this.items);
  }

  openUp(): void {
    this.sent.openUp(this.items);
  }

  add(item: ConversationItem): void {
    if (item.kind === "call") this.freeform.set(item.call, item.freeform);
    // What was rejected while it streamed is in the finished item again.
    const clean = this.withdrawal.clean(this.hidden(item));
    this.push(this.plainAnswer && isOfModel(item) ? withoutReplay(clean) : clean);
    if (clean !== item) this.sayPlainly(this.items.length - 1);
  }

  say(text: string, files = "", images: readonly SaidImage[] = []): void {
    const named = images.map((image) => `\n\n[image: ${image.path}]`).join("");
    const plain = this.message(text, files + named);
    const item = images.length > 0 && plain.kind === "user" ? { ...plain, images } : plain;
    this.notes = [];
    this.push(item);
  }

  wouldBe(text: string, files = ""): readonly ConversationItem[] {
    return [...this.sent.list, this.message(text, files)];
  }

  private message(text: string, files: string): ConversationItem {
    const before = this.notes.map((note) => `${note}\n\n`).join("");
    const behind = this.withdrawal.cleanText(files);
    const own = { start: before.length, end: before.length + text.length };
    return this.hidden({ kind: "user", text: before + text + behind, ...(before + behind !== "" && { own }) });
  }

  returnOutputs(outputs: readonly CallOutput[]): void {
    for (const { call, text: whole, failed } of outputs) {
      const text = this.withdrawal.cleanText(whole);
      if (isMessageCall(call)) this.push(this.hidden(told(text)));
      else {
        const freeform = this.freeform.get(call) ?? false;
        this.push(this.hidden({ kind: "output", call, text, freeform, ...(failed && { failed }) }));
      }
      this.freeform.delete(call);
    }
    if (this.notes.length > 0 && outputs.length > 0) this.push(this.hidden(told(this.notes.splice(0).join("\n\n"))));
  }

  noteCutEdit(outcomes: readonly LandOutcome[]): void {
    const gone = new Set(this.withdrawn.map(({ hunk }) => hunk));
    this.notes.push(describeCutEdit(outcomes.filter(({ hunk }) => !gone.has(hunk.id))));
  }

  noteCutText(text: string): void {
    this.notes.push(`[Your answer was cut off by the user. It ended with:]\n${lastLines(this.withdrawal.cleanText(text))}`);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  markHunk(hunk: HunkId): void {
    this.begun.set(hunk, this.items.length);
    const [oldest] = this.begun.keys();
    if (this.begun.size > begunKept && oldest !== undefined) this.begun.delete(oldest);
  }

  withdraw(list: readonly Withdrawn[]): Withdrawal {
    this.notes.push(...list.map(describeWithdrawn));
    const places = this.firstPlaces();
    const silent = list
      .filter(({ state }) => state !== "undone")
      .map((one) => {
        const begun = this.begun.get(one.hunk) ?? 0;
        return { ...one, own: ownLines(one.lines, (line) => (places.get(line) ?? begun) < begun) };
      });
    const now = this.withdrawalOf(silent);
    if (silent.length === 0) return now;
    // What is not said any more is remembered: it may still come, in an item that streams or when a file is read.
    this.withdrawn = [...this.withdrawn, ...silent].slice(-withdrawnKept);
    this.withdrawal = this.withdrawalOf(this.withdrawn);
    this.notes = this.notes.map((note) => now.cleanText(note));
    let touched = this.items.length;
    for (const [index, item] of this.items.entries()) {
      const clean = now.clean(item);
      if (clean === item) continue;
      touched = Math.min(touched, index);
      this.put(index, clean);
      if (isOfModel(item)) this.sayPlainly(index);
    }
    this.sent.clean(now, this.items, touched);
    return now;
  }

  allowAgain(hunk: HunkId): void {
    const again = this.withdrawn.filter((one) => one.hunk === hunk);
    if (again.length === 0) return;
    this.withdrawn = this.withdrawn.filter((one) => one.hunk !== hunk);
    this.withdrawal = this.withdrawalOf(this.withdrawn);
    for (const one of again.slice(-1))
      this.notes.push(`[The user took your change of ${placeOf(one)} after all. It is on disk.]`);
  }

  speakTo(form: WithdrawalOptions): void {
    // What was said before stays in the form that it has.
    this.forms = [...this.forms, form].slice(-formsKept);
    this.withdrawal = this.withdrawalOf(this.withdrawn);
    for (const [index, item] of this.items.entries()) {
      const plain = withoutReplay(item);
      if (plain !== item) this.put(index, plain);
    }
    this.sent.sayPlainly(this.items);
  }

  goBack(items: readonly ConversationItem[], compaction?: Compaction): void {
    this.items.splice(this.pinned, this.items.length, ...items);
    this.sent.goBack(this.items, compaction);
    this.begun.clear();
    this.notes = [];
  }

  private withdrawalOf(list: readonly WithdrawnText[]): Withdrawal {
    const each = this.forms.map((form) => createWithdrawal(list, form));
    return {
      clean: (item) => each.reduce((now, one) => one.clean(now), item),
      cleanText: (text) => each.reduce((now, one) => one.cleanText(now), text),
    };
  }

  /** Where every line that does not come from the model was said first. */
  private firstPlaces(): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (const [index, item] of this.items.entries()) {
      if (isOfModel(item)) continue;
      const own = item.kind === "user" ? (item.own ?? { start: 0, end: item.text.length }) : { start: 0, end: 0 };
      for (const text of [item.text.slice(0, own.start), item.text.slice(own.end)])
        for (const line of text.split("\n"))
          for (const one of [line.trim(), bareLine(line)]) if (!places.has(one)) places.set(one, index);
    }
    return places;
  }

  /** What a provider gave as one whole cannot be given back in part: such an answer is said in plain words. */
  private sayPlainly(index: number): void {
    let first = index;
    while (first > 0 && isOfModel(this.items[first - 1]!)) first--;
    for (let at = first; at < this.items.length; at++) {
      const item = this.items[at]!;
      if (!isOfModel(item)) return;
      const plain = withoutReplay(item);
      if (plain !== item) this.put(at, plain);
    }
    this.plainAnswer = true;
  }

  private hidden(item: ConversationItem): ConversationItem {
    const { hide } = this.options;
    return hide === undefined ? item : hideItem(item, hide);
  }

  private push(item: ConversationItem): void {
    if (!isOfModel(item)) this.plainAnswer = false;
    this.put(this.items.length, item);
  }

  private put(index: number, item: ConversationItem): void {
    this.items[index] = item;
    this.sent.put(index, item);
    this.options.onItem?.(index - this.pinned, item);
  }
}

/** Hunks whose text is looked for in what still comes. */
const withdrawnKept = 200;
/** Hunks of which it is known when they began. */
const begunKept = 2000;

/** Models in one session whose ways to write edits are known. */
const formsKept = 4;

const isOfModel = (item: ConversationItem): item is Extract<ConversationItem, { kind: "assistant" | "reasoning" | "call" }> =>
  item.kind === "assistant" || item.kind === "reasoning" || item.kind === "call";

/** Said by nobody but us. */
const told = (text: string): ConversationItem => ({ kind: "user", text, own: { start: 0, end: 0 } });

/** Whole lines: of half a line nobody would know later whose it was. */
function lastLines(text: string): string {
  const end = text.slice(-cutTextLimit);
  return end.length < text.length ? end.slice(end.indexOf("\n") + 1) : end;
}

/** Exactly which hunks of a cut-off edit are on disk; all else of it is not. */
function describeCutEdit(outcomes: readonly LandOutcome[]): string {
  const landed = outcomes.filter((outcome) => outcome.state === "landed");
  if (landed.length === 0) return "[Your last edit was cut off by the user. Nothing of it is on disk.]";
  const lines = landed.map(({ hunk }) => `${hunk.movedTo ?? hunk.path}:${hunk.line} +${hunk.linesAdded} -${hunk.linesRemoved}`);
  return `[Your last edit was cut off by the user. On disk from it, and nothing else:]\n${lines.join("\n")}`;
}

const placeOf = ({ path, line, linesRemoved, linesAdded }: Omit<Withdrawn, "lines">): string => {
  const last = line + Math.max(linesRemoved, linesAdded, 1) - 1;
  return line === 0 ? path : `${path}, ${last > line ? `lines ${line}-${last}` : `line ${line}`}`;
};

/** Where it was and why it is gone; nothing of its text. */
export function describeWithdrawn(one: Omit<Withdrawn, "lines">): string {
  const where = placeOf(one);
  const why = one.reason === "" ? "" : `: ${one.reason}`;
  switch (one.state) {
    case "rejected":
      return `[The user rejected your change of ${where}${why}. It is not on disk. Do not propose it again.]`;
    case "held":
      return `[Your change of ${where} was taken off the disk${why}.]`;
    case "undone":
      return `[The user undid your change of ${where}. It is not on disk.]`;
  }
}
