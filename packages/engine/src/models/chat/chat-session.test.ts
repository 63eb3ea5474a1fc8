import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { resolveModel } from "../catalog.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ModelSession } from "../models.ts";
import type { ExchangeLimits } from "../exchange.ts";
import { openConnection } from "../connection.ts";
import { openChatSession } from "./chat-session.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Peer {
  readonly port: number;
  /** Whole requests as they came, head and body. */
  readonly requests: string[];
  connections: number;
}

/** A server of raw bytes: what it writes, and where it cuts, is up to the test. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const peer: Peer = { port: 0, requests: [], connections: 0 };
  const server: Server = createServer((socket) => {
    peer.connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("utf8");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head === -1 || Buffer.byteLength(text.slice(head + 4)) < length) return;
      const request = text;
      text = "";
      peer.requests.push(request);
      answer(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    ...peer,
    port: (server.address() as AddressInfo).port,
    get connections() {
      return peer.connections;
    },
  };
}

function session(
  port: number,
  options: { limits?: Partial<ExchangeLimits>; provider?: object; key?: string } = {},
): ModelSession {
  const configText = JSON.stringify({
    providers: { acme: { baseUrl: `http://127.0.0.1:${port}/v1`, wire: "chat", keyEnv: "ACME_KEY", ...options.provider } },
  });
  const model = resolveModel("acme/m", { env: { ACME_KEY: options.key ?? "sk-secret" }, configText });
  if (!model.ok) throw new Error(model.failure.message);
  const opened = openChatSession({
    model: model.value,
    connect: openConnection,
    ...(options.limits && { limits: options.limits }),
  });
  open.push(() => opened.close());
  return opened;
}

const hello: ModelRequest = { items: [{ kind: "user", text: "hello" }], tools: [] };

function ask(from: ModelSession, request: ModelRequest = hello): Promise<ModelEvent[]> {
  return new Promise((resolve) => {
    const events: ModelEvent[] = [];
    from.respond(request, (event) => {
      events.push(event);
      if (event.kind === "ended") resolve(events);
    });
  });
}

const streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const chunkedHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const data = (payload: unknown): string => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`;
const delta = (fields: object, more: object = {}): string =>
  data({ model: "m", choices: [{ index: 0, delta: fields, finish_reason: null, ...more }] });
const finish = (reason: string, delta: object = {}): string =>
  data({ model: "m", choices: [{ index: 0, delta, finish_reason: reason }] });
const usage = data({
  model: "m",
  choices: [],
  usage: {
    prompt_tokens: 9,
    completion_tokens: 4,
    prompt_tokens_details: { cached_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 1 },
  },
});
const done = data("[DONE]");
const call = (fields: object): string => delta({ tool_calls: [fields] });

/** Neighbouring deltas joined, and what depends on the machine left out: two cuts of one stream compare equal. */
function coalesce(events: readonly ModelEvent[]): readonly ModelEvent[] {
  const out: ModelEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.kind === "requested") continue;
    if (event.kind === "text" && last?.kind === "text") out[out.length - 1] = { kind: "text", text: last.text + event.text };
    else if (event.kind === "reasoning" && last?.kind === "reasoning")
      out[out.length - 1] = { kind: "reasoning", text: last.text + event.text };
    else if (event.kind === "call.delta" && last?.kind === "call.delta" && last.call === event.call)
      out[out.length - 1] = { ...last, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}

const answerOnce = async (text: string, options: Parameters<typeof session>[1] = {}): Promise<readonly ModelEvent[]> => {
  const { port } = await serve((socket) => socket.end(streamHead + text));
  return coalesce(await ask(session(port, options)));
};
const endOf = (events: readonly ModelEvent[]): Extract<ModelEvent, { kind: "ended" }> => {
  const last = events.at(-1);
  if (last?.kind !== "ended" || events.filter(({ kind }) => kind === "ended").length !== 1) throw new Error("not ended once");
  return last;
};
const itemsOf = (events: readonly ModelEvent[]): ConversationItem[] =>
  events.flatMap((event) => (event.kind === "item" ? [event.item] : []));

const wholeAnswer =
  ": keep-alive\n\n" +
  delta({ role: "assistant", content: "" }) +
  delta({ reasoning: "Hm, " }) +
  delta({ reasoning_content: "well." }) +
  delta({ content: "Grüße 🦊 " }) +
  delta({ content: "an alle" }) +
  call({ index: 0, id: "a", type: "function", function: { name: "edit", arguments: "" } }) +
  call({ index: 0, function: { arguments: '{"patch":"ä' } }) +
  call({ index: 1, id: "b", type: "function", function: { name: "read", arguments: '{"path":' } }) +
  call({ index: 0, function: { arguments: '"}' } }) +
  call({ index: 1, function: { arguments: '"x"}' } }) +
  finish("tool_calls") +
  usage +
  done;

const wholeEvents: readonly ModelEvent[] = [
  { kind: "started", model: "m" },
  { kind: "reasoning", text: "Hm, well." },
  { kind: "text", text: "Grüße 🦊 an alle" },
  { kind: "call.started", call: "a", tool: "edit", freeform: false },
  { kind: "call.delta", call: "a", text: '{"patch":"ä' },
  { kind: "call.started", call: "b", tool: "read", freeform: false },
  { kind: "call.delta", call: "b", text: '{"path":' },
  { kind: "call.delta", call: "a", text: '"}' },
  { kind: "call.delta", call: "b", text: '"x"}' },
  { kind: "item", item: { kind: "assistant", text: "Grüße 🦊 an alle" } },
  { kind: "item", item: { kind: "call", call: "a", tool: "edit", input: '{"patch":"ä"}', freeform: false } },
  { kind: "item", item: { kind: "call", call: "b", tool: "read", input: '{"path":"x"}', freeform: false } },
  { kind: "ended", ending: "completed", usage: { input: 9, cachedInput: 3, output: 4, reasoning: 1 } },
];

describe("a streamed answer", () => {
  it("becomes events, in order", async () => {
    const { port, requests } = await serve((socket) => socket.end(streamHead + wholeAnswer));
    const events = await ask(session(port));
    expect(events[0]).toMatchObject({
      kind: "requested",
      transport: "sse",
      continued: false,
      bytesSent: Buffer.byteLength(requests[0] ?? ""),
    });
    expect(coalesce(events)).toEqual(wholeEvents);
  });

  it("is the same wherever the bytes are cut in two", async () => {
    const bytes = Buffer.from(wholeAnswer);
    const { port } = await serve((socket, request) => {
      const at = Number(/"cut (\d+)"/.exec(request)?.[1]);
      socket.write(chunkedHead);
      socket.write(`${at.toString(16)}\r\n`);
      socket.write(bytes.subarray(0, at));
      setImmediate(() => {
        socket.write(`\r\n${(bytes.length - at).toString(16)}\r\n`);
        socket.write(bytes.subarray(at));
        socket.write("\r\n0\r\n\r\n");
      });
    });
    const from = session(port);
    const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    for (let first = 0; first < cuts.length; first += 50) {
      const answers = cuts
        .slice(first, first + 50)
        .map((at) => ask(from, { items: [{ kind: "user", text: `cut ${at}` }], tools: [] }));
      for (const events of await Promise.all(answers)) expect(coalesce(events)).toEqual(wholeEvents);
    }
  });

  it("that is cut off at any byte is truncated, and what was told is the beginning of the whole", async () => {
    const bytes = Buffer.from(wholeAnswer);
    const finishedFrom = Buffer.byteLength(wholeAnswer.slice(0, wholeAnswer.indexOf(usage)));
    const whole = wholeEvents.filter(({ kind }) => kind !== "ended");
    const texts = (events: readonly ModelEvent[], kind: "text" | "reasoning"): string =>
      events.map((event) => (event.kind === kind ? event.text : "")).join("");
    const { port } = await serve((socket, request) => {
      const at = Number(/"cut (\d+)"/.exec(request)?.[1]);
      const size = `${bytes.length.toString(16)}\r\n`;
      // Half of them end by a reset in the middle of a chunk, half by a clean close of a stream without a length.
      if (at % 2 === 0) socket.write(chunkedHead + size);
      else socket.write(streamHead);
      socket.write(bytes.subarray(0, at), () => socket.end());
    });
    const from = session(port);
    for (let first = 0; first < bytes.length; first += 50) {
      const cuts = Array.from({ length: Math.min(50, bytes.length - first) }, (_, index) => first + index);
      const answers = await Promise.all(cuts.map((at) => ask(from, { items: [{ kind: "user", text: `cut ${at}` }], tools: [] })));
      for (const [index, events] of answers.entries()) {
        const told = coalesce(events).slice(0, -1);
        expect(whole.map(({ kind }) => kind)).toEqual(expect.arrayContaining(told.map(({ kind }) => kind)));
        for (const kind of ["text", "reasoning"] as const) expect(texts(whole, kind).startsWith(texts(told, kind))).toBe(true);
        const expected =
          (cuts[index] ?? 0) >= finishedFrom
            ? { ending: "completed" }
            : { ending: "truncated", failure: { code: "STREAM_TRUNCATED" } };
        expect(endOf(events), `cut at ${cuts[index]}`).toMatchObject(expected);
        expect(itemsOf(events).length).toBe(expected.ending === "truncated" ? 0 : 3);
      }
    }
  });

  it("keeps a call's arguments whatever their pieces are", async () => {
    let pieces: readonly string[] = [];
    const { port } = await serve((socket) => {
      const rest = pieces.slice(1).map((text) => call({ index: 0, function: { arguments: text } }));
      socket.end(
        streamHead +
          call({ index: 0, id: "z", function: { name: "edit", arguments: pieces[0] ?? "" } }) +
          rest.join("") +
          finish("stop"),
      );
    });
    const from = session(port);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), fc.array(fc.nat(), { maxLength: 8 }), async (text, cuts) => {
        const input = JSON.stringify({ patch: text });
        const places = [0, ...cuts.map((cut) => cut % input.length).sort((a, b) => a - b), input.length];
        pieces = places.slice(1).map((end, index) => input.slice(places[index], end));
        const events = await ask(from);
        expect(itemsOf(events)).toEqual([{ kind: "call", call: "z", tool: "edit", input, freeform: false }]);
        expect(events.map((event) => (event.kind === "call.delta" ? event.text : "")).join("")).toBe(input);
      }),
      { numRuns: 60 * scale },
    );
  });
});

describe("the ways in which servers differ", () => {
  const answered = (text: string): Promise<ConversationItem[]> => answerOnce(text).then(itemsOf);
  const edit = (id: unknown, input: unknown = "{}"): unknown => ({
    kind: "call",
    call: id,
    tool: "edit",
    input,
    freeform: false,
  });

  it.each<[string, string, readonly unknown[]]>([
    [
      "arguments in one piece",
      call({ index: 0, id: "a", function: { name: "edit", arguments: "{}" } }) + finish("tool_calls") + done,
      [edit("a")],
    ],
    [
      "a call in the chunk that ends the answer",
      finish("tool_calls", { tool_calls: [{ index: 0, id: "a", function: { name: "edit", arguments: "{}" } }] }),
      [edit("a")],
    ],
    ["no id at all", call({ index: 0, function: { name: "edit", arguments: "{}" } }) + finish("stop"), [edit("call_1_0")]],
    [
      "the id behind the name",
      call({ index: 0, function: { name: "edit", arguments: "{" } }) +
        call({ index: 0, id: "late", function: { arguments: "}" } }) +
        finish("stop"),
      [edit("call_1_0")],
    ],
    [
      "the name behind the arguments",
      call({ index: 0, id: "a", function: { arguments: "{" } }) +
        call({ index: 0, function: { name: "edit", arguments: "}" } }) +
        finish("stop"),
      [edit("a")],
    ],
    [
      "the name in every piece",
      call({ index: 0, id: "a", function: { name: "edit", arguments: "{" } }) +
        call({ index: 0, id: "a", function: { name: "edit", arguments: "}" } }) +
        finish("stop"),
      [edit("a")],
    ],
    [
      "one index for several calls",
      call({ index: 0, id: "a", function: { name: "edit", arguments: '{"a":1}' } }) +
        call({ index: 0, id: "b", function: { name: "edit", arguments: '{"b":1}' } }) +
        finish("stop"),
      [edit("a", '{"a":1}'), edit("b", '{"b":1}')],
    ],
    [
      "neither index nor id",
      call({ function: { name: "edit", arguments: '{"a":1}' } }) +
        call({ function: { name: "edit", arguments: '{"b"' } }) +
        call({ function: { arguments: ":1}" } }) +
        finish("stop"),
      [edit("call_1_0", '{"a":1}'), edit("call_1_1", '{"b":1}')],
    ],
    [
      "arguments as an object",
      call({ index: 0, id: "a", function: { name: "edit", arguments: { patch: "x" } } }) + finish("stop"),
      [edit("a", '{"patch":"x"}')],
    ],
    ["no arguments", call({ index: 0, id: "a", function: { name: "edit" } }) + finish("stop"), [edit("a")]],
    [
      "content in parts",
      delta({ content: [{ type: "text", text: "yes" }] }) + finish("stop"),
      [{ kind: "assistant", text: "yes" }],
    ],
    ["a refusal", delta({ refusal: "no" }) + finish("stop"), [{ kind: "assistant", text: "no" }]],
    [
      "an empty finish reason in every chunk",
      delta({ content: "a" }, { finish_reason: "" }) + finish("stop", { content: "b" }),
      [{ kind: "assistant", text: "ab" }],
    ],
  ])("%s", async (_, text, items) => expect(await answered(text)).toEqual(items));

  it("takes usage from wherever it stands, or does without", async () => {
    const counted = { input: 5, cachedInput: 0, output: 2, reasoning: 0 };
    const numbers = { prompt_tokens: 5, completion_tokens: 2 };
    expect(endOf(await answerOnce(delta({ content: "a" }) + finish("stop"))).usage).toBeUndefined();
    expect(
      endOf(await answerOnce(data({ x_groq: { usage: numbers }, choices: [{ delta: {}, finish_reason: "stop" }] }))).usage,
    ).toEqual(counted);
    expect(endOf(await answerOnce(data({ choices: [{ delta: {}, finish_reason: "stop", usage: numbers }] }))).usage).toEqual(
      counted,
    );
    expect(endOf(await answerOnce(finish("stop") + data({ choices: [], usage: numbers }) + done)).usage).toEqual(counted);
  });

  it("reads an answer that did not come as a stream", async () => {
    const message = {
      content: "hi",
      tool_calls: [
        { id: "a", function: { name: "edit", arguments: "{}" } },
        { id: "b", function: { name: "edit", arguments: "{}" } },
      ],
    };
    const body = JSON.stringify({
      model: "m",
      choices: [{ message, finish_reason: "tool_calls" }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    });
    const { port } = await serve((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
    const events = await ask(session(port));
    expect(itemsOf(events)).toEqual([{ kind: "assistant", text: "hi" }, edit("a"), edit("b")]);
    expect(endOf(events)).toMatchObject({ ending: "completed", usage: { input: 1 } });
  });

  it("ends when the server says [DONE], or goes quiet behind the finish reason, without waiting for the connection", async () => {
    for (const text of [wholeAnswer, wholeAnswer.replace(done, "")]) {
      const { port } = await serve((socket) => socket.write(chunkedHead + chunked(text)));
      const events = await ask(session(port, { limits: { afterFinishMs: 50 } }));
      expect(endOf(events)).toMatchObject({ ending: "completed", usage: { input: 9 } });
    }
  });

  it("says when another model or service tier answers", async () => {
    const answer = data({
      model: "other-model",
      service_tier: "default",
      choices: [{ delta: { content: "x" }, finish_reason: "stop" }],
    });
    const notices = (await answerOnce(answer, { provider: { serviceTier: "priority" } })).filter(({ kind }) => kind === "notice");
    expect(notices).toMatchObject([{ code: "MODEL_SERVED" }, { code: "TIER_SERVED" }]);
    const snapshot = answer.replace("other-model", "m-2026-01-31").replace('"default"', '"priority"');
    expect((await answerOnce(snapshot, { provider: { serviceTier: "priority" } })).some(({ kind }) => kind === "notice")).toBe(
      false,
    );
  });

  it("a server that uses its ids again gets other ones from us", async () => {
    const { port } = await serve((socket) =>
      socket.end(streamHead + call({ index: 0, id: "call_0", function: { name: "edit", arguments: "{}" } }) + finish("stop")),
    );
    const before: ConversationItem[] = [
      { kind: "call", call: "call_0", tool: "edit", input: "{}", freeform: false },
      { kind: "output", call: "call_0", text: "ok", freeform: false },
    ];
    expect(itemsOf(await ask(session(port), { items: before, tools: [] }))).toMatchObject([{ call: "call_2_0" }]);
  });
});

describe("answers that do not come to their end", () => {
  const cut =
    delta({ content: "some" }) +
    call({ index: 0, id: "a", function: { name: "read", arguments: "{}" } }) +
    call({ index: 1, id: "b", function: { name: "edit", arguments: '{"pa' } });

  it.each<[string, string, { readonly end: object; readonly items: number }]>([
    [
      "the output limit",
      cut + finish("length") + done,
      { end: { ending: "incomplete", failure: { code: "OUTPUT_LIMIT" } }, items: 1 },
    ],
    [
      "a content filter",
      cut + finish("content_filter"),
      { end: { ending: "incomplete", failure: { code: "PROVIDER_REFUSED" } }, items: 1 },
    ],
    [
      "an unknown reason",
      cut + finish("boredom"),
      { end: { ending: "incomplete", failure: { code: "PROVIDER_BROKEN" } }, items: 1 },
    ],
    ["reason error", cut + finish("error"), { end: { ending: "failed", failure: { code: "PROVIDER_BROKEN" } }, items: 1 }],
    ["[DONE] without a reason", cut + done, { end: { ending: "truncated", failure: { code: "STREAM_TRUNCATED" } }, items: 0 }],
    [
      "garbage",
      `${cut}data: {"choices": nonsense}\n\n`,
      { end: { ending: "failed", failure: { code: "PROVIDER_BROKEN" } }, items: 0 },
    ],
    ["a list", `${cut}data: [1]\n\n`, { end: { ending: "failed", failure: { code: "PROVIDER_BROKEN" } }, items: 0 }],
    [
      "an error object",
      cut + data({ error: { message: "slow down", code: "rate_limit_exceeded" } }),
      { end: { ending: "failed", failure: { code: "PROVIDER_LIMIT" } }, items: 0 },
    ],
    [
      "an error with a status as code",
      cut + data({ error: { message: "upstream", code: 502 } }),
      { end: { ending: "failed", failure: { code: "PROVIDER_BROKEN" } }, items: 0 },
    ],
    [
      "an error text",
      cut + data({ error: "out of memory" }),
      { end: { ending: "failed", failure: { code: "PROVIDER_REFUSED" } }, items: 0 },
    ],
    [
      "an error beside the choices",
      cut + data({ choices: [{ delta: {}, error: { code: 429, message: "no" }, finish_reason: "error" }] }),
      { end: { ending: "failed", failure: { code: "PROVIDER_LIMIT" } }, items: 0 },
    ],
    [
      "a flat error",
      data({ object: "error", message: "This model's maximum context length is 8192 tokens", code: 400 }),
      { end: { ending: "failed", failure: { code: "CONTEXT_FULL" } }, items: 0 },
    ],
    ["no event at all", "\n", { end: { ending: "truncated", failure: { code: "STREAM_TRUNCATED" } }, items: 0 }],
  ])("%s", async (_, text, { end, items }) => {
    const events = await answerOnce(text);
    expect(endOf(events)).toMatchObject(end);
    expect(itemsOf(events)).toHaveLength(items);
  });

  it("silence, before the answer and within it", async () => {
    const never = await serve(() => {});
    expect(endOf(await ask(session(never.port, { limits: { localHeadersMs: 30 } })))).toMatchObject({
      ending: "failed",
      failure: { code: "PROVIDER_SILENT" },
    });
    const headersOnly = await serve((socket) => socket.write(streamHead));
    expect(endOf(await ask(session(headersOnly.port, { limits: { firstByteMs: 30 } })))).toMatchObject({
      failure: { code: "PROVIDER_SILENT" },
    });
    const half = await serve((socket) => socket.write(streamHead + delta({ content: "a" })));
    expect(endOf(await ask(session(half.port, { limits: { betweenMs: 30 } })))).toMatchObject({
      failure: { code: "PROVIDER_SILENT" },
    });
  });

  it("a flood, in one line and in many", async () => {
    const flood = (piece: string): Promise<Peer> =>
      serve((socket) => {
        socket.write(streamHead);
        const pour = (): void => void (socket.destroyed || socket.write(piece, () => setImmediate(pour)));
        pour();
      });
    const line = await flood("data: " + "x".repeat(5000));
    expect(endOf(await ask(session(line.port, { limits: { eventLength: 10_000 } })))).toMatchObject({
      ending: "failed",
      failure: { code: "PROVIDER_BROKEN" },
    });
    const many = await flood(delta({ content: "x".repeat(100) }));
    expect(endOf(await ask(session(many.port, { limits: { answerBytes: 50_000 } })))).toMatchObject({
      ending: "failed",
      failure: { code: "PROVIDER_BROKEN" },
    });
  });
});
