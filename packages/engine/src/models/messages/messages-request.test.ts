/** What goes out on the Anthropic Messages wire: judged by the published types, and by the simulated server's rules over HTTP. */
import type Anthropic from "@anthropic-ai/sdk";
import { type Sim, startSim } from "@twolane/responses/sim";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type ResolvedModel, resolveModel } from "../catalog.ts";
import { createChatWriter } from "../chat/chat-request.ts";
import { openConnection } from "../connection.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ToolDefinition } from "../models.ts";
import { createMessagesWriter } from "./messages-request.ts";
import { openMessagesSession } from "./messages-session.ts";
import { turnsOf } from "./messages-turns.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const sims: Sim[] = [];
afterEach(async () => {
  for (const sim of sims.splice(0)) await sim.close();
});

function known(model: string, env: Record<string, string> = {}): ResolvedModel {
  const resolved = resolveModel(model, { env: { ANTHROPIC_API_KEY: "k", ...env } });
  if (!resolved.ok) throw new Error(resolved.failure.message);
  return resolved.value;
}

const edit: ToolDefinition = { name: "edit", description: "edits", freeform: true };
const read: ToolDefinition = {
  ...{ name: "read", description: "reads", freeform: false },
  parameters: { type: "object", properties: { path: { type: "string" } } },
};
const pinned = (text: string): ConversationItem => ({ kind: "pinned", text });
const user = (text: string): ConversationItem => ({ kind: "user", text });
const said = (text: string): ConversationItem => ({ kind: "assistant", text });
const call = (id: string, input = "{}", tool = "read"): ConversationItem => ({
  ...{ kind: "call", call: id, tool, input, freeform: tool === "edit" },
});
const output = (id: string, text: string): ConversationItem => ({ kind: "output", call: id, text, freeform: false });
const thinking = (text: string): ConversationItem => ({
  kind: "reasoning",
  replay: { messagesBlock: { type: "thinking", thinking: text, signature: "c2ln" } },
});

/** As the published types want it; this compiles, or the wire's words are wrong. */
const messagesOf = (items: readonly ConversationItem[]): Anthropic.MessageParam[] =>
  turnsOf(items)
    .flatMap(({ messages }) => messages())
    .map(({ role, content }) => ({ role, content: [...content] }));

const bodyOf = (model: ResolvedModel, request: ModelRequest): string =>
  Buffer.from(createMessagesWriter(model)(request)).toString("utf8");

describe("the conversation in messages", () => {
  it("takes turns, with all outputs at the head of the message behind their calls", () => {
    const items = [
      pinned("rules"),
      user("do"),
      thinking("hm"),
      said("sure"),
      call("a", "*** raw", "edit"),
      call("b", '{"path":"x"}'),
      call("c", '{"torn'),
      output("b", "file"),
      user("and this"),
      output("a", ""),
      said("well"),
      call("functions.read:0"),
    ];
    expect(messagesOf(items)).toEqual([
      { role: "user", content: [{ type: "text", text: "do" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "c2ln" },
          { type: "text", text: "sure" },
          { type: "tool_use", id: "a", name: "edit", input: { patch: "*** raw" } },
          { type: "tool_use", id: "b", name: "read", input: { path: "x" } },
          { type: "tool_use", id: "c", name: "read", input: { unreadable: '{"torn' } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "b", content: "file" },
          { type: "tool_result", tool_use_id: "a" },
          { type: "tool_result", tool_use_id: "c", content: "interrupted" },
          { type: "text", text: "and this" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "well" },
          { type: "tool_use", id: "functions_2eread_3a0", name: "read", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "functions_2eread_3a0", content: "interrupted" }] },
    ]);
  });

  it("says that a call failed", () => {
    const failed: ConversationItem = { kind: "output", call: "a", text: "no", freeform: false, failed: true };
    expect(messagesOf([user("x"), call("a"), failed]).at(-1)).toEqual({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "a", content: "no", is_error: true }],
    });
  });

  it("leaves out the reasoning of other wires, and what a journal holds in its place", () => {
    const strange = ["text", null, { type: "reasoning" }, { messagesBlock: { type: "thinking", thinking: 1 } }];
    const items = strange.map((replay): ConversationItem => ({ kind: "reasoning", replay }));
    expect(messagesOf([user("x"), ...items, said("y")])).toHaveLength(3);
    expect(JSON.stringify(messagesOf([user("x"), ...items, said("y")]))).not.toContain("thinking");
  });
});

describe("any conversation", () => {
  const id = fc.constantFrom("a", "b", "c", "functions.x:1", "ü");
  const text = fc.oneof(fc.constantFrom("", " \n", "x", "\ud800", '"\\\n', "🦊"), fc.string({ unit: "binary", maxLength: 8 }));
  const input = fc.constantFrom("{}", '{"path":"é"}', "[1]", "7", '{"torn', "");
  const item = fc.oneof(
    text.map(pinned),
    text.map(user),
    text.map(said),
    fc.tuple(id, text).map(([one, words]) => output(one, words)),
    fc.constant<ConversationItem>({ kind: "reasoning", replay: null }),
    fc.constant<ConversationItem>({ kind: "reasoning", replay: { messagesBlock: { type: "redacted_thinking", data: "x" } } }),
  );
  /** Ids are unique in a conversation; the rest comes in any order. */
  const conversation = fc
    .tuple(
      fc.array(item, { minLength: 1, maxLength: 14 }),
      fc.uniqueArray(id, { maxLength: 5 }),
      fc.infiniteStream(fc.nat()),
      input,
    )
    .map(([items, ids, places, written]) => {
      const all = [...items];
      for (const one of ids) all.splice((places.next().value ?? 0) % (all.length + 1), 0, call(one, written));
      return all;
    });

  it("is taken by a server that refuses what the provider refuses", async () => {
    const sim = await startSim({ scenario: { answers: [{ reply: [{ text: "ok" }] }] } });
    sims.push(sim);
    const model = known("sim-messages/scripted", { TWOLANE_SIM_URL: sim.url });
    await fc.assert(
      fc.asyncProperty(conversation, async (items) => {
        const body = bodyOf(model, { items, tools: [edit, read] });
        const answer = await fetch(`${sim.url}/v1/messages`, {
          method: "POST",
          headers: { "anthropic-version": "2023-06-01" },
          body,
        });
        expect([answer.status, answer.status === 200 ? "" : await answer.text()]).toEqual([200, ""]);
        await answer.body?.cancel();
      }),
      { numRuns: 200 * scale },
    );
  });

  it("keeps the bytes of all that was sent before, whatever comes next, on both wires without a memory", () => {
    const messages = known("sim-messages/scripted");
    const chat = known("sim-chat/scripted");
    fc.assert(
      fc.property(conversation, fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 }), (items, rounds) => {
        // The list that has been sent ends with the person, as every sent one does.
        const sent = [pinned("rules"), ...items.filter(({ kind }) => kind !== "pinned"), said("x"), user("go")];
        for (const write of [createMessagesWriter(messages), createChatWriter(chat)]) {
          const plain = (list: readonly ConversationItem[]): string =>
            Buffer.from(write({ items: list, tools: [read] }))
              .toString("utf8")
              .replaceAll(',"cache_control":{"type":"ephemeral"}', "");
          let before = plain(sent);
          let list = sent;
          for (const [index, [words, result]] of rounds.entries()) {
            list = [...list, said(`${words}.`), call(`r${index}`), output(`r${index}`, result)];
            const now = plain(list);
            expect(now.startsWith(before.slice(0, -2))).toBe(true);
            before = now;
          }
        }
      }),
      { numRuns: 100 * scale },
    );
  });

  it("is the same from a writer that has kept pieces as from one that has not", () => {
    const messages = known("sim-messages/scripted");
    const chat = known("sim-chat/scripted");
    fc.assert(
      fc.property(conversation, fc.nat(), (items, at) => {
        const [kept, keptChat] = [createMessagesWriter(messages), createChatWriter(chat)];
        const changed = items.map((one, index) => (index === at % items.length && one.kind === "user" ? user("other") : one));
        for (const list of [items.slice(0, at % items.length), items, changed, items]) {
          const request = { items: list, tools: [] };
          expect(kept(request)).toEqual(createMessagesWriter(messages)(request));
          expect(keptChat(request)).toEqual(createChatWriter(chat)(request));
        }
      }),
      { numRuns: 150 * scale },
    );
  });
});

describe("the request", () => {
  it("writes what was said before only once", () => {
    for (const write of [createMessagesWriter(known("sim-messages/scripted")), createChatWriter(known("sim-chat/scripted"))]) {
      let looks = 0;
      const watched: ConversationItem = {
        ...{ kind: "output", call: "a", freeform: false },
        get text() {
          looks++;
          return "a long file";
        },
      };
      const items = [user("x"), call("a"), watched];
      write({ items, tools: [] });
      const first = looks;
      for (let round = 0; round < 5; round++) {
        items.push(call(`r${round}`), output(`r${round}`, "y"));
        write({ items, tools: [] });
      }
      expect(first).toBeGreaterThan(0);
      expect(looks).toBe(first);
    }
  });

  it("carries the same bytes for the same request, with marks behind tools, rules and the last two messages", () => {
    const items = [pinned("rules"), pinned("more"), user("x"), call("a"), output("a", "y"), said("z"), user("go on")];
    expect(bodyOf(known("anthropic/claude-sonnet-5-5"), { items, tools: [edit, read] })).toBe(
      '{"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true,"tools":[' +
        '{"name":"edit","description":"edits","input_schema":{"type":"object","properties":{"patch":{"type":"string"}},"required":["patch"],"additionalProperties":false},"eager_input_streaming":true},' +
        '{"name":"read","description":"reads","input_schema":{"type":"object","properties":{"path":{"type":"string"}}},"eager_input_streaming":true,"cache_control":{"type":"ephemeral"}}],' +
        '"system":[{"type":"text","text":"rules"},{"type":"text","text":"more","cache_control":{"type":"ephemeral"}}],' +
        '"messages":[{"role":"user","content":[{"type":"text","text":"x"}]},' +
        '{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"read","input":{}}]},' +
        '{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"y","cache_control":{"type":"ephemeral"}}]},' +
        '{"role":"assistant","content":[{"type":"text","text":"z"}]},' +
        '{"role":"user","content":[{"type":"text","text":"go on","cache_control":{"type":"ephemeral"}}]}]}',
    );
  });

  it("asks for what the model and the server can", () => {
    const request: ModelRequest = { items: [user("x")], tools: [read] };
    const ask = (model: ResolvedModel, more: Partial<ModelRequest> = {}): unknown =>
      JSON.parse(bodyOf(model, { ...request, ...more }));
    expect(ask(known("anthropic/claude-3-haiku-20240307"))).toMatchObject({ max_tokens: 4096 });
    expect(ask(known("anthropic/claude-3-5-haiku-latest"))).toMatchObject({ max_tokens: 8192 });
    expect(ask(known("anthropic/claude-opus-5"), { maxOutputTokens: 9 })).toMatchObject({ max_tokens: 9 });
    const gateway = known("anthropic/claude-opus-5", { ANTHROPIC_BASE_URL: "https://gateway.example" });
    expect(JSON.stringify(ask(gateway))).not.toContain("eager");
    const single = { ...gateway, capabilities: { ...gateway.capabilities, parallelCalls: false } };
    expect(ask(single)).toMatchObject({ tool_choice: { type: "auto", disable_parallel_tool_use: true } });
    const toolless = { ...gateway, capabilities: { ...gateway.capabilities, tools: false } };
    expect(ask(toolless)).not.toHaveProperty("tools");
  });
});

describe("a loop of rounds", () => {
  it("reads from the cache all that the request before had, thoughts included", async () => {
    const step = (n: number) => [{ reasoning: `thought ${n}` }, { call: { name: "read", arguments: { path: `${n}` } } }];
    const sim = await startSim({ scenario: { answers: [{ reply: [1, 2, 3, 4, 5].flatMap(step) }] } });
    sims.push(sim);
    const session = openMessagesSession({
      model: known("sim-messages/scripted", { TWOLANE_SIM_URL: sim.url }),
      connect: openConnection,
    });
    const items: ConversationItem[] = [pinned("rules ".repeat(40)), user("read them")];
    let before = 0;
    for (let round = 1; round <= 5; round++) {
      const end = await new Promise<Extract<ModelEvent, { kind: "ended" }>>((resolve) => {
        session.respond({ items: [...items], tools: [edit, read] }, (event) => {
          if (event.kind === "item") items.push(event.item);
          if (event.kind === "ended") resolve(event);
        });
      });
      expect(end).toMatchObject({ ending: "completed", usage: { cachedInput: before } });
      expect(end.usage?.input).toBe(before + (end.usage?.cacheWritten ?? 0));
      before = end.usage?.input ?? 0;
      const last = items.at(-1);
      if (last?.kind !== "call") throw new Error("no call");
      items.push(output(last.call, `content ${round}`));
    }
    expect(JSON.stringify(sim.requests.at(-1)?.body)).toContain('"thinking":"thought 4"');
    await session.close();
  });
});
