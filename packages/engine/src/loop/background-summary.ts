/**
 * A shorter beginning of the conversation, prepared while the work goes on: by the provider where it can, else by the same model on a
 * connection of its own. Nobody waits for it, and what does not come of it costs nothing but its tokens.
 */
import type { TokenUsage } from "@twolane/protocol";
import { type ShownPart } from "../tools/shown-part.ts";
import { cutBefore } from "../context/compaction.ts";
import { attachedPart } from "../context/ledger.ts";
import { filesToShow, fitting, joined, summaryHead, summaryRequest, summaryTokens } from "../context/summary.ts";
import { sumTokens } from "../context/tokens.ts";
import type { ConversationItem, ModelRequest, ModelSession, ToolDefinition } from "../models/models.ts";
import type { Conversation } from "./conversation.ts";

export interface SummaryDeps {
  /** A second session with the same model, closed after use; undefined where there is none to ask. */
  readonly openAgain: () => ModelSession | undefined;
  /** A file as it is now; undefined where it may not be shown or is gone. */
  readonly showFile: (path: string) => Promise<ShownPart | undefined>;
}

/** Guessed tokens. */
export interface SummaryRoom {
  readonly tail: number;
  readonly files: number;
  readonly words: number;
}

export interface PreparedHead {
  readonly by: "provider" | "model";
  readonly head: readonly ConversationItem[];
  readonly usage?: TokenUsage;
}

interface Prepared extends PreparedHead {
  /** The first item that goes on behind the head. */
  readonly next: ConversationItem;
  readonly epoch: number;
}

/** Longer than this nothing is waited for; ms. */
const patience = 120_000;
/** Files that are read again for the head. */
const filesAtMost = 12;
/** Less than this is not worth a summary. */
const leastPrefix = 1500;

export class BackgroundSummary {
  private readonly deps: SummaryDeps;
  private readonly conversation: Conversation;
  private running: AbortController | undefined;
  private ready: Prepared | undefined;
  /** Models that were asked to compact and did not. */
  private readonly unable = new Set<string>();

  constructor(conversation: Conversation, deps: SummaryDeps) {
    this.conversation = conversation;
    this.deps = deps;
  }

  get isBusy(): boolean {
    return this.running !== undefined || this.isReady;
  }

  get isReady(): boolean {
    return this.ready !== undefined && this.ready.epoch === this.conversation.sent.epoch;
  }

  /** Asks now for what stands before the last `tail` tokens. */
  begin(tools: readonly ToolDefinition[], room: SummaryRoom): void {
    const { sent, pinned } = this.conversation;
    const items = sent.list.slice(pinned);
    const cut = cutBefore(items, room.tail);
    const next = items[cut];
    if (this.isBusy || next === undefined || sumTokens(items.slice(0, cut)) < leastPrefix) return;
    const running = new AbortController();
    this.running = running;
    const [epoch, prefix, tail] = [sent.epoch, items.slice(0, cut), items.slice(cut)];
    const whole = sent.list.slice(0, pinned + cut);
    void this.prepare({ whole, tools, prefix, tail, room }, running.signal).then((head) => {
      if (this.running !== running) return;
      this.running = undefined;
      if (head !== undefined) this.ready = { ...head, next, epoch };
    });
  }

  /** The whole behind the pinned items, with the head in the place of what it is made of; undefined where it does not fit any more. */
  take():
    | { readonly by: PreparedHead["by"]; readonly items: readonly ConversationItem[]; readonly usage?: TokenUsage }
    | undefined {
    const { ready } = this;
    const { sent, pinned } = this.conversation;
    this.ready = undefined;
    if (ready === undefined || ready.epoch !== sent.epoch) return undefined;
    const at = sent.list.indexOf(ready.next, pinned);
    if (at < 0) return undefined;
    const { by, head, usage } = ready;
    return { by, items: joined(head, sent.list.slice(at)), ...(usage && { usage }) };
  }

  /** What runs is ended, what is there is forgotten. */
  drop(): void {
    this.running?.abort();
    this.running = undefined;
    this.ready = undefined;
  }

  private async prepare(
    work: Pick<Parameters<typeof summaryHead>[0], "prefix"> & {
      readonly whole: readonly ConversationItem[];
      readonly tools: readonly ToolDefinition[];
      readonly tail: readonly ConversationItem[];
      readonly room: SummaryRoom;
    },
    signal: AbortSignal,
  ): Promise<PreparedHead | undefined> {
    const session = this.deps.openAgain();
    if (session === undefined) return undefined;
    try {
      const { whole, tools, prefix, tail, room } = work;
      const compacted = await this.compact(session, { items: whole, tools, compact: true }, signal);
      const request = { items: [...whole, summaryRequest], tools, maxOutputTokens: summaryTokens };
      const summary = compacted ?? (signal.aborted ? undefined : await ask(session, request, signal));
      if (summary === undefined || signal.aborted) return undefined;
      const paths = filesToShow(prefix, tail).slice(0, filesAtMost);
      const shown = await Promise.all(paths.map((path) => this.deps.showFile(path)));
      const files = fitting(
        shown.flatMap((part) => (part === undefined ? [] : [attachedPart(part)])),
        room.files,
      );
      const head = summaryHead({ prefix, summary: summary.item ?? summary.text, files, words: room.words });
      return { by: summary.item === undefined ? "model" : "provider", head, ...(summary.usage && { usage: summary.usage }) };
    } finally {
      await session.close();
    }
  }

  /** Undefined where the provider cannot; then it is not asked again. */
  private async compact(session: ModelSession, request: ModelRequest, signal: AbortSignal): Promise<Summary | undefined> {
    if (session.capabilities.compacts !== true || this.unable.has(session.model)) return undefined;
    const answer = await ask(session, request, signal);
    if (answer?.item !== undefined) return answer;
    if (!signal.aborted) this.unable.add(session.model);
    return undefined;
  }
}

/** `item`: what nobody here can read, the last of it. */
interface Summary {
  readonly text: string;
  readonly item?: ConversationItem;
  readonly usage?: TokenUsage;
}

/** Pieces of an answer are joined in such numbers: added one by one they take ten times their length until somebody reads the text. */
const piecesTogether = 500;

/** Undefined where there is no answer. Calls are not carried out. */
function ask(session: ModelSession, request: ModelRequest, signal: AbortSignal): Promise<Summary | undefined> {
  return new Promise((resolve) => {
    let joinedSoFar = "";
    let pieces: string[] = [];
    let item: ConversationItem | undefined;
    const run = session.respond(request, (event) => {
      if (event.kind === "text" && pieces.push(event.text) >= piecesTogether) {
        joinedSoFar += pieces.join("");
        pieces = [];
      }
      if (request.compact === true && event.kind === "item" && event.item.kind === "reasoning") ({ item } = event);
      if (event.kind !== "ended") return;
      clearTimeout(timer);
      const text = joinedSoFar + pieces.join("");
      const isWhole = event.ending === "completed" || event.ending === "incomplete";
      const isThere = isWhole && (item !== undefined || text.trim() !== "");
      resolve(isThere ? { text, ...(item && { item }), ...(event.usage && { usage: event.usage }) } : undefined);
    });
    const timer = setTimeout(() => run.stop(), patience);
    timer.unref();
    signal.addEventListener("abort", () => run.stop(), { once: true });
  });
}
