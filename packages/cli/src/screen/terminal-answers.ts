/** What the terminal has answered: what it can, and when it has carried out what. Asks nothing itself. */
import type { TerminalReport } from "../keys/decoder.ts";

export interface Answers {
  take(report: TerminalReport): void;
  /** Questions have been asked that end with a fence; so many of them are the question that frames end with. */
  expect(asked: { readonly frames: number }): void;
  /** A fence has been asked now; when it is answered, so is all that was asked before. */
  all(): Promise<void>;
  synchronized(): boolean;
  answersFrames(): boolean;
  version(): string | undefined;
}

export interface AnswerListener {
  /** The terminal knows the kitty keyboard protocol. */
  readonly knowsKeyboard: () => void;
  readonly frameDone: () => void;
}

export function createAnswers(listener: AnswerListener): Answers {
  let synchronized = false;
  let answersFrames = false;
  let version: string | undefined;
  /** Fences to come. */
  let asked = 0;
  /** Of the answers to come that frames end with, those that are to questions of our own. */
  let own = 0;
  let allCame = (): void => {};
  return {
    take(report) {
      switch (report.report) {
        case "keyboard":
          return listener.knowsKeyboard();
        case "mode":
          if (report.mode === 2026) synchronized = report.state === 1 || report.state === 2;
          return;
        case "version":
          version = report.text;
          return;
        case "done":
          answersFrames = true;
          if (own > 0) own--;
          else listener.frameDone();
          return;
        case "attributes":
          asked = Math.max(0, asked - 1);
          if (asked === 0) allCame();
          return;
        case "cursor":
        case "other":
      }
    },
    expect({ frames }) {
      asked++;
      own += frames;
    },
    all() {
      asked++;
      return new Promise((resolve) => void (allCame = resolve));
    },
    synchronized: () => synchronized,
    answersFrames: () => answersFrames,
    version: () => version,
  };
}
