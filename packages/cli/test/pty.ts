/**
 * A real pseudo terminal with a terminal emulator at its other end, and a program inside: what a person would see, key by key.
 * Starts programs and looks at the screen; what is right to see there is for the tests to say.
 */
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { type Emulator, type EmulatorOptions, openEmulator, type ScreenModes } from "./emulator.ts";
import { keyBytes } from "./key-bytes.ts";
import type { StyledRun } from "./styled-rows.ts";

export const binary = fileURLToPath(new URL("../bin/twolane.cjs", import.meta.url));

export interface ScreenOptions extends EmulatorOptions {
  /** The program; the built command when it is left out. */
  readonly command?: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  /** All of the environment but `TERM` (a sandbox's `env`); `NODE_EXTRA_CA_CERTS` never gets through. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly status: number;
  /** Number of the signal that ended it. */
  readonly signal: number | undefined;
}

export interface Received {
  /** `performance.now()` of this process. */
  readonly at: number;
  readonly bytes: Buffer;
}

export interface Screen {
  readonly pid: number;
  write(input: string | Uint8Array): void;
  /** Keys by their canonical names (`ctrl-c`, `shift-tab`, `esc`), encoded as the emulated terminal does now. */
  press(...keys: readonly string[]): void;
  /** As a terminal pastes: bracketed where the program asked for it. */
  paste(text: string): void;
  /**
   * Until the visible screen holds the text, or the predicate is true after some output. Rejects when the program ends or the time
   * (10 s) is over, showing the screen.
   */
  until(wanted: string | RegExp | ((screen: Screen) => boolean), options?: { readonly timeout?: number }): Promise<void>;
  /** The rows that are visible, without blanks at their ends. */
  lines(): string[];
  /** The same with their looks. */
  styledRows(): StyledRun[][];
  /** Every row, oldest first, the visible ones included. */
  scrollback(): string[];
  /** As `scrollback`, but rows that the terminal has wrapped are one line again. */
  logicalLines(): string[];
  cursor(): { readonly row: number; readonly column: number };
  modes(): ScreenModes;
  /** Every piece of output as it came. */
  raw(): readonly Received[];
  /** Bells and desktop notifications so far. */
  calls(): ReturnType<Emulator["calls"]>;
  resize(cols: number, rows: number): Promise<void>;
  /** The terminal takes nothing more until `resume`, as after Ctrl-S. */
  pause(): void;
  resume(): void;
  kill(signal?: NodeJS.Signals): void;
  /** The emulator has shown all output by then. */
  readonly exited: Promise<Exit>;
}

/** Starts a program in a pty; 80×24 by default, with the kitty keyboard protocol on offer. The caller ends it (`kill`). */
export function openScreen(options: ScreenOptions): Screen {
  const emulator = openEmulator(options);
  const { NODE_EXTRA_CA_CERTS: _, ...env } = options.env;
  const pty = spawn(options.command ?? process.execPath, [...(options.command ? [] : [binary]), ...(options.args ?? [])], {
    cols: emulator.cols(),
    rows: emulator.rows(),
    cwd: options.cwd,
    env: { ...env, TERM: options.env["TERM"] ?? "xterm-256color" },
    // As bytes: a character may be cut anywhere.
    encoding: null,
  });
  const received: Received[] = [];
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  pty.onData((data: string | Buffer) => {
    const bytes = Buffer.from(data);
    received.push({ at: performance.now(), bytes });
    void emulator.feed(bytes).then(look);
  });
  // The declaration knows strings only; bytes go through as they are.
  const write = (input: string | Uint8Array): void => void (ended || Reflect.apply(pty.write, pty, [input]));
  emulator.onAnswer(write);
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      void emulator.feed("").then(() => {
        ended = true;
        resolve({ status: exitCode, signal: signal === 0 ? undefined : signal });
        look();
      });
    });
  });
  const screen: Screen = {
    pid: pty.pid,
    write,
    press: (...keys) => write(keys.map((key) => keyBytes(key, emulator.modes())).join("")),
    paste: (text) => write(emulator.modes().bracketedPaste ? `\u001b[200~${text.replaceAll("\n", "\r")}\u001b[201~` : text),
    until: (wanted, { timeout = 10_000 } = {}) =>
      awaitSight({ screen, watchers, ended: () => ended, wanted: seen(wanted), name: String(wanted), timeout }),
    ...readers(emulator),
    raw: () => received,
    async resize(cols, rows) {
      await emulator.resize(cols, rows);
      pty.resize(cols, rows);
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    kill(signal = "SIGKILL") {
      if (!ended) pty.kill(signal);
    },
    exited,
  };
  return screen;
}

type Readers = Pick<Screen, "lines" | "styledRows" | "scrollback" | "logicalLines" | "cursor" | "modes" | "calls">;

function readers(emulator: Emulator): Readers {
  const { lines, styledRows, scrollback, logicalLines, cursor, modes, calls } = emulator;
  return { lines, styledRows, scrollback, logicalLines, cursor, modes, calls };
}

function seen(wanted: string | RegExp | ((screen: Screen) => boolean)): (screen: Screen) => boolean {
  if (typeof wanted === "function") return wanted;
  return (screen) => {
    const text = screen.lines().join("\n");
    return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
  };
}

function awaitSight(options: {
  readonly screen: Screen;
  readonly watchers: Set<() => void>;
  readonly ended: () => boolean;
  readonly wanted: (screen: Screen) => boolean;
  readonly name: string;
  readonly timeout: number;
}): Promise<void> {
  const { screen, watchers, wanted } = options;
  return new Promise((resolve, reject) => {
    const settle = (fault?: string): void => {
      watchers.delete(check);
      clearTimeout(timer);
      if (fault === undefined) resolve();
      else reject(new Error(`${fault}; wanted ${options.name}; the screen:\n${screen.lines().join("\n")}`));
    };
    const check = (): void => {
      try {
        if (wanted(screen)) settle();
        else if (options.ended()) settle("the program has ended");
      } catch (error) {
        settle(String(error));
      }
    };
    const timer = setTimeout(() => settle(`not seen in ${options.timeout} ms`), options.timeout);
    watchers.add(check);
    check();
  });
}
