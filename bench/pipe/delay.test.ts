import { type Server, type Socket, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { type Line, listening, openLine, portOf } from "./delay.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0).toReversed()) one.close();
});

/** Answers everything with itself, and ends when the client ends. */
async function echo(oneWayMs: number): Promise<Line> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
  open.push(server);
  await listening(server);
  const line = await openLine(portOf(server), oneWayMs);
  open.push(line);
  return line;
}

const once = (socket: Socket, event: string): Promise<unknown> => new Promise((resolve) => socket.once(event, resolve));

test("every byte comes through, in order, and the end behind the last one", async () => {
  const line = await echo(5);
  const socket = connect(line.port, "127.0.0.1");
  const sent = Array.from({ length: 2000 }, (_, at) => `${at} `).join("");
  for (let at = 0; at < sent.length; at += 7) socket.write(sent.slice(at, at + 7));
  socket.end();
  expect(await text(socket)).toBe(sent);
});

test("the first answer waits for the handshake and a round trip, later ones for a round trip; never less", async () => {
  const line = await echo(20);
  const from = performance.now();
  const socket = connect(line.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("a");
  await once(socket, "data");
  const first = performance.now();
  expect(first - from).toBeGreaterThanOrEqual(79);
  socket.write("b");
  await once(socket, "data");
  expect(performance.now() - first).toBeGreaterThanOrEqual(39);
  socket.destroy();
});

test("a client that is gone is let go of on the other side", async () => {
  const server = createServer();
  open.push(server);
  await listening(server);
  const line = await openLine(portOf(server), 2);
  open.push(line);
  const arrived = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const socket = connect(line.port, "127.0.0.1");
  socket.write("x");
  const far = await arrived;
  far.resume();
  socket.destroy();
  await once(far, "close");
});
