/**
 * A program that serves us over its standard input and output for as long as we live. It and all that it started end with us, also when
 * we are killed: a shell in its group of processes waits on a pipe that only we hold. Knows nothing of what is said to it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";

export interface ServedStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it: nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ServedListener {
  readonly onOutput: (bytes: Buffer) => void;
  /** Once, when it has ended or could not be started: one line. */
  readonly onEnd: (why: string) => void;
}

export interface ServedProcess {
  /** Resolves when it may be given more. */
  write(text: string): Promise<void>;
  /** Its input ends, and so does it within two seconds, with its whole group. */
  end(): void;
}

/** Of what it says on standard error the end is kept, to say why it ended. */
const keptOfErrors = 2000;

/**
 * Waits for our end of the third pipe to close: we have let go of it, or are gone. Who has not ended by then is asked to, and then made to.
 * The group lives while this waits, so that its number cannot be another's.
 */
const lifeline =
  '(trap "" TERM; read -r _ <&3; sleep 1; kill -TERM -$$; sleep 1; kill -KILL -$$) </dev/null >/dev/null 2>&1 & exec "$@" 3<&-';

export type StartServed = (start: ServedStart, listener: ServedListener) => ServedProcess;

export const startServed: StartServed = ({ command, args, cwd, env }, { onOutput, onEnd }) => {
  const isWindows = process.platform === "win32";
  const [file, words] = isWindows ? [command, args] : ["/bin/sh", ["-c", lifeline, "twolane", command, ...args]];
  const child = spawn(file, words, {
    ...{ cwd, env: { ...env }, detached: !isWindows, windowsHide: true },
    stdio: ["pipe", "pipe", "pipe", isWindows ? "ignore" : "pipe"],
  });
  const [, , , held] = child.stdio;
  const letGo = (): void => {
    if (held instanceof Writable) held.destroy();
    else child.kill();
  };
  if (held instanceof Writable) held.on("error", () => {});
  let said = "";
  let ended = false;
  const settle = (why: string): void => {
    letGo();
    if (!ended) onEnd(why);
    ended = true;
  };
  child.stdout?.on("data", onOutput);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => void (said = `${said}${text}`.slice(-keptOfErrors)));
  // A program that does not read its input closes it; that is its right.
  child.stdin?.on("error", () => {});
  child.on("error", (error) => settle(error.message));
  // What it has said last comes before `close`; a grandchild that holds its output may keep that away for long.
  child.on("exit", (status, signal) => void setTimeout(() => settle(endText(status, signal, said)), 50));
  return {
    write: (text) => written(child, text),
    end() {
      child.stdin?.end();
      letGo();
    },
  };
};

function written({ stdin }: ChildProcess, text: string): Promise<void> {
  if (stdin === null || !stdin.writable) return Promise.reject(new Error("it does not listen any more"));
  if (stdin.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const free = (): void => {
      stdin.off("drain", free).off("close", free);
      resolve();
    };
    stdin.on("drain", free).on("close", free);
  });
}

function endText(status: number | null, signal: string | null, said: string): string {
  const how = signal === null ? `it ended with status ${status ?? 0}` : `it was killed by ${signal}`;
  const last = said
    .split("\n")
    .map((line) => line.replace(/^twolane: (?:line )?\d+: (?:exec: )?/, "").trim())
    .filter((line) => line !== "")
    .at(-1);
  return last === undefined ? how : `${how}: ${last.slice(0, 200)}`;
}
