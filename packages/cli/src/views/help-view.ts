/** Help as lines, within a width. Pure. */
import { type SlashCommand, slashCommands, slashForm } from "../state/slash.ts";
import { markHelp } from "./hunk-view.ts";
import type { Style } from "./style.ts";
import { wrap } from "./text.ts";

interface OptionText {
  readonly form: string;
  readonly text: string;
}

interface CommandText {
  /** Empty: the session, which has no word of its own. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionText[];
  readonly examples: readonly string[];
}

interface HelpPage {
  readonly style: Style;
  readonly width: number;
}

interface OverviewPage extends HelpPage {
  readonly exits: readonly { status: number; text: string }[];
}

export function overview(commands: readonly CommandText[], page: OverviewPage): string[] {
  const { style, exits, width } = page;
  const rows = commands.map(({ name, summary }) => ({ form: name === "" ? "twolane" : `twolane ${name}`, text: summary }));
  const more = [
    {
      form: "help COMMAND",
      text: "options and examples; also `help session`, `help keys`, `help instant` (requests that need no model)",
    },
  ];
  return [
    ...wrap(
      `${style.bold("twolane")}: edits land on disk hunk by hunk while the model still writes; stop, and what is done stays; undo is exact.`,
      width,
    ),
    "",
    ...columns([...rows, ...more], page),
    "",
    style.bold("First steps"),
    ...columns(firstSteps, page),
    "",
    style.bold("Exit status"),
    ...columns(
      exits.map(({ status, text }) => ({ form: String(status), text })),
      page,
    ),
  ];
}

const firstSteps: readonly OptionText[] = [
  { form: "twolane", text: "the loop in this folder; ? lists the keys" },
  { form: "twolane connect URL", text: "find out what a model server speaks, and keep it" },
  { form: "twolane models", text: "what can be reached, how quick it is" },
  { form: "twolane doctor", text: "what works here, what is missing" },
  { form: 'twolane run "small request"', text: "one request, with a model or (renames, moves, imports) without" },
  { form: "twolane undo", text: "take it back" },
];

export function commandHelp(command: CommandText, page: HelpPage): string[] {
  const { style } = page;
  const name = command.name === "" ? "twolane" : `twolane ${command.name}`;
  return [
    ...wrap(`${style.bold(name)} ${command.usage}`, page.width),
    ...wrap(command.summary, page.width),
    "",
    ...columns(command.options, page),
    "",
    style.bold("Examples"),
    ...command.examples.map((example) => `  ${example}`),
  ];
}

/** Keys of a place with what they do, as a person has bound them. */
export type KeyRows = (place: "anywhere" | "input" | "menu" | "review" | "held" | "question") => readonly OptionText[];

interface HelpPart {
  readonly title: string;
  readonly rows: readonly OptionText[];
  /** Below the rows, to be copied as they are. */
  readonly lines?: readonly string[];
}

interface SessionHelp {
  readonly keys: KeyRows;
  readonly configFile: string;
  /** Where the help was asked for. */
  readonly from?: "review";
  /** How keys are changed is what was asked for. */
  readonly about?: "keys";
}

/** What `?` and `/help` show within a session. */
export function sessionHelp({ keys, configFile, from, about }: SessionHelp): readonly HelpPart[] {
  const line = { title: "Keys", rows: [...keys("anywhere"), ...keys("input")] };
  const review = [
    { title: "Review list", rows: keys("review") },
    { title: "A command that waits", rows: keys("held") },
    { title: "A question of a workflow", rows: keys("question") },
    { title: "Marks of hunks", rows: markHelp },
  ];
  const own = ownKeysHelp(configFile);
  const rest = [{ title: "Lists and completions", rows: keys("menu") }, commandsHelp()];
  if (about === "keys") return [own, line, ...review, ...rest];
  return from === "review" ? [...review, line, own, ...rest] : [line, own, ...review, ...rest];
}

export const commandsHelp = (): HelpPart => ({
  title: "Commands",
  rows: [
    ...slashCommands.map(slashHelp),
    { form: "@path", text: "names a file; Tab completes" },
    { form: "!command", text: "runs a command in your shell; it has no keyboard" },
  ],
});

/** How keys are changed. The file is read when twolane starts. */
export const ownKeysHelp = (configFile: string): HelpPart => ({
  title: "Other keys, or vim's",
  rows: [
    { form: configFile, text: "holds them, as below; read at the start; `twolane help keys` lists the names of all actions" },
  ],
  lines: ['{ "terminal": { "vim": true,', '    "keys": { "review.accept": ["y", "f1"], "input.newline": ["ctrl-o"] } } }'],
});

function slashHelp(command: SlashCommand): OptionText {
  return { form: slashForm(command), text: command.text };
}

export function keysHelp(parts: readonly HelpPart[], page: HelpPage): string[] {
  return parts.flatMap(({ title, rows, lines = [] }) => [
    page.style.bold(title),
    ...columns(rows, page),
    ...lines.flatMap((line) => (line.length + 2 <= page.width ? [`  ${line}`] : wrap(line, page.width))),
    "",
  ]);
}

export function instantHelp(requests: readonly { readonly request: string; readonly does: string }[], page: HelpPage): string[] {
  return [
    ...wrap(
      `${page.style.bold("instant")}: requests that need no model, no key and no network. The TypeScript language service carries them out.`,
      page.width,
    ),
    "",
    ...columns(
      requests.map(({ request, does }) => ({ form: request, text: does })),
      page,
    ),
    "",
    ...wrap(
      'Use them as any request, e.g. twolane run "rename oldName to newName"; `-m instant` keeps a model out of it.',
      page.width,
    ),
  ];
}

/** Forms on the left, texts wrapped beside them; a form that is too long for that stands on a line of its own. */
function columns(rows: readonly OptionText[], { style, width }: HelpPage): string[] {
  const most = Math.floor(width * 0.42);
  const column = Math.max(...rows.map(({ form }) => form.length).filter((length) => length <= most), 8);
  return rows.flatMap(({ form, text }) => {
    const [first = "", ...rest] = wrap(text, Math.max(20, width - column - 4));
    const below = rest.map((line) => `  ${" ".repeat(column)}  ${style.dim(line)}`);
    if (form.length > column) return [`  ${form}`, `  ${" ".repeat(column)}  ${style.dim(first)}`, ...below];
    return [`  ${form.padEnd(column)}  ${style.dim(first)}`, ...below];
  });
}
