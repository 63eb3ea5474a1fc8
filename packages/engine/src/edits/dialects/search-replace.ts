/**
 * SEARCH/REPLACE blocks in running text, as Aider made them known. A block without a file name belongs to the file of the
 * block before it. An empty SEARCH part makes a new file.
 */
import type { HunkLine } from "@twolane/protocol";
import type { DialectParser } from "../edits.ts";
import type { EventSink } from "./event-sink.ts";
import { maxHunkLength, maxHunkLines } from "./limits.ts";
import { lineParser, type LineGrammar } from "./line-parser.ts";
import { Lead } from "./path-line.ts";
import { isFence } from "./wrapper.ts";

const searchMark = /^(<{5,9}) ?SEARCH\b/;
const divider = /^={5,9}\s*$/;
const replaceMark = /^>{5,9} ?REPLACE/;

interface Block {
  readonly path: string;
  /** Marker characters of its first line: a divider of another length may be text. */
  readonly width: number;
  readonly old: HunkLine[];
  /** Lines of the new side; undefined before the divider. */
  added: string[] | undefined;
  /** Where lines stand on the old side that look like a divider of another length. */
  readonly dividers: number[];
  length: number;
  /** A second divider of the right length: which one divides cannot be known. */
  twice: boolean;
}

export function searchReplaceParser(): DialectParser {
  return lineParser((sink) => new SearchReplaceGrammar(sink));
}

class SearchReplaceGrammar implements LineGrammar {
  private readonly sink: EventSink;
  private readonly lead = new Lead();
  private path: string | undefined;
  private block: Block | undefined;
  /** Inside a block that cannot be read, up to its end. */
  private skipping = false;
  /** The rest of a line whose start closed a block. */
  private closed = false;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  head(start: string): void {
    if (replaceMark.test(start) && (this.block !== undefined || this.skipping)) {
      this.close(start);
      this.closed = true;
    }
  }

  line(text: string): void {
    if (this.closed) {
      this.closed = false;
      return;
    }
    if (searchMark.test(text)) this.open(text);
    else if (this.block === undefined && !this.skipping) this.outside(text);
    else if (replaceMark.test(text)) this.close(text);
    else if (this.block !== undefined) this.inside(this.block, text);
  }

  overlong(start: string): void {
    this.closed = false;
    if (this.block !== undefined) this.spoil("a line is longer than 1 MiB", start);
  }

  end(complete: boolean): void {
    if (complete && this.block !== undefined) this.spoil(`${this.block.path}: the block has no >>>>>>> REPLACE line`, "");
    for (const line of this.lead.flush()) this.sink.prose(line);
  }

  private outside(text: string): void {
    if (this.lead.fence !== undefined && isFence(text)) {
      this.lead.fence = undefined;
      return;
    }
    for (const line of this.lead.push(text)) this.sink.prose(line);
  }

  private open(text: string): void {
    if (this.block !== undefined) this.spoil(`${this.block.path}: the block has no >>>>>>> REPLACE line`, text);
    const { path, prose } = this.lead.take();
    for (const line of prose) this.sink.prose(line);
    this.path = path ?? this.path;
    this.skipping = true;
    if (this.path === undefined)
      this.sink.malformed("no line before the block names its file", [...prose, text].slice(-2).join("\n"));
    if (this.path === undefined || this.sink.refusedPath(this.path)) return;
    this.skipping = false;
    this.sink.file(this.path);
    const width = searchMark.exec(text)?.[1]?.length ?? 0;
    this.block = { path: this.path, width, old: [], added: undefined, dividers: [], length: 0, twice: false };
  }

  private inside(block: Block, text: string): void {
    const divides = divider.test(text);
    const exact = divides && text.trimEnd().length === block.width;
    block.length += text.length + 1;
    if (block.added !== undefined) {
      block.twice ||= exact;
      block.added.push(text);
      this.sink.newSide(block.path, text);
    } else if (exact) {
      block.added = [];
      return;
    } else {
      if (divides) block.dividers.push(block.old.length);
      block.old.push({ op: "remove", text });
      this.sink.open(draftOf(block.path, block.old));
    }
    const lines = block.old.length + (block.added?.length ?? 0);
    if (lines > maxHunkLines || block.length > maxHunkLength) this.spoil(`${block.path}: a block is too long`, text);
  }

  private close(text: string): void {
    const { block } = this;
    this.block = undefined;
    this.skipping = false;
    if (block === undefined) return;
    const sides = sidesOf(block);
    if (typeof sides === "string") this.sink.malformed(`${block.path}: ${sides}`, text);
    else if (sides.old.length > 0) this.sink.hunk(draftOf(block.path, kept(sides.old, sides.added)));
    else {
      const content = sides.added.map((line) => `${line}\n`).join("");
      this.sink.hunk({ kind: "create", path: block.path, content, overwrite: false });
    }
  }

  private spoil(reason: string, text: string): void {
    this.block = undefined;
    this.skipping = true;
    this.sink.malformed(reason, text);
  }
}

function sidesOf(block: Block): { readonly old: readonly string[]; readonly added: readonly string[] } | string {
  const old = block.old.map((line) => line.text);
  if (block.twice) return "the block has two ======= lines, so that its parts cannot be told apart";
  if (block.added !== undefined) return { old, added: block.added };
  // The divider was miscounted; with only one candidate it is still certain.
  const [at, another] = block.dividers;
  if (at === undefined || another !== undefined) return "the block has no ======= line";
  return { old: old.slice(0, at), added: old.slice(at + 1) };
}

/** Equal lines at the start and at the end are context, so that only what differs changes. */
function kept(old: readonly string[], added: readonly string[]): readonly HunkLine[] {
  const shorter = Math.min(old.length, added.length);
  let before = 0;
  while (before < shorter && old[before] === added[before]) before += 1;
  let after = 0;
  while (after < shorter - before && old[old.length - 1 - after] === added[added.length - 1 - after]) after += 1;
  const line =
    (op: HunkLine["op"]) =>
    (text: string): HunkLine => ({ op, text });
  return [
    ...old.slice(0, before).map(line("keep")),
    ...old.slice(before, old.length - after).map(line("remove")),
    ...added.slice(before, added.length - after).map(line("add")),
    ...old.slice(old.length - after).map(line("keep")),
  ];
}

function draftOf(path: string, lines: readonly HunkLine[]) {
  return { kind: "update", path, anchors: [], lines, endOfFile: false } as const;
}
