/**
 * `npm run bench [-- SECTION… --markdown FILE --json FILE --save]`: prints the rows of the budgets, each beside the floor, a bare Node program
 * on the same simulated model, in one run, each as soon as it is measured, and how each stands beside the baseline (docs/bench.md). `--save`
 * makes this run the baseline. Status 0: every budget holds. 1: one does not. 2: it was not asked for rightly.
 * BENCH_SAMPLES says how often (30); BENCH_ONLY takes an expression, and only the groups of rows whose names match are measured (start,
 * echo, wire, keys, memory, history, completion; terminal only). The section `pipe` is measured only when it is named.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { answerHelp } from "./answer-help.ts";
import { readBaselines, saveBaseline, verdictOf } from "./baseline.ts";
import { type Row, figuresOf } from "./figures.ts";
import { type Machine, busyText, lookAgain, lookAtMachine } from "./machine.ts";
import type { Comparison } from "./pipe/claims.ts";
import { type Judged, headLine, markdownOf, rowLine } from "./table.ts";
import { type Wish, help, readWish } from "./wish.ts";

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

const titleOf = ({ class: name, node, day }: Machine, samples: number): string =>
  `twolane bench · ${name} (${node}) · ${day} · ${samples} samples · simulated model, scripted`;

async function bench(wish: Wish): Promise<void> {
  const baselines = readBaselines();
  const before = await lookAtMachine();
  const title = titleOf(before, wish.samples);
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

/** A table of its own: three ways over one line each, beside what others claim. */
async function pipe({ samples, markdown, json }: Wish): Promise<void> {
  const [{ pipeRows }, { cellsOf, sentencesOf, tableOf }] = await Promise.all([import("./pipe.ts"), import("./pipe/claims.ts")]);
  const before = await lookAtMachine();
  const rows: Comparison[] = [];
  for await (const row of pipeRows(repository, samples)) {
    rows.push(row);
    console.log(cellsOf(row).join("  "));
  }
  const machine = await lookAgain(before);
  const title = `${titleOf(machine, samples)}. Times in milliseconds with intervals of 95 %; made by \`npm run bench -- pipe --markdown FILE\`.`;
  const said = [title, busyText(machine) ?? "The machine was quiet.", ...sentencesOf(rows).map((sentence) => `- ${sentence}`)];
  console.log(`\n${said.join("\n")}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, samples, rows }, undefined, 2)}\n`);
  if (markdown !== undefined)
    writeFileSync(
      markdown,
      `# The pipe, measured\n\n${said.slice(0, 2).join("\n\n")}\n\n${tableOf(rows)}\n\n${said.slice(2).join("\n")}\n`,
    );
}

/** Files that are written at the end of a long run are tried before it. The line that says what is wrong, if anything is. */
function unwritable({ markdown, json }: Wish): string | undefined {
  for (const file of [markdown, json]) {
    if (file === undefined) continue;
    try {
      appendFileSync(file, "");
    } catch (error) {
      return `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}

const args = process.argv.slice(2);
answerHelp(args, help);
const wish = readWish(args, [...Object.keys(sections), "pipe"], process.env);
const fault = typeof wish === "string" ? wish : unwritable(wish);
if (fault !== undefined) {
  console.error(`bench: ${fault} (--help says what there is)`);
  process.exitCode = 2;
} else if (typeof wish !== "string") await (wish.sections.includes("pipe") ? pipe(wish) : bench(wish));
