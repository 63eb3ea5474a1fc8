/** Runs a command of the person's own: beside the screen with its output told as it comes, or with the terminal. One at a time. */
import { spawn } from "node:child_process";
import type { CommandEnd, Session } from "@twolane/protocol";

export interface OwnCommandRunner {
  /** With the terminal when `lent`; until then nothing of ours is drawn or heard. */
  run(line: string, lent: boolean): Promise<CommandEnd>;
  stop(): void;
}

export interface OwnCommandDeps {
  readonly session: Session;
  /** Absent where there is no terminal. */
  readonly lend: (<T>(run: () => Promise<T>) => Promise<T>) | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (text: string) => void;
}

export function createOwnCommands({ session, lend, env, onOutput }: OwnCommandDeps): OwnCommandRunner {
  let controller = new AbortController();
  return {
    async run(line, lent) {
      controller = new AbortController();
      if (!lent) return session.runCommand(line, { onOutput, signal: controller.signal });
      if (lend === undefined) return { fault: "it needs the whole terminal; run it in another one" };
      return lend(() => runWithTerminal(line, session.workspace, env));
    },
    stop: () => controller.abort(),
  };
}

/** In our process group, so that the terminal's Ctrl-C and Ctrl-Z are the program's. */
function runWithTerminal(line: string, cwd: string, env: OwnCommandDeps["env"]): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const child = spawn(env["SHELL"] || "/bin/sh", ["-c", withOurselves(line)], { stdio: "inherit", cwd, env });
    child.on("error", (error) => resolve({ fault: error.message }));
    child.on("close", (status, signal) => resolve({ ...(status !== null && { status }), ...(signal !== null && { signal }) }));
  });
}

/** `twolane` is this very one, which may have been started by a path or by npx. */
function withOurselves(line: string): string {
  const self = [process.execPath, process.argv[1] ?? ""].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return line.replace(/^twolane(?=\s|$)/, () => self);
}
