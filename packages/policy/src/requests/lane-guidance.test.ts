/** Which requests get which lane, and which get no word at all. */
import type { LaneWish } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { type LaneFacts, laneAdvice, requestKind } from "./lane-guidance.ts";
import { namedPaths } from "./named-paths.ts";

const laneOf = (text: string, past?: LaneFacts["past"]): string => laneAdvice({ text, ...(past && { past }) })?.lane ?? "none";

it.each([
  "migrate the session store from files to SQLite",
  "Please port the build to esbuild",
  "redesign the error handling",
  "implement a plugin system",
  "use the new logger everywhere",
  "rewrite all callers of the old API across the codebase",
  "increase test coverage of the parser",
])("sends to the deep lane: %s", (text) => expect(laneOf(text)).toBe("deep"));

it.each([
  "rename total to sum in src/cart.ts",
  "fix the off-by-one in src/page.ts",
  "make quantity optional",
  "why does this fail?",
  "add a test for receipt",
  "build it",
  "/jobs",
  "implement the missing branch in parse()",
  "move the check to the top of the function in src/a.ts and use it",
  "",
])("says nothing of: %s", (text) => expect(laneOf(text)).toBe("none"));

it("splits what begins small and ends large", () => {
  const text = "Rename total to sum in src/cart.ts, then migrate all callers to the new API";
  expect(laneAdvice({ text })).toMatchObject({
    lane: "split",
    parts: { fast: "Rename total to sum in src/cart.ts", deep: "migrate all callers to the new API" },
  });
});

it("goes by past numbers where there are enough, and says them", () => {
  const many = { turns: 6, answers: 132, files: 12, cutShort: 1 };
  expect(requestKind("Please add an index")).toBe("tweak");
  expect(laneAdvice({ text: "add an index", past: { tweak: many } })).toMatchObject({
    lane: "deep",
    reason: "6 requests like it took 22 answers and 2 files each, 1 cut short",
  });
  expect(laneOf("add an index", { tweak: { ...many, turns: 2 } })).toBe("none");
  expect(laneOf("add an index", { other: many })).toBe("none");
  // What goes well in the fast lane stays there, however it sounds.
  expect(laneOf("redesign the header", { redesign: { turns: 9, answers: 27, files: 9, cutShort: 0 } })).toBe("none");
  expect(laneOf("redesign the header", { redesign: { turns: 9, answers: 27, files: 9, cutShort: 4 } })).toBe("deep");
});

describe("rules of the policy", () => {
  const rule = { name: "schema", source: "policy.yaml:3", lane: "deep" } as const;
  const says = (text: string, ...wishes: readonly LaneWish[]): string => laneAdvice({ text, wishes })?.lane ?? "none";

  it("come before everything else, the first that speaks of the request", () => {
    const fast = { name: "redesigns", source: "policy.yaml:9", lane: "fast", words: ["redesign"] } as const;
    expect(says("redesign the header", fast)).toBe("fast");
    expect(says("redesign the header", { ...rule, words: ["the header"] }, fast)).toBe("deep");
    expect(
      laneAdvice({ text: "touch db/schema.sql", wishes: [{ ...rule, paths: ["db/**"], reason: "Migrations need a plan." }] }),
    ).toEqual({
      ...{ lane: "deep", kind: "rule schema", rule: { name: "schema", source: "policy.yaml:3" } },
      reason: "the rule schema (policy.yaml:3) says so: Migrations need a plan",
    });
  });

  it("want all that they name", () => {
    const all = { ...rule, paths: ["db/**"], words: ["change  column"], filesOver: 1 };
    expect(says("Change column x in db/a.sql and src/b.ts", all)).toBe("deep");
    expect(says("Change column x in db/a.sql", all)).toBe("none");
    expect(says("change columns in db/a.sql and src/b.ts", all)).toBe("none");
    expect(says("change column in src/a.sql and src/b.ts", all)).toBe("none");
    expect(says("anything", rule)).toBe("none");
  });
});

it("tells paths from other words", () => {
  expect(
    namedPaths('see @"my file.md", ./src/a.ts:12, README.md. e.g. 1.5 and/or https://x.y/z.js @lib /etc/x ../up.ts'),
  ).toEqual([...["my file.md", "src/a.ts", "README.md", "and/or", "lib"]]);
});

it("costs microseconds, for any text", () => {
  const wishes = [{ name: "a", source: "b", lane: "deep", words: ["never said"], paths: ["db/**"], filesOver: 3 }] as const;
  const texts = [
    "migrate the store to SQLite",
    "fix src/a.ts, then redesign all modules",
    "a.b/c ".repeat(249),
    "move to ".repeat(187),
  ];
  for (const text of texts) {
    const runs = Array.from({ length: 200 }, () => {
      const started = performance.now();
      laneAdvice({ text, wishes });
      return performance.now() - started;
    });
    expect(runs.toSorted((one, other) => one - other)[100]).toBeLessThan(1);
  }
  expect(laneOf("migrate ".repeat(2000))).toBe("none");
});
