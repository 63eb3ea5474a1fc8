/**
 * A long job begun from a dirty tree, killed again and again, taken in part while the fast lane edits the same files: built command, real
 * processes, real git, a scripted model.
 */
import fs from "node:fs";
import path from "node:path";
import { listSessions, openEngine } from "@twolane/engine";
import { type HunkId, type Review, type Session, reviewEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox | undefined;
let sim: Sim | undefined;
let session: Session | undefined;
afterEach(async () => {
  await session?.close();
  await sim?.close();
  sandbox?.remove();
  [session, sim, sandbox] = [undefined, undefined, undefined];
});

const steps = 4;
const files = ["src/a.ts", "src/b.ts", "src/c.ts", "src/deep/d.ts"];
const numbered = (name: string): string => Array.from({ length: 60 }, (_, at) => `${name} ${at}\n`).join("");
const line = (name: string, at: number): string => `${name} ${at}\n`;

/** What step N of the job does to each file, and what the fast lane does: line 25 is the one that both change. */
const ofJob = (step: number): readonly number[] => (step === 2 ? [24, 25] : [step * 12]);
const fast = [5, 25, 42];
const patch = (changes: readonly { readonly file: string; readonly lines: readonly number[] }[], mark: string): string =>
  [
    "*** Begin Patch",
    ...changes.flatMap(({ file, lines }) => [
      `*** Update File: ${file}`,
      ...lines.flatMap((at) => ["@@", `-${file} ${at}`, `+${file} ${at} ${mark}`]),
    ]),
    "*** End Patch\n",
  ].join("\n");
const edit = (input: string) => ({ call: { name: "edit", input } });

const scenario: ScenarioInput = {
  defaults: { ttftMs: 30, tokensPerSecond: 900, seed: 11 },
  answers: [
    {
      when: { prompt: "Goal:" },
      reply: [
        {
          text: Array.from(
            { length: steps },
            (_, at) => `${at + 1}. ${files.join(", ")} — part ${at + 1} — risk: low, scripted`,
          ).join("\n"),
        },
      ],
    },
    ...Array.from({ length: steps }, (_, at) => ({
      when: { prompt: `Do step ${at + 1} of` },
      reply: [
        edit(
          patch(
            files.map((file) => ({ file, lines: ofJob(at + 1) })),
            "theirs",
          ),
        ),
        { text: `Part ${at + 1} is done.` },
      ],
    })),
    { when: { prompt: "All steps are done" }, reply: [{ text: "Four parts. Look first: src/a.ts" }] },
    ...[1, 2, 3].map((number) => ({
      when: { prompt: `fast ${number}` },
      reply: [
        edit(
          patch(
            files.map((file) => ({ file, lines: [fast[number - 1] ?? 0] })),
            "mine",
          ),
        ),
        { text: "Done." },
      ],
    })),
    { reply: [{ text: "Nothing is scripted for this." }] },
  ],
};

/** Staged, unstaged, untracked, deleted, a stash, several refs, and one that is ignored. */
function makeDirty({ folder, write }: Sandbox): void {
  git(folder, "init", "-q", "-b", "main");
  for (const file of files) write(file, numbered(file).replace(line(file, 55), ""));
  for (const name of ["gone.txt", "kept.txt"]) write(name, `${name}\n`);
  write(".gitignore", "build/\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "first");
  git(folder, "tag", "v1");
  git(folder, "branch", "other");
  write("kept.txt", "stashed\n");
  git(folder, "stash", "-q");
  write("src/a.ts", numbered("src/a.ts"));
  git(folder, "add", "-A");
  for (const file of files.slice(1)) write(file, numbered(file));
  write("untracked.txt", "nobody knows this\n");
  write("build/out.js", "built\n");
  fs.rmSync(path.join(folder, "gone.txt"));
  git(folder, "status", "--short");
}

/** Every byte and mode of the repository's own files. */
function ownFiles(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of fs.readdirSync(path.join(folder, ".git"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = path.join(entry.parentPath, entry.name);
    found[path.relative(folder, place)] = `${fs.statSync(place).mode} ${fs.readFileSync(place).toString("base64")}`;
  }
  return found;
}

function ownerOf({ env }: Sandbox): number | undefined {
  const state = env["XDG_STATE_HOME"] ?? "";
  try {
    const owner = fs.readdirSync(state, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("jobs/d1/owner"));
    const pid = Number.parseInt(fs.readFileSync(path.join(state, owner ?? ""), "utf8"), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** False where it has ended by itself in this moment. */
function killNow(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function stateOf(box: Sandbox): Promise<string> {
  const { stdout } = await box.run(["deep", "list", "--json"]);
  const [first = "{}"] = stdout.split("\n");
  const summary: { readonly state?: string } = JSON.parse(first);
  return summary.state ?? "";
}

/** The same sequence for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

describe("a long job from a dirty tree", () => {
  it.each([1, 2])(
    "survives being killed, and comes back in part beside the fast lane, whatever the order (%i)",
    async (seed) => {
      const random = dice(seed);
      const box = (sandbox = openSandbox());
      sim = await startSim({ port: 0, scenario });
      const env = { ...box.env, TWOLANE_SIM_URL: sim.url };
      makeDirty(box);
      const before = ownFiles(box.folder);
      expect((await box.run(["deep", "-m", "sim/scripted", "change much"], { env })).status).toBe(0);

      for (let killed = 0; killed < 4;) {
        await wait(300 + random(900));
        const pid = ownerOf(box);
        if (pid !== undefined && killNow(pid)) killed++;
        if ((await stateOf(box)) === "ready") break;
        await box.run(["deep", "resume", "d1"], { env });
      }
      for (let waited = 0; (await stateOf(box)) !== "ready" && waited < 60; waited++) {
        if ((await stateOf(box)) === "crashed") await box.run(["deep", "resume", "d1"], { env });
        await wait(500);
      }
      expect(await stateOf(box)).toBe("ready");

      const opened = await openEngine({
        cwd: box.folder,
        env,
        model: "sim/scripted",
        scope: [],
        landing: "hunk",
        dryRun: false,
        asks: true,
      });
      if (!opened.ok) throw new Error(opened.failure.message);
      const person = (session = opened.value);
      const review: Review = new Map();
      person.subscribe((event) => void reviewEvent(review, event));
      const say = async (command: Parameters<Session["send"]>[0]): Promise<void> => {
        person.send(command);
        await person.idle();
      };
      await say({ type: "prompt", text: "fast 1" });
      await say({ type: "job.take", job: "d1" });
      const offered = [...review.values()].filter(({ hunk }) => hunk.job === "d1").map(({ hunk }) => hunk);
      expect(offered).toHaveLength(files.length * steps);

      const shuffled = offered.map((hunk) => ({ hunk, rank: random(1000) })).toSorted((a, b) => a.rank - b.rank);
      const left = new Set<HunkId>(shuffled.slice(0, 3).map(({ hunk }) => hunk.id));
      const asked = shuffled.slice(3).map(({ hunk }) => hunk.id);
      for (const [number, hunk] of asked.entries()) {
        if (number === 2) await say({ type: "prompt", text: "fast 2" });
        if (number === 7) await say({ type: "prompt", text: "fast 3" });
        await say({ type: "hunk.accept", hunks: [hunk] });
        if (random(4) > 0) continue;
        await say({ type: "hunk.undo", hunks: [hunk] });
        await say({ type: "hunk.accept", hunks: [hunk] });
      }

      const states = new Map([...review].map(([id, { state }]) => [id, state]));
      for (const file of files) {
        let expected = numbered(file);
        for (const at of [5, 42]) expected = expected.replace(line(file, at), line(file, at).replace("\n", " mine\n"));
        for (const hunk of offered.filter((one) => one.path === file)) {
          const isOn = states.get(hunk.id) === "accepted";
          // The person came to line 25 first, or the job's hunk did: what came second is not on disk.
          if (!left.has(hunk.id)) expect(isOn || hunk.line === 25).toBe(true);
          if (isOn)
            for (const at of ofJob((hunk.line - 1) / 12))
              expected = expected.replace(line(file, at), line(file, at).replace("\n", " theirs\n"));
        }
        if (expected.includes(line(file, 25)))
          expected = expected.replace(line(file, 25), line(file, 25).replace("\n", " mine\n"));
        expect(box.read(file)).toBe(expected);
      }
      expect([box.read("untracked.txt"), box.read("build/out.js"), box.read("kept.txt")]).toEqual([
        ...["nobody knows this\n", "built\n", "kept.txt\n"],
      ]);
      expect(fs.existsSync(path.join(box.folder, "gone.txt"))).toBe(false);
      await person.close();
      session = undefined;
      expect(ownFiles(box.folder)).toEqual(before);
    },
    120_000,
  );
});

describe("twolane deep take", () => {
  it("shows what would land, takes a file, then what fits, and says each conflict with its texts", async () => {
    const box = (sandbox = openSandbox());
    sim = await startSim({ port: 0, scenario });
    const env = { ...box.env, TWOLANE_SIM_URL: sim.url };
    makeDirty(box);
    expect((await box.run(["deep", "take"], { env })).status).toBe(2);
    await box.run(["deep", "-m", "sim/scripted", "change much"], { env });
    expect((await box.run(["deep", "take", "d1", "--all"], { env })).stderr).toContain("JOB_RUNNING");
    await box.run(["deep", "tail", "d1"], { env });
    box.write("src/b.ts", numbered("src/b.ts").replace(line("src/b.ts", 25), "mine\n"));

    const shown = await box.run(["deep", "take"], { env });
    expect(shown.status).toBe(3);
    expect(shown.stdout).toContain("15 of 16 hunks of d1 would land · 1 in conflict.");
    expect(shown.stdout).toMatch(
      /base {3}│ src\/b.ts 24\n.*│ src\/b.ts 25\n.*\n.*yours {2}│ src\/b.ts 24\n.*yours {2}│ mine\n.*\n.*theirs │ src\/b.ts 24 theirs/,
    );
    const dry = await box.run(["deep", "take", "-n", "--all"], { env });
    expect(dry.stdout).toContain("15 of 16 hunks of d1 would be taken, 4 files · 1 in conflict.");
    const none = await box.run(["deep", "take", "d1", "--file", "nosuch.js", "--file", "src/a.ts"], { env });
    expect([none.status, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain("d1 changed no nosuch.js.");
    expect(none.stderr).not.toContain("src/b.ts");
    expect(box.read("src/a.ts")).toBe(numbered("src/a.ts"));
    // Whoever only looks leaves nothing that could be gone on with.
    const sessions = (): number => {
      const found = listSessions({ cwd: box.folder, env });
      return found.ok ? found.value.filter(({ title }) => title === "/take d1").length : -1;
    };
    expect(sessions()).toBe(0);

    const some = await box.run(["deep", "take", "d1", "--file", "src/deep", "--file", "src/a.ts"], { env });
    expect(some.status).toBe(0);
    expect(sessions()).toBe(1);
    expect(some.stdout).not.toContain("src/b.ts");
    expect(some.stderr).toContain("Look first at src/a.ts");
    expect(some.stdout).toContain("8 of 16 hunks of d1 taken, 2 files · 8 left.");
    expect(box.read("src/a.ts")).toContain("src/a.ts 12 theirs\n");
    expect(box.read("src/c.ts")).toBe(numbered("src/c.ts"));

    const rest = await box.run(["deep", "take", "d1", "--all", "--json"], { env });
    expect(rest.status).toBe(3);
    const events: { readonly type: string }[] = rest.stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    expect(["hunk.landed", "hunk.present", "hunk.conflicted"].map(count)).toEqual([7, 8, 2]);
    expect(box.read("src/b.ts")).toContain("mine\n");
    const { stdout } = await box.run(["undo"], { env });
    expect(stdout).toContain("7 hunks undone");
  }, 60_000);
});
