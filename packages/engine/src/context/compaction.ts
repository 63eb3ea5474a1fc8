/**
 * Makes a conversation shorter by rule: what is old and can be had again goes first; what a person said, what was decided and what is worked
 * on stays longest. Sizes are guessed tokens (`tokens.ts`). Who asks for it, and when, is not known here. Pure.
 */
import type { ConversationItem } from "../models/models.ts";
import { SeenFiles, leansOnEarlier, pathRead } from "./ledger.ts";
import { itemTokens, sumTokens, textTokens } from "./tokens.ts";

export interface Room {
  /** What is to be left at most. */
  readonly target: number;
  /** The end of the conversation that stays whole as long as it can. */
  readonly tail: number;
  /** Of files that are worked on, what stays before that. */
  readonly files: number;
}

/** What cannot be had again in a line is not worth a stub. */
const leastWorth = 60;
const stub = (what: string): string => `[${what} was left out to make room; ask again if you need it]`;
/** Said by nobody but us. */
export const told = (text: string): ConversationItem => ({ kind: "user", text, own: { start: 0, end: 0 } });

/** Items behind the pinned ones in, items out; the same objects where nothing changes. May be more than the target where it cannot be less. */
export function shortened(items: readonly ConversationItem[], room: Room): readonly ConversationItem[] {
  const work = new Shortening(items, room);
  const before = work.tailStart;
  // What was said by a tool that is no reading: nobody comes back to it.
  work.pass((item, at) => (at < before && pathOf(item) === undefined ? withoutOutput(item) : item));
  work.pass((item, at) => (at < before && !work.keeps(item) ? withoutFiles(withoutOutput(item)) : item));
  work.pass((item, at) => (at < before ? withoutInput(item) : item));
  work.pass((item, at) => (at < before ? withoutFiles(withoutOutput(item)) : item));
  work.dropRounds(before);
  const last = work.lastRound();
  work.pass((item, at) => (at < last ? withoutFiles(withoutOutput(item)) : item));
  work.dropRounds(last);
  const piece = Math.floor(room.target / 4);
  work.pass((item) => cut(item, piece));
  return leanOnWhatIsThere(work.result);
}

class Shortening {
  result: ConversationItem[];
  readonly tailStart: number;
  private left: number;
  private readonly room: Room;
  private readonly kept: ReadonlySet<ConversationItem>;

  constructor(items: readonly ConversationItem[], room: Room) {
    this.result = [...items];
    this.room = room;
    this.left = sumTokens(items);
    this.tailStart = cutBefore(items, room.tail);
    this.kept = filesInWork(items, room.files);
  }

  keeps(item: ConversationItem): boolean {
    return this.kept.has(item);
  }

  /** Oldest first, until it is short enough. */
  pass(change: (item: ConversationItem, at: number) => ConversationItem): void {
    for (let at = 0; at < this.result.length && this.left > this.room.target; at++) {
      const item = this.result[at]!;
      const next = change(item, at);
      if (next === item) continue;
      this.left += itemTokens(next) - itemTokens(item);
      this.result[at] = next;
      if (item.kind === "call") this.sayPlainly(at);
    }
  }

  /** Whole rounds before `end`, oldest first; what the person said stays. */
  dropRounds(end: number): void {
    if (this.left <= this.room.target) return;
    const kept: ConversationItem[] = [];
    const places = boundaries(this.result).filter((place) => place <= end);
    let at = 0;
    let gone = 0;
    while (at < end && this.left > this.room.target) {
      const next = places.find((place) => place > at) ?? end;
      for (const item of this.result.slice(at, next)) {
        const stays = item.kind === "user" ? spoken(item) : undefined;
        this.left += (stays === undefined ? 0 : itemTokens(stays)) - itemTokens(item);
        if (stays === undefined) gone++;
        else kept.push(stays);
      }
      at = next;
    }
    if (gone === 0) return;
    const note = told("[Earlier steps of yours were left out here to make room. What is on disk stands.]");
    this.left += itemTokens(note);
    this.result = [...kept.filter((item) => !isDropNote(item)), note, ...this.result.slice(at)];
  }

  /** Where the last round begins: what the model is to answer now. */
  lastRound(): number {
    return boundaries(this.result).at(-1) ?? 0;
  }

  /** What a provider gave as one whole cannot be given back in part. */
  private sayPlainly(at: number): void {
    let first = at;
    while (first > 0 && isOfModel(this.result[first - 1])) first--;
    for (let each = first; isOfModel(this.result[each]); each++) {
      const item = this.result[each]!;
      const plain = plainItem(item);
      this.left += itemTokens(plain) - itemTokens(item);
      this.result[each] = plain;
    }
  }
}

const isDropNote = (item: ConversationItem): boolean => item.kind === "user" && item.text.startsWith("[Earlier steps of yours");
const isOfModel = (item: ConversationItem | undefined): boolean =>
  item?.kind === "assistant" || item?.kind === "reasoning" || item?.kind === "call";

function plainItem(item: ConversationItem): ConversationItem {
  if (item.kind === "reasoning") return item.replay === null ? item : { kind: "reasoning", replay: null };
  if ((item.kind !== "assistant" && item.kind !== "call") || item.replay === undefined) return item;
  const { replay: _, ...plain } = item;
  return plain;
}

/** Where a round begins, ascending: what is before such a place holds every call with its output. */
function boundaries(items: readonly ConversationItem[]): readonly number[] {
  const answered = new Set(items.flatMap((item) => (item.kind === "output" ? [item.call] : [])));
  const open = new Set<string>();
  const found: number[] = [];
  for (const [at, item] of items.entries()) {
    const begins = item.kind === "user" || (isOfModel(item) && !isOfModel(items[at - 1]));
    if (begins && at > 0 && open.size === 0) found.push(at);
    if (item.kind === "call" && answered.has(item.call)) open.add(item.call);
    else if (item.kind === "output") open.delete(item.call);
  }
  return found;
}

/**
 * The place before which all is older than the last `tail` tokens: where a turn begins if that is possible, else between two rounds. The last
 * round stays whole in any case; 0 where there is nothing before it.
 */
export function cutBefore(items: readonly ConversationItem[], tail: number): number {
  let [tokens, from, round, turn] = [0, items.length, 0, 0];
  for (const at of boundaries(items).toReversed()) {
    tokens += sumTokens(items.slice(at, from));
    from = at;
    if (tokens > tail) return turn || round || at;
    round = at;
    if (isSaid(items[at]!)) turn = at;
  }
  return turn || round;
}

const isSaid = (item: ConversationItem): boolean =>
  item.kind === "user" && (item.own === undefined || item.own.end > item.own.start);

/** Items that show the files which were used last, as many as fit. */
function filesInWork(items: readonly ConversationItem[], budget: number): ReadonlySet<ConversationItem> {
  const parts = [...new SeenFiles(() => ({ list: items, version: 0 })).parts().values()].flat();
  const kept = new Set<ConversationItem>();
  let left = budget;
  for (const { item } of parts.toSorted((one, other) => other.used - one.used)) {
    if (kept.has(item) || itemTokens(item) > left) continue;
    left -= itemTokens(item);
    kept.add(item);
  }
  return kept;
}

const pathOf = (item: ConversationItem): string | undefined => (item.kind === "output" ? pathRead(item.text) : undefined);

/** Short ones stay, and what leans on an earlier one goes with it. */
function withoutOutput(item: ConversationItem): ConversationItem {
  if (item.kind !== "output" || itemTokens(item) < leastWorth || leansOnEarlier(item.text)) return item;
  const path = pathRead(item.text);
  return { ...item, text: stub(path === undefined ? "This output" : `The text of ${path}`) };
}

/** Files that travelled with what a person said. Notes in front of it stay. */
function withoutFiles(item: ConversationItem): ConversationItem {
  if (item.kind !== "user" || item.own === undefined || item.own.end === 0) return item;
  const files = item.text.slice(item.own.end);
  if (textTokens(files) < leastWorth) return item;
  const paths = [...files.matchAll(/^<file path="([^"\n]+)"/gm)].map(([, path]) => path);
  return { ...item, text: `${item.text.slice(0, item.own.end)}\n\n${stub(`The text of ${paths.join(", ")}`)}` };
}

function withoutInput(item: ConversationItem): ConversationItem {
  if (item.kind !== "call" || textTokens(item.input) < 2 * leastWorth) return item;
  const { replay: _, ...call } = item;
  return { ...call, input: call.freeform ? "[left out to make room; it was carried out]" : "{}" };
}

/** What stays of a message when everything around it goes: the person's own words, and what they decided about hunks. */
function spoken(item: Extract<ConversationItem, { kind: "user" }>): ConversationItem | undefined {
  const { text, own } = item;
  if (own === undefined) return item;
  const words = text.slice(own.start, own.end);
  const rules = decisionsIn(text.slice(0, own.start) + text.slice(own.end));
  if (isDropNote(item)) return item;
  const before = rules.map((rule) => `${rule}\n\n`).join("");
  if (before === "" && words === "") return undefined;
  return before + words === text
    ? item
    : { kind: "user", text: before + words, own: { start: before.length, end: before.length + words.length } };
}

const decision = /^\[The user (?:rejected|undid|took) your change of .*\]$|^\[Your change of .* was taken off the disk.*\]$/gm;

/** Notes about hunks that a person has decided on. */
export const decisionsIn = (text: string): readonly string[] => [...new Set(text.match(decision) ?? [])];

function cut(item: ConversationItem, tokens: number): ConversationItem {
  if ((item.kind !== "output" && item.kind !== "user") || itemTokens(item) <= tokens) return item;
  const length = Math.max(200, Math.floor(item.text.length * (tokens / itemTokens(item))));
  const text = `${item.text.slice(0, length)}\n[cut here to make room]`;
  if (item.kind === "output") return { ...item, text };
  const { own } = item;
  return { kind: "user", text, ...(own && { own: { start: Math.min(own.start, length), end: Math.min(own.end, length) } }) };
}

/** Nothing says "it stands above" of what does not. */
export function leanOnWhatIsThere(items: readonly ConversationItem[]): readonly ConversationItem[] {
  const there = new SeenFiles(() => ({ list: items, version: 0 })).parts();
  return items.map((item) => {
    if (item.kind !== "output" || !leansOnEarlier(item.text)) return item;
    const path = pathRead(item.text) ?? "";
    return there.has(path) ? item : { ...item, text: stub(`The text of ${path}`) };
  });
}
