/** A window that fills, through the whole loop: the model is scripted, the files, the requests and the journal are true. */
import fs from "node:fs";
import path from "node:path";
import type { ScenarioInput } from "@twolane/responses/sim";
import { afterEach, describe, expect, it } from "vitest";
import { textTokens } from "../src/context/tokens.ts";
import { type ContextStage, type RequestBody, longFile, openContextStage } from "./context-stage.ts";

let stage: ContextStage;
afterEach(() => stage?.close());

const read = (path: string) => ({ call: { name: "read", arguments: { path } } });
const edit = (path: string, from: string, to: string) => ({
  call: {
    name: ["edit", "apply_patch"],
    input: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`,
  },
});
/** Each turn reads a file of its own and the one that all of them need, and changes its own. */
const work: ScenarioInput["answers"] = [
  { when: { prompt: "has to become shorter" }, reply: [{ text: "Goal: the numbers. Done: the first files. Next: the rest." }] },
  {
    when: { prompt: "^work (\\d+)" },
    reply: [
      { parallel: [read("src/f$1.ts").call, read("src/core.ts").call] },
      edit("src/f$1.ts", 'export const f$1_1 = compute(7, "f$1", 1);', "export const f$1_1 = 1;"),
      read("src/f$1.ts"),
      { text: "Done with $1." },
    ],
  },
];

const tokensOf = (body: RequestBody): number =>
  textTokens(JSON.stringify(body.input)) + textTokens(JSON.stringify(body.tools ?? []));
const textsOf = (body: RequestBody): string[] =>
  body.input.map((item) => (typeof item["output"] === "string" ? item["output"] : JSON.stringify(item["content"] ?? "")));

/** Outputs of calls that ever went out and begin so, each call once. */
function outputs(bodies: readonly RequestBody[], begins: RegExp): ReadonlySet<unknown> {
  const items = bodies.flatMap(({ input }) => input);
  return new Set(
    items.flatMap((item) => (typeof item["output"] === "string" && begins.test(item["output"]) ? [item["call_id"]] : [])),
  );
}

describe("300,000 tokens of work in a window of 86,000", () => {
  it("keeps what is pinned to the byte, sends nothing that does not fit, and shows no unchanged file more than once again", async () => {
    const window = 86_000;
    const files: Record<string, string> = { "src/core.ts": longFile("core", 3000), "AGENTS.md": "Numbers are sacred.\n" };
    const turns = 55;
    for (let n = 0; n < turns; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 5500);
    stage = await openContextStage({ files, window, answers: work });
    for (let n = 0; n < turns; n++) expect(await stage.turn(`work ${n}`)).toMatchObject({ ending: "completed" });
    const all = stage.bodies();
    const main = all.filter((body) => !JSON.stringify(body.input.at(-1)).includes("has to become shorter"));
    const readTokens = Object.values(files).reduce((sum, text) => sum + textTokens(text), 0);
    expect(readTokens).toBeGreaterThan(300_000);

    const pinned = main.map(({ input }) => JSON.stringify(input.slice(0, 2)));
    expect(new Set(pinned).size).toBe(1);
    expect(pinned[0]).toContain("Numbers are sacred.");
    const largest = Math.max(...all.map(tokensOf));
    expect(largest).toBeLessThanOrEqual(window);
    // It is used, too.
    expect(largest).toBeGreaterThan(window * 0.6);

    const compacted = stage.events().filter(({ type }) => type === "context.compacted");
    expect(compacted.length).toBeGreaterThan(3);
    expect(compacted.length).toBeLessThan(15);
    expect(compacted.some((event) => "by" in event && event.by === "model")).toBe(true);

    expect(outputs(main, /^src\/core\.ts lines 1-/).size).toBeLessThanOrEqual(2);
    expect(outputs(main, /^src\/core\.ts is unchanged/).size).toBeGreaterThan(turns - 10);
    for (let n = 0; n < turns; n++) {
      expect(outputs(main, new RegExp(`^src/f${n}\\.ts lines 1-`)).size).toBe(1);
      expect(outputs(main, new RegExp(`^src/f${n}\\.ts changed since`)).size).toBe(1);
    }
    // What leans on an earlier text never stands without it.
    for (const body of main) {
      const texts = textsOf(body);
      for (const [, name] of texts.flatMap((text) => [...text.matchAll(/^(\S+) (?:is un)?changed since you saw it/gm)]))
        expect(texts.some((text) => text.startsWith(`${name} lines `) || text.includes(`<file path=\\"${name}\\" lines`))).toBe(
          true,
        );
    }
  }, 120_000);
});

describe("a window that fills", () => {
  it("goes on after a resume with the same conversation, to the byte", async () => {
    const files: Record<string, string> = { "src/core.ts": longFile("core", 1500) };
    for (let n = 0; n < 14; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 3000);
    stage = await openContextStage({ files, window: 24_000, answers: work });
    for (let n = 0; n < 10; n++) await stage.turn(`work ${n}`);
    expect(stage.events().some(({ type }) => type === "context.compacted")).toBe(true);
    const before = stage.bodies().at(-1)!;
    await stage.reopen();
    const asked = stage.bodies().length;
    await stage.turn("work 10");
    const after = stage.bodies()[asked]!;
    const shared = JSON.stringify(before.input).slice(0, -1);
    expect(JSON.stringify(after.input).startsWith(shared.slice(0, shared.length - 2))).toBe(true);
  }, 60_000);

  it("goes on from wherever a crash has cut the file in the middle of a compaction", async () => {
    const files: Record<string, string> = { "AGENTS.md": "Numbers are sacred.\n", "src/core.ts": longFile("core", 1500) };
    for (let n = 0; n < 30; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 3000);
    stage = await openContextStage({ files, window: 24_000, answers: work });
    let n = 0;
    for (const part of [0, 0.3, 0.9, 1]) {
      const before = stage.events().length;
      while (
        !stage
          .events()
          .slice(before)
          .some(({ type }) => type === "context.compacted")
      )
        await stage.turn(`work ${n++}`);
      await stage.reopen((file) => {
        const text = fs.readFileSync(file, "utf8");
        const start = text.lastIndexOf('{"type":"compact"');
        const end = text.indexOf("\n", start);
        fs.truncateSync(file, Buffer.byteLength(text.slice(0, Math.round(start + (end - start) * part))));
      });
      const asked = stage.bodies().length;
      expect(await stage.turn(`work ${n++}`)).toMatchObject({ ending: "completed" });
      for (const body of stage.bodies().slice(asked)) {
        expect(JSON.stringify(body.input.slice(0, 2))).toBe(JSON.stringify(stage.bodies()[0]?.input.slice(0, 2)));
      }
      // As the server counts.
      const used = stage.events().flatMap((event) => (event.type === "step.ended" && event.usage ? [event.usage.input] : []));
      expect(used.length).toBeGreaterThan(0);
      expect(Math.max(...used)).toBeLessThanOrEqual(24_000);
    }
  }, 60_000);

  it("says nothing of a hunk that was rejected, whatever a summary had made of it", async () => {
    const secret = "const doubtful_idea_4711 = true;";
    const files: Record<string, string> = { "src/a.ts": "export const a = 1;\n" };
    for (let n = 0; n < 14; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 3000);
    stage = await openContextStage({
      files,
      window: 24_000,
      answers: [
        { when: { prompt: "has to become shorter" }, reply: [{ text: `Done: src/a.ts now says\n${secret}\nin line 1.` }] },
        { when: { prompt: "^write" }, reply: [edit("src/a.ts", "export const a = 1;", secret), { text: "Written." }] },
        { when: { prompt: "^look (\\d+)" }, reply: [read("src/f$1.ts"), { text: "Seen." }] },
      ],
    });
    await stage.turn("write it");
    const look = async (n: number): Promise<void> => {
      await stage.turn(`look ${n}`);
      await stage.rest();
    };
    for (let n = 0; n < 7; n++) await look(n);
    const summaries = () => stage.events().filter((event) => event.type === "context.compacted" && event.by === "model");
    for (let n = 7; n < 12 && summaries().length === 0; n++) await look(n);
    expect(summaries().length).toBeGreaterThan(0);
    expect(JSON.stringify(stage.bodies().at(-1))).toContain("doubtful_idea_4711");
    const landed = stage.events().find((event) => event.type === "hunk.landed");
    stage.send({ type: "hunk.reject", hunks: [landed?.type === "hunk.landed" ? landed.hunk.id : ""] });
    await stage.wait("hunk.rejected");
    const asked = stage.bodies().length;
    await stage.turn("look 12");
    for (const body of stage.bodies().slice(asked)) expect(JSON.stringify(body)).not.toContain("doubtful_idea_4711");
    expect(JSON.stringify(stage.bodies()[asked])).toContain("rejected your change of src/a.ts");
    const kept = fs
      .readdirSync(`${stage.base}/state`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("conversation.jsonl"));
    expect(kept).toHaveLength(1);
    expect(fs.readFileSync(path.join(stage.base, "state", kept[0] ?? ""), "utf8")).not.toContain("doubtful_idea_4711");
  }, 60_000);

  it("is made shorter by rules and asked once more where the provider says that it is full", async () => {
    const files: Record<string, string> = {};
    for (let n = 0; n < 6; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 3000);
    stage = await openContextStage({
      files,
      window: 400_000,
      answers: [
        { when: { prompt: "^look (\\d+)" }, reply: [read("src/f$1.ts"), { text: "Seen." }] },
        { reply: [{ text: "Yes." }] },
      ],
      faults: [{ kind: "status", status: 400, code: "context_length_exceeded", message: "too long", request: 11 }],
    });
    for (let n = 0; n < 5; n++) await stage.turn(`look ${n}`);
    const asked = stage.bodies().length;
    expect(await stage.turn("and now?")).toMatchObject({ ending: "completed" });
    const [refused, taken, ...more] = stage.bodies().slice(asked);
    expect(more).toEqual([]);
    expect(tokensOf(taken!)).toBeLessThan(tokensOf(refused!) * 0.7);
    expect(stage.events().findLast((event) => event.type === "context.compacted")).toMatchObject({ by: "rules" });
  });

  it("waits for no summary, neither for the next request nor at the end", async () => {
    const files: Record<string, string> = {};
    for (let n = 0; n < 14; n++) files[`src/f${n}.ts`] = longFile(`f${n}`, 3000);
    stage = await openContextStage({
      files,
      window: 24_000,
      answers: [
        { when: { prompt: "has to become shorter" }, reply: [{ text: "Late." }], pace: { ttftMs: 60_000 } },
        { when: { prompt: "^look (\\d+)" }, reply: [read("src/f$1.ts"), { text: "Seen." }] },
      ],
    });
    for (let n = 0; n < 14; n++) expect(await stage.turn(`look ${n}`)).toMatchObject({ ending: "completed" });
    const asked = stage.sim.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("has to become shorter"));
    expect(asked.length).toBeGreaterThan(0);
    expect(stage.events().find((event) => event.type === "context.compacted")).toMatchObject({ by: "rules" });
    await stage.session.close();
    await new Promise((resolve) => void setTimeout(resolve, 200));
    expect(asked.map(({ outcome }) => outcome)).not.toContain("running");
  });

  it("never sends what cannot fit: the turn ends with what to do", async () => {
    stage = await openContextStage({
      files: { "AGENTS.md": "x ".repeat(14_000) },
      window: 4000,
      answers: [{ reply: [{ text: "Yes." }] }],
    });
    const ended = await stage.turn("hello");
    expect(ended).toMatchObject({ ending: "failed", failure: { code: "CONTEXT_FULL" } });
    expect(stage.bodies()).toEqual([]);
  });

  it("lists what fills it, and leaves out what a person drops", async () => {
    stage = await openContextStage({
      files: { "src/f0.ts": longFile("f0", 3000) },
      window: 100_000,
      answers: [
        { when: { prompt: "^look (\\d+)" }, reply: [read("src/f$1.ts"), { text: "Seen." }] },
        { reply: [{ text: "Yes." }] },
      ],
    });
    await stage.turn("look 0");
    await stage.session.idle();
    stage.send({ type: "context.list" });
    const fill = await stage.wait("context.listed");
    const file = fill.parts.find(({ kind }) => kind === "file");
    expect(file).toMatchObject({ pinned: false, text: expect.stringContaining("src/f0.ts lines 1-") });
    expect(fill.parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBeGreaterThan(2500);
    expect(fill.window).toBe(100_000);
    stage.send({ type: "context.drop", part: file?.id ?? "" });
    await stage.turn("and now?");
    expect(JSON.stringify(stage.bodies().at(-1))).not.toContain("f0_1 = compute");
    expect(JSON.stringify(stage.bodies().at(-1))).toContain("left out by the user");
    // A file that is not there any more is shown again.
    await stage.turn("look 0");
    expect(JSON.stringify(stage.bodies().at(-1))).toContain("f0_1 = compute");
  });
});
