import fs from "node:fs";
import { type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Ending } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openSharedLog } from "../../host/shared-log.ts";
import { type ResolvedModel, resolveModel } from "../catalog.ts";
import { openChatSession } from "../chat/chat-session.ts";
import { openConnection } from "../connection.ts";
import type { ModelEnd, ModelEvent, ModelRequest, ModelRun, ModelSession } from "../models.ts";
import type { Spent } from "./limited-options.ts";
import { type LimitedSession, limitSession } from "./limited-session.ts";
import { unknownSource } from "./radar.ts";
import { SharedRadar } from "./shared-radar.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const source = "a acme/m";

/** Refuses while it is closed, and counts who came although it could not succeed. */
class LimitedServer {
  port = 0;
  /** Milliseconds since 1970. */
  closedUntil = 0;
  /** Words of the requests that got through, in order. */
  readonly served: string[] = [];
  readonly refused: string[] = [];
  status = 429;
  headers: Record<string, string> = {};
  /** Says when to come back. */
  tells = true;
  delayMs = 0;

  async open(): Promise<void> {
    const server: Server = createServer((request, response) => {
      let text = "";
      request.on("data", (bytes) => (text += String(bytes)));
      request.on("end", () => this.answer(JSON.parse(text).messages.at(-1).content, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    closers.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
  }

  private answer(words: string, response: ServerResponse): void {
    const left = this.closedUntil - Date.now();
    if (left > 0) {
      this.refused.push(words);
      const after = this.tells ? { "retry-after-ms": String(left) } : {};
      return void response.writeHead(this.status, { ...after, ...this.headers }).end('{"error":{"message":"slow down"}}');
    }
    this.served.push(words);
    response.writeHead(200, { "content-type": "text/event-stream", ...this.headers });
    const chunk = { model: "m", choices: [{ delta: { content: `to ${words}` }, finish_reason: null }] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    setTimeout(() => {
      response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }], usage })}\n\n`);
      response.end("data: [DONE]\n\n");
    }, this.delayMs);
  }
}

async function server(): Promise<LimitedServer> {
  const one = new LimitedServer();
  await one.open();
  return one;
}

function logFile(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "radar-"));
  closers.push(() => fs.promises.rm(folder, { recursive: true, force: true }));
  return path.join(folder, "deep", "radar.jsonl");
}

interface Client {
  readonly session: LimitedSession;
  readonly radar: SharedRadar;
  readonly spent: Spent[];
}

/** One process's share: its own radar on the common file. */
function acme(port: number): ResolvedModel {
  const configText = JSON.stringify({ providers: { acme: { baseUrl: `http://127.0.0.1:${port}/v1`, wire: "chat" } } });
  const model = resolveModel("acme/m", { env: {}, configText });
  if (!model.ok) throw new Error(model.failure.message);
  return model.value;
}

function client(port: number, file: string, options: { patience?: number; owner?: string } = {}): Client {
  const { patience = 60_000, owner = "me" } = options;
  const radar = new SharedRadar({ log: openSharedLog(file), owner, isAlive: (one) => one !== "dead", now: Date.now });
  const spent: Spent[] = [];
  const session = limitSession(openChatSession({ model: acme(port), connect: openConnection }), {
    ...{ radar, source, patience, provider: "acme", lane: "fast" },
    onSpent: (one) => spent.push(one),
  });
  closers.push(() => session.close());
  return { session, radar, spent };
}

const say = (text: string): ModelRequest => ({ items: [{ kind: "user", text }], tools: [] });

interface Asked {
  readonly events: ModelEvent[];
  readonly run: ModelRun;
  readonly end: Promise<ModelEnd>;
}

function ask({ session }: Client, text: string): Asked {
  const events: ModelEvent[] = [];
  let run: ModelRun | undefined;
  const end = new Promise<ModelEnd>((resolve) => {
    run = session.respond(say(text), (event) => {
      events.push(event);
      if (event.kind === "ended") resolve(event);
    });
  });
  expect(events).toEqual([]);
  return { events, run: run!, end };
}

const kinds = ({ events }: Asked): string[] => events.map(({ kind }) => kind);
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("a session that goes by the limits", () => {
  it("sends at once, waits for the reset that the provider names, and sends once more", async () => {
    const peer = await server();
    const one = client(peer.port, logFile());
    peer.closedUntil = Date.now() + 400;
    const asked = ask(one, "hello");
    expect(await asked.end).toMatchObject({ ending: "completed" });
    expect([peer.refused, peer.served]).toEqual([["hello"], ["hello"]]);
    expect(kinds(asked).slice(0, 3)).toEqual(["requested", "delayed", "requested"]);
    expect(asked.events[1]).toMatchObject({ delay: { why: "limit", place: 1, of: 1 } });
    const again = ask(one, "again");
    await again.end;
    expect(kinds(again)).not.toContain("delayed");
    expect(one.radar.current.get(source)).toMatchObject({ queue: [], going: [] });
  });

  it("sends nothing before the reset from any process, keeps the order, and lets them go one by one", async () => {
    const peer = await server();
    const file = logFile();
    const [one, two] = [client(peer.port, file, { owner: "one" }), client(peer.port, file, { owner: "two" })];
    peer.closedUntil = Date.now() + 1200;
    const first = ask(one, "first");
    while (peer.refused.length === 0) await soon(5);
    await soon(20);
    const asked = [first];
    for (let n = 0; n < 6; n++) {
      asked.push(ask(n % 2 === 0 ? two : one, `request ${n}`));
      await soon(15);
    }
    expect(peer.refused).toEqual(["first"]);
    // At the reset it is closed once more: one finds that out, the others stay where they are.
    await soon(peer.closedUntil - Date.now() - 10);
    peer.closedUntil = Date.now() + 500;
    for (const { end } of asked) expect(await end).toMatchObject({ ending: "completed" });
    expect(peer.refused).toEqual(["first", "first"]);
    expect(peer.served).toEqual(["first", ...[0, 1, 2, 3, 4, 5].map((n) => `request ${n}`)]);
    const places = asked.slice(1).map(({ events }) => events.find((event) => event.kind === "delayed"));
    expect(places.map((event) => event?.delay.place)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it("leaves the queue at a stop at once, and the others move up", async () => {
    const peer = await server();
    const file = logFile();
    const [one, two] = [client(peer.port, file), client(peer.port, file)];
    peer.closedUntil = Date.now() + 700;
    const first = ask(one, "first");
    while (peer.refused.length === 0) await soon(5);
    await soon(20);
    const second = ask(two, "second");
    await soon(50);
    first.run.stop();
    const told = first.events.length;
    expect(await first.end).toMatchObject({ ending: "interrupted" });
    expect(first.events.length).toBe(told + 1);
    await second.end;
    expect(second.events.filter((event) => event.kind === "delayed").map(({ delay }) => delay.place)).toEqual([2, 1]);
    expect(peer.served).toEqual(["second"]);
  });

  it("does not wait behind a process that has died", async () => {
    const peer = await server();
    const file = logFile();
    const dead = client(peer.port, file, { owner: "dead" });
    const one = client(peer.port, file);
    const at = Date.now();
    dead.radar.tell({ t: "closed", at, source, why: "limit", until: at + 100 });
    dead.radar.tell({ t: "wait", at, source, ticket: "x", owner: "dead" });
    dead.radar.tell({ t: "go", at, source, ticket: "y", owner: "dead" });
    expect(await ask(one, "mine").end).toMatchObject({ ending: "completed" });
    expect(Date.now() - at).toBeGreaterThanOrEqual(100);
    expect(peer.refused).toEqual([]);
  });

  it("gives up at once where the reset is further away than it may wait, and sends nothing until then", async () => {
    const peer = await server();
    const one = client(peer.port, logFile(), { patience: 1000 });
    peer.closedUntil = Date.now() + 3600_000;
    expect(await ask(one, "a").end).toMatchObject({ ending: "failed", failure: { code: "PROVIDER_LIMIT" } });
    for (const text of ["b", "c", "d"]) {
      const { failure } = await ask(one, text).end;
      expect(failure).toMatchObject({ code: "PROVIDER_LIMIT", message: expect.stringContaining("not sent") });
      expect(failure?.cure).toMatch(/It opens in 60 min/);
    }
    expect(peer.refused).toEqual(["a"]);
  });

  it("tries once before the time when a person says so", async () => {
    const peer = await server();
    const one = client(peer.port, logFile(), { patience: 24 * 3600_000 });
    peer.closedUntil = Date.now() + 3600_000;
    const asked = ask(one, "a");
    while (!kinds(asked).includes("delayed")) await soon(5);
    expect(one.session.tryNow()).toBe(true);
    while (peer.refused.length < 2) await soon(5);
    await soon(50);
    one.session.tryNow();
    await soon(100);
    expect(peer.refused).toEqual(["a", "a"]);
    // The limit was lifted; but for this closing it was tried.
    peer.closedUntil = 0;
    asked.run.stop();
    await asked.end;
    expect(one.session.tryNow()).toBe(false);
  });

  it("asks again with growing pauses where no time is named, and not at all where nobody pays", async () => {
    const peer = await server();
    const file = logFile();
    const one = client(peer.port, file, { patience: 100 });
    peer.tells = false;
    peer.closedUntil = Date.now() + 3600_000;
    expect(await ask(one, "a").end).toMatchObject({ ending: "failed", refused: { why: "limit" } });
    expect(await ask(one, "b").end).toMatchObject({ failure: { code: "PROVIDER_LIMIT" } });
    expect(peer.refused).toEqual(["a"]);
    peer.status = 402;
    const other = client(peer.port, logFile());
    expect(await ask(other, "c").end).toMatchObject({ failure: { message: expect.stringContaining("payment") } });
    expect(await ask(other, "d").end).toMatchObject({ failure: { message: expect.stringContaining("not sent") } });
    expect(peer.refused).toEqual(["a", "c"]);
  });

  it("waits for an overloaded provider, and says so", async () => {
    const peer = await server();
    const one = client(peer.port, logFile());
    peer.status = 503;
    peer.closedUntil = Date.now() + 200;
    const asked = ask(one, "a");
    expect(await asked.end).toMatchObject({ ending: "completed" });
    expect(asked.events).toContainEqual({ kind: "delayed", delay: expect.objectContaining({ why: "overload" }) });
    expect(peer.refused).toEqual(["a"]);
  });

  it("does not send what the window has no room for, and learns what admission reserves", async () => {
    const peer = await server();
    const one = client(peer.port, logFile(), { patience: 0 });
    const left = (tokens: number): void =>
      void (peer.headers = {
        "x-ratelimit-limit-tokens-minute": "30000",
        "x-ratelimit-remaining-tokens-minute": String(tokens),
        "x-ratelimit-reset-tokens-minute": "50",
      });
    for (const tokens of [30_000, 21_000, 12_000]) {
      left(tokens);
      await ask(one, "short").end;
    }
    const { reserves } = one.radar.current.get(source) ?? unknownSource;
    expect(reserves.map((reserve) => Math.round(reserve / 1000))).toEqual([9, 9]);
    left(3000);
    expect(await ask(one, "fits").end).toMatchObject({ ending: "completed" });
    expect(await ask(one, "does not").end).toMatchObject({ failure: { code: "PROVIDER_LIMIT" } });
    expect(peer.served).toEqual(["short", "short", "short", "fits"]);
  });

  it("tells what was spent, and estimates what was cut off", async () => {
    const peer = await server();
    const one = client(peer.port, logFile());
    await ask(one, "counted").end;
    peer.delayMs = 2000;
    const cut = ask(one, "x".repeat(400));
    while (!kinds(cut).includes("text")) await soon(5);
    cut.run.stop();
    const end = await cut.end;
    expect(end).toMatchObject({ ending: "interrupted", estimated: { input: 100, cachedInput: 0 } });
    expect(end.estimated?.output).toBeGreaterThan(90);
    expect(one.spent).toEqual([
      { usage: { input: 10, cachedInput: 0, output: 5, reasoning: 0 }, estimated: false },
      { usage: end.estimated, estimated: true },
    ]);
  });

  it.each<readonly [Ending, string, number]>([
    ["interrupted", "12345678", 32],
    ["failed", "", 30],
  ])("counts what came and was not told of an answer that ended as %s", async (ending, text, output) => {
    const { radar, spent } = client(1, logFile());
    const events: readonly ModelEvent[] = [
      { kind: "requested", bytesSent: 1, transport: "websocket", continued: false },
      { kind: "text", text },
      { kind: "ended", ending, untold: 30 },
    ];
    const respond: ModelSession["respond"] = (_, tell) => {
      setImmediate(() => events.forEach((event) => tell(event)));
      return { stop: () => undefined, steer: () => false };
    };
    const inner = openChatSession({ model: acme(1), connect: openConnection });
    closers.push(() => inner.close());
    const session = limitSession({ ...inner, respond }, { radar, source, patience: 1000, provider: "acme", lane: "fast" });
    expect((await ask({ session, radar, spent }, "x".repeat(40)).end).estimated).toMatchObject({ input: 10, output });
  });

  it("goes on with its own radar where nothing can be written", async () => {
    const peer = await server();
    const one = client(peer.port, "/proc/nothing/radar.jsonl", { patience: 100 });
    peer.closedUntil = Date.now() + 3600_000;
    await ask(one, "a").end;
    await ask(one, "b").end;
    expect(peer.refused).toEqual(["a"]);
  });
});

describe("the shared log", () => {
  it("loses only what a killed process left half written, and begins anew when it is replaced", () => {
    const file = logFile();
    const [one, two] = [openSharedLog(file), openSharedLog(file)];
    expect(one.read()).toEqual({ lines: [], anew: false });
    one.append(["a", "b"]);
    fs.appendFileSync(file, '{"half');
    two.append(["c"]);
    expect(two.read()).toEqual({ lines: ["a", "b", '{"half', "c"], anew: true });
    expect(two.read()).toEqual({ lines: [], anew: false });
    one.replace(["z"]);
    expect(two.read()).toEqual({ lines: ["z"], anew: true });
    expect(fs.statSync(file).mode & 0o077).toBe(0);
    expect(fs.statSync(path.dirname(file)).mode & 0o077).toBe(0);
  });

  it("is tidied to what still counts, and says the same then", () => {
    const file = logFile();
    const { radar } = client(1, file);
    const at = Date.now();
    for (let n = 0; n < 3000; n++)
      radar.tell({
        t: "left",
        at,
        source,
        windows: [{ name: "tokens", what: "tokens", limit: 9, left: n % 9, resetsAt: at + 9999 }],
      });
    radar.tell({ t: "closed", at, source, why: "limit", until: at + 9999 });
    const before = JSON.stringify([...(radar.current.get(source)?.windows ?? [])]);
    radar.tidy();
    expect(fs.statSync(file).size).toBeLessThan(1000);
    expect(JSON.stringify([...(radar.current.get(source)?.windows ?? [])])).toBe(before);
    expect(radar.ask({ source, need: { input: 1 } })).toMatchObject({ do: "wait" });
  });
});
