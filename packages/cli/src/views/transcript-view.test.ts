/** What is printed, literally, and within any width: hunks, changes, text, failures; nothing from outside reaches the terminal raw. */
import { type ReviewedHunk, failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hunkOf, priceLines, reviewedHunk, sessionAfter, stepHold } from "../state/session-state-samples.ts";
import { type Block, type LineForm, type Transcript, emptyTranscript } from "../state/transcript.ts";
import { markdownLines } from "./markdown-view.ts";
import { createStyle } from "./style.ts";
import { displayWidth } from "./text.ts";
import { filledRows, finalLines, streamingLines } from "./transcript-view.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 60 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const bare = createStyle({ NO_COLOR: "1" }, true);
const style = createStyle({ FORCE_COLOR: "1" }, true);
const show = (block: Block, width = 80): string[] => finalLines(block, { width, style: bare });
const hunkBlock = (reviewed: ReviewedHunk, more: Partial<Extract<Block, { kind: "hunk" }>> = {}): Block => ({
  ...{ kind: "hunk", reviewed, lines: priceLines, rung: "exact", merged: false, candidates: [] },
  ...more,
});

describe("a hunk", () => {
  test("that landed", () => {
    expect(show(hunkBlock(reviewedHunk("h1")))).toEqual([
      "● src/price.ts:12  +1 −1  landed  h1",
      "  11   export function total(",
      "  12 -   quantity: number,",
      "  12 +   quantity?: number,",
      "  13   ): number {",
    ]);
  });

  test("with notes, and of a path in other scripts", () => {
    const hunk = hunkOf("h2", { path: "src/価格 🎉.ts", operation: "create", line: 1, linesAdded: 40, linesRemoved: 0 });
    const lines = Array.from({ length: 40 }, (_, n) => ({ op: "add" as const, text: `line ${n + 1}` }));
    const block = hunkBlock(reviewedHunk("h2", { hunk }), { lines, rung: "indentation", merged: true });
    const shown = show(block, 50);
    expect(shown.slice(0, 3)).toEqual([
      "● src/価格 🎉.ts  +40 −0 create  landed, matched",
      "by indentation, merged with your change  h2",
      "   1 + line 1",
    ]);
    expect(shown.slice(-2)).toEqual(["  11 + line 11", "  … 29 more lines"]);
    expect(shown).toHaveLength(14);
  });

  test("that is held or has failed, with the way out", () => {
    const lines = priceLines.slice(0, 1);
    expect(show(hunkBlock(reviewedHunk("h3", { state: "held", verdict: stepHold }), { lines }))).toEqual([
      "◌ src/price.ts:12  +1 −1  held  h3",
      "  it waits for your yes. /accept h3 or /reject h3.",
      "    export function total(",
    ]);
    const failed = reviewedHunk("h4", {
      state: "failed",
      failure: failure("HUNK_MISSING", "The old lines are not in src/price.ts."),
    });
    expect(show(hunkBlock(failed, { lines: [], candidates: [40] }))).toEqual([
      "✗ src/price.ts:12  +1 −1  failed  h4",
      "  The old lines are not in src/price.ts. The nearest is at line 40. Take the old",
      "  lines as they stand in the file now. [HUNK_MISSING]",
    ]);
  });

  test.each([
    [reviewedHunk("h3", { state: "rejected" }), undefined, "  ✗ h3 rejected, not on disk  src/price.ts:12"],
    [reviewedHunk("h3", { state: "rejected" }), "too broad", "  ✗ h3 rejected, not on disk: too broad  src/price.ts:12"],
    [reviewedHunk("h4", { state: "undone" }), undefined, "  ↶ h4 undone, not on disk  src/price.ts:12"],
    [reviewedHunk("h4"), undefined, "  ● h4 landed  src/price.ts:12"],
    [reviewedHunk("h2", { state: "superseded" }), "by h5", "  ↷ h2 made good: by h5  src/price.ts:12"],
    [
      reviewedHunk("h4", { state: "held", verdict: { ...stepHold, reason: "it stands on h3, which was rejected" } }),
      undefined,
      "  ◌ h4 held: it stands on h3, which was rejected  src/price.ts:12",
    ],
  ])("that has changed since it was printed %#", (reviewed, note, line) => {
    expect(show({ kind: "change", reviewed, ...(note !== undefined && { note }) })).toEqual([line]);
  });

  test("of which the whole diff is asked for is not cut", () => {
    const lines = [{ op: "add" as const, text: "one two three four five six seven eight nine ten" }];
    expect(show({ kind: "diff", hunk: "h1", reviewed: undefined, lines }, 40)).toEqual([
      ...["h1", "  + one two three four five six seven", "    eight nine ten"],
    ]);
    expect(show({ kind: "diff", hunk: "h1", reviewed: undefined, lines: undefined }, 40)).toEqual([
      ...["h1", "  its text is not kept any more"],
    ]);
  });
});

test.each<[Block, string[]]>([
  [{ kind: "prompt", text: "make it\noptional" }, ["", "› make it", "  optional"]],
  [
    { kind: "prompt", text: Array.from({ length: 5000 }, (_, n) => `${n + 1}`).join("\n") },
    ["", "› 1", ...Array.from({ length: 18 }, (_, n) => `  ${n + 2}`), "  … 4,981 more lines"],
  ],
  [{ kind: "steered", text: "only there" }, ["» only there"]],
  [{ kind: "tool", summary: "read src/a.ts" }, ["  read src/a.ts"]],
  [{ kind: "notice", message: "Served by another model." }, ["! Served by another model."]],
  [
    { kind: "failure", failure: failure("PROVIDER_SILENT", "Nothing came for 60 s.") },
    ["✗ Nothing came for 60 s. The provider did not answer in time; try again or use", "  another model. [PROVIDER_SILENT]"],
  ],
  [{ kind: "stopped", landed: 3 }, ["■ Stopped; 3 hunks stay on disk. /continue goes on."]],
  [{ kind: "stopped", landed: 1 }, ["■ Stopped; 1 hunk stays on disk. /continue goes on."]],
  [{ kind: "stopped", landed: 0 }, ["■ Stopped; nothing of this turn is on disk. /continue goes on."]],
  [
    { kind: "change", reviewed: reviewedHunk("h8", { state: "superseded" }), word: "already there, nothing changed" },
    ["  ↷ h8 already there, nothing changed  src/price.ts:12"],
  ],
  [{ kind: "accepted", hunks: ["h1"], byCommit: false }, ["  ✓ h1 accepted"]],
  [{ kind: "accepted", hunks: ["h1", "h2", "h3", "h4", "h7", "h8"], byCommit: false }, ["  ✓ h1–h4 h7 h8 accepted"]],
  [{ kind: "accepted", hunks: ["h1", "h2"], byCommit: true }, ["  ✓ h1 h2 are in your commit"]],
  [
    { kind: "commit", commit: "0123456789abcdef", subject: "Make it optional", hunks: 1 },
    ["✓ 012345678 Make it optional  1 hunk"],
  ],
  [{ kind: "aside", text: "why?", answer: false }, ["  ? why?"]],
  [{ kind: "aside", text: "so\nthat", answer: true }, ["  ⤷ so", "    that"]],
  [{ kind: "said", text: "", tone: "plain" }, []],
])("block %#", (block, lines) => expect(show(block)).toEqual(lines));

describe("text of the model", () => {
  test.each<[LineForm, string, string[]]>([
    ["heading", "## A title ##", ["A title"]],
    ["item", "- an item that is longer than the line is", ["• an item that is", "  longer than the line", "  is"]],
    ["item", "  12. numbered", ["  12. numbered"]],
    ["prose", "words that are wrapped at blanks", ["words that are wrapped", "at blanks"]],
    ["prose", "`code` and ``a`` and **bold** and 2 ** 3 ** 4", ["code and a and bold", "and 2 ** 3 ** 4"]],
    ["code", "\tlong code is neither cut nor wrapped", ["      long code is neither cut nor wrapped"]],
    ["fence", "```ts", ["  ```ts"]],
    ["prose", "", [""]],
    ["prose", "a\u001b]0;title\u0007b\u202e", ["a␛]0;title␇b<U+202E>"]],
  ])("%s %j", (form, text, lines) => expect(markdownLines(text, form, { width: 22, style: bare })).toEqual(lines));

  test("is painted where it says so", () => {
    expect(markdownLines("use `f**2**` **now**", "prose", { width: 80, style })).toEqual([
      "use \u001b[36mf**2**\u001b[0m \u001b[1mnow\u001b[0m",
    ]);
  });

  test("endless lines of marks cost what they are long", () => {
    for (const mark of ["`", "**", "`a", "**a", "#", " #", "| ", "- "]) {
      const text = mark.repeat(50_000);
      const ms = leastCpuMs(1, () => {
        markdownLines(text, "prose", { width: 80, style });
        markdownLines(text, "heading", { width: 80, style });
      });
      expect(ms).toBeLessThan(1000);
    }
  });
});

describe("what streams", () => {
  const streaming = (pending: string, more: Partial<Transcript> = {}): Transcript => ({ ...emptyTranscript, pending, ...more });
  const page = { width: 40, style: bare };

  test("shows the end of the unfinished line and of an answer aside", () => {
    expect(streamingLines(emptyTranscript, page)).toEqual([]);
    expect(streamingLines(streaming("- an item"), page)).toEqual(["• an item"]);
    expect(streamingLines(streaming("# not a heading", { fence: "```" }), page)).toEqual(["  # not a heading"]);
    const rows = streamingLines(streaming("word ".repeat(100), { aside: "because" }), page);
    expect(rows[0]).toBe("  ⤷ because");
    expect(rows).toHaveLength(4);
  });

  test("prints filled rows of prose and keeps the rest; together they are the text", () => {
    const word = fc.constantFrom("word", "a", "漢字漢字", "🎉", "é", "longer-than-others", "`code`", "-", "#");
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 80, size: "max" }),
        fc.integer({ min: 40, max: 120 }),
        (words, width) => {
          const text = `the ${words.join(" ")}`;
          const plain = { ...bare, code: (code: string): string => `\`${code}\`` };
          const { lines, rest } = filledRows(streaming(text), { width, style: plain });
          // Blanks go where a row ends; scripts without blanks are broken anywhere.
          expect([...lines, rest].join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
          // Never a row too early: what is left is less than what is kept back.
          expect(rest.lastIndexOf(" ")).toBeLessThan(width * 2);
        },
      ),
      { numRuns: runs },
    );
  });

  test("half a character at the end is kept back", () => {
    const half = "word ".repeat(40) + "🎉".charAt(0);
    const { lines, rest } = filledRows(streaming(half), page);
    expect(lines.length).toBeGreaterThan(2);
    expect(rest.endsWith(` ${"🎉".charAt(0)}`)).toBe(true);
    expect(filledRows(streaming("- word ".repeat(40)), page).lines).toEqual([]);
  });
});

test("no line of any block is wider than the width, but for code; nothing raw gets through", () => {
  const piece = fc.constantFrom(
    "word",
    " ",
    "\t",
    "漢字",
    "🎉",
    "é",
    "\u001b[2J",
    "\n",
    "\r",
    "\u0007",
    "`x`",
    "**",
    "- ",
    "/",
    "longword".repeat(9),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
  const state = fc.constantFrom("landed", "held", "failed", "rejected", "undone", "accepted", "streaming", "superseded");
  const reviewed = fc.record({ state, path: text, reason: text }).map(({ state: as, path, reason }): ReviewedHunk =>
    reviewedHunk("h1", {
      ...{ state: as, hunk: hunkOf("h1", { path }) },
      ...(as === "held" && { verdict: { ...stepHold, reason, wayOut: reason } }),
      ...(as === "failed" && { failure: failure("HUNK_MISSING", reason, reason) }),
    }),
  );
  const forms = fc.constantFrom<LineForm>("prose", "heading", "item", "fence");
  const lines = fc.array(fc.record({ op: fc.constantFrom("add" as const, "remove" as const, "keep" as const), text }), {
    maxLength: 20,
  });
  const block = fc.oneof<fc.Arbitrary<Block>[]>(
    text.map((t) => ({ kind: "prompt", text: t })),
    text.map((t) => ({ kind: "steered", text: t })),
    fc.tuple(text, forms).map(([t, form]) => ({ kind: "line", text: t.replaceAll("\n", ""), form })),
    fc.tuple(reviewed, lines).map(([one, of]) => hunkBlock(one, { lines: of, candidates: [1, 2] })),
    fc.tuple(reviewed, text).map(([one, note]) => ({ kind: "change", reviewed: one, note })),
    fc.tuple(reviewed, lines).map(([one, of]) => ({ kind: "diff", hunk: "h1", reviewed: one, lines: of })),
    fc.nat(300).map((n) => ({ kind: "accepted", hunks: Array.from({ length: n }, (_, i) => `h${i}`), byCommit: false })),
    text.map((t) => ({ kind: "tool", summary: t })),
    text.map((t) => ({ kind: "notice", message: t })),
    text.map((t) => ({ kind: "failure", failure: failure("KEY_MISSING", t) })),
    text.map((t) => ({ kind: "commit", commit: "0123456789", subject: t, hunks: 2 })),
    text.map((t) => ({ kind: "said", text: t, tone: "bad" })),
    text.map((t) => ({ kind: "opened", version: "1", model: t, workspace: t, resumed: true })),
    text.map((t) => ({ kind: "status", session: { ...sessionAfter(), model: t, workspace: t, scope: [t] } })),
  );
  fc.assert(
    fc.property(block, fc.integer({ min: 40, max: 400 }), fc.constantFrom(style, bare), (one, width, used) => {
      for (const line of finalLines(one, { width, style: used })) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(line.replace(/\u001b\[\d+m/g, "")).not.toMatch(/[\u0000-\u001f]/);
      }
    }),
    { numRuns: runs * 5 },
  );
});
