/** Shows a session's events: lines for a person (with progress on a terminal), or one JSON object a line. */
import type { Failure, HunkId, HunkLine, TwolaneEvent } from "@twolane/protocol";
import { type RunState, emptyRun, reduceRun } from "../state/run-state.ts";
import { diffLines, eventLines, failureLine, progressLine, summaryLines } from "../views/run-view.ts";
import { type CommandIo, styleOf } from "./command.ts";

export interface Reporter {
  observe(event: TwolaneEvent): void;
  /** Something that kept the session from going on, before or beside its events. */
  refuse(reason: Failure): void;
  /** Writes the last lines and gives what was seen. */
  finish(): RunState;
}

const progressEveryMs = 100;

export interface ReporterOptions {
  readonly io: CommandIo;
  readonly json: boolean;
  /** Hunks are shown with their lines, as nothing else will show them. */
  readonly dryRun: boolean;
  /** False where the answer is the person's own text. */
  readonly showsText?: boolean;
}

export function createReporter(options: ReporterOptions): Reporter {
  return behindTheTurn(options.json ? jsonReporter(options.io) : lineReporter(options), options.io.stdout);
}

/** The events of one turn of the loop are told together and behind it: a request that follows from them does not wait for a pipe. */
function behindTheTurn(reporter: Reporter, stdout: CommandIo["stdout"]): Reporter {
  let waiting: TwolaneEvent[] = [];
  let finished = false;
  const tell = (): void => {
    const events = waiting;
    waiting = [];
    stdout.cork();
    for (const event of events) reporter.observe(event);
    stdout.uncork();
  };
  return {
    observe(event) {
      if (finished) return reporter.observe(event);
      if (waiting.length === 0) setImmediate(tell);
      waiting.push(event);
    },
    refuse(reason) {
      tell();
      reporter.refuse(reason);
    },
    finish() {
      tell();
      finished = true;
      return reporter.finish();
    },
  };
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
export function refusal(reason: Failure): TwolaneEvent {
  return { type: "session.refused", failure: reason, at: Date.now(), mono: performance.now(), lane: "fast", session: "" };
}

function lineReporter({ io, dryRun, showsText = true }: ReporterOptions): Reporter {
  const style = styleOf(io);
  const progress = createProgress(io);
  let state = emptyRun;
  /** The model is in the middle of a line. */
  let midLine = false;
  const told = new Set<string>();
  const closed = new Map<HunkId, readonly HunkLine[]>();
  const timer = progress
    ? setInterval(() => midLine || progress.draw(progressLine(state, performance.now())), progressEveryMs)
    : undefined;
  timer?.unref();
  const writeLines = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    progress?.clear();
    io.stdout.write(`${midLine ? "\n" : ""}${lines.join("\n")}\n`);
    midLine = false;
  };
  const writeText = (text: string): void => {
    if (!showsText || text === "") return;
    progress?.clear();
    io.stdout.write(text);
    midLine = !text.endsWith("\n");
  };
  /** What is said once need not be said with every hunk. */
  const fresh = (lines: readonly string[]): string[] =>
    lines.filter((line) => !line.startsWith("  ") || (!told.has(line) && told.add(line)));
  return {
    observe(event) {
      state = reduceRun(state, event);
      if (event.type === "text.delta") return writeText(event.text);
      if (event.type === "text.finished") return writeText(midLine ? "\n" : "");
      if (event.type === "hunk.closed" && dryRun) closed.set(event.hunk.id, event.lines);
      const lines = eventLines(event, style);
      if (event.type === "hunk.held" || event.type === "diagnostics.found") return writeLines(fresh(lines));
      writeLines(event.type === "hunk.landed" ? [...lines, ...diffLines(closed.get(event.hunk.id) ?? [], style)] : lines);
    },
    refuse(reason) {
      progress?.clear();
      io.stderr.write(`${failureLine(reason, style)}\n`);
    },
    finish() {
      clearInterval(timer);
      writeText(midLine ? "\n" : "");
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
