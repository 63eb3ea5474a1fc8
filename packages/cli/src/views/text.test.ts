/** Widths of true text, clipping and wrapping under every width, and that nothing harmful gets through. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openEmulator } from "../../test/emulator.ts";
import { createStyle } from "./style.ts";
import { clip, displayWidth, expandTabs, onlyStyles, pieces, sanitize, sanitizeLine, wrap } from "./text.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const style = createStyle({ FORCE_COLOR: "1" }, true);
const strip = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "");

const samples = ["a", "Z", " ", "  ", "-", "é", "e\u0301", "ß", "Ж", "字", "かな", "ﾊﾞ", "한", "ｆ", "…", "│", "→", "👍", "👍🏽"];
const hard = ["👩‍👩‍👧", "🇩🇪", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☎", "\u1112\u1161\u11ab", "नि", "สวัสดี", "\t"];
const texts = fc.array(fc.constantFrom(...samples, ...hard), { maxLength: 60 }).map((parts) => parts.join(""));
const anything = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes));
const styled = fc
  .array(
    fc.tuple(
      texts,
      fc.constantFrom(style.bold, style.dim, style.good, (text: string) => text),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.map(([text, paint]) => paint(text)).join(""));

describe("width", () => {
  test.each([
    ["", 0],
    ["plain text", 10],
    [style.bold("bold"), 4],
    ["naïve Straße Жук", 16],
    ["e\u0301", 1],
    ["字かな한ｆ", 10],
    ["ﾊﾞ", 2],
    ["👍👍🏽", 4],
    ["👩‍👩‍👧🏴‍☠️", 4],
    ["🇩🇪🇫🇷", 4],
    ["❤️1️⃣☎", 5],
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2],
    ["\u1112\u1161\u11ab", 2],
    ["a\tb", 5],
    ["字\tb", 5],
  ])("%j takes %i cells", (text, width) => expect(displayWidth(text)).toBe(width));

  test("a terminal that joins clusters counts the same", async () => {
    const emulator = openEmulator({ cols: 200 });
    // Terminals disagree on half-width voice marks.
    const text = `${samples.filter((sample) => sample !== "ﾊﾞ").join("x")}${hard.slice(0, 7).join("x")}`;
    await emulator.feed(text);
    expect(emulator.cursor().column).toBe(displayWidth(text));
  });

  test("is that of the pieces together", () => {
    const lone = fc.string({ unit: fc.constantFrom("a", "é", "·", "…", "›", "字", "\u007f", "─"), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(lone, styled, anything), (text) => {
        expect(displayWidth(text)).toBe(pieces(text).reduce((width, piece) => width + piece.width, 0));
      }),
      { numRuns: runs },
    );
  });

  test("pieces are the text", () => {
    fc.assert(
      fc.property(fc.oneof(styled, anything), (text) => {
        expect(
          pieces(text)
            .map((piece) => piece.text)
            .join(""),
        ).toBe(text);
      }),
      { numRuns: runs },
    );
  });

  test("the borders are those of the segmenter", () => {
    const segmenter = new Intl.Segmenter("en");
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.string({ unit: fc.integer({ min: 0x20, max: 0xd7ff }).map((code) => String.fromCodePoint(code)) }),
          fc.string({ unit: fc.integer({ min: 0x20, max: 0x34ff }).map((code) => String.fromCodePoint(code)) }),
        ),
        (text) => {
          expect(pieces(text).map((piece) => piece.text)).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment));
        },
      ),
      { numRuns: runs * 5 },
    );
  });
});

describe("clip", () => {
  test.each([
    ["hello", 5, "hello"],
    ["hello", 4, "hel…"],
    ["hello", 1, "…"],
    ["hello", 0, ""],
    ["字字字", 5, "字字…"],
    ["字字字", 4, "字…"],
    ["a\tb", 4, "a  …"],
    [style.bold("hello"), 3, "\u001b[1mhe…\u001b[0m"],
    [style.bold("hello"), 5, style.bold("hello")],
    [`${style.bold("he")}llo`, 4, `${style.bold("he")}l…`],
  ])("%j in %i", (text, width, clipped) => expect(clip(text, width)).toBe(clipped));

  test("is never wider, loses nothing that fits, leaves no style open", () => {
    fc.assert(
      fc.property(styled, fc.integer({ min: 0, max: 80 }), (text, width) => {
        const clipped = clip(text, width);
        expect(displayWidth(clipped)).toBeLessThanOrEqual(width);
        if (displayWidth(text) <= width) expect(clipped).toBe(expandTabs(text));
        expect(openStyles(clipped)).toBe(false);
      }),
      { numRuns: runs },
    );
  });
});

describe("wrap", () => {
  test.each([
    ["", 10, [""]],
    ["one two three", 7, ["one two", "three"]],
    ["one two three", 8, ["one two", "three"]],
    ["one  two", 4, ["one", "two"]],
    ["  indented text", 10, ["  indented", "text"]],
    ["abcdefgh ij", 3, ["abc", "def", "gh", "ij"]],
    ["a abcdefgh", 4, ["a", "abcd", "efgh"]],
    ["字字字字 字", 5, ["字字", "字字", "字"]],
    ["ab 字字字", 6, ["ab 字", "字字"]],
    ["a\nb\r\n\nc", 10, ["a", "b", "", "c"]],
    ["\ta", 10, ["    a"]],
    [style.bold("one two"), 3, ["\u001b[1mone\u001b[0m", "\u001b[1mtwo\u001b[0m"]],
  ])("%j in %i", (text, width, lines) => expect(wrap(text, width)).toEqual(lines));

  test("no line is wider, no character but blanks is lost, no style leaks, and styles change no break", () => {
    fc.assert(
      fc.property(styled, fc.integer({ min: 2, max: 80 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        for (const line of lines) expect(openStyles(line)).toBe(false);
        expect(strip(lines.join("")).replaceAll(" ", "")).toBe(strip(text).replace(/[ \t]/g, ""));
      }),
      { numRuns: runs },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 80 }), (text, width) => {
        expect(wrap(style.bold(text), width).map(strip)).toEqual(wrap(text, width));
      }),
      { numRuns: runs },
    );
  });
});

describe("sanitize", () => {
  test.each([
    ["plain\n\ttext", "plain\n\ttext"],
    ["a\r\nb\rc", "a\nb␍c"],
    ["\u001b[2J\u0007\u0000\u007f", "␛[2J␇␀␡"],
    ["\u009b2J\u0090", "<U+009B>2J<U+0090>"],
    ["user\u202eexe.txt\u2066", "user<U+202E>exe.txt<U+2066>"],
    ["a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"],
    ["\u{e0041}\u{e0042}", "<U+E0041><U+E0042>"],
    ["\ud800", "\ufffd"],
    ["👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 é 字", "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 é 字"],
  ])("%j", (text, clean) => expect(sanitize(text)).toBe(clean));

  test("a path stays on one line", () => expect(sanitizeLine("a\nb\tc\r\nd")).toBe("a␊b␉c␊d"));

  test("nothing that a terminal would obey gets through", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(sanitize(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u202a-\u202e\u2066-\u2069]/);
        expect(sanitize(sanitize(text))).toBe(sanitize(text));
      }),
      { numRuns: runs },
    );
  });

  test("the last gate lets styles through and nothing else", () => {
    expect(onlyStyles(style.bold("字"))).toBe(style.bold("字"));
    expect(onlyStyles(`${style.bold("x")}\u001b[2J\n\u009b`)).toBe(`${style.bold("x")}␛[2J␊<U+009B>`);
  });
});

test("20,000 tokens cost some milliseconds", () => {
  const words = Array.from({ length: 20_000 }, (_, index) => ["return", "value", "größe", "字かな", "=>"][index % 5] ?? "");
  const lines = Array.from({ length: 2000 }, (_, index) => words.slice(index * 10, index * 10 + 10).join(" "));
  // A few are usual. Time of the processor: a machine that is busy with something else must not fail.
  const taken = leastCpuMs(3, () => {
    for (const line of lines) for (const row of wrap(sanitize(line), 40)) clip(row, 38);
  });
  expect(taken).toBeLessThan(150);
});

function openStyles(text: string): boolean {
  const last = text.match(/\u001b\[[0-9;]*m/g)?.at(-1);
  return last !== undefined && last !== "\u001b[0m";
}
