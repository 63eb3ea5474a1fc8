/** The commands that begin with a slash: one table for help, completion and reading. What they do is `app-slash.ts`. */

/** `words`: the command means something without them as well. */
export type SlashArgument = "none" | "path" | "model" | "mode" | "hunk" | "command" | "text" | "words";

export interface SlashCommand {
  readonly name: string;
  readonly text: string;
  readonly argument: SlashArgument;
  /** Of the argument, for help. */
  readonly form?: string;
}

export const slashCommands = [
  { name: "help", text: "keys and commands; how keys are changed; one command", argument: "command", form: "[keys | command]" },
  { name: "refactor", text: "a plan to agree to, then one change at a time with its tests", argument: "text", form: "what" },
  {
    name: "debug",
    text: "likely causes, each with its fastest check; output may be pasted behind it",
    argument: "text",
    form: "[what | output]",
  },
  { name: "scaffold", text: "new files: first their tree, then their content", argument: "text", form: "what" },
  {
    name: "test",
    text: "one failing test first, then what makes it pass; alone: run the tests that the session's changes reach",
    argument: "words",
    form: "[what]",
  },
  {
    name: "review",
    text: "the hunks of this session, one by one; with a reference: remarks on that diff (all: on what is not committed)",
    argument: "words",
    form: "[REF | --staged | all]",
  },
  {
    name: "deep",
    text: "hand what is big to the deep lane; you see the brief first and can change it",
    argument: "words",
    form: "[research] [what]",
  },
  { name: "jobs", text: "what the deep lane does: see, steer, stop, take, drop", argument: "words", form: "[d3]" },
  { name: "take", text: "a job's hunks join the review, each waits for your yes", argument: "words", form: "[d3]" },
  {
    name: "check",
    text: "have hunks looked at by the deep lane; its remarks come to the review. Alone: those that look risky",
    argument: "hunk",
    form: "[h1 h2 …]",
  },
  {
    name: "handover",
    text: "a brief of all that this session was about, for the deep lane",
    argument: "none",
  },
  {
    name: "lanes",
    text: "which lane what belongs in, with your own numbers; `never` ends suggestions in this workspace, `ask` brings them back",
    argument: "text",
    form: "[never | ask]",
  },
  { name: "end", text: "end the workflow that runs; what is done stays", argument: "none" },
  { name: "accept", text: "yes to hunks, or to all", argument: "hunk", form: "h1 h2 … | all" },
  { name: "reject", text: "no to hunks: they leave the disk", argument: "hunk", form: "h1 h2 …" },
  {
    name: "undo",
    text: "take back the last turn, a turn, hunks, or the session",
    argument: "hunk",
    form: "[t2 | h3 … | session]",
  },
  {
    name: "answer",
    text: "to a command that waits for your yes, or to a workflow that asks",
    argument: "text",
    form: "once | session | always | no",
  },
  { name: "diff", text: "what stands on disk from this session", argument: "hunk", form: "[h3 …]" },
  { name: "commit", text: "a commit of exactly what is accepted", argument: "none" },
  { name: "continue", text: "take a stop back: go on where it was cut off", argument: "none" },
  { name: "queue", text: "what waits for the end of the turn: see, change, send", argument: "text", form: "[text]" },
  { name: "btw", text: "ask aside; the running turn does not notice", argument: "text", form: "question" },
  {
    name: "mode",
    text: "flow: hunks land · step: each waits for a yes · plan: nothing lands",
    argument: "mode",
    form: "[flow | step | plan]",
  },
  { name: "scope", text: "only these paths may change; `all` lifts it", argument: "path", form: "[path …]" },
  {
    name: "model",
    text: "which model answers; an address or a key connects one",
    argument: "model",
    form: "[name | address | key]",
  },
  {
    name: "trust",
    text: "this workspace may run commands and tests in the sandbox",
    argument: "text",
    form: "[show | revoke]",
  },
  {
    name: "mcp",
    text: "MCP servers: where each comes from, its tools, your yes or no to it",
    argument: "text",
    form: "[approve NAME | deny NAME]",
  },
  {
    name: "hooks",
    text: "your commands for events of the session, and your yes or no to a repository's",
    argument: "text",
    form: "[approve FILE | deny FILE]",
  },
  { name: "context", text: "what fills the model's window; Enter leaves a part out", argument: "none" },
  { name: "skill", text: "a prompt with a skill's text behind it, as $NAME in a prompt", argument: "text", form: "NAME [what]" },
  {
    name: "limits",
    text: "what is left of the provider's limits, and what was spent; while one waits: what to do",
    argument: "none",
  },
  {
    name: "stats",
    text: "the numbers of this session: first token, corrections, one-loop rate (docs/kpis.md)",
    argument: "none",
  },
  { name: "rewind", text: "back to an earlier prompt: conversation, files or both", argument: "none" },
  { name: "tell", text: "tell the model what you changed in its hunk", argument: "none" },
  { name: "pace", text: "tokens a second of a replay (demo)", argument: "text", form: "N" },
  { name: "status", text: "where things stand", argument: "none" },
  { name: "quit", text: "leave; `twolane --continue` goes on", argument: "none" },
] as const satisfies readonly SlashCommand[];

/** As it is typed: `/undo [t2 | h3 … | session]`. */
export const slashForm = ({ name, form }: SlashCommand): string => `/${name}${form === undefined ? "" : ` ${form}`}`;

/** What may be a key to a model as dots, of the same length. Typed text may be seen by others; what is sent is the text itself. */
export function hideKey(line: string): string {
  const [head] = /^\s*\/model\s+/i.exec(line) ?? [];
  if (head === undefined) return line;
  const [first = "", ...rest] = line.slice(head.length).split(/(?=\s)/);
  const isKey = /^(sk-|csk-|gsk_|xai-)/.test(first) || (first.length > 20 && !/[/:.]/.test(first));
  return `${head}${isKey ? dots(first) : first}${dots(rest.join(""))}`;
}

const dots = (text: string): string => text.replaceAll(/\S/g, "•");

export type SlashName = (typeof slashCommands)[number]["name"];

export interface SlashLine {
  readonly name: SlashName;
  readonly argument: string;
}

/** `unknown`: the word, which may be the name of a prompt of the team. */
export interface UnknownSlash {
  readonly unknown: string;
  readonly argument: string;
  readonly nearest?: string;
}

/** What a line that begins with a slash asks for; the nearest name where there is no such command; undefined where it is none. */
export function readSlash(line: string): SlashLine | UnknownSlash | undefined {
  const [, word, rest = ""] = /^\/([a-z0-9-]*)(?:\s+([\s\S]*))?$/i.exec(line.trim()) ?? [];
  if (word === undefined) return undefined;
  const wanted = word.toLowerCase();
  const exact = slashCommands.find(({ name }) => name === wanted);
  const beginning = slashCommands.filter(({ name }) => wanted !== "" && name.startsWith(wanted));
  const found = exact ?? (beginning.length === 1 ? beginning[0] : undefined);
  if (found !== undefined) return { name: found.name, argument: rest.trim() };
  const near = beginning[0] ?? slashCommands.find(({ name }) => name[0] === wanted[0]);
  return { unknown: word, argument: rest.trim(), ...(near && { nearest: near.name }) };
}
