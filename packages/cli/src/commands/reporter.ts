/** Shows a session's events: lines for a person (with progress on a terminal), or one JSON object a line. */
import type { Failure, TwolaneEvent } from "@twolane/protocol";
import { type RunState, emptyRun, reduceRun } from "../state/run-state.ts";
import { eventLines, failureLine, progressLine, summaryLines } from "../views/run-view.ts";
import { createStyle } from "../views/style.ts";
import type { CommandIo } from "./command.ts";

export interface Reporter {
  observe(event: TwolaneEvent): void;
  /** Something that kept the session from going on, before or beside its events. */
  refuse(reason: Failure): void;
  /** Writes the last lines and gives what was seen. */
  finish(): RunState;
}

const progressEveryMs = 100;

export function createReporter({ io, json, dryRun }: { io: CommandIo; json: boolean; dryRun: boolean }): Reporter {
  return json ? jsonReporter(io) : lineReporter(io, dryRun);
}

function jsonReporter(io: CommandIo): Reporter {
  let state = emptyRun;
  const write = (value: unknown): void => void io.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    observe(event) {
      state = reduceRun(state, event);
      write(event);
    },
    refuse: (reason) => write(refusal(reason)),
    finish: () => state,
  };
}

/** An event of a session that did not come about. */
function refusal(reason: Failure): TwolaneEvent {
  return { type: "session.refused", failure: reason, at: Date.now(), mono: performance.now(), lane: "fast", session: "" };
}

function lineReporter(io: CommandIo, dryRun: boolean): Reporter {
  const style = createStyle(io.env, io.stdout.isTTY === true);
  const progress = createProgress(io);
  let state = emptyRun;
  let ended = false;
  const timer = progress ? setInterval(() => progress.draw(progressLine(state, performance.now())), progressEveryMs) : undefined;
  timer?.unref();
  const writeLines = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    progress?.clear();
    io.stdout.write(`${lines.join("\n")}\n`);
  };
  return {
    observe(event) {
      state = reduceRun(state, event);
      writeLines(eventLines(event, style));
    },
    refuse(reason) {
      progress?.clear();
      io.stderr.write(`${failureLine(reason, style)}\n`);
    },
    finish() {
      if (ended) return state;
      ended = true;
      clearInterval(timer);
      progress?.clear();
      writeLines(summaryLines(state, { style, dryRun }));
      return state;
    },
  };
}

interface Progress {
  draw(line: string): void;
  clear(): void;
}

/** One line on the terminal, redrawn in place; none where standard error is no terminal. */
function createProgress(io: CommandIo): Progress | undefined {
  if (io.stderr.isTTY !== true || io.env["TERM"] === "dumb") return undefined;
  let drawn = false;
  return {
    draw(line) {
      const width = (io.stderr.columns ?? 80) - 1;
      io.stderr.write(`\r\u001b[K${line.slice(0, width)}`);
      drawn = true;
    },
    clear() {
      if (drawn) io.stderr.write("\r\u001b[K");
      drawn = false;
    },
  };
}
