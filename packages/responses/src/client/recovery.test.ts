/** A session when something breaks: what it does about it, and how the response ends. */
import type http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../wire/events.ts";
import type { ResponsesOptions } from "./options.ts";
import type { Heard } from "./scripted-server.ts";
import {
  after,
  answer,
  ask,
  closeAll,
  created,
  done,
  ended,
  eventually,
  message,
  openSession,
  sse,
  start,
  text,
  user,
} from "./scripted-server.ts";

afterEach(closeAll);

const scale = Number(process.env.TWOLANE_TEST_SCALE ?? 1);
const stream = { "content-type": "text/event-stream" };
const overHttp: Partial<ResponsesOptions> = { capabilities: { websocket: false } };
const failure = (code: string, extra: JsonObject = {}): JsonObject => ({
  type: "error",
  status: 400,
  error: { code, message: `about ${code}`, ...extra },
});
const transports = (heard: Heard): string[] =>
  heard.of("requested").map(({ transport, continued }) => `${transport}${continued ? " continued" : ""}`);

/** A server of plain bytes for HTTP streams; `serve` is called for each request. */
async function startRaw(serve: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let seen = "";
    socket.on("data", (bytes) => {
      seen += bytes.toString("latin1");
      const [, head, length, body] = /^([\s\S]*?content-length: (\d+)[\s\S]*?)\r\n\r\n([\s\S]*)$/i.exec(seen) ?? [];
      if (head === undefined || (body?.length ?? 0) < Number(length)) return;
      seen = "";
      serve(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`;
}
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

describe("sent again", () => {
  test("in full on the same socket when the last response is forgotten", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) =>
        peer.send(...(nth === 1 ? [failure("previous_response_not_found")] : answer(`r${nth}`, "x"))),
    });
    const first = ask(session, user("one"));
    await first.ending();
    const second = ask(session, ...after(first, user("one")), user("two"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(second.kinds).toEqual(["requested", "retrying", "requested", "started", "text", "item", "ended"]);
    expect(second.of("retrying")).toMatchObject([{ forgotten: true }]);
    expect(transports(second)).toEqual(["websocket continued", "websocket"]);
    expect(server.frames[2]).not.toHaveProperty("previous_response_id");
    expect(server.peers[0]?.frames).toHaveLength(3);
  });

  test("only once", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) => peer.send(...(nth === 0 ? answer("r", "x") : [failure("previous_response_not_found")])),
    });
    const first = ask(session, user("one"));
    await first.ending();
    expect(await ask(session, ...after(first, user("one")), user("two")).ending()).toMatchObject({
      status: "failed",
      error: { kind: "refused", code: "previous_response_not_found" },
    });
    expect(server.frames).toHaveLength(3);
  });

  test("on the spare when the socket has reached its age", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) =>
        peer.send(...(nth === 1 ? [failure("websocket_connection_limit_reached")] : answer(`r${nth}`, "x"))),
    });
    const first = ask(session, user("one"));
    await first.ending();
    await eventually(() => server.peers.length === 2);
    const second = ask(session, ...after(first, user("one")), user("two"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(transports(second)).toEqual(["websocket continued", "websocket"]);
    expect(server.peers[1]?.frames).toHaveLength(1);
  });

  test("elsewhere when an idle socket was told its age, or was closed", async () => {
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => peer.send(...answer(`r${nth}`, "x")) },
      { spare: false },
    );
    await ask(session, user("one")).ending();
    server.peers[0]?.send(failure("websocket_connection_limit_reached"));
    await server.delivered();
    await ask(session, user("two")).ending();
    expect(server.peers[1]?.frames).toHaveLength(1);
    const gone = new Promise((resolve) => server.peers[1]?.socket.once("close", resolve));
    server.peers[1]?.socket.close(1001);
    await gone;
    expect(await ask(session, user("three")).ending()).toMatchObject({ status: "completed" });
  });

  test("when the socket breaks before anything was answered", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) => (nth === 0 ? peer.socket.terminate() : peer.send(...answer("r", "x"))),
    });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(transports(heard)).toEqual(["websocket", "websocket"]);
    expect(server.upgrades).toBeGreaterThanOrEqual(2);
  });

  test("after the server's fault, and a garbage frame", async () => {
    const failed = { type: "response.failed", response: { id: "r", error: { code: "server_error", message: "sorry" } } };
    for (const first of [[created("r"), failed], ["garbage"]]) {
      const { session } = await start({
        onFrame: (peer, _frame, nth) => {
          if (nth > 0) peer.send(...answer("r2", "x"));
          else for (const frame of first) peer.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
        },
      });
      const heard = ask(session, user("one"));
      expect(await heard.ending()).toMatchObject({ status: "completed" });
      expect(heard.text).toBe("x");
    }
  });

  test("over HTTP, when the server failed or its connection broke", async () => {
    for (const break_ of [
      (response: http.ServerResponse) => response.writeHead(500).end("oops"),
      (response: http.ServerResponse) => response.destroy(),
    ]) {
      const { server, session } = await start(
        {
          onPost: (response, _body, nth) =>
            void (nth === 0 ? break_(response) : response.writeHead(200, stream).end(sse(...answer("r", "x")))),
        },
        overHttp,
      );
      expect(await ask(session, user("one")).ending()).toMatchObject({ status: "completed" });
      expect(server.posts).toHaveLength(2);
    }
  });
});

describe("from WebSocket to HTTP", () => {
  const known = new Map<string, number>();
  const refusedUpgrades = {
    get: (host: string) => known.get(host),
    set: (host: string, until: number) => void known.set(host, until),
  };
  const onPost = (response: http.ServerResponse): void => void response.writeHead(200, stream).end(sse(...answer("r", "x")));

  test.each([200, 404, 405, 426, 501])("an upgrade answered with %i is remembered for a day", async (status) => {
    known.clear();
    const { server, session, baseUrl } = await start({ onUpgrade: () => ({ status }), onPost }, { refusedUpgrades });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(heard.kinds).toEqual(["requested", "started", "text", "item", "ended"]);
    expect(known.get(new URL(baseUrl).host)).toBeGreaterThan(Date.now() + 86_000_000);
    const next = openSession({ baseUrl, refusedUpgrades });
    await ask(next, user("one")).ending();
    expect(server.upgrades).toBe(1);
    known.set(new URL(baseUrl).host, Date.now() - 1);
    await ask(openSession({ baseUrl, refusedUpgrades }), user("one")).ending();
    expect(server.upgrades).toBe(2);
  });

  test("a refusal is not remembered when HTTP does no better: the address is wrong", async () => {
    known.clear();
    const { session } = await start(
      { onUpgrade: () => ({ status: 404 }), onPost: (response) => response.writeHead(404).end() },
      { refusedUpgrades },
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "refused", status: 404 } });
    expect(known.size).toBe(0);
  });

  test("found out while prewarming, it costs the request nothing", async () => {
    known.clear();
    const { server, session } = await start({ onUpgrade: () => ({ status: 404 }), onPost }, { refusedUpgrades });
    session.prewarm();
    await eventually(() => server.gets === 1);
    const heard = ask(session, user("one"));
    await heard.ending();
    expect(transports(heard)).toEqual(["sse"]);
    expect(server.upgrades).toBe(1);
  });

  test.each([302, 502])("an upgrade answered with %i is not remembered, nor is a redirect followed", async (status) => {
    known.clear();
    const elsewhere = await start({});
    const { session } = await start(
      { onUpgrade: () => ({ status, headers: { location: `${elsewhere.baseUrl}/responses` } }), onPost },
      { refusedUpgrades },
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "completed" });
    expect(known.size).toBe(0);
    expect(elsewhere.server.upgrades + elsewhere.server.gets).toBe(0);
  });

  test("a handshake that never ends", async () => {
    known.clear();
    const { server, session } = await start({ onUpgrade: () => "never", onPost }, { refusedUpgrades, timeouts: { open: 50 } });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(transports(heard)).toEqual(["sse"]);
    expect([server.upgrades, known.size]).toEqual([1, 0]);
  });
});

describe("failed", () => {
  test("an upgrade answered with 403 may come from a proxy: the request over HTTP tells whether it is the key", async () => {
    const forbidden = { error: { code: "forbidden", message: "No upgrades here" } };
    const { server, session } = await start({
      onUpgrade: () => ({ status: 403, body: forbidden }),
      onPost: (response) => response.writeHead(403).end(JSON.stringify({ error: { message: "Incorrect API key" } })),
    });
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "key", status: 403 } });
    expect([server.upgrades, server.posts.length]).toEqual([1, 1]);
  });

  test.each([401])("an upgrade answered with %i is about the key, not a refusal", async (status) => {
    const { server, session } = await start({
      onUpgrade: () => ({ status, body: { error: { code: "invalid_api_key", message: "Incorrect API key" } } }),
    });
    expect(await ask(session, user("one")).ending()).toEqual({
      ...{
        status: "failed",
        error: { kind: "key", code: "invalid_api_key", status, message: `Incorrect API key (HTTP ${status}).` },
      },
    });
    expect([server.upgrades, server.posts.length]).toEqual([1, 0]);
  });

  test.each<[number, JsonObject, string]>([
    [401, { error: { message: "no" } }, "key"],
    [404, { error: { message: "no such model", code: "model_not_found" } }, "refused"],
    [400, { error: { message: "too long", code: "context_length_exceeded" } }, "context"],
    [302, {}, "refused"],
  ])("HTTP %i %o", async (status, body, kind) => {
    const { server, session } = await start(
      { onPost: (response) => response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(JSON.stringify(body)) },
      overHttp,
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind, status } });
    expect(server.posts).toHaveLength(1);
  });

  test("nobody listens", async () => {
    const { server, session } = await start({});
    server.close();
    expect(await ask(session, user("one")).ending()).toMatchObject({
      status: "failed",
      error: { kind: "unreachable", code: "ECONNREFUSED" },
    });
  });

  test("an answer that is no stream", async () => {
    const { session } = await start(
      { onPost: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>") },
      overHttp,
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
  });

  test("garbage in the middle of an answer", async () => {
    const { session } = await start({
      onFrame: (peer) => {
        peer.send(created("r"), text("x"));
        peer.socket.send("{");
      },
    });
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
  });

  test("events out of order, where the server counts them", async () => {
    const counted = (...numbers: number[]) => numbers.map((number) => ({ ...text(`${number} `), sequence_number: number }));
    const { session } = await start({
      onFrame: (peer, _frame, nth) => {
        if (nth === 0) peer.send(created("r"), ...counted(2, 4, 3, 5));
        else peer.send(created("r2"), ...counted(0, 0, 7), done(message("0 0 7 ")), ended("r2"));
      },
    });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
    expect(heard.text).toBe("2 4 ");
    expect(await ask(session, user("two")).ending()).toMatchObject({ status: "completed" });
  });

  test("an incomplete response says why", async () => {
    const { session } = await start({
      onFrame: (peer) =>
        peer.send(created("r"), text("x"), ended("r", "incomplete", { incomplete_details: { reason: "max_output_tokens" } })),
    });
    expect(await ask(session, user("one")).ending()).toMatchObject({
      status: "incomplete",
      reason: "max_output_tokens",
      usage: { output: 3 },
    });
  });
});

describe("limits", () => {
  const limited = (resetMs: number): JsonObject => ({
    type: "error",
    status: 429,
    error: { code: "rate_limit_exceeded", message: "slow down", headers: { "retry-after-ms": String(resetMs) } },
  });

  test("a near reset is waited for", async () => {
    const { session } = await start({
      onFrame: (peer, _frame, nth) => peer.send(...(nth === 0 ? [limited(30)] : answer("r", "x"))),
    });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(heard.of("retrying")[0]?.at).toBeGreaterThan(0);
  });

  test("a far reset is told, and before it only one more request is tried", async () => {
    const { server, session } = await start(
      { onPost: (response) => response.writeHead(429, { "retry-after": "60" }).end('{"error":{"message":"slow down"}}') },
      overHttp,
    );
    const ending = await ask(session, user("one")).ending();
    expect(ending).toMatchObject({ status: "failed", error: { kind: "limit", status: 429 } });
    expect(ending.status === "failed" && ending.error.resetAt).toBeGreaterThan(Date.now() + 50_000);
    await ask(session, user("two")).ending();
    const third = ask(session, user("three"));
    expect(third.events).toEqual([]);
    expect(await third.ending()).toMatchObject({ status: "failed", error: { kind: "limit" } });
    expect(third.kinds).toEqual(["ended"]);
    expect(server.posts).toHaveLength(2);
  });

  test("429 on the upgrade", async () => {
    const { session } = await start({
      onUpgrade: (_request, nth) => (nth === 0 ? { status: 429, headers: { "retry-after-ms": "20" } } : undefined),
      onFrame: (peer) => peer.send(...answer("r", "x")),
    });
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "completed" });
  });

  test("stopped while waiting", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(limited(5000)) });
    const heard = ask(session, user("one"));
    await heard.until("retrying");
    heard.run.stop();
    expect(await heard.ending()).toEqual({ status: "interrupted" });
    expect(server.frames).toHaveLength(1);
  });
});

describe("truncated", () => {
  test("a socket that closes in the middle", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) => {
        if (nth > 0) return peer.send(...answer("r2", "x"));
        peer.send(created("r"), text("half"));
        peer.socket.close(1011, "oops");
      },
    });
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toEqual({ status: "truncated", message: "The connection was closed (1011: oops)." });
    expect(heard.text).toBe("half");
    expect(await ask(session, user("two")).ending()).toMatchObject({ status: "completed" });
    expect(server.frames).toHaveLength(2);
  });

  test("a stream cut at every byte is complete only with its last one", async () => {
    const item = message("größe 🚀");
    const whole = Buffer.from(sse(created("r"), text("größe"), text(" 🚀"), done(item), ended("r")));
    const firstText = whole.indexOf("größe");
    const step = scale > 1 ? 1 : 7;
    let cut = 0;
    const baseUrl = await startRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
      socket.end(whole.subarray(0, cut));
    });
    for (; cut <= whole.length; cut = cut === whole.length ? cut + 1 : Math.min(cut + step, whole.length)) {
      const heard = ask(openSession({ baseUrl, ...overHttp }), user("one"));
      const { status } = await heard.ending();
      expect([cut, status]).toEqual([cut, cut === whole.length ? "completed" : "truncated"]);
      expect("größe 🚀".startsWith(heard.text)).toBe(true);
      expect(heard.of("retrying")).toHaveLength(heard.text === "" ? 1 : 0);
      if (cut < firstText) expect(heard.text).toBe("");
    }
  });

  test("the same bytes in any pieces give the same events", async () => {
    const whole = Buffer.from(sse(created("r"), text("größe"), text(" 🚀"), done(message("größe 🚀")), ended("r")));
    const baseUrl = await startRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
      const send = (from: number): void => {
        const to = Math.min(from + 1 + Math.floor(Math.random() * 60), whole.length);
        socket.write(whole.subarray(from, to));
        if (to === whole.length) socket.end();
        else setImmediate(send, to);
      };
      send(0);
    });
    for (let run = 0; run < 10 * scale; run += 1) {
      const heard = ask(openSession({ baseUrl, ...overHttp }), user("one"));
      expect(await heard.ending()).toMatchObject({ status: "completed" });
      expect(heard.kinds).toEqual(["requested", "started", "text", "text", "item", "ended"]);
      expect(heard.text).toBe("größe 🚀");
    }
  });
});

describe("silence and floods", () => {
  test("a server that never answers, though its socket lives", async () => {
    const { session } = await start({}, { timeouts: { firstEvent: 40, pingAfter: 10, pongWithin: 1000 } });
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "silent" } });
  });

  test("a server that falls silent", async () => {
    const { session } = await start(
      { onFrame: (peer) => peer.send(created("r"), text("x")) },
      { timeouts: { betweenEvents: 40 } },
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "truncated" });
  });

  test("comments of a stream count as life", async () => {
    const { session } = await start(
      {
        onPost: (response) => {
          response.writeHead(200, stream);
          let beats = 0;
          const timer = setInterval(() => {
            beats += 1;
            response.write(": beat\n\n");
            if (beats < 18) return;
            clearInterval(timer);
            response.end(sse(...answer("r", "x")));
          }, 25);
        },
      },
      { ...overHttp, timeouts: { firstEvent: 350, betweenEvents: 350 } },
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "completed" });
  });

  test("a socket that is half open is found out, also under a response", async () => {
    const { server, session } = await start(
      { onPeer: (peer) => peer.socket.pause() },
      { timeouts: { pingAfter: 20, pongWithin: 20 }, spare: false },
    );
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({
      status: "truncated",
      message: "The connection is dead: nothing came back any more.",
    });
    expect(heard.of("retrying")).toHaveLength(1);
    expect(server.upgrades).toBe(2);
  });

  test("pings keep a quiet socket", async () => {
    const { server, session } = await start(
      { onFrame: (peer) => peer.send(...answer("r", "x")) },
      { timeouts: { pingAfter: 10, pongWithin: 500 }, spare: false },
    );
    session.prewarm();
    await eventually(() => server.pings >= 3);
    await ask(session, user("one")).ending();
    expect(server.upgrades).toBe(1);
  });

  test.each<[string, Partial<ResponsesOptions>]>([
    ["socket", {}],
    ["HTTP", overHttp],
  ])("more than a response may have: %s", async (_name, options) => {
    const flood = Array.from({ length: 50 }, () => text("x".repeat(100)));
    const { session } = await start(
      {
        onFrame: (peer) => peer.send(created("r"), ...flood),
        onPost: (response) => response.writeHead(200, stream).end(sse(created("r"), ...flood)),
      },
      { ...options, limits: { perResponse: 4000 } },
    );
    const heard = ask(session, user("one"));
    expect(await heard.ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
    expect(heard.text.length).toBeLessThan(4000);
  });

  test.each<[string, Partial<ResponsesOptions>]>([
    ["socket", {}],
    ["HTTP", overHttp],
  ])("more than an event may have: %s", async (_name, options) => {
    const big = text("x".repeat(5000));
    const { session } = await start(
      {
        onFrame: (peer) => peer.send(created("r"), big),
        onPost: (response) => response.writeHead(200, stream).end(sse(created("r"), big)),
      },
      { ...options, limits: { perEvent: 2000 } },
    );
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
  });
});
