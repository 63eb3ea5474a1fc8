/**
 * Runs a person's own command lines in their shell, telling the output as it comes. They have no keyboard and no terminal: a program that
 * needs one refuses instead of waiting for keys that never come. What a model may run is not decided here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { CommandEnd, CommandRun } from "@twolane/protocol";
import { errorCode } from "./errors.ts";
import { childEnvironment } from "./process.ts";

export interface UserCommands {
  /** Never fails. */
  run(line: string, options: CommandRun): Promise<CommandEnd>;
  /** Ends what still runs. */
  close(): Promise<void>;
}

/** Who is asked to end has this long until it is told to, and then until it is killed; ms. */
const interruptMs = 500;
const terminateMs = 1000;

export function createUserCommands(cwd: string): UserCommands {
  const closing = new AbortController();
  const running = new Set<Promise<CommandEnd>>();
  return {
    async run(line, { onOutput, signal }) {
      const end = runInShell(line, { cwd, onOutput, signal: AbortSignal.any([signal, closing.signal]) });
      running.add(end);
      return end.finally(() => running.delete(end));
    },
    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

function runInShell(line: string, { cwd, onOutput, signal }: CommandRun & { readonly cwd: string }): Promise<CommandEnd> {
  const windows = process.platform === "win32";
  const shell = windows ? (process.env["ComSpec"] ?? "cmd.exe") : process.env["SHELL"] || "/bin/sh";
  return new Promise((resolve) => {
    const child = spawn(shell, windows ? ["/d", "/s", "/c", line] : ["-c", line], {
      ...{ cwd, env: childEnvironment({ TERM: "dumb" }), detached: !windows, windowsHide: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        onOutput(text);
        // One piece at a time: keys are heard between two of them, however much it writes.
        stream.pause();
        setImmediate(() => stream.resume());
      });
    }
    const forget = endWithUs(child);
    const stopping = stopOn(signal, child);
    const settle = (end: CommandEnd): void => {
      forget();
      stopping.over();
      resolve(end);
    };
    child.on("error", (error) => settle({ fault: error.message }));
    child.on("close", (status, killedBy) =>
      settle({ ...(status !== null && { status }), ...(killedBy !== null && { signal: killedBy }) }),
    );
  });
}

/** A group of its own gets no signal of the terminal's, so it would live on. */
function endWithUs(child: ChildProcess): () => void {
  const kill = (): void => signalGroup(child, "SIGKILL");
  process.on("exit", kill);
  return () => void process.off("exit", kill);
}

/** Asks the command and all it started to end, and then less politely. */
function stopOn(signal: AbortSignal, child: ChildProcess): { readonly over: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    signalGroup(child, "SIGKILL");
    // Who left the group may still hold the other ends.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const terminate = (): void => {
    signalGroup(child, "SIGTERM");
    timer = setTimeout(kill, terminateMs);
  };
  const interrupt = (): void => {
    signalGroup(child, "SIGINT");
    timer = setTimeout(terminate, interruptMs);
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  return {
    over() {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
