import { createHash } from "node:crypto";
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { Connection } from "./connection.ts";
import { completeOptions } from "./options.ts";
import type { Trouble } from "./trouble.ts";

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Everything that a connection tells, in order. */
class Told {
  readonly list: string[] = [];
  trouble: Trouble | undefined;
  onTell: ((what: string) => unknown) | undefined;
  #waiting: (() => void)[] = [];

  tell(what: string): void {
    this.list.push(what);
    this.onTell?.(what);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async lost(): Promise<Trouble> {
    await this.until(() => this.trouble !== undefined);
    if (this.trouble === undefined) throw new Error("not lost");
    return this.trouble;
  }
}

function connect(port: number, perEvent = 1000): { readonly connection: Connection; readonly told: Told } {
  const told = new Told();
  const settings = completeOptions({
    baseUrl: `http://127.0.0.1:${port}/v1`,
    headers: { authorization: "k" },
    limits: { perEvent },
  });
  const connection = new Connection(settings, {
    onHeaders: () => told.tell("headers"),
    onOpen: () => told.tell("open"),
    onFrame: (text, bytes) => told.tell(`frame ${bytes} ${text}`),
    onLost: (trouble) => {
      told.trouble = trouble;
      told.tell(`lost ${trouble.at}`);
    },
  });
  closers.push(() => connection.terminate());
  return { connection, told };
}

const portOf = (server: net.Server): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** A server that is not ours on the other end. */
async function serve(onPeer: (peer: WebSocket) => void): Promise<number> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", onPeer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    for (const peer of sockets.clients) peer.terminate();
    server.close();
  });
  return portOf(server);
}

const acceptOf = (key = ""): string => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** One that answers the upgrade itself; `answer` is asked for the lines behind the status. */
async function serveBytes(
  answer: (accept: string) => readonly string[],
  then: (socket: Duplex) => readonly Buffer[],
): Promise<number> {
  const server = http.createServer();
  server.on("upgrade", ({ headers }, socket) => {
    closers.push(() => socket.destroy());
    socket.on("error", () => {});
    const head = ["HTTP/1.1 101 Switching", ...answer(acceptOf(headers["sec-websocket-key"])), "", ""].join("\r\n");
    socket.write(Buffer.concat([Buffer.from(head), ...then(socket)]));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return portOf(server);
}

const right = (accept: string): readonly string[] => [
  "Connection: Upgrade",
  "Upgrade: WebSocket",
  `Sec-WebSocket-Accept: ${accept}`,
];

it("says and hears what a server of another make says and hears", async () => {
  const heard: string[] = [];
  const port = await serve((peer) => {
    peer.on("message", (data: Buffer, isBinary) => {
      heard.push(`${isBinary} ${data.toString()}`);
      peer.send(data.toString().toUpperCase());
      peer.send("frag", { fin: false });
      peer.send("ments", { fin: true });
    });
  });
  const { connection, told } = connect(port);
  await told.until(() => connection.state === "open");
  expect(connection.send("grüße")).toBe(7);
  await told.until(() => told.list.length === 4);
  expect(heard).toEqual(["false grüße"]);
  expect(told.list).toEqual(["headers", "open", "frame 7 GRÜSSE", "frame 9 fragments"]);
});

it("answers pings", async () => {
  const answered = new Promise<string>((resolve) => {
    void serve((peer) => {
      peer.on("pong", (data) => resolve(data.toString()));
      peer.ping("still there");
    }).then((port) => connect(port));
  });
  expect(await answered).toBe("still there");
});

it("takes frames that came with the answer to the upgrade", async () => {
  const { told } = connect(await serveBytes(right, () => [Buffer.from([0x81, 2]), Buffer.from("hi")]));
  await told.until(() => told.list.length === 3);
  expect(told.list).toEqual(["headers", "open", "frame 2 hi"]);
});

it("is closed by the server in order, which hears the same back", async () => {
  let closed: Promise<number> | undefined;
  const port = await serve((peer) => {
    closed = new Promise((resolve) => void peer.on("close", resolve));
    peer.close(4429, "too much");
  });
  const { told } = connect(port);
  expect(await told.lost()).toEqual({ at: "close", code: 4429, reason: "too much" });
  expect(await closed).toBe(4429);
});

it("tells a server that breaks the protocol why it leaves", async () => {
  const seen: Buffer[] = [];
  const left = new Promise<void>((resolve) => {
    void serveBytes(right, (socket) => {
      socket.on("data", (bytes: Buffer) => seen.push(bytes));
      socket.on("end", resolve);
      return [Buffer.of(0xc1, 0)];
    }).then((port) => connect(port).told.lost());
  });
  await left;
  const [first, length, , , , , ...code] = Buffer.concat(seen);
  expect([first, length, ...code]).toEqual([0x88, 0x82, 0x03, 0xea]);
});

it.each([
  ["breaks the protocol", [Buffer.of(0xc1, 0)], { at: "garbage", reason: "a reserved bit is set" }],
  ["says too much at once", [Buffer.of(0x81, 126, 255, 255)], { at: "flood", limit: 1000 }],
])("is lost to a server that %s", async (_, frames, trouble) => {
  const { told } = connect(await serveBytes(right, () => frames));
  expect(await told.lost()).toEqual(trouble);
});

it("is lost when the connection breaks", async () => {
  const port = await serve((peer) => peer.terminate());
  expect(await connect(port).told.lost()).toMatchObject({ at: "close", code: 1006 });
});

it.each([
  ["another key", () => right("bm90IHRoaXMgb25l")],
  ["no upgrade", (accept: string) => ["Connection: Upgrade", "Upgrade: h2c", `Sec-WebSocket-Accept: ${accept}`]],
  ["an extension", (accept: string) => [...right(accept), "Sec-WebSocket-Extensions: permessage-deflate"]],
  ["a protocol", (accept: string) => [...right(accept), "Sec-WebSocket-Protocol: chat"]],
])("does not open on an answer with %s", async (_, answer) => {
  const { told } = connect(await serveBytes(answer, () => []));
  expect(await told.lost()).toMatchObject({ at: "connect" });
  expect(told.list).toEqual(["lost connect"]);
});

it("says nothing more when it was terminated, whatever comes", async () => {
  const port = await serve((peer) => {
    for (let nth = 0; nth < 100; nth++) peer.send(`frame ${nth}`);
  });
  const { connection, told } = connect(port);
  told.onTell = (what) => what === "frame 7 frame 0" && connection.terminate();
  await told.until(() => connection.state === "ended");
  expect(connection.send("too late")).toBe(8);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told.list).toEqual(["headers", "open", "frame 7 frame 0"]);
});

it("can be terminated before it is open", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const { connection, told } = connect(portOf(server));
  const accepted = new Promise<net.Socket>((resolve) => void server.on("connection", resolve));
  const socket = await accepted;
  const ended = new Promise((resolve) => void socket.on("close", resolve).resume());
  connection.terminate();
  await ended;
  expect(told.list).toEqual([]);
});
