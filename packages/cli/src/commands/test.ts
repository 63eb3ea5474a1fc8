/** `twolane test`: the tests that a change can reach, and what they say of it. */
import { parseArgs } from "node:util";
import { type Evidence, type Failure, exitStatus, failure } from "@twolane/protocol";
import { choiceLines, evidenceLines, notedLines } from "../views/test-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "test",
  usage: "[PATH ... | WHAT] [options]",
  summary:
    "Run the tests that a change can reach; without paths, that of the work tree. With words: write one failing test first.",
  options: [
    { form: "--staged", text: "of what is staged" },
    { form: "--base REF", text: "of everything since the branch left REF" },
    { form: "--all", text: "every test" },
    { form: "--fewer", text: "fewer tests than when they last passed are right" },
    { form: "-l, --list", text: "only say which, and by which way" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object a line: the choice, then the evidence" },
    { form: "-m, --model NAME", text: "with words: who writes; all options of `twolane help refactor` are taken then" },
  ],
  examples: [
    "twolane test",
    "twolane test src/price.ts --list",
    "twolane test --base origin/main --json",
    'twolane test "an empty cart costs nothing" --trust',
  ],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  if (hasWords(argv)) return (await import("./workflow-run.ts")).runWorkflow({ workflow: "test", reads: "dash" }, argv, io);
  const style = styleOf(io);
  const options = readOptions(argv);
  if ("code" in options) return refuse(options, { io });
  const { json, list, cwd, of, fewer } = options;
  const write = (lines: readonly string[]): void => void (lines.length > 0 && io.stdout.write(`${lines.join("\n")}\n`));
  const tell = (value: unknown): void => void io.stdout.write(`${JSON.stringify(value)}\n`);
  const { openTesting } = await import("@twolane/engine/test");
  const opened = await openTesting({ cwd: cwd ?? io.cwd, env: io.env, of, fewer });
  if (!opened.ok) return refuser(io, "tests", json)(opened.failure);
  const { choice } = opened.value;
  if (json) tell({ type: "tests.chosen", choice });
  else write([style.dim(`${choice.tests.length} of ${choice.of} test files, found in ${choice.ms} ms`)]);
  if (!json) write(list ? choiceLines(choice, style) : notedLines(choice, style));
  if (list || choice.tests.length === 0) return exitStatus.ok;
  const stopping = new AbortController();
  const forget = io.onInterrupt(() => stopping.abort());
  const evidence = await opened.value.run(stopping.signal);
  forget();
  if (evidence === undefined) return exitStatus.interrupted;
  if (json) tell({ type: "tests.ended", evidence });
  else write(evidenceLines(evidence, style));
  return statusOf(evidence);
}

const statusOf = ({ outcome }: Evidence): number => (outcome === "passed" ? exitStatus.ok : exitStatus.failed);

type Of =
  | { readonly kind: "work tree" | "staged" | "all" }
  | { readonly kind: "base"; readonly ref: string }
  | { readonly kind: "paths"; readonly paths: readonly string[] };

interface TestOptions {
  readonly of: Of;
  readonly list: boolean;
  readonly fewer: boolean;
  readonly json: boolean;
  readonly cwd?: string;
}

/** A request has blanks, as everywhere; a path that has some is named by what has none. */
function hasWords(argv: readonly string[]): boolean {
  const value = { type: "string" } as const;
  const options = {
    base: value,
    cwd: { ...value, short: "C" },
    model: { ...value, short: "m" },
    scope: { ...value, short: "s" },
    "allow-command": value,
  };
  const { positionals } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true });
  return positionals.some((word) => /\s/.test(word.trim()));
}

function readOptions(argv: readonly string[]): TestOptions | Failure {
  const parsed = readWords("test", argv, {
    allowPositionals: true,
    options: {
      staged: { type: "boolean" },
      base: { type: "string" },
      all: { type: "boolean" },
      fewer: { type: "boolean" },
      list: { type: "boolean", short: "l" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { values, positionals } = parsed;
  const { staged = false, base, all = false, fewer = false, list = false, json = false, cwd } = values;
  const choices: Of[] = [
    ...(staged ? [{ kind: "staged" } as const] : []),
    ...(base === undefined ? [] : [{ kind: "base", ref: base } as const]),
    ...(all ? [{ kind: "all" } as const] : []),
    ...(positionals.length > 0 ? [{ kind: "paths", paths: positionals } as const] : []),
  ];
  if (choices.length > 1) return failure("USAGE", "Paths, --staged, --base and --all exclude each other.", "Name one of them.");
  return { of: choices[0] ?? { kind: "work tree" }, fewer, list, json, ...(cwd !== undefined && { cwd }) };
}
