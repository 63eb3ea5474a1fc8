/**
 * `npm run bench [-- SECTION… --markdown FILE --json FILE --save]`: prints the rows of the budgets, each beside the floor, a bare Node program
 * on the same simulated model, in one run, each as soon as it is measured, and how each stands beside the baseline (docs/bench.md). `--save`
 * makes this run the baseline. Status 0: every budget holds. 1: one does not. 2: it was not asked for rightly.
 * BENCH_SAMPLES says how often (30); BENCH_ONLY takes an expression, and only the groups of rows whose names match are measured (start,
 * echo, wire, keys, memory, history, completion; terminal only). BENCH_PEERS names a folder in which other harnesses are installed; the
 * section `wires` then measures them as well (peers/peers.ts). The section `pipe` is measured only when it is named.
 */
import { writeFileSync } from "node:fs";
import { readBaselines, saveBaseline, verdictOf } from "./baseline.ts";
import { type Row, figuresOf } from "./figures.ts";
import { busyText, lookAgain, lookAtMachine } from "./machine.ts";
import { type Judged, headLine, markdownOf, rowLine } from "./table.ts";
import { type Wish, readWish } from "./wish.ts";

const sections: Readonly<Record<string, (repository: string, samples: number) => AsyncIterable<Row>>> = {
  headless: async function* (...options) {
    yield* (await import("./headless.ts")).headlessRows(...options);
  },
  wires: async function* (...options) {
    yield* (await import("./wires.ts")).wiresRows(...options);
  },
  commands: async function* (...options) {
    yield* (await import("./commands.ts")).commandRows(...options);
  },
  tests: async function* (...options) {
    yield* (await import("./rows/impacted.ts")).impactedRows(...options);
  },
  diagnostics: async function* (...options) {
    yield* (await import("./rows/diagnostics.ts")).diagnosticsRows(...options);
  },
  ahead: async function* (repository) {
    yield* (await import("./rows/ahead.ts")).aheadRows(repository);
  },
  deep: async function* (...options) {
    yield* (await import("./rows/deep.ts")).deepRows(...options);
    yield* (await import("./rows/take.ts")).takeRows(...options);
  },
  context: async function* (repository) {
    yield* (await import("./rows/context.ts")).contextRows(repository);
  },
  terminal: async function* (...options) {
    yield* (await import("./terminal.ts")).terminalRows(...options);
  },
};

const repository = new URL("..", import.meta.url).pathname;

async function bench(wish: Wish): Promise<void> {
  const baselines = readBaselines();
  const before = await lookAtMachine();
  const title = `twolane bench · ${before.class} (${before.node}) · ${before.day} · ${wish.samples} samples · simulated model, scripted`;
  const busy = busyText(before);
  console.log(busy === undefined ? title : `${title}\n${busy}`);
  console.log(headLine());
  const rows: Judged[] = [];
  for (const [name, measure] of Object.entries(sections)) {
    if (wish.sections.length > 0 && !wish.sections.includes(name)) continue;
    for await (const row of measure(repository, wish.samples)) {
      const figures = figuresOf(row);
      const judged = { ...figures, verdict: verdictOf(figures, baselines, before.class) };
      rows.push(judged);
      console.log(rowLine(judged));
      if (judged.budget?.holds === false) process.exitCode = 1;
    }
  }
  const machine = await lookAgain(before);
  const said = busyText(machine);
  if (said !== undefined && busy === undefined) console.log(`\n${said}`);
  if (wish.json !== undefined)
    writeFileSync(wish.json, `${JSON.stringify({ machine, samples: wish.samples, rows }, undefined, 2)}\n`);
  if (wish.markdown !== undefined)
    writeFileSync(wish.markdown, `${[title, ...(said === undefined ? [] : [said]), markdownOf(rows)].join("\n\n")}\n`);
  if (wish.save) saveBaseline(baselines, machine, rows);
}

const wish = readWish(process.argv.slice(2), Object.keys(sections), process.env);
if (typeof wish === "string") {
  console.error(`bench: ${wish}`);
  process.exitCode = 2;
} else await bench(wish);
