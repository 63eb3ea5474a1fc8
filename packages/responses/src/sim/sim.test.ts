/** The simulated server as a raw client sees it: pacing, continuation, lanes, steering, and every fault. */
import { createServer, request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startSim } from "./sim.ts";
import type { ScenarioInput, Sim } from "./sim.ts";

type Json = Record<string, unknown>;

let sim: Sim;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await sim.close();
});

const TEXT = "One two three, four; ünïcode 🙂 and the end.";

async function start(scenario: Partial<ScenarioInput> = {}, token?: string): Promise<void> {
  sim = await startSim({
    scenario: { answers: [{ reply: [{ text: TEXT }] }], ...scenario },
    ...(token !== undefined && { token }),
  });
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly chunks: number;
  /** False: the connection broke before the end. */
  readonly whole: boolean;
}

function post(path: string, body: Json, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { port: sim.port, host: "127.0.0.1", path, method: "POST", headers, agent: false };
    const request = httpRequest(options, (response) => {
      const parts: Buffer[] = [];
      const settle = (): void => {
        const text = Buffer.concat(parts).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          chunks: parts.length,
          whole: response.complete,
        });
      };
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", () => {});
      response.on("close", settle);
    });
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

function eventsOf(text: string): Json[] {
  const data = text.split("\n").filter((line) => line.startsWith("data: {"));
  return data.map((line) => JSON.parse(line.slice(6)));
}

const stream = (fields: Json = {}): Promise<HttpAnswer> =>
  post("/v1/responses", { model: "m", input: "hi", stream: true, ...fields });
const types = (events: readonly Json[]): string[] => events.map((event) => String(event.type).replace("response.", ""));

/** A raw socket that keeps what it got. */
class Peer {
  readonly events: Json[] = [];
  readonly raw: string[] = [];
  closed: number | undefined;
  readonly socket: WebSocket;
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      const text = String(data as Buffer);
      this.raw.push(text);
      try {
        this.events.push(JSON.parse(text));
      } catch {
        this.events.push({ type: "garbage" });
      }
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", (code) => {
      this.closed = code;
      this.#wake();
    });
  }

  static open(headers: Record<string, string> = {}): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${sim.port}/v1/responses`, { headers });
      sockets.push(socket);
      const peer = new Peer(socket);
      socket.on("open", () => resolve(peer));
      socket.on("error", reject);
    });
  }

  send(event: Json): void {
    this.socket.send(JSON.stringify(event));
  }

  create(fields: Json = {}): void {
    this.send({ type: "response.create", model: "m", input: "hi", store: false, ...fields });
  }

  /** The first event from `from` on that fits; rejects when the connection ends before. */
  async until(fits: (event: Json) => boolean, from = 0): Promise<Json> {
    for (;;) {
      const found = this.events.slice(from).find(fits);
      if (found !== undefined) return found;
      if (this.closed !== undefined) throw new Error(`closed with ${this.closed}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async untilClosed(): Promise<number> {
    while (this.closed === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.closed;
  }

  async respond(fields: Json = {}): Promise<Json> {
    const from = this.events.length;
    this.create(fields);
    const end = await this.until(
      (event) => event.type === "error" || "completed incomplete failed".includes(types([event])[0] ?? "?"),
      from,
    );
    return end.type === "error" ? Object(end.error) : Object(end.response);
  }
}

describe("answers", () => {
  test("events come in the order of the wire, and the same for one seed", async () => {
    const seen: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await start({ defaults: { chunk: { unit: "token", size: { min: 1, max: 4 } }, seed: 7 } });
      const events = eventsOf((await stream()).text);
      expect(types(events.filter((event) => event.type !== "response.output_text.delta"))).toEqual(
        "created in_progress output_item.added content_part.added output_text.done content_part.done output_item.done completed".split(
          " ",
        ),
      );
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
      seen.push(JSON.stringify(events).replaceAll(/"created_at":\d+/g, ""));
      if (run === 0) await sim.close();
    }
    expect(seen[0]).toBe(seen[1]);
  });

  test("the rate holds on average and the first token waits", async () => {
    await start({ defaults: { ttftMs: 40, tokensPerSecond: 4000 }, answers: [{ reply: [{ text: "word ".repeat(200) }] }] });
    const began = performance.now();
    const events = eventsOf((await stream()).text);
    const tokens = Object(events.at(-1)?.response).usage.output_tokens;
    expect(tokens).toBeGreaterThan(150);
    // The last token is due this long after the first; a lower bound, since a busy machine may only be later.
    expect(performance.now() - began).toBeGreaterThan(40 + ((tokens - 1) * 1000) / 4000 - 3);
  });

  test("rules match by prompt, output, turn and round; captures fill templates", async () => {
    await start({
      answers: [
        {
          when: { prompt: "go (\\w+)", round: 0 },
          reply: [{ call: { name: "read", arguments: { path: ["$1", "$$1", "$5"] } } }],
        },
        { when: { toolOutput: "bad" }, reply: [{ text: "sorry $1" }] },
        { when: { turn: 2 }, reply: [{ text: "second" }] },
        { reply: [{ text: "else" }] },
      ],
    });
    const peer = await Peer.open();
    const first = await peer.respond({ input: "go there" });
    const call = Object(first.output)[0];
    expect(call.arguments).toBe('{"path":["there","$1","$5"]}');
    const output = { type: "function_call_output", call_id: call.call_id, output: "bad" };
    const second = await peer.respond({ previous_response_id: first.id, input: [output] });
    expect(Object(second.output)[0].content[0].text).toBe("sorry $1");
    const third = await peer.respond({ previous_response_id: second.id, input: "more" });
    expect(Object(third.output)[0].content[0].text).toBe("second");
    expect(third.usage).toMatchObject({ input_tokens_details: { cached_tokens: expect.any(Number) } });
  });

  test("the built-in scenario knows rounds and turns a fenced patch into a call of the tool that is offered", async () => {
    sim = await startSim();
    const patch = "*** Begin Patch\n*** Delete File: a$1.txt\n*** End Patch\n";
    const input = `Apply this:\n\`\`\`diff\n${patch}\`\`\`\n`;
    const offers: [Json[], Json][] = [
      [[{ type: "custom", name: "edit" }], { type: "custom_tool_call", name: "edit", input: patch }],
      [
        [{ type: "function", name: "edit", parameters: { properties: { patch: { type: "string" } } } }],
        { type: "function_call", name: "edit", arguments: JSON.stringify({ patch }) },
      ],
      [[{ type: "custom", name: "apply_patch" }], { type: "custom_tool_call", name: "apply_patch", input: patch }],
    ];
    const peer = await Peer.open();
    for (const [tools, call] of offers) expect(Object((await peer.respond({ tools, input })).output)[0]).toMatchObject(call);
    let response = await peer.respond({ input: "bench:rounds 20 src/a.ts" });
    let rounds = 0;
    for (; Object(response.output)[0].type === "function_call"; rounds += 1) {
      const call = Object(response.output)[0];
      expect(call.arguments).toBe('{"path":"src/a.ts"}');
      const item = { type: "function_call_output", call_id: call.call_id, output: "x" };
      response = await peer.respond({ previous_response_id: response.id, input: [item] });
    }
    expect(rounds).toBe(20);
  });

  test("chat: reasoning field, usage never, whole arguments; calls need their outputs", async () => {
    await start({
      chat: { reasoningField: "reasoning", usage: "never", toolArguments: "whole" },
      answers: [{ reply: [{ reasoning: "hm" }, { call: { name: "edit", input: "raw" } }] }],
    });
    const ask = { model: "m", messages: [{ role: "user", content: "x" }], stream: true, stream_options: { include_usage: true } };
    const { text } = await post("/chat/completions", ask);
    expect(text).toContain('"reasoning":"hm"');
    expect(text).toContain('"arguments":"{\\"input\\":\\"raw\\"}"');
    expect(text).not.toContain("usage");
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    const calls = [{ id: "c", type: "function", function: { name: "edit", arguments: "{}" } }];
    const open = await post("/chat/completions", {
      ...ask,
      messages: [...ask.messages, { role: "assistant", tool_calls: calls }],
    });
    expect(open.status).toBe(400);
    expect(open.text).toContain("No tool output found for function call c.");
  });

  test("a response that nobody reads ends as cancelled", async () => {
    await start({ defaults: { ttftMs: 60_000 } });
    const socket = connect(sim.port, "127.0.0.1");
    const body = '{"model":"m","input":"x","stream":true}';
    socket.write(`POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${sim.port}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await expect.poll(() => sim.requests[0]?.outcome).toBe("cancelled");
  });
});

describe("sockets", () => {
  test("continuation: latest per lane, evicted by a failure, stored ones found", async () => {
    await start();
    const peer = await Peer.open();
    const warm = await peer.respond({ generate: false });
    const first = await peer.respond({ previous_response_id: warm.id });
    const second = await peer.respond({ previous_response_id: first.id });
    expect(await peer.respond({ previous_response_id: first.id })).toMatchObject({ code: "previous_response_not_found" });
    const output = { type: "function_call_output", call_id: "call_none", output: "" };
    expect(await peer.respond({ previous_response_id: second.id, input: [output] })).toMatchObject({ code: "invalid_request" });
    expect(await peer.respond({ previous_response_id: second.id })).toMatchObject({ code: "previous_response_not_found" });
    const stored = await peer.respond({ store: true });
    await peer.respond();
    expect(await peer.respond({ previous_response_id: stored.id })).toMatchObject({ status: "completed" });
  });

  test("lanes run side by side, each in order, and are named in events", async () => {
    await start({ defaults: { tokensPerSecond: 500 } });
    const peer = await Peer.open();
    for (const stream_id of ["a", "b", "a"]) peer.create({ stream_id });
    peer.create({ stream_id: "bad lane" });
    await peer.until((event) => event.type === "error");
    const ended = (): Json[] => peer.events.filter((event) => event.type === "response.completed");
    await peer.until(() => ended().length === 3);
    const order = peer.events.filter((event) => event.type === "response.created" || event.type === "response.completed");
    expect(order.slice(0, 2).map((event) => [types([event])[0], event.stream_id])).toEqual([
      ["created", "a"],
      ["created", "b"],
    ]);
    expect(types(order.filter((event) => event.stream_id === "a"))).toEqual(["created", "completed", "created", "completed"]);
    for (let lane = 2; lane < 32; lane += 1) peer.create({ stream_id: `lane${lane}`, generate: false });
    const from = peer.events.length;
    peer.create({ stream_id: "one-too-many" });
    expect(Object(await peer.until((event) => event.type === "error", from)).error.code).toBe("websocket_stream_limit_reached");
  });

  test("interrupt keeps finished items, drops the one being written, and can be continued", async () => {
    await start({
      defaults: { tokensPerSecond: 200 },
      answers: [{ when: { prompt: "hi" }, reply: [{ reasoning: "a" }, { text: TEXT.repeat(99) }] }, { reply: [{ text: "ok" }] }],
    });
    const peer = await Peer.open();
    peer.create();
    await peer.until((event) => event.type === "response.output_text.delta");
    const response_id = Object(peer.events[0]?.response).id;
    peer.send({ type: "response.interrupt", response_id, mode: "discard_partial_items" });
    const end = await peer.until((event) => event.type === "response.incomplete");
    expect(end.response).toMatchObject({
      incomplete_details: { reason: "interrupted" },
      end_turn: false,
      output: [{ type: "reasoning" }],
    });
    const next = await peer.respond({ previous_response_id: response_id, input: "other" });
    expect(next).toMatchObject({ status: "completed" });
    peer.send({ type: "response.interrupt", response_id, mode: "discard_partial_items" });
    expect(Object(await peer.until((event) => event.type === "error")).error.code).toBe("response_not_found");
    expect(sim.requests.map((request) => request.outcome)).toEqual([
      "completed",
      "interrupted",
      "completed",
      "completed",
      "refused",
    ]);
  });

  test("steer: accepted, ends behind the item, followed by a successor", async () => {
    await start({
      defaults: { tokensPerSecond: 300 },
      answers: [{ when: { prompt: "hi" }, reply: [{ text: TEXT }, { reasoning: "never" }] }, { reply: [{ text: "steered" }] }],
    });
    const peer = await Peer.open();
    peer.create();
    await peer.until((event) => event.type === "response.output_text.delta");
    const previous_response_id = Object(peer.events[0]?.response).id;
    peer.send({ type: "response.steer", previous_response_id, input: "rather that" });
    await peer.until((event) => event.type === "response.completed");
    expect(
      types(peer.events.filter((event) => !String(event.type).includes(".output_") && !String(event.type).includes("part"))),
    ).toEqual(["created", "in_progress", "steer.accepted", "incomplete", "created", "in_progress", "completed"]);
    const end = peer.events.find((event) => event.type === "response.incomplete");
    expect(end?.response).toMatchObject({ incomplete_details: { reason: "steered" }, output: [{ content: [{ text: TEXT }] }] });
    const last = peer.events.at(-1);
    expect(last?.response).toMatchObject({ previous_response_id, output: [{ content: [{ text: "steered" }] }] });
    peer.send({ type: "response.steer", previous_response_id: Object(last?.response).id, input: "late" });
    expect(await peer.until((event) => event.type === "response.steer.failed")).toMatchObject({
      error: { code: "response_already_completed" },
      steer: { input: "late" },
    });
  });

  test("steer while a call is written waits for the output of that call", async () => {
    await start({
      defaults: { tokensPerSecond: 300 },
      answers: [
        { when: { prompt: "hi" }, reply: [{ call: { name: "edit", input: TEXT } }] },
        { when: { prompt: "that" }, reply: [{ text: "steered" }] },
      ],
    });
    const peer = await Peer.open();
    peer.create();
    await peer.until((event) => event.type === "response.custom_tool_call_input.delta");
    const previous_response_id = Object(peer.events[0]?.response).id;
    peer.send({ type: "response.steer", previous_response_id, input: "rather that" });
    const pending = await peer.until((event) => event.type === "response.steer.pending");
    const [stub] = Object(pending.required_input);
    expect(stub).toMatchObject({ type: "custom_tool_call_output", name: "edit" });
    const next = await peer.respond({ previous_response_id, input: [{ type: stub.type, call_id: stub.call_id, output: "" }] });
    expect(next.output).toMatchObject([{ content: [{ text: "steered" }] }]);
  });

  test("a provider with fewer features refuses the rest", async () => {
    await start({ features: { lanes: false, interrupt: false, steer: false } });
    const peer = await Peer.open();
    peer.create({ stream_id: "a" });
    peer.send({ type: "response.interrupt", response_id: "x" });
    peer.send({ type: "response.steer", previous_response_id: "x", input: "y" });
    peer.socket.send("no json");
    await peer.until(() => peer.events.length === 4);
    expect(peer.events.map((event) => Object(event.error).code)).toEqual([
      "unknown_parameter",
      "unknown_event_type",
      "unknown_event_type",
      "invalid_json",
    ]);
  });
});

describe("borders", () => {
  test("foreign host, web page, missing key, unknown path and model", async () => {
    await start({ models: ["known"], headers: { "x-extra": "1" } }, "secret");
    const headers = { authorization: "Bearer secret" };
    expect((await post("/v1/responses", {}, { ...headers, host: "evil.example" })).status).toBe(403);
    expect((await post("/v1/responses", {}, { ...headers, origin: "https://evil.example" })).status).toBe(403);
    expect((await post("/v1/responses", {}, { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await post("/v1/nothing", {}, headers)).status).toBe(404);
    const unknown = await post("/responses", { model: "other", input: "x" }, headers);
    expect([unknown.status, unknown.headers["x-extra"]]).toEqual([404, "1"]);
    await expect(Peer.open()).rejects.toThrow("401");
    await expect(Peer.open({ ...headers, origin: "https://evil.example" })).rejects.toThrow("403");
    await Peer.open(headers);
    expect(JSON.stringify(sim.requests)).not.toContain("secret");
  });

  test("a taken port rejects", async () => {
    await start();
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => resolve(Object(other.address()).port)),
    );
    await expect(startSim({ port })).rejects.toThrow("EADDRINUSE");
    await new Promise((resolve) => other.close(resolve));
  });
});
