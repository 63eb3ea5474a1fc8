/** A stage for a window that fills: a project of files that are long, a scripted model with a small window, and everything that was sent to it. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Command, EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { openEngine } from "../src/engine.ts";
import { type HeardEvents, hearEvents } from "./heard-events.ts";

export interface ContextStage {
  readonly root: string;
  readonly base: string;
  readonly sim: Sim;
  session: Session;
  events(): readonly TwolaneEvent[];
  /** One turn, to its end. */
  turn(text: string): Promise<EventOf<"turn.ended">>;
  /** What a person takes between two turns at the least, in which a summary is prepared. */
  rest(): Promise<void>;
  wait<T extends EventType>(type: T): Promise<EventOf<T>>;
  send(command: Command): void;
  /** Bodies of the requests, each with the whole conversation. */
  bodies(): readonly RequestBody[];
  /** Ends the session and opens it again; in between somebody may do something to the file of its conversation. */
  reopen(between?: (file: string) => void, model?: string): Promise<void>;
  write(name: string, text: string): void;
  /** What the model can do, for the next session. */
  configure(capabilities: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

export interface RequestBody {
  readonly input: readonly { readonly [field: string]: unknown }[];
  readonly tools?: readonly unknown[];
}

export interface ContextOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly window: number;
  readonly answers: ScenarioInput["answers"];
  readonly faults?: ScenarioInput["faults"];
  /** The provider can make a conversation shorter by itself. */
  readonly compaction?: boolean;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Absent: it is. */
  readonly trust?: boolean;
}

/** About so many tokens of lines that are all different. */
export function longFile(name: string, tokens: number): string {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; size < tokens * 3.7; n++) {
    const line = `export const ${name}_${n} = compute(${n * 7}, "${name}", ${n % 13});`;
    lines.push(line);
    size += line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}

export async function openContextStage({
  files,
  window,
  answers,
  faults,
  compaction = false,
  capabilities,
  trust = true,
}: ContextOptions): Promise<ContextStage> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-context-")));
  const root = path.join(base, "work");
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  fs.mkdirSync(`${base}/config/twolane`, { recursive: true });
  const configure = (more: Readonly<Record<string, unknown>>): void => {
    const own = { capabilities: { contextWindow: window, ...capabilities, ...more } };
    fs.writeFileSync(`${base}/config/twolane/config.json`, JSON.stringify({ providers: { sim: own } }));
  };
  configure({});
  // Without sockets each request carries all of it.
  const scenario: ScenarioInput = { answers, features: { websocket: false, compaction }, ...(faults && { faults }) };
  const sim = await startSim({ port: 0, scenario });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: `${base}/state`, XDG_CACHE_HOME: `${base}/cache`, XDG_CONFIG_HOME: `${base}/config` },
  };
  let heard: HeardEvents;
  const open = async (resume?: string, model = "sim/scripted"): Promise<Session> => {
    const engine = await openEngine({
      ...{ cwd: root, env, model, scope: [], landing: "hunk", dryRun: false, asks: true, trust },
      ...(resume !== undefined && { resume }),
    });
    if (!engine.ok) throw new Error(engine.failure.message);
    heard = hearEvents(engine.value, 20_000);
    return engine.value;
  };
  const stage: ContextStage = {
    ...{ root, base, sim, session: await open(), write, configure },
    events: () => heard.events,
    send: (command) => stage.session.send(command),
    wait: (type) => heard.wait(type, (all) => all.at(0)),
    async turn(text) {
      const before = heard.events.filter(({ type }) => type === "turn.ended").length;
      stage.session.send({ type: "prompt", text });
      return heard.wait("turn.ended", (all) => all.at(before));
    },
    rest: () => pause(150),
    bodies: () => sim.requests.flatMap(({ kind, body }) => (kind === "responses" && isBody(body) ? [body] : [])),
    async reopen(between, model) {
      const { id } = stage.session;
      await stage.session.close();
      const names = fs.readdirSync(`${base}/state`, { recursive: true, encoding: "utf8" });
      between?.(path.join(base, "state", names.find((name) => name.endsWith("conversation.jsonl")) ?? ""));
      stage.session = await open(id, model);
    },
    async close() {
      await stage.session.close();
      await sim.close();
      // A snapshot may still be on its way to the disk.
      fs.rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  return stage;
}

const isBody = (body: unknown): body is RequestBody =>
  typeof body === "object" && body !== null && "input" in body && Array.isArray(body.input);
