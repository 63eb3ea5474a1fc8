/**
 * Takes the text of hunks out of what was said: rejected ones, and those that were taken off the disk with them. What a person said
 * stays as it is; everything else that holds such a line is changed. Pure.
 */
import type { HunkLine } from "@twolane/protocol";
import type { ConversationItem } from "../models/models.ts";

/** What of a hunk must not be said again. */
export interface WithdrawnText {
  readonly path: string;
  readonly lines: readonly HunkLine[];
  /** Lines that it alone has brought, as `ownLines` finds them. Absent: nothing is known of what was there before. */
  readonly own?: readonly string[];
}

/** Gives the text of an edit call, or of a message with edits, without what `goes` says of. */
export type RewriteEdits = (text: string, goes: (draft: DraftText) => boolean) => string;

/** As much of a draft as is looked at. */
export interface DraftText {
  readonly path: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly all: readonly string[];
}

export interface WithdrawalOptions {
  /** Name of the edit tool. */
  readonly editTool: string;
  readonly editsInMessage: boolean;
  readonly rewrite: RewriteEdits;
}

/** Decides for one item after the other what is left of it. */
export interface Withdrawal {
  /** The same object where nothing changes. */
  clean(item: ConversationItem): ConversationItem;
  cleanText(text: string): string;
}

const replacement = "[removed by the user]";
/** Letters and digits that a line must have at least to be told from others: a bracket stands everywhere. */
const leastSigns = 4;
/** With as many it is also found inside of another line: where the model quotes it. */
const leastSignsInside = 8;
/** Lines looked for at once; the newest count. */
const linesLimit = 2000;
/** What tools and diffs write in front of a line. */
const linePrefix = /^(?:(?:[^\s:]+:)?\d+[:\-|]?\s*|[+\-> ]\s*)/;

/**
 * New lines by which a hunk is known, without their indentation; short ones only where it has no others. `wasKnown`: the model had met the
 * line before it wrote the hunk, so that it says nothing of it.
 */
export function ownLines(lines: readonly HunkLine[], wasKnown: (line: string) => boolean = () => false): readonly string[] {
  const old = new Set(lines.filter(({ op }) => op !== "add").map(({ text }) => text.trim()));
  const fresh = linesOf(lines, "add")
    .map((line) => line.trim())
    .filter((line) => signsOf(line) > 0 && !old.has(line) && !wasKnown(line));
  const long = fresh.filter((line) => signsOf(line) >= leastSigns);
  return [...new Set(long.length > 0 ? long : fresh)];
}

export function createWithdrawal(withdrawn: readonly WithdrawnText[], options: WithdrawalOptions): Withdrawal {
  const { lineGoes, holds } = lineSearch(withdrawn.flatMap(({ lines, own }) => own ?? ownLines(lines)));
  const keys = withdrawn.map(({ path, lines }) => ({ path, key: keyOf(linesOf(lines, "remove"), linesOf(lines, "add")) }));
  const goes = (draft: DraftText): boolean => {
    const key = keyOf(draft.removed, draft.added);
    return keys.some((one) => one.key === key && isSamePath(one.path, draft.path)) || draft.all.some(lineGoes);
  };
  const cleanText = (text: string): string =>
    holds(text) ? mapLines(text, (line) => (lineGoes(line) ? replacement : line)) : text;
  const cleanInput = (text: string, freeform: boolean): string => (freeform ? cleanText(text) : cleanJson(text, cleanText));
  return {
    cleanText,
    clean(item) {
      switch (item.kind) {
        case "pinned":
          return item;
        case "user":
          return cleanUser(item, cleanText);
        case "output": {
          const text = cleanText(item.text);
          return text === item.text ? item : { ...item, text };
        }
        case "reasoning":
          return textsIn(item.replay).some(holds) ? unsaidReasoning : item;
        case "assistant": {
          const text = cleanText(options.editsInMessage ? options.rewrite(item.text, goes) : item.text);
          return text === item.text && !textsIn(item.replay).some(holds) ? item : { kind: "assistant", text };
        }
        case "call": {
          const input = cleanInput(
            item.tool === options.editTool ? options.rewrite(item.input, goes) : item.input,
            item.freeform,
          );
          return input === item.input && !textsIn(item.replay).some(holds) ? item : withoutReplay({ ...item, input });
        }
      }
    },
  };
}

/** Says nothing, and keeps the places of all that follow. */
export const unsaidReasoning: ConversationItem = { kind: "reasoning", replay: null };

/** The item as every model can read it; the same object where it was so. */
export function withoutReplay(item: ConversationItem): ConversationItem {
  switch (item.kind) {
    case "reasoning":
      return item.replay === null ? item : unsaidReasoning;
    case "assistant":
    case "call": {
      const { replay, ...plain } = item;
      return replay === undefined ? item : plain;
    }
    case "pinned":
    case "user":
    case "output":
      return item;
  }
}

/** A line without what tools and diffs write in front of it. */
export function bareLine(line: string): string {
  return line.trim().replace(linePrefix, "").trim();
}

function lineSearch(all: readonly string[]): { lineGoes: (line: string) => boolean; holds: (text: string) => boolean } {
  const lines = [...new Set(all)].slice(-linesLimit);
  const whole = new Set(lines);
  const inside = lines.filter((line) => signsOf(line) >= leastSignsInside);
  const isWhole = (line: string): boolean => whole.has(line.trim()) || whole.has(bareLine(line));
  const isInside = (text: string): boolean => inside.some((line) => text.includes(line));
  const someShort = inside.length < lines.length;
  return {
    lineGoes: (line) => lines.length > 0 && (isWhole(line) || isInside(line)),
    holds: (text) => isInside(text) || (someShort && text.split("\n").some(isWhole)),
  };
}

/** What is not the person's own is in front of it and behind it: notes, and files that travel with it. */
function cleanUser(item: Extract<ConversationItem, { kind: "user" }>, cleanText: (text: string) => string): ConversationItem {
  const { text, own } = item;
  if (own === undefined) return item;
  const before = cleanText(text.slice(0, own.start));
  const after = cleanText(text.slice(own.end));
  if (before.length + after.length === text.length - (own.end - own.start) && text.startsWith(before) && text.endsWith(after))
    return item;
  const words = text.slice(own.start, own.end);
  const start = before.length;
  return { ...item, text: before + words + after, own: { start, end: start + words.length } };
}

/** The arguments of a call stay readable as what they are. */
export function cleanJson(text: string, cleanText: (text: string) => string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return cleanText(text) === text ? text : "{}";
  }
  const clean = JSON.stringify(value, (_, part: unknown) => (typeof part === "string" ? cleanText(part) : part));
  return clean === JSON.stringify(value) ? text : clean;
}

/** All texts in a value, however deep. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const mapLines = (text: string, change: (line: string) => string): string => text.split("\n").map(change).join("\n");
const signsOf = (line: string): number => line.match(/[\p{L}\p{N}_]/gu)?.length ?? 0;
const linesOf = (lines: readonly HunkLine[], op: HunkLine["op"]): string[] =>
  lines.filter((line) => line.op === op).map(({ text }) => text);
const keyOf = (removed: readonly string[], added: readonly string[]): string => JSON.stringify([removed, added]);

/** A model may write a path from the root of the disk or with dots in front. */
const isSamePath = (path: string, written: string): boolean => written === path || written.endsWith(`/${path}`);
