import { afterEach, describe, expect, it } from "vitest";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { openConnection } from "./connection.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ModelRun, ModelSession, ToolDefinition } from "./models.ts";
import { createOpenModel } from "./open-model.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const tools: readonly ToolDefinition[] = [
  { name: "edit", description: "Edits.", freeform: true },
  {
    name: "read",
    description: "Reads.",
    freeform: false,
    parameters: { type: "object", properties: { path: { type: "string" } } },
  },
];

async function open(model: string, scenario: ScenarioInput, token?: string): Promise<{ sim: Sim; session: ModelSession }> {
  const sim = await startSim({ scenario, ...(token !== undefined && { token }) });
  closers.push(() => sim.close());
  const opened = createOpenModel({ env: { TWOLANE_SIM_URL: sim.url } }, { connect: openConnection })(model);
  if (!opened.ok) throw new Error(opened.failure.message);
  closers.push(() => opened.value.close());
  return { sim, session: opened.value };
}

function ask(
  session: ModelSession,
  request: ModelRequest,
  during: (event: ModelEvent, run: ModelRun) => void = () => {},
): Promise<ModelEvent[]> {
  return new Promise((resolve) => {
    const events: ModelEvent[] = [];
    const run = session.respond(request, (event) => {
      events.push(event);
      during(event, run);
      if (event.kind === "ended") resolve(events);
    });
    expect(events).toEqual([]);
  });
}

const itemsOf = (events: readonly ModelEvent[]): ConversationItem[] =>
  events.flatMap((event) => (event.kind === "item" ? [event.item] : []));
const textOf = (events: readonly ModelEvent[], kind: "text" | "reasoning"): string =>
  events.map((event) => (event.kind === kind ? event.text : "")).join("");
const user = (text: string): ConversationItem => ({ kind: "user", text });
const pinned: ConversationItem = { kind: "pinned", text: "rules" };
const patch = "*** Begin Patch\n*** Delete File: a\n*** End Patch\n";

const scenario: ScenarioInput = {
  answers: [
    {
      reply: [
        { reasoning: "thinking" },
        { text: "Two calls." },
        {
          parallel: [
            { name: "edit", input: patch },
            { name: "read", arguments: { path: "x" } },
          ],
        },
        { text: "All done." },
      ],
    },
  ],
};

describe.each([
  { model: "sim/scripted", freeform: true, input: patch, transport: "websocket" },
  { model: "sim-chat/scripted", freeform: false, input: JSON.stringify({ patch }), transport: "sse" },
])("$model, end to end", ({ model, freeform, input, transport }) => {
  it("answers with text and calls, takes their outputs, and goes on", async () => {
    const { session, sim } = await open(model, scenario);
    const items: ConversationItem[] = [pinned, user("go")];
    session.prewarm({ items: [pinned], tools });
    const first = await ask(session, { items, tools });
    expect(first.map(({ kind }) => kind).slice(0, 2)).toEqual(["requested", "started"]);
    expect(first[0]).toMatchObject({ transport });
    expect(textOf(first, "reasoning")).toBe("thinking");
    expect(textOf(first, "text")).toBe("Two calls.");
    expect(first.at(-1)).toMatchObject({ kind: "ended", ending: "completed", usage: { output: expect.any(Number) } });
    const calls = itemsOf(first).filter((item) => item.kind === "call");
    expect(calls).toMatchObject([
      { tool: "edit", input, freeform },
      { tool: "read", input: '{"path":"x"}', freeform: false },
    ]);
    const edit = first.flatMap((event) => (event.kind === "call.delta" && event.call === calls[0]?.call ? [event.text] : []));
    expect(edit.join("")).toBe(input);
    expect(edit.length).toBeGreaterThan(1);

    const outputs = calls.map((call): ConversationItem => ({
      kind: "output",
      call: call.call,
      text: "ok",
      freeform: call.freeform,
    }));
    const second = await ask(session, { items: [...items, ...itemsOf(first), ...outputs], tools });
    expect(textOf(second, "text")).toBe("All done.");
    expect(second.at(-1)).toMatchObject({ ending: "completed" });
    expect(second[0]).toMatchObject({ continued: transport === "websocket" });
    expect(sim.requests.length).toBeGreaterThanOrEqual(2);
  });

  it("stops, says nothing more but that, and answers the next request", async () => {
    const endless: ScenarioInput = {
      answers: [
        { when: { prompt: "long" }, reply: [{ repeat: 5000, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 500 } },
        { reply: [{ text: "short" }] },
      ],
    };
    const { session } = await open(model, endless);
    let stopped = false;
    const events = await ask(session, { items: [user("long")], tools }, (event, run) => {
      if (event.kind !== "text" || stopped) return;
      stopped = true;
      run.stop();
    });
    expect(events.slice(-2)).toMatchObject([{ kind: "text" }, { kind: "ended", ending: "interrupted" }]);
    expect(events.filter(({ kind }) => kind === "text")).toHaveLength(1);
    const next = await ask(session, { items: [user("long"), user("[cut]"), user("now")], tools });
    expect(textOf(next, "text")).toBe("short");
  });

  it.each<{ fault: string; scenario: ScenarioInput; end: object }>([
    {
      fault: "an unknown model",
      scenario: { models: ["other"], answers: [] },
      end: { ending: "failed", failure: { code: "MODEL_UNKNOWN" } },
    },
    {
      fault: "a limit",
      scenario: {
        answers: [
          { reply: [], fault: { kind: "status", status: 429, code: "rate_limit_exceeded", resetMs: 60_000, times: "always" } },
        ],
      },
      end: { ending: "failed", failure: { code: "PROVIDER_LIMIT", cure: expect.stringContaining("Wait") } },
    },
    {
      fault: "a failing server",
      scenario: { answers: [{ reply: [], fault: { kind: "status", status: 500, times: "always" } }] },
      end: { ending: "failed", failure: { code: "PROVIDER_BROKEN" } },
    },
    {
      fault: "a cut stream",
      scenario: {
        answers: [
          { reply: [{ repeat: 200, steps: [{ text: "word " }] }], fault: { kind: "cut", atByte: 2000, times: "always" } },
        ],
      },
      end: { ending: "truncated", failure: { code: "STREAM_TRUNCATED" } },
    },
    {
      fault: "the output limit",
      scenario: { answers: [{ reply: [{ text: "a b c" }], fault: { kind: "incomplete" } }] },
      end: { ending: "incomplete", failure: { code: "OUTPUT_LIMIT" } },
    },
  ])("tells $fault", async ({ scenario: faulty, end }) => {
    const { session } = await open(model, faulty);
    expect((await ask(session, { items: [user("go")], tools })).at(-1)).toMatchObject(end);
  });

  it("tells that a key is wanted", async () => {
    const { session } = await open(model, scenario, "secret-token");
    expect((await ask(session, { items: [user("go")], tools })).at(-1)).toMatchObject({
      ending: "failed",
      failure: { code: "KEY_MISSING", cure: expect.stringContaining("TWOLANE_SIM_KEY") },
    });
  });

  it("tells that another model and tier answer", async () => {
    const { session } = await open(model, { serves: { model: "smaller" }, answers: [{ reply: [{ text: "hi" }] }] });
    const events = await ask(session, { items: [user("go")], tools });
    expect(events.filter(({ kind }) => kind === "notice")).toMatchObject([{ code: "MODEL_SERVED" }]);
    expect(events).toContainEqual(expect.objectContaining({ kind: "started", model: "smaller" }));
  });
});

describe("a message into a running response", () => {
  it("joins the conversation where the model met it, so that the chain goes on", async () => {
    const talk: ScenarioInput = {
      serves: { model: "gpt-6-astra" },
      answers: [
        { when: { prompt: "start" }, reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 2000 } },
        { when: { prompt: "shorter" }, reply: [{ text: "brief" }] },
        { when: { prompt: "thanks" }, reply: [{ text: "welcome" }] },
      ],
    };
    const { session } = await open("sim/gpt-6-astra", talk);
    let steered: boolean | undefined;
    const items: ConversationItem[] = [user("start")];
    const events = await ask(session, { items, tools }, (event, run) => {
      if (event.kind === "text") steered ??= run.steer("shorter");
    });
    expect(steered).toBe(true);
    const joined = itemsOf(events);
    expect(joined.filter(({ kind }) => kind === "user")).toEqual([user("shorter")]);
    expect(joined.at(-1)).toMatchObject({ kind: "assistant", text: "brief" });
    const next = await ask(session, { items: [...items, ...joined, user("thanks")], tools });
    expect(next[0]).toMatchObject({ continued: true });
    expect(textOf(next, "text")).toBe("welcome");
  });
});
