import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { resolveModel } from "../catalog.ts";
import { openConnection } from "../connection.ts";
import type { ExchangeLimits } from "../exchange.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ModelSession } from "../models.ts";
import { openMessagesSession } from "./messages-session.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Peer {
  readonly port: number;
  /** Whole requests as they came, head and body. */
  readonly requests: string[];
}

/** A server of raw bytes: what it writes, and where it cuts, is up to the test. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("utf8");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head === -1 || Buffer.byteLength(text.slice(head + 4)) < length) return;
      requests.push(text);
      answer(socket, text);
      text = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

interface Options {
  readonly limits?: Partial<ExchangeLimits>;
  readonly provider?: object;
  readonly key?: string;
  readonly path?: string;
}

function session(port: number, { limits, provider, key = "sk-secret", path = "" }: Options = {}): ModelSession {
  const acme = { baseUrl: `http://127.0.0.1:${port}${path}`, wire: "messages", keyEnv: "ACME_KEY", ...provider };
  const model = resolveModel("acme/m", { env: { ACME_KEY: key }, configText: JSON.stringify({ providers: { acme } }) });
  if (!model.ok) throw new Error(model.failure.message);
  const opened = openMessagesSession({ model: model.value, connect: openConnection, ...(limits && { limits }) });
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
const event = (type: string, fields: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const begun = (
  usage: object = { input_tokens: 5, cache_read_input_tokens: 30, cache_creation_input_tokens: 4, output_tokens: 1 },
) => event("message_start", { message: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage } });
const block = (index: number, opening: object, ...deltas: object[]): string =>
  event("content_block_start", { index, content_block: opening }) +
  deltas.map((delta) => event("content_block_delta", { index, delta })).join("") +
  event("content_block_stop", { index });
const text = (index: number, ...pieces: string[]): string =>
  block(index, { type: "text", text: "" }, ...pieces.map((piece) => ({ type: "text_delta", text: piece })));
const call = (index: number, id: string, name: string, ...pieces: string[]): string =>
  block(
    index,
    { type: "tool_use", id, name, input: {} },
    ...pieces.map((piece) => ({ type: "input_json_delta", partial_json: piece })),
  );
const thought = (index: number, thinking: string, signature: string): string =>
  block(
    index,
    { type: "thinking", thinking: "", signature: "" },
    { type: "thinking_delta", thinking },
    { type: "signature_delta", signature },
  );
const reason = (stop: string, usage: object = { output_tokens: 9 }, more: object = {}): string =>
  event("message_delta", { delta: { stop_reason: stop, stop_sequence: null, ...more }, usage });
const stopped = event("message_stop");

/** Neighbouring deltas joined, and what depends on the machine left out: two cuts of one stream compare equal. */
function coalesce(events: readonly ModelEvent[]): readonly ModelEvent[] {
  const out: ModelEvent[] = [];
  for (const one of events) {
    const last = out.at(-1);
    if (one.kind === "requested") continue;
    if ((one.kind === "text" || one.kind === "reasoning") && last?.kind === one.kind)
      out[out.length - 1] = { kind: one.kind, text: last.text + one.text };
    else if (one.kind === "call.delta" && last?.kind === "call.delta" && last.call === one.call)
      out[out.length - 1] = { ...last, text: last.text + one.text };
    else out.push(one);
  }
  return out;
}

const answerOnce = async (bytes: string, options: Options = {}): Promise<readonly ModelEvent[]> => {
  const { port } = await serve((socket) => socket.end(streamHead + bytes));
  return coalesce(await ask(session(port, options)));
};
const endOf = (events: readonly ModelEvent[]): Extract<ModelEvent, { kind: "ended" }> => {
  const last = events.at(-1);
  if (last?.kind !== "ended" || events.filter(({ kind }) => kind === "ended").length !== 1) throw new Error("not ended once");
  return last;
};
const itemsOf = (events: readonly ModelEvent[]): ConversationItem[] =>
  events.flatMap((one) => (one.kind === "item" ? [one.item] : []));

const wholeAnswer =
  begun() +
  event("ping") +
  thought(0, "Hm, wéll.", "c2ln") +
  block(1, { type: "redacted_thinking", data: "b3BhcXVl" }) +
  text(2, "Grüße 🦊 ", "an alle") +
  call(3, "toolu_a", "edit", "", '{"patch":', '"ä"}') +
  event("ping") +
  call(4, "toolu_b", "read", '{"path":"x"}') +
  event("of_a_later_year", { index: 9 }) +
  reason("tool_use", { output_tokens: 9, output_tokens_details: { thinking_tokens: 3 } }) +
  stopped;

const wholeItems: readonly ConversationItem[] = [
  { kind: "reasoning", replay: { messagesBlock: { type: "thinking", thinking: "Hm, wéll.", signature: "c2ln" } } },
  { kind: "reasoning", replay: { messagesBlock: { type: "redacted_thinking", data: "b3BhcXVl" } } },
  { kind: "assistant", text: "Grüße 🦊 an alle" },
  { kind: "call", call: "toolu_a", tool: "edit", input: '{"patch":"ä"}', freeform: false },
  { kind: "call", call: "toolu_b", tool: "read", input: '{"path":"x"}', freeform: false },
];
const item = (at: number): ModelEvent => ({ kind: "item", item: wholeItems[at]! });

const wholeEvents: readonly ModelEvent[] = [
  { kind: "started", model: "m" },
  { kind: "reasoning", text: "Hm, wéll." },
  item(0),
  item(1),
  { kind: "text", text: "Grüße 🦊 an alle" },
  item(2),
  { kind: "call.started", call: "toolu_a", tool: "edit", freeform: false },
  { kind: "call.delta", call: "toolu_a", text: '{"patch":"ä"}' },
  item(3),
  { kind: "call.started", call: "toolu_b", tool: "read", freeform: false },
  { kind: "call.delta", call: "toolu_b", text: '{"path":"x"}' },
  item(4),
  { kind: "ended", ending: "completed", usage: { input: 39, cachedInput: 30, cacheWritten: 4, output: 9, reasoning: 3 } },
];

describe("a streamed message", () => {
  it("becomes events, in order", async () => {
    const { port, requests } = await serve((socket) => socket.end(streamHead + wholeAnswer));
    const events = await ask(session(port));
    expect(events[0]).toMatchObject({ kind: "requested", transport: "sse", bytesSent: Buffer.byteLength(requests[0] ?? "") });
    expect(coalesce(events)).toEqual(wholeEvents);
  });

  it("is the same wherever the bytes are cut in two", async () => {
    const bytes = Buffer.from(wholeAnswer);
    const { port } = await serve((socket, request) => {
      const at = Number(/"cut (\d+)"/.exec(request)?.[1]);
      socket.write(`${chunkedHead}${at.toString(16)}\r\n`);
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
    // Its last event is there without the blank line behind it, too.
    const completeFrom = Buffer.byteLength(wholeAnswer.trimEnd());
    const { port } = await serve((socket, request) => {
      const at = Number(/"cut (\d+)"/.exec(request)?.[1]);
      // Half of them end by a reset in the middle of a chunk, half by a clean close of a stream without a length.
      socket.write(at % 2 === 0 ? `${chunkedHead}${bytes.length.toString(16)}\r\n` : streamHead);
      socket.write(bytes.subarray(0, at), () => socket.end());
    });
    const from = session(port);
    const flat = (events: readonly ModelEvent[]): string =>
      events
        .map((one) => (one.kind === "text" || one.kind === "reasoning" || one.kind === "call.delta" ? one.text : ""))
        .join("");
    for (let first = 0; first < bytes.length; first += 50) {
      const cuts = Array.from({ length: Math.min(50, bytes.length - first) }, (_, index) => first + index);
      const answers = await Promise.all(cuts.map((at) => ask(from, { items: [{ kind: "user", text: `cut ${at}` }], tools: [] })));
      for (const [index, events] of answers.entries()) {
        const at = cuts[index] ?? 0;
        if (at < completeFrom)
          expect(endOf(events), `cut at ${at}`).toMatchObject({ ending: "truncated", failure: { code: "STREAM_TRUNCATED" } });
        expect(flat(wholeEvents).startsWith(flat(events)), `cut at ${at}`).toBe(true);
        expect(wholeItems.slice(0, itemsOf(events).length)).toEqual(itemsOf(events));
      }
    }
  });

  it("keeps a call's arguments whatever their pieces are", async () => {
    let pieces: readonly string[] = [];
    const { port } = await serve((socket) =>
      socket.end(streamHead + begun() + call(0, "t", "edit", ...pieces) + reason("tool_use") + stopped),
    );
    const from = session(port);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), fc.array(fc.nat(), { maxLength: 8 }), async (patch, cuts) => {
        const input = JSON.stringify({ patch });
        const places = [0, ...cuts.map((cut) => cut % input.length).sort((a, b) => a - b), input.length];
        pieces = places.slice(1).map((end, index) => input.slice(places[index], end));
        expect(itemsOf(await ask(from))).toEqual([{ kind: "call", call: "t", tool: "edit", input, freeform: false }]);
      }),
      { numRuns: 60 * scale },
    );
  });
});

describe("what servers do differently", () => {
  const plain = (events: readonly ModelEvent[]) => ({ items: itemsOf(events), end: endOf(events) });

  it("an empty call, and arguments that come where the block begins", async () => {
    const given = block(1, { type: "tool_use", id: "b", name: "read", input: { path: "x" } });
    const { items, end } = plain(await answerOnce(begun() + call(0, "a", "list", "") + given + reason("tool_use") + stopped));
    expect(items).toMatchObject([{ input: "{}" }, { input: '{"path":"x"}' }]);
    expect(end.ending).toBe("completed");
  });

  it("ids that were used before, or none", async () => {
    const { port } = await serve((socket) =>
      socket.end(streamHead + begun() + call(0, "a", "list", "{}") + call(1, "", "list", "{}") + reason("tool_use") + stopped),
    );
    const used: ConversationItem = { kind: "call", call: "a", tool: "list", input: "{}", freeform: false };
    const events = await ask(session(port), { items: [...hello.items, used], tools: [] });
    const ids = itemsOf(events).map((one) => (one.kind === "call" ? one.call : ""));
    expect(new Set(["a", "", ...ids]).size).toBe(4);
  });

  it("blocks that never end, and a text without a beginning", async () => {
    const delta = event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "hi" } });
    const { items, end } = plain(await answerOnce(begun() + delta + reason("end_turn") + stopped));
    expect(items).toEqual([{ kind: "assistant", text: "hi" }]);
    expect(end.ending).toBe("completed");
  });

  it("a whole message in place of a stream", async () => {
    const content = [
      { type: "text", text: "hi" },
      { type: "tool_use", id: "a", name: "read", input: { path: "x" } },
    ];
    const body = JSON.stringify({ type: "message", model: "m", content, stop_reason: "tool_use", usage: { output_tokens: 2 } });
    const { port } = await serve((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
    const { items, end } = plain(await ask(session(port)));
    expect(items).toMatchObject([{ text: "hi" }, { input: '{"path":"x"}' }]);
    expect(end).toMatchObject({ ending: "completed", usage: { output: 2 } });
  });

  it("usage that is never told", async () => {
    const bare = event("message_start", { message: { model: "m" } });
    const end = endOf(await answerOnce(bare + text(0, "hi") + reason("end_turn", {}) + stopped));
    expect(end).toEqual({ kind: "ended", ending: "completed" });
  });

  it("another model, or another tier, which is said", async () => {
    const start = begun({ service_tier: "standard" });
    const other = await answerOnce(start + reason("end_turn") + stopped, { provider: { serviceTier: "priority" } });
    expect(other).toContainEqual(expect.objectContaining({ kind: "notice", code: "TIER_SERVED" }));
    const same = await answerOnce(start + reason("end_turn") + stopped, { provider: { serviceTier: "standard_only" } });
    expect(same.filter(({ kind }) => kind === "notice")).toEqual([]);
  });
});

describe("an answer that ends early", () => {
  it.each([
    ["max_tokens", "incomplete", "OUTPUT_LIMIT", /output limit/],
    ["model_context_window_exceeded", "incomplete", "CONTEXT_FULL", /window/],
    ["refusal", "incomplete", "PROVIDER_REFUSED", /rules of use: not this/],
    ["pause_turn", "incomplete", "PROVIDER_BROKEN", /unknown reason: pause_turn/],
  ])("by %s keeps what is whole and nothing else", async (...[stop, ending, code, words]) => {
    const more = stop === "refusal" ? { stop_details: { type: "refusal", explanation: "not this" } } : {};
    const torn = text(0, "whole") + call(1, "a", "read", '{"path":"x"}') + call(2, "b", "edit", '{"patch":"half');
    const events = await answerOnce(begun() + torn + reason(stop, {}, more) + stopped);
    expect(itemsOf(events)).toMatchObject([{ text: "whole" }, { call: "a" }]);
    expect(endOf(events)).toMatchObject({ ending, failure: { code, message: expect.stringMatching(words) } });
    const cutText = await answerOnce(begun() + text(0, "whole") + text(1, "hal") + reason(stop, {}, more) + stopped);
    expect(itemsOf(cutText)).toMatchObject([{ text: "whole" }]);
  });

  it.each([
    ["overloaded_error", "Overloaded", "PROVIDER_LIMIT", "overload"],
    ["rate_limit_error", "slow down", "PROVIDER_LIMIT", "limit"],
    ["billing_error", "pay", "PROVIDER_LIMIT", "payment"],
    ["api_error", "Internal server error", "PROVIDER_BROKEN", undefined],
    ["timeout_error", "too slow", "PROVIDER_BROKEN", undefined],
    ["authentication_error", "invalid x-api-key", "KEY_REFUSED", undefined],
    ["permission_error", "not yours", "KEY_REFUSED", undefined],
    ["request_too_large", "too large", "CONTEXT_FULL", undefined],
    ["invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", "CONTEXT_FULL", undefined],
    ["invalid_request_error", "no", "PROVIDER_REFUSED", undefined],
  ])("by the event %s: %s", async (...[type, message, code, why]) => {
    const error = event("error", { error: { type, message } });
    const events = await answerOnce(begun() + text(0, "so far") + error);
    expect(endOf(events)).toMatchObject({ ending: "failed", failure: { code }, ...(why && { refused: { why } }) });
  });

  it("by garbage", async () => {
    for (const garbage of ["data: {\n\n", "data: 7\n\n", "data: {}\n\n", "data: <html>\n\n"])
      expect(endOf(await answerOnce(begun() + garbage))).toMatchObject({
        ending: "failed",
        failure: { code: "PROVIDER_BROKEN" },
      });
  });

  it("by a stop: nothing is told behind it, and the next request goes on another connection", async () => {
    let sockets = 0;
    const { port } = await serve((socket) => {
      sockets++;
      socket.write(streamHead + begun() + event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }));
      const timer = setInterval(
        () => socket.write(event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "x" } })),
        1,
      );
      socket.on("close", () => clearInterval(timer));
    });
    const from = session(port);
    const events: ModelEvent[] = [];
    for (const round of [1, 2]) {
      await new Promise<void>((resolve) => {
        const run = from.respond(hello, (one) => {
          events.push(one);
          if (one.kind === "ended") resolve();
          if (one.kind === "text") run.stop();
        });
      });
      expect(events.at(-1)).toEqual({ kind: "ended", ending: "interrupted" });
      expect(events.filter(({ kind }) => kind === "text")).toHaveLength(round);
    }
    expect(sockets).toBe(2);
  });

  it("by silence behind its stop reason: it is not taken for whole", async () => {
    const { port } = await serve((socket) => socket.write(streamHead + begun() + text(0, "hi") + reason("end_turn")));
    expect(endOf(await ask(session(port, { limits: { afterFinishMs: 20 } })))).toMatchObject({ ending: "truncated" });
  });
});

describe("a refusal", () => {
  const error = (type: string, message: string): string =>
    JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" });

  it.each<[number, string, string, RegExp]>([
    [
      400,
      error("invalid_request_error", "input length and `max_tokens` exceed context limit: 9 + 9 > 10"),
      "CONTEXT_FULL",
      /400/,
    ],
    [400, error("invalid_request_error", "Your credit balance is too low to access the API"), "PROVIDER_LIMIT", /payment/],
    [400, error("invalid_request_error", "messages: roles must alternate"), "PROVIDER_REFUSED", /alternate/],
    [401, error("authentication_error", "invalid x-api-key sk-secret"), "KEY_REFUSED", /ACME_KEY.*x-api-key …/],
    [403, error("permission_error", "no"), "KEY_REFUSED", /403/],
    [404, error("not_found_error", "model: m"), "MODEL_UNKNOWN", /model m/],
    [404, error("not_found_error", "Not found"), "PROVIDER_UNREACHABLE", /404/],
    [413, error("request_too_large", "Request exceeds the maximum size"), "CONTEXT_FULL", /413/],
    [429, error("rate_limit_error", "This request would exceed your organization’s rate limit"), "PROVIDER_LIMIT", /429/],
    [500, error("api_error", "Internal server error"), "PROVIDER_BROKEN", /500/],
    [504, error("timeout_error", "timed out"), "PROVIDER_BROKEN", /504/],
    [529, error("overloaded_error", "Overloaded"), "PROVIDER_LIMIT", /529/],
  ])("%s %s", async (...[status, body, code, words]) => {
    const { port } = await serve((socket) =>
      socket.end(
        `HTTP/1.1 ${status} no\r\ncontent-type: application/json\r\nretry-after: 12\r\nconnection: close\r\n\r\n${body}`,
      ),
    );
    const events = await ask(session(port));
    expect(endOf(events)).toMatchObject({ ending: "failed", failure: { code, message: expect.stringMatching(words) } });
    expect(JSON.stringify(events)).not.toContain("sk-secret");
    if (status === 429) expect(endOf(events).failure?.cure).toContain("12 s");
    if (status === 429 || status === 529) expect(endOf(events).refused?.resetsAt).toBeGreaterThan(Date.now());
  });
});

describe("the request", () => {
  const head = async (options: Options): Promise<string> => {
    const { port, requests } = await serve((socket) => socket.end(streamHead + begun() + reason("end_turn") + stopped));
    await ask(session(port, options));
    return requests[0] ?? "";
  };

  it("goes below the base address, with the version and the key's own header", async () => {
    const own = await head({});
    expect(own).toMatch(/^POST \/v1\/messages HTTP/);
    expect(own).toMatch(/\r\nx-api-key: sk-secret\r\n/);
    expect(own).toMatch(/\r\nanthropic-version: 2023-06-01\r\n/);
    expect(own).not.toMatch(/authorization/i);
    expect(await head({ path: "/v1" })).toMatch(/^POST \/v1\/messages HTTP/);
    expect(await head({ path: "/anthropic" })).toMatch(/^POST \/anthropic\/v1\/messages HTTP/);
  });

  it("carries the key as bearer token where the configuration says so, and headers of one's own", async () => {
    const other = await head({ provider: { keyHeader: "bearer", headers: { "anthropic-version": "2030-01-01" } } });
    expect(other).toMatch(/\r\nauthorization: Bearer sk-secret\r\n/);
    expect(other).not.toMatch(/x-api-key/i);
    expect(other).toMatch(/\r\nanthropic-version: 2030-01-01\r\n/);
  });
});
