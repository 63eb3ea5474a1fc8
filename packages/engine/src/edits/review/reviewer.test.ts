import { type EventBody, type HunkId, type Review, reviewEvent } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench } from "../../../test/landing/review-bench.ts";
import type { HunkDraft } from "../edits.ts";

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const { workshop } of benches.splice(0)) await workshop.dispose();
});

async function open(files: Record<string, string>): Promise<ReviewBench> {
  const bench = await openReviewBench({ files });
  benches.push(bench);
  return bench;
}

/** `-old`, `+new` and ` kept` lines. */
function update(file: string, ...lines: string[]): HunkDraft {
  const ops = { "-": "remove", "+": "add", " ": "keep" } as const;
  return {
    kind: "update",
    path: file,
    anchors: [],
    endOfFile: false,
    lines: lines.map((line) => ({ op: ops[line[0] as "-" | "+" | " "], text: line.slice(1) })),
  };
}

const states = (events: readonly EventBody[]): Record<HunkId, string> => {
  const review: Review = new Map();
  for (const event of events) reviewEvent(review, event);
  return Object.fromEntries([...review].map(([id, { state }]) => [id, state]));
};

describe("a decision on one hunk", () => {
  it("takes a rejected hunk off the disk with what stands on it, and nothing else", async () => {
    const bench = await open({ "a.ts": "one\ntwo\nthree\nfour\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await bench.land(lander, "h2", update("a.ts", " ONE", "+between", " two"));
    await bench.land(lander, "h3", update("a.ts", "-four", "+FOUR"));
    await bench.reviewer.reject(["h1"], "wrong");
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("one\ntwo\nthree\nFOUR\n");
    expect(states(bench.events)).toEqual({ h1: "rejected", h2: "held", h3: "landed" });
    expect(bench.withdrawn.map(({ hunk, state }) => `${hunk} ${state}`).sort()).toEqual(["h1 rejected", "h2 held"]);
  });

  it("tells who keeps the conversation before anybody else", async () => {
    const bench = await open({ "a.ts": "one\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    let known = 0;
    bench.onEvent = (event) => void (event.type === "hunk.rejected" && (known = bench.withdrawn.length));
    await bench.reviewer.reject(["h1"]);
    await lander.finish();
    expect(known).toBe(1);
  });

  it("lets later hunks of the same call find their place behind the last one", async () => {
    const bench = await open({ "a.ts": "x\nsame\ny\nsame\nz\nsame\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-x", "+X", "+X2"));
    await bench.land(lander, "h2", update("a.ts", "-y", "+Y"));
    await bench.reviewer.reject(["h1"]);
    await bench.land(lander, "h3", update("a.ts", " Y", "-same", "+third", " z"));
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("x\nsame\nY\nthird\nz\nsame\n");
  });

  it("brings a rejected hunk back when it is accepted after all, and what stood on it behind it", async () => {
    const bench = await open({ "a.ts": "one\r\ntwo\r\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await bench.land(lander, "h2", update("a.ts", " ONE", "+more"));
    await lander.finish();
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("one\r\ntwo\r\n");
    await bench.reviewer.accept(["h1"]);
    await bench.reviewer.accept(["h2"]);
    expect(bench.workshop.read("a.ts")).toBe("ONE\r\nmore\r\ntwo\r\n");
    expect(states(bench.events)).toEqual({ h1: "accepted", h2: "accepted" });
  });

  it("holds what was rejected before", async () => {
    const bench = await open({ "a.ts": "one\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await bench.reviewer.reject(["h1"]);
    await bench.land(lander, "h2", update("a.ts", "-one", "+ONE"));
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("one\n");
    expect(bench.events.findLast(({ type }) => type === "hunk.held")).toMatchObject({ verdict: { rule: "rejected-before" } });
  });

  it("keeps what a person typed into a hunk that is rejected", async () => {
    const bench = await open({ "a.ts": "one\ntwo\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await lander.finish();
    bench.workshop.write("a.ts", "ONE and mine\ntwo\n");
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("ONE and mine\ntwo\n");
    expect(bench.events.some((event) => event.type === "notice.given" && event.code === "KEPT")).toBe(true);
  });

  it("takes a created file away with all that was done to it", async () => {
    const bench = await open({});
    const lander = bench.open();
    await bench.land(lander, "h1", { kind: "create", path: "src/new.ts", content: "a\nb\n", overwrite: false });
    await bench.land(lander, "h2", update("src/new.ts", "-b", "+B"));
    await lander.finish();
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.tree()).toEqual({});
    expect(states(bench.events)).toEqual({ h1: "rejected", h2: "held" });
  });

  it("puts other words in a hunk's place, on disk and held", async () => {
    const bench = await open({ "a.ts": "one\ntwo\n", "b.ts": "one\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE", " two"));
    bench.mode = "plan";
    await bench.land(lander, "h2", update("b.ts", "-one", "+ONE"));
    await lander.finish();
    await bench.reviewer.edit("h1", "Uno\ntwo\n");
    await bench.reviewer.edit("h2", "Due\n");
    expect([bench.workshop.read("a.ts"), bench.workshop.read("b.ts")]).toEqual(["Uno\ntwo\n", "Due\n"]);
    expect(states(bench.events)).toEqual({ h1: "accepted", h2: "accepted" });
  });

  it("sees what a person changed in a hunk", async () => {
    const bench = await open({ "a.ts": "one\ntwo\nthree\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-two", "+TWO"));
    await lander.finish();
    expect((await bench.reviewer.corrections("a.ts"))?.corrections).toEqual([]);
    bench.workshop.write("a.ts", "one, mine\nTWO!\nthree\n");
    expect((await bench.reviewer.corrections("a.ts"))?.corrections).toMatchObject([{ hunk: "h1", path: "a.ts" }]);
    bench.workshop.write("a.ts", "one, mine\nTWO\nthree\n");
    expect((await bench.reviewer.corrections("a.ts"))?.corrections).toEqual([]);
  });
});

describe("a yes for each hunk", () => {
  it("waits in order, remembers early answers, and lands or rejects", async () => {
    const bench = await open({ "a.ts": "one\ntwo\nthree\n" });
    bench.mode = "step";
    const lander = bench.open();
    const first = bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    const second = bench.land(lander, "h2", update("a.ts", "-two", "+TWO"));
    const third = bench.land(lander, "h3", update("a.ts", "-three", "+THREE"));
    await expect.poll(() => states(bench.events)["h1"]).toBe("held");
    expect(bench.workshop.read("a.ts")).toBe("one\ntwo\nthree\n");
    await bench.reviewer.reject(["h2"]);
    await bench.reviewer.accept(["h1"]);
    expect((await first).state).toBe("landed");
    expect((await second).state).toBe("rejected");
    await bench.reviewer.accept(["h3"]);
    expect((await third).state).toBe("landed");
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("ONE\ntwo\nTHREE\n");
    expect(states(bench.events)).toEqual({ h1: "accepted", h2: "rejected", h3: "accepted" });
  });

  it("is undecided when the person steers, and can be given later", async () => {
    const bench = await open({ "a.ts": "one\n" });
    bench.mode = "step";
    const lander = bench.open();
    const landing = bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await expect.poll(() => states(bench.events)["h1"]).toBe("held");
    lander.release();
    expect((await landing).state).toBe("held");
    await lander.finish();
    await bench.reviewer.accept(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("ONE\n");
  });

  it("ends with a stop", async () => {
    const bench = await open({ "a.ts": "one\n" });
    bench.mode = "step";
    const lander = bench.open();
    const landing = bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await expect.poll(() => states(bench.events)["h1"]).toBe("held");
    lander.stop();
    expect((await landing).state).toBe("held");
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("one\n");
    expect(states(bench.events)).toEqual({ h1: "held" });
  });

  it("lets an earlier hunk be rejected while one waits", async () => {
    const bench = await open({ "a.ts": "one\ntwo\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    bench.mode = "step";
    const waiting = bench.land(lander, "h2", update("a.ts", "-two", "+TWO"));
    await expect.poll(() => states(bench.events)["h2"]).toBe("held");
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("one\ntwo\n");
    await bench.reviewer.accept(["h2"]);
    await waiting;
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("one\nTWO\n");
  });
});

describe("a decision on a hunk that the mode holds back", () => {
  const text = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

  it.each(["turn", "file"] as const)("takes it out before anything is written, mode %s", async (mode) => {
    const bench = await open({ "a.ts": text, "b.ts": "b\n" });
    const lander = bench.open({ mode });
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE", "+more"));
    await bench.land(lander, "h2", update("a.ts", "-four", "+FOUR"));
    await bench.reviewer.reject(["h1"], "no");
    await bench.land(lander, "h3", update("a.ts", "-eight", "+EIGHT"));
    await bench.reviewer.accept(["h2"]);
    expect(bench.workshop.read("a.ts")).toBe(text);
    await lander.finish();
    await bench.reviewer.idle();
    expect(bench.workshop.read("a.ts")).toBe(text.replace("four", "FOUR").replace("eight", "EIGHT"));
    expect(states(bench.events)).toEqual({ h1: "rejected", h2: "accepted", h3: "landed" });
    expect(bench.events.filter(({ type }) => type === "hunk.landed")).toMatchObject([
      { hunk: { line: 4 } },
      { hunk: { line: 8 } },
    ]);
    expect(bench.withdrawn).toMatchObject([{ hunk: "h1", state: "rejected", reason: "no" }]);
    await bench.reviewer.undo(["h2"]);
    expect(bench.workshop.read("a.ts")).toBe(text.replace("eight", "EIGHT"));
  });

  it("holds what stands on it: by its lines, by its file, by a move of its file", async () => {
    const bench = await open({ "a.ts": text, "b.ts": text });
    const lander = bench.open({ mode: "file" });
    await bench.land(lander, "h1", update("a.ts", "-one", "+ONE"));
    await bench.land(lander, "h2", update("a.ts", " ONE", " two", "-three", "+THREE"));
    await bench.land(lander, "h3", update("a.ts", "-seven", "+SEVEN"));
    await bench.reviewer.reject(["h1"]);
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe(text.replace("seven", "SEVEN"));
    expect(states(bench.events)).toEqual({ h1: "rejected", h2: "held", h3: "landed" });
    const turn = bench.open({ mode: "turn" });
    await bench.land(turn, "h4", update("b.ts", "-one", "+ONE"));
    await bench.land(turn, "h5", { kind: "move", path: "b.ts", to: "c.ts" });
    await bench.land(turn, "h6", update("c.ts", "-eight", "+EIGHT"));
    await bench.land(turn, "h7", { kind: "create", path: "new.ts", content: "new\n", overwrite: false });
    await bench.reviewer.reject(["h4"]);
    expect(states(bench.events)).toMatchObject({ h4: "rejected", h5: "held", h6: "held", h7: "streaming" });
    expect(turn.pending("c.ts")).toBeUndefined();
    await bench.reviewer.reject(["h7"]);
    expect(turn.pending("new.ts")).toBeUndefined();
    await turn.finish();
    expect(bench.workshop.tree()).toEqual({ "a.ts": text.replace("seven", "SEVEN"), "b.ts": text });
  });
});
