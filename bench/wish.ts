/** What `npm run bench` was asked for. */
import { parseArgs } from "node:util";

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
