/** What the command line asks of the study. Pure. */
import { parseArgs } from "node:util";
import { packageChanges } from "./tasks.ts";

export const help = `Four ways of working, from the prompt to the accepted commit, at four model speeds. The person, the model and the clock are simulated; edits,
stops, steers, tests, the deep lane's job and the commits are real and go through the product.

  npm run study:loop                                   the table, as Markdown: some 13 minutes
  npm run study:loop -- --tasks 3                      the first three changes only

  --seed N            other wrong courses (1)
  --tasks N           so many of the ${packageChanges.length} changes
  --json FILE         the same as data
  --chart FILE.svg    the same as a picture
  --help              this text

It asks npm's registry once for the packages. Status 0: the table is printed. 1: something stood in the way. 2: it was not asked for rightly.
What is assumed, and what can be concluded: docs/loop-study.md`;

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
