/**
 * What has been said so far, in the form that goes to the model. It grows at its end, so that a wire can send what is new; only what a
 * person rejects is taken out of what was said before. Also keeps what the model must be told, until the next message goes out.
 */
import type { LandOutcome } from "../edits/landing/lander.ts";
import type { Withdrawn } from "../edits/review/reviewer.ts";
import type { ConversationItem } from "../models/models.ts";
import { type WithdrawalOptions, createWithdrawal } from "./withdrawal.ts";

/** Of a text that was cut off, this many characters of its end are told to the model. */
const cutTextLimit = 2000;

export interface Conversation {
  readonly items: readonly ConversationItem[];
  add(item: ConversationItem): void;
  /** What the person said, behind what the model must know. */
  say(text: string): void;
  /** The outputs of calls, in the order of the calls, and what the model must know. */
  returnOutputs(outputs: readonly { readonly call: string; readonly text: string }[]): void;
  /** Remembers for the next message what stayed of an edit whose call never became complete. */
  noteCutEdit(outcomes: readonly LandOutcome[]): void;
  /** Remembers for the next message what the model was saying. */
  noteCutText(text: string): void;
  /** Remembers something else for the next message. */
  note(text: string): void;
  /** Takes the text of these hunks out of all that was said, and remembers to say that they are gone. */
  withdraw(list: readonly Withdrawn[]): void;
  /** Another model goes on: what only the last one can read goes. */
  forgetReplays(): void;
  /** Nothing has been said but what is pinned and these. Whoever keeps the items knows. */
  goBack(items: readonly ConversationItem[]): void;
}

export interface ConversationOptions extends WithdrawalOptions {
  /** Said before everything else. */
  readonly pinned: readonly string[];
  /** Of an earlier session, behind what is pinned. */
  readonly restored?: readonly ConversationItem[];
  /** The item at this place behind the pinned ones is another one now; undefined: all from here on are gone. */
  readonly onItem?: (index: number, item: ConversationItem | undefined) => void;
}

/** The call id under which edits in the text of a message are reported. */
export const messageCall = "message";
export const isMessageCall = (call: string): boolean => call === messageCall || call.startsWith(`${messageCall}:`);

export function createConversation(options: ConversationOptions): Conversation {
  return new SaidSoFar(options);
}

class SaidSoFar implements Conversation {
  readonly items: ConversationItem[];
  private readonly options: ConversationOptions;
  private readonly freeform = new Map<string, boolean>();
  /** Items at the beginning that are not kept: they are read anew each time. */
  private readonly pinned: number;
  private withdrawn: Withdrawn[] = [];
  private notes: string[] = [];

  constructor(options: ConversationOptions) {
    this.options = options;
    const pinned = options.pinned.filter((text) => text !== "").map((text): ConversationItem => ({ kind: "pinned", text }));
    this.pinned = pinned.length;
    this.items = [...pinned, ...(options.restored ?? [])];
  }

  add(item: ConversationItem): void {
    if (item.kind === "call") this.freeform.set(item.call, item.freeform);
    // What was rejected while it streamed is in the finished item again.
    const clean = this.withdrawn.length === 0 ? item : createWithdrawal(this.withdrawn, this.options).clean(item);
    if (clean !== undefined) this.push(clean);
  }

  say(text: string): void {
    this.push({ kind: "user", text: [...this.notes, text].join("\n\n") });
    this.notes = [];
  }

  returnOutputs(outputs: readonly { readonly call: string; readonly text: string }[]): void {
    const withdrawal = createWithdrawal(this.withdrawn, this.options);
    for (const { call, text: whole } of outputs) {
      const text = withdrawal.cleanText(whole);
      if (isMessageCall(call)) this.push({ kind: "user", text });
      else this.push({ kind: "output", call, text, freeform: this.freeform.get(call) ?? false });
      this.freeform.delete(call);
    }
    if (this.notes.length > 0 && outputs.length > 0) this.push({ kind: "user", text: this.notes.splice(0).join("\n\n") });
  }

  noteCutEdit(outcomes: readonly LandOutcome[]): void {
    const gone = new Set(this.withdrawn.map(({ hunk }) => hunk));
    this.notes.push(describeCutEdit(outcomes.filter(({ hunk }) => !gone.has(hunk.id))));
  }

  noteCutText(text: string): void {
    const clean = createWithdrawal(this.withdrawn, this.options).cleanText(text.slice(-cutTextLimit));
    this.notes.push(`[Your answer was cut off by the user. It ended with:]\n${clean}`);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  withdraw(list: readonly Withdrawn[]): void {
    for (const one of list) this.notes.push(describeWithdrawn(one));
    const silent = list.filter(({ state }) => state !== "undone");
    if (silent.length === 0) return;
    // What is not said any more is remembered: it may still come, in an item that streams.
    this.withdrawn = [...this.withdrawn, ...silent].slice(-withdrawnKept);
    const withdrawal = createWithdrawal(silent, this.options);
    this.notes = this.notes.map((note) => withdrawal.cleanText(note));
    let gone = false;
    for (const [index, item] of this.items.entries()) {
      const clean = withdrawal.clean(item);
      if (clean === item) continue;
      gone ||= clean === undefined;
      if (clean !== undefined) this.put(index, clean);
    }
    if (gone) this.replaceAll(this.items.filter((item) => withdrawal.clean(item) !== undefined));
  }

  forgetReplays(): void {
    const plain = this.items.flatMap((item): ConversationItem[] => {
      if (item.kind === "reasoning") return [];
      if (!("replay" in item)) return [item];
      const { replay: _, ...rest } = item;
      return [rest];
    });
    this.replaceAll(plain);
  }

  goBack(items: readonly ConversationItem[]): void {
    this.items.splice(this.pinned, this.items.length, ...items);
    this.notes = [];
  }

  private push(item: ConversationItem): void {
    this.put(this.items.length, item);
  }

  private put(index: number, item: ConversationItem): void {
    this.items[index] = item;
    this.options.onItem?.(index - this.pinned, item);
  }

  private replaceAll(items: readonly ConversationItem[]): void {
    const first = items.findIndex((item, index) => item !== this.items[index]);
    const from = first < 0 ? items.length : first;
    this.items.length = from;
    this.options.onItem?.(from - this.pinned, undefined);
    for (const item of items.slice(from)) this.push(item);
  }
}

/** Hunks whose text is looked for in what still comes. */
const withdrawnKept = 200;

/** Exactly which hunks of a cut-off edit are on disk; all else of it is not. */
function describeCutEdit(outcomes: readonly LandOutcome[]): string {
  const landed = outcomes.filter((outcome) => outcome.state === "landed");
  if (landed.length === 0) return "[Your last edit was cut off by the user. Nothing of it is on disk.]";
  const lines = landed.map(({ hunk }) => `${hunk.movedTo ?? hunk.path}:${hunk.line} +${hunk.linesAdded} -${hunk.linesRemoved}`);
  return `[Your last edit was cut off by the user. On disk from it, and nothing else:]\n${lines.join("\n")}`;
}

/** Where it was and why it is gone; nothing of its text. */
function describeWithdrawn({ path, line, linesRemoved, linesAdded, state, reason }: Withdrawn): string {
  const last = line + Math.max(linesRemoved, linesAdded, 1) - 1;
  const where = line === 0 ? path : `${path}, ${last > line ? `lines ${line}-${last}` : `line ${line}`}`;
  const why = reason === "" ? "" : `: ${reason}`;
  if (state === "rejected")
    return `[The user rejected your change of ${where}${why}. It is not on disk. Do not propose it again.]`;
  if (state === "held") return `[Your change of ${where} was taken off the disk${why}.]`;
  return `[The user undid your change of ${where}. It is not on disk.]`;
}
