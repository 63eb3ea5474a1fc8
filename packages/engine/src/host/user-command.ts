/** Runs a person's own command line in their shell, telling its output as it comes. What a model may run is not decided here. */
import { spawn } from "node:child_process";
import { errorCode } from "./errors.ts";
import { childEnvironment } from "./process.ts";

export interface UserCommand {
  readonly line: string;
  readonly cwd: string;
  /** Both streams, as text in the order in which it comes. */
  readonly onOutput: (text: string) => void;
  /** Ends it and everything it started. */
  readonly signal: AbortSignal;
}

/** Its exit status; undefined when it was killed or could not be started. Never fails. */
export function runUserCommand({ line, cwd, onOutput, signal }: UserCommand): Promise<number | undefined> {
  const windows = process.platform === "win32";
  const shell = windows ? (process.env["ComSpec"] ?? "cmd.exe") : (process.env["SHELL"] ?? "/bin/sh");
  return new Promise((resolve) => {
    const child = spawn(shell, windows ? ["/d", "/s", "/c", line] : ["-c", line], {
      ...{ cwd, env: childEnvironment(), detached: !windows, windowsHide: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = (): void => killGroup(child.pid);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", onOutput);
    child.on("error", () => resolve(undefined));
    child.on("close", (status) => {
      signal.removeEventListener("abort", end);
      resolve(status ?? undefined);
    });
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
