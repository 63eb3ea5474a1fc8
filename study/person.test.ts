/** The model of a person, the wrong course and the line of time, without a product. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChangeHunk, addedLines, answerOf, changedLines, hunksOf, mendOf, sideOf } from "./change.ts";
import { chartOf, niceTop } from "./chart.ts";
import { type Act, type Case, courseOf, endsAt, landed, ways } from "./course.ts";
import { driftOf, identifiers } from "./drift.ts";
import { finerSufficing, rowOf, rowsOf, speedSuffices, variationsOf } from "./figures.ts";
import { randomOf, read, stated, typing } from "./person.ts";
import type { Task } from "./prepare.ts";
import { type Cases, speeds } from "./study.ts";

const hunk = (path: string, name: string): ChangeHunk => ({
  path,
  kind: "update",
  lines: [" before", `-old ${name}`, `+const ${name} = compute(total);`, " behind"],
});
const right = ["alpha", "beta1", "gamma", "delta", "epsilon"].map((name) => hunk("src/a.js", name));
const swapped = (one: ChangeHunk): ChangeHunk => ({ ...one, lines: one.lines.map((line) => line.replace("total", "other")) });
const clean: Case = { right, said: right, isCaught: false };
const drifting: Case = { right, said: right.map((one, at) => (at === 1 || at === 3 ? swapped(one) : one)), isCaught: false };
const assumed = { ...stated, linesPerSecond: 2, reaction: 1, firstToken: 0.5, tests: 2 };

describe("a person", () => {
  it("reads one thing after the other, each when it is there", () => {
    const list = [
      { at: 0, lines: 4 },
      { at: 1, lines: 2 },
      { at: 10, lines: 6 },
    ];
    expect(read(list, 0.5, { linesPerSecond: 2 })).toEqual([
      { from: 0.5, to: 2.5 },
      { from: 2.5, to: 3.5 },
      { from: 10, to: 13 },
    ]);
    expect(read([], 3, { linesPerSecond: 2 })).toEqual([]);
  });

  it("reads never faster than they can, and never before it is there", () => {
    const readable = fc.record({ at: fc.double({ min: 0, max: 100, noNaN: true }), lines: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(readable), fc.double({ min: 0.5, max: 9, noNaN: true }), (list, linesPerSecond) => {
        const found = read(list, 0, { linesPerSecond });
        for (const [at, { from, to }] of found.entries()) {
          expect(from).toBeGreaterThanOrEqual(Math.max(list[at]?.at ?? 0, found[at - 1]?.to ?? 0));
          expect(to - from).toBeCloseTo((list[at]?.lines ?? 0) / linesPerSecond);
        }
      }),
    );
  });

  it("types a message by its words", () => {
    expect(typing(20, { wordsPerMinute: 40 })).toBe(30);
  });

  it("is the same for the same seed, and another for another", () => {
    const first = (...seed: readonly (string | number)[]): number[] => Array.from({ length: 5 }, randomOf(...seed));
    expect(first("point", 1)).toEqual(first("point", 1));
    expect(first("point", 1)).not.toEqual(first("point", 2));
    expect(first("point", 12)).not.toEqual(first("point1", 2));
    for (const value of first("x")) expect(value >= 0 && value < 1).toBe(true);
  });
});

describe("a change", () => {
  const diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n@@ -9,1 +9,2 @@\n nine\n+ten\n";

  it("is read from git's text", () => {
    const hunks = hunksOf("x", diff) ?? [];
    expect(hunks.map(changedLines)).toEqual([2, 1]);
    expect(hunks.map(addedLines)).toEqual([["zwei"], ["ten"]]);
    expect(sideOf(hunks[0]!, "-")).toBe("one\ntwo\nthree\n");
    expect(hunksOf("x", `${diff}\\ No newline at end of file\n`)).toBeUndefined();
    expect(hunksOf("x", "Binary files a/x and b/x differ\n")).toBeUndefined();
  });

  it("is said as one patch, in which each hunk closes with the line behind it", () => {
    const { patch, hunks, tokens } = answerOf([...right.slice(0, 2), { path: "new.js", kind: "create", lines: ["+one"] }]);
    expect(patch).toContain("*** Update File: src/a.js\n@@\n before\n");
    expect(patch.match(/^\*\*\* Update/gm)).toHaveLength(1);
    expect(patch.endsWith("*** Add File: new.js\n+one\n*** End Patch\n")).toBe(true);
    expect(hunks.map(({ closesAt }) => closesAt * 4)).toEqual([
      expect.closeTo(patch.indexOf("@@\n", patch.indexOf("@@\n") + 1) + 2, -1),
      expect.closeTo(patch.indexOf("*** Add") + 5, -1),
      expect.closeTo(patch.indexOf("*** End") + 9, -1),
    ]);
    expect(tokens).toBe(Math.ceil(patch.length / 4));
  });

  it("mends what was wrongly landed, and nothing else", () => {
    const mend = mendOf(swapped(right[0]!), right[0]!);
    expect(mend.lines).toEqual([" before", "-const alpha = compute(other);", "+const alpha = compute(total);", " behind"]);
  });
});

describe("a wrong course", () => {
  const before = new Map([["src/a.js", "const somethingElse = 1;\n"]]);

  it("begins at the point, with the identifier that reaches furthest, and leaves the rest", () => {
    const drift = driftOf({ hunks: right, before, point: 0.45, seed: "a" });
    expect(drift).toMatchObject({ wrote: expect.stringMatching(/^(const|somethingElse)$/) });
    expect(drift?.hunks.slice(0, 2)).toEqual(right.slice(0, 2));
    expect(["compute", "total"]).toContain(drift?.meant);
    for (const at of [2, 3, 4]) expect(drift?.hunks[at]).not.toBe(right[at]);
    expect(driftOf({ hunks: right, before, point: 0.45, seed: "a" })).toEqual(drift);
  });

  it("there is none where nothing can be got wrong", () => {
    const plain = [{ path: "src/a.js", kind: "update", lines: ["-1", "+2"] } as const];
    expect(driftOf({ hunks: plain, before, point: 0, seed: "a" })).toBeUndefined();
  });

  it("takes no words of texts, comments and the language", () => {
    expect(identifiers('// remark\nconst name = "text" + `more`; /* word */ return this.value;')).toEqual(["name", "value"]);
  });
});

describe("a course", () => {
  const acts = (list: readonly Act[]): string => list.map(({ act }) => act).join(" ");
  const of = (task: Case, way: (typeof ways)[number], tokensPerSecond: number) =>
    courseOf(task, { way, tokensPerSecond, assumed });

  it("without a wrong course is prompt, yes, commit; waiting reads later", () => {
    for (const way of ["restart", "stop", "steer"] as const) expect(acts(of(clean, way, 200).acts)).toBe("prompt accept commit");
    expect(of(clean, "restart", 65).commitAt).toBeGreaterThan(of(clean, "steer", 65).commitAt);
    expect(of(clean, "stop", 65)).toEqual(of(clean, "steer", 65));
  });

  it("stops or steers where the person has read it, while the model still writes", () => {
    expect(acts(of(drifting, "restart", 10).acts)).toBe("prompt undo prompt accept commit");
    expect(acts(of(drifting, "stop", 10).acts)).toBe("prompt stop prompt accept commit");
    expect(acts(of(drifting, "stop", 5000).acts)).toBe("prompt prompt accept commit");
    const slow = { ...assumed, correctionWords: 2 };
    const steered = courseOf(drifting, { way: "steer", tokensPerSecond: 5, assumed: slow });
    expect(acts(steered.acts)).toBe("prompt steer accept commit");
    const [first, second] = steered.acts;
    if (first?.act !== "prompt" || second?.act !== "steer") throw new Error("other acts");
    const [, noticed] = first.stream.answer.hunks;
    const seenAt = 0.5 + (noticed?.closesAt ?? 0) / 5 + 1;
    expect(second.at).toBeCloseTo(seenAt + 1 + typing(2, slow));
    expect(endsAt(first.stream)).toBeLessThanOrEqual(second.at);
    // What was on disk and wrong is mended first, then the rest is said.
    const mends = first.stream.answer.hunks.slice(0, landed(first.stream)).filter(({ hunk: one }) => !right.includes(one));
    expect(second.stream.answer.hunks).toHaveLength(mends.length + right.length - landed(first.stream));
  });

  it("reads every line once that stands in the end, whatever went wrong; but for the mend and what was read wrongly", () => {
    const linesOf = (hunks: readonly ChangeHunk[]): number => hunks.reduce((sum, one) => sum + changedLines(one), 0);
    for (const way of ["stop", "steer"] as const)
      for (const tokensPerSecond of [10, 65, 5000]) {
        const once = linesOf(right);
        expect(of(clean, way, tokensPerSecond).lines).toBe(once);
        // Two lines of the mend of what was seen; the wrong hunk behind it is read when it is right.
        expect(of(drifting, way, tokensPerSecond).lines).toBe(once + 2);
        expect(of(drifting, way, tokensPerSecond).commitAt).toBeGreaterThan(of(clean, way, tokensPerSecond).commitAt);
      }
    const restarted = (rereading: number): number =>
      courseOf(drifting, { way: "restart", tokensPerSecond: 65, assumed: { ...assumed, rereading } }).lines;
    expect(restarted(1)).toBe(linesOf(right) + linesOf(right.slice(0, 2)));
    expect(restarted(0)).toBe(linesOf(right) + linesOf(right.slice(1, 2)));
  });

  it("hands the second half over, and waits for nothing while there is something to read", () => {
    const course = of(clean, "deep", 200);
    expect(acts(course.acts)).toBe("prompt hand take accept commit");
    expect(course.attended).toBeLessThan(course.commitAt);
    expect(course.lines).toBe(of(clean, "steer", 200).lines);
    expect(acts(of({ ...drifting, isCaught: true }, "deep", 200).acts)).toBe("prompt prompt hand take accept commit");
    const late: Case = { right, said: right.map((one, at) => (at === 4 ? swapped(one) : one)), isCaught: false };
    expect(acts(of(late, "deep", 200).acts)).toBe("prompt hand take accept prompt accept commit");
  });

  it("is never slower with a faster model, nor with a faster reader", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ways),
        fc.boolean(),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        (way, drifts, linesPerSecond) => {
          const task = drifts && way === "restart" ? drifting : clean;
          const at = (tokensPerSecond: number, lines: number): number =>
            courseOf(task, { way, tokensPerSecond, assumed: { ...assumed, linesPerSecond: lines } }).commitAt;
          expect(at(1000, linesPerSecond)).toBeLessThanOrEqual(at(65, linesPerSecond) + 1e-9);
          expect(at(200, linesPerSecond * 2)).toBeLessThanOrEqual(at(200, linesPerSecond) + 1e-9);
        },
      ),
    );
  });
});

describe("what is told", () => {
  const cells = ways.flatMap((way) =>
    speeds.flatMap((tokensPerSecond) =>
      [false, true].map((drifts) => {
        const { commitAt, attended, tokens, lines } = courseOf(drifts ? drifting : clean, { way, tokensPerSecond, assumed });
        return { task: "one", way, tokensPerSecond, drifts, commitAt, attended, tokens, lines };
      }),
    ),
  );

  it("is what is to be expected by the rate", () => {
    const at = (drifts: boolean): number =>
      cells.find((cell) => cell.way === "steer" && cell.tokensPerSecond === 200 && cell.drifts === drifts)?.commitAt ?? 0;
    expect(rowOf(rowsOf(cells, 0.25), "steer", 200).commitAt).toBeCloseTo(0.75 * at(false) + 0.25 * at(true));
    expect(speeds).toContain(speedSuffices(rowsOf(cells, 0.25), "restart"));
  });

  const facts = { name: "one", hunks: right, before: new Map([["src/a.js", "const total = 1;\n"]]) };
  const task: Task = { ...facts, repository: "", goodTree: "", passes: () => false };
  const cases: Cases = { task, clean, drifting, drift: { hunks: drifting.said, wrote: "other", meant: "total" } };

  it("is told between the speeds of the study as at them", () => {
    const finer = finerSufficing([cases]);
    const coarse = rowsOf(cells, stated.driftRate);
    for (const way of ways) expect(finer[way]).toBeLessThanOrEqual(speedSuffices(coarse, way));
    expect(finer.restart).toBeGreaterThanOrEqual(finer.steer);
  });

  it("is told for tokens of another size, and for tests that see more or less", () => {
    const rows = (assumption: string, value: number | string) =>
      variationsOf([cases], 1).find((one) => one.assumption === assumption && one.value === value)?.rows ?? [];
    expect(rowOf(rows("bytesPerToken", 2), "restart", 65).commitAt).toBeGreaterThan(
      rowOf(rows("bytesPerToken", 8), "restart", 65).commitAt,
    );
    expect(rowOf(rows("caught", "all"), "steer", 65)).toEqual(rowOf(rows("caught", "none"), "steer", 65));
    expect(rows("linesPerSecond", 0.25)).toHaveLength(ways.length * speeds.length);
    expect(rowOf(rows("driftPoint", 0.6), "restart", 65).commitAt).toBeGreaterThan(0);
  });

  it("is drawn for light and dark, and said for those who do not see it", () => {
    const svg = chartOf(rowsOf(cells, 0.4), "a & b");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).toContain("a &amp; b");
    expect(svg).toMatch(/<desc[^>]*>wait and restart: \d+ s at 65 tokens\/s/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect([0.5, 7, 100, 110, 900].map(niceTop)).toEqual([1, 8, 100, 200, 1000]);
  });
});
