/**
 * The blocks of one answer on the Anthropic Messages wire, put together from their pieces, and the items that they become. A block
 * may have been cut by the output limit, which is known only behind it: a call with whole arguments is told at once, everything
 * else when the next block begins or the answer has come to a proper end.
 */
import type { ConversationItem, ModelEvent } from "../models.ts";
import type { KeptThinking } from "./messages-turns.ts";

type Fields = Readonly<Record<string, unknown>>;

type Open =
  | { readonly kind: "text"; text: string }
  | { readonly kind: "thinking"; text: string; signature: string }
  | { readonly kind: "redacted"; readonly data: string }
  | { readonly kind: "call"; readonly call: string; readonly tool: string; input: string; whole: string };

export interface MessageBlocksOptions {
  /** Ids that the conversation has used already. */
  readonly usedIds: ReadonlySet<string>;
  /** Beginning of the ids that are made here. */
  readonly idPrefix: string;
  readonly tell: (event: ModelEvent) => void;
}

export class MessageBlocks {
  private readonly open = new Map<unknown, Open>();
  private readonly ids: Set<string>;
  private readonly idPrefix: string;
  private readonly tell: (event: ModelEvent) => void;
  /** Whole, unless the output limit says otherwise. */
  private held: Open[] = [];

  constructor({ usedIds, idPrefix, tell }: MessageBlocksOptions) {
    this.ids = new Set(usedIds);
    this.idPrefix = idPrefix;
    this.tell = tell;
  }

  start(index: unknown, block: Fields): void {
    switch (block["type"]) {
      case "text":
        return this.say(this.begin(index, { kind: "text", text: "" }), textIn(block, "text"));
      case "thinking": {
        const begun = this.begin(index, { kind: "thinking", text: "", signature: textIn(block, "signature") });
        return this.say(begun, textIn(block, "thinking"));
      }
      case "redacted_thinking":
        this.begin(index, { kind: "redacted", data: textIn(block, "data") });
        return;
      case "tool_use": {
        const input = block["input"];
        const given = typeof input === "object" && input !== null && Object.keys(input).length > 0;
        const [call, tool] = [this.idFor(block["id"]), textIn(block, "name")];
        this.begin(index, { kind: "call", call, tool, input: "", whole: given ? JSON.stringify(input) : "{}" });
        this.tell({ kind: "call.started", call, tool, freeform: false });
      }
    }
  }

  delta(index: unknown, delta: Fields): void {
    const block =
      this.open.get(index) ?? (delta["type"] === "text_delta" ? this.begin(index, { kind: "text", text: "" }) : undefined);
    if (block === undefined) return;
    const field = { text: "text", thinking: "thinking", call: "partial_json", redacted: "" }[block.kind];
    if (field !== "") this.say(block, textIn(delta, field));
    if (block.kind === "thinking") block.signature += textIn(delta, "signature");
  }

  stop(index: unknown): void {
    const block = this.open.get(index);
    this.open.delete(index);
    if (block === undefined) return;
    // Some gateways give the arguments only where the block begins.
    if (block.kind === "call" && block.input === "") this.say(block, block.whole);
    this.held.push(block);
    if (block.kind === "call" && isWhole(block.input)) this.release();
  }

  /** The answer is over; `cut`: in the middle of its last block. */
  finish(cut: boolean): void {
    if (cut) this.held = [];
    else for (const index of [...this.open.keys()]) this.stop(index);
    this.release();
  }

  private begin(index: unknown, block: Open): Open {
    this.release();
    this.open.set(index, block);
    return block;
  }

  private release(): void {
    const blocks = this.held;
    this.held = [];
    for (const block of blocks) for (const item of itemsOf(block)) this.tell({ kind: "item", item });
  }

  private idFor(given: unknown): string {
    const id = typeof given === "string" && given !== "" && !this.ids.has(given) ? given : `${this.idPrefix}_${this.ids.size}`;
    this.ids.add(id);
    return id;
  }

  private say(block: Open, text: string): void {
    if (text === "") return;
    switch (block.kind) {
      case "text":
        block.text += text;
        return this.tell({ kind: "text", text });
      case "thinking":
        block.text += text;
        return this.tell({ kind: "reasoning", text });
      case "call":
        block.input += text;
        return this.tell({ kind: "call.delta", call: block.call, text });
      case "redacted":
    }
  }
}

function itemsOf(block: Open): readonly ConversationItem[] {
  switch (block.kind) {
    case "text":
      return block.text === "" ? [] : [{ kind: "assistant", text: block.text }];
    case "call":
      return [{ kind: "call", call: block.call, tool: block.tool, input: block.input, freeform: false }];
    case "redacted":
      return [kept({ messagesBlock: { type: "redacted_thinking", data: block.data } })];
    case "thinking":
      // Without its signature the provider takes it for somebody else's.
      if (block.signature === "") return [];
      return [kept({ messagesBlock: { type: "thinking", thinking: block.text, signature: block.signature } })];
  }
}

const kept = (replay: KeptThinking): ConversationItem => ({ kind: "reasoning", replay });

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

function isWhole(input: string): boolean {
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}
