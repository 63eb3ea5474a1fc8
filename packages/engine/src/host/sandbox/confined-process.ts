/**
 * Runs one program to its end, with or without a sandbox around it: output in pieces as it comes, no keyboard, a time limit, and nothing
 * left running behind it. What it may do is decided by who wraps it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { Writable } from "node:stream";
import { errorCode } from "../errors.ts";
import { childrenOf, processStat } from "../process-table.ts";
import { yieldToOthers } from "../yielding.ts";
import type { Wrapped } from "./confinement.ts";

export interface ConfinedRun {
  readonly wrapped: Wrapped;
  readonly cwd: string;
  /** All of it: nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Is its standard input; without it there is none. */
  readonly input?: string;
  /** Both streams, in the order in which it comes. */
  readonly onOutput: (text: string) => void;
  /** Standard error, where it is wanted apart. */
  readonly onError?: (text: string) => void;
  /** It lets everybody else go first. */
  readonly yields?: boolean;
}

export interface ConfinedEnd {
  readonly status?: number;
  /** Name of the signal that killed it. */
  readonly signal?: string;
  /** Why we ended it. */
  readonly ended?: "timeout" | "stopped" | "flood";
  /** Why it could not be started. */
  readonly fault?: string;
}

/** A program that says more than this is ended. */
const floodBytes = 64 * 1024 * 1024;

export function runConfined(run: ConfinedRun): Promise<ConfinedEnd> {
  const { wrapped, cwd, env, timeoutMs, signal: stopping } = run;
  return new Promise((resolve) => {
    const child = spawn(wrapped.command, wrapped.args, {
      ...{ cwd, env: { ...env }, detached: process.platform !== "win32", windowsHide: true },
      stdio: [run.input === undefined ? "ignore" : "pipe", "pipe", "pipe", wrapped.extra === undefined ? "ignore" : "pipe"],
    });
    const [, , , extra] = child.stdio;
    if (wrapped.extra !== undefined && extra instanceof Writable) handOver(extra, wrapped.extra);
    if (run.input !== undefined && child.stdin !== null) handOver(child.stdin, run.input);
    const isSandbox = wrapped.extra !== undefined;
    let ended: ConfinedEnd["ended"];
    const end = (why: NonNullable<ConfinedEnd["ended"]>): void => {
      ended ??= why;
      kill(child, isSandbox);
    };
    const timer = setTimeout(() => end("timeout"), timeoutMs);
    const stop = (): void => end("stopped");
    const leave = (): void => kill(child, isSandbox);
    process.on("exit", leave);
    if (stopping.aborted) stop();
    stopping.addEventListener("abort", stop, { once: true });
    listen(child, run, () => end("flood"));
    if (run.yields === true) yieldToOthers(child);
    const settle = (outcome: ConfinedEnd): void => {
      clearTimeout(timer);
      process.off("exit", leave);
      stopping.removeEventListener("abort", stop);
      for (const folder of wrapped.made) removeEmpty(folder);
      resolve({ ...outcome, ...(ended !== undefined && { ended }) });
    };
    child.on("error", (error) => settle({ fault: error.message }));
    child.on("close", (status, killedBy) =>
      settle({ ...(status !== null && { status }), ...(killedBy !== null && { signal: killedBy }) }),
    );
  });
}

function handOver(pipe: Writable, text: string): void {
  // A program that could not be started does not read it.
  pipe.on("error", () => {});
  pipe.end(text);
}

function listen(
  child: ChildProcess,
  { onOutput, onError = onOutput }: Pick<ConfinedRun, "onOutput" | "onError">,
  flood: () => void,
): void {
  let size = 0;
  for (const [stream, tell] of [[child.stdout, onOutput] as const, [child.stderr, onError] as const]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      size += text.length;
      if (size > floodBytes) return flood();
      tell(text);
      // One piece at a time: keys are heard between two of them, however much it writes.
      stream.pause();
      setImmediate(() => stream.resume());
    });
  }
}

/** The sandbox and everything in it die together; without one it is the group of processes, and the pipes of who left it are let go. */
function kill({ pid, stdout, stderr }: ChildProcess, isSandbox: boolean): void {
  if (pid === undefined) return;
  if (isSandbox) killInner(pid);
  signal(process.platform === "win32" ? pid : -pid, "SIGKILL");
  setTimeout(() => {
    stdout?.destroy();
    stderr?.destroy();
  }, 200).unref();
}

/**
 * The first process of the sandbox, with which all others in it end. It only dies by itself with its parent once it has come to say so: who
 * is killed in its first milliseconds would leave it behind. The parent is held meanwhile, so that none comes after the look.
 */
function killInner(pid: number): void {
  const stopped = performance.now();
  signal(pid, "SIGSTOP");
  while (isMoving(pid) && performance.now() - stopped < stopBudgetMs);
  for (const inner of childrenOf(pid)) signal(inner, "SIGKILL");
}

const stopBudgetMs = 20;

/** Of one that is gone there is nothing to wait for. */
function isMoving(pid: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.state !== "T" && stat.state !== "Z";
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

function removeEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Somebody has put something into it, and it is theirs.
  }
}
