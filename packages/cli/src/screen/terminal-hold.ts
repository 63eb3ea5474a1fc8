/**
 * Has the terminal or has given it back: modes on and off, in the right order and only once. Knows no signals and no keys.
 */
import type { ReadStream, WriteStream } from "node:tty";
import type { KeyEvent, TerminalReport } from "../keys/decoder.ts";
import { type Reflow, reflowOf } from "./reflow.ts";
import { createAnswers } from "./terminal-answers.ts";
import { setBlocking, writeAtOnce } from "./terminal-output.ts";
import {
  type Environment,
  fence,
  giveBackTerminal,
  popKeyboard,
  pushKeyboard,
  questions,
  takeTerminal,
} from "./terminal-sequences.ts";

/** What a person does; what the terminal says of itself stays with the device. */
export type TypedEvent = Exclude<KeyEvent, TerminalReport>;

export interface Hold {
  take(): void;
  /** At once, past everything that is pending. Does nothing when the terminal is not ours. */
  release(lastWords?: string): void;
  /** All that was written has been taken, and all questions in it are answered: else the answers would be typed into the shell. */
  settled(withinMs: number): Promise<void>;
  /** Keeps what the terminal says of itself. */
  readonly isTyped: (event: KeyEvent) => event is TypedEvent;
  readonly synchronized: () => boolean;
  /** The terminal says when it has carried out a frame that asks for it. */
  readonly answersFrames: () => boolean;
  readonly reflow: () => Reflow;
}

export interface HoldOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly env: Environment;
  /** A frame that asked for it has been carried out. */
  readonly frameDone: () => void;
  /** What the hold itself wrote has been taken: frames wait for it as for any other text. */
  readonly written: () => void;
}

export function createHold({ input, output, env, frameDone, written }: HoldOptions): Hold {
  let held = false;
  /** Where the request for unmistakable keys is: not made, on its way behind other output, or with the terminal. */
  let pushed: "no" | "sent" | "taken" = "no";
  const ask = questions(env);
  const answers = createAnswers({
    frameDone,
    knowsKeyboard() {
      if (!held || pushed !== "no") return;
      pushed = "sent";
      answers.expect({ frames: 0 });
      output.write(pushKeyboard, () => {
        if (pushed === "sent") pushed = "taken";
        written();
      });
    },
  });
  return {
    take() {
      if (held) return;
      held = true;
      input.setRawMode(true);
      input.resume();
      setBlocking(output, false);
      if (ask !== "") answers.expect({ frames: 1 });
      output.write(takeTerminal + ask, written);
    },
    release(lastWords = "") {
      if (!held) return;
      held = false;
      // What is still on its way may switch something on again behind what goes past it.
      const isLate = output.writableLength > 0;
      const pop = pushed === "no" ? "" : popKeyboard;
      const waits = isLate && pushed === "sent";
      writeAtOnce(output, lastWords + (waits ? "" : pop) + giveBackTerminal);
      pushed = "no";
      try {
        setBlocking(output, true);
        if (isLate) output.write((waits ? pop : "") + giveBackTerminal);
        input.setRawMode(false);
        input.pause();
      } catch {
        // The terminal is gone.
      }
    },
    async settled(withinMs) {
      const taken = new Promise<void>((resolve) => void output.write(ask === "" ? "" : fence, () => resolve()));
      const known = ask === "" ? undefined : answers.all();
      const { promise, cancel } = timeUp(withinMs);
      await Promise.race([Promise.all([taken, known]), promise]);
      cancel();
    },
    isTyped: (event): event is TypedEvent => {
      if (event.kind === "report") answers.take(event);
      return event.kind !== "report";
    },
    synchronized: answers.synchronized,
    answersFrames: answers.answersFrames,
    reflow: () => reflowOf(env, answers.version()),
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
