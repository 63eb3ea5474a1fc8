/**
 * The grammar of a POSIX shell, as far as it is understood: which simple commands a line executes, in whatever it hides them.
 * Functions, `case`, arithmetic commands and what only some shells know are not; the reading then ends with the reason.
 */
import { type HereDocument, type Redirection, type Script, type SimpleCommand, type Word, atEnd, giveUp } from "./script.ts";
import { readExpansions, readParenthesis, readWord } from "./words.ts";

export interface Reading {
  readonly commands: readonly SimpleCommand[];
  /** Why not all of it was understood. */
  readonly unclear?: string;
}

const longest = 20_000;
const deepest = 24;
/** Controls, blanks that only look like one, and marks that change how a line is shown. */
const strange = /[^\P{C}\n\t]|[^\P{Z} ]/u;
const reserved =
  /^(?:if|then|else|elif|fi|while|until|do|done|for|in|case|esac|select|function|coproc|\[\[|[{}!])(?=[\s;&|<>()]|$)/;
const redirection = /^(\d*)(<<-|<<<|<<|<&|>&|<>|>\||>>|>|<)/;
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=/;

export function readShell(text: string): Reading {
  const commands: SimpleCommand[] = [];
  const script: Script = { text, at: 0, commands, pending: [], depth: 0, readList };
  if (text.length > longest) giveUp(script, "it is too long");
  else if (strange.test(text)) giveUp(script, "it holds characters that cannot be seen");
  readList(script, []);
  return { commands, ...(script.unclear !== undefined && { unclear: script.unclear }) };
}

/** Reads commands up to one of the closing words, which stays, or the end. */
function readList(script: Script, closers: readonly string[]): void {
  if (script.depth > deepest) return giveUp(script, "it is nested too deep");
  script.depth += 1;
  while (!atEnd(script)) {
    skipLines(script);
    if (atEnd(script)) break;
    const closed = closers.includes(nextWord(script));
    if (!closed) readPipeline(script);
    skipBlanks(script);
    if (closed || (!atEnd(script) && !readConnector(script, closers))) {
      script.depth -= 1;
      return;
    }
  }
  script.depth -= 1;
  if (script.pending.length > 0) giveUp(script, "a here-document is not closed");
  if (closers.length > 0) giveUp(script, `\`${closers[0]}\` is missing`);
}

/** What connects two commands; false where a closing word stands instead. */
function readConnector(script: Script, closers: readonly string[]): boolean {
  const two = script.text.slice(script.at, script.at + 2);
  if (two === "&&" || two === "||") {
    script.at += 2;
    skipLines(script);
    if (atEnd(script)) giveUp(script, "it ends too early");
    return true;
  }
  if (two === ";;" || two === "&>" || two === ";&") giveUp(script, `\`${two}\` is not understood`);
  const one = script.text[script.at];
  if (one === ";" || one === "&" || one === "\n") {
    if (one !== "\n") script.at += 1;
    return true;
  }
  if (!closers.includes(nextWord(script))) giveUp(script, `\`${nextWord(script)}\` stands where no command ends`);
  return false;
}

/** A reserved word, a closing parenthesis, or nothing. */
function nextWord(script: Script): string {
  if (script.text[script.at] === ")") return ")";
  return reserved.exec(script.text.slice(script.at, script.at + 10))?.[0] ?? "";
}

function readPipeline(script: Script): void {
  while (nextWord(script) === "!") {
    script.at += 1;
    skipBlanks(script);
  }
  for (;;) {
    readCommand(script);
    skipBlanks(script);
    if (script.text[script.at] !== "|" || script.text[script.at + 1] === "|") return;
    if (script.text[script.at + 1] === "&") return giveUp(script, "`|&` is not understood");
    script.at += 1;
    skipLines(script);
  }
}

function readCommand(script: Script): void {
  if (script.text[script.at] === "(") {
    if (script.text[script.at + 1] === "(") return giveUp(script, "arithmetic as a command");
    readParenthesis(script);
    return readRedirections(script);
  }
  const word = nextWord(script);
  if (word === "") return readSimple(script);
  script.at += word.length;
  switch (word) {
    case "{":
      readBlock(script, ["}"]);
      break;
    case "if":
      readBlock(script, ["then"]);
      readBranches(script);
      break;
    case "while":
    case "until":
      readBlock(script, ["do"]);
      readBlock(script, ["done"]);
      break;
    case "for":
      readFor(script);
      break;
    default:
      return giveUp(script, `\`${word}\` is not understood`);
  }
  readRedirections(script);
}

/** What follows the first `then`. */
function readBranches(script: Script): void {
  let closer = readBlock(script, ["elif", "else", "fi"]);
  for (; closer === "elif"; closer = readBlock(script, ["elif", "else", "fi"])) readBlock(script, ["then"]);
  if (closer === "else") readBlock(script, ["fi"]);
}

/** Commands and the word that closes them; that word, and `fi` where the reading has ended. */
function readBlock(script: Script, closers: readonly string[]): string {
  script.readList(script, closers);
  const closer = nextWord(script);
  script.at += closer.length;
  return script.unclear === undefined ? closer : "fi";
}

function readFor(script: Script): void {
  skipBlanks(script);
  const name = /^[A-Za-z_][A-Za-z0-9_]*(?=[\s;])/.exec(script.text.slice(script.at))?.[0];
  if (name === undefined) return giveUp(script, "a loop whose variable is not understood");
  script.at += name.length;
  skipBlanks(script);
  script.commands.push({ words: [], assigns: [name], redirections: [] });
  if (nextWord(script) === "in") {
    script.at += 2;
    for (skipBlanks(script); !atEnd(script) && !/[;\n&|<>()]/.test(script.text[script.at]!); skipBlanks(script)) readWord(script);
  }
  if (script.text[script.at] === ";") script.at += 1;
  skipLines(script);
  if (nextWord(script) !== "do") return giveUp(script, "a loop without `do`");
  script.at += 2;
  readBlock(script, ["done"]);
}

/** Redirections behind a group. */
function readRedirections(script: Script): void {
  const redirections: Redirection[] = [];
  for (skipBlanks(script); redirection.test(script.text.slice(script.at, script.at + 8)); skipBlanks(script))
    readRedirection(script, redirections);
  if (redirections.length > 0) script.commands.push({ words: [], assigns: [], redirections });
}

function readSimple(script: Script): void {
  const words: Word[] = [];
  const assigns: string[] = [];
  const redirections: Redirection[] = [];
  const start = script.at;
  for (skipBlanks(script); !atEnd(script); skipBlanks(script)) {
    const ahead = script.text.slice(script.at, script.at + 8);
    if (/^[<>]\(/.test(ahead)) words.push(readProcess(script));
    else if (redirection.test(ahead)) readRedirection(script, redirections);
    else if (ahead.startsWith("&>")) giveUp(script, "`&>` is not understood");
    else if (/^[;&|\n)]/.test(ahead)) break;
    else if (ahead.startsWith("(")) giveUp(script, "a function, or a parenthesis where none belongs");
    else {
      const word = readWord(script);
      const name = words.length === 0 ? assignment.exec(word.source)?.[1] : undefined;
      if (name !== undefined) assigns.push(name);
      else if (words.length === 0 && /^[A-Za-z_][A-Za-z0-9_]*(?:\+=|\[)/.test(word.source))
        giveUp(script, "a list, or text added to a variable");
      else words.push(word);
      if (/^[<>]\(/.test(script.text.slice(script.at, script.at + 2))) giveUp(script, "commands inside a word");
      if (/^\{[^]*\}$/.test(word.source) && /^[<>]/.test(script.text[script.at] ?? ""))
        giveUp(script, "a redirection with a name");
    }
  }
  if (script.at === start) return giveUp(script, "a command is missing");
  script.commands.push({ words, assigns, redirections });
}

/** `<(…)`: a file whose content another command writes. */
function readProcess(script: Script): Word {
  const start = script.at;
  const before = script.commands.length;
  script.at += 1;
  readParenthesis(script);
  if (script.commands.length === before) giveUp(script, "parentheses with nothing inside");
  if (!/^[\s;&|)]?$/.test(script.text[script.at] ?? "")) giveUp(script, "commands inside a word");
  return { source: script.text.slice(start, script.at), value: "/dev/fd/", known: false, many: false, glob: "/dev/fd/*" };
}

function readRedirection(script: Script, into: Redirection[]): void {
  const [whole, number, operator] = redirection.exec(script.text.slice(script.at, script.at + 8))!;
  if (number!.length > 1 || operator === "<<<") return giveUp(script, `\`${whole}\` is not understood`);
  script.at += whole.length;
  skipBlanks(script);
  if (atEnd(script) || /^[\s;&|<>()]/.test(script.text[script.at]!)) return giveUp(script, "a redirection without a target");
  const target = readWord(script);
  if (operator === "<<" || operator === "<<-") {
    if (!target.known) giveUp(script, "a here-document without a plain end");
    script.pending.push({ delimiter: target.value, stripTabs: operator === "<<-", expands: !/['"\\]/.test(target.source) });
  } else if (operator === "<&" || operator === ">&") {
    if (!/^(?:\d|-)$/.test(target.source)) giveUp(script, `\`${operator}\` with a file is not understood`);
  } else into.push({ effect: operator === "<" ? "read" : "write", target });
}

/** Blanks, continued lines and a comment. */
function skipBlanks(script: Script): void {
  script.at += /^(?:[ \t]|\\\n)*/.exec(script.text.slice(script.at))![0].length;
  const before = script.text[script.at - 1];
  if (script.text[script.at] !== "#" || (before !== undefined && !/[\s;&|<>()]/.test(before))) return;
  const end = script.text.indexOf("\n", script.at);
  script.at = end < 0 ? script.text.length : end;
}

function skipLines(script: Script): void {
  for (skipBlanks(script); script.text[script.at] === "\n"; skipBlanks(script)) {
    script.at += 1;
    const waiting = script.pending;
    script.pending = [];
    for (const document of waiting) readHereDocument(script, document);
  }
}

function readHereDocument(script: Script, { delimiter, stripTabs, expands }: HereDocument): void {
  const lines: string[] = [];
  for (;;) {
    if (atEnd(script)) return giveUp(script, "a here-document is not closed");
    const end = script.text.indexOf("\n", script.at);
    const stop = end < 0 ? script.text.length : end;
    const line = script.text.slice(script.at, stop);
    script.at = Math.min(stop + 1, script.text.length);
    if ((stripTabs ? line.replace(/^\t+/, "") : line) === delimiter) break;
    if (expands && line.endsWith("\\")) return giveUp(script, "a continued line in a here-document");
    lines.push(line);
  }
  if (expands) readExpansions(script, lines.join("\n"));
}
