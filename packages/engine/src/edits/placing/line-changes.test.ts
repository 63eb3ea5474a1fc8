import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyToBytes } from "./file-text.ts";
import { lineChanges, rangeBehind } from "./line-changes.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = fc
  .array(fc.constantFrom("a\n", "b\r\n", "c\n", "\n", "\xff\xfe\n"), { maxLength: 12 })
  .chain((lines) => fc.constantFrom("", "tail").map((tail) => lines.join("") + tail));

describe("lineChanges", () => {
  it("makes one content of the other, and touches no line that both share", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = lineChanges(bytes(before), bytes(after));
        expect(Buffer.from(applyToBytes(bytes(before), changes)).toString("latin1")).toBe(after);
        for (const { start } of changes) expect(start === 0 || before[start - 1] === "\n" || start === before.length).toBe(true);
      }),
    );
  });
});

describe("rangeBehind", () => {
  const behind = (before: string, after: string, range: string, ends: "with" | "without"): string => {
    const start = before.indexOf(range);
    const moved = rangeBehind({ start, end: start + range.length }, lineChanges(bytes(before), bytes(after)), ends);
    return after.slice(moved.start, moved.end);
  };

  it.each([
    ["moved by what is in front", "1\n2\n3\n", "0\n1\n2\n3\n", "2\n3\n", "2\n3\n", "2\n3\n"],
    ["with what was put in its midst", "1\n2\n3\n", "1\n2\nx\n3\n", "2\n3\n", "2\nx\n3\n", "2\nx\n3\n"],
    ["at either end by choice", "1\n2\n3\n", "1\nx\n2\ny\n3\n", "2\n", "x\n2\ny\n", "2\n"],
    ["what took its place", "1\n2\n3\n", "1\nx\ny\n3\n", "2\n", "x\ny\n", "x\ny\n"],
    ["not what took its neighbour's", "1\n2\n3\n", "x\n2\ny\n", "2\n", "2\n", "2\n"],
  ])("%s", (_, before, after, range, withEnds, without) => {
    expect(behind(before, after, range, "with")).toBe(withEnds);
    expect(behind(before, after, range, "without")).toBe(without);
  });
});
