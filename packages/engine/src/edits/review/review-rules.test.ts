/** A person's answers to rules: what a yes covers, and what it does not. */
import { afterEach, describe, expect, it } from "vitest";
import type { HunkFacts, Refusal } from "@twolane/policy";
import { type ReviewBench, openReviewBench, update } from "../../../test/landing/review-bench.ts";

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

const hold = (rule: string, decision: Refusal["decision"] = "hold"): Refusal => ({
  ...{ decision, rule, reason: `${rule} says no`, wayOut: "Ask.", subject: rule },
});

/** Lines that name a rule are held by it. */
async function open(rules = { strict: true }): Promise<ReviewBench> {
  const refusals = ({ added }: HunkFacts): Refusal[] =>
    rules.strict
      ? ["secret", "package"].filter((rule) => added.some((line) => line.includes(rule))).map((rule) => hold(rule))
      : [];
  const blocked = (facts: HunkFacts): Refusal[] =>
    facts.added.some((line) => line.includes("vendor")) ? [hold("vendor", "block")] : refusals(facts);
  const bench = await openReviewBench({ files: { "a.ts": "1\n2\n3\n" }, policy: { refusals: blocked } });
  benches.push(bench);
  return bench;
}

const state = (bench: ReviewBench, hunk: string): string => bench.reviewer.review.get(hunk)?.state ?? "none";
const allowed = (bench: ReviewBench): unknown[] =>
  bench.events.flatMap((event) =>
    event.type === "hunk.allowed" ? [[event.for, event.rules.map(({ rule }) => rule).join()]] : [],
  );

describe("an answer to a rule", () => {
  it("lands the hunk once, and the next is asked about again", async () => {
    const bench = await open();
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+secret one"));
    await bench.reviewer.allow(["h1"], "once");
    await bench.land(lander, "h2", update("a.ts", "-2", "+secret two"));
    expect([state(bench, "h1"), state(bench, "h2")]).toEqual(["accepted", "held"]);
    expect(allowed(bench)).toEqual([["once", "secret"]]);
    expect(bench.workshop.read("a.ts")).toBe("secret one\n2\n3\n");
  });

  it("for the session lands what is like it, and never rejects it at once; another rule is another question", async () => {
    const bench = await open();
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+secret one"));
    await bench.reviewer.allow(["h1"], "session");
    await bench.land(lander, "h2", update("a.ts", "-2", "+secret two"));
    await bench.land(lander, "h3", update("a.ts", "-3", "+secret package"));
    expect([state(bench, "h2"), state(bench, "h3")]).toEqual(["landed", "held"]);
    await bench.reviewer.allow(["h3"], "never");
    const outcome = await bench.land(lander, "h4", update("a.ts", "-3", "+package"));
    expect([state(bench, "h3"), state(bench, "h4"), outcome.state]).toEqual(["rejected", "rejected", "rejected"]);
    expect(bench.workshop.read("a.ts")).toBe("secret one\nsecret two\n3\n");
  });

  it("cannot be a yes to a block, and says why", async () => {
    const bench = await open();
    await bench.land(bench.open(), "h1", update("a.ts", "-1", "+vendor"));
    await bench.reviewer.accept(["h1"]);
    await bench.reviewer.allow(["h1"], "session");
    expect(state(bench, "h1")).toBe("held");
    const notices = bench.events.flatMap((event) => (event.type === "notice.given" ? [event.message] : []));
    expect(notices[0]).toContain("The rule vendor blocks it: vendor says no. Ask.");
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
  });

  it("is bound to the words: an edited hunk is judged anew", async () => {
    const bench = await open();
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+secret"));
    await lander.finish();
    await bench.reviewer.edit("h1", "package\n");
    expect([state(bench, "h1"), bench.workshop.read("a.ts")]).toEqual(["held", "1\n2\n3\n"]);
    await bench.reviewer.edit("h1", "harmless\n");
    expect([state(bench, "h1"), bench.workshop.read("a.ts")]).toEqual(["accepted", "harmless\n2\n3\n"]);
  });

  it("is asked of what comes back as well, and undo is never judged", async () => {
    const rules = { strict: false };
    const bench = await open(rules);
    const lander = bench.open();
    await bench.land(lander, "h1", update("a.ts", "-1", "+secret"));
    await lander.finish();
    rules.strict = true;
    await bench.reviewer.undo(["h1"]);
    expect(bench.workshop.read("a.ts")).toBe("1\n2\n3\n");
    // As a rewind brings it back: nobody has said yes.
    await bench.reviewer.accept(["h1"], false);
    expect([state(bench, "h1"), bench.workshop.read("a.ts")]).toEqual(["held", "1\n2\n3\n"]);
    await bench.reviewer.accept(["h1"]);
    expect([state(bench, "h1"), bench.workshop.read("a.ts")]).toEqual(["accepted", "secret\n2\n3\n"]);
  });
});
