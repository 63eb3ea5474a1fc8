/** The public client of the Anthropic Messages wire's maker completes chained answers against the simulated server. */
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { startSim } from "./sim.ts";
import type { Sim } from "./sim.ts";
import type { ScenarioInput } from "./scenario.ts";

const tools: Anthropic.Tool[] = [
  {
    name: "read",
    description: "Reads a file.",
    input_schema: { type: "object", properties: { path: { type: "string" } } },
    eager_input_streaming: true,
  },
];

let sim: Sim | undefined;
afterEach(async () => sim?.close());

async function client(scenario: ScenarioInput): Promise<Anthropic> {
  sim = await startSim({ token: "key", scenario });
  return new Anthropic({ apiKey: "key", authToken: null, baseURL: sim.url, maxRetries: 0 });
}

const twoFiles: ScenarioInput = {
  defaults: { chunk: { unit: "bytes", size: 3 } },
  answers: [
    {
      when: { prompt: "two files", wire: "messages" },
      reply: [
        { reasoning: "thinking about ünïcode" },
        { text: "Reading ünïcode 🙂." },
        {
          parallel: [
            { name: "read", arguments: { path: "a" } },
            { name: "read", arguments: { path: "🙂" } },
          ],
        },
        { text: "Done." },
      ],
    },
  ],
};

const ask = (messages: Anthropic.MessageParam[]): Anthropic.MessageCreateParamsNonStreaming => ({
  ...{ model: "m", max_tokens: 100, tools },
  system: [{ type: "text", text: "rules ".repeat(50), cache_control: { type: "ephemeral" } }],
  messages,
});

const results = (message: Anthropic.Message): Anthropic.ToolResultBlockParam[] =>
  message.content.flatMap((block) =>
    block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: "text" }] : [],
  );

describe("the published client", () => {
  test("accumulates a stream and goes on with its outputs", async () => {
    const anthropic = await client(twoFiles);
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: "two files" }];
    const partial: string[] = [];
    const first = await anthropic.messages
      .stream(ask(messages))
      .on("inputJson", (piece) => partial.push(piece))
      .finalMessage();
    expect(first.content).toMatchObject([
      { type: "thinking", thinking: "thinking about ünïcode", signature: expect.stringMatching(/.+/) },
      { type: "text", text: "Reading ünïcode 🙂." },
      { type: "tool_use", name: "read", input: { path: "a" } },
      { type: "tool_use", name: "read", input: { path: "🙂" } },
    ]);
    expect(partial.length).toBeGreaterThan(6);
    expect(first.stop_reason).toBe("tool_use");
    expect(first.usage.output_tokens).toBeGreaterThan(0);
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(50);

    messages.push({ role: "assistant", content: first.content }, { role: "user", content: results(first) });
    const second = await anthropic.messages.stream(ask(messages)).finalMessage();
    expect(second.content).toMatchObject([{ type: "text", text: "Done." }]);
    expect(second.stop_reason).toBe("end_turn");
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);

    const whole = await anthropic.messages.create(ask(messages));
    expect(whole.content).toMatchObject([{ type: "text", text: "Done." }]);
    expect((await anthropic.models.list()).data.map(({ id }) => id)).toEqual(["scripted"]);
  });

  test("is refused what the provider would refuse", async () => {
    const anthropic = await client(twoFiles);
    const first = await anthropic.messages.create(ask([{ role: "user", content: "two files" }]));
    const said: Anthropic.MessageParam[] = [
      { role: "user", content: "two files" },
      { role: "assistant", content: first.content },
    ];
    const [a, b] = results(first);
    const changed = first.content.map((block) => (block.type === "thinking" ? { ...block, thinking: "other" } : block));
    const wrong: [RegExp, Anthropic.MessageParam[]][] = [
      [/without `tool_result`/, said],
      [/without `tool_result`/, [...said, { role: "user", content: [a!] }]],
      [/must come first/, [...said, { role: "user", content: [a!, { type: "text", text: "x" }, b!] }]],
      [/unexpected/, [{ role: "user", content: [a!] }]],
      [/first message/, [{ role: "assistant", content: "x" }]],
      [/non-whitespace/, [{ role: "user", content: " " }]],
      [/signature/, [said[0]!, { role: "assistant", content: changed }, { role: "user", content: [a!, b!] }]],
    ];
    for (const [words, messages] of wrong)
      await expect(anthropic.messages.create(ask(messages))).rejects.toMatchObject({
        status: 400,
        message: expect.stringMatching(words),
      });
  });

  test.each([
    [401, "authentication_error"],
    [404, "not_found_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [529, "overloaded_error"],
  ])("reads the refusal %s as its own", async (status, type) => {
    const anthropic = await client({ answers: [], faults: [{ kind: "status", status, resetMs: 3000 }] });
    const asked = anthropic.messages.stream(ask([{ role: "user", content: "x" }])).finalMessage();
    const error: unknown = await asked.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ status, error: { type: "error", error: { type } } });
    expect(error instanceof Anthropic.APIError ? error.headers?.get("retry-after") : "").toBe("3");
  });

  test("reads an error in the middle of a stream, and a stream without its end", async () => {
    const reply = [{ text: "a longer answer than this" }];
    const faults = [
      { kind: "error" as const, atEvent: 4, code: "overloaded_error", message: "Overloaded" },
      { kind: "failed" as const },
      { kind: "incomplete" as const },
      { kind: "no-terminal" as const },
    ];
    const outcomes: unknown[] = [];
    for (const fault of faults) {
      const anthropic = await client({ answers: [{ reply, fault }] });
      const asked = anthropic.messages.stream(ask([{ role: "user", content: "x" }])).finalMessage();
      outcomes.push(await asked.catch((reason: unknown) => reason));
      await sim?.close();
    }
    expect(outcomes).toMatchObject([
      { error: { error: { type: "overloaded_error", message: "Overloaded" } } },
      { error: { error: { type: "api_error" } } },
      { stop_reason: "max_tokens" },
      { message: expect.stringMatching(/ended/) },
    ]);
  });

  test("needs the key in one of its two headers", async () => {
    sim = await startSim({ token: "key", scenario: twoFiles });
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: "hello" }];
    const bearer = new Anthropic({ apiKey: null, authToken: "key", baseURL: sim.url, maxRetries: 0 });
    expect((await bearer.messages.create(ask(messages))).role).toBe("assistant");
    const stranger = new Anthropic({ apiKey: "other", authToken: null, baseURL: sim.url, maxRetries: 0 });
    await expect(stranger.messages.create(ask(messages))).rejects.toMatchObject({ status: 401 });
  });
});
