/**
 * Work in the background gives way to whoever types. A priority is not enough for that on Linux: where sessions are weighed against each
 * other (autogroups, the usual state), it counts only among the processes of one session, and all that we start has a session of its own.
 */
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { errorCode } from "./errors.ts";
import { childrenOf, processStat } from "./process-table.ts";

/** A tenth of the share that others get. */
const leastUrgent = 10;
/** A sandbox begins a session within its first milliseconds; and the system takes such a wish from a user only ten times a second. */
const lookAfterMs = 40;
const looks = 5;

/** Of one that leads its session (`detached`); what it starts inherits it. */
export function yieldToOthers(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  lowerPriority(pid);
  if (process.platform !== "linux") return;
  const lowered = new Set<number>();
  const look = (left: number): void => {
    for (const leader of [pid, ...leadersBelow(pid)]) if (!lowered.has(leader) && isLowered(leader)) lowered.add(leader);
    if (left === 0) return;
    setTimeout(() => {
      // Its number may be another's by then.
      if (child.exitCode === null && child.signalCode === null) look(left - 1);
    }, lookAfterMs).unref();
  };
  look(looks);
}

/** Within its session, where sessions are weighed. */
export function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, leastUrgent);
  } catch (error) {
    // It has ended already, or the system has no such thing.
    if (errorCode(error) === undefined) throw error;
  }
}

/** False: not yet. */
function isLowered(leader: number): boolean {
  try {
    fs.writeFileSync(`/proc/${leader}/autogroup`, String(leastUrgent));
    return true;
  } catch (error) {
    return errorCode(error) !== "EAGAIN";
  }
}

/** Processes that began a session of their own, as a sandbox does. */
function leadersBelow(pid: number, depth = 3): readonly number[] {
  return childrenOf(pid).flatMap((child) => [
    ...(processStat(child)?.session === child ? [child] : []),
    ...(depth > 1 ? leadersBelow(child, depth - 1) : []),
  ]);
}
