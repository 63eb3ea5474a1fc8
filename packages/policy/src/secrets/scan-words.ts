/**
 * Finds secrets word by word. What is found in a word depends on that word and on a small state that the words before it left, never on
 * what comes later: so a stream can be cut anywhere. A secret has no blanks in it; of a private key each line is found by itself.
 */
import { KeyBlock } from "./key-block.ts";
import { type MarkedSecret, firstCharacters, markedBy } from "./marked-secrets.ts";
import { isChance, isNamedSecret, secretNameOf } from "./named-secrets.ts";
import { isStandIn } from "./stand-in-values.ts";
import { type Shape, credentialsIn, passwordOfLine, shapedBehind } from "./shaped-secrets.ts";

export interface FoundSecret {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** A further line of the private key that was found before. */
  readonly continued: boolean;
}

/** Longer words are looked at in pieces. */
export const wordLimit = 8192;
/** Longer words are no names. */
export const nameLimit = 96;

interface Span {
  start: number;
  end: number;
}

const isLetterOrDigit = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);

/** What a character is for the scan. */
const [wordSign, opens, first] = [1, 2, 4];
const signs = signTable();
/** Other than 0: a word with this sign in it is looked at, however short it is. */
export const telling = Uint8Array.from(signs, (_, code) => ("=:~-".includes(String.fromCharCode(code)) ? 1 : 0));
/** A shorter word without a telling sign holds nothing. */
const shortestMarked = 15;

function signTable(): Uint8Array {
  const table = new Uint8Array(128);
  for (let code = 0; code < 128; code++)
    if (isLetterOrDigit(code)) table[code] = wordSign | (firstCharacters.has(code) ? first : 0);
  for (const sign of "=:~-\\%") table[sign.charCodeAt(0)] = opens;
  return table;
}

const [equals, colon, tilde, dash, backslash, percent, capitalA] = [61, 58, 126, 45, 92, 37, 65];

/** Looks at the words of one text, one after the other; a word goes from a sign that is no blank to the next blank. */
export class WordScan {
  /** The word before, of the same line: it could be the name of what comes behind an equals sign. Counts in the text that is scanned. */
  readonly before: Span = { start: 0, end: 0 };
  private readonly block = new KeyBlock();
  /** The name whose value comes next; empty: none. */
  private pending = "";
  /** Value of the last field that was called `name`: what a field `value` behind it is about. */
  private entry = "";
  private text = "";
  private readonly word: Span = { start: 0, end: 0 };
  /** Where the run of letters and digits began. */
  private runStart = 0;
  private found: FoundSecret[] = [];

  get isCalm(): boolean {
    return this.pending === "" && !this.block.isOpen;
  }

  newLine(): void {
    this.pending = "";
    this.before.start = this.before.end;
    this.block.newLine();
  }

  /** What comes next is words of this text; what is found goes in there. */
  begin(text: string, found: FoundSecret[]): void {
    this.text = text;
    this.found = found;
  }

  /** `isTelling`: one of its signs is. */
  scan(start: number, end: number, isTelling: boolean): void {
    const count = this.found.length;
    if (this.pending !== "" && !isTelling && end - start < shortestScheme) this.pending = "";
    if (isTelling || end - start >= shortestMarked || this.pending !== "" || this.block.isOpen) {
      this.word.start = start;
      this.word.end = end;
      this.run(start, end);
    }
    if (this.pending === "" && this.found.length === count && end - start <= nameLimit) this.pending = this.announced(start, end);
    this.before.start = start;
    this.before.end = end;
  }

  private run(start: number, end: number): void {
    const { text } = this;
    let at = this.block.isOpen ? this.block.take(text, this.word, this.putKey) : start;
    this.runStart = at;
    if (this.pending !== "") {
      const name = this.pending;
      this.pending = "";
      at = this.value(name, at, valueFrom(text, at, end));
    }
    while (at < end) {
      const code = text.charCodeAt(at);
      const sign = code < 128 ? (signs[code] ?? 0) : 0;
      if ((sign & wordSign) === 0) {
        at = sign === opens ? this.sign(at, code) : at + 1;
        this.runStart = at;
      } else at = sign & first && this.runStart === at ? this.marked(at, code) : at + 1;
    }
  }

  /** The name whose value the next word is without a sign between them: `--token …`, and `password …` as in .netrc. */
  private announced(start: number, end: number): string {
    const { text } = this;
    const code = text.charCodeAt(start);
    if (code === dash && text.charCodeAt(start + 1) === dash && end - start > 4) return text.slice(start + 2, end);
    return code === 0x70 && (text.startsWith("password", start) || text.startsWith("passwd", start)) && end - start <= 8
      ? "password"
      : "";
  }

  private readonly putKey = (start: number, end: number, continued: boolean): void =>
    void this.found.push({ kind: "private-key", start, end, continued });

  private put({ kind, start, end }: Shape): number {
    this.found.push({ kind, start, end, continued: false });
    return end;
  }

  /** A secret that begins here; gives where to go on. */
  private marked(at: number, code: number): number {
    const { text, word } = this;
    const possible = markedBy(code, text.charCodeAt(at + 1));
    if (possible === undefined) return at + 1;
    for (const secret of possible) {
      const end = markedEnd(secret, text, at);
      if (end === 0 || end > word.end || this.isInside(secret, at) || isStandIn(text.slice(at, end))) continue;
      return this.put({ kind: secret.kind, start: Math.max(word.start, at - secret.before), end });
    }
    return at + 1;
  }

  /** Part of a longer base64 text. */
  private isInside({ alone }: MarkedSecret, at: number): boolean {
    if (!alone || at === this.word.start) return false;
    const before = this.text.charCodeAt(at - 1);
    return before === 0x2f || before === 0x2b;
  }

  private sign(at: number, code: number): number {
    const { text, word } = this;
    switch (code) {
      case backslash:
        // The letter of `\n` is none of the word behind it.
        return at + 2;
      case percent:
        return /^[0-9A-Fa-f]{2}/.test(text.slice(at + 1, at + 3)) ? at + 3 : at + 1;
      case dash:
        return text.startsWith("-----", at)
          ? this.block.mark(text, { start: at, end: word.end }, this.putKey)
          : at - this.runStart === 32
            ? this.shaped(at)
            : at + 1;
      case tilde:
        return this.shaped(at);
      case colon:
      case equals:
        return this.assigned(at, code);
    }
    return at + 1;
  }

  private shaped(at: number): number {
    const shape = shapedBehind(this.text, at, this.word);
    if (shape === undefined || isStandIn(this.text.slice(shape.start, shape.end))) return at + 1;
    return this.put(shape);
  }

  private assigned(at: number, code: number): number {
    const { text, word } = this;
    if (code === colon && text.startsWith("//", at + 1)) {
      const credentials = credentialsIn(text, { start: at + 3, end: word.end });
      return credentials === undefined ? at + 3 : this.put(credentials);
    }
    if (code === colon) {
      const next = text.charCodeAt(at + 1);
      if (next === capitalA) {
        const shape = this.shaped(at);
        if (shape > at + 1) return shape;
      }
      const line = passwordOfLine(text, at, word);
      if (line !== undefined) return this.put(line);
    }
    const value = valueFrom(text, at + 1, word.end);
    // Too short to be one, and not only the beginning.
    if (value.start < word.end && value.end - value.start < shortestScheme) return at + 1;
    const name = this.nameBefore(at);
    return name === "" ? at + 1 : Math.max(at + 1, this.value(name, at + 1, value));
  }

  /** The identifier that ends at this place, or is the word before. */
  private nameBefore(at: number): string {
    const { text, word } = this;
    const from = isBlankBefore(text, at, word.start) ? this.before : { start: word.start, end: at };
    let { end } = from;
    while (end > from.start && !isNameSign(text.charCodeAt(end - 1)) && from.end - end < 6) end--;
    let start = end;
    while (start > from.start && end - start < nameLimit && isNameSign(text.charCodeAt(start - 1))) start--;
    return end - start < 2 ? "" : text.slice(start, end);
  }

  /** What a name says of the text from here on; gives the end of a secret, or `at`. */
  private value(name: string, at: number, { start, end, quote }: Value): number {
    const { text, word } = this;
    if (start >= word.end) {
      // Of an empty text nothing follows.
      if (quote === 0 || start === at || text.charCodeAt(start - 2) !== quote) this.pending = name;
      return at;
    }
    if (isEntryName(name)) {
      this.entry = end - start <= nameLimit ? text.slice(start, end) : "";
      return at;
    }
    // `Authorization: Bearer …`: what counts comes next.
    if (isScheme(text, start, end) && /auth(?:orization)?$/i.test(name)) {
      this.pending = "auth_token";
      return at;
    }
    if (end - start < shortest) return at;
    const real = this.entry !== "" && isEntryValue(name) ? this.entry : name;
    const names = secretNameOf(real);
    if (names === undefined && end - start < shortestChance) return at;
    // A text with blanks in it is a sentence; what has a mark of its own is called by that.
    if ((quote !== 0 && end === word.end) || this.isMarked(start)) return at;
    const value = text.slice(start, end);
    const given = { value, quoted: quote !== 0, inline: start === at };
    const kind =
      names?.find((one) => isNamedSecret(one, given, real))?.kind ?? (isChance(real, value) ? "high-entropy" : undefined);
    return kind === undefined ? at : this.put({ kind, start, end });
  }

  private isMarked(start: number): boolean {
    const { text } = this;
    const code = text.charCodeAt(start);
    const possible = code < 128 ? markedBy(code, text.charCodeAt(start + 1)) : undefined;
    return possible?.some((secret) => markedEnd(secret, text, start) > 0) ?? false;
  }
}

/** 0: it does not begin here. */
function markedEnd({ prefix, rest }: MarkedSecret, text: string, at: number): number {
  if (!text.startsWith(prefix, at)) return 0;
  const pattern = rest();
  pattern.lastIndex = at + prefix.length;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

const isScheme = (text: string, start: number, end: number): boolean =>
  end - start <= 6 && /^(?:bearer|basic|token)$/i.test(text.slice(start, end));

const isEntryName = (name: string): boolean => name === "name" || name === "Name" || name === "key";
const isEntryValue = (name: string): boolean => name === "value" || name === "Value";
const shortest = 6;
/** `Basic` */
const shortestScheme = 5;
const shortestChance = 32;

/** Nothing but signs of an assignment (`=`, `:=`, `=>`) stands between the beginning of the word and here. */
function isBlankBefore(text: string, at: number, start: number): boolean {
  for (let each = start; each < at; each++) if (!isBeforeValue(text.charCodeAt(each))) return false;
  return true;
}

const isNameSign = (code: number): boolean => isLetterOrDigit(code) || code === 0x5f || code === 0x2d || code === 0x2e;

/** Quotes and the rest of an assignment sign: `:"`, `:=`, `=>`, `\"`. */
const isBeforeValue = (code: number): boolean =>
  code === 0x22 ||
  code === 0x27 ||
  code === 0x60 ||
  code === 0x3d ||
  code === 0x3a ||
  code === 0x3e ||
  code === 0x28 ||
  code === 0x5b ||
  code === 0x5c;

interface Value extends Readonly<Span> {
  /** Code of the quote in front of it; 0: none. */
  readonly quote: number;
}

/** The value behind a sign of assignment; of an empty text it begins behind it and is empty. */
function valueFrom(text: string, at: number, end: number): Value {
  let start = at;
  while (start < end && isAssignment(text.charCodeAt(start))) start++;
  let quote = 0;
  while (start < end && isQuote(text.charCodeAt(start))) {
    const code = text.charCodeAt(start);
    start++;
    if (code === quote) return { start, end: start, quote };
    quote = code;
    while (start < end && text.charCodeAt(start) === backslash) start++;
  }
  return { start, end: valueEnd(text, { start, end }, quote), quote };
}

const isQuote = (code: number): boolean => code === 0x22 || code === 0x27 || code === 0x60;
/** `=`, `:`, `>`, and what may escape a quote. */
const isAssignment = (code: number): boolean => code === 0x3d || code === 0x3a || code === 0x3e || code === 0x5c;

function valueEnd(text: string, { start, end }: Readonly<Span>, quote: number): number {
  let at = start;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (quote === 0 ? endsPlain(code) : code === quote || code === backslash) break;
  }
  return at;
}

/** `"'\,;)}]<>&` and the grave accent end a value that is not quoted. */
const endsPlain = (code: number): boolean =>
  code === 0x22 ||
  code === 0x27 ||
  code === 0x60 ||
  code === 0x5c ||
  code === 0x2c ||
  code === 0x3b ||
  code === 0x29 ||
  code === 0x7d ||
  code === 0x5d ||
  code === 0x3c ||
  code === 0x3e ||
  code === 0x26;
