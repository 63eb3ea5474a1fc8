/** Opens the session behind the screen that is there already, and stays until the person leaves. */
import type { ReadStream, WriteStream } from "node:tty";
import { type Failure, type Result, type Session, exitStatus, succeed } from "@twolane/protocol";
import { firstState } from "../state/app-first.ts";
import { type TourPlan, startTour } from "../state/tour.ts";
import { createStyle } from "../views/style.ts";
import { runApp } from "./app.ts";
import { takeFirstFrame } from "./first-frame.ts";
import { type HistoryFile, openHistoryFile } from "./history-file.ts";
import { steadyHeap } from "./steady-heap.ts";
import { openTerminal } from "./terminal.ts";
import { type TerminalSettings, readTerminalSettings } from "./terminal-settings.ts";

export interface ScreenOptions {
  readonly prompt: string;
  /** The person named the model, so that none has to be offered. */
  readonly modelAsked: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Opens the session; called when the screen is there. */
  readonly open: () => Promise<Result<Session>>;
  readonly readSettings: () => Promise<Result<StoredSettings>>;
  readonly refuse: (reason: Failure) => number;
  /** What a new session begins with. */
  readonly notes?: readonly string[];
  /** Of the demo. */
  readonly tour?: TourPlan;
  readonly setPace?: (tokensPerSecond: number) => void;
}

export interface StoredSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly historyFile: string;
}

export async function runScreen(options: ScreenOptions): Promise<number> {
  const { input, output, env } = options;
  // Until the session is there the launcher shows what is typed.
  const opened = await openAll(options);
  const typedAhead = takeFirstFrame();
  const terminal = openTerminal({ input, output, env, ...(typedAhead && { typedAhead }) });
  // The launcher's prompt is where the live region begins.
  terminal.write("\r\u001b[J");
  if (!opened.ok) {
    await terminal.close();
    return options.refuse(opened.failure);
  }
  const { session, bindings, settings, historyFile } = opened.value;
  const first = firstState(session.history, { settings, entries: historyFile.read(), ...terminal.size() });
  const { tour, setPace, notes = [] } = options;
  const greeting = session.model === "instant" && !options.modelAsked ? [...notes, firstSteps] : notes;
  const guided = { ...first, greeting, ...(tour && { tour: startTour(tour) }) };
  const style = createStyle(env, true);
  steadyHeap();
  process.on("SIGINT", finishFirst);
  let asked = false;
  session.subscribe((event) => void (asked ||= event.type === "turn.started"));
  const hasLeft = await runApp({
    terminal,
    session,
    state: guided,
    bindings,
    style,
    env,
    historyFile,
    ...(setPace && { setPace }),
    ...(options.prompt !== "" && { prompt: options.prompt }),
  });
  // A Ctrl-C more than it takes to leave is a signal by now, as the terminal is the shell's again.
  setTimeout(() => process.off("SIGINT", finishFirst), finishMs).unref();
  await session.close();
  if (hasLeft && asked && tour === undefined) output.write("twolane --continue goes on here.\n");
  return exitStatus.ok;
}

/** What is still being written is not cut off by a signal, unless it takes longer than this; ms. */
const finishMs = 2000;
const finishFirst = (): void => undefined;

const firstSteps = [
  "No model is connected yet. You can",
  "  /model                        choose from what was found here, or type an address or a key",
  "  !twolane demo                 watch your last commit land again: stop it, steer it, reject a hunk",
  "  rename oldName to newName     ask for what works offline: renames, moves, imports",
].join("\n");

interface Opened extends TerminalSettings {
  readonly session: Session;
  readonly historyFile: HistoryFile;
}

async function openAll({ open, readSettings }: ScreenOptions): Promise<Result<Opened>> {
  const stored = await readSettings();
  if (!stored.ok) return stored;
  const read = readTerminalSettings(stored.value.settings);
  if (!read.ok) return read;
  const session = await open();
  if (!session.ok) return session;
  return succeed({
    ...read.value,
    session: session.value,
    historyFile: openHistoryFile(stored.value.historyFile),
  });
}
