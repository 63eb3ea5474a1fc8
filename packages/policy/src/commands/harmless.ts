/**
 * Commands that only read, in the workspace, and start nothing: allowed without a rule. Each program lists the options that are
 * known to be harmless; any other option, and any word that is not certain where an option could be, is not.
 */
import { plainName } from "./destructive.ts";
import { subcommand } from "./destructive-git.ts";
import { mayBeOption } from "./operands.ts";
import type { Word } from "./script.ts";

/** What a harmless command reads. */
export interface Harmless {
  readonly reads: readonly Word[];
}

interface Reader {
  /** Short options without a value, as letters. */
  readonly letters: string;
  /** Short options with one. */
  readonly valued?: string;
  /** Long options; those with a value end in `=`. */
  readonly longs?: readonly string[];
  /** How many first words are not paths: a pattern, a script. */
  readonly first?: number;
  /** Options that replace the first word. */
  readonly instead?: string;
  /** What a word that is no path must look like. */
  readonly shape?: RegExp;
  readonly most?: number;
  /** Words are text and nothing else. */
  readonly text?: boolean;
}

const colour = ["--color", "--color=", "--colour="];
const grep: Reader = {
  letters: "EFGPcilLnorRsvwxhHqzaIbT",
  valued: "eABCm",
  longs: [
    ...colour,
    "--include=",
    "--exclude=",
    "--exclude-dir=",
    "--line-number",
    "--ignore-case",
    "--recursive",
    "--files-with-matches",
    "--count",
    "--fixed-strings",
    "--extended-regexp",
    "--no-messages",
    "--word-regexp",
    "--only-matching",
    "--context=",
    "--max-count=",
  ],
  first: 1,
  instead: "e",
};
/** `s` with harmless flags, or lines that are printed. */
const sedScript =
  /^(?:(?:\d+|\$)(?:,(?:\d+|\$))?p|\d+q|\/(?:\\[^\n]|[^/\\\n])*\/[dp]|s([/|,#])(?:\\[^\n]|(?!\1)[^\\\n])*\1(?:\\[^\n]|(?!\1)[^\\\n])*\1[gIip0-9]*)$/;

const readers: Readonly<Record<string, Reader>> = {
  true: { letters: "" },
  false: { letters: "" },
  ":": { letters: "", text: true },
  pwd: { letters: "LP" },
  echo: { letters: "neE", text: true },
  printf: { letters: "", text: true },
  exit: { letters: "", text: true },
  break: { letters: "", text: true },
  continue: { letters: "", text: true },
  wait: { letters: "", text: true },
  sleep: { letters: "", text: true },
  seq: { letters: "w", valued: "sf", text: true },
  test: { letters: "", text: true },
  "[": { letters: "", text: true },
  basename: { letters: "az", valued: "s", text: true },
  dirname: { letters: "z", text: true },
  which: { letters: "a", text: true },
  type: { letters: "at", text: true },
  uname: { letters: "asrmnpo" },
  whoami: { letters: "" },
  date: { letters: "uI", longs: ["--utc", "--iso-8601", "--iso-8601="], first: 1, shape: /^\+/, most: 1 },
  ls: {
    letters: "aAlhtrSR1dFpikGnogmsCxZ",
    longs: [
      ...colour,
      "--all",
      "--almost-all",
      "--human-readable",
      "--recursive",
      "--reverse",
      "--sort=",
      "--time=",
      "--group-directories-first",
      "--time-style=",
    ],
  },
  cat: { letters: "nAbsETvet", longs: ["--number", "--show-all"] },
  head: { letters: "qv0123456789", valued: "nc", longs: ["--lines=", "--bytes="] },
  tail: { letters: "qv0123456789", valued: "nc", longs: ["--lines=", "--bytes="] },
  wc: { letters: "lwcmL", longs: ["--lines", "--words", "--bytes", "--chars"] },
  nl: { letters: "", valued: "bw" },
  cut: { letters: "sn", valued: "dfcb", longs: ["--fields=", "--delimiter="] },
  tr: { letters: "cCds", first: 2 },
  rev: { letters: "" },
  tac: { letters: "" },
  uniq: { letters: "cdiu", valued: "fsw", most: 1 },
  sort: {
    letters: "bdfghiMnRrVuzcC",
    valued: "kt",
    longs: ["--reverse", "--numeric-sort", "--unique", "--key=", "--version-sort"],
  },
  comm: { letters: "123" },
  cmp: { letters: "sbl" },
  diff: { letters: "urNaqbBwiyspcET", valued: "UC", longs: [...colour, "--brief", "--unified=", "--exclude="] },
  stat: { letters: "Lt", valued: "cf", longs: ["--format=", "--printf="] },
  file: { letters: "bikLNh", longs: ["--mime-type", "--brief"] },
  du: { letters: "shacdkmx", valued: "d", longs: ["--max-depth=", "--human-readable"] },
  df: { letters: "hkT" },
  tree: { letters: "adfhsCnipD", valued: "LIP", longs: ["--noreport", "--dirsfirst", "--gitignore"] },
  realpath: { letters: "emsz" },
  readlink: { letters: "efmnz" },
  md5sum: { letters: "b" },
  sha1sum: { letters: "b" },
  sha256sum: { letters: "b" },
  shasum: { letters: "b", valued: "a" },
  column: { letters: "tx", valued: "s" },
  jq: { letters: "rcSejnMC", longs: ["--raw-output", "--compact-output", "--tab"], first: 1 },
  grep,
  egrep: grep,
  fgrep: grep,
  rg: {
    letters: "iSswFlcnNvUxHIo0.uP",
    valued: "egtTABCmjM",
    longs: [
      ...colour,
      "--hidden",
      "--no-ignore",
      "--files",
      "--glob=",
      "--type=",
      "--type-list",
      "--count",
      "--line-number",
      "--no-heading",
      "--heading",
      "--files-with-matches",
      "--fixed-strings",
      "--ignore-case",
      "--smart-case",
      "--multiline",
      "--json",
      "--max-count=",
      "--context=",
      "--sort=",
      "--stats",
      "--only-matching",
      "--no-line-number",
      "--word-regexp",
    ],
    first: 1,
    instead: "e",
  },
  sed: {
    letters: "nErsu",
    valued: "e",
    longs: ["--quiet", "--silent", "--regexp-extended"],
    first: 1,
    instead: "e",
    shape: sedScript,
  },
};

const tests =
  /^-(?:name|iname|path|ipath|wholename|regex|iregex|type|maxdepth|mindepth|size|mtime|mmin|newer|ctime|cmin|perm|user|group|links|regextype|not|o|a|or|and|empty|prune|print|print0|depth|xdev|mount|readable|executable|writable|true|false|printf|quit|follow)$/;

const gitReaders: Readonly<Record<string, RegExp>> = {
  status:
    /^-(?:s|b|sb|bs|v|vv|z|u\w*|-short|-branch|-porcelain(?:=\w+)?|-long|-ignored(?:=\w+)?|-untracked-files(?:=\w+)?|-show-stash|-ahead-behind|-renames)$/,
  diff: gitOutput(""),
  log: gitOutput(""),
  show: gitOutput(""),
  shortlog: gitOutput("|[sne]+|-summary|-numbered|-email|-group=\\w+"),
  "diff-tree": gitOutput("|r|t|-root|-no-commit-id"),
  "rev-list": gitOutput("|-count|-objects"),
  blame: /^-(?:L.*|w|M|C|e|l|s|t|p|-porcelain|-line-porcelain|-date=\w+|-show-email)$/,
  branch:
    /^-(?:a|r|v|vv|av|avv|-all|-remotes|-list|-show-current|-verbose|-contains|-merged|-no-merged|-sort=[\w:-]+|-format=.*|-no-color|-no-column)$/,
  "rev-parse":
    /^-(?:-abbrev-ref|-short(?:=\d+)?|-verify|-quiet|q|-show-toplevel|-show-prefix|-show-cdup|-git-dir|-is-inside-work-tree|-symbolic-full-name|-all|-branches|-tags|-remotes)$/,
  "ls-files":
    /^-(?:[cdmosutz]+|-cached|-deleted|-modified|-others|-stage|-unmerged|-exclude-standard|-full-name|-error-unmatch|-ignored|-directory)$/,
  "ls-tree": /^-(?:[rtdlz]+|-name-only|-name-status|-long|-full-name|-full-tree|-object-only)$/,
  describe: /^-(?:-tags|-all|-always|-long|-dirty|-abbrev=\d+|-exact-match|-contains|-match=.*)$/,
  "merge-base": /^-(?:a|-all|-octopus|-is-ancestor|-fork-point|-independent)$/,
  "cat-file": /^-(?:[tspe])$/,
  "name-rev": /^-(?:-name-only|-tags|-always)$/,
  "for-each-ref": /^-(?:-format=.*|-sort=[\w:-]+|-count=\d+|-contains|-merged|-no-merged)$/,
  "show-ref": /^-(?:-heads|-tags|-head|-hash(?:=\d+)?|s|-verify|q|-quiet)$/,
  "check-ignore": /^-(?:v|n|q|vn|-verbose|-no-index|-quiet)$/,
  "count-objects": /^-(?:v|vH|H)$/,
  grep: /^-(?:[EFGPcilLnovwhHIr]+|[ABCm]\d+|e|-count|-line-number|-ignore-case|-name-only|-cached|-untracked|-heading|-break|-and|-or|-not|-show-function|p|W|-color(?:=\w+)?|-no-color|-max-depth=\d+)$/,
  reflog: /^-(?:n|\d+|n\d+|-oneline|-date=\w+|-all)$/,
  version: /^$/,
};
/** Subcommands that only list, with exactly these words. */
const gitLists =
  /^(?:remote(?: -v| show| get-url [\w.-]+)?|tag(?: -l| --list| -n\d*)?(?: [\w.*-]+)?|stash (?:list|show(?: -p| --stat)?(?: stash@\{\d+\})?)|worktree list(?: --porcelain)?|submodule status|config (?:--(?:global|local|system) )?(?:--list|-l|--get(?:-all|-regexp)? [\w.*-]+)(?: --show-origin)?|notes (?:list|show)|clean (?:-n|-nd|-nx|-ndx|-dn|-xdn))$/;

function gitOutput(more: string): RegExp {
  const words =
    "-stat(?:=\\S+)?|-shortstat|-numstat|-dirstat|-summary|-name-only|-name-status|-cached|-staged|-merge-base|-oneline|-graph|-all|-branches|-tags|-remotes|-decorate(?:=\\w+)?|-no-decorate|-color(?:=\\w+)?|-no-color|-word-diff(?:=\\w+)?|-color-words|-check|-exit-code|-quiet|-raw|-patch|-no-patch|-reverse|-follow|-first-parent|-no-merges|-merges|-cherry-pick|-left-right|-no-renames|-full-index|-no-ext-diff|-no-textconv|-no-prefix|-minimal|-patience|-histogram|-ignore-all-space|-ignore-space-change|-ignore-blank-lines|-abbrev-commit|-relative|-text|-boundary|-topo-order|-date-order|-full-history|-simplify-merges";
  const valued =
    "-(?:format|pretty|date|since|until|after|before|author|committer|grep|max-count|skip|unified|diff-filter|abbrev|diff-algorithm|inter-hunk-context|find-renames|encoding|inter-hunk-context|submodule|since-as-filter)=.*";
  return new RegExp(`^-(?:[pusqwbazRicEFm]+|\\d+|n ?\\d*|[UMCBSGL].*|X\\w*|${words}|${valued}${more})$`);
}

const asksVersion =
  /^(?:(?:node|npm) -v|(?:node|npm|python3?|cargo|rustc|git) --version|(?:python3?|cargo|rustc) -V|(?:go|git) version)$/;

/** Undefined where it is not known to be harmless. */
export function harmless(words: readonly Word[]): Harmless | undefined {
  const given = words[0]?.value ?? "";
  const name = plainName(words);
  // A program of that name elsewhere, e.g. in the workspace, is another program.
  if (given !== name && !/^\/(?:usr\/)?bin\//.test(given)) return undefined;
  const rest = words.slice(1);
  if (asksVersion.test(words.map(({ value, known }) => (known ? value : "*")).join(" "))) return { reads: [] };
  if (name === "command") return rest[0]?.value === "-v" && rest.every(({ known }) => known) ? { reads: [] } : undefined;
  if (name === "cd") return rest.length === 1 && rest[0]!.known && !rest[0]!.value.startsWith("-") ? { reads: rest } : undefined;
  if (name === "find") return harmlessFind(rest);
  if (name === "git") return harmlessGit(rest);
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return reader === undefined ? undefined : readWith(reader, rest);
}

function readWith(reader: Reader, words: readonly Word[]): Harmless | undefined {
  const { letters, valued = "", longs = [], first = 0, instead = "", shape, most = Infinity, text = false } = reader;
  if (text) return { reads: [] };
  const operands: Word[] = [];
  const scripts: Word[] = [];
  let replaced = false;
  let closed = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const { value, known } = word;
    if (closed || !(mayBeOption(word) && value !== "-")) operands.push(word);
    else if (!known) return undefined;
    else if (value === "--") closed = true;
    else if (value.startsWith("--")) {
      if (!longs.some((long) => (long.endsWith("=") ? value.startsWith(long) : value === long))) return undefined;
    } else {
      const option = shortOption(value, letters, valued);
      if (option === undefined) return undefined;
      const argument = option.rest === "" && option.takes ? words[(at += 1)] : literalRest(option.rest);
      if (option.takes && (argument === undefined || argument.many)) return undefined;
      if (option.takes && instead.includes(option.letter)) {
        replaced = true;
        scripts.push(argument!);
      }
    }
  }
  if (!replaced) scripts.push(...operands.splice(0, first));
  if (scripts.some(({ many }) => many) || operands.length > most) return undefined;
  if (shape !== undefined && scripts.some(({ known, value }) => !known || !shape.test(value))) return undefined;
  return { reads: operands.filter(({ value }) => value !== "-") };
}

function literalRest(rest: string): Word {
  return { source: rest, value: rest, known: true, many: false };
}

/** The option with a value that ends a group of short ones, if one does; undefined where one is not listed. */
function shortOption(
  value: string,
  letters: string,
  valued: string,
): { takes: boolean; letter: string; rest: string } | undefined {
  for (let at = 1; at < value.length; at += 1) {
    const letter = value[at]!;
    if (valued.includes(letter)) return { takes: true, letter, rest: value.slice(at + 1) };
    if (!letters.includes(letter)) return undefined;
  }
  return { takes: false, letter: "", rest: "" };
}

function harmlessFind(words: readonly Word[]): Harmless | undefined {
  if (words.some((word) => !word.known && mayBeOption(word))) return undefined;
  const start = words.findIndex(({ value }) => /^[-(!]/.test(value));
  const conditions = start < 0 ? [] : words.slice(start);
  const allowed = conditions.every(
    ({ value, known }) => known && (!value.startsWith("-") || tests.test(value) || /^-\d+[kMGcwb]?$/.test(value)),
  );
  return allowed ? { reads: start < 0 ? words : words.slice(0, start) } : undefined;
}

function harmlessGit(words: readonly Word[]): Harmless | undefined {
  const found = subcommand(words);
  if (typeof found === "string" || found.length === 0) return undefined;
  const before = words.slice(0, words.length - found.length);
  if (before.some(({ value }) => /^--(?:git-dir|work-tree|namespace|exec-path)|^--bare$/.test(value))) return undefined;
  const folders = before.filter((_, index) => before[index - 1]?.value === "-C");
  const [first, ...rest] = found;
  if (found.every(({ known }) => known) && gitLists.test(found.map(({ value }) => value).join(" "))) return { reads: folders };
  const options = Object.hasOwn(gitReaders, first!.value) ? gitReaders[first!.value] : undefined;
  if (options === undefined) return undefined;
  // These make something of a plain word: a branch, a deletion in the reflog.
  if (first!.value === "branch" && !listsOnly(rest)) return undefined;
  if (first!.value === "reflog" && !rest.every(({ value, known }) => known && /^(?:-|show$|HEAD$|\d+$)/.test(value)))
    return undefined;
  const end = rest.findIndex(({ value }) => value === "--");
  const fine = rest.every(
    (word, index) => (end >= 0 && index >= end) || (!mayBeOption(word) ? true : word.known && options.test(word.value)),
  );
  if (!fine) return undefined;
  const paths = rest
    .filter((word) => !word.value.startsWith("-"))
    .map((word) => ({ ...word, value: word.value.replace(/^[^:/]*:/, "") }));
  return {
    reads:
      first!.value === "grep"
        ? paths.slice(rest.some(({ value }) => value === "-e") ? 0 : 1).concat(folders)
        : [...paths, ...folders],
  };
}

/** Whether plain words only stand where an option of `git branch` wants them. */
function listsOnly(words: readonly Word[]): boolean {
  const wanted = /^--(?:list|contains|merged|no-merged)$/;
  return words.every((word, index) => word.value.startsWith("-") || wanted.test(words[index - 1]?.value ?? ""));
}
