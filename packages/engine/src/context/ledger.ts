/**
 * Which texts of files the model has in front of it, folded from what goes to it: so that an unchanged file is not sent twice and a changed
 * one as its difference. What is taken out of the conversation is not seen any more, because it is not in it. No IO.
 */
import type { ConversationItem } from "../models/models.ts";
import { diffLines } from "../std/line-diff.ts";
import { type ShownBefore, type ShownPart, hashShown } from "../tools/shown-part.ts";

/** A part of a file that stands in the conversation. */
export interface SeenPart {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly item: ConversationItem;
  /** How late it was last shown or spoken of; higher is later. */
  readonly used: number;
}

interface Entry extends SeenPart {
  /** Of the file as it was known last: when it was shown whole, or as a difference since. */
  hash: string;
  /** When its text was shown. */
  readonly shown: string;
  used: number;
  /** Where its text stands in the item's text. */
  readonly start: number;
  readonly end: number;
}

/** What goes to the model; `version` changes with everything but a new item at the end. */
export interface SentList {
  readonly list: readonly ConversationItem[];
  readonly version: number;
}

const partsOfFile = 12;
const readTool = "read";
const whole = /^(.+) lines (\d+)-(\d+) of (\d+) sha256:([0-9a-f]+)$/;
const changed = /^(.+) changed since you saw it \(lines (\d+)-(\d+) of (\d+), now sha256:([0-9a-f]+)\); the difference:$/;
const unchanged = /^(.+) is unchanged since you saw it \(lines (\d+)-(\d+) of (\d+), sha256:[0-9a-f]+\)/;
const fileTag = /<file path="([^"\n]+)" lines="(\d+)-(\d+) of (\d+)" sha256="([0-9a-f]+)">\n/g;

/** The same text, or its difference, leans on an earlier output. */
export const leansOnEarlier = (text: string): boolean => {
  const head = firstLine(text);
  return unchanged.test(head) || changed.test(head);
};

/** The path that a `read` has shown or spoken of, by the first line of its output. */
export const pathRead = (text: string): string | undefined => {
  const head = firstLine(text);
  return (whole.exec(head) ?? changed.exec(head) ?? unchanged.exec(head))?.[1];
};

const firstLine = (text: string): string => {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
};

/** A file, or some of its lines, behind what a person said. */
export const attachedPart = ({ path, from, total, lines, hash }: ShownPart): string =>
  `<file path="${path}" lines="${from}-${Math.max(from, from + lines.length - 1)} of ${total}" sha256="${hash.slice(0, hashShown)}">\n${lines.join("\n")}\n</file>`;

export class SeenFiles implements ShownBefore {
  private readonly sent: () => SentList;
  private readonly files = new Map<string, Entry[]>();
  /** Of each file, as it was seen last, in any part of it. */
  private readonly latest = new Map<string, string>();
  private readonly reads = new Set<string>();
  private version = -1;
  private followed = 0;
  private uses = 0;

  constructor(sent: () => SentList) {
    this.sent = sent;
  }

  /** What to say instead of the part: that it is as it was, or what is different where that is shorter. Undefined: show it. */
  instead(part: ShownPart): string | undefined {
    this.follow();
    const entries = this.files.get(part.path);
    if (entries === undefined || part.lines.length === 0) return undefined;
    const to = part.from + part.lines.length - 1;
    const range = `lines ${part.from}-${to} of ${part.total}`;
    const hash = part.hash.slice(0, hashShown);
    const same = `${part.path} is unchanged since you saw it (${range}, sha256:${hash}); it stands above.`;
    const latest = this.latest.get(part.path);
    const covers = entries.some((entry) => entry.from <= part.from && entry.to >= to && entry.hash === hash);
    // What was seen of the file last counts: an older text may be what it is again, and the model must hear of that.
    if (covers && latest === hash) return same;
    for (const entry of entries.toReversed()) {
      const told = this.difference(entry, part);
      if (told === undefined) continue;
      if (told === "" && latest === entry.shown) return same;
      const body = told === "" ? "[none: it is again as its text above shows it]" : told;
      return `${part.path} changed since you saw it (${range}, now sha256:${hash}); the difference:\n${body}`;
    }
    return undefined;
  }

  /** Every part in the conversation, by path. */
  parts(): ReadonlyMap<string, readonly SeenPart[]> {
    this.follow();
    return this.files;
  }

  /** Undefined where the whole is the better answer; empty where nothing differs. */
  private difference(entry: Entry, part: ShownPart): string | undefined {
    // Of a part that begins elsewhere nobody knows which line was which.
    if (entry.from !== part.from) return undefined;
    const text = entry.item.kind === "user" || entry.item.kind === "output" ? entry.item.text.slice(entry.start, entry.end) : "";
    const old = text.split("\n");
    const runs = diffLines(old, part.lines);
    if (runs.length === 0) return old.length === part.lines.length ? "" : undefined;
    const lines = runs.flatMap(({ start, end, newStart, newEnd }) => [
      `@@ line ${part.from + newStart} (was ${entry.from + start})`,
      ...old.slice(start, end).map((line) => `-${line}`),
      ...part.lines.slice(newStart, newEnd).map((line) => `+${line}`),
    ]);
    const told = lines.join("\n");
    const size = part.lines.reduce((sum, line) => sum + line.length + 1, 0);
    return told.length * 2 <= size ? told : undefined;
  }

  /** Costs with what is new, or with everything where something before it has changed. */
  private follow(): void {
    const { list, version } = this.sent();
    if (version !== this.version) {
      this.files.clear();
      this.latest.clear();
      this.reads.clear();
      this.followed = 0;
      this.version = version;
    }
    for (; this.followed < list.length; this.followed++) this.take(list[this.followed]!);
  }

  private take(item: ConversationItem): void {
    if (item.kind === "call" && item.tool === readTool) this.reads.add(item.call);
    else if (item.kind === "output" && this.reads.delete(item.call)) this.takeOutput(item);
    else if (item.kind === "user" && item.own !== undefined) this.takeAttached(item, item.own);
  }

  private takeOutput(item: Extract<ConversationItem, { kind: "output" }>): void {
    const head = firstLine(item.text);
    const [, path = "", from, to, , hash = ""] = whole.exec(head) ?? [];
    if (path !== "") return this.add({ path, from: Number(from), to: Number(to), hash, item, start: head.length + 1 });
    const [, other = "", first, , , now] = changed.exec(head) ?? unchanged.exec(head) ?? [];
    const base = this.files.get(other)?.findLast((entry) => entry.from <= Number(first));
    if (base === undefined) return;
    base.used = ++this.uses;
    if (now === undefined) return;
    base.hash = now;
    this.latest.set(other, now);
  }

  /** A tag says how many lines are its file's, so that nothing in a file is taken for a tag. */
  private takeAttached(item: Extract<ConversationItem, { kind: "user" }>, own: { readonly end: number }): void {
    const { text } = item;
    let at = own.end;
    for (;;) {
      fileTag.lastIndex = at;
      const found = fileTag.exec(text);
      if (found === null) return;
      const [tag, path = "", from, to, , hash = ""] = found;
      const start = found.index + tag.length;
      const end = linesEnd(text, start, Number(to) - Number(from) + 1);
      if (end !== undefined && text.startsWith("\n</file>", end))
        this.add({ path, from: Number(from), to: Number(to), hash, item, start, end });
      at = end ?? start;
    }
  }

  private add(part: Omit<Entry, "used" | "end" | "shown"> & { readonly end?: number }): void {
    const text = "text" in part.item ? part.item.text : "";
    const end = part.end ?? linesEnd(text, part.start, part.to - part.from + 1);
    if (end === undefined) return;
    const entries = this.files.get(part.path) ?? [];
    entries.push({ ...part, end, shown: part.hash, used: ++this.uses });
    this.latest.set(part.path, part.hash);
    if (entries.length > partsOfFile) entries.shift();
    this.files.set(part.path, entries);
  }
}

/** Where the last of so many lines ends; undefined where there are not as many. */
function linesEnd(text: string, start: number, count: number): number | undefined {
  if (count <= 0) return undefined;
  let at = start;
  for (let line = 1; line < count; line++) {
    const end = text.indexOf("\n", at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}
