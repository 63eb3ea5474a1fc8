/** Which modules a JavaScript or TypeScript text asks for: what stands in comments, strings and templates is not code. Runs nothing. */

/** Cheap: whether a line could bring an import, whatever surrounds it. */
export const mayImport = (line: string): boolean => /\b(?:import|require|from)\b|^\s*["'][^"']+["']\s*[;),]?\s*$/.test(line);

/** Before a `/` these mean that a regular expression begins. */
const beforeExpression =
  /(?:^|[([{,;=:!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|instanceof|new|throw|await|yield))\s*$/;

const importing = /\b(?:from|import|require(?:\.resolve)?\s*\(|import\s*\(|import\s*\.\s*meta\s*\.\s*resolve\s*\()\s*$/;

/** The specifiers of the text's import and export declarations, `require`, `import()` and `import x = require()`. */
export function importsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const scanner: Scanner = { text, at: 0, code: "", depths: [] };
  while (scanner.at < text.length) {
    const character = text[scanner.at] ?? "";
    const next = text[scanner.at + 1];
    if (character === "/" && next === "/") skipTo(scanner, "\n");
    else if (character === "/" && next === "*") skipPast(scanner, "*/");
    else if (character === '"' || character === "'") {
      const value = readString(scanner, character);
      if (value !== undefined && isImporting(scanner.code)) found.add(value);
      scanner.code = "''";
    } else if (character === "`") readTemplate(scanner, found);
    else if (character === "/" && beforeExpression.test(scanner.code)) skipExpression(scanner);
    else takeCode(scanner, character);
  }
  return found;
}

/** Of `from`, `import` and what opens their brackets. */
const importingEnds: ReadonlySet<string> = new Set(["m", "t", "("]);

interface Scanner {
  readonly text: string;
  at: number;
  /** The end of the code so far, without comments; enough to tell what comes. */
  code: string;
  /** For each template that is open: how many braces are open in its `${}`. */
  readonly depths: number[];
}

function isImporting(code: string): boolean {
  // Most strings stand behind something else, which its last sign tells.
  if (!importingEnds.has(code.trimEnd().at(-1) ?? "") || !importing.test(code)) return false;
  // `.import(` and `.from(` are methods; `Array.from "x"` is nothing.
  return !/\.\s*(?:from|import|import\s*\(|require(?:\.resolve)?\s*\()\s*$/.test(code);
}

function takeCode(scanner: Scanner, character: string): void {
  const open = scanner.depths.length - 1;
  if (open >= 0 && character === "{") scanner.depths[open] = (scanner.depths[open] ?? 0) + 1;
  if (open >= 0 && character === "}") {
    if (scanner.depths[open] === 0) {
      scanner.depths.pop();
      scanner.at++;
      skipTemplate(scanner);
      return;
    }
    scanner.depths[open] = (scanner.depths[open] ?? 1) - 1;
  }
  plain.lastIndex = scanner.at + 1;
  const end = plain.test(scanner.text) ? plain.lastIndex : scanner.at + 1;
  // What decides stands at the end.
  const taken = scanner.text.slice(Math.max(scanner.at, end - 60), end);
  scanner.code = end - scanner.at > 60 ? taken : scanner.code.slice(-60) + taken;
  scanner.at = end;
}

/** Code in which nothing begins or ends that matters here. */
const plain = /[^"'`/{}]+/y;

function skipTo(scanner: Scanner, end: string): void {
  const found = scanner.text.indexOf(end, scanner.at);
  scanner.at = found === -1 ? scanner.text.length : found;
}

function skipPast(scanner: Scanner, end: string): void {
  const found = scanner.text.indexOf(end, scanner.at + 2);
  scanner.at = found === -1 ? scanner.text.length : found + end.length;
}

/** Undefined where the line ends first: then it was no string, e.g. an apostrophe in the text of a page. */
function readString(scanner: Scanner, quote: string): string | undefined {
  const { text } = scanner;
  let end = scanner.at + 1;
  while (end < text.length && text[end] !== quote && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
  if (text[end] !== quote) {
    scanner.at++;
    return undefined;
  }
  const value = unescaped(text.slice(scanner.at + 1, end));
  scanner.at = end + 1;
  return value;
}

/** `left-p\x61d` is another spelling of a name. */
const unescaped = (text: string): string => (text.includes("\\") ? withoutEscapes(text) : text);

const withoutEscapes = (text: string): string =>
  text.replace(/\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{0*[0-9a-f]{1,5}\}|.)/gi, (escape) => {
    const [digits] = /[0-9a-f]+(?=\}?$)/i.exec(escape.slice(2)) ?? [];
    return digits === undefined ? escape.slice(1) : String.fromCodePoint(Number.parseInt(digits, 16));
  });

function readTemplate(scanner: Scanner, found: Set<string>): void {
  const start = ++scanner.at;
  const imports = isImporting(scanner.code);
  skipTemplate(scanner);
  const value = scanner.text.slice(start, scanner.at - 1);
  if (imports && !value.includes("$") && !value.includes("`")) found.add(value);
}

/** To the end of the template, or into the code of its next `${`. */
function skipTemplate(scanner: Scanner): void {
  const { text } = scanner;
  while (scanner.at < text.length) {
    const character = text[scanner.at];
    if (character === "`") {
      scanner.at++;
      scanner.code = "''";
      return;
    }
    if (character === "$" && text[scanner.at + 1] === "{") {
      scanner.at += 2;
      scanner.depths.push(0);
      scanner.code = "(";
      return;
    }
    scanner.at += character === "\\" ? 2 : 1;
  }
}

/** A regular expression; where its line ends first it was a division. */
function skipExpression(scanner: Scanner): void {
  const { text } = scanner;
  let end = scanner.at + 1;
  let inClass = false;
  for (; end < text.length && text[end] !== "\n"; end++) {
    const character = text[end];
    if (character === "\\") end++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) {
      scanner.at = end + 1;
      scanner.code = "''";
      return;
    }
  }
  scanner.at++;
}
