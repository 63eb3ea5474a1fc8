/**
 * The floor of the loop in a terminal: raw mode, keys echoed; Enter sends the line over the WebSocket, also while an answer comes (on a
 * spare socket); text goes to the terminal as it comes; Ctrl-C drops the answer. No types, no session, no screen. Argument: URL.
 */
import { WebSocket } from "ws";

const { stdin, stdout } = process;
const address = `${process.argv[2].replace("http", "ws")}/v1/responses`;
let socket = connect();
let spare = connect();
let running = false;
let line = "";

function connect() {
  return new WebSocket(address, { perMessageDeflate: false }).on("message", (data) => {
    const event = JSON.parse(data);
    if (event.type === "response.output_text.delta") stdout.write(event.delta);
    if (event.type === "response.completed") running = false;
  });
}

function drop() {
  socket.terminate();
  socket = spare;
  spare = connect();
  running = false;
}

socket.on("open", () => stdout.write("\r› "));
stdin.setRawMode(true);
stdin.on("data", (bytes) => {
  for (const key of bytes.toString()) {
    if (key === "\u0003") drop();
    if (key >= " ") {
      line += key;
      stdout.write(key);
    }
    if (key !== "\r") continue;
    if (running) drop();
    socket.send(JSON.stringify({ type: "response.create", model: "scripted", input: line, store: false }));
    running = true;
    line = "";
  }
});
