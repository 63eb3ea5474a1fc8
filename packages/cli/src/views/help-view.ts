/** Help as lines. Pure. */
import type { Style } from "./style.ts";

interface OptionText {
  readonly form: string;
  readonly text: string;
}

interface CommandText {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionText[];
  readonly examples: readonly string[];
}

export function overview(
  commands: readonly CommandText[],
  { style, exits }: { style: Style; exits: readonly { status: number; text: string }[] },
): string[] {
  return [
    `${style.bold("twolane")}: edits land on disk hunk by hunk while the model still writes; stop, and what is done stays; undo is exact.`,
    "",
    ...columns(
      commands.map(({ name, summary }) => ({ form: name, text: summary })),
      style,
    ),
    ...columns(
      [{ form: "help COMMAND", text: "options and examples of one command; `help instant`: requests that need no model" }],
      style,
    ),
    "",
    style.bold("First steps"),
    `  twolane doctor                                       what works here, what is missing`,
    `  twolane run -m instant "rename oldName to newName"   no key: the language service does it`,
    `  twolane run -m PROVIDER/MODEL "small request"        with a model`,
    `  twolane undo                                         take it back`,
    "",
    style.bold("Exit status"),
    ...columns(
      exits.map(({ status, text }) => ({ form: String(status), text })),
      style,
    ),
  ];
}

export function commandHelp(command: CommandText, style: Style): string[] {
  return [
    `${style.bold(`twolane ${command.name}`)} ${command.usage}`,
    command.summary,
    "",
    ...columns(command.options, style),
    "",
    style.bold("Examples"),
    ...command.examples.map((example) => `  ${example}`),
  ];
}

export function instantHelp(requests: readonly { readonly request: string; readonly does: string }[], style: Style): string[] {
  return [
    `${style.bold("instant")}: requests that need no model, no key and no network. The TypeScript language service carries them out.`,
    "",
    ...columns(
      requests.map(({ request, does }) => ({ form: request, text: does })),
      style,
    ),
    "",
    'Use them as any request, e.g. twolane run "rename oldName to newName"; `-m instant` keeps a model out of it.',
  ];
}

function columns(rows: readonly OptionText[], style: Style): string[] {
  const width = Math.max(...rows.map(({ form }) => form.length));
  return rows.map(({ form, text }) => `  ${form.padEnd(width)}  ${style.dim(text)}`);
}
