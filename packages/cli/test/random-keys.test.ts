/**
 * Ten thousand random keys, texts, pastes and sizes in a real terminal, while a simulated, scripted model writes at several paces. Whoever
 * leaves comes back with `--continue`. What must hold: the live region is there once, the terminal is given back at each leaving, and at the
 * end everything that landed can be taken back to the last byte.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";
import { type Screen, openScreen } from "./pty.ts";

const steps = 10_000;
/** Keys in one piece; behind each the program gets a moment. */
const burst = 20;
const seed = Number(process.env["TWOLANE_TEST_SEED"] ?? 20_261_126);

/** As the pty tells a signal. */
const sigint = 2;
const files = 6;
const line = (file: number, value: string): string => `export const value${file} = "${value}";\n`;
/** Each edit finds its line only if the one before it was taken back, so that all states of a hunk come up. */
const edit = (from: string, to: string): string =>
  `*** Begin Patch\n${Array.from({ length: files }, (_, n) => `*** Update File: src/f${n}.ts\n@@\n-${line(n, from)}+${line(n, to)}`).join("")}*** End Patch\n`;

let sim: Sim;
let sandbox: Sandbox;
beforeAll(async () => {
  const answer = (prompt: string, pace: number, [from, to]: readonly [string, string]) => ({
    when: { prompt },
    reply: [
      { text: "I change **values** 漢字 👩‍👩‍👧.\n" },
      { call: { name: ["edit"], input: edit(from, to) } },
      { text: "All done.\n" },
    ],
    pace: { tokensPerSecond: pace, ttftMs: 5 },
  });
  sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        answer("[05]\\D*$", 200, ["old", "one"]),
        answer("[16]\\D*$", 1000, ["old", "two"]),
        answer("[27]\\D*$", 4000, ["one", "two"]),
        answer("[38]\\D*$", 4000, ["two", "one"]),
        {
          reply: [{ repeat: 60, steps: [{ text: "word " }] }, { text: "\n```ts\nlet a;\n```\nThat is all." }],
          pace: { tokensPerSecond: 1000 },
        },
      ],
    },
  });
  sandbox = openSandbox();
  for (let n = 0; n < files; n++) sandbox.write(`src/f${n}.ts`, line(n, "old"));
  git(sandbox.folder, "init", "-q");
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-qm", "first");
});
afterAll(async () => {
  sandbox.remove();
  await sim.close();
});

/** Mulberry32: small, and the same everywhere. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const keys = [
  ...[
    "enter",
    "enter",
    "enter",
    "tab",
    "tab",
    "esc",
    "shift-tab",
    "ctrl-c",
    "ctrl-j",
    "alt-enter",
    "up",
    "down",
    "left",
    "right",
  ],
  ...[
    "home",
    "end",
    "backspace",
    "delete",
    "ctrl-a",
    "ctrl-e",
    "ctrl-k",
    "ctrl-u",
    "ctrl-u",
    "ctrl-w",
    "ctrl-y",
    "alt-y",
    "ctrl-t",
  ],
  ...[
    "ctrl-_",
    "ctrl-r",
    "ctrl-l",
    "alt-d",
    "alt-b",
    "alt-f",
    "pagedown",
    "pageup",
    "ctrl-p",
    "ctrl-n",
    "alt-c",
    "ctrl-g",
    "ctrl-d",
  ],
];
const texts = ["y", "n", "a", "A", "u", "j", "k", "c", "e", "C", "P", "?", "/", "@", "x", " ", "é", "漢", "👩‍👩‍👧"];
const commands = [
  "/mode step",
  "/mode flow",
  "/mode flow",
  "/mode flow",
  "/accept all",
  "/queue send",
  "/queue",
  "/status",
  "/diff",
  "/undo",
  "/rewind",
  "/commit",
  "/continue",
  "/btw why",
  "!true",
];

type Doing = (screen: Screen) => void | Promise<void>;

/** The next thing that somebody without any sense would do. */
function nextDoing(random: () => number): Doing {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const kind = random();
  if (kind < 0.4) {
    const key = pick(keys);
    return (screen) => screen.press(key);
  }
  if (kind < 0.6) {
    const text = pick(texts);
    return (screen) => screen.write(text);
  }
  if (kind < 0.9) {
    // A prompt of its own line most of the time; what the digit is decides the answer.
    const prompt = `do ${Math.floor(random() * 10)}`;
    const end = pick(["enter", "enter", "enter", "tab"]);
    return (screen) => {
      // Out of the list of hunks; on the line it is typed, and cleared.
      screen.write("q");
      screen.press("ctrl-u");
      screen.write(prompt);
      screen.press(end);
    };
  }
  if (kind < 0.97) {
    const command = pick(commands);
    return (screen) => {
      screen.write("q");
      screen.press("ctrl-u");
      screen.write(command);
      screen.press("enter");
    };
  }
  if (kind < 0.985) return (screen) => screen.paste("pasted\n".repeat(3));
  const [columns, rows] = [40 + Math.floor(random() * 160), 8 + Math.floor(random() * 50)];
  // Who is about to leave has no size any more.
  return (screen) => screen.resize(columns, rows).catch(() => undefined);
}

const statusLine = /^ *(?:fast|deep) · .*sim\/scripted/;

describe("the session in a terminal", () => {
  it("holds what must hold under ten thousand random keys", async () => {
    const random = randomFrom(seed);
    const before = Array.from({ length: files }, (_, n) => sandbox.read(`src/f${n}.ts`));
    const env = {
      ...sandbox.env,
      TWOLANE_SIM_URL: sim.url,
      EDITOR: "true",
      EMAIL: "test@example.org",
      GIT_AUTHOR_NAME: "test",
      GIT_COMMITTER_NAME: "test",
    };
    const start = (): Screen => openScreen({ cwd: sandbox.folder, env, args: ["-m", "sim/scripted", "--continue"] });
    let screen = openScreen({ cwd: sandbox.folder, env, args: ["-m", "sim/scripted"] });
    let ended = false;
    const begin = async (): Promise<void> => {
      ended = false;
      void screen.exited.then(() => (ended = true));
      await screen.until("fast");
      // Now, while somebody surely reads: into a pty whose program is leaving so much cannot be written.
      screen.paste("pasted\n".repeat(5000));
    };
    await begin();
    let leavings = 0;
    for (let step = 0; step < steps; step++) {
      if (!ended) await nextDoing(random)(screen);
      if (step % burst !== 0) continue;
      await pause(random() < 0.1 ? 60 : 4);
      if (ended) {
        leavings++;
        await checkLeft(screen);
        screen = start();
        await begin();
      } else {
        const live = screen.lines().filter((row) => statusLine.test(row));
        expect(live.length, `step ${step}, seed ${seed}:\n${screen.lines().join("\n")}`).toBeLessThanOrEqual(1);
      }
    }
    for (let presses = 0; presses < 20 && !ended; presses++) {
      screen.press("ctrl-c");
      await pause(100);
    }
    await checkLeft(screen);
    // Something has happened: it was left and entered again, and asked.
    expect(leavings).toBeGreaterThan(0);
    expect(sim.requests.length).toBeGreaterThan(20);
    // There may be nothing left to take back.
    expect((await sandbox.run(["undo", "--session"])).stderr).toMatch(/^$|NOTHING_TO_UNDO/);
    expect(Array.from({ length: files }, (_, n) => sandbox.read(`src/f${n}.ts`))).toEqual(before);
  }, 120_000);

  async function checkLeft(screen: Screen): Promise<void> {
    const { status, signal } = await screen.exited;
    // Two seconds behind its last frame a Ctrl-C more ends what is still being closed, as `start.ts` says.
    const ended = { status, signal: signal === sigint ? undefined : signal };
    expect(ended, screen.lines().join("\n")).toEqual({ status: 0, signal: undefined });
    expect(screen.modes()).toMatchObject({
      bracketedPaste: false,
      cursorVisible: true,
      kittyFlags: 0,
      alternateScreen: false,
      mouse: false,
    });
  }
});
