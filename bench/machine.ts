/** The machine that measures: its class, and how much of it others take. */
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

export interface Machine {
  /** Medians of one class can be compared, e.g. `2 × Some Processor, Node 20`. */
  readonly class: string;
  readonly node: string;
  /** `2026-11-27`. */
  readonly day: string;
  /** Share of all processors, from 0 to 1, that was taken while the bench itself did nothing; the greater of before and behind the run. */
  readonly takenByOthers: number;
}

/** Above it, times are those of a machine that does something else. */
const busyFrom = 0.1;
const lookMs = 1000;

export async function lookAtMachine(): Promise<Machine> {
  const [major = ""] = process.versions.node.split(".");
  return {
    class: `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${major}`,
    node: process.version,
    day: new Date().toISOString().slice(0, 10),
    takenByOthers: await takenNow(),
  };
}

export async function lookAgain(machine: Machine): Promise<Machine> {
  return { ...machine, takenByOthers: Math.max(machine.takenByOthers, await takenNow()) };
}

/** One sentence, where there is something to say. */
export const busyText = ({ takenByOthers }: Machine): string | undefined =>
  takenByOthers < busyFrom
    ? undefined
    : `The machine is busy: others take ${Math.round(takenByOthers * 100)} % of its processors. Measure again on a quiet one; times of this run, and differences to a baseline, say little.`;

async function takenNow(): Promise<number> {
  const before = sums();
  await pause(lookMs);
  const after = sums();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

function sums(): { readonly idle: number; readonly all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}
