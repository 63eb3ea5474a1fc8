/** A long scripted job of the deep lane that is killed at random moments: it goes on each time, runs nothing twice, and ends as if nothing had been. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, openSandbox } from "./command.ts";

const words = ["one", "two", "three"];
const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

const run = (command: string) => ({ call: { name: "run", arguments: { command } } });
const create = (word: string) => ({
  call: { name: "edit", input: `*** Begin Patch\n*** Add File: ${word}.txt\n+${word}\n*** End Patch\n` },
});
/** Leaves a trace each time, and takes a while. */
const effect = (word: string) => run(`sleep 0.2; echo "ran ${word}" >> ran.log; echo "ran ${word}"`);

/** A model that looks where it stands before it goes on, as it is told to. */
function answers() {
  return words.flatMap((word, at) => {
    const step = `Do step ${at + 1} of`;
    const again = `interrupted[\\s\\S]*${step}`;
    return [
      { when: { prompt: again, round: 0 }, reply: [run(`touch ran.log; ls; cat ran.log`)] },
      { when: { prompt: again, toolOutput: `ran ${word}` }, reply: [{ text: `${word} is done.` }] },
      { when: { prompt: again, toolOutput: `\\b${word}\\.txt` }, reply: [effect(word)] },
      { when: { prompt: again, toolOutput: "there\\.txt" }, reply: [create(word)] },
      { when: { prompt: step }, reply: [create(word), effect(word), { text: `${word} is done.` }] },
    ];
  });
}

const scenario = {
  defaults: { ttftMs: 120 },
  answers: [
    ...answers(),
    {
      when: { prompt: "Goal: " },
      reply: [{ text: words.map((word, at) => `${at + 1}. ${word}.txt — write ${word} — risk: low`).join("\n") }],
    },
    { when: { prompt: "Write the report" }, reply: [{ text: "Three files.\nLook first: one.txt" }] },
  ],
};

let sandbox: Sandbox;
let sim: Awaited<ReturnType<typeof startSim>>;
const env = (): Record<string, string> => ({ TWOLANE_SIM_URL: sim.url });
beforeEach(async () => {
  sandbox = openSandbox();
  sim = await startSim({ port: 0, scenario });
  sandbox.write(".twolane/policy.yaml", 'version: 1\ncommands:\n  - allow: ["**"]\n');
  sandbox.write("there.txt", "there\n");
});
afterEach(async () => {
  await sim.close();
  sandbox.remove();
});

const twolane = (...args: readonly string[]) => sandbox.run(args, { env: env() });

function jobFolder(): string {
  const spaces = path.join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
  const folders = fs.readdirSync(spaces).map((name) => path.join(spaces, name, "jobs/d1"));
  return folders.find((folder) => fs.existsSync(folder)) ?? "";
}

const hasEnded = (): boolean => fs.readFileSync(path.join(jobFolder(), "job.jsonl"), "utf8").includes('"job.ended"');

/** The number of the worker that runs, once it has begun; undefined where the job has ended. */
async function worker(): Promise<number | undefined> {
  for (;;) {
    try {
      const pid = Number.parseInt(fs.readFileSync(path.join(jobFolder(), "owner"), "utf8"), 10);
      if (fs.existsSync(`/proc/${pid}/exe`)) return pid;
    } catch {
      // It has not begun, or has ended.
    }
    if (hasEnded()) return undefined;
    await sleep(20);
  }
}

function parentOf(pid: string): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]);
  } catch {
    return 0;
  }
}

const processes = (): readonly string[] => fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
const childrenOf = (pid: number): readonly number[] =>
  processes()
    .filter((other) => parentOf(other) === pid)
    .flatMap((child) => [...childrenOf(Number(child)), Number(child)]);

/** Processes that work in the copy. */
function inCopy(): readonly string[] {
  return processes().filter((pid) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(path.join(jobFolder(), "tree"));
    } catch {
      return false;
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function tree(): Readonly<Record<string, string>> {
  const root = path.join(jobFolder(), "tree", path.basename(sandbox.folder));
  const names = fs.readdirSync(root).filter((name) => !name.startsWith("."));
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(root, name), "utf8")]));
}

/** The same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}

const summary = async () => JSON.parse((await twolane("deep", "list", "--json")).stdout.trim().split("\n")[0] ?? "{}");

describe.skipIf(!hasSandbox)("killed", () => {
  test.each(Array.from({ length: 2 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) }, (_, seed) => seed + 1))(
    "at moments of the series %i",
    async (seed) => {
      const random = numbers(seed);
      expect((await twolane("trust")).status).toBe(0);
      expect(await twolane("deep", "-m", "sim/scripted", "write three files")).toMatchObject({ status: 0 });
      let kills = 0;
      for (let round = 0; round < 6; round++) {
        const pid = await worker();
        if (pid === undefined) break;
        await sleep(random() * 700);
        const all = random() < 0.5 ? childrenOf(pid) : [];
        for (const each of [pid, ...all]) kill(each);
        await expect.poll(() => fs.existsSync(`/proc/${pid}/exe`)).toBe(false);
        if (hasEnded()) break;
        kills++;
        await expect.poll(inCopy, { timeout: 3000 }).toEqual([]);
        const resumed = await twolane("deep", "resume");
        if (resumed.status !== 0) throw new Error(resumed.stderr);
      }
      await twolane("deep", "tail", "--json");
      expect(kills).toBeGreaterThan(0);
      expect(await summary()).toMatchObject({ state: "ready" });
      const { "ran.log": log, ...rest } = tree();
      expect(rest).toEqual({ "there.txt": "there\n", ...Object.fromEntries(words.map((word) => [`${word}.txt`, `${word}\n`])) });
      expect(log).toBe(words.map((word) => `ran ${word}\n`).join(""));
    },
    60_000,
  );
});
