/**
 * Whether a command only looks: then it runs with the workspace read-only, and nobody needs to look afterwards what it has changed. A mistake
 * costs nothing but the command, which cannot write then; so a list is enough. Pure.
 */
import type { CommandFacts } from "@twolane/policy";

const readers = new Set([
  ...[
    "ls",
    "cat",
    "head",
    "tail",
    "wc",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "tree",
    "stat",
    "file",
    "du",
    "df",
    "pwd",
    "echo",
    "printf",
  ],
  ...[
    "true",
    "false",
    "test",
    "which",
    "type",
    "uname",
    "date",
    "whoami",
    "id",
    "env",
    "printenv",
    "basename",
    "dirname",
    "realpath",
  ],
  ...[
    "readlink",
    "sort",
    "uniq",
    "cut",
    "tr",
    "nl",
    "diff",
    "cmp",
    "comm",
    "jq",
    "sha256sum",
    "md5sum",
    "cksum",
    "od",
    "hexdump",
    "cd",
  ],
  ...["strings", "column", "fold", "seq", "sleep", "ps", "nproc", "arch", "hostname", "less", "more"],
]);
const gitReaders = new Set([
  ...["status", "log", "diff", "show", "blame", "grep", "ls-files", "ls-tree", "cat-file", "rev-parse", "rev-list", "describe"],
  ...[
    "shortlog",
    "merge-base",
    "for-each-ref",
    "show-ref",
    "name-rev",
    "whatchanged",
    "diff-tree",
    "diff-index",
    "count-objects",
  ],
]);
const findActions = /^-(?:delete|exec|execdir|ok|okdir|fls|fprint.*)$/;

/** `executed`: what would really be executed, as the policy sees it. */
export function onlyReads(facts: CommandFacts, executed: readonly (readonly string[])[]): boolean {
  if ("line" in facts && />/.test(facts.line.replace(/\d?>\s*(?:\/dev\/null|&\d)/g, ""))) return false;
  return executed.length > 0 && executed.every(isReader);
}

function isReader([program = "", ...args]: readonly string[]): boolean {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (name === "git")
    return (
      gitReaders.has(args.find((arg) => !arg.startsWith("-")) ?? "") && !args.some((arg) => /^--(?:output|ext-diff)/.test(arg))
    );
  if (name === "find") return !args.some((arg) => findActions.test(arg));
  if (name === "sed")
    return args.some((arg) => arg.startsWith("-n")) && !args.some((arg) => /^(?:-[a-z]*i|--in-place)/.test(arg));
  if (name === "sort") return !args.some((arg) => /^(?:-o|--output)/.test(arg));
  return readers.has(name);
}
