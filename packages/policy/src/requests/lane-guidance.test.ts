import { expect, it } from "vitest";
import { type GuidanceFacts, suggestLane } from "./lane-guidance.ts";

const laneOf = (text: string, named: readonly string[] = [], past?: GuidanceFacts["past"]): string =>
  suggestLane({ text, named, ...(past && { past }) })?.lane ?? "none";

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
])("says nothing of: %s", (text) => expect(laneOf(text, text.includes("src/") ? ["src/a.ts", "src/b.ts"] : [])).toBe("none"));

it("splits what begins small and ends large", () => {
  const text = "Rename total to sum in src/cart.ts, then migrate all callers to the new API";
  expect(suggestLane({ text, named: ["src/cart.ts"] })).toMatchObject({
    lane: "split",
    parts: { fast: "Rename total to sum in src/cart.ts", deep: "migrate all callers to the new API" },
  });
});

it("goes by past numbers where there are enough", () => {
  const many = { turns: 6, steps: 22, files: 9, cutShort: 1 };
  expect(laneOf("add an index", [], many)).toBe("deep");
  expect(laneOf("add an index", [], { ...many, turns: 2 })).toBe("none");
  // What went well in the fast lane stays there, however it sounds.
  expect(laneOf("redesign the header", [], { turns: 9, steps: 3, files: 1, cutShort: 0 })).toBe("none");
});

it("costs no more for a long text", () => {
  expect(laneOf("migrate ".repeat(2000))).toBe("none");
});
