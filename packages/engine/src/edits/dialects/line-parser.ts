/**
 * Makes a streaming parser of a grammar that reads lines. Cuts the stream into lines wherever it was cut itself, and shows
 * the first characters of a line that still arrives: they are often enough to close the hunk before it.
 */
import type { DialectParser } from "../edits.ts";
import { EventSink } from "./event-sink.ts";
import { maxLineLength } from "./limits.ts";

/** How much of an unfinished line is shown. Longer than any marker. */
const headLength = 32;

export interface LineGrammar {
  /** One whole line without its ending (LF or CRLF). */
  line(text: string): void;
  /**
   * The start of a line that still arrives, again whenever it grew. May only do what `line` would do first with the whole
   * line. Not called for a line that comes in one piece, unless that is overlong.
   */
  head(start: string): void;
  /** A line beyond the limit, of which only the start is left. `head` came before. */
  overlong(start: string): void;
  /** As in DialectParser.end. */
  end(complete: boolean): void;
}

export function lineParser(makeGrammar: (sink: EventSink) => LineGrammar): DialectParser {
  const sink = new EventSink();
  const grammar = makeGrammar(sink);
  const reader = new LineReader(grammar);
  return {
    push(text) {
      reader.push(text);
      return sink.take();
    },
    end(complete) {
      if (complete) reader.finish();
      sink.forget();
      grammar.end(complete);
      return sink.take();
    },
  };
}

class LineReader {
  private readonly grammar: LineGrammar;
  /** Grows by concatenation and is not looked into before the line ends: that would copy it with each push. */
  private rest = "";
  private overlong = false;

  constructor(grammar: LineGrammar) {
    this.grammar = grammar;
  }

  push(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      this.append(text.slice(from, at));
      this.lineEnds();
      from = at + 1;
    }
    if (from === text.length) return;
    const before = this.rest.length;
    this.append(text.slice(from));
    if (before < headLength) this.grammar.head(this.rest.slice(0, headLength));
  }

  finish(): void {
    if (this.rest !== "") this.lineEnds();
  }

  private append(piece: string): void {
    if (this.overlong) return;
    this.rest = this.rest === "" ? piece : this.rest + piece;
    if (this.rest.length <= maxLineLength) return;
    this.overlong = true;
    this.rest = this.rest.slice(0, headLength);
  }

  private lineEnds(): void {
    const line = this.rest;
    const overlong = this.overlong;
    this.rest = "";
    this.overlong = false;
    if (overlong) {
      this.grammar.head(line);
      this.grammar.overlong(line);
    } else this.grammar.line(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
