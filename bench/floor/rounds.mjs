/**
 * The floor: the least a Node program can do for a turn with tool calls over a WebSocket. No types, no guard, no journal,
 * no screen. Arguments: URL of the server, prompt.
 */
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";

const [url, prompt] = process.argv.slice(2);
const tools = [
  {
    type: "function",
    name: "read",
    description: "Read a file.",
    parameters: { type: "object", properties: { path: { type: "string" } } },
  },
];
const socket = new WebSocket(`${url.replace("http", "ws")}/v1/responses`, { perMessageDeflate: false });
const ask = (input, previous) => {
  socket.send(
    JSON.stringify({
      type: "response.create",
      model: "scripted",
      input,
      tools,
      store: false,
      ...(previous && { previous_response_id: previous }),
    }),
  );
};
let outputs = [];
socket.on("open", () => ask([{ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }]));
socket.on("message", (data) => {
  const event = JSON.parse(data);
  if (event.type === "response.output_item.done" && event.item.type === "function_call") {
    const output = readFileSync(JSON.parse(event.item.arguments).path, "utf8");
    outputs.push({ type: "function_call_output", call_id: event.item.call_id, output });
  }
  if (event.type !== "response.completed") return;
  if (outputs.length === 0) return process.exit(0);
  ask(outputs, event.response.id);
  outputs = [];
});
// What a stop costs at the least: the socket is gone and so is the process.
process.on("SIGINT", () => {
  socket.terminate();
  process.exit(130);
});
// What a message costs at the least that is typed while the answer runs: drop the socket's answer, ask on a new socket.
process.stdin.on("data", (line) => {
  const next = new WebSocket(socket.url, { perMessageDeflate: false });
  socket.terminate();
  next.on("open", () =>
    next.send(JSON.stringify({ type: "response.create", model: "scripted", input: String(line), tools, store: false })),
  );
});
process.stdin.unref?.();
