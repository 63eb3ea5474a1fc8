/** Whether the machine has something else to do: then what is measured on it is worth nothing. */
import { cpus, loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** Load for each processor, and the share of processor time that others take. */
const mostLoad = 0.5;
const mostUsed = 0.15;

export interface Business {
  /** Of the last minute, for each processor. */
  readonly load: number;
  /** From 0 to 1. */
  readonly used: number;
}

/** In a line; undefined: it is quiet. */
export function busyReason({ load, used }: Business): string | undefined {
  const percent = Math.round(used * 100);
  if (used > mostUsed) return `other programs take ${percent} % of the processor time`;
  if (load > mostLoad) return `the load of the last minute is ${load.toFixed(2)} for each processor`;
  return undefined;
}

/** Looks for a second and a half. */
export async function lookForBusiness(): Promise<Business> {
  const before = total();
  await pause(1500);
  const after = total();
  const used = (after.busy - before.busy) / Math.max(1, after.all - before.all);
  return { load: (loadavg()[0] ?? 0) / cpus().length, used };
}

function total(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all };
}
