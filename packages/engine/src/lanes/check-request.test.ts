/** A report of the deep lane as comments on the hunks that it was asked about. */
import { expect, it } from "vitest";
import { noFacts } from "./brief.ts";
import { type CheckedHunk, checkBrief, commentsOf } from "./check-request.ts";
import { lookFirst } from "./look-first.ts";

const hunks: readonly CheckedHunk[] = [
  {
    ...{ id: "h1", path: "src/a.ts", line: 10, risk: "80 lines" },
    lines: [
      { op: "remove", text: "old" },
      { op: "add", text: "one" },
      { op: "add", text: "two" },
    ],
  },
  { id: "h2", path: "src/b.ts", line: 1, lines: [{ op: "add", text: "export {}" }] },
];

it("reads remarks with their places, each once, and nothing of other files", () => {
  const report = [
    "I read both files.",
    "src/a.ts:11 [must] two is never closed",
    "- `src/b.ts:1` [note] nobody imports it",
    "src/a.ts:11 [must] Two is never closed!",
    "src/c.ts:4 [must] not asked",
    "src/a.ts:40 [should] the caller waits",
    "I could not find the tests.",
  ].join("\n");
  expect(commentsOf(report, hunks, "d3")).toEqual([
    { id: "d3.1", path: "src/a.ts", line: 11, severity: "must", text: expect.stringMatching(/^[Tt]wo is never closed/) },
    { id: "d3.2", path: "src/b.ts", line: 1, severity: "note", text: "nobody imports it" },
    { id: "d3.3", path: "src/a.ts", line: 0, severity: "should", text: expect.stringContaining("said of line 40") },
  ]);
  expect(commentsOf("no comments", hunks, "d3")).toEqual([]);
});

it("asks with the hunks as a diff, why each was chosen, and the words that they were asked for with", () => {
  const facts = noFacts();
  facts.said.push("make it faster");
  const brief = checkBrief(hunks, facts);
  expect(brief.goal).toContain("h1 (src/a.ts:10): 80 lines");
  expect(brief.goal).toContain("make it faster");
  expect(brief.openHunks).toBe("src/a.ts:10\n-old\n+one\n+two\nsrc/b.ts:1\n+export {}");
  expect(brief.files.map(({ path }) => path)).toEqual(["src/a.ts", "src/b.ts"]);
});

it("brings what the report names first to the front, and keeps the order of the rest", () => {
  const stamp = { at: 0, mono: 0, lane: "deep", session: "d1" } as const;
  const report = { text: "", lookFirst: ["src/c.ts", "b.ts", "gone.ts"] };
  const files = ["src/a.ts", "src/b.ts", "src/c.ts"].map((path) => ({ path }));
  expect(lookFirst([{ type: "job.reported", report, ...stamp }], files)).toEqual({
    files: [{ path: "src/c.ts" }, { path: "src/b.ts" }, { path: "src/a.ts" }],
    named: ["src/c.ts", "src/b.ts"],
  });
  expect(lookFirst([], files)).toEqual({ files, named: [] });
});
