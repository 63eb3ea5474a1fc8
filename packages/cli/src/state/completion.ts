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
  /** Enter takes the entry: somebody has moved to it or asked for it, or nothing else can be meant. Else what is typed is meant. */
  readonly chosen: boolean;
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
  /** Somebody wants something to be offered (Tab), also where nothing is offered by itself. */
  readonly asked?: boolean;
  readonly commands: readonly SlashCommand[];
  readonly hunks: readonly HunkId[];
  /** Names for `/model`, where they are known. */
  readonly models?: readonly string[];
}

export const noCompletion: Completion = {
  ...{ entries: [], selected: 0, chosen: false, from: 0, line: { text: "", cursor: 0 }, generation: 0 },
};

const entryLimit = 50;
/** Files must stay in sight below them. */
const folderLimit = 3;
/** So far before the cursor a word may begin; a prompt may be a megabyte. */
const reach = 1000;

export const menuIsOpen = ({ entries }: Completion): boolean => entries.length > 0;

/** What fits the word at the cursor; without a context nothing does. */
export function completeAt(before: Completion, context: CompletionContext | undefined): Completion {
  const generation = before.generation + 1;
  if (context === undefined) return { ...noCompletion, generation };
  const { text, cursor, asked = false } = context;
  const none = { ...noCompletion, generation, line: { text, cursor } };
  const word = text.startsWith("!") ? shellWordAt(context) : wordAt(context);
  if (word === undefined) return none;
  const { from } = word;
  if (before.closedAt === from) return { ...none, closedAt: from };
  if ("entries" in word) return { ...none, from, entries: word.entries.slice(0, entryLimit), chosen: asked || word.only };
  const { wanted } = word;
  const again = before.from === from && before.wanted !== undefined;
  // The same question once more keeps its number, so that its answer still counts.
  if (again && before.wanted === wanted) return { ...before, line: none.line };
  // What is shown and fits stays until the new answer is there, so that the list does not flicker.
  return {
    ...none,
    from,
    wanted,
    chosen: asked,
    entries: again ? before.entries.filter(({ text: path }) => mayFit(path, wanted)) : [],
  };
}

/** The word at the cursor: what is offered for it, or the words by which paths are looked for. */
type CompletedWord =
  /** `only`: one of these it must be. */
  | { readonly from: number; readonly entries: readonly CompletionEntry[]; readonly only: boolean }
  | { readonly from: number; readonly wanted: string };

function wordAt(context: CompletionContext): CompletedWord | undefined {
  const { text, cursor, commands } = context;
  const begin = Math.max(0, cursor - reach);
  const head = text.slice(begin, cursor);
  const path = /(?:^|[\s([{,;:=])(@(?:"[^"\n]*|[^\s"]*))$/.exec(head)?.[1];
  if (path !== undefined) return { from: cursor - path.length, wanted: unquoted(path.slice(1)) };
  if (begin > 0) return undefined;
  const command = /^\/([a-z0-9-]*)$/i.exec(head)?.[1];
  return command === undefined ? argumentAt(head, context) : { from: 0, entries: commandEntries(commands, command), only: true };
}

/** A command line is the shell's, where `@` and `/` mean something else and Enter must run it: paths only, and only when asked for. */
function shellWordAt({ text, cursor, asked }: CompletionContext): CompletedWord | undefined {
  if (asked !== true) return undefined;
  const word = /(?:"[^"\n]*|[^\s"'|;&<>()]*)$/.exec(text.slice(Math.max(1, cursor - reach), cursor))?.[0] ?? "";
  return word === "" ? undefined : { from: cursor - word.length, wanted: unquoted(word) };
}

function commandEntries(commands: readonly SlashCommand[], beginning: string): CompletionEntry[] {
  return commands
    .filter(({ name }) => name.startsWith(beginning.toLowerCase()))
    .map(({ name, text, form }) => ({ text: `/${name}`, note: form === undefined ? text : `${form}: ${text}` }));
}

function argumentAt(head: string, { commands, hunks, models = [] }: CompletionContext): CompletedWord | undefined {
  const [, name, rest = ""] = /^\/([a-z]+)\s+(.*)$/i.exec(head) ?? [];
  const command = commands.find((one) => one.name === name?.toLowerCase());
  const word = /(?:"[^"]*|\S*)$/.exec(rest)?.[0] ?? "";
  const from = head.length - word.length;
  const fitting = (texts: readonly string[], only = false): CompletedWord => ({
    ...{ from, only },
    entries: texts.filter((text) => text.startsWith(word) && text !== word).map((text) => ({ text })),
  });
  switch (command?.argument) {
    case "mode":
      return fitting(reviewModes, true);
    case "hunk":
      return fitting(hunks.toReversed());
    case "model":
      return fitting(models);
    case "command":
      return fitting(["keys", ...commands.map((one) => one.name)]);
    case "path":
      return word === "" ? undefined : { from, wanted: unquoted(word) };
    case "none":
    case "words":
    case "text":
    case undefined:
      return undefined;
  }
}

const unquoted = (word: string): string => word.replace(/^"/, "");

/** Contains the characters in this order, as everything does that is found. */
function mayFit(path: string, wanted: string): boolean {
  const lower = path.toLowerCase();
  let at = 0;
  for (const sign of wanted.toLowerCase()) {
    at = lower.indexOf(sign, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** The answer to a question for paths; dropped when another has been asked since. Nothing is offered to whom has typed all of it. */
export function offerPaths(completion: Completion, generation: number, paths: readonly string[]): Completion {
  const { wanted } = completion;
  if (completion.generation !== generation || wanted === undefined) return completion;
  // What is mentioned is a file mostly; what a command takes, a folder.
  const files = completion.line.text[completion.from] === "@" ? 1 : 0;
  const found = [...paths.slice(0, files), ...foldersIn(paths, wanted), ...paths.slice(files)].slice(0, entryLimit);
  const entries = paths[0] === wanted ? [] : found.map((text) => ({ text }));
  // An entry that was moved to may be another one now; what was asked for had none yet.
  return { ...completion, entries, selected: 0, chosen: completion.chosen && completion.entries.length === 0 };
}

/** Folders of these files whose name, or whose path up to its last segment, begins with the words; the shortest path first. */
function foldersIn(paths: readonly string[], wanted: string): string[] {
  const words = wanted.toLowerCase().replace(/^(\.\/)+/, "");
  if (words === "") return [];
  const folders = new Set(paths.flatMap(parents));
  const fits = [...folders].filter((folder) => {
    const lower = folder.toLowerCase();
    const name = lower.slice(lower.lastIndexOf("/", lower.length - 2) + 1);
    const goesOn = lower.startsWith(words) && !lower.slice(words.length, -1).includes("/");
    return lower !== words && (goesOn || name.startsWith(words));
  });
  return fits.toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1)).slice(0, folderLimit);
}

/** `a/b/c.ts` → `a/`, `a/b/`. */
const parents = (path: string): string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));

/** Step by step round and round; by a page as far as it goes. The first step goes to the first entry, or back to the last. */
export function moveMenu(completion: Completion, by: number): Completion {
  const { length } = completion.entries;
  if (length === 0) return completion;
  const before = completion.chosen || by < 0 ? completion.selected : -1;
  const wanted = before + by;
  const selected = Math.abs(by) === 1 ? (wanted + length) % length : Math.max(0, Math.min(length - 1, wanted));
  return { ...completion, chosen: true, selected };
}

export const closeMenu = (completion: Completion): Completion => ({
  ...noCompletion,
  generation: completion.generation,
  closedAt: completion.from,
});

/** The line with the selected entry in it, and the menu closed. Behind a folder one goes on. */
export function takeEntry(completion: Completion): {
  readonly completion: Completion;
  readonly text: string;
  readonly cursor: number;
} {
  const { text, cursor } = completion.line;
  const entry = completion.entries[completion.selected];
  const closed = { ...noCompletion, generation: completion.generation };
  if (entry === undefined) return { completion: closed, text, cursor };
  const written = completion.wanted === undefined ? entry.text : writtenPath(entry.text, text[completion.from] === "@");
  const inserted = entry.text.endsWith("/") ? written.replace(/"$/, "") : `${written} `;
  const rest = text.slice(cursor).replace(/^ /, "");
  return {
    completion: closed,
    text: text.slice(0, completion.from) + inserted + rest,
    cursor: completion.from + inserted.length,
  };
}

const writtenPath = (path: string, mentioned: boolean): string =>
  `${mentioned ? "@" : ""}${/\s/.test(path) ? `"${path}"` : path}`;
