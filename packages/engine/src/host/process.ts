/** Starting other programs: own process group, bounded output, bounded time, and nothing left running behind us. */
import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { errorCode } from "./errors.ts";
import { processStat } from "./process-table.ts";
import { yieldToOthers } from "./yielding.ts";

export interface RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to our own environment; `undefined` takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** How output is read; `latin1` is one character a byte. UTF-8 when left out. */
  readonly encoding?: "utf8" | "latin1";
  readonly timeoutMs: number;
  /** Is given standard output piece by piece, as it comes, and then it is not kept: a long one would be put together at one go. */
  readonly onOutput?: (piece: string) => void;
  /** Per stream; what comes after it is thrown away and `cut` says so. */
  readonly outputLimit: number;
  readonly signal?: AbortSignal;
  /** It does not outlive us. */
  readonly endsWithUs?: boolean;
  /** It lets everybody else go first. */
  readonly yields?: boolean;
}

export type RunOutcome =
  | { readonly kind: "exited"; readonly status: number; readonly stdout: string; readonly stderr: string; readonly cut: boolean }
  | {
      readonly kind: "killed";
      readonly why: "timeout" | "stopped" | "signal";
      readonly stdout: string;
      readonly stderr: string;
      readonly cut: boolean;
    }
  /** The program is not there or may not be started. */
  | { readonly kind: "missing"; readonly code: string };

export interface Processes {
  run(options: RunOptions): Promise<RunOutcome>;
}

export const systemProcesses: Processes = { run: runProcess };

/** Our environment for a child. The extra certificates cost every Node child some 39 ms and are ours alone. */
export function childEnvironment(added: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return { ...env, ...added };
}

function runProcess(options: RunOptions): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: childEnvironment(options.env),
      detached: process.platform !== "win32",
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    if (options.yields === true) yieldToOthers(child);
    const forget = options.endsWithUs === true ? endWithUs(child) : () => {};
    let why: "timeout" | "stopped" | undefined;
    const end = (reason: "timeout" | "stopped"): void => {
      why ??= reason;
      killGroup(child);
    };
    const timer = setTimeout(() => end("timeout"), options.timeoutMs);
    const onAbort = (): void => end("stopped");
    const stdout = collect(child.stdout, options);
    const { onOutput: _, ...kept } = options;
    const stderr = collect(child.stderr, kept);
    const settle = (outcome: RunOutcome): void => {
      clearTimeout(timer);
      forget();
      options.signal?.removeEventListener("abort", onAbort);
      resolve(outcome);
    };
    child.on("error", (error) => settle({ kind: "missing", code: errorCode(error) ?? "UNKNOWN" }));
    child.on("close", (status, signal) => {
      const output = { stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut() || stderr.cut() };
      if (why !== undefined || signal !== null) settle({ kind: "killed", why: why ?? "signal", ...output });
      else settle({ kind: "exited", status: status ?? 0, ...output });
    });
    // A program that does not read its input closes it; that is its right.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    if (options.signal?.aborted) end("stopped");
    options.signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A group of its own gets no signal of the terminal's, so it would live on. */
function endWithUs(child: ChildProcess): () => void {
  const kill = (): void => killGroup(child);
  process.on("exit", kill);
  return () => void process.off("exit", kill);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

function collect(
  stream: NodeJS.ReadableStream,
  { outputLimit: limit, encoding = "utf8", onOutput }: Pick<RunOptions, "outputLimit" | "encoding" | "onOutput">,
): { text(): string; cut(): boolean } {
  const chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  const decoder = new StringDecoder(encoding);
  stream.on("data", (chunk: Buffer) => {
    const room = limit - size;
    if (chunk.length > room) cut = true;
    if (room > 0 && onOutput === undefined) chunks.push(chunk.subarray(0, room));
    if (room > 0 && onOutput !== undefined) {
      onOutput(decoder.write(chunk.subarray(0, room)));
      // One piece at a time: as many as there are would be read before anything else is heard.
      stream.pause();
      setImmediate(() => stream.resume());
    }
    size += Math.min(chunk.length, Math.max(room, 0));
  });
  return { text: () => Buffer.concat(chunks).toString(encoding), cut: () => cut };
}

/**
 * A process by more than its number, which the system gives to another one later. `undefined` when it does not run.
 * Where the start time cannot be read, the number alone must do.
 */
export function processIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return undefined;
  }
  const stat = processStat(pid);
  if (stat === undefined) return `${pid}`;
  // Killed, and nobody has asked how it ended.
  return stat.state === "Z" ? undefined : `${pid}@${stat.startTime}`;
}

/** Whether the process that once had this identity still runs. */
export function isRunning(identity: string): boolean {
  const pid = Number.parseInt(identity, 10);
  return Number.isInteger(pid) && pid > 0 && processIdentity(pid) === identity;
}
