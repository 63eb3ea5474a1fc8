import fs from "node:fs";
import path from "node:path";
import { type EventBody, type HunkId, type Review, reviewEvent } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench, update } from "../../../test/landing/review-bench.ts";
import { planUndo } from "../undo/undo.ts";

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

async function open(files: Record<string, string>): Promise<ReviewBench> {
  const bench = await openReviewBench({ files });
  benches.push(bench);
  return bench;
}

function states({ events }: { readonly events: readonly EventBody[] }): Record<HunkId, string> {
  const review: Review = new Map();
  for (const event of events) reviewEvent(review, event);
  return Object.fromEntries([...review].map(([id, { state }]) => [id, state]));
}

const notices = ({ events }: ReviewBench): string[] =>
  events.flatMap((event) => (event.type === "notice.given" ? [`${event.code} ${event.message}`] : []));

const numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

describe("a hunk that somebody took off the disk from outside", () => {
  it("owns nothing any more, also when the same change has landed again", async () => {
    const bench = await open({ "a.ts": numbers });
    const first = bench.open();
    await bench.land(first, "h1", update("a.ts", "-3", "+three"));
    await bench.land(first, "h2", update("a.ts", "-7", "+seven"));
    bench.workshop.write("a.ts", numbers);
    const second = bench.open();
    await bench.land(second, "h3", update("a.ts", "-3", "+three"));
    await bench.reviewer.accept(["h3"]);
    await bench.reviewer.reject(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe(numbers.replace("3", "three"));
    expect(states(bench)).toEqual({ h1: "rejected", h2: "undone", h3: "accepted" });
    const plan = await planUndo(
      { ...bench.workshop.deps, state: bench.workshop.state, current: bench.workshop.journal },
      { kind: "session" },
    );
    expect(plan).toMatchObject({ ok: true, value: { hunks: ["h3"] } });
  });

  it("is told once, with the model, and is gone for a later process as well", async () => {
    const bench = await open({ "a.ts": numbers, "b.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    await bench.land(lander, "h2", update("b.ts", "-3", "+three"));
    await bench.reviewer.accept(["h1", "h2"]);
    bench.workshop.write("a.ts", numbers);
    expect(await bench.reviewer.lookOutside()).toEqual(["h1"]);
    expect(await bench.reviewer.lookOutside()).toEqual([]);
    expect(states(bench)).toEqual({ h1: "undone", h2: "accepted" });
    expect(notices(bench)).toEqual(["TAKEN_BACK h1 is not on disk any more: it was taken back outside of twolane."]);
    expect(bench.withdrawn).toMatchObject([{ hunk: "h1", state: "undone" }]);
    await bench.resume();
    expect((await bench.reviewer.histories()).map(({ path }) => path)).toEqual(["b.ts"]);
    expect(states(bench)).toEqual({ h1: "undone", h2: "accepted" });
  });

  it("is seen when a session goes on", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    bench.workshop.write("a.ts", `mine\n${numbers}`);
    await bench.resume();
    expect(states(bench)).toEqual({ h1: "undone" });
  });

  it("does not come back with a yes to all", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    bench.workshop.write("a.ts", numbers.replace("3", "drei"));
    bench.workshop.write("a.ts", numbers);
    await bench.reviewer.accept(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe(numbers);
    expect(states(bench)).toEqual({ h1: "undone" });
    await bench.reviewer.accept(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe(numbers.replace("3", "three"));
  });

  it.each([
    ["alone, beside one that stays", "1\n2\n3\nfour\n5\n6\n7\n8\n9\n", { h1: "undone", h2: "landed", h3: "undone" }],
    [
      "in a file that holds more of theirs",
      "mine\n1\n2\nthree\n4\n5\n6\n7\n8\n9\n",
      { h1: "landed", h2: "undone", h3: "undone" },
    ],
    ["never by a part", "1\n2\ndrei\nfour\n5\n6\n7\n8\nnine\nten\n", { h1: "landed", h2: "landed", h3: "landed" }],
    [
      "not where its line stands beside what is back",
      "1\n2\n3\nthree\n5\n6\n7\n8\n9\n",
      { h1: "landed", h2: "landed", h3: "undone" },
    ],
    ["not where its lines are other ones", "1\n2\n3\nvier\n5\n6\n7\n8\n9\n", { h1: "undone", h2: "landed", h3: "undone" }],
    [
      "not where it was only moved",
      "1\n2\nthree\n4\nfour\n5\n6\n7\n8\nnine\nten\n",
      { h1: "landed", h2: "landed", h3: "landed" },
    ],
  ])("is known %s", async (_, now, wanted) => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    await bench.land(lander, "h2", update("a.ts", "-4", "+four"));
    await bench.land(lander, "h3", update("a.ts", "-9", "+nine", "+ten"));
    bench.workshop.write("a.ts", now);
    await bench.reviewer.lookOutside();
    expect(states(bench)).toEqual(wanted);
    await bench.reviewer.accept(["h1"].filter((hunk) => wanted[hunk as "h1"] === "landed"));
    expect(bench.workshop.read("a.ts")).toBe(now);
  });

  it("goes with all that stood on it, or leaves its ground", async () => {
    const bench = await open({ "a.ts": numbers, "b.ts": numbers });
    const lander = bench.open();
    for (const file of ["a.ts", "b.ts"]) {
      await bench.land(lander, `${file} 1`, update(file, "-3", "+three"));
      await bench.land(lander, `${file} 2`, update(file, "-three", "+drei"));
    }
    bench.workshop.write("a.ts", `mine\n${numbers}`);
    bench.workshop.write("b.ts", `mine\n${numbers.replace("3", "three")}`);
    await bench.reviewer.lookOutside();
    expect(states(bench)).toEqual({ "a.ts 1": "undone", "a.ts 2": "undone", "b.ts 1": "landed", "b.ts 2": "undone" });
    await bench.reviewer.reject(["b.ts 1"]);
    expect(bench.workshop.read("b.ts")).toBe(`mine\n${numbers}`);
  });

  it("is not one whose ground somebody took a part of", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three", "+more"));
    await bench.land(lander, "h2", update("a.ts", "-more", "+mehr"));
    bench.workshop.write("a.ts", numbers.replace("3", "3\nmehr"));
    expect(await bench.reviewer.lookOutside()).toEqual([]);
  });

  it("is a file that was made, or a file that is there again", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", { kind: "create", path: "new.ts", content: "new\n", overwrite: false });
    await bench.land(lander, "h2", { kind: "delete", path: "a.ts" });
    bench.workshop.write("a.ts", numbers);
    fs.rmSync(path.join(bench.workshop.root, "new.ts"));
    expect(await bench.reviewer.lookOutside()).toEqual(["h1", "h2"]);
    expect(notices(bench)).toEqual(["TAKEN_BACK h1, h2 are not on disk any more: they were taken back outside of twolane."]);
  });

  it("is one that was taken back before and came again", async () => {
    const bench = await open({});
    const lander = bench.open();
    await bench.land(lander, "h1", { kind: "create", path: "new.ts", content: "new\n", overwrite: false });
    fs.rmSync(path.join(bench.workshop.root, "new.ts"));
    await bench.reviewer.reject(["h1"]);
    await bench.land(lander, "h2", { kind: "create", path: "new.ts", content: "other\n", overwrite: false });
    fs.rmSync(path.join(bench.workshop.root, "new.ts"));
    expect(await bench.reviewer.lookOutside()).toEqual(["h2"]);
  });

  it("leaves with what was typed into it", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-3", "+three"));
    bench.workshop.write("a.ts", numbers.replace("3", "drei"));
    await bench.land(lander, "h2", update("a.ts", "-7", "+seven"));
    bench.workshop.write("a.ts", numbers);
    expect(await bench.reviewer.lookOutside()).toEqual(["h1", "h2"]);
  });

  it.each([
    ["gone with the change of the line below it, made before", "let a = 1;\nlet b = 2;\n", "undone"],
    ["gone where another line stands in its stead", "let a = 1;\nimport x;\nlet b = 200;\n", "undone"],
    ["corrected where its line is another", "let a = 1;\nlog(a, b);\nlet b = 2;\n", "landed"],
    ["corrected where its line was made one with the line below", "let a = 1;\nlog(a); let b = 200;\n", "landed"],
  ])("only put a line in, and is %s", async (_, now, wanted) => {
    const bench = await open({ "a.ts": "let a = 1;\nlet b = 200;\n" });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", " let a = 1;", "+log(a);"));
    bench.workshop.write("a.ts", now);
    await bench.reviewer.lookOutside();
    expect(states(bench)).toEqual({ h1: wanted });
  });

  it("came back to a file that has changed since, which then is what it was before all", async () => {
    const bench = await open({ "a.ts": numbers });
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", " 1", "+one"));
    bench.workshop.write("a.ts", numbers.replace("1\n", "one\n"));
    await bench.reviewer.reject(["h1"]);
    await bench.reviewer.accept(["h1"]);
    expect(states(bench)).toEqual({ h1: "accepted" });
    bench.workshop.write("a.ts", numbers);
    expect(await bench.reviewer.lookOutside()).toEqual(["h1"]);
  });
});
