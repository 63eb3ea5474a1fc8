/** What goes from the fast lane to the deep one: the person's words and what was measured, and of what was refused only the place and the reason. */
import type { EventBody, Evidence, Hunk, HunkLine, Review } from "@twolane/protocol";
import { reviewEvent } from "@twolane/protocol";
import { expect, it } from "vitest";
import { briefOf, hiddenBrief, noFacts, noteForBrief } from "./brief.ts";

const hunk = (id: string, path: string): Hunk => ({
  ...{ id, turn: "t1", operation: "update", path, line: 7, linesRemoved: 1, linesAdded: 1 },
});
const lines = (id: string): readonly HunkLine[] => [
  { op: "remove", text: `old of ${id}` },
  { op: "add", text: `new of ${id}` },
];
const landed = (id: string, path: string): EventBody => ({
  ...{ type: "hunk.landed", hunk: hunk(id, path), rung: "exact", merged: false, dryRun: false },
});
const evidence = {
  ...{ outcome: "failed", counts: { passed: 3, failed: 1, skipped: 0 } },
  failure: { path: "test/a.test.ts", line: 12, name: "adds", message: "1 is not 2" },
} as unknown as Evidence;

function briefAfter(goal: string, events: readonly EventBody[]) {
  const facts = noFacts();
  const review: Review = new Map();
  for (const event of events) {
    noteForBrief(facts, event);
    reviewEvent(review, event);
  }
  const ports = {
    review,
    lines,
    named: ["src/named.ts"],
    hash: (path: string) => (path === "gone.ts" ? undefined : `hash of ${path}`),
  };
  return briefOf({ goal, constraints: [{ kind: "no-dependencies" }] }, facts, ports);
}

const session: readonly EventBody[] = [
  { type: "turn.started", turn: "t1", prompt: "make the parser faster" },
  landed("h1", "src/a.ts"),
  landed("h2", "src/b.ts"),
  landed("h3", "gone.ts"),
  { type: "turn.steered", turn: "t1", text: "keep the public names" },
  { type: "hunk.rejected", hunk: "h2", path: "src/b.ts", reason: "no caching" },
  { type: "workflow.answered", workflow: "refactor", answer: "yes" },
  { type: "scope.changed", scope: ["src/"] },
  { type: "tests.ended", evidence },
  { type: "turn.started", turn: "t2", prompt: "/take d1" },
];

it("has the words, the decisions, the files with hashes, what is open and what fails", () => {
  const brief = briefAfter("move the parser to a worker", session);
  expect(brief.goal).toBe("move the parser to a worker");
  expect(brief.constraints.join("\n")).toMatch(/dependenc[\s\S]*only src\//);
  expect(brief.decisions).toEqual([
    "It was asked before: make the parser faster",
    "It was asked before: keep the public names",
    "It was answered: yes",
    "A change of src/b.ts:7 was refused: no caching",
  ]);
  expect(brief.files).toEqual([
    { path: "src/named.ts", hash: "hash of src/named.ts" },
    { path: "src/a.ts", hash: "hash of src/a.ts" },
  ]);
  expect(brief.openHunks).toContain("src/a.ts:7\n-old of h1\n+new of h1");
  expect(brief.evidence).toContain("1 tests failed, 3 passed.\ntest/a.test.ts:12 adds\n1 is not 2");
});

it("has no text of what was refused, wherever it stands", () => {
  expect(JSON.stringify(briefAfter("", session))).not.toContain("of h2");
});

it("is about what was said last where nothing is wanted", () => {
  expect(briefAfter(" ", session).goal).toBe("keep the public names");
  expect(briefAfter("", []).goal).toBe("");
});

it("stays short in a long session", () => {
  const many = Array.from({ length: 3000 }, (_, n): readonly EventBody[] => [
    { type: "turn.started", turn: `t${n}`, prompt: `request ${n} ${"x".repeat(2000)}` },
    landed(`h${n}`, `src/f${n}.ts`),
  ]).flat();
  expect(JSON.stringify(briefAfter("go", many)).length).toBeLessThan(80_000);
});

it("hides in every part of it", () => {
  const hidden = hiddenBrief({ ...briefAfter("use key", session), criteria: ["key"] }, (text) =>
    text.replaceAll(/key|names|h1/g, "•"),
  );
  expect(JSON.stringify(hidden)).not.toMatch(/key|names|h1/);
});
