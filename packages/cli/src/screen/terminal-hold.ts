/**
 * Has the terminal or has given it back: modes on and off, in the right order and only once, and what the terminal has answered. Knows
 * no signals and no keys.
 */
import type { ReadStream, WriteStream } from "node:tty";
import type { KeyEvent, TerminalReport } from "../keys/decoder.ts";
import { type Reflow, reflowOf } from "./reflow.ts";
import { setBlocking, writeAtOnce } from "./terminal-output.ts";
import { type Environment, giveBackTerminal, popKeyboard, pushKeyboard, questions, takeTerminal } from "./terminal-sequences.ts";

/** What a person does; what the terminal says of itself stays with the device. */
export type TypedEvent = Exclude<KeyEvent, TerminalReport>;

export interface Hold {
  take(): void;
  /** At once, past everything that is pending. Does nothing when the terminal is not ours. */
  release(lastWords?: string): void;
  /** All that was written has been taken, and all questions are answered: else the answers would be typed into the shell. */
  settled(withinMs: number): Promise<void>;
  /** Keeps what the terminal says of itself. */
  readonly isTyped: (event: KeyEvent) => event is TypedEvent;
  readonly synchronized: () => boolean;
  readonly reflow: () => Reflow;
}

export interface HoldOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly env: Environment;
}

export function createHold({ input, output, env }: HoldOptions): Hold {
  let held = false;
  let pushed = false;
  let synchronized = false;
  let version: string | undefined;
  /** Questions whose last answer has not come. */
  let asked = 0;
  let answered = (): void => {};

  const keep = (report: TerminalReport): void => {
    if (report.report === "keyboard" && held && !pushed) {
      pushed = true;
      asked++;
      output.write(pushKeyboard);
    }
    if (report.report === "mode" && report.mode === 2026) synchronized = report.state === 1 || report.state === 2;
    if (report.report === "version") version = report.text;
    if (report.report === "attributes") {
      asked = Math.max(0, asked - 1);
      if (asked === 0) answered();
    }
  };

  return {
    take() {
      if (held) return;
      held = true;
      input.setRawMode(true);
      input.resume();
      setBlocking(output, false);
      const ask = questions(env);
      if (ask !== "") asked++;
      output.write(takeTerminal + ask);
    },
    release(lastWords = "") {
      if (!held) return;
      held = false;
      writeAtOnce(output, lastWords + (pushed ? popKeyboard : "") + giveBackTerminal);
      pushed = false;
      try {
        setBlocking(output, true);
        input.setRawMode(false);
        input.pause();
      } catch {
        // The terminal is gone.
      }
    },
    async settled(withinMs) {
      const written = new Promise<void>((resolve) => void output.write("", () => resolve()));
      const known = asked === 0 ? undefined : new Promise<void>((resolve) => void (answered = resolve));
      const { promise, cancel } = timeUp(withinMs);
      await Promise.race([Promise.all([written, known]), promise]);
      cancel();
    },
    isTyped: (event): event is TypedEvent => {
      if (event.kind === "report") keep(event);
      return event.kind !== "report";
    },
    synchronized: () => synchronized,
    reflow: () => reflowOf(env, version),
  };
}

function timeUp(ms: number): { readonly promise: Promise<void>; readonly cancel: () => void } {
  let cancel = (): void => {};
  const promise = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    cancel = () => clearTimeout(timer);
  });
  return { promise, cancel };
}
