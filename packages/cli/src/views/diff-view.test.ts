/** Diffs as a person sees them: numbers, pairs, marked words, any width, wide characters and tabs, long lines at a bounded cost. */
import type { HunkLine } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hunkOf, priceLines } from "../state/session-state-samples.ts";
import { diffPage, diffView } from "./diff-view.ts";
import { createStyle } from "./style.ts";
import { displayWidth } from "./text.ts";
import { changedWords, pairLines } from "./word-diff.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 60 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const bare = createStyle({ NO_COLOR: "1" }, true);
const style = createStyle({ FORCE_COLOR: "1" }, true);
const all = Number.MAX_SAFE_INTEGER;
const remove = (text: string): HunkLine => ({ op: "remove", text });
const add = (text: string): HunkLine => ({ op: "add", text });
const keep = (text: string): HunkLine => ({ op: "keep", text });

describe("words", () => {
  const shown = (before: string, after: string): string[] => {
    const words = changedWords(before, after);
    const line = (parts: typeof words.before): string =>
      parts.map((part) => (part.changed ? `[${part.text}]` : part.text)).join("");
    return [line(words.before), line(words.after)];
  };

  test.each([
    ["  quantity: number,", "  quantity?: number,", "  quantity: number,", "  quantity[?]: number,"],
    ["return a + b;", "return sum(a, b);", "return a[ +] b;", "return [sum(]a[,] b[)];"],
    ["const größe = 1", "const länge = 1", "const [größe] = 1", "const [länge] = 1"],
    ["f(one two x)", "f(three four x)", "f([one two] x)", "f([three four] x)"],
    ["🎉 done", "🎈 done", "[🎉] done", "[🎈] done"],
  ])("%j → %j", (before, after, left, right) => expect(shown(before, after)).toEqual([left, right]));

  test.each([
    ["nothing in common", "return x;"],
    ["same", "same"],
    ["", "something"],
    ["a ".repeat(400), "b ".repeat(400)],
    [`${"x".repeat(5000)} a`, `${"x".repeat(5000)} b`],
  ])("%# says nothing", (before, after) => expect(shown(before, after)).toEqual(["", ""]));

  test("the parts are the lines, and what is not marked is in both", () => {
    const word = fc.constantFrom("a", "b", "foo", " ", "  ", "(", ")", "é", "漢字", "🎉", "\t");
    const line = fc.array(word, { maxLength: 30 }).map((words) => words.join(""));
    fc.assert(
      fc.property(line, line, (before, after) => {
        const words = changedWords(before, after);
        if (words.before.length === 0) return;
        expect(words.before.map(({ text }) => text).join("")).toBe(before);
        expect(words.after.map(({ text }) => text).join("")).toBe(after);
        const same = (parts: typeof words.before): string =>
          parts.flatMap((part) => (part.changed ? [] : [part.text.replace(/\s/g, "")])).join("");
        expect(same(words.before)).toBe(same(words.after));
      }),
      { numRuns: runs * 5 },
    );
  });

  test("lines are paired with what they became, not with what stands beside them", () => {
    expect(pairLines(["const a = one();", "const b = two();"], ["// new", "const a = one(1);", "const b = two(2);"])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(pairLines(["x = 1", "x = 1"], ["x = 1", "x = 2"])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(pairLines(["f(a, b, c)"], ["f(a, y, z)", "f(a, b, c, d)"])).toEqual([[0, 1]]);
    expect(pairLines(["import a"], ["nothing of it"])).toEqual([]);
    const many = Array.from({ length: 60 }, (_, n) => `line ${n}`);
    expect(pairLines(many, many.toReversed())).toHaveLength(60);
    expect(pairLines(many, many.slice(1))).toEqual([]);
  });
});

describe("lines", () => {
  const plain = (lines: readonly HunkLine[], width = 80, hunk = hunkOf("h1")): string[] =>
    diffView(lines, all, { width, style: bare, indent: "  ", hunk });

  test("have the numbers of their file where the place is known", () => {
    expect(plain(priceLines)).toEqual([
      "  11   export function total(",
      "  12 -   quantity: number,",
      "  12 +   quantity?: number,",
      "  13   ): number {",
    ]);
    expect(plain(priceLines, 80, hunkOf("h1", { line: 0 }))[1]).toBe("  -   quantity: number,");
    // Counted otherwise than shown: a rewrite, of which the old lines are not told.
    expect(plain(priceLines, 80, hunkOf("h1", { linesRemoved: 9 }))[1]).toBe("  -   quantity: number,");
  });

  test("old and new numbers go apart where lines come and go", () => {
    const lines = [keep("a"), remove("b"), keep("c"), add("d"), add("e"), keep("f")];
    expect(plain(lines, 80, hunkOf("h1", { line: 9, linesAdded: 2 }))).toEqual([
      ...["   8   a", "   9 - b", "   9   c", "  10 + d", "  11 + e", "  12   f"],
    ]);
  });

  test("what is the same at the ends of a substitution is kept", () => {
    const lines = [remove("same"), remove("old"), remove("tail"), add("same"), add("new"), add("tail")];
    expect(plain(lines)).toEqual(["  11   same", "  12 - old", "  12 + new", "  13   tail"]);
  });

  test("colour says the sign again, and marks the words", () => {
    const [, before, after] = diffView(priceLines, all, { width: 80, style, indent: "" });
    expect(before).toBe("\u001b[31m-\u001b[0m \u001b[31m  quantity: number,\u001b[0m");
    expect(after).toBe(
      "\u001b[32m+\u001b[0m \u001b[32m  quantity\u001b[0m\u001b[7m\u001b[32m?\u001b[0m\u001b[0m\u001b[32m: number,\u001b[0m",
    );
  });

  test("are moved to what is changed where that would be out of sight", () => {
    const long = (end: string): string =>
      `  return lines.reduce((sum, { product, quantity }) => sum + priceOf(product, ${end}), 0);`;
    const lines = [remove(long("quantity")), add(long("1"))];
    expect(diffView(lines, all, { width: 40, style: bare, indent: "" })).toEqual([
      "- …product, quantity), 0);",
      "+ …product, 1), 0);",
    ]);
    expect(diffView(lines, all, { width: 100, style: bare, indent: "" })[1]).toBe(`+ ${long("1")}`);
    const wide = [remove(`${"漢字".repeat(40)}🎉`), add(`${"漢字".repeat(40)}🎈`)];
    const shown = diffView(wide, all, { width: 40, style: bare, indent: "" });
    expect([shown[0]?.includes("🎉"), shown[1]?.includes("🎈")]).toEqual([true, true]);
    const character = fc.constantFrom("a", " ", "(", "漢", "é", "👩‍👩‍👧", "\t", "\u0301");
    const text = fc.array(character, { maxLength: 150 }).map((characters) => characters.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 80 }), (before, width) => {
        const rows = diffView([remove(`${before} one two three a word`), add(`${before} one two three an end`)], all, {
          width,
          style: bare,
          indent: "",
        });
        expect(rows[0]?.slice(1)).not.toBe(rows[1]?.slice(1));
        for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(width);
      }),
      { numRuns: runs },
    );
  });

  test("are cut or go on below; tabs, wide characters and control characters take the cells they take", () => {
    const lines = [add("\tconst 名前 = '🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉';"), remove("a\u001b[31mb\u202ec")];
    expect(diffView(lines, all, { width: 40, style: bare, indent: "  " })).toEqual([
      "  +     const 名前 = '🎉🎉🎉🎉🎉🎉🎉🎉…",
      "  - a␛[31mb<U+202E>c",
    ]);
    expect(diffView(lines, all, { width: 40, style: bare, indent: "  ", wrapped: true })).toEqual([
      "  +     const 名前 =",
      "    '🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉';",
      "  - a␛[31mb<U+202E>c",
    ]);
  });

  test("more than the limit are counted", () => {
    const lines = Array.from({ length: 42 }, (_, n) => add(`line ${n}`));
    const shown = diffView(lines, 12, { width: 40, style: bare, indent: "  " });
    expect(shown).toHaveLength(12);
    expect(shown.at(-1)).toBe("  … 31 more lines");
    expect(diffView(lines.slice(0, 12), 12, { width: 40, style: bare, indent: "  " })).toHaveLength(12);
  });

  test("none is wider than the width", () => {
    const piece = fc.constantFrom("a", " ", "\t", "漢", "🎉", "👩‍👩‍👧", "é", "\u001b[31m", "\n", "\u0000", "foo(", ")", "\u202e");
    const line = fc.record({
      op: fc.constantFrom("keep" as const, "add" as const, "remove" as const),
      text: fc.array(piece, { maxLength: 120 }).map((parts) => parts.join("")),
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.integer({ min: 40, max: 400 }),
        fc.boolean(),
        fc.constantFrom(style, bare),
        (lines, width, wrapped, used) => {
          const count = (op: HunkLine["op"]): number => lines.filter((one) => one.op === op).length;
          const hunk = hunkOf("h1", { line: 99_998, linesAdded: count("add"), linesRemoved: count("remove") });
          for (const shown of diffView(lines, all, { width, style: used, indent: "  ", wrapped, hunk })) {
            expect(displayWidth(shown)).toBeLessThanOrEqual(width);
            expect(shown.replace(/\u001b\[\d+m/g, "")).not.toMatch(/[\u0000-\u001f\u202e]/);
          }
        },
      ),
      { numRuns: runs },
    );
  });
});

test("a page of a huge hunk, and of a line without end, costs what is shown", () => {
  const created = Array.from({ length: 200_000 }, (_, n) => add(`const value${n} = ${n};`));
  const endless = [remove(`${"名, ".repeat(400_000)}a`), add(`${"名, ".repeat(400_000)}b`), keep("\t名".repeat(400_000))];
  const changed = [
    ...Array.from({ length: 2000 }, (_, n) => remove(`old ${n} one`)),
    ...Array.from({ length: 1990 }, (_, n) => add(`new ${n}`)),
  ];
  for (const lines of [created, endless, changed]) {
    const page = (): readonly string[] =>
      diffPage(lines, { first: 0, count: 40 }, { width: 200, style, indent: "  ", wrapped: true });
    page();
    expect(leastCpuMs(10, page)).toBeLessThan(20);
  }
});
