/**
 * `npm run study:loop [-- --seed N --tasks N --json FILE --chart FILE]`: four ways of working to the accepted commit, at four model speeds
 * (docs/loop-study.md). Status 0: the table is printed. 1: something stood in the way. 2: it was not asked for rightly.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { chartOf } from "./chart.ts";
import { finerSufficing, rowsOf, variationsOf, longerOf } from "./figures.ts";
import { fetchPackages } from "./packages.ts";
import { stated } from "./person.ts";
import { type Task, prepareTask } from "./prepare.ts";
import { removeFolder } from "./product.ts";
import { measuredText, reportOf } from "./report.ts";
import { casesOf, runStudy } from "./study.ts";
import { packageChanges } from "./tasks.ts";
import { type Wish, help, readWish } from "./wish.ts";

const repository = path.join(import.meta.dirname, "..");

const cacheFolder = (): string => path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "twolane-study");

async function study({ seed, tasks: count, json, chart }: Wish): Promise<void> {
  const say = (line: string): void =>
    void process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${line}${process.stderr.isTTY ? "" : "\n"}`);
  const room = mkdtempSync(path.join(tmpdir(), "twolane-study-"));
  try {
    const changes = packageChanges.slice(0, count);
    const folders = fetchPackages(changes, cacheFolder());
    const tasks = changes.map(({ name, within }, index): Task => {
      say(`preparing ${name}`);
      const [before, after] = folders[index] ?? ["", ""];
      return prepareTask({ name, within, before, after }, room);
    });
    const worker = [process.execPath, path.join(repository, "packages/cli/bin/twolane.cjs"), "deep-worker"];
    const onProgress = (done: number, of: number): void => {
      if (process.stderr.isTTY || done % 20 === 0 || done === of) say(`${done} of ${of} runs`);
    };
    const wish = { tasks, seed, assumed: stated, place: { room, worker }, onProgress };
    const result = await runStudy(wish);
    if (process.stderr.isTTY) say("");
    const known = new Map(result.tasks.map(({ name, isCaught }) => [name, isCaught]));
    const cases = tasks.map((task) => casesOf(task, wish, known.get(task.name)));
    const computed = { variations: variationsOf(cases, seed), longer: longerOf(cases), finer: finerSufficing(cases) };
    const rows = rowsOf(result.cells, stated.driftRate);
    console.log(reportOf({ result, ...computed, seed }));
    console.log(`\n${measuredText(result)}`);
    const { measured, ...table } = result;
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ seed, assumed: stated, rows, ...table, ...computed, measured }, undefined, 1)}\n`);
    if (chart !== undefined)
      writeFileSync(
        chart,
        chartOf(rows, `${tasks.length} known changes of packages, seed ${seed}; means; assumptions in docs/loop-study.md`),
      );
  } finally {
    removeFolder(room);
  }
}

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(help);
  process.exit(0);
}
const wish = readWish(args);
if (typeof wish === "string") {
  console.error(`study:loop: ${wish} (--help says what there is)`);
  process.exit(2);
}
try {
  await study(wish);
  process.exit(0);
} catch (error) {
  console.error(`study:loop: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
