/** A stage for the turn before Enter: a small project, a session on it, its journal and its disk to look at. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command, EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { openEngine } from "../src/engine.ts";
import { readTree } from "./instant-harness.ts";
import { hearEvents } from "./heard-events.ts";

export interface AheadStage {
  readonly root: string;
  readonly session: Session;
  readonly events: readonly TwolaneEvent[];
  readonly sim: Sim | undefined;
  send(command: Command): void;
  /** Waits for the `nth` event of that type behind the first `from` events. */
  event<T extends EventType>(type: T, from?: number): Promise<EventOf<T>>;
  tree(): Record<string, string>;
  journal(): string;
  /** The session alone; its files stay. */
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface AheadOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly ahead?: Readonly<Record<string, unknown>>;
  /** Absent: `instant` answers. */
  readonly answers?: ScenarioInput["answers"];
  readonly env?: Readonly<Record<string, string>>;
}

export async function openAheadStage({ files, ahead, answers, env: more = {} }: AheadOptions): Promise<AheadStage> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-ahead-")));
  const root = path.join(base, "work");
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  fs.mkdirSync(`${base}/config/twolane`, { recursive: true });
  if (ahead !== undefined) fs.writeFileSync(`${base}/config/twolane/config.json`, JSON.stringify({ ahead }));
  const sim = answers && (await startSim({ port: 0, scenario: { answers } }));
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, ...(sim && { TWOLANE_SIM_URL: sim.url }), ...more },
    ...{ XDG_STATE_HOME: `${base}/state`, XDG_CACHE_HOME: `${base}/cache`, XDG_CONFIG_HOME: `${base}/config` },
  };
  const model = sim === undefined ? "instant" : "sim/scripted";
  const engine = await openEngine({ cwd: root, env, model, scope: [], landing: "hunk", dryRun: false, asks: true, trust: true });
  if (!engine.ok) throw new Error(engine.failure.message);
  const session = engine.value;
  const heard = hearEvents(session, 15_000);
  let ending: Promise<void> | undefined;
  return {
    ...{ root, session, events: heard.events, sim },
    send: (command) => session.send(command),
    event: (type, from = 0) => heard.wait(type, (all) => all.find(({ at }) => at >= from)),
    tree: () => readTree(root, ""),
    journal: () => {
      const folder = fs
        .readdirSync(`${base}/state`, { recursive: true, encoding: "utf8" })
        .find((name) => name.endsWith(`${session.id}/journal.jsonl`));
      if (folder === undefined) throw new Error("the session has no journal");
      return fs.readFileSync(`${base}/state/${folder}`, "utf8");
    },
    end: () => (ending ??= session.close()),
    async close() {
      await (ending ??= session.close());
      await sim?.close();
      fs.rmSync(base, { recursive: true, force: true });
    },
  };
}
