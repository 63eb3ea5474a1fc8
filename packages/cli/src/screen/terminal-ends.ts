/**
 * Every way in which the process can end, stop or go on, told to whoever holds the terminal. Only `kill -9` and a crash of Node itself
 * come without a word. Decides nothing about the terminal.
 */

export interface Ways {
  /** The process ends now, or an error that nobody caught is about to be printed: give the terminal back at once. */
  readonly haste: () => void;
  /** Somebody wants the process to end. When it has not after two seconds, the signal does what it does without us. */
  readonly end: (signal: NodeJS.Signals) => void;
  /** SIGINT. In raw mode Ctrl-C is a byte, so it comes from elsewhere. */
  readonly interrupt: () => void;
  /** SIGTSTP: somebody wants the process in the background. */
  readonly suspend: () => void;
  /** SIGCONT, or nothing had stopped us. `told`: after our own stop. */
  readonly wake: (told: boolean) => void;
}

const endSignals = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;
const graceMs = 2000;

export interface Watch {
  /** Into the background, without asking `suspend`; `wake` follows in any case. */
  stop(): void;
  close(): void;
}

export function watchWaysOut(ways: Ways): Watch {
  const onSignal = (signal: NodeJS.Signals): void => {
    ways.end(signal);
    setTimeout(() => {
      for (const each of endSignals) process.removeAllListeners(each);
      process.kill(process.pid, signal);
    }, graceMs).unref();
  };
  let stopping: NodeJS.Timeout | undefined;
  const awake = (): void => {
    clearTimeout(stopping);
    if (stopping !== undefined) process.on("SIGTSTP", ways.suspend);
    const told = stopping !== undefined;
    stopping = undefined;
    ways.wake(told);
  };
  process.on("exit", ways.haste);
  process.on("uncaughtExceptionMonitor", ways.haste);
  process.on("SIGINT", ways.interrupt);
  process.on("SIGTSTP", ways.suspend);
  process.on("SIGCONT", awake);
  for (const signal of endSignals) process.on(signal, onSignal);
  return {
    stop() {
      if (stopping !== undefined) return;
      process.off("SIGTSTP", ways.suspend);
      // The whole group, as the terminal itself does it: a launcher above us (npx) has to stop as well for the shell to come back.
      process.kill(0, "SIGTSTP");
      // A stopped process sleeps through the first timer, and hears of SIGCONT before the second. Where there is no shell that could
      // continue us, the system does not stop us at all.
      stopping = setTimeout(() => (stopping = setTimeout(awake, 20)), 50);
    },
    close() {
      clearTimeout(stopping);
      process.off("exit", ways.haste);
      process.off("uncaughtExceptionMonitor", ways.haste);
      process.off("SIGINT", ways.interrupt);
      process.off("SIGTSTP", ways.suspend);
      process.off("SIGCONT", awake);
      for (const signal of endSignals) process.off(signal, onSignal);
    },
  };
}
