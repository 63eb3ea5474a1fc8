import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { merge3 } from "./merge.ts";

const scale = Number(process.env.TWOLANE_TEST_SCALE ?? 1);
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

function merged(base: string, yours: string, theirs: string): string {
  const result = merge3(bytes(base), bytes(yours), bytes(theirs));
  return result.ok ? Buffer.from(result.bytes).toString("latin1") : "CONFLICT";
}

describe("three-way merge", () => {
  test.each([
    ["different lines", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"],
    ["the same change on both sides", "a\nb\n", "a\nX\n", "a\nX\n", "a\nX\n"],
    ["neighbouring lines", "a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n", "A\nB\nc\n"],
    ["one line", "a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", "CONFLICT"],
    ["two insertions at one place", "a\nb\n", "a\nX\nb\n", "a\nY\nb\n", "CONFLICT"],
    ["the same insertion", "a\nb\n", "a\nX\nb\n", "a\nX\nb\n", "a\nX\nb\n"],
    ["an insertion in front of a changed line", "a\nb\n", "a\nX\nb\n", "a\nB\n", "a\nX\nB\n"],
    ["an insertion behind a changed line", "a\nb\nc\n", "a\nB\nc\n", "a\nb\nX\nc\n", "a\nB\nX\nc\n"],
    ["an insertion inside a removed block", "a\nb\nc\nd\n", "a\nd\n", "a\nb\nX\nc\nd\n", "CONFLICT"],
    ["removed here, changed there", "a\nb\nc\n", "a\nc\n", "a\nB\nc\n", "CONFLICT"],
    ["removed on both sides", "a\nb\nc\n", "a\nc\n", "a\nc\n", "a\nc\n"],
    ["only an ending differs", "a\nb\nc\n", "a\r\nb\nc\n", "a\nb\nC\n", "a\r\nb\nC\n"],
    ["ending against text of one line", "a\n", "a\r\n", "b\n", "CONFLICT"],
    ["no final newline", "a\nb", "A\nb", "a\nB", "A\nB"],
    ["a final newline added, a line changed", "a\nb", "a\nb\n", "A\nb", "A\nb\n"],
    ["the final newline taken away, a line put behind it", "a\n", "a", "a\nb\n", "CONFLICT"],
    ["into nothing, twice", "", "a\n", "b\n", "CONFLICT"],
    ["invalid UTF-8", "\xff\nb\nc\n", "\xff\nB\nc\n", "\xff\nb\n\xfe\n", "\xff\nB\n\xfe\n"],
    ["repeated lines", "x\nx\nx\n", "x\nx\nx\nx\n", "y\nx\nx\nx\n", "y\nx\nx\nx\nx\n"],
  ])("%s", (_, base, yours, theirs, expected) => {
    expect(merged(base, yours, theirs)).toBe(expected);
  });

  test("a conflict names the lines of the base and both texts", () => {
    const result = merge3(bytes("h\na\nb\nc\nt\n"), bytes("h\na\nX\nc\nt\n"), bytes("h\na\nY\nZ\nt\n"));
    expect(result).toEqual({ ok: false, conflicts: [{ baseStartLine: 3, baseEndLine: 5, yours: "X\nc\n", theirs: "Y\nZ\n" }] });
  });

  test("a conflict inside a larger one shows all of its lines", () => {
    const result = merge3(bytes("a\nb\nc\nd\ne\n"), bytes("a\nX\ne\n"), bytes("a\nb\nC\nd\ne\n"));
    expect(result).toEqual({ ok: false, conflicts: [{ baseStartLine: 2, baseEndLine: 5, yours: "X\n", theirs: "b\nC\nd\n" }] });
  });

  test("every conflict is named, not only the first", () => {
    const result = merge3(bytes("a\nb\nc\n"), bytes("1\nb\n2\n"), bytes("3\nb\n4\n"));
    expect(!result.ok && result.conflicts.map((conflict) => conflict.baseStartLine)).toEqual([1, 3]);
  });
});

const line = fc.constantFrom("a\n", "b\n", "c\r\n", "}\n", "\n", "d\n", "\xff\n", "e\n");
const someFile = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom("", "", "end"))
  .map(([lines, end]) => lines.join("") + end);

/** Changes of one side: at which line, how many go, what comes. Lines that come are that side's own. */
function edits(mark: string): fc.Arbitrary<readonly (readonly [at: number, gone: number, come: readonly string[]])[]> {
  const fresh = fc.array(
    fc.nat(99).map((number) => `${mark}${number}\n`),
    { maxLength: 3 },
  );
  return fc.array(fc.tuple(fc.nat(14), fc.nat(2), fresh), { maxLength: 4 });
}

function edited(base: string, changes: readonly (readonly [number, number, readonly string[]])[]): string {
  const lines = base.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [...lines];
  for (const [at, gone, come] of [...changes].sort((a, b) => b[0] - a[0]))
    result.splice(Math.min(at, lines.length), gone, ...come);
  return result.join("");
}

test("random merges: identities hold, sides are equal in rights, no line that a side wrote is lost", () => {
  fc.assert(
    fc.property(someFile, edits("Y"), edits("T"), (base, yourEdits, theirEdits) => {
      const yours = edited(base, yourEdits);
      const theirs = edited(base, theirEdits);
      expect(merged(base, base, theirs)).toBe(theirs);
      expect(merged(base, yours, base)).toBe(yours);
      expect(merged(base, yours, yours)).toBe(yours);
      const result = merge3(bytes(base), bytes(yours), bytes(theirs));
      const swapped = merge3(bytes(base), bytes(theirs), bytes(yours));
      expect(swapped.ok).toBe(result.ok);
      const written = `${yours}${theirs}`.match(/[YT]\d+/g) ?? [];
      if (result.ok && swapped.ok) {
        const text = Buffer.from(result.bytes).toString("latin1");
        expect(Buffer.compare(result.bytes, swapped.bytes)).toBe(0);
        for (const own of written) expect(text).toContain(own);
        // A line of the base is gone only as often as the sides took it away; what both took away counts once.
        for (const kept of new Set(base.match(/[^\n]*\n/g))) {
          const count = (whole: string): number => whole.split(/(?<=\n)/).filter((other) => other === kept).length;
          expect(count(text)).toBeGreaterThanOrEqual(count(yours) + count(theirs) - count(base));
        }
      } else if (!result.ok) {
        for (const conflict of result.conflicts) expect(conflict.yours).not.toBe(conflict.theirs);
      }
    }),
    { numRuns: 500 * scale },
  );
});

test("changes of lines that are apart always merge to both", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), fc.nat(), (count, first, second) => {
      const lines = Array.from({ length: count * 2 }, (_, at) => `line ${at}\r\n`);
      const [top, bottom] = [first % count, count + (second % count)];
      const change = (places: readonly number[]): string =>
        lines.map((text, at) => (places.includes(at) ? `new ${at}\n` : text)).join("");
      expect(merged(lines.join(""), change([top]), change([bottom]))).toBe(change([top, bottom]));
    }),
    { numRuns: 30 * scale },
  );
});

test("long files: what is shared in front and behind is compared in blocks, to the byte", () => {
  fc.assert(
    fc.property(fc.nat(9000), fc.nat(9000), fc.integer({ min: 1, max: 3 }), (first, second, width) => {
      const lines = Array.from({ length: 9001 }, () => "x".repeat(width) + "\n");
      const change = (places: readonly number[]): string =>
        lines.map((text, at) => (places.includes(at) ? `y${text}` : text)).join("");
      expect(merged(lines.join(""), change([first]), change([second]))).toBe(change([first, second]));
      const conflict = merge3(bytes(lines.join("")), bytes(change([first])), bytes(change([first]).replace("y", "z")));
      expect(!conflict.ok && conflict.conflicts[0]?.baseStartLine).toBe(first + 1);
    }),
    { numRuns: 8 * scale },
  );
});
