/** Words of a POSIX shell: quotes, expansions and the commands in them. Where shells differ, the word is not understood. */
import { type Script, type Word, atEnd, giveUp, readInner } from "./script.ts";

/** A word as far as it is read. */
interface Draft {
  value: string;
  known: boolean;
  many: boolean;
  /** The whole with its wildcards; undefined once something else is uncertain. */
  glob: string | undefined;
  /** What stands outside quotes; something else for what stands inside. */
  bare: string;
}

const ends = /[\s;&|<>()]/;
const quotedMark = "\0";

/** Reads the word that begins here. */
export function readWord(script: Script): Word {
  const start = script.at;
  const draft: Draft = { value: "", known: true, many: false, glob: "", bare: "" };
  while (!atEnd(script) && !ends.test(script.text[script.at]!)) readPart(script, draft);
  if (/\{[^]*(?:,|\.\.)/.test(draft.bare)) giveUp(script, "braces with a list become several words in some shells only");
  const source = script.text.slice(start, script.at);
  const { value, known, many, glob } = draft;
  return { source, value, known, many, ...(!known && glob !== undefined && { glob }) };
}

function readPart(script: Script, draft: Draft): void {
  const at = script.text[script.at]!;
  switch (at) {
    case "'":
      return readSingle(script, draft);
    case '"':
      return readDouble(script, draft);
    case "\\":
      return readEscape(script, draft);
    case "$":
      return readDollar(script, draft, false);
    case "`":
      return readBackquotes(script, draft, false);
    case "~":
      if (draft.bare === "" || /[=:]$/.test(draft.bare)) addUnknown(draft, false);
      return addBare(script, draft, at);
    case "*":
    case "?":
    case "[":
      // `[` alone is a command, and nobody's pattern.
      if (at !== "[" || !isAlone(script, draft)) addWildcard(draft);
      return addBare(script, draft, at);
    default:
      return addBare(script, draft, at);
  }
}

function isAlone(script: Script, draft: Draft): boolean {
  const next = script.text[script.at + 1];
  return draft.bare === "" && (next === undefined || ends.test(next));
}

function addBare(script: Script, draft: Draft, text: string): void {
  draft.bare += text;
  addKnown(draft, text);
  script.at += text.length;
}

function addKnown(draft: Draft, text: string): void {
  if (draft.known) draft.value += text;
  if (draft.glob !== undefined) draft.glob += text;
}

function addWildcard(draft: Draft): void {
  draft.known = false;
  draft.many = true;
}

function addUnknown(draft: Draft, many: boolean): void {
  draft.known = false;
  draft.glob = undefined;
  draft.many ||= many;
}

function readSingle(script: Script, draft: Draft): void {
  const end = script.text.indexOf("'", script.at + 1);
  if (end < 0) return giveUp(script, "a quotation mark is not closed");
  const inside = script.text.slice(script.at + 1, end);
  if (inside.includes("\n") && script.pending.length > 0) return giveUp(script, "a here-document begins inside quotes");
  addKnown(draft, inside);
  draft.bare += quotedMark;
  script.at = end + 1;
}

function readEscape(script: Script, draft: Draft): void {
  const next = script.text[script.at + 1];
  if (next === undefined || next === "\n") return giveUp(script, "a line is continued inside a word");
  addKnown(draft, next);
  draft.bare += quotedMark;
  script.at += 2;
}

function readDouble(script: Script, draft: Draft): void {
  script.at += 1;
  draft.bare += quotedMark;
  while (script.text[script.at] !== '"') {
    if (atEnd(script)) return giveUp(script, "a quotation mark is not closed");
    readQuotedPart(script, draft, '"');
  }
  script.at += 1;
}

/** One piece between double quotes, or of a here-document, where `"` means nothing. */
function readQuotedPart(script: Script, draft: Draft, quote: string): void {
  const at = script.text[script.at]!;
  if (at === "$") return readDollar(script, draft, true);
  if (at === "`") return readBackquotes(script, draft, true);
  if (at === "\n" && script.pending.length > 0) return giveUp(script, "a here-document begins inside quotes");
  if (at === "\\") {
    const next = script.text[script.at + 1] ?? "";
    const escapes = next !== "" && `$\`\\\n${quote}`.includes(next);
    addKnown(draft, escapes ? next.replace("\n", "") : `\\${next}`);
    script.at += 1 + next.length;
    return;
  }
  addKnown(draft, at);
  script.at += 1;
}

/** What a here-document expands before it is read. */
export function readExpansions(script: Script, text: string): void {
  const inner: Script = { ...script, text, at: 0, pending: [] };
  const draft: Draft = { value: "", known: true, many: false, glob: "", bare: "" };
  while (!atEnd(inner)) readQuotedPart(inner, draft, "");
  if (inner.unclear !== undefined) giveUp(script, inner.unclear);
}

function readBackquotes(script: Script, draft: Draft, quoted: boolean): void {
  const end = script.text.indexOf("`", script.at + 1);
  if (end < 0) return giveUp(script, "a backquote is not closed");
  const inside = script.text.slice(script.at + 1, end);
  if (inside.includes("\\") || script.pending.length > 0) return giveUp(script, "backquotes with a backslash inside");
  readInner(script, inside);
  if (script.unclear !== undefined) return;
  addUnknown(draft, !quoted);
  script.at = end + 1;
}

const plainArithmetic = /^\$\(\([\d\s+*/%-]*\)\)/;
const parameter = /^\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])|\{(#?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]))\})/;
/** With a substitute or a cut that itself does nothing: letters only, no quotes, no expansion. */
const parameterWithWord = /^\$\{(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+)(?::?[-+?]|%%?|##?)[\w./:@%+=, *?-]*\}/;

function readDollar(script: Script, draft: Draft, quoted: boolean): void {
  const rest = script.text.slice(script.at, script.at + 2);
  if (rest === "$(") return readSubstitution(script, draft, quoted);
  if (rest === "$[") return giveUp(script, "arithmetic in an old form");
  if (!quoted && (rest === "$'" || rest === '$"'))
    return giveUp(script, "quotes that begin with a dollar sign differ between shells");
  const found = matchAt(parameter, script) ?? matchAt(parameterWithWord, script);
  if (found !== undefined) {
    // `"$@"` is several words even between quotes; numbers are one without.
    const isNumber = /^\$\{?[?#$!]/.test(found);
    addUnknown(draft, /^\$\{?[@*]/.test(found) || (!quoted && !isNumber));
    script.at += found.length;
    return;
  }
  if (rest === "${") return giveUp(script, "an expansion of a variable that is more than its value");
  addKnown(draft, "$");
  draft.bare += quotedMark;
  script.at += 1;
}

function matchAt(pattern: RegExp, script: Script): string | undefined {
  return pattern.exec(script.text.slice(script.at))?.[0];
}

function readSubstitution(script: Script, draft: Draft, quoted: boolean): void {
  addUnknown(draft, !quoted);
  const sum = matchAt(plainArithmetic, script);
  if (sum !== undefined) {
    script.at += sum.length;
    return;
  }
  if (script.text.startsWith("$((", script.at)) return giveUp(script, "arithmetic with more than numbers");
  script.at += 1;
  readParenthesis(script);
}

/** Commands between `(` and `)`. */
export function readParenthesis(script: Script): void {
  if (script.pending.length > 0) return giveUp(script, "a here-document begins before other commands");
  script.at += 1;
  script.readList(script, [")"]);
  if (script.pending.length > 0) return giveUp(script, "a here-document is not closed");
  if (script.text[script.at] !== ")") return giveUp(script, "a parenthesis is not closed");
  script.at += 1;
}
