/** A stage for telemetry: a session on a scripted model, and a receiver of OTLP over HTTP on a real socket that keeps what it is sent. */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { EventOf, Session } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { openEngine } from "../src/engine.ts";
import { type HeardEvents, hearEvents } from "./heard-events.ts";

export interface ReceivedPayload {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Receiver {
  readonly url: string;
  readonly payloads: readonly ReceivedPayload[];
  close(): Promise<void>;
}

/** `answer`: what it does instead of taking everything; a status, or no answer at all. */
export async function startReceiver(answer: (request: ReceivedPayload) => number | "silence" = () => 200): Promise<Receiver> {
  const payloads: ReceivedPayload[] = [];
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const payload = { path: request.url ?? "", headers: request.headers, text: Buffer.concat(pieces).toString("utf8") };
      payloads.push(payload);
      const status = answer(payload);
      if (status !== "silence") response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    payloads,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export interface TelemetryStage {
  readonly base: string;
  readonly sim: Sim;
  readonly session: Session;
  readonly heard: HeardEvents;
  turn(text: string): Promise<EventOf<"turn.ended">>;
  close(): Promise<void>;
}

export interface TelemetryOptions {
  readonly scenario: ScenarioInput;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: object;
  readonly policy?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly model?: string;
}

export async function openTelemetryStage(options: TelemetryOptions): Promise<TelemetryStage> {
  const { scenario, env: own = {}, config, policy, files = {}, model = "sim/scripted" } = options;
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-telemetry-")));
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(base, name)), { recursive: true });
    fs.writeFileSync(path.join(base, name), text);
  };
  fs.mkdirSync(path.join(base, "work"));
  for (const [name, text] of Object.entries(files)) write(`work/${name}`, text);
  if (config !== undefined) write("config/twolane/config.json", JSON.stringify(config));
  if (policy !== undefined) write("work/.twolane/policy.yaml", policy);
  const sim = await startSim({ port: 0, scenario });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: `${base}/state`, XDG_CACHE_HOME: `${base}/cache`, XDG_CONFIG_HOME: `${base}/config` },
    ...own,
  };
  const cwd = path.join(base, "work");
  const opened = await openEngine({ cwd, env, model, scope: [], landing: "hunk", dryRun: false, asks: true, trust: true });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  const heard = hearEvents(session, 20_000);
  return {
    ...{ base, sim, session, heard },
    turn(text) {
      const before = heard.events.filter(({ type }) => type === "turn.ended").length;
      session.send({ type: "prompt", text });
      return heard.wait("turn.ended", (all) => all.at(before));
    },
    async close() {
      await session.close();
      await sim.close();
      fs.rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
