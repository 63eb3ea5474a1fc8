/** The shape that every subcommand has; `main.ts` finds it by name, `help` describes it. */
import type { Readable, Writable } from "node:stream";
import { type Style, createStyle } from "../views/style.ts";

/** What a command may use of the process, so that tests can run one without a process. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls back on every Ctrl-C (SIGINT) and SIGTERM; returns how to stop listening. */
  onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void;
  /** Calls back when the terminal goes away, which ends the process otherwise. */
  onHangup(listener: () => void): () => void;
}

/** An option as help shows it. */
export interface OptionHelp {
  /** E.g. `--scope PATH`. */
  readonly form: string;
  readonly text: string;
}

export interface CommandHelp {
  readonly name: string;
  /** After the name, e.g. `[REQUEST] [options]`. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  readonly options: readonly OptionHelp[];
  /** Whole command lines that work as they stand. */
  readonly examples: readonly string[];
}

export interface CommandModule {
  readonly help: CommandHelp;
  /** Resolves to the exit status. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}

/** Of what goes to standard output. */
export const styleOf = ({ env, stdout }: CommandIo): Style => createStyle(env, stdout.isTTY === true);
