/**
 * A file written anew: as JSON arguments, or in an answer as a line with its name above a fenced block. In Markdown files
 * blocks inside the block are counted, so that their fences do not end it.
 */
import type { DialectParser } from "../edits.ts";
import { EventSink } from "./event-sink.ts";
import type { ArgumentHandler, ArgumentObject, FieldName } from "./json-arguments.ts";
import { maxHunkLength, maxHunkLines } from "./limits.ts";
import { lineParser, type LineGrammar } from "./line-parser.ts";
import { pathInLine } from "./path-line.ts";
import { jsonParser } from "./str-replace.ts";

export function wholeFileJsonParser(): DialectParser {
  const sink = new EventSink();
  return jsonParser(sink, new WholeFileHandler(sink));
}

export function wholeFileMessageParser(): DialectParser {
  return lineParser((sink) => new WholeFileGrammar(sink));
}

class WholeFileHandler implements ArgumentHandler {
  calls = 0;
  private readonly sink: EventSink;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  field(object: ArgumentObject, name: FieldName): void {
    const path = object.fields.get("path");
    if (name !== "path" || typeof path !== "string" || object.fault !== undefined) return;
    if (this.sink.refusedPath(path)) object.fault = "the path cannot be used";
    else this.sink.file(path);
  }

  closed(object: ArgumentObject): void {
    if (object.level === "call") this.calls += 1;
    else return;
    const { path, content } = Object.fromEntries(object.fields);
    const missing = typeof path !== "string" ? '"path" is missing' : '"content" is missing';
    if (object.fault === undefined && typeof path === "string" && typeof content === "string")
      this.sink.hunk({ kind: "rewrite", path, content });
    else this.sink.malformed(`the arguments cannot be read: ${object.fault ?? missing}`, typeof path === "string" ? path : "");
  }

  outside(line: string): void {
    this.sink.prose(line);
  }

  broken(reason: string): void {
    this.calls += 1;
    this.sink.malformed(`the JSON arguments cannot be read: ${reason}`, "");
  }
}

const fence = /^( *)(`{3,}|~{3,})([^`]*)$/;

interface OpenBlock {
  /** Undefined: a block without a name, which is prose. */
  readonly path: string | undefined;
  readonly indent: string;
  readonly marks: string;
  readonly lines: string[];
  length: number;
  /** Blocks inside the block that are open. */
  inner: number;
}

class WholeFileGrammar implements LineGrammar {
  private readonly sink: EventSink;
  /** The last line that is not blank, and the blank ones behind it: it may name the file. */
  private lead: string[] = [];
  private block: OpenBlock | undefined;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  head(): void {
    // Only a whole line can be told from a fence with a language behind it.
  }

  line(text: string): void {
    const found = fence.exec(text);
    if (this.block !== undefined) this.inside(this.block, text, found);
    else if (found !== null) this.open(text, found);
    else {
      if (text.trim() !== "") this.flush();
      this.lead.push(text);
    }
  }

  overlong(start: string): void {
    if (this.block?.path !== undefined) this.spoil(this.block, "a line is longer than 1 MiB", start);
  }

  end(complete: boolean): void {
    this.flush();
    if (complete && this.block?.path !== undefined) this.spoil(this.block, "the block is not closed", "");
  }

  private open(text: string, [, indent = "", marks = "", info = ""]: RegExpExecArray): void {
    const path =
      pathInLine(this.lead[0] ?? "") ??
      info
        .trim()
        .split(/\s+/)
        .slice(1)
        .map(pathInLine)
        .find((name) => name !== undefined);
    if (path !== undefined && pathInLine(this.lead[0] ?? "") !== undefined) this.lead = [];
    this.flush();
    const usable = path !== undefined && !this.sink.refusedPath(path);
    this.block = { path: usable ? path : undefined, indent, marks, lines: [], length: 0, inner: 0 };
    if (usable) this.sink.file(path);
    else this.sink.prose(text);
  }

  private inside(block: OpenBlock, text: string, found: RegExpExecArray | null): void {
    const [, indent = "", marks = "", info = ""] = found ?? [];
    const mayEnd = marks.length >= block.marks.length && marks.charAt(0) === block.marks.charAt(0) && indent === block.indent;
    const nests = found !== null && mayEnd && block.path !== undefined && /\.(?:md|mdx|markdown|mdc)$/i.test(block.path);
    if (mayEnd && info.trim() === "" && block.inner === 0) this.close(block, text);
    else {
      if (nests) block.inner += info.trim() === "" ? -1 : 1;
      if (block.path === undefined) this.sink.prose(text);
      else this.content(block, text);
    }
  }

  private content(block: OpenBlock, text: string): void {
    block.lines.push(text);
    this.sink.newSide(block.path ?? "", text);
    block.length += text.length + 1;
    if (block.lines.length > maxHunkLines || block.length > maxHunkLength)
      this.spoil(block, "the file is too long for one block", text);
  }

  private close(block: OpenBlock, text: string): void {
    this.block = undefined;
    if (block.path === undefined) this.sink.prose(text);
    else this.sink.hunk({ kind: "rewrite", path: block.path, content: block.lines.map((line) => `${line}\n`).join("") });
  }

  private spoil(block: OpenBlock, reason: string, text: string): void {
    this.sink.malformed(`${block.path ?? "a block"}: ${reason}`, text);
    this.block = { ...block, path: undefined, lines: [] };
  }

  private flush(): void {
    for (const line of this.lead.splice(0)) this.sink.prose(line);
  }
}
