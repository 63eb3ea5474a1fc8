import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines } from "./line-diff.ts";

const scale = Number(process.env.TWOLANE_TEST_SCALE ?? 1);

function applyDiff(before: readonly string[], after: readonly string[]): readonly string[] {
  const result: string[] = [];
  let done = 0;
  for (const run of diffLines(before, after)) {
    result.push(...before.slice(done, run.start), ...after.slice(run.newStart, run.newEnd));
    done = run.end;
  }
  return result.concat(before.slice(done));
}

/** Length of the longest common subsequence, the slow and simple way. */
function common(before: readonly string[], after: readonly string[]): number {
  let row = Array.from({ length: after.length + 1 }, () => 0);
  for (const line of before) {
    const next = [0];
    after.forEach((other, at) => next.push(line === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

const someLines = fc.array(fc.constantFrom("a", "b", "c", "d", ""), { maxLength: 30 });

describe("differences of lines", () => {
  test("rebuild the new list, are the shortest, and leave a common line between two runs", () => {
    fc.assert(
      fc.property(someLines, someLines, (before, after) => {
        expect(applyDiff(before, after)).toEqual(after);
        const runs = diffLines(before, after);
        const removed = runs.reduce((sum, run) => sum + run.end - run.start, 0);
        expect(before.length - removed).toBe(common(before, after));
        runs.forEach((run, index) => {
          const next = runs[index + 1];
          expect(run.end > run.start || run.newEnd > run.newStart).toBe(true);
          if (next !== undefined) expect(next.start > run.end && next.newStart > run.newEnd).toBe(true);
        });
      }),
      { numRuns: 500 * scale },
    );
  });

  test("equal lists do not differ", () => {
    expect(diffLines(["a", "b"], ["a", "b"])).toEqual([]);
  });

  test("stay correct where the shortest script would cost too much", () => {
    const before = Array.from({ length: 3000 }, (_, at) => (at % 10 === 0 ? `pin ${at}` : `old ${at}`));
    const after = before.map((line, at) => (at % 10 === 0 ? line : `new ${at}`));
    expect(applyDiff(before, after)).toEqual(after);
    expect(diffLines(before, after)).toHaveLength(300);
    const other = Array.from({ length: 3000 }, (_, at) => `x${at % 7}`);
    expect(applyDiff(before, other)).toEqual(other);
    expect(applyDiff(other, before)).toEqual(before);
    const moved = [...before.slice(1500), ...before.slice(0, 1500)];
    expect(applyDiff(before, moved)).toEqual(moved);
  });
});
