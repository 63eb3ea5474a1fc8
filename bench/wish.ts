/** What `npm run bench` was asked for. */
import { parseArgs } from "node:util";

export const help = `Our times beside those of a bare Node program, on a simulated model, in one run; each row as soon as it is measured.

  npm run bench                       all but pipe, on a quiet machine
  npm run bench -- SECTION…           only these: headless takes some three minutes, deep four, terminal twelve
  npm run bench -- pipe               WebSocket, kept SSE and one connection a request beside what others claim of them

Sections: headless, wires, commands, tests, diagnostics, ahead, deep, context, terminal, pipe

  --markdown FILE   the table in a file
  --json FILE       all figures in a file
  --save            this run becomes the baseline (bench/baseline.json)
  --help            this text

  BENCH_SAMPLES=5     measures less often than 30 times
  BENCH_ONLY=echo     of the terminal only rows whose group fits: start, echo, wire, keys, memory, history, completion

Status 0: every budget holds. 1: one does not. 2: it was not asked for rightly. How to read a row: docs/bench.md`;

export interface Wish {
  /** Empty: all. */
  readonly sections: readonly string[];
  readonly samples: number;
  readonly markdown: string | undefined;
  readonly json: string | undefined;
  readonly save: boolean;
}

/** The wish, or one line that says what is wrong with it. */
export function readWish(args: readonly string[], known: readonly string[], env: NodeJS.ProcessEnv): Wish | string {
  const options = { markdown: { type: "string" }, json: { type: "string" }, save: { type: "boolean", default: false } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const stranger = positionals.find((name) => !known.includes(name));
  if (stranger !== undefined) return `there is no section ${stranger}; there are ${known.join(", ")}`;
  if (positionals.includes("pipe") && positionals.length > 1) return "the section pipe has a table of its own: ask for it alone";
  if (positionals.includes("pipe") && values.save)
    return "the section pipe has no baseline: it compares three ways with each other";
  const samples = Number(env["BENCH_SAMPLES"] ?? 30);
  if (!Number.isInteger(samples) || samples < 1) return "BENCH_SAMPLES is not a whole number from 1 on";
  return { sections: positionals, samples, markdown: values.markdown, json: values.json, save: values.save };
}
