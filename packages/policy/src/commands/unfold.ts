/** Commands that only start others, taken off: what runs in the end, and what cannot be told. */
import type { CommandFacts } from "../facts.ts";
import { type SimpleCommand, type Word, literal } from "./script.ts";
import { readShell } from "./shell.ts";

export interface Execution {
  /** What runs in the end; also what only sets variables or opens files. */
  readonly commands: readonly SimpleCommand[];
  /** What only starts others, as words. */
  readonly wrappers: readonly (readonly Word[])[];
  /** Why it cannot be told what would be executed. */
  readonly unclear?: string;
}

interface Unfolding {
  readonly commands: SimpleCommand[];
  readonly wrappers: (readonly Word[])[];
  unclear?: string;
}

/** How the options of a wrapper are read. An option that is not listed makes the line unclear. */
interface Wrapper {
  readonly flags: readonly string[];
  /** Options that take a value, in the next word or attached. */
  readonly valued: readonly string[];
  /** Words between the options and the command. */
  readonly operands?: number;
}

const simpleWrappers: Readonly<Record<string, Wrapper>> = {
  nohup: { flags: [], valued: [] },
  builtin: { flags: [], valued: [] },
  busybox: { flags: [], valued: [] },
  command: { flags: ["-p"], valued: [] },
  exec: { flags: ["-c", "-l", "-cl"], valued: ["-a"] },
  time: { flags: ["-p"], valued: [] },
  nice: { flags: [], valued: ["-n", "--adjustment"] },
  ionice: { flags: ["-t", "--ignore"], valued: ["-c", "-n", "--class", "--classdata"] },
  setsid: { flags: ["-c", "-f", "-w", "--ctty", "--fork", "--wait"], valued: [] },
  stdbuf: { flags: [], valued: ["-i", "-o", "-e", "--input", "--output", "--error"] },
  timeout: {
    flags: ["--foreground", "--preserve-status", "-v", "--verbose"],
    valued: ["-k", "-s", "--kill-after", "--signal"],
    operands: 1,
  },
};
const env: Wrapper = { flags: ["-i", "-", "-0", "--ignore-environment", "--null"], valued: [] };
const xargs: Wrapper = {
  flags: ["-0", "-r", "-t", "-x", "--null", "--no-run-if-empty", "--verbose", "--exit"],
  valued: [
    "-n",
    "-L",
    "-P",
    "-d",
    "-E",
    "-I",
    "-s",
    "--max-args",
    "--max-lines",
    "--max-procs",
    "--delimiter",
    "--replace",
    "--eof",
    "--max-chars",
  ],
};
/** Flags that may be written together, e.g. `-0r`. */
const xargsCluster = /^-[0rtx]+$/;

const notUnderstood = new Set(
  ". source alias unalias trap enable hash bind complete compgen compopt fc let shopt declare typeset local mapfile readarray watch parallel".split(
    " ",
  ),
);
const otherShells = new Set("zsh fish csh tcsh ksh mksh yash nu pwsh xonsh elvish rbash".split(" "));
const shells = new Set(["sh", "bash", "dash", "ash"]);
const reserved = new Set("if then else elif fi while until do done for in case esac select function coproc [[ { } !".split(" "));
const deepest = 24;

export function execution(facts: CommandFacts): Execution {
  const into: Unfolding = { commands: [], wrappers: [] };
  if ("line" in facts) unfoldLine(into, facts.line, 0);
  else if (facts.argv.some((word) => word.includes("\0"))) into.unclear = "it holds characters that cannot be seen";
  else if (facts.argv.length > 0) unfold(into, { words: facts.argv.map(literal), assigns: [], redirections: [] }, 0);
  if (into.commands.length === 0) into.unclear ??= "there is no command in it";
  return into;
}

function unfoldLine(into: Unfolding, line: string, depth: number): void {
  const reading = readShell(line);
  if (reading.unclear !== undefined) into.unclear ??= reading.unclear;
  for (const command of reading.commands) unfold(into, command, depth);
}

function unfold(into: Unfolding, command: SimpleCommand, depth: number): void {
  const [first] = command.words;
  if (first === undefined) return void into.commands.push(command);
  const name = first.value.replace(/^\/(?:usr\/)?bin\//, "");
  if (depth > deepest) return unclear(into, "it is nested too deep");
  if (!first.known || !/^(?:[\w./+@:-]+|\[)$/.test(first.value) || reserved.has(name))
    return unclear(into, `\`${first.source}\` is not a plain name of a command`);
  if (notUnderstood.has(name)) return unclear(into, `\`${name}\` changes what other commands mean, or runs what cannot be seen`);
  const simple = Object.hasOwn(simpleWrappers, name) ? simpleWrappers[name] : undefined;
  if (simple !== undefined && !isQuestion(command)) {
    const start = skipOptions(command.words, simple);
    if (start === undefined) return unclear(into, `an option of \`${name}\` is not understood`);
    return start >= command.words.length && name !== "exec"
      ? void into.commands.push(command)
      : unwrap(into, command, { words: command.words.slice(start), depth });
  }
  if (shells.has(name)) return unfoldShell(into, command, depth);
  if (otherShells.has(name) && !command.words.slice(1).every((word) => word.known && !word.value.startsWith("-")))
    return unclear(into, `what \`${name}\` would do is not understood`);
  switch (name) {
    case "env":
      return unfoldEnv(into, command, depth);
    case "xargs":
      return unfoldXargs(into, command, depth);
    case "find":
      return unfoldFind(into, command, depth);
    case "eval":
      if (command.words.some((word) => !word.known) || command.words[1]?.value.startsWith("-"))
        return unclear(into, "`eval` of what is not certain");
      into.wrappers.push(command.words);
      into.commands.push({ ...command, words: [] });
      return unfoldLine(
        into,
        command.words
          .slice(1)
          .map(({ value }) => value)
          .join(" "),
        depth + 1,
      );
    case "set":
    case "export":
    case "readonly":
    case "unset":
    case "read":
    case "printf":
    case "test":
    case "[":
      return unfoldBuiltin(into, command, name);
    default:
      into.commands.push(command);
  }
}

function unclear(into: Unfolding, reason: string): void {
  into.unclear ??= reason;
}

/** `command -v name` runs nothing. */
function isQuestion({ words }: SimpleCommand): boolean {
  return words[0]?.value === "command" && words[1]?.known === true && /^-[vV]$/.test(words[1].value);
}

function unwrap(
  into: Unfolding,
  command: SimpleCommand,
  inner: { words: readonly Word[]; depth: number; assigns?: readonly string[] },
): void {
  into.wrappers.push(command.words);
  unfold(into, { ...command, words: inner.words, assigns: [...command.assigns, ...(inner.assigns ?? [])] }, inner.depth + 1);
}

/** Where the command behind the options begins; undefined where an option is not understood. */
function skipOptions(words: readonly Word[], { flags, valued, operands = 0 }: Wrapper, cluster?: RegExp): number | undefined {
  let at = 1;
  for (; at < words.length; at += 1) {
    const { value, known } = words[at]!;
    if (!value.startsWith("-")) {
      if (value === "" && !known) return undefined;
      break;
    }
    if (!known) return undefined;
    if (value === "--") {
      at += 1;
      break;
    }
    if (flags.includes(value) || cluster?.test(value)) continue;
    if (valued.includes(value)) at += 1;
    else if (!valued.some((option) => value.startsWith(option.startsWith("--") ? `${option}=` : option))) return undefined;
  }
  // What stands before the command must be one word each.
  return words.slice(1, at + operands).some(({ many }) => many) ? undefined : at + operands;
}

function unfoldEnv(into: Unfolding, command: SimpleCommand, depth: number): void {
  const { words } = command;
  let start = skipOptions(words, env);
  if (start === undefined) return unclear(into, "an option of `env` is not understood");
  const assigns: string[] = [];
  for (; start < words.length && words[start]!.value.includes("="); start += 1) {
    if (words[start]!.many) return unclear(into, "a variable for `env` is not certain");
    assigns.push(words[start]!.value.split("=")[0]!);
  }
  if (start >= words.length) return void into.commands.push(command);
  unwrap(into, command, { words: words.slice(start), depth, assigns });
}

function unfoldXargs(into: Unfolding, command: SimpleCommand, depth: number): void {
  const { words } = command;
  const start = skipOptions(words, xargs, xargsCluster);
  if (start === undefined) return unclear(into, "an option of `xargs` is not understood");
  const options = words.slice(1, start).map(({ value }) => value);
  const given = words.slice(start);
  const inner = given.length === 0 ? [literal("echo")] : given;
  if (options.some((option) => option.startsWith("--replace")))
    return unclear(into, "`--replace` is not understood; write `-I {}`");
  const at = options.findIndex((option) => option.startsWith("-I"));
  const place = options[at] === "-I" ? options[at + 1] : options[at]?.slice(2);
  if (place === "") return unclear(into, "`xargs -I` without a name");
  const filled =
    place === undefined
      ? [...inner, { source: "…", value: "", known: false, many: true }]
      : inner.map((word) => fill(word, place, undefined));
  unwrap(into, command, { words: filled, depth });
}

/** The word with a placeholder in it that something else is put for. */
function fill(word: Word, placeholder: string, glob: string | undefined): Word {
  const { source, value, known, many } = word;
  // What is not certain could hold the rest of the placeholder.
  const at = value.indexOf(known ? placeholder : placeholder.slice(0, 1));
  if (known && at < 0) return word;
  const isPath = glob !== undefined && value === placeholder;
  const before = isPath ? glob.slice(0, 1) : at < 0 ? value : value.slice(0, at);
  return { source, value: before, known: false, many, ...(isPath && { glob }) };
}

const runs = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

function unfoldFind(into: Unfolding, command: SimpleCommand, depth: number): void {
  const { words } = command;
  const rest: Word[] = [];
  const found = foundBelow(words);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (!runs.has(word.value) && (word.known || !/^(?:-?$|-e|-o)/.test(word.value))) {
      rest.push(word);
      continue;
    }
    const length = words
      .slice(at + 1)
      .findIndex(({ value }, index, all) => value === ";" || (value === "+" && all[index - 1]?.value === "{}"));
    if (!word.known || length < 1) return unclear(into, "what `find` would execute is not understood");
    const glob = word.value.endsWith("dir") ? "./**" : found;
    const inner = words.slice(at + 1, at + 1 + length).map((each) => fill(each, "{}", glob));
    into.wrappers.push(words);
    unfold(into, { words: inner, assigns: command.assigns, redirections: [] }, depth + 1);
    at += 1 + length;
  }
  into.commands.push({ ...command, words: rest });
}

/** A pattern for what `find` finds, where it looks in one place. */
function foundBelow(words: readonly Word[]): string | undefined {
  const test = words.findIndex(({ value }, index) => index > 0 && /^[-(!]/.test(value));
  const folders = words.slice(1, test < 0 ? words.length : test).map(({ value }) => value);
  if (folders.length === 0) return "./**";
  const only = folders.length === 1 ? folders[0]!.replace(/\/+$/, "") : "";
  return only === "" ? undefined : `${only}/**`;
}

function unfoldShell(into: Unfolding, command: SimpleCommand, depth: number): void {
  const { words } = command;
  let code = false;
  let at = 1;
  for (; at < words.length && /^[-+]/.test(words[at]!.value); at += 1) {
    const { value, known } = words[at]!;
    if (value === "--" && known) {
      at += 1;
      break;
    }
    if (known && (value === "-o" || value === "+o")) at += 1;
    else if (!known || !/^(?:[-+][ceuxvfnl]+|--norc|--noprofile|--posix)$/.test(value))
      return unclear(into, `an option of \`${words[0]!.value}\` is not understood`);
    if (/^-\w*c/.test(value)) code = true;
  }
  const operand = words[at];
  if (operand === undefined) return unclear(into, `\`${words[0]!.value}\` would execute what it is given`);
  if (!operand.known) return unclear(into, `what \`${words[0]!.value}\` would execute is not certain`);
  // A script that is not in the folder is looked for on the PATH, as a program would be.
  if (!code && !operand.value.includes("/"))
    return unclear(into, `\`${words[0]!.value}\` may find \`${operand.value}\` on the PATH; \`./${operand.value}\` is the file`);
  if (!code) return void into.commands.push(command);
  into.wrappers.push(words);
  into.commands.push({ ...command, words: [] });
  unfoldLine(into, operand.value, depth + 1);
}

/** What the shell itself does, where words of it set variables or are taken for code. */
function unfoldBuiltin(into: Unfolding, command: SimpleCommand, name: string): void {
  const words = command.words.slice(1);
  const plain = /^[A-Za-z_][A-Za-z0-9_]*(?==|$)/;
  const sure = words.every(({ known }) => known);
  if (name === "printf" || name === "test" || name === "[") {
    const sets = name === "printf" ? maySet(words.slice(0, 1)) || isUnsure(words[0]) : maySet(words);
    return sets ? unclear(into, `\`${name}\` may set a variable here`) : void into.commands.push(command);
  }
  if (name === "set") {
    return sure && words.every(({ value }) => /^(?:[-+][efuxC]*o?|pipefail|errexit|nounset|xtrace)$/.test(value))
      ? void into.commands.push({ ...command, words: [] })
      : unclear(into, "`set` with these words is not understood");
  }
  const names = words.filter(({ value }) => !(name === "read" && value === "-r"));
  if (!names.every((word) => plain.test(word.value) && (word.known || word.value.includes("="))))
    return unclear(into, `\`${name}\` with these words is not understood`);
  const given = names.map(({ value }) => plain.exec(value)![0]);
  const kept = name === "read" ? command.assigns.filter((each) => each !== "IFS") : command.assigns;
  into.commands.push({ ...command, words: [], assigns: [...kept, ...given] });
}

/** Whether `-v` may stand there with a name that is taken for code. */
function maySet(words: readonly Word[]): boolean {
  return words.some(
    (word, index) => /^-[vR]/.test(word.value) || (word.many && isUnsure(word)) || (isUnsure(word) && isUnsure(words[index + 1])),
  );
}

function isUnsure(word: Word | undefined): boolean {
  return word !== undefined && !word.known && word.value === "";
}
