/** Starts a program that outlives us: its own session, no terminal, its output in a file. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { childEnvironment } from "./process.ts";
import { lowerPriority } from "./yielding.ts";

export interface DetachedOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Appended to; readable by its owner only. */
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Throws system errors of the log; a program that cannot be started is seen by whoever waits for what it does. */
export function startDetached({ argv: [command = "", ...args], cwd, logFile, env }: DetachedOptions): void {
  const log = fs.openSync(logFile, "a", 0o600);
  try {
    const child = spawn(command, args, {
      cwd,
      env: { ...childEnvironment(), ...env },
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
    child.on("error", () => {});
    // Who works at the terminal goes first. Its session keeps its weight, as people wait for what it says; what it runs yields for itself.
    if (child.pid !== undefined) lowerPriority(child.pid);
    child.unref();
  } finally {
    fs.closeSync(log);
  }
}
