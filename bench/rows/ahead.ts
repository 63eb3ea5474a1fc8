/**
 * The rows of the turn before Enter: 200 generated typings in a project of 2,000 files, in the built command, from the prompt's line on its
 * standard input to the first hunk that is on disk. The floor is the same command without drafts.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Row } from "../figures.ts";
import { writeSourceRepository } from "../source-repository.ts";
import { type Typing, random, typings } from "../typings.ts";

const count = 200;
/** As the terminal waits before it tells of a draft; ms. */
const pauseMs = 120;
/** Characters before the end of a request from which on its pauses are played: a beginning of it comes to no hunks. */
const played = 15;
/** Nothing comes of longer pauses but a longer measurement; ms. */
const longest = 700;

export async function* aheadRows(repository: string): AsyncGenerator<Row> {
  const all = typings(requests(), pauseMs, 11);
  const [ours, floor] = [await typeAll(repository, all, true), await typeAll(repository, all, false)];
  const ready = ours.times.filter((_, at) => ours.adopted[at]);
  const { made, used } = ours;
  yield { what: "Enter → first hunk, 200 typings (generated)", unit: "ms", ours: ours.times, floor: floor.times, budget: 30 };
  yield { what: "of these: where the draft was taken over", unit: "ms", ours: ready };
  yield { what: "typings whose draft was taken over", unit: "%", ours: [(100 * ready.length) / count] };
  yield { what: "drafts that nobody sent, of all (no tokens: no model)", unit: "%", ours: [(100 * (made - used)) / made] };
}

/** Each about another file, so that none is in the way of a later one. */
function requests(): { text: string; meant: string }[] {
  const next = random(5);
  const pick = (limit: number): number => Math.floor(next() * limit);
  return Array.from({ length: count }, (_, at) => {
    // Two of the ten packages, each with a hundred files that are changed once.
    const shelf = 15 + Math.floor(at / 2);
    const file = `packages/p${2 + (at % 2)}/src/d${Math.floor(shelf / 15)}/f${shelf}.ts`;
    const kind = pick(10);
    if (kind < 3) return { text: `remove unused imports in ${file}`, meant: `organize imports in ${file}` };
    const what = kind < 5 ? "Kind0" : `make${1 + pick(11)}`;
    return { text: `rename ${what} in ${file} to fresh${at}`, meant: `rename ${what} in ${file} to newer${at}` };
  });
}

interface Typed {
  readonly times: number[];
  readonly adopted: boolean[];
  readonly made: number;
  readonly used: number;
}

async function typeAll(repository: string, all: readonly Typing[], drafts: boolean): Promise<Typed> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-ahead-"));
  const folder = join(root, "work");
  mkdirSync(join(root, "config/twolane"), { recursive: true });
  writeFileSync(join(root, "config/twolane/config.json"), JSON.stringify({ ahead: { drafts: drafts ? "instant" : "off" } }));
  writeSourceRepository(folder);
  const program = spawn(
    process.execPath,
    [join(repository, "packages/cli/bin/twolane.cjs"), "run", "-m", "instant", "--json", "--input", "jsonl"],
    {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        XDG_STATE_HOME: `${root}/state`,
        XDG_CONFIG_HOME: `${root}/config`,
        XDG_CACHE_HOME: `${root}/cache`,
      },
    },
  );
  const heard = listen(program);
  const typed: Typed & { made: number; used: number } = { times: [], adopted: [], made: 0, used: 0 };
  try {
    for (const { text, pauses } of all) {
      for (const { text: draft, ms } of drafts ? pauses.filter((one) => one.text.length > text.length - played) : []) {
        heard.say({ type: "draft.set", text: draft });
        await pause(Math.min(ms - pauseMs, longest));
      }
      const enteredAt = performance.now();
      const turn = heard.turn();
      heard.say({ type: "prompt", text });
      const { landedAt, ahead } = await turn;
      if (landedAt === undefined) throw new Error(`nothing landed for ${text}`);
      typed.times.push(landedAt - enteredAt);
      typed.adopted.push(ahead);
    }
    program.stdin?.end();
    await heard.ended;
    return { ...typed, ...heard.counted };
  } finally {
    program.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Heard {
  say(command: { readonly type: string; readonly text: string }): void;
  /** The next one, when it is over: the moment of its first hunk, and whether it was begun before it was asked for. */
  turn(): Promise<{ readonly landedAt: number | undefined; readonly ahead: boolean }>;
  readonly counted: { made: number; used: number };
  readonly ended: Promise<void>;
}

function listen(program: ChildProcess): Heard {
  const { stdin, stdout } = program;
  if (stdin === null || stdout === null) throw new Error("the program has no pipes");
  const counted = { made: 0, used: 0 };
  let landedAt: number | undefined;
  let ahead = false;
  let over = (): void => undefined;
  createInterface({ input: stdout }).on("line", (line) => {
    const event: { type: string; made?: number; used?: number; ahead?: boolean } = JSON.parse(line);
    if (event.type === "hunk.landed") landedAt ??= performance.now();
    if (event.type === "step.requested" && event.ahead === true) ahead = true;
    if (event.type === "drafts.counted") {
      counted.made += event.made ?? 0;
      counted.used += event.used ?? 0;
    }
    if (event.type === "turn.ended") over();
  });
  return {
    counted,
    say: (command) => void stdin.write(`${JSON.stringify(command)}\n`),
    turn() {
      [landedAt, ahead] = [undefined, false];
      return new Promise((resolve) => {
        over = () => resolve({ landedAt, ahead });
      });
    },
    ended: new Promise((resolve) => void program.once("exit", () => resolve())),
  };
}
