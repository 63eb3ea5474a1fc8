/** A session against real sockets: what travels, what comes back, and how it goes on when something breaks. */
import { afterEach, expect, test } from "vitest";
import type { CreateRequest, WireItem } from "../wire/events.ts";
import { inputMessage, replayOf } from "../wire/items.ts";
import { openResponsesSession } from "./client.ts";
import type { ResponsesSession } from "./client.ts";
import type { ResponsesOptions } from "./options.ts";
import { Heard, ScriptedServer, type Script, answer, sse } from "./scripted-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function start(script: Script, options: Partial<ResponsesOptions> = {}): Promise<{ server: ScriptedServer; session: ResponsesSession; baseUrl: string }> {
  const server = new ScriptedServer(script);
  const baseUrl = await server.listen();
  const session = openResponsesSession({ baseUrl, headers: { authorization: "Bearer k" }, ...options });
  closers.push(() => session.close(), () => server.close());
  return { server, session, baseUrl };
}

const user = (content: string): WireItem => inputMessage("user", content);
const request = (...input: WireItem[]): CreateRequest => ({ model: "m-1", input, tools: [{ type: "function", name: "read" }] });

test("one response over a socket, and the next one sends only what is new", async () => {
  const { server, session } = await start({ onFrame: (peer, _frame, nth) => peer.send(...answer(`resp_${nth}`, `answer ${nth}`)) });
  session.prewarm();
  const first = new Heard();
  session.respond(request(user("one")), first.on);
  expect(first.events).toEqual([]);
  expect(await first.ending()).toEqual({ status: "completed", usage: { input: 10, cachedInput: 4, output: 3, reasoning: 1 } });
  expect(first.kinds).toEqual(["requested", "started", "text", "item", "ended"]);
  expect(server.frames[0]).toEqual({ type: "response.create", ...request(user("one")), store: false });

  const second = new Heard();
  const items = first.of("item").map(({ item }) => replayOf(item));
  session.respond(request(user("one"), ...items, user("two")), second.on);
  await second.ending();
  expect(second.of("requested")[0]).toMatchObject({ transport: "websocket", continued: true });
  expect(server.frames[1]).toMatchObject({ previous_response_id: "resp_0", input: [user("two")] });
});

test("a refused upgrade falls back to HTTP and is remembered", async () => {
  const known = new Map<string, number>();
  const refusedUpgrades = { get: (host: string) => known.get(host), set: (host: string, until: number) => void known.set(host, until) };
  const { server, session, baseUrl } = await start(
    { onUpgrade: () => ({ status: 404 }), onPost: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(sse(...answer("r", "hello"))) },
    { refusedUpgrades },
  );
  const heard = new Heard();
  session.respond(request(user("one")), heard.on);
  expect(await heard.ending()).toMatchObject({ status: "completed" });
  expect(heard.kinds).toEqual(["requested", "started", "text", "item", "ended"]);
  expect(heard.of("requested")[0]).toMatchObject({ transport: "sse", continued: false });
  expect(server.posts[0]).toEqual({ ...request(user("one")), store: false, stream: true, stream_options: { include_obfuscation: false } });
  expect(known.get(new URL(baseUrl).host)).toBeGreaterThan(Date.now() + 86_000_000);

  const next = openResponsesSession({ baseUrl, refusedUpgrades });
  closers.push(() => next.close());
  const again = new Heard();
  next.respond(request(user("one")), again.on);
  await again.ending();
  expect(server.upgrades).toBe(1);
});
