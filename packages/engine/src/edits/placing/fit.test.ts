import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteChange } from "../edits.ts";
import { applyToBytes } from "./file-text.ts";
import { fit, hullOf, ordered, within } from "./fit.ts";
import { lineChanges } from "./line-changes.ts";

const bytes = (text: string): Buffer => Buffer.from(text);
const changesOf = (base: string, other: string) => lineChanges(bytes(base), bytes(other));
const fitOf = (base: string, yours: string, theirs: string) => fit(bytes(base), changesOf(base, yours), changesOf(base, theirs));

describe("changes of two on one base", () => {
  it.each([
    ["a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", 1, 0],
    ["a\nb\nc\n", "A\nb\nc\n", "A\nb\nc\n", 0, 0],
    ["a\nb\nc\n", "A\nb\nc\n", "x\nb\nc\n", 0, 1],
    ["a\nb\n", "a\nx\nb\n", "a\nB\n", 1, 0],
    ["a\nb\n", "a\nx\nb\n", "a\ny\nb\n", 0, 1],
    ["", "x\n", "y\n", 0, 1],
    // Nothing stands behind a line that has lost its ending.
    ["a\n", "a", "a\nb\n", 0, 1],
    ["a\n", "a\nb\n", "a", 0, 1],
    ["a\nb", "A\nb", "a\nb\nc", 1, 0],
  ])("%j, yours %j, theirs %j", (base, yours, theirs, open, overlaps) => {
    const fitting = fitOf(base, yours, theirs);
    expect([fitting.open.length, fitting.overlaps.length]).toEqual([open, overlaps]);
  });

  it("has one conflict for all that a hunk overlaps, with everything of both sides in it", () => {
    const [base, yours, theirs] = ["a\nb\nc\nd\ne\n", "a\nB\nc\nD\ne\n", "a\nx\nc\ny\ne\n"];
    const { overlaps } = fitOf(base, yours, theirs);
    const hull = hullOf(overlaps, changesOf(base, yours), changesOf(base, theirs));
    expect([within(bytes(base), hull, hull.yours), within(bytes(base), hull, hull.theirs)].map(String)).toEqual([
      ...["B\nc\nD\n", "x\nc\ny\n"],
    ]);
  });

  it("are the same whoever of both is meant by yours", () => {
    const line = fc.constantFrom("a\n", "b\n", "}\n", "\n", "x\r\n");
    const text = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean()).map(([lines, cut]) => {
      const whole = lines.join("");
      return cut ? whole.replace(/\r?\n$/, "") : whole;
    });
    fc.assert(
      fc.property(text, text, text, (base, yours, theirs) => {
        const [one, other] = [fitOf(base, yours, theirs), fitOf(base, theirs, yours)];
        expect(one.overlaps.map(({ start, end }) => [start, end])).toEqual(other.overlaps.map(({ start, end }) => [start, end]));
        if (one.overlaps.length > 0) return;
        const sum = (mine: string, open: readonly ByteChange[]): string =>
          applyToBytes(bytes(base), ordered([...changesOf(base, mine), ...open])).toString();
        expect(sum(yours, one.open)).toBe(sum(theirs, other.open));
      }),
      { numRuns: 500 },
    );
  });
});
