/**
 * The row of taking: a job's 500 hunks in 80 files, from the yes to all of them until the last is on disk and told, while each file has a
 * change of the person's. The floor is `git apply --3way` of the same changes to the same tree, which journals and syncs nothing.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openEngine } from "@twolane/engine";
import { startSim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";

const fileCount = 80;
/** In all; each file has six or seven. */
const hunkCount = 500;
const lineCount = 400;
const apart = 50;
const name = (file: number): string => `src/module-${file % 8}/part-${file}.ts`;
const line = (file: number, at: number): string => `export const value_${file}_${at} = compute(${at}, "some text");`;
const hunksOf = (file: number): number => Math.floor(hunkCount / fileCount) + (file < hunkCount % fileCount ? 1 : 0);

function content(file: number, change: (at: number) => string = () => ""): string {
  return Array.from({ length: lineCount }, (_, at) => `${line(file, at)}${change(at)}\n`).join("");
}

const isJobs = (file: number, at: number): boolean => at % apart === 10 && Math.floor(at / apart) < hunksOf(file);
const files = Array.from({ length: fileCount }, (_, file) => file);

function patch(): string {
  const updates = files.map((file) => {
    const own = Array.from({ length: lineCount }, (_, at) => at).filter((at) => isJobs(file, at));
    return `*** Update File: ${name(file)}\n${own.map((at) => `@@\n-${line(file, at)}\n+${line(file, at)} // theirs\n`).join("")}`;
  });
  return `*** Begin Patch\n${updates.join("")}*** End Patch\n`;
}

export async function* takeRows(repository: string, samples: number): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const work = join(root, "work");
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", work, "-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
  const write = (text: (file: number) => string): void => {
    for (const file of files) {
      mkdirSync(join(work, name(file), ".."), { recursive: true });
      writeFileSync(join(work, name(file)), text(file));
    }
  };
  write((file) => content(file));
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "all");
  const answers = [
    { when: { prompt: "Goal:" }, reply: [{ text: "1. src — all of it — risk: low, it is scripted" }] },
    { when: { prompt: "Do step" }, reply: [{ call: { name: "edit", input: patch() } }, { text: "Done." }] },
    { reply: [{ text: "Done." }] },
  ];
  const sim = await startSim({ port: 0, scenario: { defaults: { ttftMs: 0, tokensPerSecond: 0 }, answers } });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: root, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: join(root, "state"), XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
  };
  // The simulated model answers in this very process.
  const run = promisify(execFile);
  const deep = async (...words: readonly string[]): Promise<string> => {
    const command = join(repository, "packages/cli/bin/twolane.cjs");
    return (await run(process.execPath, [command, "deep", ...words], { cwd: work, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  };
  const mine = (file: number): string => content(file, (at) => (at === 380 ? " // mine" : ""));
  const [listed, taken, floor]: [number[], number[], number[]] = [[], [], []];
  try {
    await deep("-m", "sim/scripted", "change much");
    while (!(await deep("list", "--json")).includes('"state":"ready"')) await deep("tail", "d1");
    write((file) => content(file, (at) => (isJobs(file, at) ? " // theirs" : "")));
    const difference = git("diff");
    for (let round = 0; round < samples; round++) {
      write(mine);
      git("add", "-A");
      const before = performance.now();
      execFileSync("git", ["-C", work, "apply", "--3way", "--whitespace=nowarn", "-"], { input: difference, stdio: "pipe" });
      floor.push(performance.now() - before);
      git("reset", "-q");
      write(mine);
      const times = await takeOnce({ work, env });
      listed.push(times.listed);
      taken.push(times.taken);
    }
    yield {
      what: `${hunkCount} hunks of a job, in ${fileCount} files → in the review list`,
      unit: "ms",
      ours: listed,
      budget: 1000,
    };
    yield { what: "yes to all of them → merged with yours, on disk and synced", unit: "ms", ours: taken, floor, budget: 1000 };
  } finally {
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Place {
  readonly work: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function takeOnce({ work, env }: Place): Promise<{ readonly listed: number; readonly taken: number }> {
  const opened = await openEngine({ cwd: work, env, model: "instant", scope: [], landing: "hunk", dryRun: false, asks: true });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  const held: string[] = [];
  const notices: string[] = [];
  let landed = 0;
  let last = 0;
  session.subscribe((event) => {
    if (event.type === "hunk.held") held.push(event.hunk.id);
    if (event.type === "hunk.accepted") landed++;
    if (event.type === "notice.given") notices.push(event.message);
    last = performance.now();
  });
  const asked = performance.now();
  session.send({ type: "job.take", job: "d1" });
  await session.idle();
  const listed = performance.now() - asked;
  if (held.length !== hunkCount) throw new Error(`${held.length} hunks are listed; ${notices.join(" ")}`);
  const said = performance.now();
  session.send({ type: "hunk.accept", hunks: held });
  while (landed < hunkCount && performance.now() - said < 30_000) await new Promise((resolve) => void setTimeout(resolve, 1));
  const taken = last - said;
  await session.close();
  if (landed !== hunkCount) throw new Error(`${landed} hunks landed`);
  return { listed, taken };
}
