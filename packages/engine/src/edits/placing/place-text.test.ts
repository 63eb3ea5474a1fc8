import { describe, expect, test } from "vitest";
import { applyChanges, fileText, type FileText } from "./file-text.ts";
import { createLocator } from "./locate-tentative.ts";
import { afterAll, hunk, outcome, textFile } from "./place-samples.ts";
import { place, splitRewrite, type RewriteDraft } from "./place.ts";

const substitute = (oldText: string, newText: string, everywhere = false) =>
  ({ kind: "substitute", path: "f", oldText, newText, everywhere }) as const;
const rewrite = (content: string): RewriteDraft => ({ kind: "rewrite", path: "f", content });
const text = (file: FileText): string => Buffer.from(file.bytes).toString("utf8");

describe("a text for another", () => {
  test.each([
    ["inside a line", "let a = b;\n", "b", "c", "let a = c;\n"],
    ["over lines", "a\nb\nc\n", "a\nb", "x", "x\nc\n"],
    ["whole lines away", "a\nb\nc\n", "b\n", "", "a\nc\n"],
    ["joins lines when it says so", "a\nb\n", "a\n", "x", "xb\n"],
    ["CRLF in the file, LF in the draft", "a\r\nb\r\nc\r\n", "a\nb", "x\ny", "x\r\ny\r\nc\r\n"],
    ["CRLF in the draft, LF in the file", "a\nb\nc\n", "a\r\nb", "x\r\ny", "x\ny\nc\n"],
    ["each newline's own ending", "a\nb\r\nc\nd\n", "a\nb\nc", "1\n2\n3\n4", "1\n2\r\n3\r\n4\nd\n"],
    ["a new line in a CRLF file", "a\r\nb\r\n", "b", "b\nc", "a\r\nb\r\nc\r\n"],
    ["behind a BOM", "\ufeffa\n", "a", "b", "\ufeffb\n"],
    ["the file's end without newline", "a\nb", "b", "c", "a\nc"],
    ["letters beyond ASCII", "größe — x\n", "größe", "länge", "länge — x\n"],
    ["twice, not everywhere", "a a\n", "a", "b", "HUNK_AMBIGUOUS"],
    ["overlapping itself", "aaa\n", "aa", "b", "HUNK_AMBIGUOUS"],
    ["not there", "a\n", "zz", "b", "HUNK_MISSING"],
    ["no old text", "a\n", "", "b", "HUNK_AMBIGUOUS"],
    ["no old text, empty file", "", "", "b\n", "b\n"],
    ["the same text", "a\n", "a", "a", "HUNK_EMPTY"],
    ["whole lines but for blanks", "a \nb\n", "a\nb", "c", "c\n"],
    ["whole lines, indented deeper", "  a\n  b\n", "a\nb\n", "c\n  d\n", "  c\n    d\n"],
    ["whole lines with other quotes", "x = “a”\ny\n", 'x = "a"\ny', "z", "z\n"],
    ["a part of a line with other quotes", "x = “a”;\n", 'x = "a"', "z", "HUNK_MISSING"],
    ["lines away, but for blanks", "a \nb\t\nc\n", "a\nb\n", "", "c\n"],
    ["loose lines that would be joined", "a \nb\n", "a\nb\n", "c", "HUNK_MISSING"],
    ["loose lines in two places", "a \nb\na \nb\n", "a\nb", "c", "HUNK_AMBIGUOUS"],
  ])("%s", (_, before, oldText, newText, expected) => {
    expect(outcome(substitute(oldText, newText), textFile(before)).text).toBe(expected);
  });

  test.each([
    ["in one line", "a b a\na\n", "a", "x", "x b x\nx\n"],
    ["not overlapping", "aaaa\n", "aa", "b", "bb\n"],
    ["loose lines", "  a\n  b\nq\n    a\n    b\n", "a\nb\n", "c\n", "  c\nq\n    c\n"],
    ["not there", "a\n", "zz", "b", "HUNK_MISSING"],
  ])("everywhere: %s", (_, before, oldText, newText, expected) => {
    expect(outcome(substitute(oldText, newText, true), textFile(before)).text).toBe(expected);
  });

  test("changes only what differs, and counts it", () => {
    const placement = place(substitute("a\nb\nc\n", "a\nX\nY\nc\n"), textFile("0\na\nb\nc\n"), { cursor: 0 });
    expect(placement).toMatchObject({ ok: true, line: 3, linesRemoved: 1, linesAdded: 2, cursor: 10 });
    expect(placement.ok && placement.changes).toEqual([{ start: 4, end: 5, bytes: Buffer.from("X\nY") }]);
  });

  test("names every place by its line", () => {
    expect(place(substitute("a", "b"), textFile("a\nx\na\n"), { cursor: 0 })).toMatchObject({ ok: false, candidates: [1, 3] });
  });

  test("does not match into broken UTF-8", () => {
    const file = fileText(Buffer.from("\xff\xa9 x\n", "latin1"));
    expect(outcome(substitute("\ufffd", "y"), file).text).toBe("HUNK_MISSING");
    const placement = place(substitute("x", "y"), file, { cursor: 0 });
    expect(placement.ok && Buffer.from(applyChanges(file, placement.changes).bytes).toString("latin1")).toBe("\xff\xa9 y\n");
  });
});

describe("a whole file anew", () => {
  test.each([
    ["one line", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n"],
    ["endings stay, whatever the draft has", "a\r\nb\r\nc\n", "a\nB\nnew\nc\n", "a\r\nB\r\nnew\r\nc\n"],
    ["CRLF in the draft", "a\nb\n", "a\r\nB\r\n", "a\nB\n"],
    ["no final newline stays so", "a\nb", "a\nB\n", "a\nB"],
    ["a final newline stays", "a\nb\n", "a\nB", "a\nB\n"],
    ["a BOM stays", "\ufeffa\n", "b\n", "\ufeffb\n"],
    ["a BOM is not doubled", "\ufeffa\n", "\ufeffb\n", "\ufeffb\n"],
    ["nothing differs", "a\r\nb\n", "a\nb\n", "HUNK_EMPTY"],
    ["of an empty file", "", "a\nb", "a\nb"],
    ["to nothing", "a\nb\n", "", ""],
    ["lines at the end of a file without newline", "a\nb", "a\nb\nc\n", "a\nb\nc"],
    ["the last line of a file without newline goes", "a\nb", "a\n", "a"],
  ])("%s", (_, before, content, expected) => {
    expect(outcome(rewrite(content), textFile(before)).text).toBe(expected);
    if (!expected.startsWith("HUNK"))
      expect(text(afterAll(splitRewrite(rewrite(content), textFile(before)), textFile(before)))).toBe(expected);
    else expect(splitRewrite(rewrite(content), textFile(before))).toEqual([]);
  });

  test("one change for each run of lines that differ", () => {
    const before = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`);
    const after = before.map((line, at) => (at === 3 || at === 20 ? `new ${at}\n` : line)).join("");
    const placement = place(rewrite(after), textFile(before.join("")), { cursor: 0 });
    expect(placement).toMatchObject({ ok: true, line: 4, linesRemoved: 2, linesAdded: 2 });
    expect(placement.ok && placement.changes).toHaveLength(2);
    const parts = splitRewrite(rewrite(after), textFile(before.join("")));
    expect(parts.map((part) => part.kind === "update" && part.line)).toEqual([1, 18]);
  });

  test("parts find their way among equal lines", () => {
    const before = "x\n".repeat(40);
    const after = `${"x\n".repeat(20)}y\n${"x\n".repeat(10)}z\n${"x\n".repeat(8)}`;
    expect(outcome(rewrite(after), textFile(before)).text).toBe(after);
    const file = textFile(before);
    let now = file;
    let cursor = 0;
    let shift = 0;
    for (const part of splitRewrite(rewrite(after), file)) {
      const placement = place(part, now, { cursor, lineShift: (line) => line + shift });
      expect(placement.ok).toBe(true);
      if (!placement.ok) return;
      now = applyChanges(now, placement.changes);
      cursor = placement.cursor;
      shift += placement.linesAdded - placement.linesRemoved;
    }
    expect(text(now)).toBe(after);
  });

  test("lines that are no UTF-8 are replaced as bytes, in one part", () => {
    const file = fileText(Buffer.from("\xff\nb\n", "latin1"));
    expect(splitRewrite(rewrite("a\nb\n"), file)).toEqual([rewrite("a\nb\n")]);
    expect(outcome(rewrite("a\nb\n"), file).text).toBe("a\nb\n");
  });

  test("lines that are no UTF-8 and read as before keep their bytes", () => {
    const file = fileText(Buffer.from("\xff\nb\nc\n", "latin1"));
    const parts = splitRewrite(rewrite("\ufffd\nb\nC\n"), file);
    expect(parts).toMatchObject([{ kind: "update", line: 2 }]);
    expect(Buffer.from(afterAll(parts, file).bytes).toString("latin1")).toBe("\xff\nb\nC\n");
    expect(Buffer.from(afterAll([rewrite("\ufffd\nb\nC\n")], file).bytes).toString("latin1")).toBe("\xff\nb\nC\n");
  });
});

describe("the place of an open hunk", () => {
  const file = textFile("a\n  x\n  y\nb\n  x\n  z\n");

  test("narrows with every line, and moves through the ladder", () => {
    const lines = [" x", " z", "+new"];
    const locator = createLocator();
    expect(lines.map((_, at) => locator.tentative(hunk(lines.slice(0, at + 1)), file, 0))).toEqual([0, 7, 7]);
    const exact = ["   x", "-  y"];
    expect(exact.map((_, at) => locator.tentative(hunk(exact.slice(0, at + 1)), file, 0))).toEqual([0, 3]);
  });

  test("equals the place of the closed hunk, line after line, with anchors and a previous hunk", () => {
    const draft = hunk(["   x", "-  z", "+  q"], { anchors: ["b"] });
    const locator = createLocator();
    expect(draft.lines.map((_, at) => locator.tentative({ ...draft, lines: draft.lines.slice(0, at + 1) }, file, 0))).toEqual([
      6, 6, 6,
    ]);
    expect(place(draft, file, { cursor: 0 })).toMatchObject({ ok: true, line: 6 });
    expect(locator.tentative(hunk(["   x"]), file, 8)).toBe(6);
  });

  test("is asked anew for another file and for another hunk", () => {
    const locator = createLocator();
    expect(locator.tentative(hunk(["-b"]), file, 0)).toBe(4);
    expect(locator.tentative(hunk(["-b"]), textFile("b\n"), 0)).toBe(1);
    expect(locator.tentative(hunk(["-a"]), file, 0)).toBe(1);
    expect(locator.tentative(hunk(["-gone"]), file, 0)).toBe(0);
    expect(locator.tentative(hunk(["-gone", "-b"]), file, 0)).toBe(0);
    expect(locator.tentative(hunk(["-b"], { anchors: ["gone"] }), file, 0)).toBe(0);
  });

  test("of insertions and of texts", () => {
    const locator = createLocator();
    expect(locator.tentative(hunk(["+n"], { anchors: ["b"] }), file, 0)).toBe(5);
    expect(locator.tentative(hunk(["+n"]), file, 0)).toBe(7);
    expect(locator.tentative(substitute("y\nb", ""), file, 0)).toBe(3);
    expect(locator.tentative(substitute("x", ""), file, 0)).toBe(0);
    expect(locator.tentative(rewrite(""), file, 0)).toBe(0);
  });
});
