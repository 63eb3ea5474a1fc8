import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type ResolvedModel, resolveModel } from "../catalog.ts";
import type { ConversationItem, ModelEnd, ModelEvent, ModelRequest, ModelSession } from "../models.ts";
import { oneLine } from "../provider-failure.ts";
import { isSameModel } from "../served-model.ts";
import { createChatWriter, messagesOf } from "./chat-request.ts";
import { openConnection } from "../connection.ts";
import { openChatSession } from "./chat-session.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server | net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  listen(createServer(answer));

function modelAt(port: number, provider: object = {}, env: Record<string, string> = { ACME_KEY: "sk-secret" }): ResolvedModel {
  const configText = JSON.stringify({
    providers: { acme: { baseUrl: `http://127.0.0.1:${port}/v1`, wire: "chat", keyEnv: "ACME_KEY", ...provider } },
  });
  const model = resolveModel("acme/m", { env, configText });
  if (!model.ok) throw new Error(model.failure.message);
  return model.value;
}

function session(port: number, env?: Record<string, string>): ModelSession {
  const opened = openChatSession({ model: modelAt(port, {}, env), connect: openConnection });
  closers.push(() => opened.close());
  return opened;
}

const hello: ModelRequest = { items: [{ kind: "user", text: "hello" }], tools: [] };
const askAll = (from: ModelSession): Promise<readonly ModelEvent[]> =>
  new Promise((resolve) => {
    const events: ModelEvent[] = [];
    from.respond(hello, (event) => {
      events.push(event);
      if (event.kind === "ended") resolve(events);
    });
  });
const ask = async (from: ModelSession): Promise<ModelEnd | undefined> =>
  (await askAll(from)).find((event): event is ModelEnd => event.kind === "ended");

const json = (error: object): string => JSON.stringify({ error });

describe("a refusal becomes one failure", () => {
  it.each<[number, string, Record<string, string>, string, RegExp]>([
    [
      401,
      json({ message: "Incorrect API key provided: sk-secret", code: "invalid_api_key" }),
      {},
      "KEY_REFUSED",
      /ACME_KEY.*401.*provided: …/,
    ],
    [403, json({ message: "forbidden" }), {}, "KEY_REFUSED", /403/],
    [404, json({ message: "The model `m` does not exist", code: "model_not_found" }), {}, "MODEL_UNKNOWN", /model m/],
    [404, json({ message: 'model "m" not found, try pulling it first' }), {}, "MODEL_UNKNOWN", /model m/],
    [404, "404 page not found", {}, "PROVIDER_UNREACHABLE", /127\.0\.0\.1.*404/],
    [400, json({ message: "m is not a valid model: unknown model" }), {}, "MODEL_UNKNOWN", /model m/],
    [400, json({ message: "too long", code: "context_length_exceeded" }), {}, "CONTEXT_FULL", /length/],
    [
      400,
      json({ message: "Please reduce the length of the messages", type: "invalid_request_error" }),
      {},
      "CONTEXT_FULL",
      /length/,
    ],
    [413, "<html><head><title>Request Entity Too Large</title></head></html>", {}, "CONTEXT_FULL", /Too Large/],
    [
      400,
      json({ message: "tools are not\nsupported", type: "invalid_request_error" }),
      {},
      "PROVIDER_REFUSED",
      /tools are not supported/,
    ],
    [402, json({ message: "Insufficient credits", code: 402 }), {}, "PROVIDER_LIMIT", /payment/],
    [
      429,
      json({ message: "slow", type: "tokens", code: "rate_limit_exceeded" }),
      { "retry-after": "12" },
      "PROVIDER_LIMIT",
      /limit.*429/,
    ],
    [429, json({ message: "no quota", code: "insufficient_quota" }), {}, "PROVIDER_LIMIT", /payment/],
    [422, JSON.stringify({ detail: [{ loc: ["body"], msg: "field required" }] }), {}, "PROVIDER_REFUSED", /field required/],
    [500, json({ message: "boom" }), {}, "PROVIDER_BROKEN", /500.*boom/],
    [502, "<html><title>502 Bad Gateway</title></html>", {}, "PROVIDER_BROKEN", /Bad Gateway/],
    [503, "", {}, "PROVIDER_BROKEN", /503/],
    [529, json({ message: "Overloaded" }), {}, "PROVIDER_LIMIT", /529/],
    [308, "", { location: "https://other.example/v1" }, "PROVIDER_UNREACHABLE", /other\.example/],
    [200, "<html><title>Welcome</title></html>", { "content-type": "text/html" }, "PROVIDER_BROKEN", /not its protocol/],
    [200, json({ message: "no", code: "server_error" }), { "content-type": "application/json" }, "PROVIDER_BROKEN", /failed/],
  ])("%s %s", async (...[status, body, headers, code, words]) => {
    const port = await serve((_, response) => response.writeHead(status, headers).end(body));
    const event = await ask(session(port));
    expect(event).toMatchObject({ ending: "failed", failure: { code, message: expect.stringMatching(words) } });
    expect(JSON.stringify(event)).not.toMatch(/sk-secret|\\n/);
  });

  it("names the wait, and the missing key", async () => {
    const limited = await serve((_, response) => response.writeHead(429, { "retry-after": "12" }).end("{}"));
    expect(await ask(session(limited))).toMatchObject({ failure: { cure: expect.stringContaining("12 s") } });
    const locked = await serve((_, response) => response.writeHead(401).end("{}"));
    expect(await ask(session(locked, {}))).toMatchObject({
      failure: { code: "KEY_MISSING", cure: expect.stringContaining("ACME_KEY") },
    });
    expect(oneLine("a\u001b[31m\u2028b".repeat(200)).length).toBeLessThanOrEqual(301);
  });

  it("says which refusals are limits that the same request can wait for, and hands over what is left", async () => {
    const refusedBy = async (status: number, body: string, headers: Record<string, string> = {}) => {
      const port = await serve((_, response) => response.writeHead(status, headers).end(body));
      return (await ask(session(port)))?.refused;
    };
    const before = Date.now();
    const limit = await refusedBy(429, json({ message: "slow", code: "rate_limit_exceeded" }), { "retry-after": "12" });
    expect(limit).toMatchObject({ why: "limit" });
    expect(limit?.resetsAt).toBeGreaterThanOrEqual(before + 12_000);
    expect(await refusedBy(429, "{}")).toEqual({ why: "limit" });
    expect(await refusedBy(402, "{}")).toEqual({ why: "payment" });
    expect(await refusedBy(429, json({ message: "no quota", code: "insufficient_quota" }))).toEqual({ why: "payment" });
    expect(await refusedBy(529, "{}")).toEqual({ why: "overload" });
    expect(await refusedBy(503, "", { "retry-after-ms": "40" })).toMatchObject({ why: "overload" });
    expect(await refusedBy(503, "")).toBeUndefined();
    expect(await refusedBy(500, "")).toBeUndefined();
    expect(await refusedBy(429, json({ message: "Request too large for m: limit 30000, requested 40000" }))).toBeUndefined();
    const port = await serve((_, response) =>
      response.writeHead(429, { "x-ratelimit-limit-tokens": "100", "x-ratelimit-remaining-tokens": "5" }).end("{}"),
    );
    expect(await askAll(session(port))).toContainEqual({
      kind: "limits",
      windows: [{ name: "tokens", what: "tokens", limit: 100, left: 5, leftPercent: 5 }],
    });
  });

  it("so does a connection that is refused, closed, or not HTTP", async () => {
    const gone = await listen(net.createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end())));
    expect(await ask(session(gone))).toMatchObject({ ending: "failed", failure: { code: "PROVIDER_UNREACHABLE" } });
    const garbage = await listen(net.createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-nothing\r\n\r\n")));
    expect(await ask(session(garbage))).toMatchObject({ ending: "failed", failure: { code: "PROVIDER_BROKEN" } });
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(session(port))).toMatchObject({
      ending: "failed",
      failure: { code: "PROVIDER_UNREACHABLE", message: expect.stringContaining("nothing runs there") },
    });
  });
});

const answer = `data: ${JSON.stringify({ choices: [{ delta: { content: "ok" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`;
const whole = (response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "text/event-stream" }).end(answer);
const until = async (truth: () => boolean): Promise<void> => {
  while (!truth()) await new Promise((resolve) => setImmediate(resolve));
};

describe("connections", () => {
  it("prewarm opens one, the requests use it, and a stop leaves a fresh one behind", async () => {
    let connections = 0;
    const ports: (number | undefined)[] = [];
    let aborted = false;
    const server = createServer((request, response) => {
      ports.push(request.socket.remotePort);
      if (ports.length < 3) return whole(response);
      if (ports.length > 3) return whole(response);
      response.on("close", () => (aborted = true));
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .write(answer.slice(0, answer.indexOf("data: [DONE]")).replace('"stop"', "null"));
    });
    server.on("connection", () => connections++);
    const from = session(await listen(server));
    from.prewarm();
    from.prewarm();
    await until(() => connections === 1);
    await ask(from);
    await ask(from);
    from.prewarm();
    expect(connections).toBe(1);
    expect(new Set(ports).size).toBe(1);

    const events: ModelEvent[] = [];
    await new Promise<void>((resolve) => {
      const run = from.respond(hello, (event) => {
        events.push(event);
        if (event.kind === "text") run.stop();
        if (event.kind === "ended") resolve();
      });
      expect(events).toEqual([]);
      expect(run.steer("x")).toBe(false);
    });
    await until(() => aborted && connections === 2);
    expect(events.map(({ kind }) => kind)).toEqual(["requested", "started", "text", "ended"]);
    expect(events.at(-1)).toEqual({ kind: "ended", ending: "interrupted" });
    expect(await ask(from)).toMatchObject({ ending: "completed" });
    expect(connections).toBe(2);
  });

  it("a stop before anything was sent, and a second one, end it once", async () => {
    const from = session(await serve((_, response) => whole(response)));
    const events: ModelEvent[] = [];
    const run = from.respond(hello, (event) => events.push(event));
    run.stop();
    run.stop();
    expect(events).toEqual([]);
    await ask(from);
    expect(events).toEqual([{ kind: "ended", ending: "interrupted" }]);
  });

  it("a kept connection that the server closes under the request is replaced, once", async () => {
    let requests = 0;
    const port = await serve((request, response) => {
      if (++requests === 2) return void request.socket.destroy();
      whole(response);
    });
    const from = session(port);
    expect(await ask(from)).toMatchObject({ ending: "completed" });
    expect(await ask(from)).toMatchObject({ ending: "completed" });
    expect(requests).toBe(3);
  });

  it("closing the session ends what runs", async () => {
    const from = session(await serve(() => {}));
    const ended = ask(from);
    await from.close();
    expect(await ended).toEqual({ kind: "ended", ending: "interrupted" });
  });
});

describe("the request", () => {
  const items: readonly ConversationItem[] = [
    { kind: "pinned", text: "rules" },
    { kind: "pinned", text: "more" },
    { kind: "user", text: "do" },
    { kind: "reasoning", replay: "thought" },
    { kind: "assistant", text: "sure" },
    { kind: "call", call: "a", tool: "edit", input: "*** raw", freeform: true },
    { kind: "call", call: "b", tool: "read", input: '{"path":"x"}', freeform: false },
    { kind: "call", call: "c", tool: "read", input: '{"torn', freeform: false },
    { kind: "output", call: "b", text: "file", freeform: false },
    { kind: "user", text: "go on" },
    { kind: "call", call: "d", tool: "read", input: "{}", freeform: false },
  ];
  const toolCall = (id: string, name: string, args: string): unknown => ({
    id,
    type: "function",
    function: { name, arguments: args },
  });

  it("says the conversation in messages, every call answered", () => {
    expect(messagesOf(items, undefined)).toEqual([
      { role: "system", content: "rules\n\nmore" },
      { role: "user", content: "do" },
      {
        role: "assistant",
        content: "sure",
        tool_calls: [
          toolCall("a", "edit", '{"patch":"*** raw"}'),
          toolCall("b", "read", '{"path":"x"}'),
          toolCall("c", "read", '{"unreadable":"{\\"torn"}'),
        ],
      },
      { role: "tool", tool_call_id: "b", content: "file" },
      { role: "tool", tool_call_id: "a", content: "interrupted" },
      { role: "tool", tool_call_id: "c", content: "interrupted" },
      { role: "user", content: "go on" },
      { role: "assistant", content: null, tool_calls: [toolCall("d", "read", "{}")] },
      { role: "tool", tool_call_id: "d", content: "interrupted" },
    ]);
    expect(messagesOf(items, "reasoning")[2]).toMatchObject({ reasoning: "thought" });
  });

  it("carries only what the provider understands, always in the same bytes", () => {
    const request: ModelRequest = {
      items: [{ kind: "user", text: "x" }],
      tools: [
        { name: "edit", description: "edits", freeform: true },
        {
          name: "read",
          description: "reads",
          freeform: false,
          parameters: { type: "object", properties: { path: { type: "string" } } },
        },
      ],
      maxOutputTokens: 100,
    };
    const known = (model: string): ResolvedModel => {
      const resolved = resolveModel(model, { env: { GROQ_API_KEY: "k" } });
      if (!resolved.ok) throw new Error(resolved.failure.message);
      return resolved.value;
    };
    const chatRequestBody = (model: ResolvedModel): string => Buffer.from(createChatWriter(model)(request)).toString("utf8");
    expect(chatRequestBody(known("groq/openai/gpt-oss-120b"))).toBe(
      '{"model":"openai/gpt-oss-120b","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":100,"tools":[' +
        '{"type":"function","function":{"name":"edit","description":"edits","parameters":{"type":"object","properties":{"patch":{"type":"string"}},"required":["patch"],"additionalProperties":false}}},' +
        '{"type":"function","function":{"name":"read","description":"reads","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}}],' +
        '"messages":[{"role":"user","content":"x"}]}',
    );
    expect(JSON.parse(chatRequestBody(known("llamacpp/qwen3")))).toMatchObject({
      parallel_tool_calls: true,
      max_tokens: 100,
    });
    expect(JSON.parse(chatRequestBody(known("ollama/gemma3")))).not.toHaveProperty("tools");
  });

  it("goes to the path below the base address, with key and headers of the provider", async () => {
    const seen = await new Promise<IncomingMessage>((resolve) => {
      void serve((request, response) => {
        resolve(request);
        whole(response);
      }).then((port) => {
        const from = openChatSession({ model: modelAt(port, { headers: { "X-Team": "a" } }), connect: openConnection });
        closers.push(() => from.close());
        return ask(from);
      });
    });
    expect(seen.url).toBe("/v1/chat/completions");
    expect(seen.headers).toMatchObject({ authorization: "Bearer sk-secret", "x-team": "a", "content-type": "application/json" });
  });
});

describe("the served model", () => {
  it.each([
    ["gpt-5", "gpt-5-2026-08-07", true],
    ["gpt-5", "gpt-5-mini", false],
    ["meta/llama", "llama", true],
    ["llama3.2", "llama3.2:latest", true],
    ["qwen3:8b", "qwen3:4b", false],
    ["openrouter/auto", "any/thing", true],
  ])("%s, %s", (asked, served, same) => expect(isSameModel(asked, served)).toBe(same));
});
