/**
 * The table of servers: for each kind its differences as a scripted server, and the real client against it. A published client reads the same
 * bytes where there is one.
 */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { openConnection } from "../src/models/connection.ts";
import type { ConversationItem, ModelEvent, ModelSession, ToolDefinition } from "../src/models/models.ts";
import { createOpenModel } from "../src/models/open-model.ts";
import type { Wire } from "../src/models/providers.ts";
import {
  type ChatStyle,
  type Fields,
  type ProfileServer,
  type Reply,
  type ResponsesStyle,
  type Seen,
  type ServerProfile,
  chatEvents,
  messagesEvents,
  responsesEvents,
  startProfile,
  told,
} from "./server-profiles.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const key = "sk-canary-4711";
const tools: readonly ToolDefinition[] = [
  {
    name: "read",
    description: "Reads a file.",
    freeform: false,
    parameters: { type: "object", properties: { path: { type: "string" } } },
  },
];

interface Row {
  /** `provider/name` as a person writes it. */
  readonly model: string;
  readonly wire: Wire;
  readonly socket?: boolean;
  readonly chat?: Partial<ChatStyle>;
  readonly responses?: Partial<ResponsesStyle>;
  /** Where it stands on its own host. */
  readonly path: string;
  /** Of the provider in the configuration, beside the address. */
  readonly config?: Fields;
  readonly keyHeader?: string;
  /** What it refuses of an otherwise good request. */
  readonly refuses?: (seen: Seen, nth: number) => Reply | undefined;
  /** The field in which the thought comes back. */
  readonly replays?: string;
  readonly usage?: boolean;
}

const stateless = ({ body }: Seen): Reply | undefined =>
  body["store"] === true || (body["previous_response_id"] ?? null) !== null
    ? { status: 400, body: { error: { code: 400, message: "previous_response_id and store are not supported" } } }
    : undefined;

/** A socket that has lost what it kept. */
const forgets = ({ body }: Seen, nth: number): Reply | undefined =>
  nth > 0 && typeof body["previous_response_id"] === "string"
    ? {
        status: 400,
        body: {
          error: {
            ...{ type: "invalid_request_error", code: "previous_response_not_found", param: "previous_response_id" },
            message: "Previous response not found.",
          },
        },
      }
    : undefined;

const rows: Readonly<Record<string, Row>> = {
  "OpenAI over a socket": {
    model: "openai/gpt-5-codex",
    wire: "responses",
    socket: true,
    path: "/v1",
    responses: { tier: "default" },
  },
  "OpenAI, continuation lost": { model: "openai/gpt-5-codex", wire: "responses", socket: true, path: "/v1", refuses: forgets },
  Azure: {
    model: "azure/my-deployment",
    wire: "responses",
    socket: true,
    path: "/openai/v1",
    keyHeader: "api-key",
    refuses: forgets,
  },
  "Azure, Chat Completions": {
    model: "azure/my-deployment",
    wire: "chat",
    path: "/openai/v1",
    config: { wire: "chat" },
    keyHeader: "api-key",
  },
  xAI: {
    model: "xai/grok-code-fast-1",
    wire: "responses",
    socket: true,
    path: "/v1",
    responses: { reasoning: true, args: "whole" },
  },
  OpenRouter: {
    ...{ model: "openrouter/openai/gpt-oss-120b", wire: "chat", path: "/api/v1", replays: "reasoning" },
    chat: { comments: true, reasoning: "reasoning", usage: "last chunk" },
  },
  "OpenRouter, Responses": {
    ...{ model: "openrouter/openai/gpt-oss-120b", wire: "responses", path: "/api/v1", config: { wire: "responses" } },
    ...{ refuses: stateless, responses: { args: "item alone", reasoning: true } },
  },
  Cerebras: { model: "cerebras/gpt-oss-120b", wire: "chat", path: "/v1", chat: { reasoning: "reasoning", args: "whole" } },
  Groq: {
    model: "groq/openai/gpt-oss-120b",
    wire: "chat",
    path: "/openai/v1",
    chat: { reasoning: "reasoning", args: "whole", usage: "x_groq" },
  },
  "Groq, Responses": {
    ...{ model: "groq/openai/gpt-oss-120b", wire: "responses", path: "/openai/v1", config: { wire: "responses" } },
    ...{ refuses: stateless, responses: { args: "whole" } },
  },
  vLLM: { model: "vllm/qwen3-coder", wire: "chat", path: "/v1", chat: { reasoning: "reasoning_content" } },
  "vLLM, Responses": {
    ...{ model: "vllm/qwen3-coder", wire: "responses", path: "/v1", config: { wire: "responses" } },
    ...{ refuses: stateless, responses: { usage: false }, usage: false },
  },
  "llama.cpp": {
    model: "llamacpp/qwen3-coder",
    wire: "chat",
    path: "/v1",
    chat: { reasoning: "reasoning_content", usage: "never" },
    usage: false,
  },
  Ollama: {
    model: "ollama/qwen3:8b",
    wire: "chat",
    path: "/v1",
    chat: { reasoning: "reasoning", args: "whole", usage: "never" },
    usage: false,
  },
  "Ollama, Responses": {
    ...{ model: "ollama/qwen3:8b", wire: "responses", path: "/v1", config: { wire: "responses" } },
    ...{ refuses: stateless, responses: { args: "item alone" } },
  },
  Anthropic: { model: "anthropic/claude-sonnet-5-5", wire: "messages", path: "", keyHeader: "x-api-key" },
  "Ollama, Messages": {
    model: "ollama/qwen3:8b",
    wire: "messages",
    path: "/v1",
    config: { wire: "messages" },
    keyHeader: "x-api-key",
  },
};

const nameOf = (model: string): string => model.slice(model.indexOf("/") + 1);

/** The first answer calls, the others talk. */
function profileOf(row: Row): ServerProfile {
  let good = 0;
  return {
    socket: row.socket === true,
    answer(seen, nth) {
      if (seen.body["generate"] === false) return { events: responsesEvents({ model: nameOf(row.model) }, `w${nth}`, undefined) };
      const refused = row.refuses?.(seen, nth);
      if (refused !== undefined) return refused;
      const call = good === 0 ? "call_1" : undefined;
      good += 1;
      const model = nameOf(row.model);
      if (row.wire === "chat") return { events: chatEvents({ model, ...row.chat }, call) };
      if (row.wire === "messages") return { events: messagesEvents(model, call) };
      return { events: responsesEvents({ model, ...row.responses }, `r${nth}`, call) };
    },
  };
}

async function serve(profile: ServerProfile): Promise<ProfileServer> {
  const server = await startProfile(profile);
  closers.push(() => server.close());
  return server;
}

function open({ model, path, config = {} }: Pick<Row, "model" | "path" | "config">, { origin }: ProfileServer): ModelSession {
  const provider = model.slice(0, model.indexOf("/"));
  const configText = JSON.stringify({ providers: { [provider]: { baseUrl: `${origin}${path}`, keyEnv: "CANARY", ...config } } });
  const opened = createOpenModel({ env: { CANARY: key }, configText }, { connect: openConnection })(model);
  if (!opened.ok) throw new Error(opened.failure.message);
  closers.push(() => opened.value.close());
  return opened.value;
}

function ask(session: ModelSession, items: readonly ConversationItem[]): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  return new Promise((resolve) => {
    session.respond({ items, tools }, (event) => {
      events.push(event);
      if (event.kind === "ended") resolve(events);
    });
  });
}

const saidIn = (events: readonly ModelEvent[], kind: "text" | "reasoning"): string =>
  events.map((event) => (event.kind === kind ? event.text : "")).join("");
const itemsIn = (events: readonly ModelEvent[]): readonly ConversationItem[] =>
  events.flatMap((event) => (event.kind === "item" ? [event.item] : []));
const user = (text: string): ConversationItem => ({ kind: "user", text });

describe.each(Object.entries(rows))("%s", (_, row) => {
  it("answers three turns, with a call in the first, and no turn is lost", async () => {
    const server = await serve(profileOf(row));
    const session = open(row, server);
    const items: ConversationItem[] = [{ kind: "pinned", text: "rules" }, user("first question")];
    const first = await ask(session, items);
    expect(first.at(-1)).toMatchObject({ kind: "ended", ending: "completed" });
    expect(saidIn(first, "text")).toBe(told.text);
    const thinks = row.chat?.reasoning !== undefined || row.responses?.reasoning === true;
    expect(saidIn(first, "reasoning")).toBe(thinks ? told.thought : "");
    const call = itemsIn(first).find((item) => item.kind === "call");
    expect(call).toMatchObject({ tool: "read", input: told.args });
    const pieces = first.flatMap((event) => (event.kind === "call.delta" ? [event.text] : []));
    expect(pieces.join("")).toBe(told.args);
    const ended = first.at(-1);
    expect(ended?.kind === "ended" && ended.usage).toEqual(
      row.usage === false ? undefined : expect.objectContaining({ input: 21, cachedInput: 4, output: 7 }),
    );

    items.push(...itemsIn(first), {
      kind: "output",
      call: call?.kind === "call" ? call.call : "",
      text: "contents",
      freeform: false,
    });
    const second = await ask(session, items);
    items.push(...itemsIn(second), user("second question"));
    const third = await ask(session, items);
    for (const events of [second, third]) expect(events.at(-1)).toMatchObject({ kind: "ended", ending: "completed" });
    expect(saidIn(third, "text")).toBe(told.text);
    expectWholeConversation(row, server);
  });

  it("sends the key in its header, and nowhere else", async () => {
    const server = await serve(profileOf(row));
    const session = open(row, server);
    const events = await ask(session, [user("first question")]);
    const seen = server.requests.at(-1);
    const header = row.keyHeader ?? "authorization";
    expect(seen?.headers[header]).toBe(header === "authorization" ? `Bearer ${key}` : key);
    const other = Object.entries(seen?.headers ?? {}).filter(([name]) => name !== header);
    expect(JSON.stringify([other, seen?.body, seen?.path, events])).not.toContain(key);
  });

  it("is read the same way by the published client", async () => {
    const server = await serve(profileOf(row));
    expect(await publishedRead(row, server)).toEqual({ text: told.text, args: told.args });
  });
});

/** What the last good request says, with what its server still had. */
function expectWholeConversation(row: Row, { requests }: ProfileServer): void {
  const last = requests.at(-1);
  const chained = requests.filter(({ body }) => typeof body["previous_response_id"] === "string");
  const text = JSON.stringify(last?.body);
  expect(requests.some(({ body }) => body["store"] === true)).toBe(false);
  if (row.refuses === stateless) expect(chained).toEqual([]);
  if (row.socket === true && row.refuses === undefined) {
    // The chain holds: only what is new travels.
    expect(last?.body["previous_response_id"]).toBeTypeOf("string");
    expect(text).not.toContain("first question");
    return;
  }
  if (row.refuses === forgets) expect(chained.length).toBeGreaterThan(0);
  for (const part of ["first question", "contents", "second question", told.text]) expect(text).toContain(part);
  if (row.replays !== undefined) expect(text).toContain(`"${row.replays}":"${told.thought}"`);
  else if (row.wire === "chat") expect(text).not.toContain(told.thought);
}

async function publishedRead(row: Row, { origin }: ProfileServer): Promise<{ readonly text: string; readonly args: string }> {
  const model = nameOf(row.model);
  if (row.wire === "messages") {
    const client = new Anthropic({ apiKey: key, baseURL: `${origin}`, maxRetries: 0 });
    const message = await client.messages
      .stream({ model, max_tokens: 100, messages: [{ role: "user", content: "q" }] })
      .finalMessage();
    const blocks = message.content;
    return {
      text: blocks.map((block) => (block.type === "text" ? block.text : "")).join(""),
      args: blocks.map((block) => (block.type === "tool_use" ? JSON.stringify(block.input) : "")).join(""),
    };
  }
  const client = new OpenAI({ apiKey: key, baseURL: `${origin}${row.path}`, maxRetries: 0 });
  if (row.wire === "chat") {
    let [text, args] = ["", ""];
    const stream = await client.chat.completions.create({ model, stream: true, messages: [{ role: "user", content: "q" }] });
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? "";
      args += choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
    }
    return { text, args };
  }
  const final = await client.responses.stream({ model, input: "q" }).finalResponse();
  const calls = final.output.map((item) => (item.type === "function_call" ? item.arguments : "")).join("");
  return { text: final.output_text, args: calls };
}

interface Trouble {
  readonly model: string;
  readonly path: string;
  readonly config?: Fields;
  readonly socket?: boolean;
  readonly reply: Reply;
  readonly code: string;
  readonly words: RegExp;
}

const chunk = (fields: Fields): Fields => ({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...fields });
const openai = (status: number, error: Fields, headers?: Record<string, string>): Reply => ({
  ...{ status, body: { error } },
  ...(headers && { headers }),
});

const troubles: Readonly<Record<string, Trouble>> = {
  "OpenAI: wrong key": {
    ...{ model: "openai/gpt-5-codex", path: "/v1", code: "KEY_REFUSED", words: /openai refused the key in CANARY \(401\)/ },
    reply: openai(401, { message: `Incorrect API key provided: ${key}`, type: "invalid_request_error", code: "invalid_api_key" }),
  },
  "OpenAI: no quota": {
    ...{ model: "openai/gpt-5-codex", path: "/v1", code: "PROVIDER_LIMIT", words: /wants payment/ },
    reply: openai(429, { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" }),
  },
  "OpenAI over a socket: too long": {
    ...{ model: "openai/gpt-5-codex", path: "/v1", socket: true, code: "CONTEXT_FULL", words: /of this length/ },
    reply: openai(400, {
      message: "Your input exceeds the context window",
      type: "invalid_request_error",
      code: "context_length_exceeded",
    }),
  },
  "Azure: content filter": {
    ...{ model: "azure/d", path: "/openai/v1", config: { wire: "chat" }, code: "PROVIDER_REFUSED", words: /content filter/ },
    reply: openai(400, {
      ...{
        message: "The response was filtered due to the prompt triggering content management policy.",
        type: null,
        param: "prompt",
      },
      ...{ code: "content_filter", status: 400, innererror: { code: "ResponsibleAIPolicyViolation" } },
    }),
  },
  "Azure: no such deployment": {
    ...{ model: "azure/d", path: "/openai/v1", code: "MODEL_UNKNOWN", words: /azure does not have the model d \(404\)/ },
    reply: openai(404, { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." }),
  },
  "Azure: wrong key": {
    ...{ model: "azure/d", path: "/openai/v1", config: { wire: "chat" }, code: "KEY_REFUSED", words: /Access denied/ },
    reply: openai(401, { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." }),
  },
  "xAI: an error that is a text": {
    ...{ model: "xai/grok-4", path: "/v1", code: "PROVIDER_REFUSED", words: /xai refused the request \(400\): Bad argument/ },
    reply: { status: 400, body: { code: "Client specified an invalid argument", error: "Bad argument" } },
  },
  "OpenRouter: in the middle of a stream with status 200": {
    ...{ model: "openrouter/a/b", path: "/api/v1", code: "PROVIDER_BROKEN", words: /Provider disconnected/ },
    reply: {
      events: [
        ": OPENROUTER PROCESSING",
        chunk({ choices: [{ index: 0, delta: { content: "so" }, finish_reason: null }] }),
        chunk({
          error: { code: "server_error", message: "Provider disconnected unexpectedly" },
          choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
        }),
      ],
    },
  },
  "OpenRouter: no credit": {
    ...{ model: "openrouter/a/b", path: "/api/v1", code: "PROVIDER_LIMIT", words: /wants payment \(402\)/ },
    reply: openai(402, { code: 402, message: "Insufficient credits" }),
  },
  "OpenRouter: nobody serves it": {
    ...{ model: "openrouter/a/b", path: "/api/v1", code: "PROVIDER_BROKEN", words: /503.*no available model provider/ },
    reply: openai(503, { code: 503, message: "There is no available model provider that meets your routing requirements" }),
  },
  "Cerebras: tokens of the minute": {
    ...{ model: "cerebras/gpt-oss-120b", path: "/v1", code: "PROVIDER_LIMIT", words: /has reached its limit \(429\)/ },
    reply: {
      status: 429,
      headers: {
        "x-ratelimit-reset-tokens-minute": "11.4",
        "x-ratelimit-remaining-tokens-minute": "0",
        "x-ratelimit-limit-tokens-minute": "60000",
      },
      body: {
        message: "Tokens per minute limit exceeded",
        type: "too_many_tokens_error",
        param: "quota",
        code: "token_quota_exceeded",
      },
    },
  },
  "Cerebras: its queue is full": {
    ...{ model: "cerebras/gpt-oss-120b", path: "/v1", code: "PROVIDER_LIMIT", words: /high traffic/ },
    reply: {
      status: 429,
      body: {
        message: "We're experiencing high traffic right now!",
        type: "too_many_requests_error",
        param: "queue",
        code: "queue_exceeded",
      },
    },
  },
  "Cerebras: 503 with a time": {
    ...{ model: "cerebras/gpt-oss-120b", path: "/v1", code: "PROVIDER_LIMIT", words: /too much to do \(503\)/ },
    reply: { status: 503, headers: { "retry-after": "2" }, body: { message: "Service Unavailable", code: "queue_full" } },
  },
  "Groq: a call that it could not read": {
    ...{
      model: "groq/openai/gpt-oss-120b",
      path: "/openai/v1",
      code: "PROVIDER_BROKEN",
      words: /could not read a call that openai\/gpt-oss-120b wrote/,
    },
    reply: openai(400, {
      ...{ message: "Failed to call a function.", type: "invalid_request_error", code: "tool_use_failed" },
      failed_generation: '{"name": "read", "arguments": {',
    }),
  },
  "Groq: no capacity in the flex tier": {
    ...{ model: "groq/openai/gpt-oss-120b", path: "/openai/v1", code: "PROVIDER_LIMIT", words: /498/ },
    reply: openai(498, { message: "Flex tier capacity exceeded", type: "invalid_request_error", code: "capacity_exceeded" }),
  },
  "vLLM: an object that is the error": {
    ...{ model: "vllm/q", path: "/v1", code: "CONTEXT_FULL", words: /of this length with q/ },
    reply: {
      status: 400,
      body: {
        object: "error",
        message: "This model's maximum context length is 4096 tokens.",
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    },
  },
  "vLLM: no such model": {
    ...{ model: "vllm/q", path: "/v1", code: "MODEL_UNKNOWN", words: /does not have the model q/ },
    reply: {
      status: 404,
      body: { object: "error", message: "The model `q` does not exist.", type: "NotFoundError", param: null, code: 404 },
    },
  },
  "llama.cpp: more than its context": {
    ...{ model: "llamacpp/q", path: "/v1", code: "CONTEXT_FULL", words: /of this length/ },
    reply: openai(400, {
      ...{ code: 400, type: "exceed_context_size_error", n_prompt_tokens: 9000, n_ctx: 4096 },
      message: "the request exceeds the available context size, try increasing it",
    }),
  },
  "llama.cpp: still loading": {
    ...{ model: "llamacpp/q", path: "/v1", code: "PROVIDER_BROKEN", words: /503.*Loading model/ },
    reply: openai(503, { code: 503, message: "Loading model", type: "unavailable_error" }),
  },
  "Ollama: no such model": {
    ...{ model: "ollama/q", path: "/v1", code: "MODEL_UNKNOWN", words: /try pulling it/ },
    reply: { status: 404, body: { error: 'model "q" not found, try pulling it first' } },
  },
  "Ollama: a text that is the error": {
    ...{ model: "ollama/q", path: "/v1", code: "PROVIDER_BROKEN", words: /500.*runner process has terminated/ },
    reply: { status: 500, body: { error: "llama runner process has terminated: exit status 2" } },
  },
  "Anthropic: overloaded": {
    ...{ model: "anthropic/claude-sonnet-5-5", path: "", code: "PROVIDER_LIMIT", words: /529.*Overloaded/ },
    reply: { status: 529, body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "r" } },
  },
  "Anthropic: overloaded in the middle of a stream": {
    ...{ model: "anthropic/claude-sonnet-5-5", path: "", code: "PROVIDER_LIMIT", words: /Overloaded/ },
    reply: {
      events: [
        ...messagesEvents("claude-sonnet-5-5", undefined).slice(0, 4),
        { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      ],
    },
  },
};

describe("an error of a vendor is one line with a code", () => {
  it.each(Object.entries(troubles))("%s", async (_, { reply, code, words, socket = false, ...row }) => {
    const server = await serve({ socket, answer: () => reply });
    const events = await ask(open(row, server), [user("q")]);
    const ended = events.at(-1);
    expect(ended).toMatchObject({ kind: "ended", ending: "failed", failure: { code, message: expect.stringMatching(words) } });
    expect(JSON.stringify(events)).not.toContain(key);
    expect(ended?.kind === "ended" && ended.failure?.message).not.toMatch(/[\r\n]/);
    expect(ended?.kind === "ended" && ended.failure?.cure).toMatch(/\w/);
  });
});

describe("a service tier", () => {
  it.each<[string, Partial<Row>]>([
    ["chat", { model: "groq/m", path: "/openai/v1", wire: "chat", chat: { tier: "on_demand" } }],
    ["responses", { model: "openai/m", path: "/v1", wire: "responses", responses: { tier: "on_demand" } }],
  ])("asked for and not served is said at once (%s)", async (_, part) => {
    const row: Row = { model: "", path: "", wire: "chat", config: { serviceTier: "priority" }, ...part };
    const server = await serve(profileOf(row));
    const events = await ask(open(row, server), [user("q")]);
    expect(server.requests.at(-1)?.body["service_tier"]).toBe("priority");
    const kinds = events.map((event) => (event.kind === "notice" ? event.code : event.kind));
    expect(kinds.indexOf("TIER_SERVED")).toBeLessThan(kinds.indexOf("text"));
    expect(kinds).toContain("TIER_SERVED");
  });
});
