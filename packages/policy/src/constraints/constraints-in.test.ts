/** Which words of a request demand something of its changes, and which only speak of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constraintText } from "./constraint-text.ts";
import { constraintsIn } from "./constraints-in.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const said = (text: string): string => constraintsIn(text).map(constraintText).join(" · ");

describe("words that demand something", () => {
  it.each([
    ["fix the parser, only src/a.ts", "only src/a.ts"],
    ["Only src/a.ts.", "only src/a.ts"],
    ["only touch src/a.ts and src/b.ts", "only src/a.ts, src/b.ts"],
    ["rename foo to bar in src/x only", "only src/x"],
    ["Make it faster. Only change `src/fast.ts`, please.", "only src/fast.ts"],
    ["change only src/a.ts", "only src/a.ts"],
    ["rename f to g only in src/a.ts", "only src/a.ts"],
    ["stay inside packages/cli/", "only packages/cli/"],
    ["keep all changes in src/auth/", "only src/auth/"],
    ["limit yourself to src/auth/** and test/auth/**", "only src/auth/**, test/auth/**"],
    ["don't touch anything outside src/a.ts", "only src/a.ts"],
    ["fix the crash in src/a.ts and nothing else", "only src/a.ts"],
    ["refactor src/a.ts, only this file", "only src/a.ts"],
    ["only this file", "one file"],
    ["Could you tidy it up, only touching nothing but src/a.ts? Only src/a.ts.", "only src/a.ts"],
    ["Can you rename f to g, only in src/a.ts?", "only src/a.ts"],
    ["only @src/a.ts", "only src/a.ts"],
    ["- only src/[id].ts", "only src/[id].ts"],
    ["add a check, but not src/b.ts", "not src/b.ts"],
    ["don't touch src/b.ts", "not src/b.ts"],
    ["Do not edit the docs folder", "not docs"],
    ["leave src/legacy/ and README.md alone", "not src/legacy/, README.md"],
    ["please leave package.json as it is", "not package.json"],
    ["make it shorter without changing src/b.ts", "not src/b.ts"],
    ["convert everything, except src/old.ts", "not src/old.ts"],
    ["just don't change config.yaml", "not config.yaml"],
    ["you must not touch src/b.ts yet", "not src/b.ts"],
    ["src/b.ts must not change", "not src/b.ts"],
    ["add retries, no new dependencies", "no new dependencies"],
    ["add retries with no new packages", "no new dependencies"],
    ["implement it without adding any dependencies", "no new dependencies"],
    ["Don't add any libraries.", "no new dependencies"],
    ["fix it with a minimal diff", "≤ 40 lines"],
    ["Minimal diff please", "≤ 40 lines"],
    ["keep the diff as small as possible", "≤ 40 lines"],
    ["fix it, at most 20 lines", "≤ 20 lines"],
    ["change no more than 12 lines of code", "≤ 12 lines"],
    ["minimal diff, at most 5 lines", "≤ 5 lines"],
    ["fix it in ≤ 8 lines".replace("in ", ", "), "≤ 8 lines"],
    ["one file", "one file"],
    ["fix the flaky test, one file only", "one file"],
    ["touch only one file", "one file"],
    ["make only one change", "one change"],
    ["tidy it up, one change", "one change"],
    ["keep the public API unchanged", "API unchanged"],
    ["tidy src/a.ts; keep external behaviour", "API unchanged"],
    ["refactor it without changing the exports", "API unchanged"],
    ["Don't change the public API", "API unchanged"],
    ["the public API must stay the same", "API unchanged"],
    ["leave all exports as they are", "API unchanged"],
    ["speed it up, tests unchanged", "tests unchanged"],
    ["fix the bug, don't change the tests", "tests unchanged"],
    ["leave the tests alone", "tests unchanged"],
    ["make it pass without touching the tests", "tests unchanged"],
    ["add a logger, new files only", "new files only"],
    ["don't touch existing files", "new files only"],
    ["fix the rounding, one failing test first", "failing test first"],
    ["write a failing test first", "failing test first"],
    ["do it test-first", "failing test first"],
    ["make a plan, no edits", "no edits"],
    ["explain it, don't change anything yet", "no edits"],
    [
      "refactor src/a.ts: only src/a.ts, no new dependencies, at most 30 lines, keep the API unchanged and don't touch the tests",
      "only src/a.ts · no new dependencies · ≤ 30 lines · API unchanged · tests unchanged",
    ],
  ])("%s", (text, expected) => expect(said(text)).toBe(expected));
});

describe("words that demand nothing", () => {
  it.each([
    "why is there only one file?",
    "is it true that only src/a.ts changed?",
    "don't you touch src/a.ts?",
    "only src/a.ts fails",
    "the function only touches src/a.ts",
    "the bug occurs in src/a.ts only",
    "it reads three files, not src/a.ts",
    "we only touch src/a.ts",
    "I don't touch src/a.ts",
    "if it fails, don't touch src/a.ts",
    'print "only touch src/a.ts" at the start',
    "add the text `don't touch the tests` to the readme",
    "the comment says: don't touch src/a.ts",
    "he said not to change the tests",
    "```\nonly src/a.ts\n```",
    "    don't touch src/a.ts",
    "> only touch src/a.ts",
    "// don't touch src/a.ts",
    'add the message "no new dependencies',
    "there are no new dependencies",
    "no new dependencies were added by this commit",
    "it works without new dependencies",
    "show the log, at most 20 lines of output",
    "functions may have at most 20 lines",
    "split functions so that each has at most 20 lines",
    "truncate the message to at most 20 lines",
    "implement the minimal diff algorithm",
    "move everything into one file",
    "one file at a time is read by the loader",
    "split the one file that is too long",
    "one change broke it",
    "don't change the API key",
    "the public API is documented in docs/api.md",
    "document the public API",
    "keep the tests green",
    "run the tests first",
    "don't break the tests by slow timers",
    "add a test for new files",
    "new files are ignored by git",
    "don't change src/a.ts to use promises, use callbacks",
    "don't touch src/a.ts if possible",
    "fix the failing test",
    "only Node.js",
    "not and/or",
    "only a fool would do this",
    "make the parser faster",
    "the API must not change the input array",
    "no changes in the output were seen",
    "add a flag only for src/a.ts and a test for it",
    "nothing else",
    "leave a comment in src/a.ts",
    "read only src/a.ts",
    "see https://example.com/only/src/a.ts",
    "",
  ])("%s", (text) => expect(said(text)).toBe(""));
});

describe("any text", () => {
  const words = fc.constantFrom(
    ..."only not don't touch src/a.ts src/b/ `x.ts` \" ' ` ``` and , . ? ! : ( ) at most 20 lines one file change keep the API unchanged ‹0› ¤ \n - > without new dependencies tests first".split(
      " ",
    ),
  );
  const texts = fc
    .array(fc.oneof(words, fc.string({ maxLength: 6, unit: "binary" })), { maxLength: 60 })
    .map((list) => list.join(" "));

  it("is understood or not, and never throws; each kind comes once, with paths of the text", () =>
    fc.assert(
      fc.property(texts, (text) => {
        const found = constraintsIn(text);
        expect(new Set(found.map(({ kind }) => kind)).size).toBe(found.length);
        for (const one of found) if ("paths" in one) for (const path of one.paths) expect(text).toContain(path);
      }),
      { seed: 5, numRuns: 2000 },
    ));

  it("may be cut anywhere", () => {
    const text =
      'Fix `src/a.ts` — only src/a.ts, not the tests; "keep" the public API unchanged, at most 20 lines (no new dependencies)!';
    for (let at = 0; at <= text.length; at++) expect(() => constraintsIn(text.slice(0, at))).not.toThrow();
  });

  it("takes a few milliseconds, however long it is", () => {
    const texts = [
      "only src/a.ts, ".repeat(20_000),
      "a/".repeat(100_000),
      "(".repeat(100_000),
      "‹ \"'`".repeat(50_000),
      "don't touch ".repeat(20_000),
    ];
    for (const text of texts) {
      constraintsIn(text);
      expect(leastCpuMs(3, () => void constraintsIn(text))).toBeLessThan(250);
    }
  });
});
