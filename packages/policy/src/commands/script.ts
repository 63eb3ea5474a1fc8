/** A shell text while it is read, and what is found in it. What is not understood ends the reading; it is never guessed. */

/** A word as the shell would hand it on. */
export interface Word {
  /** As it was written, for showing. */
  readonly source: string;
  /** The whole value where `known`; else the part of it that is certain, from its beginning. */
  readonly value: string;
  readonly known: boolean;
  /** It may become several words, or none. */
  readonly many: boolean;
  /** The whole as a pattern, where nothing but the names of files is uncertain. */
  readonly glob?: string;
}

export interface Redirection {
  readonly effect: "read" | "write";
  readonly target: Word;
}

/** One command with what stands around it; without words: only assignments and redirections. */
export interface SimpleCommand {
  readonly words: readonly Word[];
  /** Names of variables that are set for it or by it. */
  readonly assigns: readonly string[];
  readonly redirections: readonly Redirection[];
}

export interface HereDocument {
  readonly delimiter: string;
  readonly stripTabs: boolean;
  readonly expands: boolean;
}

export interface Script {
  readonly text: string;
  at: number;
  /** Found so far, in the order of the text; shared with the scripts inside. */
  readonly commands: SimpleCommand[];
  /** Here-documents whose text begins after the next line break. */
  pending: HereDocument[];
  depth: number;
  /** Reads commands up to a closing word or the end; the grammar's entry, which words with commands inside need. */
  readonly readList: (script: Script, closers: readonly string[]) => void;
  /** Why the rest was not read. */
  unclear?: string;
}

/** Ends the reading: whoever goes on finds the end of the text. The first reason stays. */
export function giveUp(script: Script, reason: string): void {
  script.unclear ??= reason;
  script.at = script.text.length;
}

export function atEnd(script: Script): boolean {
  return script.at >= script.text.length;
}

/** Reads commands that stand in a text of their own, e.g. between backquotes. */
export function readInner(outer: Script, text: string): void {
  const inner: Script = { ...outer, text, at: 0, pending: [] };
  inner.readList(inner, []);
  if (inner.unclear !== undefined) giveUp(outer, inner.unclear);
}

export function literal(value: string): Word {
  return { source: value, value, known: true, many: false };
}
