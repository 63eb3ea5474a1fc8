/** Git commands that throw work away, go round the gates, or make git start other programs; the reason, or undefined. */
import type { Word } from "./script.ts";

/** What is dangerous of one subcommand. */
interface Danger {
  /** Short options, as letters. */
  readonly letters?: string;
  /** Long options; any shortening of them counts as well. */
  readonly longs?: readonly string[];
  /** Options whose value is the next word and is not looked at, e.g. a message. */
  readonly valued?: readonly string[];
  readonly words?: RegExp;
  readonly reason: string;
}

const lost = "throws away what is not committed";
const history = "rewrites what is committed";
const bypass = "goes round the checks of a commit";
const starts = "makes git start another program";
/** Always, whatever stands behind it. */
const always: Readonly<Record<string, string>> = {
  restore: lost,
  rebase: history,
  "filter-branch": history,
  "filter-repo": history,
  "update-ref": history,
  replace: history,
  prune: "removes what could still be recovered",
  "checkout-index": lost,
  difftool: starts,
  mergetool: starts,
  "for-each-repo": starts,
  "receive-pack": starts,
  "upload-pack": starts,
  "fast-import": history,
  hook: starts,
};

const dangers: Readonly<Record<string, readonly Danger[]>> = {
  reset: [{ longs: ["--hard", "--merge", "--keep"], reason: lost }],
  checkout: [{ words: /^/, reason: `${lost}, where it names a path or \`-f\`` }],
  switch: [{ letters: "fCm", longs: ["--force", "--discard-changes", "--force-create", "--merge"], reason: lost }],
  clean: [{ words: /^/, reason: "deletes files that git does not know" }],
  stash: [{ words: /^/, reason: "takes work away from the files" }],
  push: [
    {
      letters: "fd",
      longs: ["--force", "--force-with-lease", "--force-if-includes", "--delete", "--mirror", "--prune"],
      reason: "overwrites or deletes what others see",
    },
    { words: /^\+|^:|:$/, reason: "overwrites or deletes what others see" },
    { longs: ["--no-verify", "--receive-pack", "--exec"], reason: bypass },
  ],
  branch: [{ letters: "DMCf", longs: ["--force"], reason: "loses commits that no other branch has" }],
  tag: [{ letters: "fd", longs: ["--force", "--delete"], reason: "moves or deletes a tag" }],
  commit: [
    { longs: ["--amend"], valued: ["-m", "-F", "--message", "--file", "--author", "--date"], reason: history },
    { letters: "n", longs: ["--no-verify"], valued: ["-m", "-F", "--message", "--file", "--author", "--date"], reason: bypass },
  ],
  merge: [{ longs: ["--no-verify", "--abort", "--quit"], valued: ["-m", "-F"], reason: lost }],
  pull: [{ letters: "rf", longs: ["--rebase", "--force", "--upload-pack", "--no-verify"], reason: history }],
  "cherry-pick": [{ longs: ["--abort", "--quit", "--skip"], reason: lost }],
  revert: [{ longs: ["--abort", "--quit", "--skip"], reason: lost }],
  am: [{ longs: ["--abort", "--quit", "--skip", "--no-verify"], reason: lost }],
  reflog: [{ words: /^(?:expire|delete|drop)$/, reason: "removes what could still be recovered" }],
  gc: [{ longs: ["--prune", "--force"], reason: "removes what could still be recovered" }],
  repack: [{ letters: "aAd", longs: ["--cruft"], reason: "removes what could still be recovered" }],
  worktree: [{ words: /^(?:remove|prune|move)$/, reason: lost }],
  rm: [{ letters: "rf", longs: ["--force"], reason: "deletes whole folders, or what is not committed" }],
  mv: [{ letters: "f", longs: ["--force"], reason: "overwrites a file" }],
  submodule: [{ words: /^(?:foreach|deinit|update|set-url)$/, reason: `${lost}, or ${starts}` }],
  "read-tree": [{ letters: "umi", longs: ["--reset"], reason: lost }],
  "symbolic-ref": [{ letters: "dm", longs: ["--delete"], reason: history }],
  bisect: [{ words: /^(?:run|reset|visualize|view)$/, reason: starts }],
  grep: [{ letters: "O", longs: ["--open-files-in-pager"], reason: starts }],
  diff: [{ longs: ["--ext-diff", "--output"], reason: `${starts}, or writes a file` }],
  log: [{ longs: ["--ext-diff", "--output"], reason: `${starts}, or writes a file` }],
  show: [{ longs: ["--ext-diff", "--output"], reason: `${starts}, or writes a file` }],
  clone: [{ letters: "cu", longs: ["--config", "--upload-pack", "--template"], reason: starts }],
  fetch: [{ letters: "f", longs: ["--upload-pack", "--force", "--prune"], reason: `${starts}, or moves branches` }],
  "ls-remote": [{ longs: ["--upload-pack", "--exec"], reason: starts }],
  archive: [{ letters: "o", longs: ["--exec", "--remote", "--output"], reason: `${starts}, or writes a file` }],
  init: [{ longs: ["--template"], reason: starts }],
  config: [
    {
      words:
        /^(?!--(?:get|get-all|get-regexp|list|show-origin|show-scope|local|global|system|name-only|null|type=.*)$|-l$|-z$|get$|list$)/,
      reason: "changes what git does from now on",
    },
  ],
};

/** Words that take no work away, though their subcommand can. */
const safe: readonly RegExp[] = [
  /^clean (?:-(?:[dxX]*n[dxX]*|-dry-run) ?)+$/,
  /^stash (?:list|show)(?: [^-]\S*)*$/,
  /^checkout -b [\w./-]+(?: [\w./~^@-]+)?$/,
  /^config (?:(?:--(?:get|get-all|get-regexp|list|show-origin|show-scope|local|global|system|name-only)|-l|get|list) ?)+(?:(?<=(?:get|get-all|get-regexp) )[\w.*-]+)?$/,
];

const known = new Set([
  ...Object.keys(always),
  ...Object.keys(dangers),
  ..."status blame annotate shortlog describe rev-parse rev-list ls-files ls-tree cat-file merge-base remote name-rev for-each-ref".split(
    " ",
  ),
  ..."show-ref diff-tree diff-index diff-files check-ignore check-attr count-objects whatchanged range-diff cherry var version".split(
    " ",
  ),
  ..."help add apply notes show-branch verify-commit verify-tag fsck hash-object stripspace interpret-trailers patch-id".split(
    " ",
  ),
  ..."format-patch request-pull ls-remote merge-tree merge-file write-tree commit-tree mktree update-index bundle".split(" "),
  ..."check-mailmap check-ref-format column diff-pairs sparse-checkout rerere pack-refs maintenance submodule bugreport".split(
    " ",
  ),
]);

/** The words behind `git`. */
export function gitDanger(words: readonly Word[]): string | undefined {
  const found = subcommand(words);
  if (typeof found === "string") return found;
  const [first, ...rest] = found;
  if (first === undefined) return undefined;
  const name = first.value;
  if (!first.known) return "which command of git it is, is not certain";
  const plain = [name, ...rest.map((word) => (word.known ? word.value : "\0"))].join(" ");
  if (safe.some((pattern) => pattern.test(plain))) return undefined;
  const title = `\`git ${name}\``;
  if (Object.hasOwn(always, name)) return `${title} ${always[name]}`;
  const listed = Object.hasOwn(dangers, name) ? dangers[name]! : [];
  for (const danger of listed)
    if (applies(danger, rest))
      return `\`git ${[name, ...rest.filter(({ known: sure }) => sure).map(({ value }) => value)].slice(0, 4).join(" ")}\` ${danger.reason}`;
  return known.has(name) ? undefined : `${title} is no command of git's own; it may be an alias for anything`;
}

/** From the subcommand on; the reason where the options before it are dangerous themselves. */
export function subcommand(words: readonly Word[]): readonly Word[] | string {
  for (let at = 0; at < words.length; at += 1) {
    const { value, known: sure } = words[at]!;
    if (!sure) return "which command of git it is, is not certain";
    if (!value.startsWith("-")) return words.slice(at);
    if (value === "-c" && words[at + 1]?.known && /^(?:color\.|advice\.|core\.quotepath=)/i.test(words[at + 1]!.value)) at += 1;
    else if (value === "-C" || value === "--git-dir" || value === "--work-tree" || value === "--namespace") at += 1;
    else if (/^--(?:git-dir|work-tree|namespace)=/.test(value)) continue;
    else if (
      !/^(?:-P|--no-pager|--no-optional-locks|--literal-pathspecs|--no-replace-objects|--bare|--version|-v|--help|-h|--html-path|--man-path|--info-path|--exec-path)$/.test(
        value,
      )
    )
      return `\`git ${value}\` changes what git does, or which programs it starts`;
  }
  return [];
}

function applies({ letters = "", longs = [], valued = [], words }: Danger, rest: readonly Word[]): boolean {
  let onlyOperands = false;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at]!;
    const { value } = word;
    if (words?.test(value) || (words !== undefined && !word.known)) return true;
    if (!word.known && value === "" && (!onlyOperands || word.many)) return true;
    if (onlyOperands || !value.startsWith("-")) continue;
    if (takesNext(value, valued) && !rest[at + 1]?.many && !cluster(value, valued, letters)) at += 1;
    else if (value === "--") onlyOperands = true;
    else if (
      value.startsWith("--") ? longs.some((long) => long.startsWith(value.split("=")[0]!)) : cluster(value, valued, letters)
    )
      return true;
  }
  return words?.source === "^" && rest.length === 0;
}

/** Whether the value of this option is the next word: `-m`, `--message`, `-am`. */
function takesNext(value: string, valued: readonly string[]): boolean {
  if (value.startsWith("--")) return valued.includes(value);
  const first = value
    .slice(1)
    .split("")
    .findIndex((letter) => valued.includes(`-${letter}`));
  return first >= 0 && first === value.length - 2;
}

/** Short options written together; what follows one with a value is the value. */
function cluster(value: string, valued: readonly string[], letters: string): boolean {
  for (const letter of value.slice(1)) {
    if (letters.includes(letter)) return true;
    if (valued.includes(`-${letter}`)) return false;
  }
  return false;
}
