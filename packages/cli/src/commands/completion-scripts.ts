/** Completion in the words of bash, zsh and fish. Pure. What may be completed is `completion-words.ts`. */
import type { CompletedCommand, CompletedOption, CompletedValue, Shell } from "./completion-words.ts";

export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  const lines = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
  return `${lines.join("\n")}\n`;
}

const namesOf = (commands: readonly CompletedCommand[]): string[] =>
  commands.map(({ name }) => name).filter((name) => name !== "");

/** Works in bash 3.2 as well, which macOS has. Where nothing fits, bash completes files. */
function bashScript(commands: readonly CompletedCommand[]): string[] {
  const options = commands.flatMap((command) => command.options);
  const taking = new Set(options.flatMap(({ names, value }) => (value?.optional === false ? names : [])));
  return [
    "# bash completion for twolane: source <(twolane completion bash)",
    "_twolane() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" cmd="" options="" words="" at IFS=$\' \\t\\n\'',
    "  # --mode=step comes as three words.",
    '  if [[ $cur == = ]]; then cur=""; elif [[ $prev == = ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    "  for ((at = 1; at < COMP_CWORD; at++)); do",
    '    case "${COMP_WORDS[at]}" in',
    `      ${[...taking].join("|")}) at=$((at + 1)); if [[ \${COMP_WORDS[at]} == = ]]; then at=$((at + 1)); fi ;;`,
    "      -*|=) ;;",
    `      ${namesOf(commands).join("|")}) cmd="\${COMP_WORDS[at]}"; break ;;`,
    "      *) cmd=request; break ;;",
    "    esac",
    "  done",
    '  case "$cmd $prev" in',
    ...bashValues(commands),
    "  esac",
    '  case "$cmd" in',
    ...commands.flatMap(bashCommand),
    "  esac",
    '  if [[ $cur == -* ]]; then words="$options"; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -o bashdefault -o default -F _twolane twolane",
  ];
}

/** A request is no command, and has the options of none. */
function bashCommand({ name, options, words }: CompletedCommand): string[] {
  const all = options.flatMap(({ names }) => names).join(" ");
  const line = (pattern: string, may: readonly string[]): string =>
    `    ${pattern}) options="${all}"; words="${may.join(" ")}" ;;`;
  return name === "" ? [line('""', words), line("request", [])] : [line(name, words)];
}

/** The options with the same values, together. */
function bashValues(commands: readonly CompletedCommand[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const { name, options } of commands) {
    for (const { names, value } of options) {
      const action = value === undefined ? undefined : bashAction(value);
      if (action === undefined) continue;
      const places = name === "" ? ["", "request"] : [name];
      const more = places.flatMap((cmd) => names.map((one) => `"${cmd} ${one}"`));
      patterns.set(action, [...(patterns.get(action) ?? []), ...more]);
    }
  }
  return [...patterns].map(([action, places]) => `    ${places.join("|")}) ${action}; return ;;`);
}

/** Names of files are taken line by line, since they may have blanks. */
function bashAction({ kind, words, optional }: CompletedValue): string | undefined {
  if (kind === "folder") return `IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur"))`;
  if (kind === "file") return `IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`;
  if (words.length > 0) return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
  return optional ? undefined : "COMPREPLY=()";
}

/** Both for `source <(twolane completion zsh)` and as a file `_twolane` in `fpath`. */
function zshScript(commands: readonly CompletedCommand[]): string[] {
  const session = commands.filter(({ name }) => name === "");
  const named = commands.filter(({ name }) => name !== "");
  return [
    "#compdef twolane",
    "_twolane() {",
    "  local curcontext=$curcontext state line ret=1",
    "  typeset -A opt_args",
    "  _arguments -C -s \\",
    ...session.flatMap(({ options }) => options.flatMap(zshOption)).map((argument) => `    ${argument} \\`),
    "    '1: :->first' '*:: :->rest' && ret=0",
    "  case $state in",
    "    first)",
    "      local -a named=(",
    ...named.map(({ name, summary }) => `        ${zshQuoted(`${name}:${summary}`)}`),
    "      )",
    "      _describe -t commands command named && ret=0 ;;",
    "    rest)",
    "      case $line[1] in",
    ...named.flatMap(zshCommand),
    "        *) _files && ret=0 ;;",
    "      esac ;;",
    "  esac",
    "  return ret",
    "}",
    'if [[ $funcstack[1] == _twolane ]]; then _twolane "$@"; else compdef _twolane twolane; fi',
  ];
}

function zshCommand({ name, options, words }: CompletedCommand): string[] {
  const rest = words.length > 0 ? `'*: :(${words.join(" ")})'` : "'*: :_files'";
  return [
    `        ${name})`,
    "          _arguments -s \\",
    ...options.flatMap(zshOption).map((argument) => `            ${argument} \\`),
    `            ${rest} && ret=0 ;;`,
  ];
}

/** One argument for each name; what is given under one is not offered under the other. */
function zshOption({ names, text, value }: CompletedOption): string[] {
  const others = names.length > 1 ? `(${names.join(" ")})` : "";
  const tail = value === undefined ? "" : zshValue(value);
  return names.map((name) => {
    const takes = value === undefined || value.optional ? "" : name.startsWith("--") ? "=" : "+";
    return zshQuoted(`${others}${name}${takes}[${text.replace(/[[\]:]/g, "\\$&")}]${tail}`);
  });
}

function zshValue({ kind, words, optional }: CompletedValue): string {
  const action = kind === "folder" ? "_files -/" : kind === "file" ? "_files" : words.length > 0 ? `(${words.join(" ")})` : " ";
  return `${optional ? "::" : ":"}value:${action}`;
}

const zshQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function fishScript(commands: readonly CompletedCommand[]): string[] {
  const named = namesOf(commands);
  const none = `not __fish_seen_subcommand_from ${named.join(" ")}`;
  return [
    "# fish completion for twolane: twolane completion fish > ~/.config/fish/completions/twolane.fish",
    "complete -c twolane -e",
    ...commands
      .filter(({ name }) => name !== "")
      .map(({ name, summary }) => `complete -c twolane -n ${fishQuoted(none)} -a ${name} -d ${fishQuoted(summary)}`),
    ...commands.flatMap(({ name, options, words }) => {
      const when = fishQuoted(name === "" ? none : `__fish_seen_subcommand_from ${name}`);
      const rest =
        name === "" || words.length === 0 ? [] : [`complete -c twolane -n ${when} -f -a ${fishQuoted(words.join(" "))}`];
      return [...rest, ...options.map((option) => `complete -c twolane -n ${when} ${fishOption(option)}`)];
    }),
  ];
}

function fishOption({ names, text, value }: CompletedOption): string {
  const forms = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...forms, ...(value === undefined ? [] : [fishValue(value)]), `-d ${fishQuoted(text)}`].join(" ");
}

function fishValue({ kind, words, optional }: CompletedValue): string {
  if (kind === "folder") return "-x -a '(__fish_complete_directories)'";
  if (kind === "file") return "-r -F";
  if (optional) return "";
  return words.length > 0 ? `-x -a ${fishQuoted(words.join(" "))}` : "-x";
}

const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
