/** Each harness in a terminal of 120 × 40: what a person feels. Every scene has a program of its own, so that one that fails spoils no other. */
import { setTimeout as pause } from "node:timers/promises";
import { type PtyProgram, openPty } from "../pty.ts";
import { type Ask, mainAsk } from "./asks.ts";
import { type Collected, type Contender, type Course, reasonOf } from "./bench.ts";
import type { Scene } from "./client.ts";
import { endTree, memoryMb, runningTree } from "./process-tree.ts";
import { textPrompt, texts } from "./scenario.ts";
import { median } from "./table.ts";

export const interactiveHeads = [
  { key: "ready", what: "terminal: start → first frame that echoes a key", unit: "ms" },
  { key: "rest", what: "memory of the tree at rest", unit: "MB" },
  { key: "echo", what: "key echo while 1,000 tokens/s stream, median (worst)", unit: "ms" },
  { key: "fast", what: "4,000 tokens/s, 12,000 tokens: screen behind the wire", unit: "ms" },
  { key: "burst", what: "20,000 tokens in one burst: screen behind the wire", unit: "ms" },
  { key: "stop", what: "stop key → the server sees the stop", unit: "ms" },
  { key: "corrected", what: "stop → corrected request, without the person's time", unit: "ms" },
  { key: "steer", what: "message typed mid-stream → its request", unit: "ms" },
] as const;

type Key = (typeof interactiveHeads)[number]["key"];

const escape = "\u001b";
const bell = "\u0007";

/** What a modern terminal says of itself beyond what the pty answers. */
const answers: Readonly<Record<string, string>> = Object.fromEntries([
  [`${escape}[6n`, `${escape}[1;1R`],
  [`${escape}[0c`, `${escape}[?62;22c`],
  [`${escape}[>0q`, `${escape}P>|bench 1${escape}\\`],
  ...[
    ["10", "rgb:dddd/dddd/dddd"],
    ["11", "rgb:1111/1111/1111"],
  ].flatMap(([color, value]) =>
    [bell, `${escape}\\`].map((end) => [`${escape}]${color};?${end}`, `${escape}]${color};${value}${end}`]),
  ),
]);

/** Letters that stand on no screen before they are typed. */
const rareLetters = Array.from("абвгджзиклмнпрстуфцчшщъыьэюяДЖ");
const startPatienceMs = 40_000;
const restMs = 3000;
const middleMs = 600;
const echoPatienceMs = 5000;

/** By scene, which cells it fills. `isOnEveryWire`: ours is measured on each wire. */
const scenes: readonly {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly isOnEveryWire?: boolean;
  readonly play: (contender: Contender, collected: Collected) => Promise<void>;
}[] = [
  { name: "start", keys: ["ready", "rest"], play: playStart },
  { name: "echo", keys: ["echo"], play: playEcho },
  { name: "stop", keys: ["stop", "corrected"], isOnEveryWire: true, play: playStop },
  { name: "steer", keys: ["steer"], isOnEveryWire: true, play: playSteer },
  // Last, as some take a minute for them.
  { name: "fast", keys: ["fast"], play: (contender, collected) => playBehind(contender, collected, "fast") },
  { name: "burst", keys: ["burst"], play: (contender, collected) => playBehind(contender, collected, "burst") },
];

export async function measureInteractive(contenders: readonly Contender[], collected: Collected, course: Course): Promise<void> {
  const taking = contenders.filter(({ client }) => client.terminal !== undefined);
  for (const contender of taking) await warm(contender, course);
  // A scene that failed twice is not tried again: it would fail as slowly a third time.
  const failures = new Map<string, number>();
  for (let sample = 0; sample < course.samples; sample++) {
    for (const { name, keys, isOnEveryWire, play } of scenes) {
      for (const contender of taking) {
        const { client, role } = contender;
        if (role === "ours" && client.wire !== "WebSocket" && isOnEveryWire !== true) continue;
        const which = `${name} of ${client.name}`;
        if ((failures.get(which) ?? 0) > 1) continue;
        if (performance.now() > course.deadline) return course.say("terminal: out of time");
        course.say(`terminal: ${sample + 1} of ${course.samples}, ${which}`);
        try {
          await play(contender, collected);
        } catch (error) {
          failures.set(which, (failures.get(which) ?? 0) + 1);
          for (const key of keys) collected.note(key, client.name, reasonOf(error));
          course.say(`terminal: ${which} failed: ${reasonOf(error)}`);
        } finally {
          await endTree(contender.mark);
        }
        course.keep();
      }
    }
  }
}

/** Fills what is kept between runs: a first start and a first answer. */
async function warm(contender: Contender, course: Course): Promise<void> {
  course.say(`terminal: first start of ${contender.client.name}`);
  try {
    const program = await openQuiet(contender);
    await ask(contender, program, "short");
    await pause(1000);
    await program.end();
  } catch (error) {
    course.say(`terminal: ${contender.client.name}: ${reasonOf(error)}`);
  } finally {
    await endTree(contender.mark);
  }
}

interface Open {
  readonly program: PtyProgram;
  /** From before its start to the frame that showed a key. */
  readonly readyMs: number;
}

/** Types keys as soon as the screen is its own, until one of them shows; then empties the line again. */
async function open({ client, place, env }: Contender, scene: Scene): Promise<Open> {
  const command = client.terminal?.(place, scene) ?? [];
  const program = openPty(command, { size: { cols: 120, rows: 40 }, cwd: place.folder, env, answers });
  try {
    await program.seen(client.mark, startPatienceMs);
    const readyMs = (await firstEcho(program)) - program.startedAt;
    return { program, readyMs };
  } catch (error) {
    await program.end();
    throw error;
  }
}

async function firstEcho(program: PtyProgram): Promise<number> {
  let echoedAt: number | undefined;
  let failure: unknown;
  for (let tries = 0; echoedAt === undefined && failure === undefined && tries < rareLetters.length; tries++) {
    const key = rareLetters[tries] ?? "";
    program.seen(key, startPatienceMs).then(
      (at) => void (echoedAt ??= at),
      (error: unknown) => void (failure = error),
    );
    program.press(key);
    for (let waited = 0; waited < Math.min(50 * 2 ** tries, 2000) && echoedAt === undefined; waited += 2) await pause(2);
  }
  if (echoedAt === undefined) throw failure ?? new Error("no key was echoed");
  return echoedAt;
}

/** Ready, its line empty, and with nothing more to load. */
async function openQuiet(contender: Contender): Promise<PtyProgram> {
  const { program } = await open(contender, "talk");
  await pause(contender.role === "rival" ? 1500 : 400);
  await emptyLine(program);
  return program;
}

async function emptyLine(program: PtyProgram): Promise<void> {
  program.press("\u0015");
  await pause(150);
}

/** As fast as a person at the most: what comes at once is taken for pasted. */
async function type(program: PtyProgram, text: string): Promise<void> {
  for (const letter of text) {
    program.press(letter);
    await pause(15);
  }
  await pause(300);
}

/** Asks for a text and waits for its request. Some swallow Enter while they still load: it is pressed again. */
async function ask({ log }: Contender, program: PtyProgram, name: keyof typeof texts): Promise<Ask> {
  await type(program, textPrompt(name));
  const from = performance.now();
  for (let tries = 1; ; tries++) {
    program.press("\r");
    try {
      return await mainAsk(log, from, tries * 5000);
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

async function playStart(contender: Contender, collected: Collected): Promise<void> {
  const { program, readyMs } = await open(contender, "start");
  collected.add("ready", contender.client.name, readyMs);
  await pause(restMs);
  collected.add("rest", contender.client.name, memoryMb(runningTree(contender.mark)));
  await program.end();
}

async function playEcho(contender: Contender, collected: Collected): Promise<void> {
  const program = await openQuiet(contender);
  await ask(contender, program, "talk");
  await pause(middleMs);
  const times: number[] = [];
  let unseen = 0;
  // The letters of the start may still stand somewhere.
  for (const key of rareLetters.slice(8)) {
    await pause(20 + Math.random() * 60);
    const echoed = program.seen(key, echoPatienceMs);
    const at = program.press(key);
    times.push(
      (await echoed.catch(() => {
        unseen++;
        return at + echoPatienceMs;
      })) - at,
    );
    if (unseen === 3) break;
  }
  collected.add("echo", contender.client.name, { value: median(times), worst: Math.max(...times) });
  if (unseen > 0)
    collected.note("echo", contender.client.name, `${unseen} of ${times.length} keys not seen within ${echoPatienceMs / 1000} s`);
  await program.end();
}

async function playBehind(contender: Contender, collected: Collected, name: "fast" | "burst"): Promise<void> {
  const program = await openQuiet(contender);
  const seen = program.seen(texts[name].end, 60_000);
  // Whoever fails before must not leave it unheard.
  seen.catch(() => {});
  const asked = await ask(contender, program, name);
  const at = await seen;
  collected.add(name, contender.client.name, Math.max(0, at - (asked.endedAt ?? Number.NaN)));
  await program.end();
}

async function playStop(contender: Contender, collected: Collected): Promise<void> {
  const { client, log } = contender;
  const program = await openQuiet(contender);
  const asked = await ask(contender, program, "talk");
  await pause(middleMs);
  const stopMs = await stop(contender, program, asked);
  if (stopMs === undefined) collected.note("stop", client.name, client.silentStop ?? "");
  else collected.add("stop", client.name, stopMs);
  await pause(300);
  await emptyLine(program);
  await type(program, textPrompt("short"));
  const enteredAt = program.press("\r");
  const corrected = await mainAsk(log, enteredAt, 10_000);
  collected.add("corrected", client.name, (stopMs ?? 0) + corrected.at - enteredAt);
  await program.end();
}

/** Until the server has seen it; undefined where it is none that it sees. */
async function stop({ client }: Contender, program: PtyProgram, asked: Ask): Promise<number | undefined> {
  let pressedAt = Number.NaN;
  for (const [index, key] of client.stop.entries()) {
    if (index > 0) await pause(150);
    pressedAt = program.press(key);
  }
  if (client.silentStop !== undefined) return undefined;
  while (performance.now() < pressedAt + 8000) {
    if (asked.endedAt !== undefined) return asked.endedAt - pressedAt;
    await pause(1);
  }
  throw new Error("the server saw no stop within 8 s");
}

async function playSteer(contender: Contender, collected: Collected): Promise<void> {
  const { client, log } = contender;
  const program = await openQuiet(contender);
  const asked = await ask(contender, program, "middle");
  await pause(middleMs);
  await type(program, textPrompt("short"));
  if (asked.endedAt !== undefined) throw new Error("the text had ended before the message was typed");
  const enteredAt = program.press("\r");
  const steered = await mainAsk(log, enteredAt, 40_000);
  const { tokens, tokensPerSecond } = texts.middle;
  const endedAt = asked.endedAt ?? Number.POSITIVE_INFINITY;
  const isLate = endedAt <= steered.at && endedAt - asked.at > (900 * tokens) / tokensPerSecond;
  collected.add("steer", client.name, { value: steered.at - (isLate ? endedAt : enteredAt), isLate });
  await program.end();
}
