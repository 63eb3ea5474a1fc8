import type { EventBody, Hunk, HunkId, ModelCapabilities } from "@twolane/protocol";
import { failure } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import type { EditStream } from "../edits/landing/edit-stream.ts";
import type { Lander, LandOutcome } from "../edits/landing/lander.ts";
import type { ModelEvent, ModelRequest, ModelSession } from "../models/models.ts";
import type { Tool } from "../tools/tools.ts";
import { type Loop, createLoop } from "./loop.ts";

const capabilities: ModelCapabilities = {
  dialect: "v4a",
  editForm: "freeform",
  tools: true,
  parallelCalls: true,
  stop: "disconnect",
  steer: false,
  contextWindow: 1000,
};

/** A model that says what the test tells it to, when the test tells it to. */
function puppet(overrides: Partial<ModelCapabilities> = {}, takesSteer = false, stops: "at once" | "never" = "at once") {
  const requests: ModelRequest[] = [];
  const waiting: { readonly count: number; readonly wake: () => void }[] = [];
  let tell: (event: ModelEvent) => void = () => {};
  const session: ModelSession = {
    model: "test/puppet",
    capabilities: { ...capabilities, ...overrides },
    prewarm() {},
    respond(request, onEvent) {
      requests.push({ ...request, items: [...request.items] });
      let open = true;
      tell = (event) => {
        if (!open) return;
        open = event.kind !== "ended";
        onEvent(event);
      };
      for (const { count, wake } of waiting) if (requests.length >= count) wake();
      return {
        stop: () => void (stops === "at once" && tell({ kind: "ended", ending: "interrupted" })),
        steer: () => takesSteer,
      };
    },
    close: () => Promise.resolve(),
  };
  return {
    session,
    requests,
    say: (...events: ModelEvent[]) => events.forEach((event) => tell(event)),
    /** What the running answer says, also later. */
    voice: () => tell,
    /** Resolves when so many requests were made. */
    asked: (count: number): Promise<void> =>
      requests.length >= count ? Promise.resolve() : new Promise((wake) => void waiting.push({ count, wake })),
  };
}

/** An edit engine in which every line of input is a hunk: `ok PATH` lands, `bad PATH` fails, a half line is no hunk. */
function lineEdits() {
  const hunk = (id: HunkId, path: string): Hunk => ({
    id,
    turn: "t1",
    operation: "update",
    path,
    line: 1,
    linesRemoved: 1,
    linesAdded: 1,
  });
  let stopped = false;
  const lander: Lander = {
    open: () => Promise.resolve(),
    locate: () => 0,
    foresee: () => undefined,
    land: () => Promise.reject(new Error("not used")),
    pending: () => undefined,
    decide: () => false,
    release() {},
    exclusive: async (action) => void (await action()),
    endCall() {},
    finish: () => Promise.resolve(),
    stop: () => void (stopped = true),
  };
  const openStream = (options: { nextHunk: () => HunkId; onEvent: (event: EventBody) => void }): EditStream => {
    const outcomes: LandOutcome[] = [];
    let rest = "";
    const take = (line: string): void => {
      const [word, path = ""] = line.split(" ");
      const made = hunk(options.nextHunk(), path);
      const outcome: LandOutcome =
        word === "ok" && !stopped
          ? { state: "landed", hunk: made, rung: "exact", merged: false, hash: "" }
          : {
              state: "failed",
              hunk: made,
              failure: failure(stopped ? "STOPPED" : "HUNK_MISSING", "no"),
              candidates: [],
              excerpt: "",
            };
      outcomes.push(outcome);
      if (outcome.state === "landed")
        options.onEvent({ type: "hunk.landed", hunk: made, rung: "exact", merged: false, dryRun: false });
      else options.onEvent({ type: "hunk.failed", hunk: made, failure: outcome.failure, candidates: [] });
    };
    return {
      push(text) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(take);
      },
      end(complete) {
        if (complete && rest !== "") take(rest);
        rest = "";
        const forModel = outcomes.map(({ state, hunk: { path } }) => `${state} ${path}`).join("\n");
        return Promise.resolve({ outcomes, malformed: [], forModel });
      },
    };
  };
  return { openLander: () => lander, openStream, rewrite: (text: string) => text };
}

const echo: Tool = {
  definition: { name: "read", description: "", freeform: false, parameters: {} },
  describe: (input) => `read ${input}`,
  run: (input) => Promise.resolve({ ok: true, text: `content of ${input}`, summary: "1 line" }),
};
const editTool = { name: "edit", description: "", freeform: true } as const;

function start(model: ReturnType<typeof puppet>): { loop: Loop; events: EventBody[]; types: () => string[] } {
  const events: EventBody[] = [];
  const edits = { ...(model.session.capabilities.editForm !== "message" && { tool: editTool }), ...lineEdits() };
  const loop = createLoop({
    model: model.session,
    pinned: ["rules"],
    tools: [echo],
    edits,
    emit: (event) => void events.push(event),
    now: () => 0,
  });
  return { loop, events, types: () => events.map(({ type }) => type) };
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const editItem = (input: string): ModelEvent => ({
  kind: "item",
  item: { kind: "call", call: "c1", tool: "edit", input, freeform: true },
});
const completed: ModelEvent = { kind: "ended", ending: "completed" };

describe("the loop", () => {
  it("lands hunks before the call is complete, returns the report, and ends", async () => {
    const model = puppet();
    const { loop, types } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(
      { kind: "call.started", call: "c1", tool: "edit", freeform: true },
      { kind: "call.delta", call: "c1", text: "ok a\nok " },
    );
    expect(types().filter((type) => type === "hunk.landed")).toHaveLength(1);
    model.say({ kind: "call.delta", call: "c1", text: "b\n" }, editItem("ok a\nok b\n"), completed);
    await settle();
    expect(model.requests[1]?.items.map(({ kind }) => kind)).toEqual(["pinned", "user", "call", "output"]);
    model.say({ kind: "text", text: "Done." }, { kind: "item", item: { kind: "assistant", text: "Done." } }, completed);
    await loop.idle();
    expect(types().at(-1)).toBe("turn.ended");
  });

  it("lands a call that a wire delivers whole", async () => {
    const model = puppet();
    const { loop, types } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(editItem("ok a"), completed);
    await settle();
    expect(types()).toContain("hunk.landed");
    model.say(completed);
    await loop.idle();
  });

  it("tells the model after a stop exactly which hunks of the cut-off edit stayed", async () => {
    const model = puppet();
    const { loop, events } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(
      { kind: "call.started", call: "c1", tool: "edit", freeform: true },
      { kind: "call.delta", call: "c1", text: "ok a\nok half" },
    );
    loop.send({ type: "stop" });
    await loop.idle();
    expect(events.find(({ type }) => type === "stop.finished")).toMatchObject({ kept: ["h1"] });
    loop.send({ type: "prompt", text: "again" });
    expect(model.requests[1]?.items.at(-1)).toMatchObject({
      kind: "user",
      text: "[Your last edit was cut off by the user. On disk from it, and nothing else:]\na:1 +1 -1\n\nagain",
    });
  });

  it("steers now: the answer is cut, its closed hunks stay, the message goes out at once with what stayed", async () => {
    const model = puppet();
    const { loop } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(
      { kind: "text", text: "I will do" },
      { kind: "call.started", call: "c1", tool: "edit", freeform: true },
      { kind: "call.delta", call: "c1", text: "ok a\nok" },
    );
    loop.send({ type: "steer", text: "use b" });
    await settle();
    const last = model.requests[1]?.items.at(-1);
    expect(last?.kind === "user" && last.text).toContain("I will do");
    expect(last?.kind === "user" && last.text).toContain("a:1 +1 -1");
    expect(last?.kind === "user" && last.text.endsWith("use b")).toBe(true);
    model.say(completed);
    await loop.idle();
  });

  it("attaches files before it asks; a steer meanwhile follows the request at once", async () => {
    const model = puppet();
    const events: EventBody[] = [];
    const attach = (text: string): Promise<string> => Promise.resolve(`${text} + file`);
    const loop = createLoop({
      model: model.session,
      pinned: [],
      tools: [],
      edits: lineEdits(),
      emit: (event) => void events.push(event),
      now: () => 0,
      attach,
    });
    loop.send({ type: "prompt", text: "go" });
    loop.send({ type: "steer", text: "left" });
    await settle();
    const asked = model.requests.map(({ items }) => items.map((item) => (item.kind === "user" ? item.text : item.kind)));
    expect(asked).toEqual([["go + file"], ["go + file", "left + file"]]);
    model.say(completed);
    await loop.idle();
  });

  it("asks nothing when it is stopped while files are attached", async () => {
    const model = puppet();
    const attach = (text: string): Promise<string> => Promise.resolve(text);
    const loop = createLoop({
      model: model.session,
      pinned: [],
      tools: [],
      edits: lineEdits(),
      emit: () => {},
      now: () => 0,
      attach,
    });
    loop.send({ type: "prompt", text: "go" });
    loop.send({ type: "stop" });
    await loop.idle();
    expect(model.requests).toHaveLength(0);
  });

  it("asks again when a message came too late for the answer that took it", async () => {
    const model = puppet({}, true);
    const { loop } = start(model);
    loop.send({ type: "prompt", text: "go" });
    loop.send({ type: "steer", text: "left" });
    const said: ModelEvent = { kind: "item", item: { kind: "assistant", text: "Done." } };
    model.say(said, { kind: "item", item: { kind: "user", text: "left" } }, completed);
    await settle();
    expect(model.requests).toHaveLength(2);
    model.say(said, completed);
    await loop.idle();
    expect(model.requests).toHaveLength(2);
  });

  it("ends with an answer that says nothing", async () => {
    const model = puppet();
    const { loop } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(completed);
    await loop.idle();
    expect(model.requests).toHaveLength(1);
  });

  it("leaves the answer alone when it takes the message by itself", async () => {
    const model = puppet({}, true);
    const { loop } = start(model);
    loop.send({ type: "prompt", text: "go" });
    loop.send({ type: "steer", text: "use b" });
    model.say(completed);
    await loop.idle();
    expect(model.requests).toHaveLength(1);
  });

  it("runs calls side by side and returns their outputs in order", async () => {
    const model = puppet();
    const { loop } = start(model);
    loop.send({ type: "prompt", text: "go" });
    const call = (name: string): ModelEvent => ({
      kind: "item",
      item: { kind: "call", call: name, tool: "read", input: name, freeform: false },
    });
    model.say(
      call("x"),
      call("y"),
      { kind: "item", item: { kind: "call", call: "z", tool: "none", input: "", freeform: false } },
      completed,
    );
    await settle();
    expect(model.requests[1]?.items.slice(-3)).toEqual([
      { kind: "output", call: "x", text: "content of x", freeform: false },
      { kind: "output", call: "y", text: "content of y", freeform: false },
      { kind: "output", call: "z", text: "There is no tool named none.", freeform: false },
    ]);
    model.say(completed);
    await loop.idle();
  });

  it("marks a failed hunk as made good only by a later step in the same file", async () => {
    const model = puppet();
    const { loop, events } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(editItem("bad a\nok a"), completed);
    await settle();
    expect(events.some(({ type }) => type === "hunk.superseded")).toBe(false);
    model.say(editItem("ok a"), completed);
    await settle();
    expect(events.find(({ type }) => type === "hunk.superseded")).toEqual({ type: "hunk.superseded", hunk: "h1", by: "h3" });
    model.say(completed);
    await loop.idle();
  });

  it("takes edits from the text of a model without tools, and answers only when a hunk failed", async () => {
    const model = puppet({ editForm: "message", tools: false });
    const { loop, types } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say(
      { kind: "text", text: "ok a\nbad b\n" },
      { kind: "item", item: { kind: "assistant", text: "ok a\nbad b\n" } },
      completed,
    );
    await settle();
    expect(types()).toContain("hunk.landed");
    expect(model.requests[1]?.items.at(-1)).toMatchObject({ kind: "user", text: "landed a\nfailed b" });
    model.say({ kind: "text", text: "ok b\n" }, { kind: "item", item: { kind: "assistant", text: "ok b\n" } }, completed);
    await loop.idle();
    expect(model.requests).toHaveLength(2);
  });

  it("reports a failure of the provider as the turn's ending", async () => {
    const model = puppet();
    const { loop, events } = start(model);
    loop.send({ type: "prompt", text: "go" });
    model.say({ kind: "ended", ending: "failed", failure: failure("KEY_REFUSED", "no") });
    await loop.idle();
    expect(events.at(-1)).toMatchObject({ type: "turn.ended", ending: "failed", failure: { code: "KEY_REFUSED" } });
  });

  it("lets a steer wait for no tool: what is known by then goes out with it", async () => {
    const model = puppet();
    const events: EventBody[] = [];
    const slow: Tool = { ...echo, definition: { ...echo.definition, name: "slow" }, run: () => new Promise(() => {}) };
    const loop = createLoop({
      ...{ model: model.session, pinned: [], tools: [echo, slow], edits: { tool: editTool, ...lineEdits() } },
      ...{ emit: (event) => void events.push(event), now: () => 0 },
    });
    const call = (name: string): ModelEvent => ({
      kind: "item",
      item: { kind: "call", call: name, tool: name, input: "{}", freeform: false },
    });
    loop.send({ type: "prompt", text: "go" });
    model.say(call("read"), call("slow"));
    await settle();
    loop.send({ type: "steer", text: "never mind" });
    await model.asked(2);
    expect(model.requests[1]?.items.slice(-3)).toEqual([
      { kind: "output", call: "read", text: "content of {}", freeform: false },
      { kind: "output", call: "slow", text: "interrupted", freeform: false },
      { kind: "user", text: "never mind" },
    ]);
    model.say(completed);
    await loop.idle();
  });

  it.each([
    ["stop", "STOP_LATE"],
    ["steer", "STEER_LATE"],
  ] as const)(
    "goes on without an answer that does not end in time after a %s, and hears nothing more of it",
    async (how, code) => {
      const model = puppet({}, false, "never");
      const { loop, events, types } = start(model);
      loop.send({ type: "prompt", text: "go" });
      const late = model.voice();
      late({ kind: "text", text: "one" });
      loop.send(how === "stop" ? { type: "stop" } : { type: "steer", text: "other" });
      if (how === "steer") {
        await model.asked(2);
        model.say(completed);
      }
      await loop.idle();
      late({ kind: "text", text: "two" });
      late(completed);
      expect(events.filter(({ type }) => type === "notice.given")).toMatchObject([
        { code, message: expect.stringContaining("250 ms") },
      ]);
      expect(events.filter((event) => event.type === "text.delta")).toMatchObject([{ text: "one" }]);
      expect(types().filter((type) => type === "turn.ended")).toHaveLength(1);
      expect(types().includes("stop.finished")).toBe(how === "stop");
    },
  );
});
