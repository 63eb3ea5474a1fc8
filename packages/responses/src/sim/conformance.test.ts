/** The public client of the wire's maker completes chained answers against the simulated server. */
import OpenAI from "openai";
import { toResponseInputItems } from "openai/lib/responses/ResponseInputItems";
import { ResponsesWS } from "openai/resources/responses/ws";
import type { Response, ResponseInputItem, ResponsesClientEvent } from "openai/resources/responses/responses";
import { afterEach, expect, test } from "vitest";
import { startSim } from "./sim.ts";
import type { Sim } from "./sim.ts";

const tools = [
  {
    type: "function",
    name: "read",
    description: "Reads a file.",
    parameters: { type: "object", properties: { path: { type: "string" } } },
    strict: false,
  } as const,
];
const patch = "*** Begin Patch\n*** Add File: a.txt\n+one\n*** End Patch\n";

let sim: Sim | undefined;
afterEach(async () => sim?.close());

async function client(): Promise<OpenAI> {
  sim = await startSim({
    token: "key",
    scenario: {
      defaults: { chunk: { unit: "bytes", size: 3 } },
      answers: [
        {
          when: { prompt: "two files" },
          reply: [
            { reasoning: "thinking about it" },
            { text: "Reading ünïcode 🙂." },
            {
              parallel: [
                { name: "read", arguments: { path: "a" } },
                { name: "read", arguments: { path: "b" } },
              ],
            },
            { call: { name: "edit", input: patch } },
            { text: "Done." },
          ],
        },
      ],
    },
  });
  return new OpenAI({ apiKey: "key", baseURL: `${sim.url}/v1`, maxRetries: 0 });
}

function outputs(response: Response): ResponseInputItem[] {
  return response.output.flatMap((item): ResponseInputItem[] => {
    if (item.type === "function_call") return [{ type: "function_call_output", call_id: item.call_id, output: "text" }];
    if (item.type === "custom_tool_call") return [{ type: "custom_tool_call_output", call_id: item.call_id, output: "text" }];
    return [];
  });
}

function shape(response: Response): string[] {
  return response.output.map((item) => {
    if (item.type === "function_call") return `${item.name} ${item.arguments}`;
    if (item.type === "custom_tool_call") return `${item.name} ${item.input}`;
    return item.type === "message"
      ? item.content.map((part) => (part.type === "output_text" ? part.text : "")).join("")
      : item.type;
  });
}

const CHAIN = [["reasoning", "Reading ünïcode 🙂.", 'read {"path":"a"}', 'read {"path":"b"}'], [`edit ${patch}`], ["Done."]];

test("a stream over HTTP is continued by id", async () => {
  const openai = await client();
  const shapes: string[][] = [];
  let input: string | ResponseInputItem[] = "two files";
  let previous: string | undefined;
  for (let round = 0; round < 3; round += 1) {
    const response: Response = await openai.responses
      .stream({ model: "m", input, tools: [...tools], ...(previous !== undefined && { previous_response_id: previous }) })
      .finalResponse();
    shapes.push(shape(response));
    previous = response.id;
    input = outputs(response);
    expect(response.usage?.output_tokens).toBeGreaterThan(0);
  }
  expect(shapes).toEqual(CHAIN);
});

test("a stream over HTTP is continued by its whole input, unstored", async () => {
  const openai = await client();
  const shapes: string[][] = [];
  const input: ResponseInputItem[] = [{ role: "user", content: "two files" }];
  for (let round = 0; round < 3; round += 1) {
    const stream = await openai.responses.create({ model: "m", input, stream: true, store: false });
    let response: Response | undefined;
    let expected = 0;
    for await (const event of stream) {
      expect(event.sequence_number).toBe(expected);
      expected += 1;
      if (event.type === "response.completed") response = event.response;
    }
    if (response === undefined) throw new Error("no end");
    shapes.push(shape(response));
    input.push(...toResponseInputItems(response.output), ...outputs(response));
  }
  expect(shapes).toEqual(CHAIN);
  await expect(openai.responses.create({ model: "m", input: "x", previous_response_id: "resp_none" })).rejects.toMatchObject({
    status: 400,
    code: "previous_response_not_found",
  });
});

test("the socket client continues by id, warmed up, unstored", async () => {
  const openai = await client();
  const socket = new ResponsesWS(openai);
  const events = socket.stream()[Symbol.asyncIterator]();
  const respond = async (request: Omit<ResponsesClientEvent & { type: "response.create" }, "type">): Promise<Response> => {
    socket.send({ type: "response.create", store: false, model: "m", ...request });
    for (;;) {
      const { done, value: event } = await events.next();
      if (done) throw new Error("closed");
      if (event.type === "error") throw event.error;
      if (event.type === "message" && event.message.type === "response.completed") return event.message.response;
    }
  };
  const warm = await respond({ input: [], generate: false });
  expect(warm.output).toEqual([]);
  let response = await respond({ input: "two files", previous_response_id: warm.id });
  const shapes = [shape(response)];
  for (let round = 1; round < 3; round += 1) {
    response = await respond({ input: outputs(response), previous_response_id: response.id });
    shapes.push(shape(response));
  }
  expect(shapes).toEqual(CHAIN);
  socket.close();
});

test("operations of the wire's own patch tool are parsed, replayed and answered", async () => {
  const operation = { type: "update_file", path: "a.txt", diff: "@@\n-one\n+two\n" } as const;
  sim = await startSim({
    scenario: {
      answers: [{ reply: [{ call: { name: ["edit", "apply_patch"], arguments: operation } }, { text: "Done." }] }],
    },
  });
  const openai = new OpenAI({ apiKey: "key", baseURL: `${sim.url}/v1`, maxRetries: 0 });
  const patchTool = [{ type: "apply_patch" as const }];
  const input: ResponseInputItem[] = [{ role: "user", content: "change it" }];
  const first = await openai.responses.stream({ model: "m", input, tools: patchTool, store: false }).finalResponse();
  const [call] = first.output;
  if (call?.type !== "apply_patch_call") throw new Error("no operation");
  expect(call).toMatchObject({ operation, status: "completed" });
  const output = { type: "apply_patch_call_output", call_id: call.call_id, status: "failed", output: "no such line" } as const;
  input.push(...toResponseInputItems(first.output), output);
  const second = await openai.responses.stream({ model: "m", input, tools: patchTool, store: false }).finalResponse();
  expect(second.output_text).toBe("Done.");
});

test.each(["pieces", "whole"] as const)("a chat stream is continued, arguments in %s", async (toolArguments) => {
  sim = await startSim({
    scenario: {
      chat: { toolArguments },
      answers: [
        {
          when: { prompt: "two files" },
          reply: [
            { text: "Reading." },
            {
              parallel: [
                { name: "read", arguments: { path: "a" } },
                { name: "read", arguments: { path: "b" } },
              ],
            },
            { text: "Done." },
          ],
        },
      ],
    },
  });
  const openai = new OpenAI({ apiKey: "key", baseURL: sim.url, maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "two files" }];
  const chatTools = tools.map(({ name, description, parameters }) => ({
    type: "function" as const,
    function: { name, description, parameters },
  }));
  const first = await openai.chat.completions.stream({ model: "m", messages, tools: chatTools }).finalMessage();
  expect(first.content).toBe("Reading.");
  expect(first.tool_calls?.map((call) => (call.type === "function" ? call.function.arguments : ""))).toEqual([
    '{"path":"a"}',
    '{"path":"b"}',
  ]);
  messages.push(first);
  for (const call of first.tool_calls ?? []) messages.push({ role: "tool", tool_call_id: call.id, content: "text" });
  const stream = await openai.chat.completions.create({
    model: "m",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage?.completion_tokens ?? usage;
  }
  expect(text).toBe("Done.");
  expect(usage).toBeGreaterThan(0);
  const whole = await openai.chat.completions.create({ model: "m", messages });
  expect(whole.choices[0]?.message.content).toBe("Done.");
  expect((await openai.models.list()).data.map((model) => model.id)).toEqual(["scripted"]);
});
