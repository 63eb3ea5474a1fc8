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

const replacement = "[removed by the user]";
/** Signs that a line must have at least to be told from others: a bracket stands everywhere. */
const leastSigns = 4;

/** Decides for one item after the other what is left of it. */
export interface Withdrawal {
  /** The same object where nothing changes; undefined where nothing is left. */
  clean(item: ConversationItem): ConversationItem | undefined;
  cleanText(text: string): string;
}

export function createWithdrawal(withdrawn: readonly WithdrawnText[], options: WithdrawalOptions): Withdrawal {
  const distinct = withdrawn.flatMap(({ lines }) => distinctiveLines(lines));
  const keys = new Set(withdrawn.map(({ path, lines }) => keyOf(path, linesOf(lines, "remove"), linesOf(lines, "add"))));
  const holds = (text: string): boolean => distinct.some((line) => text.includes(line));
  const goes = (draft: DraftText): boolean =>
    keys.has(keyOf(draft.path, draft.removed, draft.added)) || draft.all.some((line) => holds(line));
  const cleanText = (text: string): string => {
    if (!holds(text)) return text;
    return text
      .split("\n")
      .map((line) => (holds(line) ? replacement : line))
      .join("\n");
  };
  const cleanEdits = (text: string): string => cleanText(options.rewrite(text, goes));
  return {
    cleanText,
    clean(item) {
      switch (item.kind) {
        case "pinned":
          return item;
        case "user":
          return cleanUser(item, cleanText);
        case "output":
          return replaced(item, cleanText(item.text));
        case "reasoning":
          return holds(plainJson(item.replay)) ? undefined : item;
        case "assistant": {
          const text = options.editsInMessage ? cleanEdits(item.text) : cleanText(item.text);
          const dirty = text !== item.text || holds(plainJson(item.replay));
          return dirty ? { kind: "assistant", text } : item;
        }
        case "call": {
          const input = item.tool === options.editTool ? cleanEdits(item.input) : cleanText(item.input);
          const { replay: _, ...plain } = item;
          return input === item.input && !holds(plainJson(item.replay)) ? item : { ...plain, input };
        }
      }
    },
  };
}

function replaced(item: Extract<ConversationItem, { kind: "output" }>, text: string): ConversationItem {
  return text === item.text ? item : { ...item, text };
}

/** Files that travel with a prompt are not the person's words. */
function cleanUser(item: Extract<ConversationItem, { kind: "user" }>, cleanText: (text: string) => string): ConversationItem {
  const text = item.text.replace(
    /(<file path="[^"]*">\n)([\s\S]*?)(<\/file>)|(^\[[^\]]*\]\n?[\s\S]*?(?=\n\n))/g,
    (whole, open?: string, body?: string, close?: string) =>
      open === undefined ? cleanText(whole) : `${open}${cleanText(body ?? "")}${close ?? ""}`,
  );
  return text === item.text ? item : { kind: "user", text };
}

/** JSON as its texts read, so that a quoted line is found. */
function plainJson(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value).replaceAll('\\"', '"').replaceAll("\\\\", "\\").replaceAll("\\t", "\t");
}

const linesOf = (lines: readonly HunkLine[], op: HunkLine["op"]): string[] =>
  lines.filter((line) => line.op === op).map(({ text }) => text);
const keyOf = (path: string, removed: readonly string[], added: readonly string[]): string =>
  JSON.stringify([path.replace(/^\.\//, ""), removed, added]);

/** New lines by which the hunk is known, without their indentation; the longest one where all are short. */
function distinctiveLines(lines: readonly HunkLine[]): string[] {
  const old = new Set([...linesOf(lines, "keep"), ...linesOf(lines, "remove")].map((line) => line.trim()));
  const fresh = linesOf(lines, "add")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !old.has(line));
  const long = fresh.filter((line) => (line.match(/[\p{L}\p{N}_]/gu) ?? []).length >= leastSigns);
  return [...new Set(long)];
}
