/**
 * The processes of one measured program, however they were started: children of children, and those that went off on their own. A
 * program carries a mark in its environment, which its children inherit. Linux only.
 */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** The variable that holds the mark of a run. */
export const markVariable = "BENCH_PEERS_RUN";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly isMarked: boolean;
}

/** The marked ones and all that descend from them. */
export function treeOf(processes: readonly ProcessEntry[]): number[] {
  const inside = new Set(processes.filter(({ isMarked }) => isMarked).map(({ pid }) => pid));
  let size = -1;
  while (size !== inside.size) {
    size = inside.size;
    for (const { pid, parent } of processes) if (inside.has(parent)) inside.add(pid);
  }
  return [...inside].toSorted((one, other) => one - other);
}

/** The parent in a line of `/proc/PID/stat`; a program's name may hold spaces and brackets. */
export function parentIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function processes(mark: string): ProcessEntry[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = textOf(`/proc/${name}/stat`);
    if (stat === "") return [];
    const environment = textOf(`/proc/${name}/environ`).split("\0");
    return [{ pid: Number(name), parent: parentIn(stat), isMarked: environment.includes(`${markVariable}=${mark}`) }];
  });
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It has ended meanwhile, or is another user's.
    return "";
  }
};

export const runningTree = (mark: string): number[] => treeOf(processes(mark));

/** What `/proc/PID/status` says of a process's resident memory, in kB. */
export interface Resident {
  readonly program: string;
  /** Its own. */
  readonly ownKb: number;
  /** Of files: mostly the program itself, which several processes share. */
  readonly fileKb: number;
}

/** In MB. A program's file counts once, however many processes of the tree run it. */
export function sumMb(processes: readonly Resident[]): number {
  const files = new Map<string, number>();
  for (const { program, fileKb } of processes) files.set(program, Math.max(fileKb, files.get(program) ?? 0));
  const kb = [...processes.map(({ ownKb }) => ownKb), ...files.values()];
  return kb.reduce((sum, one) => sum + one, 0) / 1000;
}

export function residentIn(status: string, program: string): Resident {
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return { program, ownKb: kb("RssAnon") + kb("RssShmem"), fileKb: kb("RssFile") };
}

/** Resident memory of them all. */
export const memoryMb = (pids: readonly number[]): number =>
  sumMb(pids.map((pid) => residentIn(textOf(`/proc/${pid}/status`), programOf(pid))));

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return String(pid);
  }
}

/** Looks every 40 ms. `stop` gives the largest sum that was seen, in MB. */
export function watchMemory(mark: string): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => void (peak = Math.max(peak, memoryMb(runningTree(mark)))), 40);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

/** Kills what is left of a run; resolves when nothing is, or after two seconds. */
export async function endTree(mark: string): Promise<void> {
  for (let round = 0; round < 40; round++) {
    const pids = runningTree(mark);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await pause(50);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
