/**
 * What is offered while typing: commands behind a slash, paths behind an `@`, what fits a command's argument. Pure; paths are found by
 * others and arrive later, so that every question has a number and late answers are dropped.
 */
import type { HunkId } from "@twolane/protocol";
import { reviewModes } from "@twolane/protocol";
import type { SlashCommand } from "./slash.ts";

export interface CompletionEntry {
  readonly text: string;
  readonly note?: string;
}

export interface Completion {
  readonly entries: readonly CompletionEntry[];
  readonly selected: number;
  /** The part of the line that an entry replaces, and the line itself. */
  readonly from: number;
  readonly line: CompletionLine;
  /** Paths are being looked for with these words. */
  readonly wanted?: string;
  readonly generation: number;
  /** What was closed by hand stays closed until the word is another. */
  readonly closedAt?: number;
}

interface CompletionLine {
  readonly text: string;
  readonly cursor: number;
}

export interface CompletionContext extends CompletionLine {
  readonly commands: readonly SlashCommand[];
  readonly hunks: readonly HunkId[];
}

export const noCompletion: Completion = { entries: [], selected: 0, from: 0, line: { text: "", cursor: 0 }, generation: 0 };

const entryLimit = 50;

export const menuIsOpen = ({ entries }: Completion): boolean => entries.length > 0;

/** What fits the word at the cursor; without a context nothing does. */
export function completeAt(before: Completion, context: CompletionContext | undefined): Completion {
  const generation = before.generation + 1;
  if (context === undefined) return { ...noCompletion, generation };
  const { text, cursor } = context;
  const line = { text, cursor };
  const none = { ...noCompletion, generation, line };
  const head = text.slice(0, cursor);
  const at = pathStart(head);
  if (at !== undefined) {
    const closed = before.closedAt === at;
    if (closed) return { ...none, closedAt: at };
    const wanted = head.slice(at + 1).replace(/^"/, "");
    // What is shown stays until the new answer is there, so that the list does not flicker.
    return { ...none, from: at, wanted, entries: before.from === at ? before.entries : [] };
  }
  const slash = /^\/([a-z]*)$/i.exec(head);
  if (slash !== null) return { ...none, from: 0, entries: commandEntries(context.commands, slash[1] ?? "") };
  return argumentEntries(none, head, context);
}

/** Where the `@` of the path at the cursor stands; undefined where there is none. */
function pathStart(head: string): number | undefined {
  const match = /(?:^|[\s([{,;:=])(@(?:"[^"\n]*|[^\s"]*))$/.exec(head);
  return match?.[1] === undefined ? undefined : head.length - match[1].length;
}

function commandEntries(commands: readonly SlashCommand[], beginning: string): CompletionEntry[] {
  return commands
    .filter(({ name }) => name.startsWith(beginning.toLowerCase()))
    .map(({ name, text, form }) => ({ text: `/${name}`, note: form === undefined ? text : `${form}: ${text}` }));
}

function argumentEntries(none: Completion, head: string, { commands, hunks }: CompletionContext): Completion {
  const [, name, rest = ""] = /^\/([a-z]+)\s+(.*)$/i.exec(head) ?? [];
  const command = commands.find((one) => one.name === name);
  if (command === undefined) return none;
  const word = /\S*$/.exec(rest)?.[0] ?? "";
  const from = head.length - word.length;
  const fitting = (texts: readonly string[]): Completion => ({
    ...none,
    from,
    entries: texts
      .filter((text) => text.startsWith(word) && text !== word)
      .slice(0, entryLimit)
      .map((text) => ({ text })),
  });
  if (command.argument === "mode") return fitting(reviewModes);
  if (command.argument === "hunk") return fitting(hunks.toReversed());
  if (command.argument === "path" && word !== "") return { ...none, from, wanted: word };
  return none;
}

/** The answer to a question for paths; dropped when another has been asked since. */
export function offerPaths(completion: Completion, generation: number, paths: readonly string[]): Completion {
  if (completion.generation !== generation || completion.wanted === undefined) return completion;
  return { ...completion, entries: paths.map((text) => ({ text })), selected: 0 };
}

export function moveMenu(completion: Completion, by: number): Completion {
  const { length } = completion.entries;
  return length === 0 ? completion : { ...completion, selected: (completion.selected + by + length) % length };
}

export const closeMenu = (completion: Completion): Completion => ({
  ...noCompletion,
  generation: completion.generation,
  closedAt: completion.from,
});

/** The line with the chosen entry in it, and the menu closed. */
export function takeEntry(completion: Completion): {
  readonly completion: Completion;
  readonly text: string;
  readonly cursor: number;
} {
  const { text, cursor } = completion.line;
  const entry = completion.entries[completion.selected];
  const closed = { ...noCompletion, generation: completion.generation };
  if (entry === undefined) return { completion: closed, text, cursor };
  const isPath = completion.wanted !== undefined && text[completion.from] === "@";
  const inserted = `${isPath ? writtenPath(entry.text) : entry.text} `;
  const rest = text.slice(cursor).replace(/^ /, "");
  return {
    completion: closed,
    text: text.slice(0, completion.from) + inserted + rest,
    cursor: completion.from + inserted.length,
  };
}

const writtenPath = (path: string): string => (/\s/.test(path) ? `@"${path}"` : `@${path}`);
