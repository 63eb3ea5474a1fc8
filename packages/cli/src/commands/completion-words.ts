/** What a shell may complete behind `twolane`, made from the commands' own help. Which shell says it how is `completion-scripts.ts`. */
import { dialectNames, landingModes, reviewModes } from "@twolane/protocol";
import type { CommandHelp, OptionHelp } from "./command.ts";

export interface CompletedCommand {
  /** Empty: no command is named. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words that may stand there without an option. */
  readonly words: readonly string[];
}

export interface CompletedOption {
  /** With the dashes, e.g. `-m` and `--model`. */
  readonly names: readonly string[];
  readonly text: string;
  /** Absent: it takes no value. */
  readonly value?: CompletedValue;
}

/** `optional`: the value may be left out. */
export interface CompletedValue {
  readonly kind: "file" | "folder" | "words";
  readonly words: readonly string[];
  readonly optional: boolean;
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Values that options are known to take, by their long name. */
const optionWords: Readonly<Record<string, readonly string[]>> = {
  "--mode": reviewModes,
  "--landing": landingModes,
  "--dialect": dialectNames,
  "--preset": ["team", "solo", "strict"],
  "--as": ["path", "command", "patch"],
  "--model": ["instant"],
  "--pace": ["65", "300", "1000", "2000"],
};

const topics = ["keys", "instant", "session"];

export function completedCommands(commands: readonly CommandHelp[]): CompletedCommand[] {
  const named = commands.map(({ name }) => name).filter((name) => name !== "");
  const words: Readonly<Record<string, readonly string[]>> = {
    "": [...named, "help"],
    help: [...named, ...topics],
    completion: shells,
    policy: ["test", "show", "explain"],
    kpi: ["baseline", "export"],
    mcp: ["list", "approve", "deny", "test"],
    "agent-hooks": ["list", "approve", "deny"],
    hooks: ["install", "remove", "status"],
  };
  const all = [...commands, { name: "help", summary: "Options and examples of a command.", options: [] }];
  return all.map(({ name, summary, options }) => ({
    name,
    summary: firstSentence(summary),
    options: [...options.flatMap(optionOf), helpOption, ...(name === "" ? [versionOption] : [])],
    words: words[name] ?? [],
  }));
}

const helpOption: CompletedOption = { names: ["-h", "--help"], text: "options and examples" };
const versionOption: CompletedOption = { names: ["-V", "--version"], text: "the version" };

/** `-m, --model NAME` → names and value. What is no option, such as `-`, is left out. */
function optionOf({ form, text }: OptionHelp): CompletedOption[] {
  const [, written = "", value = ""] = /^((?:--?[a-z][\w-]*(?:, )?)+) ?(.*)$/i.exec(form) ?? [];
  const names = written.split(", ").filter((name) => name !== "");
  if (names.length === 0) return [];
  return [{ names, text: firstSentence(text), ...(value !== "" && { value: valueOf(names.at(-1) ?? "", value) }) }];
}

/** Capitals name a value, small letters are one. */
function valueOf(name: string, form: string): CompletedValue {
  const optional = form.startsWith("[");
  const place = form.replace(/[[\]]/g, "");
  const words = optionWords[name] ?? (place === place.toLowerCase() ? [place] : []);
  const kind = place === "FOLDER" ? "folder" : place === "FILE" || place === "PATH" ? "file" : "words";
  return { kind, words, optional };
}

/** Without what stands in brackets. */
function firstSentence(text: string): string {
  const plain = text.replace(/ ?\([^)]*\)/g, "");
  return plain.split(/[.;:] /, 1)[0]?.replace(/\.$/, "") ?? "";
}
