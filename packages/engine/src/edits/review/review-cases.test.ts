import fs from "node:fs";
import { type EventBody, type HunkId, type Review, reviewEvent } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench, update } from "../../../test/landing/review-bench.ts";
import type { Files } from "../../host/files.ts";
import type { HunkDraft, UpdateDraft } from "../edits.ts";
import { judgeWith, must } from "../../../test/landing/workshop.ts";
import { createLander } from "../landing/land.ts";
import { applyUndo, planUndo } from "../undo/undo.ts";

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

async function open(files: Record<string, string>, port?: (files: Files) => Files): Promise<ReviewBench> {
  const bench = await openReviewBench({ files, ...(port && { port }) });
  benches.push(bench);
  return bench;
}

function states({ events }: ReviewBench): Record<HunkId, string> {
  const review: Review = new Map();
  for (const event of events) reviewEvent(review, event);
  return Object.fromEntries([...review].map(([id, { state }]) => [id, state]));
}

const notices = ({ events }: ReviewBench): string[] =>
  events.flatMap((event) => (event.type === "notice.given" ? [`${event.code} ${event.message}`] : []));

/** When the event has been told. */
function told<T extends EventBody["type"]>(bench: ReviewBench, type: T, hunk: HunkId): Promise<void> {
  return new Promise((resolve) => {
    const look = (event: EventBody): void => {
      if (event.type !== type || !("hunk" in event)) return;
      if ((typeof event.hunk === "string" ? event.hunk : event.hunk.id) === hunk) resolve();
    };
    bench.events.forEach(look);
    bench.onEvent = look;
  });
}

describe("what stands on what", () => {
  it("is known although somebody typed in front of it meanwhile", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n4\n5\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    bench.workshop.write("a.ts", "mine\n1\n2\nthree\n4\n5\nmine too\n");
    await bench.land(lander, "h2", update("a.ts", " three", "+more", " 4"));
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("mine\n1\n2\n3\n4\n5\nmine too\n");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "held" });
  });

  it("is not everything between the places where somebody typed", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n4\n5\n6\n7\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-2", "+two"));
    bench.workshop.write("a.ts", "mine\n1\ntwo\n3\n4\n5\n6\n7\nmine\n");
    await bench.land(lander, "h2", update("a.ts", "-4", "+four"));
    await bench.land(lander, "h3", update("a.ts", "-6", "+six"));
    await bench.reviewer.reject(["h2"]);
    expect(states(bench)).toEqual({ h1: "landed", h2: "rejected", h3: "landed" });
    expect(bench.workshop.read("a.ts")).toBe("mine\n1\ntwo\n3\n4\n5\nsix\n7\nmine\n");
  });

  it("is not the lines that an other hunk kept between its changes", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n4\n5\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one", " 2", " 3", " 4", "-5", "+five"));
    await bench.land(lander, "h2", update("a.ts", "-3", "+three"));
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\nthree\n4\n5\n");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "landed" });
  });

  it("is back with what was put in another's place, when that goes", async () => {
    const bench = await open({ "a.ts": "1\n2\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.land(lander, "h2", update("a.ts", "-one", "+uno"));
    await bench.reviewer.undo(["h2"]);
    await bench.land(lander, "h3", update("a.ts", " one", "+after"));
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "undone", h3: "held" });
  });

  it("does not land before its ground", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", " 1", "+one"));
    await bench.land(lander, "h2", update("a.ts", " one", " 2", "+two"));
    await bench.reviewer.reject(["h1"]);
    await bench.reviewer.accept(["h2"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "held" });
    expect(notices(bench)).toEqual(["HUNK_STATE h2: It stands on h1, not on disk. Accept h1 first."]);
    await bench.reviewer.accept(["h2", "h1"]);
    expect(bench.workshop.read("a.ts")).toBe("1\none\n2\ntwo\n3\n");
    expect(states(bench)).toEqual({ h1: "accepted", h2: "accepted" });
  });

  it("keeps its ground on disk where a person has typed into it", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n4\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.land(lander, "h2", update("a.ts", " one", "-2", "+two"));
    await bench.land(lander, "h3", update("a.ts", "-4", "+four"));
    bench.workshop.write("a.ts", "one\ntwo, mine\n3\nfour\n");
    await bench.reviewer.reject(["h1", "h3"]);
    expect(bench.workshop.read("a.ts")).toBe("one\ntwo, mine\n3\n4\n");
    expect(states(bench)).toEqual({ h1: "landed", h2: "landed", h3: "rejected" });
    expect(notices(bench)[0]).toContain("h1 stays in a.ts: h2 stands on it and cannot leave");
  });

  it("is all that was done to a moved file, and to the file before it was moved", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.land(lander, "h2", { kind: "move", path: "a.ts", to: "deep/b.ts" });
    await bench.land(lander, "h3", update("deep/b.ts", "-3", "+three"));
    await bench.reviewer.reject(["h2"]);
    expect(bench.workshop.tree()).toEqual({ "a.ts": "one\n2\n3\n" });
    expect(states(bench)).toEqual({ h1: "landed", h2: "rejected", h3: "held" });
    await bench.reviewer.accept(["h2", "h3"]);
    expect(bench.workshop.tree()).toEqual({ "deep/b.ts": "one\n2\nthree\n" });
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.tree()).toEqual({ "a.ts": "1\n2\n3\n" });
    expect(states(bench)).toEqual({ h1: "rejected", h2: "held", h3: "held" });
  });
});

describe("a file that goes and comes again", () => {
  it("has nothing of what was known of its lines before", async () => {
    const bench = await open({ "a.ts": "1\n2\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1"));
    await bench.land(lander, "h2", { kind: "delete", path: "a.ts" });
    await bench.land(lander, "h3", { kind: "create", path: "a.ts", content: "new\n", overwrite: false });
    await bench.reviewer.undo(["h1"]);
    expect(bench.workshop.tree()).toEqual({ "a.ts": "1\n2\n" });
    expect(states(bench)).toEqual({ h1: "undone", h2: "held", h3: "held" });
    await bench.reviewer.accept(["h1", "h2", "h3"]);
    expect(bench.workshop.tree()).toEqual({ "a.ts": "new\n" });
  });
});

describe("a hunk leaves without its neighbours noticing", () => {
  it("where another one put something in at the place of what it took out", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-2"));
    await bench.land(lander, "h2", update("a.ts", " 1", "+new"));
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts").split("\n").sort().join()).toBe(",1,2,3,new");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "landed" });
  });

  it("with its line endings, its byte order mark and its odd last line", async () => {
    const text = "\ufeff1\r\n2\r\n3\n4";
    const bench = await open({ "a.ts": text });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one", "+uno"));
    await bench.land(lander, "h2", update("a.ts", "-3", "-4"));
    await bench.land(lander, "h3", { kind: "substitute", path: "a.ts", oldText: "un", newText: "UN", everywhere: false });
    expect(bench.workshop.read("a.ts")).toBe("\ufeffone\r\nUNo\r\n2");
    await bench.reviewer.reject(["h2", "h1"]);
    expect(bench.workshop.read("a.ts")).toBe(text);
    await bench.reviewer.accept(["h1", "h3", "h2"]);
    expect(bench.workshop.read("a.ts")).toBe("\ufeffone\r\nUNo\r\n2");
  });

  it("in the middle of the landing of others in the same file, placed by line numbers", async () => {
    const bench = await open({ "a.ts": `${"same\n".repeat(3)}x\n${"same\n".repeat(9)}` });
    const lander = bench.open();
    const at = (line: number, draft: UpdateDraft): HunkDraft => ({ ...draft, line });
    await bench.land(lander, "h1", at(4, update("a.ts", "-x", "+x1", "+x2", "+x3")));
    await bench.land(lander, "h2", at(6, update("a.ts", "-same", "+sixth")));
    const rejecting = bench.reviewer.reject(["h1"]);
    // Placed in the file as it is, not put together with it afterwards.
    expect(await bench.land(lander, "h3", at(9, update("a.ts", "-same", "+ninth")))).toMatchObject({ merged: false });
    await rejecting;
    await bench.land(lander, "h4", at(11, update("a.ts", "-same", "+eleventh")));
    await lander.finish();
    const lines = bench.workshop.read("a.ts").split("\n");
    expect([lines[3], lines[5], lines[8], lines[10], lines.length]).toEqual(["x", "sixth", "ninth", "eleventh", 14]);
    expect(states(bench)).toMatchObject({ h1: "rejected", h2: "landed", h3: "landed", h4: "landed" });
  });

  it("when the person has taken it out by hand", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-2", "+two"));
    await bench.land(lander, "h2", update("a.ts", "-3"));
    bench.workshop.write("a.ts", "1\n2\n3\n");
    await bench.reviewer.reject(["h1", "h2"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
    expect(states(bench)).toEqual({ h1: "rejected", h2: "rejected" });
    fs.rmSync(`${bench.workshop.root}/a.ts`);
    await bench.land(lander, "h3", { kind: "create", path: "b.ts", content: "b\n", overwrite: false });
    fs.rmSync(`${bench.workshop.root}/b.ts`);
    await bench.reviewer.reject(["h3"]);
    expect(bench.workshop.tree()).toEqual({});
  });
});

describe("plan", () => {
  it("holds what stands on what is only planned, and lands it in order", async () => {
    const bench = await open({ "a.ts": "1\n" });
    bench.mode = "plan";
    const lander = bench.open();
    const outcomes = [
      await bench.land(lander, "h1", update("a.ts", "-1", "+one")),
      await bench.land(lander, "h2", update("a.ts", " one", "+two")),
      await bench.land(lander, "h3", { kind: "create", path: "b.ts", content: "b\n", overwrite: false }),
      await bench.land(lander, "h4", update("b.ts", "-b", "+B")),
    ];
    expect(outcomes.map((outcome) => (outcome.state === "held" ? outcome.verdict.rule : outcome.state))).toEqual(
      Array(4).fill("plan"),
    );
    expect(outcomes[1]?.hunk).toMatchObject({ line: 0, linesAdded: 1, linesRemoved: 0 });
    await bench.reviewer.accept(["h2"]);
    expect(states(bench)).toEqual({ h1: "held", h2: "held", h3: "held", h4: "held" });
    await bench.reviewer.accept(["h4", "h3", "h2", "h1"]);
    await lander.finish();
    expect(bench.workshop.tree()).toEqual({ "a.ts": "one\ntwo\n", "b.ts": "B\n" });
    expect(new Set(Object.values(states(bench)))).toEqual(new Set(["accepted"]));
  });

  it("fails what finds no place any more", async () => {
    const bench = await open({ "a.ts": "1\n" });
    bench.mode = "plan";
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    bench.workshop.write("a.ts", "mine\n");
    await bench.reviewer.accept(["h1"]);
    expect(states(bench)).toEqual({ h1: "failed" });
    expect(bench.workshop.read("a.ts")).toBe("mine\n");
  });
});

describe("step", () => {
  it("asks again after a release, and for what came before the mode was left", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    bench.mode = "step";
    const lander = bench.open();
    const first = [
      bench.land(lander, "h1", update("a.ts", "-1", "+one")),
      bench.land(lander, "h2", update("a.ts", "-2", "+two")),
    ];
    await told(bench, "hunk.held", "h1");
    lander.release();
    expect((await Promise.all(first)).map(({ state }) => state)).toEqual(["held", "held"]);
    const third = bench.land(lander, "h3", update("a.ts", "-3", "+three"));
    await told(bench, "hunk.held", "h3");
    bench.mode = "flow";
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
    await bench.reviewer.accept(["h3"]);
    expect((await third).state).toBe("landed");
    await bench.reviewer.accept(["h1"]);
    await bench.reviewer.reject(["h2"], "no");
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("one\n2\nthree\n");
    expect(states(bench)).toEqual({ h1: "accepted", h2: "rejected", h3: "accepted" });
  });

  it("keeps for the person what waits when the turn is stopped, and lands nothing of it by itself", async () => {
    const bench = await open({ "a.ts": "1\n2\n" });
    bench.mode = "step";
    const lander = bench.open();
    const landing = [
      bench.land(lander, "h1", update("a.ts", "-1", "+one")),
      bench.land(lander, "h2", update("a.ts", "-2", "+two")),
    ];
    await told(bench, "hunk.held", "h1");
    lander.stop();
    expect((await Promise.all(landing)).map(({ state }) => state)).toEqual(["held", "held"]);
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n");
    await bench.reviewer.accept(["h2", "h1"]);
    expect(bench.workshop.read("a.ts")).toBe("one\ntwo\n");
  });

  it("lands other words of the person, also for a hunk whose turn has not come", async () => {
    const bench = await open({ "a.ts": "1\n2\n" });
    bench.mode = "step";
    const lander = bench.open();
    const landing = [
      bench.land(lander, "h1", update("a.ts", "-1", "+one")),
      bench.land(lander, "h2", update("a.ts", " 1", "-2", "+two")),
    ];
    await told(bench, "hunk.held", "h1");
    await bench.reviewer.edit("h2", "1\ndue\n");
    await bench.reviewer.reject(["h1"]);
    expect((await Promise.all(landing)).map(({ state }) => state)).toEqual(["rejected", "landed"]);
    await lander.finish();
    expect(bench.workshop.read("a.ts")).toBe("1\ndue\n");
    expect(bench.reviewer.lines("h2")).toEqual([
      { op: "keep", text: "1" },
      { op: "remove", text: "2" },
      { op: "add", text: "due" },
    ]);
    expect(states(bench)).toEqual({ h1: "rejected", h2: "accepted" });
  });

  it("says why it was refused", async () => {
    const bench = await open({ "a.ts": "1\n" });
    bench.mode = "step";
    const lander = bench.open();
    const landing = bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.reviewer.reject(["h1"], "too short");
    await landing;
    expect(bench.events.at(-1)).toEqual({ type: "hunk.rejected", hunk: "h1", path: "a.ts", reason: "too short" });
    expect(bench.withdrawn).toMatchObject([{ hunk: "h1", reason: "too short", state: "rejected" }]);
  });
});

describe("proposed again", () => {
  it.each<[string, HunkDraft, HunkDraft]>([
    [
      "lines, otherwise said",
      update("a.ts", "-1", "+one", " 2"),
      { kind: "substitute", path: "./a.ts", oldText: "1\n", newText: "one\n", everywhere: false },
    ],
    ["a file less", { kind: "delete", path: "a.ts" }, { kind: "delete", path: "a.ts" }],
    ["a move", { kind: "move", path: "a.ts", to: "b.ts" }, { kind: "move", path: "a.ts", to: "b.ts" }],
    [
      "a new file",
      { kind: "create", path: "b.ts", content: "b\n", overwrite: false },
      { kind: "rewrite", path: "b.ts", content: "b\n" },
    ],
  ])("%s: held, also in a later process, until it is accepted", async (_, first, again) => {
    const bench = await open({ "a.ts": "1\n2\n" });
    await bench.land(bench.open(), "h1", first);
    await bench.reviewer.reject(["h1"]);
    await bench.resume();
    const lander = bench.open();
    expect(await bench.land(lander, "h2", again)).toMatchObject({ state: "held", verdict: { rule: "rejected-before" } });
    expect(bench.workshop.tree()).toEqual({ "a.ts": "1\n2\n" });
    await bench.reviewer.accept(["h2"]);
    expect(states(bench)).toEqual({ h1: "rejected", h2: "accepted" });
    await bench.reviewer.undo(["h2"]);
    await lander.finish();
    await bench.resume();
    expect(await bench.land(bench.open(), "h3", again)).toMatchObject({ state: "landed" });
  });
});

describe("a later process", () => {
  it("knows lines, takes back, lands what was refused before it landed, and what was held", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n4\n5\n6\n7\n8\n9\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-5", "+five"));
    bench.mode = "plan";
    await bench.land(lander, "h2", update("a.ts", "-9", "+nine"));
    await bench.land(lander, "h3", update("a.ts", "-1", "+one"));
    await bench.reviewer.reject(["h3"]);
    await lander.finish();
    await bench.resume();
    expect(bench.reviewer.lines("h1")?.map(({ op, text }) => `${op} ${text}`)).toEqual([
      ...["keep 2", "keep 3", "keep 4", "remove 5", "add five", "keep 6", "keep 7", "keep 8"],
    ]);
    expect(bench.reviewer.lines("h2")).toEqual([
      { op: "remove", text: "9" },
      { op: "add", text: "nine" },
    ]);
    await bench.reviewer.reject(["h1"]);
    await bench.reviewer.accept(["h2", "h3"]);
    expect(bench.workshop.read("a.ts")).toBe("one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    await bench.reviewer.edit("h1", "2\n3\n4\ncinque\n6\n7\n8\n");
    expect(bench.workshop.read("a.ts")).toBe("one\n2\n3\n4\ncinque\n6\n7\n8\nnine\n");
    expect(states(bench)).toEqual({ h1: "accepted", h2: "accepted", h3: "accepted" });
  });
});

describe("other words", () => {
  it("stand in the middle of a line, and with the line endings of the file", async () => {
    const bench = await open({ "a.ts": "let one = 1;\r\nlet two = 2;\r\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", {
      kind: "substitute",
      path: "a.ts",
      oldText: "two = 2",
      newText: "due = 2",
      everywhere: false,
    });
    await bench.land(lander, "h2", update("a.ts", " let one = 1;", "+let half = 0.5;"));
    bench.workshop.write("a.ts", `// mine\r\n${bench.workshop.read("a.ts")}`);
    const lines = [
      { op: "remove" as const, text: "two = 2" },
      { op: "add" as const, text: "due = 2" },
    ];
    bench.reviewer.observe({ type: "hunk.closed", hunk: bench.reviewer.review.get("h1")!.hunk, lines });
    await bench.reviewer.edit("h1", "zwei = 2\n");
    await bench.reviewer.edit("h2", "let one = 1;\nlet halb = 0.5;\nlet drittel = 1 / 3;\n");
    expect(bench.workshop.read("a.ts")).toBe(
      "// mine\r\nlet one = 1;\r\nlet halb = 0.5;\r\nlet drittel = 1 / 3;\r\nlet zwei = 2;\r\n",
    );
    await bench.reviewer.reject(["h2"]);
    expect(bench.workshop.read("a.ts")).toBe("// mine\r\nlet one = 1;\r\nlet zwei = 2;\r\n");
  });

  it("change nothing where the lines are others by now", async () => {
    const bench = await open({ "a.ts": "1\n2\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    bench.workshop.write("a.ts", "one, mine\n2\n");
    await bench.reviewer.edit("h1", "uno\n");
    expect(bench.workshop.read("a.ts")).toBe("one, mine\n2\n");
    expect(states(bench)).toEqual({ h1: "landed" });
    expect(notices(bench)[0]).toContain("HUNK_CONFLICT");
  });
});

describe("what a yes cannot do", () => {
  it("land what a rule blocks, what is unknown, or what found no place", async () => {
    const bench = await open({ "a.ts": "1\n" });
    const secret = { decision: "block" as const, rule: "secret", reason: "it holds a key", wayOut: "Take the key out." };
    const judge = judgeWith({ refusals: () => [secret] });
    const lander = createLander({ ...bench.workshop.deps, judge }, { mode: "hunk", dryRun: false, onEvent: bench.tell });
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.land(bench.open(), "h2", update("a.ts", "-nowhere", "+x"));
    await bench.reviewer.accept(["h1", "h2", "h9"]);
    await bench.reviewer.undo(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n");
    expect(states(bench)).toEqual({ h1: "held", h2: "failed" });
    expect(notices(bench).map((text) => text.split(":")[0])).toEqual([
      "HUNK_UNKNOWN h9",
      "HUNK_STATE h1",
      "HUNK_STATE h2",
      "HUNK_STATE h1",
    ]);
  });

  it("write a turn that lands as a whole before its end", async () => {
    const bench = await open({ "a.ts": "1\n2\n", "b.ts": "1\n" });
    await bench.land(bench.open(), "h1", update("b.ts", "-1", "+one"));
    const lander = bench.open({ mode: "turn" });
    await bench.land(lander, "h2", update("a.ts", "-1", "+one"));
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.tree()).toEqual({ "a.ts": "1\n2\n", "b.ts": "1\n" });
    await lander.finish();
    expect(bench.workshop.tree()).toEqual({ "a.ts": "one\n2\n", "b.ts": "1\n" });
    expect(states(bench)).toEqual({ h1: "rejected", h2: "landed" });
  });
});

describe("a correction", () => {
  it("is never a hunk of ours that is just on its way to the disk", async () => {
    const found: unknown[] = [];
    const port = (files: Files): Files => ({
      ...files,
      async stage(name, options) {
        // The write is in the journal by now, and not on disk.
        if (benches.length > 0) found.push((await bench.reviewer.corrections("a.ts"))?.corrections ?? []);
        return files.stage(name, options);
      },
    });
    const bench = await open({ "a.ts": "1\n2\n3\n" }, port);
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one", "+uno"));
    await bench.land(lander, "h2", update("a.ts", "-one", "+eins"));
    await bench.land(lander, "h3", update("a.ts", "-3", "+three"));
    await bench.reviewer.reject(["h2"]);
    await lander.finish();
    expect(found).toEqual([[], [], [], []]);
    bench.workshop.write("a.ts", bench.workshop.read("a.ts").replace("uno", "UNO"));
    expect((await bench.reviewer.corrections("a.ts"))?.corrections).toEqual([
      ...[
        {
          hunk: "h1",
          path: "a.ts",
          line: 2,
          lines: [
            { op: "remove", text: "uno" },
            { op: "add", text: "UNO" },
          ],
        },
      ],
    ]);
  });
});

describe("another process", () => {
  it("may take something back meanwhile, which is known at the next decision", async () => {
    const bench = await open({ "a.ts": "1\n2\n3\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+one"));
    await bench.land(lander, "h2", update("a.ts", " one", "+more"));
    await bench.land(lander, "h3", update("a.ts", "-3", "+three"));
    await lander.finish();
    const { root, state, deps } = bench.workshop;
    const undo = { root, state, files: deps.files, lock: deps.lock, clock: deps.clock };
    await bench.workshop.journal.flush();
    for (const id of ["h2", "h1"]) must(await applyUndo(undo, must(await planUndo(undo, { kind: "hunk", id }))));
    expect(bench.workshop.read("a.ts")).toBe("1\n2\nthree\n");
    await bench.reviewer.reject(["h1", "h3"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
    await bench.reviewer.accept(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("one\n2\n3\n");
    expect(states(bench)).toMatchObject({ h1: "accepted", h3: "rejected" });
  });
});
