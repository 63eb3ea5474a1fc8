/** Stopping a response by each capability, and steering it. */
import { afterEach, describe, expect, test } from "vitest";
import type { WireItem } from "../wire/events.ts";
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
  request,
  sse,
  start,
  text,
  user,
} from "./scripted-server.ts";
import type { Heard, Peer, Script } from "./scripted-server.ts";

afterEach(closeAll);

const interrupted = (id: string, ...output: WireItem[]) =>
  ended(id, "incomplete", { incomplete_details: { reason: "interrupted" }, output });

/** Answers the first request with a beginning that goes on for ever, all others completely. */
const endless: Script = {
  onFrame: (peer, frame, nth) => {
    const lane = typeof frame.stream_id === "string" ? { stream_id: frame.stream_id } : {};
    if (nth > 0) return peer.send(...answer(`r${nth}`, "corrected").map((event) => ({ ...event, ...lane })));
    peer.send(created("r0"), text("kept"), done(message("kept")), text("half", 1));
    const timer = setInterval(() => peer.send(text("more", 1)), 2);
    peer.socket.on("close", () => clearInterval(timer));
  },
};

async function stopped(heard: Heard & { run: { stop(): void } }): Promise<string[]> {
  await heard.until("item");
  const before = heard.events.length;
  heard.run.stop();
  expect(heard.events).toHaveLength(before);
  await heard.ending();
  return heard.kinds.slice(before);
}

describe("disconnect", () => {
  test("ends with the connection; the spare takes all of the input", async () => {
    const { server, session } = await start(endless);
    const first = ask(session, user("one"));
    await eventually(() => server.peers.length === 2);
    const closed = new Promise((resolve) => server.peers[0]?.socket.once("close", resolve));
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await first.ending()).toEqual({ status: "interrupted" });
    const second = ask(session, ...after(first, user("one")), user("otherwise"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(second.of("requested")[0]).toMatchObject({ continued: false });
    expect(server.peers[1]?.frames[0]).toMatchObject({ input: [user("one"), { type: "message" }, user("otherwise")] });
    await closed;
  });

  test("the next request may be made at once", async () => {
    const { server, session } = await start(endless);
    const first = ask(session, user("one"));
    await eventually(() => server.peers.length === 2);
    await first.until("item");
    first.run.stop();
    first.run.stop();
    const second = ask(session, user("otherwise"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(await first.ending()).toEqual({ status: "interrupted" });
    expect(second.text).toBe("corrected");
  });

  test("before the connection is open", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) });
    const first = ask(session, user("one"));
    first.run.stop();
    const second = ask(session, user("two"));
    expect(await first.ending()).toEqual({ status: "interrupted" });
    expect(first.kinds).toEqual(["ended"]);
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(server.frames).toHaveLength(1);
    expect(server.upgrades).toBeLessThanOrEqual(2);
  });

  test("before the connection is open, and nothing else is asked: nothing is ever sent", async () => {
    const { server, session } = await start({}, { capabilities: { prewarm: true } });
    session.prewarm(request(user("one")));
    const first = ask(session, user("one"));
    first.run.stop();
    expect(await first.ending()).toEqual({ status: "interrupted" });
    await eventually(() => server.peers.length === 1);
    await server.delivered();
    expect(server.frames.filter((frame) => frame.generate === undefined)).toEqual([]);
  });

  test("a warm-up that the request made needless does not come later", async () => {
    const { server, session } = await start(endless, { capabilities: { prewarm: true }, spare: false });
    session.prewarm(request(user("one")));
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    await eventually(() => server.peers.length === 2);
    await ask(session, user("two")).ending();
    expect(server.frames.filter((frame) => frame.generate === false)).toEqual([]);
  });

  test("over HTTP", async () => {
    const { server, session } = await start(
      {
        onPost: (response, _body, nth) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          if (nth === 0) response.write(sse(created("r"), done(message("kept"))));
          else response.end(sse(...answer("r2", "x")));
        },
      },
      { capabilities: { websocket: false } },
    );
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await ask(session, user("two")).ending()).toMatchObject({ status: "completed" });
    expect(server.posts).toHaveLength(2);
  });

  test("a response that has ended cannot be stopped", async () => {
    const { server, session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) });
    const heard = ask(session, user("one"));
    await heard.ending();
    heard.run.stop();
    await ask(session, user("two")).ending();
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(server.peers[0]?.frames).toHaveLength(2);
  });
});

describe("interrupt", () => {
  const capabilities = { stop: "interrupt" } as const;
  const script = (onInterrupt: (peer: Peer) => void): Script => ({
    onFrame: (peer, frame, nth) => {
      if (frame.type === "response.interrupt") onInterrupt(peer);
      else if (nth === 0) peer.send(created("r0"), text("kept"), done(message("kept")), text("half", 1));
      else peer.send(...answer(`r${nth}`, "corrected"));
    },
  });

  test("is confirmed, and the next request continues from there on the same socket", async () => {
    const { server, session } = await start(
      script((peer) => peer.send(text("late", 1), interrupted("r0"))),
      { capabilities },
    );
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await first.ending()).toMatchObject({ status: "interrupted", usage: { output: 3 } });
    expect(server.frames[1]).toEqual({ type: "response.interrupt", response_id: "r0", mode: "discard_partial_items" });
    const second = ask(session, ...after(first, user("one")), user("otherwise"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(server.peers[0]?.frames[2]).toMatchObject({ previous_response_id: "r0", input: [user("otherwise")] });
  });

  test("the next request waits for the confirmation", async () => {
    const { server, session } = await start(
      script((peer) => peer.send(interrupted("r0"))),
      { capabilities },
    );
    const first = ask(session, user("one"));
    await first.until("item");
    first.run.stop();
    const second = ask(session, ...after(first, user("one")), user("otherwise"));
    await second.ending();
    expect(server.peers[0]?.frames[2]).toMatchObject({ previous_response_id: "r0", input: [user("otherwise")] });
  });

  test("an item that the caller never saw is not built upon", async () => {
    const { server, session } = await start(
      script((peer) => peer.send(done(message("unseen"), 1), interrupted("r0"))),
      { capabilities },
    );
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    const second = ask(session, ...after(first, user("one")), user("otherwise"));
    await second.ending();
    expect(second.of("requested")[0]).toMatchObject({ continued: false });
    expect(server.peers[0]?.frames[2]).toMatchObject({ input: [user("one"), { type: "message" }, user("otherwise")] });
  });

  test("comes too late: the response was complete", async () => {
    const { session } = await start(
      script((peer) => peer.send(ended("r0"))),
      { capabilities },
    );
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await first.ending()).toMatchObject({ status: "interrupted" });
  });

  test.each<[string, (peer: Peer) => void]>([
    ["is not confirmed", () => {}],
    ["is not understood", (peer) => peer.send({ type: "error", status: 400, error: { code: "invalid_request", message: "?" } })],
  ])("%s: ends with the connection", async (_name, onInterrupt) => {
    const { server, session } = await start(script(onInterrupt), { capabilities, timeouts: { interrupt: 30 } });
    const first = ask(session, user("one"));
    await eventually(() => server.peers.length === 2);
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await first.ending()).toEqual({ status: "interrupted" });
    await ask(session, ...after(first, user("one")), user("otherwise")).ending();
    expect(server.peers[1]?.frames[0]).toMatchObject({ input: [user("one"), { type: "message" }, user("otherwise")] });
  });

  test("before the response has an id it ends with the connection", async () => {
    const { server, session } = await start(
      { onFrame: (peer, _frame, nth) => nth > 0 && peer.send(...answer("r", "x")) },
      { capabilities },
    );
    const first = ask(session, user("one"));
    await eventually(() => server.frames.length === 1);
    first.run.stop();
    expect(await first.ending()).toEqual({ status: "interrupted" });
    expect(await ask(session, user("two")).ending()).toMatchObject({ status: "completed" });
    expect(server.peers[0]?.frames).toHaveLength(1);
  });
});

describe("lanes", () => {
  const capabilities = { stop: "lanes" } as const;

  test("the tail is dropped, and the next request forks from the last complete response", async () => {
    const { server, session } = await start(
      {
        onFrame: (peer, frame, nth) => {
          if (nth === 0) return peer.send(...answer("r0", "base"));
          return endless.onFrame?.(peer, frame, nth - 1);
        },
      },
      { capabilities },
    );
    const base = ask(session, user("one"));
    await base.ending();
    const known = after(base, user("one"));
    const first = ask(session, ...known, user("two"));
    expect(await stopped(first)).toEqual(["ended"]);
    const second = ask(session, ...known, user("three"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(second.text).toBe("corrected");
    expect(server.peers[0]?.frames[2]).toMatchObject({ stream_id: "lane-1", previous_response_id: "r0", input: [user("three")] });
    const third = ask(session, ...after(second, ...known, user("three")), user("four"));
    await third.ending();
    expect(server.peers[0]?.frames[3]).toMatchObject({ stream_id: "lane-1", previous_response_id: "r1", input: [user("four")] });
    expect(second.kinds.filter((kind) => kind === "text")).toHaveLength(1);
  });

  test("with nothing to fork from, all is sent on a fresh lane", async () => {
    const { server, session } = await start(endless, { capabilities });
    const first = ask(session, user("one"));
    expect(await stopped(first)).toEqual(["ended"]);
    await ask(session, ...after(first, user("one")), user("otherwise")).ending();
    expect(server.peers[0]?.frames[1]).toMatchObject({
      stream_id: "lane-1",
      input: [user("one"), { type: "message" }, user("otherwise")],
    });
  });

  test("a parent that the dropped response pushed out is sent again in full", async () => {
    const { server, session } = await start(
      {
        onFrame: (peer, frame, nth) => {
          const lane = { stream_id: frame.stream_id };
          if (nth === 0) peer.send(...answer("r0", "base"));
          else if (nth === 1) peer.send(created("r1"), done(message("x")));
          else if (nth === 2)
            peer.send({ type: "error", status: 400, ...lane, error: { code: "previous_response_not_found", message: "gone" } });
          else peer.send(...answer("r3", "x").map((event) => ({ ...event, ...lane })));
        },
      },
      { capabilities },
    );
    const base = ask(session, user("one"));
    await base.ending();
    const first = ask(session, ...after(base, user("one")), user("two"));
    expect(await stopped(first)).toEqual(["ended"]);
    expect(await ask(session, ...after(base, user("one")), user("three")).ending()).toMatchObject({ status: "completed" });
    expect(server.peers[0]?.frames[3]).toMatchObject({
      stream_id: "lane-1",
      input: [user("one"), { type: "message" }, user("three")],
    });
  });

  test("a parent that is known to be pushed out is sent in full at once, not after a refusal", async () => {
    const { server, session } = await start(
      {
        onFrame: (peer, frame, nth) => {
          const lane = { ...(typeof frame.stream_id === "string" && { stream_id: frame.stream_id }) };
          if (nth !== 1) return peer.send(...answer(`r${nth}`, "x").map((event) => ({ ...event, ...lane })));
          peer.send(created("r1"), done(message("x")));
        },
      },
      { capabilities },
    );
    const base = ask(session, user("one"));
    await base.ending();
    expect(await stopped(ask(session, ...after(base, user("one")), user("two")))).toEqual(["ended"]);
    server.peers[0]?.send(...answer("r1", "x").slice(-1));
    await server.delivered();
    const next = ask(session, ...after(base, user("one")), user("three"));
    expect(await next.ending()).toMatchObject({ status: "completed" });
    expect(server.peers[0]?.frames[2]).not.toHaveProperty("previous_response_id");
    // Its lane is free again.
    expect(server.peers[0]?.frames[2]).not.toHaveProperty("stream_id");
    expect(server.frames).toHaveLength(3);
  });

  test("the age of the connection concerns every lane", async () => {
    const limit = { type: "error", status: 400, error: { code: "websocket_connection_limit_reached", message: "60 minutes" } };
    const { server, session } = await start(
      {
        onFrame: (peer, _frame, nth) =>
          peer.send(...(nth === 0 ? [created("r0"), done(message("kept"))] : nth === 1 ? [limit] : answer("r", "x"))),
      },
      { capabilities },
    );
    const first = ask(session, user("one"));
    await eventually(() => server.peers.length === 2);
    await stopped(first);
    const second = ask(session, user("two"));
    expect(await second.ending()).toMatchObject({ status: "completed" });
    expect(server.peers[1]?.frames[0]).not.toHaveProperty("stream_id");
  });

  test("when the socket has no room for another lane, it is left", async () => {
    const { server, session } = await start(
      {
        onFrame: (peer, frame) =>
          peer.send(
            { ...created(`r${server.frames.length}`), stream_id: frame.stream_id },
            { ...done(message("x")), stream_id: frame.stream_id },
          ),
      },
      { capabilities },
    );
    for (let round = 0; round < 16; round += 1) {
      const heard = ask(session, user("one"));
      await heard.until("item");
      heard.run.stop();
      await heard.ending();
    }
    expect(server.peers[0]?.frames).toHaveLength(15);
    expect(server.peers[1]?.frames).toHaveLength(1);
  });
});

describe("steer", () => {
  const capabilities = { steer: true } as const;
  const steer = (type: string, extra: object = {}) => ({
    type: `response.steer.${type}`,
    steer: { id: "s1", previous_response_id: "r0" },
    ...extra,
  });
  const states = (heard: Heard): string[] => heard.of("steer").map(({ state, text: said }) => `${state} ${said}`);

  /** The first request begins an answer; `onSteer` says what becomes of a steer; others are answered completely. */
  const script = (onSteer: (peer: Peer) => void): Script => ({
    onFrame: (peer, frame, nth) => {
      if (frame.type === "response.steer") onSteer(peer);
      else if (nth === 0) peer.send(created("r0"), text("before"), done(message("before")));
      else peer.send(...answer(`r${nth}`, "after"));
    },
  });

  test("is accepted, and the successor goes on with the same run", async () => {
    const successor = [created("r1"), text("after"), done(message("after", "msg_2")), ended("r1")];
    const { server, session } = await start(
      script((peer) =>
        peer.send(steer("accepted"), ended("r0", "incomplete", { incomplete_details: { reason: "steered" } }), ...successor),
      ),
      { capabilities },
    );
    const first = ask(session, user("one"));
    await first.until("item");
    expect(first.run.steer("left")).toBe(true);
    expect(await first.ending()).toMatchObject({ status: "completed" });
    expect(states(first)).toEqual(["accepted left", "applied left"]);
    expect(first.kinds.filter((kind) => kind === "started")).toHaveLength(2);
    expect(server.frames[1]).toEqual({ type: "response.steer", previous_response_id: "r0", input: "left" });

    const [before, behind] = after(first);
    if (before === undefined || behind === undefined) throw new Error("two items are expected");
    await ask(session, user("one"), before, user("left"), behind, user("two")).ending();
    expect(server.frames[2]).toMatchObject({ previous_response_id: "r1", input: [user("two")] });
  });

  test("normal completion can be followed by the successor, too", async () => {
    const { session } = await start(
      script((peer) => peer.send(steer("accepted"), ended("r0"), ...answer("r1", "after"))),
      { capabilities },
    );
    const heard = ask(session, user("one"));
    await heard.until("item");
    heard.run.steer("left");
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(heard.text).toBe("beforeafter");
  });

  test("fails: it is the caller's again, and the response goes on", async () => {
    const error = { code: "steering_not_supported", message: "not here" };
    const { session } = await start(
      script((peer) => peer.send(steer("failed", { error }), text(" more", 1), done(message(" more"), 1), ended("r0"))),
      { capabilities },
    );
    const heard = ask(session, user("one"));
    await heard.until("item");
    heard.run.steer("left");
    expect(await heard.ending()).toMatchObject({ status: "completed" });
    expect(heard.of("steer")).toEqual([{ kind: "steer", state: "failed", text: "left", message: "not here" }]);
    expect(heard.text).toBe("before more");
  });

  test("is deferred behind calls: the next request carries it, and it is not said twice", async () => {
    const call: WireItem = { type: "function_call", call_id: "c", name: "read", arguments: "{}" };
    const pending = steer("pending", {
      reason: "waiting_for_required_input",
      required_input: [{ type: "function_call_output", call_id: "c" }],
    });
    const { server, session } = await start(
      script((peer) => peer.send(steer("accepted"), done(call, 1), ended("r0"), pending)),
      { capabilities },
    );
    const first = ask(session, user("one"));
    await first.until("item");
    first.run.steer("left");
    expect(await first.ending()).toMatchObject({ status: "completed" });
    expect(states(first)).toEqual(["accepted left", "deferred left"]);
    const output: WireItem = { type: "function_call_output", call_id: "c", output: "text" };
    await ask(session, ...after(first, user("one")), output, user("left")).ending();
    expect(server.frames[2]).toMatchObject({ previous_response_id: "r0", input: [output] });
  });

  test.each<[string, string, (peer: Peer) => void]>([
    ["with the connection", "truncated", (peer) => peer.socket.terminate()],
    ["when nobody says what became of it", "completed", (peer) => peer.send(steer("accepted"), ended("r0"))],
  ])("is lost %s", async (_name, status, onSteer) => {
    const { server, session } = await start(script(onSteer), { capabilities, timeouts: { steer: 30 } });
    const heard = ask(session, user("one"));
    await heard.until("item");
    heard.run.steer("left");
    expect(await heard.ending()).toMatchObject({ status });
    expect(states(heard).at(-1)).toBe("failed left");
    const next = ask(session, ...after(heard, user("one")), user("two"));
    expect(await next.ending()).toMatchObject({ status: "completed" });
    expect(next.of("requested")[0]).toMatchObject({ continued: false });
    expect(server.peers[0]?.frames).toHaveLength(2);
  });

  test("is not taken before the answer begins, behind its end, or without the capability", async () => {
    const { session } = await start({ onFrame: (peer) => peer.send(...answer("r", "x")) }, { capabilities });
    const heard = ask(session, user("one"));
    expect(heard.run.steer("early")).toBe(false);
    await heard.ending();
    expect(heard.run.steer("late")).toBe(false);
    const other = await start(script(() => {}));
    const unable = ask(other.session, user("one"));
    await unable.until("item");
    expect(unable.run.steer("left")).toBe(false);
  });
});
