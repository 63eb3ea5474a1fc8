/** What the command line asks of the study. Pure. */
import { parseArgs } from "node:util";
import { packageChanges } from "./tasks.ts";

export interface Wish {
  readonly seed: number;
  readonly tasks: number;
  readonly json: string | undefined;
  readonly chart: string | undefined;
}

/** A text says in one line what is wrong with it. */
export function readWish(args: readonly string[]): Wish | string {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({ args: [...args], options: { seed: text, tasks: text, json: text, chart: text } });
    const { seed = "1", tasks = String(packageChanges.length), json, chart } = values;
    if (!/^\d{1,9}$/.test(seed)) return `--seed takes a whole number, not ${seed}`;
    if (!/^\d+$/.test(tasks) || Number(tasks) < 1 || Number(tasks) > packageChanges.length)
      return `--tasks takes a number from 1 to ${packageChanges.length}, not ${tasks}`;
    return { seed: Number(seed), tasks: Number(tasks), json, chart };
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
  }
}
