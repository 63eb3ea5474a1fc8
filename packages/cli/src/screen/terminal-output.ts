/** Writing to a terminal in the two ways that are needed: never waiting, while the program runs; at once, when it ends. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { WriteStream } from "node:tty";

/** How long a terminal that takes nothing may hold up the end. */
const patienceMs = 500;
const pauseMs = 5;

/**
 * Node writes to terminals so that the whole process waits when one takes nothing (Ctrl-S, a stalled network): no key would be heard.
 * Off while the screen is ours; on again for what comes after, so that nothing is lost at exit.
 */
export function setBlocking(output: WriteStream, blocking: boolean): void {
  // Not part of Node's documented interface; without it, writes wait.
  callMethod(Reflect.get(output, "_handle"), "setBlocking", [blocking]);
}

/** Asks the system for the size now; Node does so only after the signal, which a frame may overtake. Not documented either. */
export function refreshSize(output: WriteStream): void {
  callMethod(output, "_refreshSize", []);
}

/** Past all queues. What a terminal does not take in half a second is lost; so is what a closed one does not. */
export function writeAtOnce(output: WriteStream & { readonly fd?: number }, text: string): void {
  const fd = output.fd ?? 1;
  let own: number | undefined;
  try {
    // A description of its own, so that not waiting is ours alone.
    own = openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    own = undefined;
  }
  try {
    writeAll(own ?? fd, Buffer.from(text));
  } catch {
    // The terminal is gone.
  } finally {
    if (own !== undefined) closeSync(own);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  const until = performance.now() + patienceMs;
  let rest = bytes;
  while (rest.length > 0 && performance.now() < until) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

function callMethod(target: unknown, name: string, parameters: readonly unknown[]): void {
  if (typeof target !== "object" || target === null) return;
  const method: unknown = Reflect.get(target, name);
  if (typeof method === "function") Reflect.apply(method, target, parameters);
}
