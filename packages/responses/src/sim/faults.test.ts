/** Each fault of a scenario as a raw client sees it, and the recovery after it. */
import { request as httpRequest } from "node:http";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startSim } from "./sim.ts";
import type { ScenarioInput, Sim } from "./sim.ts";

type Json = Record<string, unknown>;
type Faults = NonNullable<ScenarioInput["faults"]>;

const TEXT = "One two three ünïcode 🙂 end.";
let sim: Sim;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await sim.close();
});

async function start(faults: Faults, more: Partial<ScenarioInput> = {}): Promise<void> {
  sim = await startSim({ scenario: { answers: [{ reply: [{ text: TEXT }] }], faults, ...more } });
}

interface Got {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly pieces: number[];
  readonly whole: boolean;
}

function post(path = "/v1/responses", giveUpAfterMs?: number): Promise<Got> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const body = { model: "m", input: "hi", messages: [{ role: "user", content: "hi" }], stream: true };
    const request = httpRequest({ port: sim.port, host: "127.0.0.1", path, method: "POST", agent: false }, (response) => {
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", () => {});
      response.on("close", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString(),
          pieces: pieces.map((piece) => piece.length),
          whole: response.complete,
        }),
      );
    });
    request.on("error", reject);
    if (giveUpAfterMs !== undefined) setTimeout(() => request.destroy(), giveUpAfterMs);
    request.end(JSON.stringify(body));
  });
}

function open(): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${sim.port}/v1/responses`);
    sockets.push(socket);
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

/** One response on a socket: its messages until it ends by an event or with the connection. */
function respond(socket: WebSocket): Promise<{ readonly messages: string[]; readonly closed: number | undefined }> {
  return new Promise((resolve) => {
    const messages: string[] = [];
    socket.on("message", (data) => {
      messages.push(String(data as Buffer));
      if (/^\{[^{]*"type":"(error|response\.(completed|failed|incomplete))"/.test(messages.at(-1) ?? ""))
        resolve({ messages, closed: undefined });
    });
    socket.on("close", (closed) => resolve({ messages, closed }));
    socket.send(JSON.stringify({ type: "response.create", model: "m", input: "hi" }));
  });
}

const types = (text: string): string[] => [...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1] ?? "");
const typesOf = (messages: readonly string[]): string[] => messages.map((message) => /"type":"([^"]*)"/.exec(message)?.[1] ?? "");

test("cut: exactly N bytes, then the connection is gone; the next request is whole", async () => {
  await start([]);
  const { text } = await post();
  const full = Buffer.from(text);
  await sim.close();
  for (const atByte of [1, 57, full.length - 1]) {
    await start([{ kind: "cut", atByte }]);
    const cut = await post();
    expect([Buffer.byteLength(cut.text), cut.whole]).toEqual([atByte, false]);
    expect(sim.requests[0]?.outcome).toBe("cut");
    expect((await post()).whole).toBe(true);
    await sim.close();
  }
  await start([{ kind: "cut", atByte: 0 }]);
  await expect(post()).rejects.toThrow("socket hang up");
});

test("cut on a socket: the frame that holds byte N never ends", async () => {
  await start([]);
  const whole = await respond(await open());
  await sim.close();
  const first = whole.messages[0]?.length ?? 0;
  await start([{ kind: "cut", atByte: first + 40 }]);
  const cut = await respond(await open());
  expect([cut.messages.length, cut.closed]).toEqual([1, 1006]);
  expect((await respond(await open())).messages.length).toBe(whole.messages.length);
});

test("stall: for a while, or for ever", async () => {
  await start([
    { kind: "stall", atByte: 900, ms: 30 },
    { kind: "stall", atByte: 0, request: 2 },
  ]);
  const began = performance.now();
  expect((await post()).whole).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(28);
  await expect(post("/v1/responses", 60)).rejects.toThrow("socket hang up");
  await expect.poll(() => sim.requests[1]?.outcome).toBe("cancelled");
});

test("hold: so many tokens and no more, until the client ends it", async () => {
  let held = 0;
  const text = "word ".repeat(40);
  const defaults = { chunk: { unit: "bytes", size: 4 } } as const;
  const scenario: ScenarioInput = { answers: [{ reply: [{ text }], fault: { kind: "hold", atToken: 7 } }], defaults };
  sim = await startSim({ scenario, onHold: () => void held++ });
  const socket = await open();
  const said: Json[] = [];
  socket.on("message", (data: Buffer) => void said.push(JSON.parse(data.toString())));
  socket.send(JSON.stringify({ type: "response.create", model: "m", input: "hi" }));
  await expect.poll(() => held).toBe(1);
  const deltas = () => said.flatMap(({ delta }) => (typeof delta === "string" ? [delta] : []));
  await expect.poll(() => deltas().join("")).toBe(text.slice(0, 28));
  const id = sim.requests.at(-1)?.responseId;
  socket.send(JSON.stringify({ type: "response.interrupt", response_id: id }));
  await expect.poll(() => said.at(-1)?.["type"]).toBe("response.incomplete");
  expect([deltas().join(""), held]).toEqual([text.slice(0, 28), 1]);
  expect(sim.requests.at(-2)?.outcome).toBe("interrupted");
});

test("garbage, disorder, no terminal event", async () => {
  await start([
    { kind: "garbage", atEvent: 1, text: "{oops" },
    { kind: "disorder", atEvent: 2, request: 2 },
    { kind: "no-terminal", request: 3 },
  ]);
  expect((await post()).text.split("\n\n")[1]).toBe("data: {oops");
  expect(types((await post()).text).slice(0, 4)).toEqual([
    "response.created",
    "response.in_progress",
    "response.content_part.added",
    "response.output_item.added",
  ]);
  const endless = await post();
  expect([endless.whole, types(endless.text).at(-1)]).toEqual([true, "response.output_item.done"]);
});

test("garbage and no terminal event on a socket; chat without its end", async () => {
  await start([
    { kind: "garbage", atEvent: 0, text: "\u0001" },
    { kind: "no-terminal", request: 2, times: 2 },
  ]);
  const socket = await open();
  expect((await respond(socket)).messages[0]).toBe("\u0001");
  const endless = await respond(socket);
  expect([endless.closed, typesOf(endless.messages).at(-1)]).toEqual([1000, "response.output_item.done"]);
  const chat = await post("/chat/completions");
  expect(chat.text).not.toMatch(/\[DONE\]|"finish_reason":"/);
  expect((await post("/chat/completions")).text).toMatch(/"finish_reason":"stop"[\s\S]*\[DONE\]/);
});

test.each([
  [401, "invalid_api_key"],
  [404, "model_not_found"],
  [429, "rate_limit_exceeded"],
  [500, "server_error"],
  [503, "server_overloaded"],
])("status %i on every wire", async (status, code) => {
  await start([{ kind: "status", status, times: 3, ...(status === 429 && { resetMs: 1500 }) }]);
  for (const path of ["/v1/responses", "/v1/chat/completions"]) {
    const got = await post(path);
    expect([got.status, JSON.parse(got.text).error.code]).toEqual([status, code]);
    expect(got.headers["retry-after-ms"]).toBe(status === 429 ? "1500" : undefined);
  }
  const socket = await open();
  const [message = ""] = (await respond(socket)).messages;
  expect(JSON.parse(message)).toMatchObject({ type: "error", status, error: { code } });
  if (status === 429) expect(JSON.parse(message).error.headers).toMatchObject({ "retry-after": "2" });
  expect(typesOf((await respond(socket)).messages).at(-1)).toBe("response.completed");
});

test("errors in both envelopes, failed, incomplete, sparse", async () => {
  await start([
    { kind: "status", status: 429, envelope: "flat" },
    { kind: "error", envelope: "flat", request: 2, code: "boom" },
    { kind: "error", request: 3, atEvent: 0 },
    { kind: "failed", request: 4 },
    { kind: "incomplete", request: 5 },
    { kind: "sparse", request: 6 },
  ]);
  const socket = await open();
  const last = async (): Promise<Json> => JSON.parse((await respond(socket)).messages.at(-1) ?? "");
  expect(await last()).toMatchObject({ type: "error", status: 429, code: "rate_limit_exceeded" });
  expect(await last()).toMatchObject({ type: "error", code: "boom", sequence_number: 2 });
  expect(await last()).toMatchObject({ type: "error", error: { code: "server_error" } });
  expect(await last()).toMatchObject({ type: "response.failed", response: { error: { code: "server_error" } } });
  expect(await last()).toMatchObject({
    type: "response.incomplete",
    response: { incomplete_details: { reason: "max_output_tokens" } },
  });
  const sparse = (await respond(socket)).messages;
  expect(typesOf(sparse).join(" ")).not.toContain(".added");
  expect(Object.keys(JSON.parse(sparse.at(-1) ?? "").response)).not.toContain("output");
});

test("connections: refused upgrade, age limit, close, no sockets at all", async () => {
  await start([
    { kind: "refuse-upgrade", status: 407 },
    { kind: "age-limit", ms: 5, request: 2 },
    { kind: "close", ms: 5, code: 1013, request: 3 },
  ]);
  await expect(open()).rejects.toThrow("407");
  const received = (socket: WebSocket): Promise<[string, number]> =>
    new Promise((resolve) => {
      let text = "";
      socket.on("message", (data) => (text += String(data as Buffer)));
      socket.on("close", (code) => resolve([text, code]));
    });
  const [error, code] = await received(await open());
  expect([JSON.parse(error).error.code, code]).toEqual(["websocket_connection_limit_reached", 1000]);
  expect(await received(await open())).toEqual(["", 1013]);
  await open();
  await sim.close();
  await start([], { features: { websocket: false } });
  await expect(open()).rejects.toThrow("426");
});

test("slow reader: the server takes nothing more", async () => {
  await start([{ kind: "slow-reader" }]);
  const socket = await open();
  await respond(socket);
  socket.send(Buffer.alloc(32 * 1024 * 1024));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(socket.bufferedAmount).toBeGreaterThan(0);
});

test("flood: all of it arrives at a reader, and waits for one who does not read", async () => {
  const bytes = 8 * 1024 * 1024;
  await start([{ kind: "flood", bytes, times: "always" }]);
  const got = await post();
  expect(Buffer.byteLength(got.text)).toBeGreaterThan(bytes);
  const socket = await open();
  socket.pause();
  const whole = respond(socket);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sim.requests.at(-1)?.outcome).toBe("running");
  socket.resume();
  expect(typesOf((await whole).messages).at(-1)).toBe("response.completed");
});

test("a fault of one answer, at its second request only", async () => {
  const fault = { kind: "status", status: 500, request: 2 } as const;
  const answers: ScenarioInput["answers"] = [
    { when: { wire: "sse" }, reply: [{ text: TEXT }], fault },
    { reply: [{ text: TEXT }] },
  ];
  await start([], { answers });
  const statuses: number[] = [];
  for (const path of ["/responses", "/chat/completions", "/responses", "/responses"]) statuses.push((await post(path)).status);
  expect(statuses).toEqual([200, 200, 500, 200]);
});

test("fragmented transport: same bytes, many reads, sockets too", async () => {
  await start([], { transport: { fragment: 3 } });
  const got = await post();
  expect(got.text).toContain("🙂");
  expect(got.pieces.length).toBeGreaterThan(20);
  expect(typesOf((await respond(await open())).messages).at(-1)).toBe("response.completed");
});
