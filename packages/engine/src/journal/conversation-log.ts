/**
 * The conversation with the model as it is kept for coming back: one JSON object a line, in a file beside the journal, because it holds
 * text of files (0600, as the store of bytes). Rewinding forks it: what was left can be taken up again. Knows nothing of what items say.
 */
import fs from "node:fs";
import path from "node:path";
import type { TurnId } from "@twolane/protocol";
import { errorCode } from "../host/errors.ts";
import type { SessionFolder } from "./state-folder.ts";

type Line<Item> =
  | { readonly type: "item"; readonly path: number; readonly index: number; readonly item: Item }
  | {
      readonly type: "turn";
      readonly path: number;
      readonly length: number;
      readonly turn: TurnId;
      readonly prompt: string;
      readonly at: number;
    }
  | { readonly type: "fork"; readonly path: number; readonly from: number; readonly length: number }
  | ({ readonly type: "compact"; readonly path: number } & KeptCompaction<Item>)
  | { readonly type: "compact"; readonly path: number; readonly upTo: 0 };

/** What went to the model instead of the first items of a path. */
export interface KeptCompaction<Item> {
  readonly by: "provider" | "model" | "rules";
  readonly upTo: number;
  readonly head: readonly Item[];
  /** Of the provider's: who alone can read it. */
  readonly model?: string;
}

/** A turn's beginning on one path: the conversation had `length` items then. */
export interface TurnMark {
  readonly turn: TurnId;
  readonly prompt: string;
  /** ms since 1970. */
  readonly at: number;
  readonly length: number;
}

export interface ConversationPath<Item> {
  readonly path: number;
  readonly items: readonly Item[];
  readonly turns: readonly TurnMark[];
  readonly compaction?: KeptCompaction<Item>;
}

export interface ConversationLog<Item> {
  /** The path that goes on, and all others, oldest first. */
  readonly current: ConversationPath<Item>;
  readonly paths: readonly ConversationPath<Item>[];
  /** The item at this place, behind the last one or instead of another. */
  put(index: number, item: Item): void;
  /** The last one counts; undefined: all items go again. */
  compact(compaction: KeptCompaction<Item> | undefined): void;
  beginTurn(mark: Omit<TurnMark, "length">): void;
  /** A new path goes on from there; the others stay. */
  fork(from: number, length: number): void;
  /** Changes items everywhere, also in what was left, and leaves nothing of the old ones in the file. */
  rewrite(change: (item: Item) => Item): void;
  flush(): void;
}

interface GrowingPath<Item> {
  readonly path: number;
  items: Item[];
  turns: TurnMark[];
  compaction?: KeptCompaction<Item>;
}

/** `isItem` decides what is believed of a line that parses. What cannot be read is passed over; what cannot be written is lost for later. */
export function openConversationLog<Item extends object>(
  folder: SessionFolder,
  isItem: (value: unknown) => value is Item,
): ConversationLog<Item> {
  const file = path.join(folder.path, "conversation.jsonl");
  const text = readText(file);
  return new FiledConversation(file, { paths: readPaths(text, isItem), torn: text !== "" && !text.endsWith("\n") });
}

class FiledConversation<Item extends object> implements ConversationLog<Item> {
  readonly paths: GrowingPath<Item>[];
  private readonly file: string;
  /** Lines that are written soon, together. */
  private waiting: string;
  private scheduled = false;

  constructor(file: string, { paths, torn }: { readonly paths: GrowingPath<Item>[]; readonly torn: boolean }) {
    this.file = file;
    this.paths = paths;
    this.waiting = torn ? "\n" : "";
  }

  get current(): GrowingPath<Item> {
    return this.paths.at(-1)!;
  }

  put(index: number, item: Item): void {
    const { path: at, items } = this.current;
    items[index] = item;
    this.add({ type: "item", path: at, index, item });
  }

  compact(compaction: KeptCompaction<Item> | undefined): void {
    const { current } = this;
    delete current.compaction;
    if (compaction !== undefined) current.compaction = compaction;
    this.add({ type: "compact", path: current.path, ...(compaction ?? { upTo: 0 }) });
  }

  beginTurn({ turn, prompt, at }: Omit<TurnMark, "length">): void {
    const { items, turns } = this.current;
    const mark = { turn, prompt, at, length: items.length };
    turns.push(mark);
    this.add({ type: "turn", path: this.current.path, ...mark });
  }

  fork(from: number, length: number): void {
    const fork = { type: "fork" as const, path: this.current.path + 1, from, length };
    this.paths.push(forked(this.paths, fork));
    this.add(fork);
  }

  rewrite(change: (item: Item) => Item): void {
    for (const one of this.paths) {
      const items = one.items.map(change);
      const { compaction } = one;
      // What was made of something that is not said any more could still say it.
      const wasTouched = items.some((item, at) => at < (compaction?.upTo ?? 0) && item !== one.items[at]);
      delete one.compaction;
      if (compaction !== undefined && (compaction.by === "rules" || !wasTouched))
        one.compaction = { ...compaction, head: compaction.head.map(change) };
      one.items = items;
    }
    // Also where nothing changed by this: the file still holds what other items were put instead of.
    this.writeAnew();
  }

  flush(): void {
    const text = this.waiting;
    if (text === "") return;
    this.waiting = "";
    attempt(() => fs.appendFileSync(this.file, text, { mode: 0o600 }));
  }

  private add(line: Line<Item>): void {
    this.waiting += `${JSON.stringify(line)}\n`;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** One rename, so that a crash leaves the old file or the new one. */
  private writeAnew(): void {
    const lines = this.paths.flatMap(({ path: at, items, turns, compaction }, index): Line<Item>[] => [
      ...(index === 0 ? [] : [{ type: "fork" as const, path: at, from: 0, length: 0 }]),
      ...items.map((item, place) => ({ type: "item" as const, path: at, index: place, item })),
      ...turns.map((mark) => ({ type: "turn" as const, path: at, ...mark })),
      ...(compaction === undefined ? [] : [{ type: "compact" as const, path: at, ...compaction }]),
    ]);
    attempt(() => {
      fs.writeFileSync(`${this.file}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), { mode: 0o600 });
      fs.renameSync(`${this.file}.new`, this.file);
      this.waiting = "";
    });
  }
}

/** A full disk costs the way back to this conversation, never the conversation. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

function forked<Item>(
  paths: readonly GrowingPath<Item>[],
  { path: at, from, length }: { readonly path: number; readonly from: number; readonly length: number },
): GrowingPath<Item> {
  const source = paths.find((one) => one.path === from);
  const turns = source?.turns.filter((mark) => mark.length < length) ?? [];
  const compaction = (source?.compaction?.upTo ?? Infinity) <= length ? source?.compaction : undefined;
  return { path: at, items: source?.items.slice(0, length) ?? [], turns, ...(compaction && { compaction }) };
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function readPaths<Item extends object>(text: string, isItem: (value: unknown) => value is Item): GrowingPath<Item>[] {
  const paths: GrowingPath<Item>[] = [{ path: 0, items: [], turns: [] }];
  const pathOf = (at: unknown): GrowingPath<Item> => paths.find((one) => one.path === at) ?? paths[0]!;
  for (const line of text.split("\n")) {
    const value = parse(line);
    switch (value?.["type"]) {
      case "item": {
        const { items } = pathOf(value["path"]);
        if (typeof value["index"] === "number" && value["index"] <= items.length && isItem(value["item"]))
          items[value["index"]] = value["item"];
        break;
      }
      case "turn": {
        const { turn, prompt, at, length } = value;
        if (typeof turn === "string" && typeof prompt === "string" && typeof at === "number" && typeof length === "number")
          pathOf(value["path"]).turns.push({ turn, prompt, at, length });
        break;
      }
      case "fork": {
        const { path: at, from, length } = value;
        if (typeof at === "number" && typeof from === "number" && typeof length === "number")
          paths.push(forked(paths, { path: at, from, length }));
        break;
      }
      case "compact": {
        const path = pathOf(value["path"]);
        delete path.compaction;
        const compaction = readCompaction(value, isItem);
        if (compaction !== undefined && compaction.upTo <= path.items.length) path.compaction = compaction;
        break;
      }
      default:
    }
  }
  return paths;
}

/** Undefined for one that took an earlier one back, and for what is none. */
function readCompaction<Item>(
  { by, upTo, head, model }: Record<string, unknown>,
  isItem: (value: unknown) => value is Item,
): KeptCompaction<Item> | undefined {
  if ((by !== "provider" && by !== "model" && by !== "rules") || typeof upTo !== "number" || !Array.isArray(head))
    return undefined;
  const items = head.filter(isItem);
  if (upTo <= 0 || items.length !== head.length) return undefined;
  return { by, upTo, head: items, ...(typeof model === "string" && { model }) };
}

/** Undefined for a line that a crash has cut off, and for what is no object. */
function parse(line: string): Record<string, unknown> | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
