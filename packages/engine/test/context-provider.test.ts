/** A window that the provider itself makes shorter: its item goes in the place of what it stands for, unread, as long as it may. */
import { startSim } from "@twolane/responses/sim";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { type ContextStage, type RequestBody, longFile, openContextStage } from "./context-stage.ts";

let stage: ContextStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const window = 24_000;
const read = (path: string) => ({ call: { name: "read", arguments: { path } } });
const looks = { when: { prompt: "^look (\\d+)" }, reply: [read("src/f$1.ts"), { text: "Seen." }] };
const summary = { when: { prompt: "has to become shorter" }, reply: [{ text: "I have looked at files." }] };
const files = (): Record<string, string> => ({
  "AGENTS.md": "Numbers are sacred.\n",
  "src/a.ts": "export const a = 1;\n",
  ...Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`src/f${n}.ts`, longFile(`f${n}`, 3000)])),
});

const typesOf = ({ input }: RequestBody): readonly unknown[] => input.map(({ type }) => type);
const triggers = (): readonly RequestBody[] => stage!.bodies().filter((body) => typesOf(body).includes("compaction_trigger"));
const compactions = (): readonly string[] =>
  stage!.events().flatMap((event) => (event.type === "context.compacted" ? [event.by] : []));
const itemsIn = (body: RequestBody): readonly string[] =>
  body.input.filter(({ type }) => type === "compaction").map((item) => JSON.stringify(item));

const openCompacting = (): Promise<ContextStage> =>
  openContextStage({ files: files(), window, answers: [looks], compaction: true, capabilities: { compacts: true } });

async function lookUntil(by: string, from = 0): Promise<number> {
  for (let n = from; n < 20; n++) {
    await stage!.turn(`look ${n}`);
    await stage!.rest();
    if (compactions().includes(by)) return n + 1;
  }
  throw new Error(`never by ${by}: ${compactions().join(", ")}`);
}

describe("a provider that compacts", () => {
  it("is asked in the background; its item goes back as it came, behind the same pinned items", async () => {
    stage = await openCompacting();
    const next = await lookUntil("provider");
    const asked = triggers();
    expect(asked.length).toBeGreaterThan(0);
    // It is the last item, and nothing was asked in words.
    expect(asked.every((body) => typesOf(body).at(-1) === "compaction_trigger")).toBe(true);
    expect(JSON.stringify(stage.bodies())).not.toContain("has to become shorter");
    await stage.turn(`look ${next}`);
    const last = stage.bodies().at(-1)!;
    expect(itemsIn(last)).toHaveLength(1);
    expect(last.input.find(({ type }) => type === "compaction")).toMatchObject({ encrypted_content: expect.any(String) });
    const pinned = stage.bodies().map(({ input }) => JSON.stringify(input.filter(({ role }) => role === "developer")));
    expect(new Set(pinned).size).toBe(1);
    expect(JSON.stringify(last).length / 3.7).toBeLessThan(window);
    expect(stage.events().find((event) => event.type === "context.compacted")).toMatchObject({
      by: "provider",
      usage: { input: expect.any(Number) },
    });
  }, 60_000);

  it("goes on after a resume with the same item", async () => {
    stage = await openCompacting();
    const next = await lookUntil("provider");
    await stage.turn(`look ${next}`);
    const before = itemsIn(stage.bodies().at(-1)!);
    await stage.reopen();
    await stage.turn(`look ${next + 1}`);
    expect(itemsIn(stage.bodies().at(-1)!)).toEqual(before);
  }, 60_000);

  it("is no help to another model that goes on with the session", async () => {
    stage = await openCompacting();
    const next = await lookUntil("provider");
    await stage.reopen(undefined, "sim/other");
    await stage.turn(`look ${next}`);
    expect(itemsIn(stage.bodies().at(-1)!)).toEqual([]);
  }, 60_000);

  it("is not shortened further by rules: what was said is there again, and they shorten that", async () => {
    // Too late to be asked again, and too much for the window.
    const big = { when: { prompt: "^big" }, reply: [read("src/big.ts"), { text: "Big." }] };
    const more = { ...files(), "src/big.ts": longFile("big", 14_000) };
    stage = await openContextStage({
      ...{ files: more, window, answers: [big, looks], compaction: true, capabilities: { compacts: true } },
    });
    await lookUntil("provider");
    expect(await stage.turn("big")).toMatchObject({ ending: "completed" });
    for (let n = 0; n < 4 && !compactions().includes("rules"); n++) await stage.turn("big again");
    expect(compactions()).toContain("rules");
    const after = stage.bodies().at(-1)!;
    expect(JSON.stringify(after).length / 3.7).toBeLessThan(window * 1.1);
    // The person's words of before are there, in full.
    expect(JSON.stringify(after)).toContain("look 0");
  }, 60_000);

  it("that refuses is asked once, and then in words", async () => {
    stage = await openContextStage({ files: files(), window, answers: [summary, looks], capabilities: { compacts: true } });
    const next = await lookUntil("model");
    for (let n = next; n < 18; n++) await stage.turn(`look ${n}`);
    expect(triggers()).toHaveLength(1);
    expect(stage.events().some((event) => event.type === "notice.given" && event.code.startsWith("PROVIDER"))).toBe(false);
  }, 60_000);

  it("is asked for it only where that is known of it", async () => {
    stage = await openContextStage({ files: files(), window, answers: [summary, looks], compaction: true });
    await lookUntil("model");
    expect(triggers()).toEqual([]);
  }, 60_000);

  it("says nothing more of a rejected hunk: its item goes", async () => {
    const idea = "const doubtful_idea_4711 = true;";
    const input = `*** Begin Patch\n*** Update File: src/a.ts\n@@\n-export const a = 1;\n+${idea}\n*** End Patch\n`;
    const writes = {
      when: { prompt: "^write" },
      reply: [{ call: { name: ["edit", "apply_patch"], input } }, { text: "Written." }],
    };
    stage = await openContextStage({
      ...{ files: files(), window, answers: [writes, looks], compaction: true, capabilities: { compacts: true } },
    });
    await stage.turn("write it");
    const next = await lookUntil("provider");
    const landed = stage.events().find((event) => event.type === "hunk.landed");
    stage.send({ type: "hunk.reject", hunks: [landed?.type === "hunk.landed" ? landed.hunk.id : ""] });
    await stage.wait("hunk.rejected");
    const asked = stage.bodies().length;
    await stage.turn(`look ${next}`);
    for (const body of stage.bodies().slice(asked)) {
      expect(itemsIn(body)).toEqual([]);
      expect(JSON.stringify(body)).not.toContain("doubtful_idea_4711");
    }
  }, 60_000);

  it("is no help to another model: what was said goes again", async () => {
    stage = await openCompacting();
    const next = await lookUntil("provider");
    stage.send({ type: "model.set", model: "sim/other" });
    await stage.wait("model.changed");
    await stage.turn(`look ${next}`);
    expect(itemsIn(stage.bodies().at(-1)!)).toEqual([]);
  }, 60_000);
});

it("a published client reads what the simulated provider gives", async () => {
  const sim = await startSim({ port: 0, scenario: { answers: [{ reply: [{ text: "Hello." }] }] } });
  try {
    const client = new OpenAI({ baseURL: sim.url, apiKey: "none", maxRetries: 0 });
    const stream = client.responses.stream({
      model: "scripted",
      input: [{ role: "user", content: "hi" }, { type: "compaction_trigger" }],
    });
    const { output, usage } = await stream.finalResponse();
    expect(output).toMatchObject([{ type: "compaction", encrypted_content: expect.any(String) }]);
    expect(usage?.output_tokens).toBeGreaterThan(0);
    const input: OpenAI.Responses.ResponseInput = [{ type: "compaction_trigger" }, { role: "user", content: "hi" }];
    await expect(client.responses.create({ model: "scripted", input })).rejects.toThrow(/must be the final input item/);
  } finally {
    await sim.close();
  }
});
