/** A session when all goes well: what travels over which socket, and what is kept warm. */
import { afterEach, describe, expect, it, test } from "vitest";
import type { JsonObject, WireItem } from "../wire/events.ts";
import type { ResponsesOptions } from "./options.ts";
import {
  Heard,
  type Script,
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
  request,
  sse,
  start,
  text,
  user,
} from "./scripted-server.ts";

afterEach(closeAll);

const stream = { "content-type": "text/event-stream" };

describe("one conversation over one socket", () => {
  test("the next request sends only what is new", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) => peer.send(...answer(`resp_${nth}`, `answer ${nth}`)),
    });
    session.prewarm();
    const first = ask(session, user("one"));
    expect(first.events).toEqual([]);
    expect(await first.ending()).toEqual({ status: "completed", usage: { input: 10, cachedInput: 4, output: 3, reasoning: 1 } });
    expect(first.kinds).toEqual(["requested", "started", "text", "item", "ended"]);
    expect(first.of("started")[0]).toEqual({ kind: "started", responseId: "resp_0", model: "m-1", serviceTier: "fast" });
    expect(server.frames[0]).toEqual({ type: "response.create", ...request(user("one")), store: false });

    const second = ask(session, ...after(first, user("one")), user("two"));
    await second.ending();
    expect(second.of("requested")[0]).toMatchObject({ transport: "websocket", continued: true });
    expect(server.frames[1]).toEqual({
      type: "response.create",
      ...request(user("two")),
      store: false,
      previous_response_id: "resp_0",
    });
    const third = ask(session, ...after(second, ...after(first, user("one")), user("two")), user("three"));
    await third.ending();
    expect(server.frames[2]).toMatchObject({ input: [user("three")], previous_response_id: "resp_1" });
  });

  test("bytes are counted, and all of it is sent when anything before differs", async () => {
    const { server, session } = await start({ onFrame: (peer, _frame, nth) => peer.send(...answer(`resp_${nth}`, "größer")) });
    await ask(session, user("one")).ending();
    const second = ask(session, user("one, but otherwise"));
    await second.ending();
    expect(second.of("requested")[0]).toEqual({
      ...{ kind: "requested", transport: "websocket", continued: false },
      bytesSent: Buffer.byteLength(JSON.stringify(server.frames[1])),
    });
    expect(server.frames[1]).not.toHaveProperty("previous_response_id");
  });

  test("the request is on the wire in the tick of the call when the socket is open", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) });
    await ask(session, user("one")).ending();
    const heard = ask(session, user("two"));
    await Promise.resolve();
    expect(heard.kinds).toEqual(["requested"]);
    await heard.ending();
    expect(server.frames).toHaveLength(2);
  });

  test("a response can be asked for while the end of the last one is heard", async () => {
    const { session } = await start({ onFrame: (peer, _frame, nth) => peer.send(...answer(`resp_${nth}`, "x")) });
    const second = new Heard();
    session.respond(request(user("one")), (event) => event.kind === "ended" && session.respond(request(user("two")), second.on));
    expect(await second.ending()).toMatchObject({ status: "completed" });
  });

  test("two at once are a mistake of the caller", async () => {
    const { session } = await start({});
    ask(session, user("one"));
    expect(() => ask(session, user("two"))).toThrow("running");
  });
});

test("that a text is complete is told before the item with all of it has come", async () => {
  const { server, session } = await start({
    onFrame: (peer) => peer.send(created("r"), text("all"), { type: "response.output_text.done", output_index: 0, text: "all" }),
  });
  const heard = ask(session, user("one"));
  await eventually(() => heard.kinds.includes("text.done"));
  expect(heard.kinds).toEqual(["requested", "started", "text", "text.done"]);
  server.peers[0]?.send(done(message("all")), ended("r"));
  await heard.ending();
  expect(heard.kinds.slice(4)).toEqual(["item", "ended"]);
});

describe("calls", () => {
  const call: WireItem = {
    type: "function_call",
    id: "fc",
    call_id: "call_1",
    name: "read",
    arguments: '{"path":"a"}',
    status: "completed",
  };

  test("sparse events are made whole", async () => {
    const { session } = await start({
      onFrame: (peer) => {
        const delta = { type: "response.function_call_arguments.delta", item_id: "fc", output_index: 1, delta: '{"path":"a"}' };
        peer.send(created("r"), text("first"), done(message("first")), delta, done(call, 1), ended("r"));
      },
    });
    const heard = ask(session, user("one"));
    await heard.ending();
    expect(heard.of("call.started")).toEqual([{ kind: "call.started", callId: "call_1", name: "read", freeform: false }]);
    expect(heard.of("call.delta").map(({ delta }) => delta)).toEqual(['{"path":"a"}']);
    expect(heard.of("item").map(({ item }) => item)).toEqual([message("first"), call]);
  });

  test("their outputs continue the response", async () => {
    const { server, session } = await start({
      onFrame: (peer, _frame, nth) => peer.send(...(nth === 0 ? [created("r0"), done(call), ended("r0")] : answer("r1", "done"))),
    });
    const first = ask(session, user("one"));
    await first.ending();
    const output: WireItem = { type: "function_call_output", call_id: "call_1", output: "content" };
    await ask(session, ...after(first, user("one")), output).ending();
    expect(server.frames[1]).toMatchObject({ previous_response_id: "r0", input: [output] });
  });
});

describe("kept warm", () => {
  test("a spare connects once the first response has started", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) });
    session.prewarm();
    await eventually(() => server.peers.length === 1);
    await ask(session, user("one")).ending();
    await eventually(() => server.peers.length === 2);
    await ask(session, user("two")).ending();
    expect(server.upgrades).toBe(2);
  });

  test("no spare where none is wanted", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) }, { spare: false });
    await ask(session, user("one")).ending();
    await ask(session, user("two")).ending();
    expect(server.upgrades).toBe(1);
  });

  test("a warm-up is continued", async () => {
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => peer.send(...(nth === 0 ? [created("warm"), ended("warm")] : answer("r", "x"))) },
      { capabilities: { prewarm: true } },
    );
    session.prewarm(request(user("known")));
    await eventually(() => server.frames.length === 1);
    expect(server.frames[0]).toMatchObject({ generate: false, input: [user("known")] });
    session.prewarm(request(user("known")));
    await server.delivered();
    await ask(session, user("known"), user("one")).ending();
    expect(server.frames).toHaveLength(2);
    expect(server.frames[1]).toMatchObject({ previous_response_id: "warm", input: [user("one")] });
    expect(server.frames[1]).not.toHaveProperty("generate");
  });

  test("a warm-up that fails is nobody's failure", async () => {
    const { server, session } = await start(
      {
        onFrame: (peer, _frame, nth) =>
          peer.send(
            ...(nth === 0
              ? [{ type: "error", status: 400, error: { code: "unsupported_parameter", message: "generate?" } }]
              : answer("r", "x")),
          ),
      },
      { capabilities: { prewarm: true } },
    );
    session.prewarm(request(user("known")));
    await eventually(() => server.frames.length === 1);
    const heard = ask(session, user("known"), user("one"));
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(heard.text).toBe("x");
  });

  test("a socket past its age takes no further request", async () => {
    let time = 1_000_000;
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => peer.send(...answer(`r${nth}`, "x")) },
      { now: () => time, capabilities: { maxAgeMs: 1000 } },
    );
    const first = ask(session, user("one"));
    await first.ending();
    await eventually(() => server.peers.length === 2);
    time += 1000;
    const second = ask(session, ...after(first, user("one")), user("two"));
    await second.ending();
    expect(second.of("requested")[0]).toMatchObject({ continued: false });
    expect(server.peers[2]?.frames).toHaveLength(1);
  });

  test("a socket that was silent while the machine slept is not trusted", async () => {
    let time = 1_000_000;
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => peer.send(...answer(`r${nth}`, "x")) },
      { now: () => time, spare: false },
    );
    await ask(session, user("one")).ending();
    time += 39_000;
    await ask(session, user("two")).ending();
    expect(server.upgrades).toBe(1);
    time += 41_000;
    await ask(session, user("three")).ending();
    expect(server.upgrades).toBe(2);
  });

  test("a spare that is young enough takes over", async () => {
    let time = 1_000_000;
    const { server, session } = await start(
      {
        onFrame: (peer, _frame, nth) => {
          if (nth === 0) time += 600;
          peer.send(...answer(`r${nth}`, "x"));
        },
      },
      { now: () => time, capabilities: { maxAgeMs: 1000 } },
    );
    const first = ask(session, user("one"));
    await first.ending();
    await eventually(() => server.peers.length === 2);
    time += 500;
    await ask(session, user("two")).ending();
    expect(server.peers[1]?.frames).toHaveLength(1);
  });

  test("prewarm over HTTP connects", async () => {
    const { server, session } = await start(
      { onPost: (response) => response.writeHead(200, stream).end(sse(...answer("r", "x"))) },
      { capabilities: { websocket: false } },
    );
    session.prewarm();
    await eventually(() => server.gets === 1);
    // On loopback the client has its answer a few turns of the event loop later.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await ask(session, user("one")).ending()).toMatchObject({ status: "completed" });
    expect(server.accepted).toBe(1);
  });
});

describe("over HTTP", () => {
  test("all of the input each time, on one connection", async () => {
    const { server, session } = await start(
      {
        onPost: (response, _body, nth) =>
          response.writeHead(200, { ...stream, "x-ratelimit-remaining-requests": "7" }).end(sse(...answer(`r${nth}`, "x"))),
      },
      { capabilities: { websocket: false } },
    );
    const first = ask(session, user("one"));
    expect(await first.ending()).toMatchObject({ status: "completed" });
    expect(first.kinds).toEqual(["requested", "limits", "started", "text", "item", "ended"]);
    expect(first.of("limits")[0]?.limits).toEqual([{ name: "requests", remaining: 7 }]);
    expect(server.posts[0]).toEqual({
      ...request(user("one")),
      store: false,
      stream: true,
      stream_options: { include_obfuscation: false },
    });
    expect(server.postHeaders[0]).toMatchObject({ authorization: "Bearer k", accept: "text/event-stream" });
    const second = ask(session, ...after(first, user("one")), user("two"));
    await second.ending();
    expect(second.of("requested")[0]).toMatchObject({ transport: "sse", continued: false });
    expect(server.posts[1]).toMatchObject({ input: [user("one"), { type: "message" }, user("two")] });
    expect(server.accepted).toBe(1);
  });

  test("a stored response is continued over any connection", async () => {
    const { server, session } = await start(
      { onPost: (response, _body, nth) => response.writeHead(200, stream).end(sse(...answer(`r${nth}`, "x"))) },
      { capabilities: { websocket: false, store: true } },
    );
    const first = ask(session, user("one"));
    await first.ending();
    await ask(session, ...after(first, user("one")), user("two")).ending();
    expect(server.posts[1]).toMatchObject({ store: true, previous_response_id: "r0", input: [user("two")] });
  });

  test("the sentinel of Chat Completions at the end does no harm, nor does a stream that stays open", async () => {
    const { session } = await start(
      {
        onPost: (response, _body, nth) =>
          void response.writeHead(200, stream).write(`${nth === 0 ? "data: [DONE]\n\n" : ""}${sse(...answer("r", "x"))}`),
      },
      { capabilities: { websocket: false } },
    );
    const first = ask(session, user("one"));
    expect(await first.ending()).toMatchObject({ status: "completed" });
    expect(first.of("retrying")).toEqual([]);
    expect(await ask(session, user("two")).ending()).toMatchObject({ status: "completed" });
  });
});

test("closing ends what runs, and leaves nothing open", async () => {
  const { server, session } = await start({ onFrame: (peer) => peer.send(created("r"), text("x")) });
  const heard = ask(session, user("one"));
  await heard.until("text");
  await eventually(() => server.peers.length === 2);
  session.close();
  expect(await heard.ending()).toEqual({ status: "interrupted" });
  await eventually(() => server.connections === 0);
});

test("a session that is never used opens nothing", async () => {
  const { server, baseUrl } = await start({});
  openSession({ baseUrl }).close();
  expect(server.connections).toBe(0);
});

describe("what an upgrade says of limits", () => {
  const upgradeHeaders = { "x-ratelimit-remaining-requests": "7" };
  const told = { kind: "limits", limits: [{ name: "requests", remaining: 7 }], uncounted: true };

  test("is told with the first request, once", async () => {
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => peer.send(...answer(`r${nth}`, "x")), upgradeHeaders },
      { spare: false },
    );
    session.prewarm();
    await eventually(() => server.peers.length === 1);
    await server.delivered();
    const first = ask(session, user("one"));
    await first.ending();
    expect(first.kinds).toEqual(["requested", "limits", "started", "text", "item", "ended"]);
    expect(first.of("limits")).toEqual([told]);
    const second = ask(session, user("two"));
    await second.ending();
    expect(second.kinds).not.toContain("limits");
  });

  test("is told to a request that waits for the socket, and where it is refused", async () => {
    const { session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")), upgradeHeaders }, { spare: false });
    const waiting = ask(session, user("one"));
    await waiting.ending();
    expect(waiting.kinds).toEqual(["limits", "requested", "started", "text", "item", "ended"]);
    const refusing = await start({ onUpgrade: () => ({ status: 401, headers: upgradeHeaders }) });
    const refused = ask(refusing.session, user("one"));
    await refused.ending();
    expect(refused.of("limits")).toEqual([told]);
  });
});

describe("the input of a call that nobody follows", () => {
  const call = (name: string, input = "", id = "c1"): WireItem => ({
    ...{ type: "function_call", id: `fc_${id}`, call_id: id, name, arguments: input },
  });
  const added = (item: WireItem, index = 0): JsonObject => ({ type: "response.output_item.added", output_index: index, item });
  const piece = (delta: string, index = 0): JsonObject => ({
    ...{ type: "response.function_call_arguments.delta", output_index: index, delta },
  });
  const deltas = (heard: Heard): (readonly [string, string])[] =>
    heard.of("call.delta").map(({ callId, delta }) => [callId, delta]);
  const listen = async (onFrame: Script["onFrame"], options: Partial<ResponsesOptions> = {}) => {
    const { session, server } = await start({ ...(onFrame && { onFrame }) }, options);
    const heard = new Heard();
    const run = session.respond(request(user("go")), heard.on, { isFollowed: (tool) => tool === "edit" });
    return { heard, run, server };
  };

  it("comes when it is whole", async () => {
    const read = call("read", '{"path":"a"}');
    const { heard } = await listen(({ send }) =>
      send(created("r1"), added(call("read")), piece('{"path"'), piece(':"a"}'), done(read), ended("r1")),
    );
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(deltas(heard)).toEqual([["c1", '{"path":"a"}']]);
    expect(heard.of("item")).toEqual([{ kind: "item", item: read }]);
    expect(heard.of("ended")).toEqual([{ kind: "ended", ending: expect.anything() }]);
  });

  it("does not hide one beside it that is followed", async () => {
    const { heard } = await listen(({ send }) =>
      send(
        ...[created("r1"), added(call("edit", "", "e"), 0), added(call("read", "", "r"), 1)],
        ...[piece("{1", 0), piece("{2", 1), piece("}", 0), done(call("edit", "{1}", "e"), 0)],
        ...[piece("3}", 1), done(call("read", "{23}", "r"), 1), ended("r1")],
      ),
    );
    await heard.ending();
    const whole = (id: string): string =>
      deltas(heard)
        .flatMap(([of, delta]) => (of === id ? [delta] : []))
        .join("");
    expect([whole("e"), whole("r")]).toEqual(["{1}", "{23}"]);
    expect(deltas(heard).slice(0, 1)).toEqual([["e", "{1"]]);
  });

  it("is counted where it never becomes whole", async () => {
    const { heard, run, server } = await listen(({ send }) =>
      send(created("r1"), added(call("read")), piece('{"path"'), piece(':"a')),
    );
    await heard.until("call.started");
    await server.delivered();
    run.stop();
    expect(await heard.ending()).toEqual({ status: "interrupted" });
    expect(heard.of("ended")).toEqual([{ kind: "ended", ending: { status: "interrupted" }, passedOver: 2 }]);
    expect(deltas(heard)).toEqual([]);
  });

  it("counts as life, and as much as it is", async () => {
    const { heard } = await listen(
      ({ send }) => send(created("r1"), added(call("read")), ...Array.from({ length: 50 }, () => piece("x".repeat(100)))),
      { limits: { perResponse: 3000 } },
    );
    expect(await heard.ending()).toMatchObject({ status: "failed", error: { kind: "broken" } });
  });
});
