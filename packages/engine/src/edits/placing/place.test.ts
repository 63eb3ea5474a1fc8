import { describe, expect, test } from "vitest";
import type { UpdateDraft } from "../edits.ts";
import { applyChanges, fileText } from "./file-text.ts";
import { hunk, outcome, textFile } from "./place-samples.ts";
import { place, type PlaceOptions } from "./place.ts";

type More = Partial<UpdateDraft> & { readonly options?: PlaceOptions };
type Case = readonly [name: string, file: string, lines: readonly string[], expected: string, more?: More];

function checkAll(cases: readonly Case[]): void {
  test.each(cases.map(([name, ...given]) => ({ name, given })))("$name", ({ given: [text, lines, expected, more = {}] }) => {
    const { options, ...rest } = more;
    expect(outcome(hunk(lines, rest), textFile(text), options).text).toBe(expected);
  });
}

const missing = "HUNK_MISSING";
const ambiguous = "HUNK_AMBIGUOUS";

describe("the ladder", () => {
  const cases: readonly (readonly [name: string, file: string, lines: readonly string[], expected: string, rung: string])[] = [
    ["exact", "a\nb\nc\n", [" a", "-b", "+B"], "a\nB\nc\n", "exact"],
    ["exact wins over a looser second place", "b \nb\n", ["-b", "+B"], "b \nB\n", "exact"],
    ["blanks at the file's ends", "a  \nb\t\nc\n", [" a", "-b", "+B"], "a  \nB\nc\n", "trailing-blanks"],
    ["blanks at the draft's ends", "a\nb\n", [" a  ", "-b ", "+B"], "a\nB\n", "trailing-blanks"],
    ["a blank line with blanks in it", "a\n   \nb\n", [" a", " ", "-b", "+B"], "a\n   \nB\n", "trailing-blanks"],
    ["a CR that belongs to the draft's line", "a\nb\n", [" a\r", "-b\r", "+B"], "a\nB\n", "trailing-blanks"],
    ["deeper in the file", "if:\n    x\n    y\n", ["-x", "+z", "+  w", " y"], "if:\n    z\n      w\n    y\n", "indentation"],
    ["shallower in the file", "x\n  y\n", ["     x", "-      y", "+      z"], "x\n  z\n", "indentation"],
    [
      "tabs in the file, blanks in the draft",
      "f\n\tx\n\t\ty\n",
      ["     x", "-        y", "+        z", "+            w"],
      "f\n\tx\n\t\tz\n\t\t\tw\n",
      "indentation",
    ],
    [
      "blanks in the file, tabs in the draft",
      "f\n  x\n    y\n",
      [" \tx", "-\t\ty", "+\t\tz", "+\t\t\tw"],
      "f\n  x\n    z\n      w\n",
      "indentation",
    ],
    [
      "added lines without indentation get the shift too",
      "  a\n  b\n",
      [" a", "-b", "+B", "+", "+C"],
      "  a\n  B\n\n  C\n",
      "indentation",
    ],
    ["blank lines have no indentation", "  a\n\n  b\n", [" a", " ", "-b", "+c"], "  a\n\n  c\n", "indentation"],
    [
      "dashes, quotes and spaces of Unicode in the file",
      "a — b\n“q” ‘r’\u00a0s\n",
      [" a - b", "-\"q\" 'r' s", "+new"],
      "a — b\nnew\n",
      "typography",
    ],
    ["the same in the draft", "a - b\nc\n", [" a – b", "-c", "+d"], "a - b\nd\n", "typography"],
    ["folding and indentation together", "  a — b\n  c\n", [" a - b", "-c", "+d"], "  a — b\n  d\n", "typography"],
  ];
  test.each(cases)("%s", (_, text, lines, expected, rung) => {
    const { text: after, placement } = outcome(hunk(lines), textFile(text));
    expect(after).toBe(expected);
    expect(placement.ok && placement.rung).toBe(rung);
  });

  const refused: readonly Case[] = [
    ["blanks inside a line", "a  b\n", ["-a b", "+x"], missing],
    ["letter case", "Abc\n", ["-abc", "+x"], missing],
    ["almost the same", "const value = 1;\n", ["-const value = 2;", "+x"], missing],
    ["a part of a line", "foo(a)\n", ["-foo", "+x"], missing],
    ["a shift that is not uniform", "    a\n  b\n", [" a", "-b", "+c"], missing],
    ["an added line that cannot follow the shift", "a\nb\n", ["     a", "-    b", "+  c"], missing],
    ["tabs before blanks where the file has them so", "\ta\n\t  b\n", [" a", "-  b", "+    c"], "\ta\n\t    c\n"],
    ["tabs before blanks where nothing shows it", "\ta\n\tb\n", [" a", "-b", "+c", "+  d"], "\ta\n\tc\n\t\td\n"],
    ["an accent is no typography", "cafe\n", ["-café", "+x"], missing],
    ["tabs against blanks that are not one depth apart", "  a\n    b\n", [" \ta", "-\tb", "+\tc"], missing],
    ["an added line in front of the first level", "  a\n", ["-\t\ta", "+b"], missing],
    ["the end of a block that the file does not have", "a\n", [" a", "-b"], missing],
  ];
  checkAll(refused);

  test("an ambiguous rung is not saved by a looser one", () => {
    const file = textFile("x\nx\n  x\n");
    const { placement } = outcome(hunk(["-x", "+y"]), file);
    expect(placement).toMatchObject({ ok: false, failure: { code: ambiguous }, candidates: [1, 2] });
  });

  test("bytes that are no UTF-8 match nothing, and stay", () => {
    const file = fileText(Buffer.from("a\xff\nb\n", "latin1"));
    expect(outcome(hunk(["-a\ufffd", "+x"]), file).text).toBe(missing);
    expect(outcome(hunk(["-aÿ", "+x"]), file).text).toBe(missing);
    const placement = place(hunk(["-b", "+B"]), file, { cursor: 0 });
    expect(placement.ok && Buffer.from(applyChanges(file, placement.changes).bytes).toString("latin1")).toBe("a\xff\nB\n");
  });
});

describe("which of several places", () => {
  const twins = "class A:\n    def run():\n        x\n\nclass B:\n    def run():\n        x\n";
  const cases: readonly Case[] = [
    ["nothing says it", twins, ["-        x", "+        y"], ambiguous],
    [
      "an anchor in front of the last one",
      twins,
      ["-        x", "+        y"],
      twins.replace(/x\n$/, "y\n"),
      { anchors: ["class B:"] },
    ],
    [
      "an anchor that the first one stands below",
      twins,
      ["-        x", "+        y"],
      twins.replace("x", "y"),
      { anchors: ["class A:"] },
    ],
    ["nested anchors", twins, ["-        x", "+        y"], twins.replace("x", "y"), { anchors: ["class A:", "def run():"] }],
    [
      "nested anchors, second class",
      twins,
      ["-        x", "+        y"],
      twins.replace(/x\n$/, "y\n"),
      { anchors: ["class B:", "    def run():"] },
    ],
    ["an anchor that both stand below", twins, ["-        x", "+        y"], ambiguous, { anchors: ["def run():"] }],
    ["an anchor that is no whole line", twins, ["-        x", "+        y"], missing, { anchors: ["class B"] }],
    ["an anchor behind the lines", "x\nend\n", ["-x", "+y"], missing, { anchors: ["end"] }],
    ["anchors in the wrong order", twins, ["-        x", "+        y"], missing, { anchors: ["class B:", "class A:"] }],
    [
      "the anchor repeated as context",
      twins,
      [" class B:", "     def run():", "-        x", "+        y"],
      twins.replace(/x\n$/, "y\n"),
      { anchors: ["class B:"] },
    ],
    ["an anchor with other dashes", "# a — b\nx\n", ["-x", "+y"], "# a — b\ny\n", { anchors: ["# a - b"] }],
    [
      "a block whose brace stands alone",
      "void f()\n{\n  x\n}\nvoid g()\n{\n  x\n}\n",
      ["-  x", "+  y"],
      "void f()\n{\n  y\n}\nvoid g()\n{\n  x\n}\n",
      { anchors: ["void f()"] },
    ],
    [
      "a head over several lines",
      "f(\n  a,\n) {\n  x\n}\ng(\n  a,\n) {\n  x\n}\n",
      ["-  x", "+  y"],
      "f(\n  a,\n) {\n  y\n}\ng(\n  a,\n) {\n  x\n}\n",
      { anchors: ["f("] },
    ],
    ["behind the previous hunk", "x\np\nx\n", ["-x", "+y"], "x\np\ny\n", { options: { cursor: 4 } }],
    ["two behind the previous hunk", "x\np\nx\nx\n", ["-x", "+y"], ambiguous, { options: { cursor: 4 } }],
    ["out of order, but the only place", "a\np\nb\n", ["-a", "+A"], "A\np\nb\n", { options: { cursor: 6 } }],
    [
      "a place that shares context with the previous hunk is not passed over",
      "c\nx\nq\nc\nx\n",
      [" c", "-x", "+y"],
      ambiguous,
      { options: { cursor: 2 } },
    ],
    ["the line number", "x\nx\nx\n", ["-x", "+y"], "x\ny\nx\n", { line: 2 }],
    [
      "the line number, shifted by earlier hunks",
      "n\nx\nx\n",
      ["-x", "+y"],
      "n\ny\nx\n",
      { line: 1, options: { cursor: 0, lineShift: (line) => line + 1 } },
    ],
    ["a line number that no place has", "x\nx\n", ["-x", "+y"], ambiguous, { line: 7 }],
    ["a line number never makes a place", "a\nb\n", ["-c", "+y"], missing, { line: 2 }],
    ["a wrong line number does no harm to a single place", "a\nb\n", ["-b", "+y"], "a\ny\n", { line: 9 }],
    ["a line number against the order of the hunks", "x\np\nx\n", ["-x", "+y"], ambiguous, { line: 1, options: { cursor: 4 } }],
    ["the end of the file", "x\na\nx\n", ["-x", "+y"], "x\na\ny\n", { endOfFile: true }],
    ["not at the end of the file", "x\na\n", ["-x", "+y"], missing, { endOfFile: true }],
  ];
  checkAll(cases);
});

describe("insertions without old lines", () => {
  const cases: readonly Case[] = [
    ["behind the anchor", "a\nb\nc\n", ["+x"], "a\nx\nb\nc\n", { anchors: ["a"] }],
    ["behind a nested anchor", "A\n  f\nB\n  f\n", ["+    x"], "A\n  f\nB\n  f\n    x\n", { anchors: ["B", "f"] }],
    ["behind the anchor inside its block", "A\n  f\nB\n  f\n", ["+    x"], "A\n  f\n    x\nB\n  f\n", { anchors: ["A", "f"] }],
    ["an anchor that occurs twice", "f\na\nf\n", ["+x"], ambiguous, { anchors: ["f"] }],
    ["an anchor that is missing", "a\n", ["+x"], missing, { anchors: ["f"] }],
    ["the end of the file", "a\nb\n", ["+x"], "a\nb\nx\n", { endOfFile: true }],
    ["an anchor and the end of the file", "a\nb\n", ["+x"], "a\nb\nx\n", { endOfFile: true, anchors: ["a"] }],
    ["nothing said: at the end", "a\nb\n", ["+x"], "a\nb\nx\n"],
    ["a line number alone", "a\nb\n", ["+x"], ambiguous, { line: 1 }],
    ["into an empty file", "", ["+x", "+y"], "x\ny\n"],
    ["into an empty file, with a line number", "", ["+x"], "x\n", { line: 1 }],
    ["into an empty file, without final newline", "", ["+x"], "x", { noFinalNewline: true }],
    ["into a file that is only a BOM", "\ufeff", ["+x"], "\ufeffx\n"],
  ];
  checkAll(cases);
});

describe("bytes around a change", () => {
  const cases: readonly Case[] = [
    ["CRLF", "a\r\nb\r\nc\r\n", [" a", "-b", "+B", "+C"], "a\r\nB\r\nC\r\nc\r\n"],
    ["each line's own ending", "a\nb\r\nc\nd\r\n", ["-a", "+A", "-b", "+B", "-c", "+C"], "A\nB\r\nC\nd\r\n"],
    ["the ending of the neighbour in front", "a\r\nb\n", [" a", "+x", " b"], "a\r\nx\r\nb\n"],
    ["the ending of the neighbour behind", "a\r\nb\n", ["+x", " a"], "x\r\na\r\nb\n"],
    ["the last line without ending is replaced", "a\nb", [" a", "-b", "+B"], "a\nB"],
    ["lines behind a last line without ending", "a\r\nb", [" b", "+c", "+d"], "a\r\nb\r\nc\r\nd"],
    ["behind a last line without ending, in the style of the line before it", "a\nb\r\nc", [" c", "+d"], "a\nb\r\nc\r\nd"],
    ["the last line without ending is removed", "a\r\nb", [" a", "-b"], "a"],
    ["all lines removed", "a\nb", ["-a", "-b"], ""],
    ["one line without ending, one added", "a", [" a", "+b"], "a\nb"],
    ["the draft says that the new side has no final newline", "a\nb\n", [" a", "-b", "+B"], "a\nB", { noFinalNewline: true }],
    ["the draft says that it has one", "a\nb", [" a", "-b", "+B"], "a\nB\n", { noFinalNewline: false }],
    ["what the draft says of the end is not for the middle", "a\nb\n", ["-a", "+A"], "A\nb\n", { noFinalNewline: true }],
    ["a BOM stays, and line 1 matches without it", "\ufeffa\nb\n", ["-a", "+A"], "\ufeffA\nb\n"],
    ["a BOM in the draft is not doubled", "\ufeffa\nb\n", ["-\ufeffa", "+\ufeffA"], "\ufeffA\nb\n"],
    ["insertion in front of line 1 with BOM", "\ufeffa\n", ["+x", " a"], "\ufeffx\na\n"],
    ["all but the BOM removed", "\ufeffa\n", ["-a"], "\ufeff"],
    ["kept lines keep their blanks", "a \nb\t\nc\n", [" a", " b", "-c", "+C"], "a \nb\t\nC\n"],
    ["kept lines inside the change too", "x\na \nb\t\nc\n", ["-x", "+X", " a", " b", "-c", "+C"], "X\na \nb\t\nC\n"],
    ["lines removed and added unchanged keep their blanks", "a \nb\n", ["-a", "-b", "+a", "+B"], "a \nB\n"],
    ["a blank line at the hunk's end that the file does not have", "a\nb\n", [" a", "-b", "+B", " "], "a\nB\n"],
    ["a blank line behind a single old line", "b\nc\n", ["-b", "+B", " "], "B\nc\n"],
    ["a blank line that leaves the rest in two places", "b\nb\nc\n", ["-b", "+B", " "], ambiguous],
    ["a blank line at the hunk's end that the file has", "b\n\nb\nc\n", ["-b", "+B", " "], "B\n\nb\nc\n"],
  ];
  checkAll(cases);

  test("each run of changed lines is a change of its own, and it tells where and by which lines", () => {
    const file = textFile("a\nb\nc\nd\ne\nf\n");
    const placement = place(hunk([" a", "-b", "+B", " c", "-d", "+D", "+D2", " e"]), file, { cursor: 0 });
    expect(placement).toMatchObject({ ok: true, line: 2, linesRemoved: 2, linesAdded: 3, cursor: 13, rung: "exact" });
    expect(placement).toMatchObject({ matched: { start: 0, end: 10 } });
    expect(placement.ok && placement.changes).toEqual([
      { start: 2, end: 4, bytes: Buffer.from("B\n") },
      { start: 6, end: 8, bytes: Buffer.from("D\nD2\n") },
    ]);
  });

  test("an insertion is matched by its anchor alone, and by nothing where it has none", () => {
    const file = textFile("a\nb\nc\n");
    expect(place(hunk(["+x"], { anchors: ["b"] }), file, { cursor: 0 })).toMatchObject({
      line: 3,
      matched: { start: 2, end: 4 },
    });
    expect(place(hunk(["+x"]), file, { cursor: 0 })).toMatchObject({ line: 4, matched: { start: 6, end: 6 } });
  });

  test.each([
    ["only context", [" a"]],
    ["the same lines out and in", ["-a", "+a"]],
    ["nothing at all", []],
  ])("a hunk that changes nothing: %s", (_, lines) => {
    expect(outcome(hunk(lines), textFile("a\n")).text).toBe("HUNK_EMPTY");
  });
});

describe("what a failure says", () => {
  const file = textFile(Array.from({ length: 40 }, (_, at) => (at % 10 === 4 ? "same" : `line ${at + 1}`)).join("\n"));

  test("ambiguous: every place by its line, with fresh lines", () => {
    const { placement } = outcome(hunk(["-same", "+x"]), file);
    expect(placement).toMatchObject({ ok: false, candidates: [5, 15, 25, 35] });
    if (placement.ok) return;
    expect(placement.failure.message).toBe("f: the old lines stand in 4 places (lines 5, 15, 25, 35).");
    expect(placement.excerpt).toContain("4| line 4\n5| same\n6| line 6");
    expect(placement.excerpt).toContain("…\n13| line 13");
  });

  test("missing: the nearest lines, by those that are still the same", () => {
    const { placement } = outcome(hunk([" line 12", "-line 13 was", "+x", " line 14"]), file);
    expect(placement).toMatchObject({ ok: false, candidates: [12], failure: { code: missing } });
    expect(!placement.ok && placement.excerpt).toContain("13| line 13");
  });

  test("missing: the line most alike when none is the same", () => {
    const old = textFile("a\n  const total = sum(items);\nb\n");
    const { placement } = outcome(hunk(["-const total = sum(rows);", "+x"]), old);
    expect(placement).toMatchObject({ ok: false, candidates: [2], excerpt: "1| a\n2|   const total = sum(items);\n3| b" });
  });

  test("nothing near: nothing shown", () => {
    const { placement } = outcome(hunk(["-something else entirely", "+x"]), textFile("a\nb\n"));
    expect(placement).toMatchObject({ ok: false, candidates: [], excerpt: "" });
  });

  test("a missing anchor is named", () => {
    const { placement } = outcome(hunk(["-same", "+x"], { anchors: ["class Z"] }), file);
    expect(!placement.ok && placement.failure.message).toBe('f: the anchor "class Z" is not in the file.');
  });

  test("never more than 2 KB and eight candidates", () => {
    const long = textFile(`${"ü".repeat(500)}\nx\n`.repeat(50));
    const { placement } = outcome(hunk(["-x", "+y"]), long);
    expect(placement.ok).toBe(false);
    if (placement.ok) return;
    expect(placement.candidates).toHaveLength(8);
    expect(Buffer.byteLength(placement.excerpt)).toBeLessThanOrEqual(2048);
    expect(placement.failure.message.length).toBeLessThan(120);
  });
});
