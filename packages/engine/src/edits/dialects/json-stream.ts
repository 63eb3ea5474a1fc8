/**
 * Reads JSON while it streams, string values piece by piece. Tolerates what models get wrong without being ambiguous: raw
 * line endings in strings, commas before a closing bracket, text around the JSON. Never throws.
 */
import { maxLineLength } from "./limits.ts";

export type JsonContainer = "object" | "array";

export interface JsonVisitor {
  opened(container: JsonContainer): void;
  closed(): void;
  key(name: string): void;
  /** A piece of a string value, decoded. */
  text(piece: string): void;
  textEnded(): void;
  /** An escape in the current string value has no meaning. Comes before the pieces behind it. */
  damaged(reason: string): void;
  /** A number, `true`, `false` or `null`, as written. */
  literal(text: string): void;
  /** A line outside of any JSON. */
  outside(line: string): void;
  /** The JSON cannot be read on. Nothing more comes. */
  broken(reason: string): void;
}

const maxDepth = 64;
const maxTokenLength = 1024;
const escapes: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

type Expected = "key" | "colon" | "value" | "comma";

export class JsonStream {
  private readonly visitor: JsonVisitor;
  private readonly stack: JsonContainer[] = [];
  private expected: Expected = "value";
  private mode: "between" | "string" | "literal" = "between";
  private stopped = false;
  /** The key or literal so far. */
  private token = "";
  private isKey = false;
  /** The escape so far, from its backslash on. */
  private escape = "";
  /** The last escape was the first half of a surrogate pair. */
  private halfPair = false;
  /** The line so far outside of any JSON. */
  private line = "";
  /** That line holds more than blanks, so that a bracket in it begins nothing. */
  private lineUsed = false;

  constructor(visitor: JsonVisitor) {
    this.visitor = visitor;
  }

  push(text: string): void {
    for (let at = 0; at < text.length && !this.stopped;) {
      if (this.mode === "string") at = this.inString(text, at);
      else if (this.mode === "literal") at = this.inLiteral(text, at);
      else if (this.stack.length === 0) at = this.aroundJson(text, at);
      else {
        this.structure(text.charAt(at));
        at += 1;
      }
    }
  }

  /** Everything that was opened is closed. */
  finish(): boolean {
    if (this.stack.length === 0 && this.lineUsed) this.visitor.outside(this.line);
    this.line = "";
    this.lineUsed = false;
    return this.stopped || this.stack.length === 0;
  }

  private aroundJson(text: string, at: number): number {
    const character = text.charAt(at);
    if (!this.lineUsed && (character === "{" || character === "[")) {
      this.line = "";
      this.open(character);
      return at + 1;
    }
    const newline = text.indexOf("\n", at);
    const bracket = this.lineUsed ? -1 : text.slice(at, newline < 0 ? text.length : newline).search(/[^\s]/);
    if (bracket > 0) {
      this.line += text.slice(at, at + bracket);
      return at + bracket;
    }
    const end = newline < 0 ? text.length : newline;
    this.line += text.slice(at, end);
    this.lineUsed ||= bracket === 0;
    if (newline < 0 && this.line.length < maxLineLength) return end;
    if (this.lineUsed) this.visitor.outside(this.line.replace(/\r$/, ""));
    this.line = "";
    this.lineUsed = newline < 0;
    return newline < 0 ? end : end + 1;
  }

  private structure(character: string): void {
    if (/\s/.test(character)) return;
    const inObject = this.stack.at(-1) === "object";
    if (character === (inObject ? "}" : "]")) {
      const mayClose = this.expected === "comma" || this.expected === (inObject ? "key" : "value");
      if (mayClose) this.close();
      else this.stop(`\`${character}\` where a value belongs`);
    } else if (character === "," && this.expected === "comma") this.expected = inObject ? "key" : "value";
    else if (character === ":" && this.expected === "colon") this.expected = "value";
    else if (character === '"' && (this.expected === "key" || this.expected === "value")) {
      this.mode = "string";
      this.isKey = this.expected === "key";
      this.token = "";
    } else if (this.expected === "value" && (character === "{" || character === "[")) this.open(character);
    else if (this.expected === "value" && /[\w.+-]/.test(character)) {
      this.mode = "literal";
      this.token = character;
    } else this.stop(`an unexpected \`${character}\``);
  }

  private open(character: string): void {
    const container = character === "{" ? "object" : "array";
    if (this.stack.length >= maxDepth) {
      this.stop(`more than ${maxDepth} levels`);
      return;
    }
    this.stack.push(container);
    this.expected = container === "object" ? "key" : "value";
    this.visitor.opened(container);
  }

  private close(): void {
    this.stack.pop();
    this.expected = this.stack.length === 0 ? "value" : "comma";
    this.visitor.closed();
  }

  private inLiteral(text: string, at: number): number {
    let end = at;
    while (end < text.length && /[\w.+-]/.test(text.charAt(end))) end += 1;
    this.token += text.slice(at, end);
    if (this.token.length > maxTokenLength) this.stop("a number that does not end");
    else if (end < text.length) {
      this.mode = "between";
      this.expected = "comma";
      if (/^(?:true|false|null|-?\d[\d.eE+-]*)$/.test(this.token)) this.visitor.literal(this.token);
      else this.stop(`\`${this.token.slice(0, 40)}\` is no value`);
    }
    return end;
  }

  private inString(text: string, at: number): number {
    if (this.escape !== "") {
      this.inEscape(text.charAt(at));
      return at + 1;
    }
    let end = at;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === 0x22 || code === 0x5c) break;
    }
    if (end > at) this.plain(text.slice(at, end));
    if (end === text.length) return end;
    if (text.charAt(end) === "\\") this.escape = "\\";
    else this.endString();
    return end + 1;
  }

  private inEscape(character: string): void {
    const escape = this.escape + character;
    if (escape === "\\u" || (/^\\u[0-9a-f]{1,3}$/i.test(escape) && escape.length < 6)) {
      this.escape = escape;
      return;
    }
    this.escape = "";
    if (/^\\u[0-9a-f]{4}$/i.test(escape)) {
      this.codeUnit(Number.parseInt(escape.slice(2), 16));
      return;
    }
    const simple = escape.length === 2 ? escapes[character] : undefined;
    if (simple !== undefined) {
      this.plain(simple);
      return;
    }
    this.damage(`\`${escape}\` is no JSON escape`);
    // The quote that ends the string is not part of a broken \u escape.
    if (escape.length > 2 && character === '"') this.endString();
    else if (escape.length > 2 && character === "\\") this.escape = "\\";
  }

  private codeUnit(unit: number): void {
    const low = unit >= 0xdc00 && unit <= 0xdfff;
    if (low !== this.halfPair) this.damage("half of a surrogate pair");
    this.halfPair = unit >= 0xd800 && unit <= 0xdbff;
    this.emit(String.fromCharCode(unit));
  }

  private plain(piece: string): void {
    if (this.halfPair) this.damage("half of a surrogate pair");
    this.halfPair = false;
    this.emit(piece);
  }

  private emit(piece: string): void {
    if (!this.isKey) this.visitor.text(piece);
    else if (this.token.length + piece.length > maxTokenLength) this.stop("a key that does not end");
    else this.token += piece;
  }

  private endString(): void {
    if (this.halfPair) this.damage("half of a surrogate pair");
    this.halfPair = false;
    this.mode = "between";
    this.expected = this.isKey ? "colon" : "comma";
    if (this.isKey) this.visitor.key(this.token);
    else this.visitor.textEnded();
  }

  private damage(reason: string): void {
    if (this.isKey) this.stop(reason);
    else this.visitor.damaged(reason);
  }

  private stop(reason: string): void {
    this.stopped = true;
    this.visitor.broken(reason);
  }
}
