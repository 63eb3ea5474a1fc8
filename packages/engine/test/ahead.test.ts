/** The turn before Enter on true sessions: what it prepares, what it takes over, and that nothing of it shows before Enter. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type AheadOptions, type AheadStage, openAheadStage } from "./ahead-stage.ts";
import { lineEdit } from "./workflow-stage.ts";

const files = {
  "tsconfig.json": JSON.stringify({ compilerOptions: { lib: ["es2015"], types: [], noEmit: true, module: "esnext" } }),
  "a.ts": "export const old = 1;\nexport const other = 2;\n",
  "b.ts": 'import { old } from "./a";\nexport const b = old;\n',
};
const renamed = { ...files, "a.ts": files["a.ts"].replace("old", "fresh"), "b.ts": files["b.ts"].replaceAll("old", "fresh") };

const stages: AheadStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});
const open = async (options: Partial<AheadOptions> = {}): Promise<AheadStage> => {
  const stage = await openAheadStage({ files, ...options });
  stages.push(stage);
  return stage;
};

/** Sends it and waits for the end of its turn; whether its first request was on its way already. */
async function enter({ send, event, events }: AheadStage, text: string): Promise<boolean> {
  const from = events.length;
  send({ type: "prompt", text });
  await event("turn.ended", from);
  return (await event("step.requested", from)).ahead === true;
}

const kinds = (journal: string): string[] => [...journal.matchAll(/^\{"type":"([^"]+)"/gm)].map(([, kind = ""]) => kind);

/** What the model was asked. */
const asked = ({ sim }: AheadStage): number => sim?.requests.filter(({ kind }) => kind !== "upgrade").length ?? 0;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe("without a model", () => {
  it("says how many hunks in how many files, touches nothing, and lands them at Enter", async () => {
    const stage = await open();
    stage.send({ type: "draft.set", text: "rename old to fresh" });
    expect(await stage.event("draft.prepared")).toMatchObject({ text: "rename old to fresh", hunks: 1, files: 1, held: 0 });
    await expect.poll(() => stage.events.findLast(({ type }) => type === "draft.prepared")).toMatchObject({ hunks: 2, files: 2 });
    expect(stage.tree()).toEqual(files);
    expect(kinds(stage.journal())).toEqual(["session.started", "model.changed"]);
    expect(await enter(stage, "rename old to fresh")).toBe(true);
    expect(stage.tree()).toEqual(renamed);
    expect(stage.events.filter(({ type }) => type === "drafts.counted")).toMatchObject([{ made: 1, used: 1, tokens: 0 }]);
    expect(stage.journal()).not.toContain("draft.prepared");
  });

  it("a file that has changed or come since makes it plan again", async () => {
    const stage = await open();
    stage.send({ type: "draft.set", text: "rename old to fresh" });
    await stage.event("draft.prepared");
    await pause(50);
    fs.writeFileSync(path.join(stage.root, "c.ts"), 'import { old } from "./a";\nold;\n');
    expect(await enter(stage, "rename old to fresh")).toBe(false);
    expect(stage.tree()).toEqual({ ...renamed, "c.ts": 'import { fresh } from "./a";\nfresh;\n' });
    stage.send({ type: "draft.set", text: "rename fresh to newer" });
    await stage.event("draft.prepared", stage.events.length);
    await pause(50);
    fs.writeFileSync(path.join(stage.root, "b.ts"), 'import { fresh } from "./a";\nexport const b = [fresh, fresh];\n');
    expect(await enter(stage, "rename fresh to newer")).toBe(false);
    expect(stage.tree()["b.ts"]).toBe('import { newer } from "./a";\nexport const b = [newer, newer];\n');
  });

  it("another text does what it does without", async () => {
    const stage = await open();
    stage.send({ type: "draft.set", text: "rename other to another" });
    await stage.event("draft.prepared");
    expect(await enter(stage, "rename old to fresh")).toBe(false);
    expect(stage.tree()).toEqual(renamed);
    expect(stage.events.filter(({ type }) => type === "drafts.counted")).toMatchObject([{ made: 1, used: 0 }]);
  });

  it("of drafts that follow each other the last is prepared, and Enter takes it while it is still planned", async () => {
    const stage = await open();
    for (const text of ["rename old to f", "rename old to fr", "rename old to fresh"]) stage.send({ type: "draft.set", text });
    await expect.poll(() => stage.events.some(({ type }) => type === "draft.prepared"), { timeout: 10_000 }).toBe(true);
    const texts = stage.events.flatMap((event) => (event.type === "draft.prepared" ? [event.text] : []));
    expect(new Set(texts)).toEqual(new Set(["rename old to fresh"]));
    stage.send({ type: "draft.set", text: "rename old to newest" });
    await pause(1);
    expect(await enter(stage, "rename old to newest")).toBe(true);
    expect(stage.tree()["a.ts"]).toContain("newest");
  });

  it("a question is shown while one types", async () => {
    const stage = await open({ files: { ...files, "c.ts": "const old = 3;\nold;\nexport {};\n" } });
    stage.send({ type: "draft.set", text: "rename old to fresh" });
    expect(await stage.event("draft.prepared")).toMatchObject({ hunks: 0, note: expect.stringContaining("old") });
  });

  it.each([
    ["in plan mode", {}, "rename old to fresh", true],
    ["switched off", { ahead: { drafts: "off" } }, "rename old to fresh", false],
    ["with a secret", {}, `rename old to ghp_${"b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko"}`, false],
    ["with what begins a known one", { env: { API_TOKEN: "qh83-zmwp-19fk-ax" } }, "rename old to qh83-zmwp", false],
    ["what it does not understand", {}, "explain this code", false],
  ])("nothing is done %s", async (_, options, text, plan) => {
    const stage = await open(options);
    if (plan) stage.send({ type: "mode.set", mode: "plan" });
    const before = stage.events.length;
    stage.send({ type: "draft.set", text });
    await pause(400);
    expect(stage.events.slice(before)).toEqual([]);
  });
});

describe("with a model", () => {
  const edit = lineEdit("a.ts", "export const old = 1;", "export const fresh = 1;");
  const slow = { ttftMs: 20, tokensPerSecond: 40 };
  const answers: AheadOptions["answers"] = [
    { when: { prompt: "^change" }, reply: [...edit, { text: "Done." }], pace: slow },
    { when: { prompt: "^look" }, reply: [{ call: { name: "run", arguments: { command: "touch made" } } }, { text: "Done." }] },
    { reply: [{ text: "Yes." }] },
  ];
  const on = { answers, ahead: { drafts: "on" } };

  it("asks only when it is said", async () => {
    const stage = await open({ answers });
    stage.send({ type: "draft.set", text: "change a.ts" });
    await pause(900);
    expect(asked(stage)).toBe(0);
  });

  it("Enter takes the running answer over, and it streams on", async () => {
    const stage = await open(on);
    stage.send({ type: "draft.set", text: "change a.ts" });
    await expect.poll(() => asked(stage), { timeout: 5_000 }).toBe(1);
    expect(stage.tree()).toEqual(files);
    expect(stage.events.some(({ type }) => type === "hunk.streaming")).toBe(false);
    expect(await enter(stage, "change a.ts")).toBe(true);
    expect(stage.tree()["a.ts"]).toContain("fresh");
    // The call, and what follows on its output.
    expect(asked(stage)).toBe(2);
    expect(stage.events.filter(({ type }) => type === "drafts.counted")).toMatchObject([{ made: 1, used: 1, tokens: 0 }]);
  });

  it("Enter with another text cuts it, and counts it", async () => {
    const stage = await open(on);
    stage.send({ type: "draft.set", text: "change a.ts" });
    await expect.poll(() => asked(stage), { timeout: 5_000 }).toBe(1);
    expect(await enter(stage, "how are you")).toBe(false);
    expect(stage.tree()).toEqual(files);
    expect(stage.events.find(({ type }) => type === "text.finished")).toMatchObject({ text: "Yes." });
    await stage.end();
    const counted = stage.events.flatMap((event) => (event.type === "drafts.counted" ? [event] : []));
    expect(counted.reduce((sum, { tokens }) => sum + tokens, 0)).toBeGreaterThan(0);
    expect(counted[0]).toMatchObject({ made: 1, used: 0 });
  });

  it("what was thrown away costs the next request neither its conversation nor a round trip", async () => {
    const stage = await open(on);
    await enter(stage, "how are you");
    stage.send({ type: "draft.set", text: "change a.ts" });
    await expect.poll(() => asked(stage), { timeout: 5_000 }).toBe(2);
    stage.send({ type: "draft.set", text: "" });
    // The provider answers it to its end all the same.
    const over = () => stage.sim?.requests.filter(({ kind, outcome }) => kind === "responses" && outcome === "completed");
    await expect.poll(() => over()?.length, { timeout: 5_000 }).toBe(2);
    const from = stage.events.length;
    await enter(stage, "are you well");
    expect(await stage.event("step.requested", from)).toMatchObject({ continued: true });
    expect(stage.events.filter((event) => event.type === "notice.given" && event.code === "SENT_AGAIN")).toEqual([]);
    expect(asked(stage)).toBe(3);
  });

  it("a command of the answer waits for Enter", async () => {
    const stage = await open(on);
    stage.send({ type: "draft.set", text: "look around" });
    await expect.poll(() => asked(stage), { timeout: 5_000 }).toBe(1);
    await pause(300);
    expect(stage.events.filter(({ type }) => /^(command|tool|step|turn)\./.test(type))).toEqual([]);
    expect(stage.tree()).toEqual(files);
    stage.send({ type: "prompt", text: "look around" });
    expect((await stage.event("step.requested")).ahead).toBe(true);
    expect((await stage.event("command.held")).command).toBe("touch made");
  });

  it("stops asking when as much is wasted as may be", async () => {
    const stage = await open({ answers, ahead: { drafts: "on", wasted: 10 } });
    stage.send({ type: "draft.set", text: "change a.ts" });
    await pause(900);
    expect(asked(stage)).toBe(0);
  });

  it("a stop right after Enter stops it", async () => {
    const stage = await open(on);
    stage.send({ type: "draft.set", text: "change a.ts" });
    await expect.poll(() => asked(stage), { timeout: 5_000 }).toBe(1);
    stage.send({ type: "prompt", text: "change a.ts" });
    stage.send({ type: "stop" });
    expect((await stage.event("turn.ended")).ending).toBe("interrupted");
    expect(stage.tree()).toEqual(files);
  });
});
