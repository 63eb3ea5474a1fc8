/**
 * `npm run bench [-- headless|wires|commands|tests|diagnostics|ahead|context|deep|terminal]`: prints the rows of the budgets, each beside the floor, a bare Node program on the same
 * simulated model, in one run, each as soon as it is measured. BENCH_SAMPLES says how often (15); BENCH_ONLY takes an expression, and only the groups of rows whose
 * names match are measured (start, echo, wire, keys, memory, history, completion; terminal only). BENCH_PEERS names a folder in which other harnesses are
 * installed; the section `wires` then measures them as well (peers/peers.ts).
 */
import { cpus } from "node:os";
import { type Row, holds, printHead, printRow } from "./figures.ts";

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

const samples = Number(process.env["BENCH_SAMPLES"] ?? 15);
const repository = new URL("..", import.meta.url).pathname;
const wanted = process.argv.slice(2);
const stranger = wanted.find((name) => sections[name] === undefined);
if (stranger !== undefined) {
  console.error(`bench: there is no section ${stranger}; there are ${Object.keys(sections).join(", ")}`);
  process.exit(2);
}

console.log(
  `twolane bench · Node ${process.version} · ${cpus().length} × ${cpus()[0]?.model ?? "?"} · ${samples} samples · simulated model, scripted`,
);
printHead();
for (const [name, measure] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for await (const row of measure(repository, samples)) {
    printRow(row);
    if (!holds(row)) process.exitCode = 1;
  }
}
