/** A stage for workflows in tests: a small repository, a scripted model, a session that is told things and waited for. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command, EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { openEngine } from "../src/engine.ts";
import { hearEvents } from "./heard-events.ts";

export type Answers = ScenarioInput["answers"];

export interface WorkflowStage {
  readonly root: string;
  readonly session: Session;
  readonly sim: Sim;
  readonly events: readonly TwolaneEvent[];
  send(command: Command): void;
  /** The `nth` event of that type, counted from one; waits for it. */
  event<T extends EventType>(type: T, nth?: number): Promise<EventOf<T>>;
  text(file: string): string;
  close(): Promise<void>;
}

export interface StageOptions {
  /** A folder whose files are copied first; `files` are written over them. */
  readonly from?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly answers: Answers;
  /** False: nobody is there who could answer. */
  readonly asks?: boolean;
  readonly trust?: boolean;
  /** The person's configuration. */
  readonly config?: object;
  /** So long an event is waited for; ms. */
  readonly waitMs?: number;
}

export async function openWorkflowStage({
  files,
  answers,
  asks = true,
  trust = true,
  waitMs = 20_000,
  config,
  from,
}: StageOptions): Promise<WorkflowStage> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-workflow-")));
  const root = path.join(base, "work");
  if (from !== undefined) fs.cpSync(from, root, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "one");
  const sim = await startSim({ port: 0, scenario: { answers } });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: `${base}/state`, XDG_CACHE_HOME: `${base}/cache`, XDG_CONFIG_HOME: `${base}/config` },
  };
  if (config !== undefined) {
    fs.mkdirSync(path.join(base, "config/twolane"), { recursive: true });
    fs.writeFileSync(path.join(base, "config/twolane/config.json"), JSON.stringify(config));
  }
  const engine = await openEngine({
    ...{ cwd: root, env, model: "sim/scripted", scope: [], landing: "hunk", dryRun: false, asks, trust },
  });
  if (!engine.ok) throw new Error(engine.failure.message);
  const session = engine.value;
  const heard = hearEvents(session, waitMs);
  return {
    ...{ root, session, sim, events: heard.events },
    send: (command) => session.send(command),
    event: (type, nth = 1) => heard.wait(type, (all) => all[nth - 1]),
    text: (file) => fs.readFileSync(path.join(root, file), "utf8"),
    async close() {
      await session.close();
      await sim.close();
      fs.rmSync(base, { recursive: true, force: true });
    },
  };
}

/** An edit of one line, as the scripted model makes it. */
export const lineEdit = (file: string, from: string, to: string): Answers[number]["reply"] => [
  { call: { name: ["edit"], input: `*** Begin Patch\n*** Update File: ${file}\n@@\n-${from}\n+${to}\n*** End Patch\n` } },
];

/** A new file, as the scripted model makes it; the text ends with a line ending. */
export const newFile = (file: string, text: string): Answers[number]["reply"] => [
  {
    call: {
      name: ["edit"],
      input: `*** Begin Patch\n*** Add File: ${file}\n${text.replace(/^(?=.|\n(?!$))/gm, "+").replace(/\+$/, "")}*** End Patch\n`,
    },
  },
];
