/** Source text → tokens without comments, with brackets paired. The same for all languages with braces; what they mean is not its business. */

export interface Token {
  readonly text: string;
  readonly kind: "word" | "text" | "number" | "sign";
  /** It is the first of its line. */
  readonly opensLine: boolean;
}

export interface Lexicon {
  /** Strings and the like, as one pattern. */
  readonly strings: string;
  readonly words: string;
  /** Signs of more than one character. */
  readonly signs: string;
  /** Strings with code in them, begun by a backtick, and regular expressions. */
  readonly script?: true;
}

/** Tokens beyond it are not read. */
const tokensAtMost = 400_000;

const patterns = new Map<Lexicon, RegExp>();

function patternOf(lexicon: Lexicon): RegExp {
  let pattern = patterns.get(lexicon);
  if (pattern === undefined) {
    const { strings, words, signs } = lexicon;
    const source = String.raw`(\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(${strings})|(${words})|(\d[\w.]*)|((?:${signs})|[\s\S])`;
    patterns.set(lexicon, (pattern = new RegExp(source, "y")));
  }
  return pattern;
}

export class Tokens {
  readonly list: readonly Token[];
  private readonly isScript: boolean;
  /** Of each opening bracket the place of the one that closes it. */
  private readonly pairs: ReadonlyMap<number, number>;

  constructor(text: string, lexicon: Lexicon) {
    this.list = tokensOf(text, lexicon);
    this.isScript = lexicon.script === true;
    this.pairs = pairsOf(this.list);
  }

  text(at: number): string {
    return this.list[at]?.text ?? "";
  }

  kind(at: number): Token["kind"] | undefined {
    return this.list[at]?.kind;
  }

  opensLine(at: number): boolean {
    return this.list[at]?.opensLine ?? true;
  }

  /** Behind the bracket that closes this one; behind itself where none does or it is none. */
  behind(at: number): number {
    return (this.pairs.get(at) ?? at) + 1;
  }

  /** The same of `<`, which may be none: undefined then. */
  behindAngles(at: number): number | undefined {
    let depth = 0;
    for (let next = at; next < this.list.length && next < at + 2000;) {
      const text = this.text(next);
      if (text === "<") depth++;
      if (text === ">" && --depth === 0) return next + 1;
      if (text === ";" || text === ")" || text === "}" || text === "]") return undefined;
      next = text === "(" || text === "[" || text === "{" ? this.behind(next) : next + 1;
    }
    return undefined;
  }

  /** Parts between signs of the list that stand in no brackets; empty ones are left out. */
  split(from: number, to: number, signs: readonly string[]): readonly (readonly [from: number, to: number])[] {
    const parts: [number, number][] = [];
    let start = from;
    const close = (end: number): void => {
      if (end > start) parts.push([start, end]);
      start = end + 1;
    };
    for (let at = from; at < to;) {
      const text = this.text(at);
      if (this.kind(at) === "sign" && signs.includes(text)) close(at++);
      else at = this.after(at, to);
    }
    close(to);
    return parts;
  }

  /** The next place on the same level. */
  after(at: number, to = this.list.length): number {
    const text = this.text(at);
    if (this.kind(at) !== "sign") return at + 1;
    const behind = text === "<" ? (this.behindAngles(at) ?? at + 1) : this.behind(at);
    return Math.min(Math.max(behind, at + 1), to);
  }

  /** Written one way, however it was: blanks, quotes, commas and semicolons at the end of lists. */
  render(from: number, to: number): string {
    let out = "";
    let before = "";
    for (let at = from; at < to; at++) {
      const token = this.list[at];
      if (token === undefined) break;
      const next = at + 1 < to ? this.text(at + 1) : "";
      if ((token.text === "," || token.text === ";") && (next === "" || ")]}>".includes(next))) continue;
      if (this.isScript && (token.text === "|" || token.text === "&") && (before === "" || "=:(<,[|{".includes(before))) continue;
      const text = token.kind === "text" ? quoted(token.text) : token.text;
      // `p []byte`, but `string[]`.
      const isSlice = !this.isScript && text === "[" && next === "]" && /\w$/.test(before);
      out += (isSlice || needsBlank(before, text) ? " " : "") + text;
      before = !this.isScript && text === "]" && before === "[" ? "(" : text;
    }
    return out;
  }
}

const quoted = (text: string): string => (/^'[^'"\\]*'$/.test(text) ? `"${text.slice(1, -1)}"` : text);

const tightBefore = new Set([",", ";", ":", ")", "]", ">", "?", ".", "(", "[", "<", "?.", "::"]);
const tightBehind = new Set(["(", "[", "<", ".", "...", "?.", "::", "@", "!", "&", "*", ""]);
const needsBlank = (before: string, text: string): boolean => !tightBefore.has(text) && !tightBehind.has(before);

function tokensOf(text: string, lexicon: Lexicon): readonly Token[] {
  const pattern = patternOf(lexicon);
  const list: Token[] = [];
  let opensLine = true;
  let at = 0;
  while (at < text.length && list.length < tokensAtMost) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) break;
    const [whole, blank, string, word, number] = match;
    if (blank !== undefined) {
      opensLine ||= blank.includes("\n");
      at += whole.length;
      continue;
    }
    let end = at + whole.length;
    let kind: Token["kind"] =
      string !== undefined ? "text" : word !== undefined ? "word" : number !== undefined ? "number" : "sign";
    if (lexicon.script && whole === "`") [end, kind] = [templateEnd(text, at), "text"];
    else if (lexicon.script && whole === "/" && mayBeginValue(list.at(-1))) {
      const regex = regexEnd(text, at);
      if (regex !== undefined) [end, kind] = [regex, "text"];
    }
    list.push({ text: end === at + whole.length ? whole : text.slice(at, end), kind, opensLine });
    opensLine = false;
    at = end;
  }
  return list;
}

/** Behind the backtick that closes this one. */
function templateEnd(text: string, from: number): number {
  const depths: number[] = [];
  for (let at = from + 1; at < text.length; at++) {
    const sign = text[at];
    const depth = depths.at(-1);
    if (sign === "\\") at++;
    else if (depth === undefined || depth < 0) {
      // In the words of a template.
      if (sign === "`") {
        depths.pop();
        if (depths.length === 0) return at + 1;
      } else if (sign === "$" && text[at + 1] === "{") {
        depths.push(0);
        at++;
      }
    } else if (sign === "{") depths[depths.length - 1] = depth + 1;
    else if (sign === "}") {
      if (depth === 0) depths.pop();
      else depths[depths.length - 1] = depth - 1;
    } else if (sign === "`") depths.push(-1);
    else if (sign === '"' || sign === "'") {
      const close = text.indexOf(sign, at + 1);
      const line = text.indexOf("\n", at + 1);
      if (close >= 0 && (line < 0 || close < line)) at = close;
    }
  }
  return text.length;
}

const valueWords = /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|instanceof)$/;

function mayBeginValue(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "word") return valueWords.test(before.text);
  return before.kind === "sign" && ![")", "]", "}", "<"].includes(before.text);
}

const regex = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

function regexEnd(text: string, at: number): number | undefined {
  regex.lastIndex = at;
  const match = regex.exec(text);
  return match === null ? undefined : at + match[0].length;
}

function pairsOf(list: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: { readonly at: number; readonly closes: string }[] = [];
  const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
  for (const [at, { text, kind }] of list.entries()) {
    if (kind !== "sign") continue;
    const closes = closing[text];
    if (closes !== undefined) open.push({ at, closes });
    else if (text === ")" || text === "]" || text === "}") {
      const with_ = open.findLastIndex((one) => one.closes === text);
      const opened = open[with_];
      if (opened === undefined) continue;
      pairs.set(opened.at, at);
      open.length = with_;
    }
  }
  return pairs;
}
