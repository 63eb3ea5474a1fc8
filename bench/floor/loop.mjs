/**
 * The floor of a wire without a memory: the least a Node program can do for a turn with tool calls over HTTP. No types, no guard, no
 * journal, no screen. Arguments: `chat` or `messages`, URL of the server, prompt.
 */
import { readFileSync } from "node:fs";
import http from "node:http";

const [wire, url, prompt] = process.argv.slice(2);
const isChat = wire === "chat";
const parameters = { type: "object", properties: { path: { type: "string" } } };
const about = { name: "read", description: "Read a file." };
const tools = isChat ? [{ type: "function", function: { ...about, parameters } }] : [{ ...about, input_schema: parameters }];
const messages = [{ role: "user", content: prompt }];
const agent = new http.Agent({ keepAlive: true });
const read = (text) => readFileSync(JSON.parse(text).path, "utf8");

function ask() {
  const body = JSON.stringify({ model: "scripted", stream: true, ...(!isChat && { max_tokens: 1000 }), tools, messages });
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(!isChat && { "anthropic-version": "2023-06-01" }),
  };
  const request = http.request(`${url}/v1/${isChat ? "chat/completions" : "messages"}`, { method: "POST", agent, headers });
  request.on("response", (response) => {
    let text = "";
    const calls = [];
    const take = isChat ? takeChunk : takeEvent;
    response.setEncoding("utf8");
    response.on("data", (piece) => {
      text += piece;
      const frames = text.split("\n\n");
      text = frames.pop();
      for (const frame of frames) take(frame.slice(frame.indexOf("data: ") + 6), calls);
    });
    response.on("end", () => {
      if (calls.length === 0) return process.exit(0);
      answer(calls);
      ask();
    });
  });
  request.end(body);
}

function takeChunk(data, calls) {
  if (data === "[DONE]") return;
  for (const piece of JSON.parse(data).choices[0]?.delta.tool_calls ?? []) {
    const call = (calls[piece.index] ??= { id: piece.id, input: "" });
    call.input += piece.function.arguments;
  }
}

function takeEvent(data, calls) {
  const event = JSON.parse(data);
  if (event.type === "content_block_start" && event.content_block.type === "tool_use")
    calls.push({ id: event.content_block.id, input: "" });
  if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
    calls.at(-1).input += event.delta.partial_json;
}

function answer(calls) {
  if (isChat) {
    const said = calls.map(({ id, input }) => ({ id, type: "function", function: { name: "read", arguments: input } }));
    messages.push({ role: "assistant", content: null, tool_calls: said });
    for (const { id, input } of calls) messages.push({ role: "tool", tool_call_id: id, content: read(input) });
    return;
  }
  const said = calls.map(({ id, input }) => ({ type: "tool_use", id, name: "read", input: JSON.parse(input) }));
  messages.push({ role: "assistant", content: said });
  const results = calls.map(({ id, input }) => ({ type: "tool_result", tool_use_id: id, content: read(input) }));
  messages.push({ role: "user", content: results });
}

ask();
