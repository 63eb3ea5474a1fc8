/** What Linux tells of other processes. Nothing, and no error, where there is no such process or no such system. */
import fs from "node:fs";

/** By the names of proc(5). */
export interface ProcessStat {
  /** One letter; `Z`: it has ended, and nobody has asked how. */
  readonly state: string;
  readonly session: number;
  /** Ticks of the clock since the system began. */
  readonly startTime: string;
}

export function processStat(pid: number): ProcessStat | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === "") return undefined;
  // The name before it may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", , , session = ""] = fields;
  return { state, session: Number(session), startTime: fields[19] ?? "" };
}

/** Those of its first thread, which is the one that starts programs in all that we start. */
export const childrenOf = (pid: number): readonly number[] =>
  textOf(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((child) => child !== "")
    .map(Number);

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
