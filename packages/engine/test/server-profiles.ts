/**
 * A scripted server on loopback that answers as a kind of server does: which wire, what it refuses, in which pieces it streams. The tests of
 * the server table are its only users; nothing in it is a model.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

export type Fields = Readonly<Record<string, unknown>>;

/** One request as it came. */
export interface Seen {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Fields;
}

export interface Refused {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes of an SSE stream, or one event of a socket for each entry. */
export type Reply = Refused | { readonly events: readonly (Fields | string)[] };

export interface ServerProfile {
  readonly socket?: boolean;
  /** `nth` counts requests from 0. */
  readonly answer: (seen: Seen, nth: number) => Reply;
}

export interface ProfileServer {
  /** Without a path. */
  readonly origin: string;
  readonly requests: readonly Seen[];
  close(): Promise<void>;
}

export async function startProfile({ socket = false, answer }: ServerProfile): Promise<ProfileServer> {
  const requests: Seen[] = [];
  const raw = new Set<Duplex>();
  const next = (seen: Seen): Reply => answer(seen, requests.push(seen) - 1);
  const server = http.createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (request.method !== "POST") return response.writeHead(404).end();
      const reply = next({ path: request.url ?? "", headers: request.headers, body });
      if ("status" in reply) {
        const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
        return response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers }).end(text);
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of reply.events) response.write(typeof event === "string" ? `${event}\n\n` : framed(event));
      return response.end();
    });
  });
  server.on("connection", (one) => void raw.add(one));
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, tcp, head) => {
    if (!socket) return tcp.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    return sockets.handleUpgrade(request, tcp, head, (ws) => {
      ws.on("error", () => {});
      ws.on("message", (data) => {
        const body: Fields = JSON.parse(Buffer.isBuffer(data) ? data.toString() : "{}");
        const reply = next({ path: request.url ?? "", headers: request.headers, body });
        const events = "status" in reply ? [{ type: "error", status: reply.status, ...fieldsOf(reply.body) }] : reply.events;
        for (const event of events) ws.send(JSON.stringify(event));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      for (const one of raw) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const framed = (event: Fields): string =>
  `${typeof event["type"] === "string" ? `event: ${event["type"]}\n` : ""}data: ${JSON.stringify(event)}\n\n`;

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});

async function bodyOf(request: http.IncomingMessage): Promise<Fields> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  const text = Buffer.concat(pieces).toString("utf8");
  return text === "" ? {} : fieldsOf(JSON.parse(text));
}

/** How a Chat Completions server streams the same answer. */
export interface ChatStyle {
  readonly model: string;
  readonly reasoning?: "reasoning" | "reasoning_content";
  /** Arguments in pieces, whole in one delta, or whole in a message that is no delta's piece. */
  readonly args?: "pieces" | "whole";
  /** In the last chunk with choices, in one behind it, in Groq's own field, or nowhere. */
  readonly usage?: "own chunk" | "last chunk" | "x_groq" | "never";
  readonly comments?: boolean;
  readonly tier?: string;
}

/** What every row's server says: a thought, a text, a call of `read` with `{"path":"a.ts"}`. */
export const told = { thought: "Look first.", text: "I read it.", args: '{"path":"a.ts"}' };

const usage = { prompt_tokens: 21, completion_tokens: 7, total_tokens: 28, prompt_tokens_details: { cached_tokens: 4 } };

export function chatEvents(style: ChatStyle, call: string | undefined): readonly (Fields | string)[] {
  const { model, reasoning, args = "pieces", usage: where = "own chunk", comments = false, tier } = style;
  const chunk = (choices: readonly Fields[], extra: Fields = {}): Fields => ({
    ...{ id: "c1", object: "chat.completion.chunk", created: 1, model, choices },
    ...(tier !== undefined && { service_tier: tier }),
    ...extra,
  });
  const delta = (fields: Fields): Fields => chunk([{ index: 0, delta: fields, finish_reason: null }]);
  const piece = (text: string, head: boolean): Fields =>
    delta({
      tool_calls: [
        { index: 0, ...(head && { id: call, type: "function" }), function: { ...(head && { name: "read" }), arguments: text } },
      ],
    });
  const pieces = args === "whole" ? [told.args] : ["", told.args.slice(0, 5), told.args.slice(5)];
  const reason = call === undefined ? "stop" : "tool_calls";
  const last = { ...(where === "last chunk" && { usage }), ...(where === "x_groq" && { x_groq: { id: "r", usage } }) };
  const events: (Fields | string)[] = [
    delta({ role: "assistant", content: "" }),
    ...(reasoning === undefined ? [] : [delta({ [reasoning]: told.thought })]),
    delta({ content: told.text }),
    ...(call === undefined ? [] : pieces.map((text, index) => piece(text, index === 0))),
    chunk([{ index: 0, delta: {}, finish_reason: reason }], last),
    ...(where === "own chunk" ? [chunk([], { usage })] : []),
    "data: [DONE]",
  ];
  return comments ? events.flatMap((event) => [": OPENROUTER PROCESSING", event]) : events;
}

/** How a Responses server streams it. */
export interface ResponsesStyle {
  readonly model: string;
  /** Deltas and the item, or the finished item alone. */
  readonly args?: "pieces" | "whole" | "item alone";
  readonly reasoning?: boolean;
  readonly usage?: boolean;
  readonly tier?: string;
}

export function responsesEvents(style: ResponsesStyle, id: string, call: string | undefined): readonly Fields[] {
  const { model, args = "pieces", reasoning = false, usage: counts = true, tier } = style;
  const events: Fields[] = [];
  const put = (type: string, fields: Fields): void => void events.push({ type, sequence_number: events.length, ...fields });
  const output: Fields[] = [];
  const response = (status: string, extra: Fields = {}): Fields => ({
    ...{ id, object: "response", created_at: 1, status, model, output: status === "completed" ? output : [] },
    ...(tier !== undefined && { service_tier: tier }),
    ...extra,
  });
  const item = (added: Fields, done: Fields, between: (place: Fields) => void = () => {}): void => {
    const place = { output_index: output.length };
    put("response.output_item.added", { ...place, item: added });
    between({ ...place, item_id: added["id"] });
    put("response.output_item.done", { ...place, item: done });
    output.push(done);
  };
  put("response.created", { response: response("in_progress") });
  put("response.in_progress", { response: response("in_progress") });
  if (reasoning) {
    const thought = { id: `rs_${id}`, type: "reasoning", summary: [], encrypted_content: "opaque" };
    const said = { type: "reasoning_text", text: told.thought };
    item({ ...thought, content: [] }, { ...thought, content: [said] }, (place) => {
      put("response.content_part.added", { ...place, content_index: 0, part: { ...said, text: "" } });
      put("response.reasoning_text.delta", { ...place, content_index: 0, delta: told.thought });
      put("response.content_part.done", { ...place, content_index: 0, part: said });
    });
  }
  const part = { type: "output_text", text: told.text, annotations: [] };
  const message = { id: `m_${id}`, type: "message", role: "assistant", status: "completed" };
  item({ ...message, status: "in_progress", content: [] }, { ...message, content: [part] }, (place) => {
    put("response.content_part.added", { ...place, content_index: 0, part: { ...part, text: "" } });
    put("response.output_text.delta", { ...place, content_index: 0, delta: told.text });
    put("response.output_text.done", { ...place, content_index: 0, text: told.text });
    put("response.content_part.done", { ...place, content_index: 0, part });
  });
  if (call !== undefined) {
    const of = { id: `f_${id}`, type: "function_call", call_id: call, name: "read", status: "completed" };
    item({ ...of, status: "in_progress", arguments: "" }, { ...of, arguments: told.args }, (place) => {
      const pieces = args === "pieces" ? [told.args.slice(0, 5), told.args.slice(5)] : [told.args];
      if (args !== "item alone") for (const delta of pieces) put("response.function_call_arguments.delta", { ...place, delta });
      put("response.function_call_arguments.done", { ...place, arguments: told.args });
    });
  }
  const spent = {
    ...{ input_tokens: 21, output_tokens: 7, total_tokens: 28 },
    ...{ input_tokens_details: { cached_tokens: 4 }, output_tokens_details: { reasoning_tokens: 0 } },
  };
  put("response.completed", { response: response("completed", counts ? { usage: spent } : {}) });
  return events;
}

/** How a Messages server streams it. */
export function messagesEvents(model: string, call: string | undefined): readonly Fields[] {
  const block = (index: number, start: Fields, deltas: readonly Fields[]): readonly Fields[] => [
    { type: "content_block_start", index, content_block: start },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
  const message = { id: "msg_1", type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null };
  return [
    { type: "message_start", message: { ...message, usage: { input_tokens: 17, cache_read_input_tokens: 4, output_tokens: 1 } } },
    { type: "ping" },
    ...block(0, { type: "text", text: "" }, [{ type: "text_delta", text: told.text }]),
    ...(call === undefined
      ? []
      : block(1, { type: "tool_use", id: call, name: "read", input: {} }, [
          { type: "input_json_delta", partial_json: told.args.slice(0, 5) },
          { type: "input_json_delta", partial_json: told.args.slice(5) },
        ])),
    {
      type: "message_delta",
      delta: { stop_reason: call === undefined ? "end_turn" : "tool_use", stop_sequence: null },
      usage: { output_tokens: 7 },
    },
    { type: "message_stop" },
  ];
}
