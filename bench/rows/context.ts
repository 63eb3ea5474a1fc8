/**
 * The rows of a window that fills: a session of 120,000 tokens in the terminal on the simulated model, which is made shorter while keys are
 * typed. What is beside a compaction in the same session is its floor.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import type { PtyProgram } from "../pty.ts";
import { type ScreenPlace, echoTimes, openReady, requestAfter } from "./screen.ts";

/** It is made shorter when 119,000 of these are used. */
const window = 146_000;
const fileTokens = 5500;
const files = 60;
const keysATurn = 10;
const waitMs = 20_000;

export async function* contextRows(repository: string): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-context-"));
  const cwd = join(root, "work");
  mkdirSync(cwd);
  mkdirSync(join(root, "config/twolane"), { recursive: true });
  const config = { providers: { sim: { capabilities: { contextWindow: window } } } };
  writeFileSync(join(root, "config/twolane/config.json"), JSON.stringify(config));
  for (let n = 0; n < files; n++) writeFileSync(join(cwd, `f${n}.ts`), longText(n));
  const sim = await startSim({ port: 0, scenario: scenario() });
  const command = [process.execPath, join(repository, "packages/cli/bin/twolane.cjs"), "-m", "sim/scripted"];
  const place: ScreenPlace = {
    ...{ sim, cwd, ours: command, oursByChat: [], bare: [], talker: [], size: { cols: 120, rows: 40 } },
    env: {
      ...{ PATH: process.env["PATH"] ?? "", HOME: root, TWOLANE_SIM_URL: sim.url, XDG_STATE_HOME: join(root, "state") },
      ...{ XDG_CACHE_HOME: join(root, "cache"), XDG_CONFIG_HOME: join(root, "config") },
    },
  };
  const program = await openReady(place, command);
  try {
    const turns: Turn[] = [];
    for (let n = 0; n < files; n++) turns.push(await turn(program, sim, n));
    const [at, beside] = [turns.filter(({ compacts }) => compacts), turns.filter(({ compacts }) => !compacts)];
    yield { what: "compactions of the session", unit: "", ours: [at.length] };
    yield {
      ...{ what: "Enter or output → request, where the session was made shorter", unit: "ms" },
      ...{ ours: at.map(({ delay }) => delay), floor: beside.map(({ delay }) => delay), worst: 1000 },
    };
    yield {
      ...{ what: "key echo in these turns, beside the others", unit: "ms", worst: 1000 },
      ...{ ours: at.flatMap(({ echoes }) => echoes), floor: beside.flatMap(({ echoes }) => echoes) },
    };
  } finally {
    await program.end();
    await sim.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Turn {
  /** One of its requests went out with a shorter conversation. */
  readonly compacts: boolean;
  /** The longest from what a request waited for until it was there; ms. */
  readonly delay: number;
  readonly echoes: readonly number[];
}

/** A prompt, and keys while its answer comes. */
async function turn(program: PtyProgram, sim: Sim, n: number): Promise<Turn> {
  const done = program.seen(`Seen ${n}.`, waitMs);
  const enteredAt = program.press(`look ${n}\r`);
  const first = await requestAfter(sim, enteredAt);
  const echoes = await echoTimes(program, { count: keysATurn, ours: true, gapMs: 8 });
  await done;
  program.press("\u0015");
  const own = sim.requests.filter(({ kind, at, body }) => kind === "responses" && at >= enteredAt && !isSummary(body));
  const second = own.find(({ at }) => at > first.at);
  const delays = [first.at - enteredAt, ...(second === undefined ? [] : [second.at - (first.endedAt ?? second.at)])];
  // What goes on with the last response is not shorter.
  const compacts = n > 0 && own.some(({ body }) => body?.["previous_response_id"] === undefined);
  await pause(30);
  return { compacts, delay: Math.max(...delays), echoes };
}

const isSummary = (body: Sim["requests"][number]["body"]): boolean =>
  JSON.stringify(body?.["input"] ?? "").includes("has to become shorter");

function longText(n: number): string {
  const lines: string[] = [];
  for (let size = 0, line = 0; size < fileTokens * 4; line++) {
    lines.push(`export const value_${n}_${line} = compute(${line * 7}, "${n}", ${line % 13});`);
    size += lines.at(-1)!.length + 1;
  }
  return `${lines.join("\n")}\n`;
}

function scenario(): ScenarioInput {
  const words = Array.from({ length: 600 }, (_, at) => `word${at} `).join("");
  return {
    answers: [
      { when: { prompt: "has to become shorter" }, reply: [{ text: words }], pace: { ttftMs: 300, tokensPerSecond: 1000 } },
      {
        when: { prompt: "look (\\d+)$" },
        reply: [{ call: { name: "read", arguments: { path: "f$1.ts" } } }, { text: "Seen $1." }],
        pace: { ttftMs: 60 },
      },
      { reply: [{ text: "Yes." }] },
    ],
  };
}
